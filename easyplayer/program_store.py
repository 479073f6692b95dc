"""The hub's programs on the disk: the one that the box plays by, and the one that is being made ready.

::

    programs/current.json    the head of the one it plays by
    programs/staged.json     the head of the one that comes next
    programs/<digest>.json   their files, as the hub has sent them

A switch replaces ``current.json``, in one step.  All else has been on the disk before or is tidied up
after it, so that whatever instant the power goes, the box has the old program or the new one.
"""

import hashlib
import logging
import threading
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, structs

from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.drivers.state_file import StateFile, write_in_one_step
from easyplayer.errors import ProgramError, StateError
from easyplayer.playout.catalogue import Program
from easyplayer.playout.demand import media_of
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import decode
from easyplayer.protocol.program_head import ProgramHead

log = logging.getLogger(__name__)

_HEADS = {"current.json", "staged.json"}


class Kept(Struct, frozen=True):
    """A program and its head; the items are where the library has them, or would have."""

    head: ProgramHead
    program: Program

    @property
    def caption(self) -> str:
        """What people call it."""
        return f"{self.head.name}, version {self.head.version}"


class ProgramStore:
    """Keeps the programs; it is called from several threads, and may wait for the disk.

    :ivar lock: held by who must not be overtaken by a program that is staged or switched.
    """

    def __init__(self, folder: Path, library: MediaLibrary) -> None:
        self.lock = threading.RLock()
        self._folder = folder
        self._library = library
        self._current_file = StateFile(folder / "current.json", ProgramHead)
        self._staged_file = StateFile(folder / "staged.json", ProgramHead)
        self._current: Kept | None = None
        self._staged: Kept | None = None
        self._loaded = False

    @property
    def current(self) -> Kept | None:
        """The program that the box plays by; ``None`` where the hub has sent none yet."""
        self._load()
        return self._current

    @property
    def has_current(self) -> bool:
        """Whether there is such a program, as far as that is seen without reading it."""
        return self._current_file.path.exists()

    @property
    def staged(self) -> Kept | None:
        """The program that is being made ready, if there is one."""
        self._load()
        return self._staged

    def named(self) -> dict[str, int]:
        """Give the media that one of the two names: size by digest."""
        with self.lock:
            kept = [one for one in (self.current, self.staged) if one is not None]
            return {sha256: size for one in kept for sha256, size in media_of(one.program).items()}

    def stage(self, head: ProgramHead, data: bytes) -> Kept:
        """Keep a program that has come, in place of one that was staged before.

        :raises ProgramError: it cannot be used, and nothing has changed.
        :raises StateError: the disk does not take it.
        """
        kept = self._read(head, data)
        with self.lock:
            self._load()
            self._make_folder()
            write_in_one_step(self._file_of(head), data)
            self._staged_file.save(head)
            self._staged = kept
            self._tidy()
        return kept

    def switch(self) -> Kept | None:
        """Make the staged program the current one; ``None`` where none is staged.

        :raises StateError: the disk does not take it, and the old one stays.
        """
        with self.lock:
            self._load()
            if self._staged is None:
                return None
            self._current_file.save(self._staged.head)
            self._current, self._staged = self._staged, None
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
                self._current_file.save(head)
                self._current = structs.replace(self._current, head=head)
                self.drop_staged()
                return True
            if self._staged is not None and self._staged.head.digest == head.digest:
                self._staged_file.save(head)
                self._staged = structs.replace(self._staged, head=head)
            return False

    def drop_staged(self) -> None:
        """Do without the program that was being made ready."""
        with self.lock:
            self._load()
            self._staged = None
            self._tidy()

    # -- the files -----------------------------------------------------------------------------

    def _load(self) -> None:
        with self.lock:
            if self._loaded:
                return
            self._loaded = True
            self._current = self._load_one(self._current_file)
            staged = self._load_one(self._staged_file)
            switched = staged and self._current and staged.head.digest == self._current.head.digest
            self._staged = None if switched else staged

    def _load_one(self, file: StateFile[ProgramHead]) -> Kept | None:
        head = file.load()
        if head is None:
            return None
        path = self._file_of(head)
        try:
            return self._read(head, path.read_bytes())
        except OSError as error:
            reason = error.strerror
        except ProgramError as error:
            reason = str(error)
        log.warning("%s cannot be used and is left aside: %s", path, reason)
        return None

    def _read(self, head: ProgramHead, data: bytes) -> Kept:
        if hashlib.sha256(data).hexdigest() != head.digest:
            raise ProgramError([f"{head.name}: the file is not the one that its head names; send it anew"])
        program = decode(data)
        items = tuple(self._located(item) for item in program.items)
        return Kept(head, structs.replace(program, items=items))

    def _located(self, item: Item) -> Item:
        if item.kind is not ItemKind.FILE:
            return item
        folder = self._library.folder
        where = self._library.path(item.media.sha256) if item.media else folder / item.location
        return structs.replace(item, location=str(where))

    def _file_of(self, head: ProgramHead) -> Path:
        return self._folder / f"{head.digest}.json"

    def _tidy(self) -> None:
        """Take away what neither program needs; what a power cut leaves goes the next time."""
        kept = {self._file_of(one.head).name for one in (self._current, self._staged) if one is not None}
        with suppress(OSError):
            if self._staged is None:
                self._staged_file.path.unlink(missing_ok=True)
            for path in self._folder.glob("*.json*"):
                if path.name not in kept | _HEADS:
                    path.unlink()

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"{self._folder} cannot be made ({error.strerror}): free space, or check the disk"
            raise StateError(message) from error


class Store(Struct, frozen=True):
    """All that a box keeps of its hub's."""

    programs: ProgramStore
    media: MediaLibrary


def store_in(state: Path) -> Store:
    """Give what is kept in a state directory."""
    library = MediaLibrary(state / "media")
    return Store(ProgramStore(state / "programs", library), library)
