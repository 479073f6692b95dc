"""Taking from a stick what it brings: the program, then the media that are missing, soonest needed first.

Everything here waits for the stick and for the disk.
"""

from collections.abc import Callable
from contextlib import suppress

from circuits.core.events import Event
from msgspec import Struct

from easyplayer.component import Clock
from easyplayer.drivers.bundle_folder import BundleFolder
from easyplayer.drivers.media_library import Arrival
from easyplayer.errors import BundleError, DeviceError, DiskFullError, MediumBusyError, ProgramError
from easyplayer.program_store import Store
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import look_up
from easyplayer.storage_events import bundle_progressed, storage_changed
from easyplayer.sweeping import make_room
from easyplayer.units import Instant, Seconds

TELL_EVERY_S = Seconds(1.0)
LOOK_AGAIN_EVERY_S = Seconds(10.0)
"""How often those who know what is missing are told to look again."""
REST_SHARE = 0.5
"""For this part of the time that a piece took, stick and disk are left to others."""
LONGEST_REST_S = Seconds(1.0)
_MEGABYTE = 1_000_000
PULLED = "its files are gone"


class Load(Struct, frozen=True, kw_only=True):
    """What of the media that are missing is on the stick.

    :ivar media: size by digest, what is needed soonest first.
    :ivar to_copy: how many bytes of them are not here yet.
    :ivar elsewhere: how many are missing, and not on the stick in their right length.
    :ivar lacking_bytes: how much room the disk lacks for what the program wants.
    """

    media: dict[str, int]
    to_copy: int = 0
    elsewhere: int = 0
    lacking_bytes: int = 0


class Pace:
    """Tells how far the copying is, not too often, and lets others have their turn.

    :param rest: waits for some seconds, or until the stick is pulled.
    """

    def __init__(
        self,
        name: str,
        total: int,
        fire: Callable[[Event], object],
        clock: Clock,
        rest: Callable[[float], object],
    ) -> None:
        self._name = name
        self._total = total
        self._fire = fire
        self._clock = clock
        self._rest = rest
        self._done = 0
        self._at = self._told_at = self._looked_at = clock()
        if total:
            self._tell()

    def take(self, count: int) -> None:
        """Note that some bytes more are here, and rest."""
        self._done = min(self._done + count, self._total)
        now = self._clock()
        if now - self._told_at >= TELL_EVERY_S:
            self._told_at = now
            self._tell()
        if now - self._looked_at >= LOOK_AGAIN_EVERY_S:
            self._looked_at = now
            self._fire(storage_changed())
        self._rest(min(REST_SHARE * (now - self._at), LONGEST_REST_S))
        self._at = self._clock()

    def _tell(self) -> None:
        self._fire(bundle_progressed(self._name, self._done, self._total))


class Unloading:
    """Takes from one stick.

    :param stopped: tells whether to leave off.
    :ivar here: how many media have come, of ``bytes_here`` bytes.
    :ivar wrong: how many were not what they should be.
    :ivar busy: how many come by the network at the same time, and were left to it.
    """

    def __init__(
        self,
        store: Store,
        folder: BundleFolder,
        wall: Callable[[], Instant],
        stopped: Callable[[], bool],
    ) -> None:
        self.here = self.bytes_here = self.wrong = self.busy = 0
        self._wall = wall
        self._programs = store.programs
        self._library = store.media
        self._folder = folder
        self._stopped = stopped

    # -- the program ---------------------------------------------------------------------------

    def take_program(self, head: ProgramHead) -> bool:
        """Stage a program that is news, or take a newer head for one that is here.

        :returns: whether the current program has another head by that.
        :raises BundleError: it is an old one, or unwanted, or cannot be used.
        :raises StateError: the disk does not take it.
        """
        known = [one.head for one in (self._programs.current, self._programs.staged) if one is not None]
        newest = max((one.revision for one in known if one.box == head.box), default=0)
        is_here = any(one.digest == head.digest for one in known)
        if is_here:
            newer = head.revision > newest and self._programs.wants(head)
            return newer and self._programs.adopt(head)
        if head.revision <= newest:
            message = (
                f"{_called(head)}, is older than what the box has (revision {head.revision}, and {newest} is "
                "here): make another bundle at the hub"
            )
            raise BundleError(message)
        if not self._programs.wants(head):
            message = f"{_called(head)}, was here and was rolled back: publish a newer one"
            raise BundleError(message)
        self._stage(head)
        return False

    def _stage(self, head: ProgramHead) -> None:
        try:
            self._programs.stage(head, self._folder.program(head.digest, head.size))
        except ProgramError as error:
            message = f"{_called(head)}, cannot be used ({error}): make another bundle at the hub"
            raise BundleError(message) from error

    # -- the media -----------------------------------------------------------------------------

    def load(self) -> Load:
        """Look what is missing here, and there on the stick."""
        demand = look_up(self._programs, self._library, self._wall())
        there = {one: size for one, size in demand.missing.items() if self._folder.medium_size(one) == size}
        return Load(
            media=there,
            to_copy=sum(max(size - self._library.part_bytes(one), 0) for one, size in there.items()),
            elsewhere=len(demand.missing) - len(there),
            lacking_bytes=demand.lacking_bytes,
        )

    def take_media(self, load: Load, on_bytes: Callable[[int], None]) -> None:
        """Take all media of a load; those that come by the network at the moment are tried again at the end.

        :param on_bytes: is told of every piece that has come, in bytes; it may wait a little.
        :raises DeviceError: the stick gives errors, or was pulled.
        :raises StateError: the disk does not take them.
        """
        later: dict[str, int] = {}
        for sha256, size in load.media.items():
            try:
                self._take(sha256, size, on_bytes)
            except MediumBusyError:
                later[sha256] = size
        for sha256, size in later.items():
            try:
                self._take(sha256, size, on_bytes)
            except MediumBusyError:
                self.busy += 1

    def _take(self, sha256: str, size: int, on_bytes: Callable[[int], None]) -> None:
        """Take one medium; a part that came by the network is done without where it does not fit."""
        if self._library.has(sha256, size):
            return
        lacking = make_room(self._programs, self._library, self._wall(), {sha256: size})
        if lacking:
            message = f"the disk is full: {-(-lacking // _MEGABYTE)} MB more are needed; make room"
            raise DiskFullError(message)
        arrival, went_on = self._copy(sha256, size, on_bytes)
        if arrival is Arrival.WRONG and went_on:
            arrival, _ = self._copy(sha256, size, on_bytes)
        if arrival is Arrival.COMPLETE:
            self.here += 1
            self.bytes_here += size
        else:
            self.wrong += 1

    def _copy(self, sha256: str, size: int, on_bytes: Callable[[int], None]) -> tuple[Arrival, bool]:
        """Copy a medium, going on where that was broken off; tell whether there was such a part."""
        with self._library.draft(sha256, size) as draft:
            went_on = draft.offset > 0
            draft.begin(draft.offset, etag_of(sha256))
            with suppress(FileNotFoundError):
                for chunk in self._folder.medium(sha256, draft.offset, size):
                    if self._stopped():
                        raise DeviceError(PULLED)
                    draft.write(chunk)
                    on_bytes(len(chunk))
            return draft.finish(), went_on


def etag_of(sha256: str) -> str:
    """Give what the hub calls the content of a medium, so that it goes on with what came from a stick.

    >>> etag_of("ab")
    '"ab"'
    """
    return f'"{sha256}"'


def _called(head: ProgramHead) -> str:
    return f"program {head.name}, version {head.version}"
