"""Sticks of any kind: whatever is on one, the box plays what its hub has signed, or nothing new."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from easyplayer.errors import DeviceError
from tests.fakes.stick import STRANGER, FolderStick, stick_with
from tests.test_porter import ONE, TWO, Dock

Spoil = Callable[[Path], None]


def vanish(file: Path) -> None:
    """Leave it out."""
    file.unlink()


def nonsense(file: Path) -> None:
    """Write something else."""
    file.write_bytes(b'{"payload":[[[' * 50)


def deep(file: Path) -> None:
    """Write lists in lists in lists."""
    file.write_bytes(b"[" * 200_000)


def long(file: Path) -> None:
    """Make it as long as no stick is."""
    os.truncate(file, 1 << 40)


def shortened(file: Path) -> None:
    """Cut it off."""
    os.truncate(file, file.stat().st_size // 2)


def folder(file: Path) -> None:
    """Put a folder in its place."""
    file.unlink()
    file.mkdir()


def pipe(file: Path) -> None:
    """Put a pipe in its place."""
    file.unlink()
    os.mkfifo(file)


def link(file: Path) -> None:
    """Put a link to itself, elsewhere on the machine, in its place."""
    copy = file.with_name(f"{file.name}.copy")
    file.rename(copy)
    file.symlink_to(copy)


def loop(file: Path) -> None:
    """Put a link in its place that leads nowhere."""
    file.unlink()
    file.symlink_to(file)


def swap(file: Path) -> None:
    """Put another file of the stick in its place."""
    others = sorted(one for one in file.parents[1].rglob("*") if one.is_file() and one != file)
    if others:
        file.unlink()
        os.link(others[0], file)


SPOILS = (vanish, nonsense, deep, long, shortened, folder, pipe, link, loop, swap)


def files_of(stick: FolderStick) -> list[Path]:
    """Give the files of a stick, in order."""
    return sorted(one for one in stick.top.rglob("*") if one.is_file() and not one.is_symlink())


@settings(max_examples=12)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(SPOILS)), max_size=3),
    st.booleans(),
    st.none() | st.integers(1, 12),
)
def test_nothing_is_taken_that_the_hub_has_not_signed(
    spoils: list[tuple[int, Spoil]], forged: bool, breaks_at: int | None
) -> None:
    """No handler fails, no file is wrong, and a good stick sets all right afterwards."""
    with tempfile.TemporaryDirectory() as folder_name:
        top = Path(folder_name)
        dock = Dock(top / "state")
        dock.play(TWO, 1)
        stick = stick_with(top / "stick", ONE, 2)
        if forged:
            stick.put_bundle(stick.put_program(ONE, 2), seed=STRANGER)
        for number, spoil in spoils:
            files = files_of(stick)
            if files:
                spoil(files[number % len(files)])
        dock.happens = lambda count: breaking(count, breaks_at)
        dock.plug(stick)
        assert dock.media <= {"a", "b"}
        assert dock.staged in {"", "one, version 1"}
        assert not (forged and dock.staged)
        assert not list((top / "state/scratch").glob("*"))

        dock.happens = lambda _count: None
        dock.plug(stick_with(top / "good", ONE, 2))
        assert (dock.media, dock.staged) == ({"a", "b"}, "one, version 1")
        assert dock.answers[-1].startswith("taken: program one, version 1")


def breaking(count: int, at: int | None) -> None:
    """Break at some reading, where one is given."""
    if at is not None and count >= at:
        message = "the stick gives errors (Input/output error)"
        raise DeviceError(message)
