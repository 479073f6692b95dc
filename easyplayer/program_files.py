"""The files of the hub's programs: their heads, each under what it is to the box, and what they name."""

import hashlib
import logging
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path

from msgspec import Struct

from easyplayer.drivers.state_file import StateFile, write_in_one_step
from easyplayer.errors import ProgramError, StateError
from easyplayer.playout.catalogue import Program
from easyplayer.playout.program_file import decode, encode
from easyplayer.protocol.program_head import ProgramHead

log = logging.getLogger(__name__)

_FALLBACK, _SENDER = "fallback.json", "hub.json"


class Place(Enum):
    """What a program is to the box."""

    CURRENT = "current.json"
    """The box plays by it."""
    PREVIOUS = "previous.json"
    """It was the current one before, and there is a way back to it."""
    STAGED = "staged.json"
    """It is being made ready."""
    LEFT = "left.json"
    """It is the one that was gone back from."""


class Sender(Struct, frozen=True):
    """The hub that the programs are of.

    :ivar hub: its base URL.
    """

    hub: str


class Kept(Struct, frozen=True):
    """A program and its head; the locations of its items are as the hub has sent them."""

    head: ProgramHead
    program: Program

    @property
    def caption(self) -> str:
        """What people call it."""
        return f"{self.head.name}, version {self.head.version}"


class ProgramFiles:
    """Reads and writes the files; each is replaced in one step.

    :param folder: where they are; made when the first program comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._heads = {place: StateFile(folder / place.value, ProgramHead) for place in Place}
        self._sender = StateFile(folder / _SENDER, Sender)

    def has(self, place: Place) -> bool:
        """Tell whether there is a head, be it one that cannot be read."""
        try:
            self._heads[place].path.stat()
        except OSError as error:
            return not isinstance(error, FileNotFoundError | NotADirectoryError)
        return True

    def head(self, place: Place) -> ProgramHead | None:
        """Read a head; ``None`` where there is none that can be read."""
        return self._heads[place].load()

    def load(self, place: Place) -> Kept | None:
        """Read a head, and the program that it names; ``None`` where one of them cannot be used."""
        head = self.head(place)
        if head is None:
            return None
        path = self._file_of(head)
        try:
            return read(head, path.read_bytes())
        except OSError as error:
            reason = error.strerror
        except ProgramError as error:
            reason = str(error)
        log.warning("%s cannot be used and is left aside: %s", path, reason)
        return None

    def sender(self) -> str:
        """Read which hub the programs are of; empty where that was never noted."""
        sender = self._sender.load()
        return "" if sender is None else sender.hub

    def note_sender(self, hub: str) -> None:
        """Write which hub the programs are of.

        :raises StateError: the disk does not take it.
        """
        self._make_folder()
        self._sender.save(Sender(hub))

    def load_fallback(self) -> Program | None:
        """Read what is kept in reserve."""
        path = self._folder / _FALLBACK
        try:
            return decode(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ProgramError) as error:
            log.warning("%s cannot be used and is left aside: %s", path, error)
            return None

    def keep(self, head: ProgramHead, data: bytes) -> None:
        """Write a program's file.

        :raises StateError: the disk does not take it.
        """
        self._make_folder()
        write_in_one_step(self._file_of(head), data)

    def note(self, place: Place, head: ProgramHead) -> None:
        """Write a head.

        :raises StateError: the disk does not take it; the old one is still there then.
        """
        self._heads[place].save(head)

    def keep_fallback(self, program: Program) -> None:
        """Write what is kept in reserve.

        :raises StateError: the disk does not take it; the old one is still there then.
        """
        write_in_one_step(self._folder / _FALLBACK, encode(program))

    def tidy(self, kept: Mapping[Place, ProgramHead | None]) -> None:
        """Take away all else; what a power cut leaves goes the next time.

        Heads go before the programs that they name, so that none is left that names nothing.
        """
        heads = {place.value for place, head in kept.items() if head is not None}
        files = {
            self._file_of(head).name
            for place, head in kept.items()
            if head is not None and place is not Place.LEFT
        }
        names = {place.value for place in Place}
        with suppress(OSError):
            for path in sorted(self._folder.glob("*.json*"), key=lambda one: one.name not in names):
                if path.name not in {*heads, *files, _FALLBACK, _SENDER}:
                    path.unlink()

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"{self._folder} cannot be made ({error.strerror}): free space, or check the disk"
            raise StateError(message) from error

    def _file_of(self, head: ProgramHead) -> Path:
        return self._folder / f"{head.digest}.json"


def read(head: ProgramHead, data: bytes) -> Kept:
    """Read a program.

    :raises ProgramError: it is not the one that its head names, or cannot be used.
    """
    if hashlib.sha256(data).hexdigest() != head.digest:
        raise ProgramError([f"{head.name}: the file is not the one that its head names; send it anew"])
    return Kept(head, decode(data))
