"""A shelf of small records: one JSON file each, found by a hash, in drawers by its first digits.

It keeps what can be worked out again.  A record that is torn or of another kind is as good as none,
one that cannot be written is done without, and a full drawer loses its oldest.
"""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from easyplayer.analysis.naming import shown

logger = logging.getLogger(__name__)

DRAWER_SIZE = 400
"""Records in one of the 256 drawers: room for a hundred thousand files."""

_DRAWER_DIGITS = 2

Record = TypeVar("Record", bound=msgspec.Struct)


class Shelf(Generic[Record]):
    """Records of one kind; may be used by several threads and processes at once.

    :param directory: made when the first record is kept.
    :param kind: what a record is; a change of its shape makes older records unreadable.
    """

    def __init__(self, directory: Path, kind: type[Record], drawer_size: int = DRAWER_SIZE) -> None:
        self._directory = directory
        self._decoder = msgspec.json.Decoder(kind)
        self._drawer_size = drawer_size
        self._writable = True

    def find(self, key: str) -> Record | None:
        """Fetch the record under a hexadecimal key, or ``None`` if there is none that can be read."""
        try:
            return self._decoder.decode(self._place(key).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            logger.debug("the record %s is passed over: %s", shown(self._place(key)), error)
            return None

    def all(self) -> Iterator[tuple[Path, Record | None]]:
        """Go through the shelf: where each record lies, and the record, or ``None`` if none can be read."""
        for place in sorted(self._directory.glob("*/*.json")):
            yield place, self.find(key_of(place))

    def keep(self, key: str, record: Record) -> None:
        """Put a record under a hexadecimal key: after a power cut it is there whole, or not at all."""
        place = self._place(key)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, msgspec.json.encode(record))
            self._thin(place.parent)
        except OSError as error:
            if self._writable:
                logger.warning("analyses cannot be kept in %s: %s", shown(self._directory), error.strerror)
            self._writable = False
        else:
            self._writable = True

    def _place(self, key: str) -> Path:
        return self._directory / key[:_DRAWER_DIGITS] / f"{key[_DRAWER_DIGITS:]}.json"

    def _thin(self, drawer: Path) -> None:
        with os.scandir(drawer) as entries:
            files = list(entries)
        surplus = len(files) - self._drawer_size
        for entry in sorted(files, key=_age)[: max(surplus, 0)]:
            Path(entry).unlink(missing_ok=True)


def key_of(place: Path) -> str:
    """Tell under which key a record lies."""
    return f"{place.parent.name}{place.stem}"


def _write(place: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        Path(name).replace(place)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _age(entry: os.DirEntry[str]) -> int:
    with suppress(FileNotFoundError):  # another process may have thinned the drawer meanwhile
        return entry.stat().st_mtime_ns
    return 0
