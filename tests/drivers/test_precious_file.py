"""A file whose loss would matter is set aside where it is damaged, and that is told."""

from pathlib import Path

import pytest
from msgspec import Struct

from easyplayer.drivers.precious_file import ASIDE, PreciousFile
from easyplayer.errors import StateError


class Count(Struct):
    """What is kept."""

    number: int


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> PreciousFile[Count]:
    return PreciousFile(tmp_path / "count.json", Count)


def test_what_was_written_is_read(file: PreciousFile[Count]) -> None:
    """As with any state file."""
    file.save(Count(7))

    assert file.load() == Count(7)


def test_one_that_is_not_there_is_none(file: PreciousFile[Count]) -> None:
    """A fresh box has none."""
    assert file.load() is None


@pytest.mark.parametrize("damage", [b"", b"\0" * 20, b'{"number": "seven"}', b"\xff\xfe"])
def test_one_that_is_damaged_is_set_aside(file: PreciousFile[Count], damage: bytes) -> None:
    """It is not taken for missing, now or at the next start, until another one is written."""
    file.path.write_bytes(damage)
    for _ in range(2):
        with pytest.raises(StateError, match=r"set aside as count\.json"):
            file.load()
    file.save(Count(1))

    assert file.load() == Count(1)
    assert Path(f"{file.path}{ASIDE}").read_bytes() == damage


def test_one_that_cannot_be_read_at_all_is_told(file: PreciousFile[Count]) -> None:
    """Where it cannot be copied either, that is said."""
    file.path.mkdir()

    with pytest.raises(StateError, match="nor can it be set aside"):
        file.load()
