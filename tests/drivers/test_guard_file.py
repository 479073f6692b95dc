"""guard.json is read whatever it holds, and written even where the disk takes nothing."""

import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from easyplayer.drivers.guard_file import MOST_BYTES, PRIVATE, GuardFile, Spare
from easyplayer.errors import StateError
from easyplayer.guard import Guard, Verdict
from easyplayer.units import Instant

KNOWN = Guard(boot="a", kills=2, until=77.5, level=1, last=(Verdict(Instant(1.0), "it hung"),))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """In a directory that is made where it is not there yet."""
    GuardFile(tmp_path / "state", {}).save(KNOWN)

    assert GuardFile(tmp_path / "state", {}).load() == KNOWN


def test_nothing_is_known_where_there_is_no_file(tmp_path: Path) -> None:
    """A box that has never ended badly has none."""
    assert GuardFile(tmp_path, {}).load() == Guard()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"\xff\xfe",
        b'{"level": "high"}',
        b'{"until": NaN}',
        b'{"bad_ends": 5}',
        b"[" * 5000,
        b'{"moods": ' + b"[" * 5000,
        b'{"boot": "\xff"}',
        b" " * (MOST_BYTES + 1),
        b'{"boot": "' + b"a" * MOST_BYTES + b'"}',
    ],
)
def test_a_file_that_is_none_of_ours_is_left_aside(tmp_path: Path, content: bytes) -> None:
    """Cut off, foreign, deep or huge: the whole box starts."""
    (tmp_path / "guard.json").write_bytes(content)

    assert GuardFile(tmp_path, {}).load() == Guard()


def test_what_a_later_version_has_added_is_no_matter(tmp_path: Path) -> None:
    """Fields that are not known are left alone."""
    (tmp_path / "guard.json").write_bytes(msgspec.json.encode({"kills": 3, "moods": ["bad"]}))

    assert GuardFile(tmp_path, {}).load() == Guard(kills=3)


def test_a_directory_of_that_name_is_no_file(tmp_path: Path) -> None:
    """Nor is anything else that cannot be read."""
    (tmp_path / "guard.json").mkdir()

    assert GuardFile(tmp_path, {}).load() == Guard()


def test_a_cut_leaves_the_old_one(tmp_path: Path) -> None:
    """A draft that was not finished is not read."""
    file = GuardFile(tmp_path, {})
    file.save(KNOWN)
    (tmp_path / "guard.json.new").write_bytes(b'{"kills": 9')

    assert file.load() == KNOWN


@pytest.mark.parametrize("name", PRIVATE)
def test_what_is_in_memory_is_newer_than_what_is_on_the_disk(name: str, tmp_path: Path) -> None:
    """A full disk may be why the box falls, and one that hangs, too: safe mode must reach it all the same."""
    memory = tmp_path / "memory"
    memory.mkdir()
    file = GuardFile(tmp_path / "state", {name: str(memory)})
    file.save(Guard(kills=1))

    assert file.spare.keep(KNOWN)

    assert GuardFile(tmp_path / "state", {name: str(memory)}).load() == KNOWN
    file.spare.drop()
    file.spare.drop()
    assert file.load() == Guard(kills=1)


def test_where_there_is_no_place_in_memory_that_is_told(tmp_path: Path) -> None:
    """None is named, or it is not there; nothing is raised."""
    for environment in ({}, {"RUNTIME_DIRECTORY": str(tmp_path / "nowhere")}):
        spare = Spare(environment)
        assert not spare.keep(KNOWN)
        spare.drop()


def test_where_the_disk_does_not_take_it_that_is_told(tmp_path: Path) -> None:
    """The error names the file and the way out."""
    (tmp_path / "state").write_text("no directory")

    with pytest.raises(StateError, match="state"):
        GuardFile(tmp_path / "state", {}).save(KNOWN)


WRITER = """
import itertools, pathlib, sys
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.guard import Guard
file = GuardFile(pathlib.Path(sys.argv[1]), {})
for number in itertools.count(1):
    file.save(Guard(boot="a" * (number % 1000), kills=number))
"""


@pytest.mark.slow
def test_a_writer_that_is_killed_at_any_instant_leaves_a_whole_file(tmp_path: Path) -> None:
    """The old one or the new one, and never less than the one before."""
    last = 0
    for attempt in range(12):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)]) as writer:
            while not (tmp_path / "guard.json").exists():
                time.sleep(0.01)
            time.sleep(0.3 + 0.0137 * attempt)
            writer.kill()
        found = msgspec.json.decode((tmp_path / "guard.json").read_bytes(), type=Guard)
        assert GuardFile(tmp_path, {}).load() == found
        assert found.boot == "a" * (found.kills % 1000)
        last = max(last, found.kills)

    assert last > 1
