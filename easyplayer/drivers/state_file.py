"""Small facts that must survive a power cut: one JSON file, replaced in one step."""

import logging
import os
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from easyplayer.errors import StateError

log = logging.getLogger(__name__)

Content = TypeVar("Content", bound=msgspec.Struct)


class StateFile(Generic[Content]):
    """One structure on the disk.  Whatever instant the power goes, it is the old one or the new one.

    :param path: the file.
    :param kind: the structure's type.
    """

    def __init__(self, path: Path, kind: type[Content]) -> None:
        self.path = path
        self._kind = kind

    def load(self) -> Content | None:
        """Read it; ``None`` where there is none, or none that can be read (which is logged)."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=self._kind)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s cannot be used and is left aside: %s", self.path, error)
            return None

    def save(self, content: Content) -> None:
        """Write it and wait until it is on the disk; blocks for as long as the disk takes.

        :raises StateError: if the disk does not take it; the old one is still there then.
        """
        write_in_one_step(self.path, msgspec.json.encode(content))


def write_in_one_step(path: Path, data: bytes) -> None:
    """Replace a file, and wait until that is on the disk; blocks for as long as the disk takes.

    :raises StateError: if the disk does not take it; the old one is still there then.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}): free space, or check the disk"
        raise StateError(message) from error


def sync_directory(directory: Path) -> None:
    """Wait until a directory's names are on the disk.

    :raises OSError: the disk does not take them.
    """
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
