"""The hub's programs on the disk: the one that is played, the one before it, and the one that comes next.

::

    programs/current.json    the head of the one it plays by
    programs/previous.json   the head of the one before, to which there is a way back
    programs/staged.json     the head of the one that comes next
    programs/left.json       the head of the one that was gone back from, if one was
    programs/<digest>.json   their files, as the hub has sent them
    programs/fallback.json   the part of a program that plays when nothing else can
    programs/hub.json        which hub they are of

A switch, and the way back, replace ``current.json``, in one step.  All else has been on the disk before or
is tidied up after it, so that whatever instant the power goes, the box has the old program or the new one.
"""

import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, structs

from easyplayer.drivers.media_disk import KEPT_FREE_BYTES, prove_room
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.errors import StateError
from easyplayer.playout.catalogue import Program
from easyplayer.playout.demand import fallback_alone, media_of
from easyplayer.program_files import Kept, Place, ProgramFiles, read
from easyplayer.protocol.identity import BoxId
from easyplayer.protocol.program_head import ProgramHead

__all__ = ["Kept", "ProgramStore", "Store", "store_in"]

log = logging.getLogger(__name__)

NOBODY: BoxId = "0" * 16
"""For this box is what another hub has sent: its revisions say nothing of those of the hub that we have."""


class ProgramStore:
    """Keeps the programs; it is called from several threads, and may wait for the disk.

    :ivar lock: held by who must not be overtaken by a program that is staged or switched.
    :ivar in_use: digests of media that a player holds just now.
    """

    def __init__(self, folder: Path, library: MediaLibrary) -> None:
        self.lock = threading.RLock()
        self.in_use: frozenset[str] = frozenset()
        self._folder = folder
        self._files = ProgramFiles(folder)
        self._library = library
        self._current: Kept | None = None
        self._previous: Kept | None = None
        self._staged: Kept | None = None
        self._left: ProgramHead | None = None
        self._fallback: Program | None = None
        self._damaged = False
        self._loaded = False

    @property
    def current(self) -> Kept | None:
        """The program that the box plays by; ``None`` where the hub has sent none yet."""
        self._load()
        return self._current

    @property
    def has_current(self) -> bool:
        """Whether there is such a program, as far as that is seen without reading it."""
        return self._files.has(Place.CURRENT)

    @property
    def previous(self) -> Kept | None:
        """The program before it, to which there is a way back; ``None`` where there is none."""
        self._load()
        return self._previous

    @property
    def staged(self) -> Kept | None:
        """The program that is being made ready, if there is one."""
        self._load()
        return self._staged

    @property
    def fallback(self) -> Program | None:
        """What is played where neither the current program nor the one before it can be used."""
        self._load()
        return self._fallback

    @property
    def is_damaged(self) -> bool:
        """Whether the current program cannot be used any more, so that nobody knows what it names."""
        self._load()
        return self._damaged

    def named(self) -> dict[str, int]:
        """Give the media that one of them names, or the fallback: size by digest."""
        with self.lock:
            return {**self.needed(), **({} if self.previous is None else media_of(self.previous.program))}

    def needed(self) -> dict[str, int]:
        """Give the same without those that only the program before the current one names."""
        with self.lock:
            kept = [one.program for one in (self.current, self.staged) if one is not None]
            programs = [*kept, *([self._fallback] if self._fallback is not None else [])]
            return {sha256: size for one in programs for sha256, size in media_of(one).items()}

    # -- what comes next -----------------------------------------------------------------------

    def wants(self, head: ProgramHead) -> bool:
        """Tell whether a program may be staged: not what was gone back from, and nothing older than is here.

        Only what is for the same box counts: another hub, or another key, begins to count anew.
        """
        here = [one.head for one in (self.current, self.staged) if one is not None]
        newest = max((one.revision for one in here if one.box == head.box), default=0)
        left = self._left
        is_left = left is not None and left.box == head.box and head.revision <= left.revision
        return head.revision >= newest and not is_left

    def check_room(self, head: ProgramHead) -> None:
        """Find out whether the disk takes a program's file, before that is fetched.

        :raises StateError: it does not.
        """
        prove_room(self._folder, head.size)

    def stage(self, head: ProgramHead, data: bytes) -> Kept:
        """Keep a program that has come, in place of one that was staged before.

        :raises ProgramError: it cannot be used, and nothing has changed.
        :raises StateError: the disk does not take it.
        """
        kept = read(head, data)
        with self.lock:
            self._load()
            self._files.keep(head, data)
            self._files.note(Place.STAGED, head)
            self._staged = kept
            self._tidy()
        return kept

    def switch(self) -> Kept | None:
        """Make the staged program the current one; ``None`` where none is staged.

        The old one stays, as the one before it.

        :raises StateError: the disk does not take it, and the old one stays the current one.
        """
        with self.lock:
            self._load()
            if self._staged is None:
                return None
            if self._current is not None:
                self._files.note(Place.PREVIOUS, self._current.head)
            self._files.note(Place.CURRENT, self._staged.head)
            self._previous, self._current, self._staged = self._current, self._staged, None
            self._left, self._damaged = None, False
            self._tidy()
            return self._current

    def roll_back(self) -> Kept | None:
        """Make the program before the current one the current one again; ``None`` where there is none.

        What was the current one is the one before it then: to go back once more brings it back.  By
        itself it does not come again (:meth:`wants`).

        :raises StateError: the disk does not take it, and nothing has changed.
        """
        with self.lock:
            self._load()
            if self._previous is None or self._current is None:
                return None
            self._files.note(Place.LEFT, self._current.head)
            self._files.note(Place.CURRENT, self._previous.head)
            self._previous, self._current = self._current, self._previous
            self._left = self._previous.head
            with suppress(StateError):  # what was left says the same
                self._files.note(Place.PREVIOUS, self._left)
            self._tidy()
            return self._current

    def adopt(self, head: ProgramHead) -> bool:
        """Take a newer head of a program that is here already; what it replaces is dropped.

        :returns: whether it is the current program's.
        :raises StateError: the disk does not take it.
        """
        with self.lock:
            self._load()
            if self._current is not None and self._current.head.digest == head.digest:
                self._files.note(Place.CURRENT, head)
                self._current = structs.replace(self._current, head=head)
                self._damaged = False
                self.drop_staged()
                return True
            if self._staged is not None and self._staged.head.digest == head.digest:
                self._files.note(Place.STAGED, head)
                self._staged = structs.replace(self._staged, head=head)
            return False

    # -- what is given up ------------------------------------------------------------------------

    def drop_staged(self) -> None:
        """Do without the program that was being made ready."""
        with self.lock:
            self._load()
            self._staged = None
            self._tidy()

    def drop_previous(self) -> None:
        """Do without the way back."""
        with self.lock:
            self._load()
            if self._previous is not None:
                log.warning("%s is given up for room: there is no way back to it", self._previous.caption)
            self._previous = None
            self._tidy()

    def belong_to(self, hub: str) -> None:
        """Learn which hub the box has; what another one has sent plays on, and is nobody's from now on.

        Whatever the new one offers is news then.  Where the disk does not take that, it is done again after
        the next start.

        :param hub: its base URL.
        """
        with self.lock:
            self._load()
            sender = self._files.sender()
            if sender == hub:
                return
            if sender:
                self._current, self._previous = map(_nobodys, (self._current, self._previous))
                self._staged = self._left = None
            if not self._damaged:
                with suppress(StateError):
                    self._note_sender(hub)

    def _note_sender(self, hub: str) -> None:
        for place, kept in ((Place.CURRENT, self._current), (Place.PREVIOUS, self._previous)):
            if kept is not None:
                self._files.note(place, kept.head)
        self._tidy()
        self._files.note_sender(hub)

    def forget_refusal(self) -> None:
        """Want every program again: what another hub offers is counted anew."""
        with self.lock:
            self._load()
            self._left = None
            self._tidy()

    def pin_fallback(self) -> None:
        """Have the current program's fallback in reserve from now on, if all of it is on the disk.

        Where the disk does not take that, the one before it stays in reserve.
        """
        with self.lock:
            alone = None if self.current is None else fallback_alone(self.current.program)
            if alone is None or alone == self._fallback:
                return
            if all(self._library.has(sha256, size) for sha256, size in media_of(alone).items()):
                with suppress(StateError):
                    self._files.keep_fallback(alone)
                    self._fallback = alone

    # -- as it is on the disk ------------------------------------------------------------------

    def _load(self) -> None:
        if not self._loaded:
            with self.lock:
                self._load_once()

    def _load_once(self) -> None:
        if self._loaded:
            return
        self._current, self._previous = (self._files.load(one) for one in (Place.CURRENT, Place.PREVIOUS))
        self._left = self._files.head(Place.LEFT)
        self._damaged = self._current is None and self.has_current
        if self._damaged:
            self._current, self._previous = self._previous, None
        elif _same(self._previous, self._current):
            self._previous = self._gone_back_from()
        staged = self._files.load(Place.STAGED)
        self._staged = None if _same(staged, self._current) else staged
        self._fallback = self._files.load_fallback()
        self._loaded = True

    def _gone_back_from(self) -> Kept | None:
        """Give the program before the current one where the power went before that was written down."""
        left = None if self._left is None else self._files.load(Place.LEFT)
        return None if _same(left, self._current) else left

    def _tidy(self) -> None:
        """Take away what no program needs.

        Where the current program is damaged, all stays: what is there of it tells which one it was.
        """
        if not self._damaged:
            current, previous, staged = map(_head, (self._current, self._previous, self._staged))
            self._files.tidy(
                {
                    Place.CURRENT: current,
                    Place.PREVIOUS: previous,
                    Place.STAGED: staged,
                    Place.LEFT: self._left,
                }
            )


def _head(kept: Kept | None) -> ProgramHead | None:
    return None if kept is None else kept.head


def _nobodys(kept: Kept | None) -> Kept | None:
    return None if kept is None else structs.replace(kept, head=structs.replace(kept.head, box=NOBODY))


def _same(one: Kept | None, other: Kept | None) -> bool:
    return one is not None and other is not None and one.head.digest == other.head.digest


class Store(Struct, frozen=True):
    """All that a box keeps of its hub's."""

    programs: ProgramStore
    media: MediaLibrary


def store_in(state: Path, disks: Sequence[Path] = (), keep_free: int = KEPT_FREE_BYTES) -> Store:
    """Give what is kept in a state directory.

    :param disks: folders on other disks for media.
    :param keep_free: how many bytes of each disk are left to others, at least.
    """
    library = MediaLibrary(state / "media", disks, keep_free=keep_free)
    return Store(ProgramStore(state / "programs", library), library)
