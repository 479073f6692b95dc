"""What is done with one stick, from its plugging until it may go.

All of it waits for stick and disk.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from circuits.core.events import Event
from msgspec import Struct

from easyplayer.component import Clock
from easyplayer.consignment import MAKE_ANOTHER, Consignment, Owner, consigned
from easyplayer.drivers.bundle_folder import BundleFolder
from easyplayer.drivers.device_watch import Stick
from easyplayer.errors import BundleError, DeviceError, EasyplayerError, StateError
from easyplayer.events import BoxEvent
from easyplayer.hub_events import log_received
from easyplayer.program_store import Store
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stick_report import Sender, StickReporter
from easyplayer.storage_events import (
    bundle_missed,
    bundle_refused,
    bundle_taken,
    report_left,
    storage_changed,
    storage_switched,
)
from easyplayer.units import Instant
from easyplayer.unloading import PULLED, Load, Pace, Unloading

log = logging.getLogger(__name__)

_MEGABYTE, _GIGABYTE = 1_000_000, 1_000_000_000

Writable = Callable[[Stick], AbstractContextManager[Path]]


class Post(Struct, frozen=True, kw_only=True):
    """What sticks are served with.

    :ivar owner: the box as its hub knows it.
    :ivar store: where programs and media go; ``None`` where the box plays music of its own.
    :ivar writable: gives a folder of a stick that can be written to; blocks.
    :ivar reporter: makes the reports.
    :ivar status: tells how the box is, on the loop's thread; ``None`` where nobody knows.
    :ivar give_way: makes the thread that it is called on yield to all others.
    :ivar rest: waits for some seconds, or until something is set.
    """

    owner: Owner
    store: Store | None
    writable: Writable
    reporter: StickReporter
    status: Callable[[], Struct | None]
    give_way: Callable[[], None]
    wall: Callable[[], Instant]
    clock: Clock
    rest: Callable[[threading.Event, float], object] = threading.Event.wait
    open_folder: Callable[[Path], BundleFolder] = BundleFolder


class Visit:
    """One stick, from its plugging to the answer that is shown.

    :param gone: is set when it is pulled.
    :param closing: tells whether the box ends.
    """

    def __init__(
        self,
        stick: Stick,
        post: Post,
        fire: Callable[[Event], object],
        *,
        gone: threading.Event,
        closing: Callable[[], bool],
    ) -> None:
        self._stick = stick
        self._post = post
        self._fire = fire
        self._gone = gone
        self._closing = closing
        self._folder = post.open_folder(stick.folder)
        self._bundle: bytes | None = None
        self._load = Load(media={})
        self._unloading: Unloading | None = None

    def serve(self, status: Struct | None) -> BoxEvent | None:
        """Take what is for this box, and leave a report; give what has come of it.

        :param status: how the box was when the stick came.
        """
        try:
            self._bundle = self._folder.bundle()
            if self._bundle is None:
                return self._missed()
            log.info("stick %s: there is a bundle on it", self._stick.name)
            return self._answer(self._bundle, status)
        except (BundleError, DeviceError, StateError) as error:
            return None if self._closing() else self._broken_off(error)

    def _missed(self) -> BoxEvent:
        self._hold_on()
        log.info("stick %s: there is no bundle on it", self._stick.name)
        return bundle_missed(self._stick.name)

    def _answer(self, bundle: bytes, status: Struct | None) -> BoxEvent:
        consignment = consigned(bundle, self._post.owner)
        refusal, brought = self._take(consignment)
        left = self._report(consignment, status)
        if refusal and not (self._unloading is not None and self._unloading.here):
            return self._refused(refusal)
        told = "; ".join(filter(None, (refusal, *brought, left)))
        log.info("stick %s: taken: %s", self._stick.name, told)
        return bundle_taken(self._stick.name, told)

    def _broken_off(self, error: EasyplayerError) -> BoxEvent:
        """Say why it has ended before its end; what has come is of use all the same."""
        if self._unloading is not None and self._unloading.here:
            self._fire(storage_changed())
        return self._refused(self._reason(error))

    def _refused(self, reason: str) -> BoxEvent:
        log.warning("stick %s: %s", self._stick.name, reason)
        return bundle_refused(self._stick.name, reason)

    # -- programs and media --------------------------------------------------------------------

    def _take(self, consignment: Consignment) -> tuple[str, list[str]]:
        """Take the program and its media; tell why not, and what came of it."""
        head, store = consignment.head, self._post.store
        if head is None:
            return _nothing(consignment, self._post.owner), []
        if store is None:
            return "this box plays music of its own, and takes no programs from a stick", []
        self._unloading = Unloading(store, self._folder, self._post.wall, self._stopped)
        refusal = self._take_program(self._unloading, head)
        self._load = self._unloading.load()
        pace = Pace(self._stick.name, self._load.to_copy, self._fire, self._post.clock, self._rest)
        self._unloading.take_media(self._load, pace.take)
        self._fire(storage_changed())
        if self._load.elsewhere or self._unloading.wrong:
            self._hold_on()
        caption = "" if refusal else f"program {head.name}, version {head.version}"
        return refusal, [caption, *_in_words(self._load, self._unloading)]

    def _take_program(self, unloading: Unloading, head: ProgramHead) -> str:
        """Take the program; tell why not."""
        try:
            if unloading.take_program(head):
                self._fire(storage_switched(head))
        except BundleError as error:
            self._hold_on()
            return str(error)
        self._fire(storage_changed())
        return ""

    def _rest(self, seconds: float) -> None:
        self._post.rest(self._gone, seconds)

    def _stopped(self) -> bool:
        return self._gone.is_set() or self._closing()

    def _hold_on(self) -> None:
        """Go on only if what is missing is not missing because the stick is gone.

        :raises DeviceError: it is.
        """
        if self._stopped() or self._folder.bundle() != self._bundle:
            raise DeviceError(PULLED)

    def _reason(self, error: EasyplayerError) -> str:
        """Say why it has ended before its end, and how it goes on."""
        if not isinstance(error, DeviceError) and not self._gone.is_set():
            return str(error)
        how = "was pulled too soon" if self._gone.is_set() else f"was pulled too soon, or is broken ({error})"
        here = 0 if self._unloading is None else self._unloading.here
        so_far = (
            f"{here} of {len(self._load.media)} files are here" if self._load.media else "nothing is here yet"
        )
        return f"the stick {how}: {so_far}; plug it in again, it goes on there"

    # -- the report ----------------------------------------------------------------------------

    def _report(self, consignment: Consignment, status: Struct | None) -> str:
        """Tell the box what the hub has of its log, and leave the rest on the stick; say what came of it."""
        head = self._post.reporter.as_run.head
        receipt = consignment.receipt(head)
        if receipt is not None:
            self._fire(log_received(receipt))
        if not consignment.collects:
            return ""
        after = receipt.acknowledged if receipt else head.acknowledged if head else 0
        owner = self._post.owner
        try:
            sender = Sender(box=owner.box, seed=owner.seed, hub=consignment.key)
            with self._post.writable(self._stick) as top:
                name = self._post.reporter.leave(top, sender, after, status)
        except (DeviceError, StateError) as error:
            log.warning("stick %s: no report is left: %s", self._stick.name, error)
            return f"no report is left on it: {error}"
        log.info("stick %s: the report %s is left", self._stick.name, name)
        self._fire(report_left(self._stick.name, name))
        return "a report is left on it"


def _nothing(consignment: Consignment, owner: Owner) -> str:
    if not consignment.others:
        return "" if consignment.collects else f"the bundle has no programs: {MAKE_ANOTHER}"
    return (
        f"the bundle has programs for {consignment.others} other boxes, and none for this one, {owner.box}: "
        f"{MAKE_ANOTHER}"
    )


def _in_words(load: Load, unloading: Unloading) -> list[str]:
    """Say what of the media has come, and what has not."""
    elsewhere = load.elsewhere + unloading.wrong
    told = [f"{_media(unloading.here)}, {_amount(unloading.bytes_here)}"] if unloading.here else []
    if not load.media and not elsewhere and not load.lacking_bytes:
        told.append("all its media were here")
    if elsewhere:
        told.append(f"{_media(elsewhere)} missing or wrong on the stick, left to the network")
    if unloading.busy:
        told.append(f"{_media(unloading.busy)} on the way over the network")
    if load.lacking_bytes:
        told.append(f"the rest does not fit: {_amount(load.lacking_bytes)} more are needed on the disk")
    return told


def _media(count: int) -> str:
    return f"{count} media" if count != 1 else "1 medium"


def _amount(size: int) -> str:
    """Write a number of bytes.

    >>> _amount(2_100_000_000), _amount(1_200_001)
    ('2.1 GB', '2 MB')
    """
    if size < _GIGABYTE:
        return f"{-(-size // _MEGABYTE)} MB"
    return f"{size / _GIGABYTE:.1f} GB"
