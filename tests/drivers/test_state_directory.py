"""The state directory is made, tried, and held by one box at a time."""

import errno
import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.drivers.state_directory import StateDirectory, answer_for, private_directories
from easyplayer.drivers.status_socket import StatusSocket, ask
from easyplayer.errors import BoxBusyError, BoxSilentError, StateError

HOLD_AND_DIE = """
import sys
from pathlib import Path
from easyplayer.drivers.state_directory import StateDirectory
StateDirectory(Path(sys.argv[1])).hold()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(name="directory")
def _directory(tmp_path: Path) -> Iterator[StateDirectory]:
    """Give a directory that is not there yet."""
    directory = StateDirectory(tmp_path / "deep" / "state")
    yield directory
    directory.release()


def test_directory_is_made_with_all_above_it(directory: StateDirectory) -> None:
    """A fresh machine needs no preparation."""
    directory.hold()

    assert directory.path.is_dir()


def test_directory_that_is_held_is_refused_to_another(directory: StateDirectory) -> None:
    """The second box is told, with the way out, and changes nothing for the first."""
    directory.hold()

    with pytest.raises(BoxBusyError, match=r"another box runs with .*state: end it, or name another"):
        StateDirectory(directory.path).hold()


def test_directory_that_was_refused_can_be_held_later(directory: StateDirectory) -> None:
    """A box that waits for another to end gets its place, and leaves no handle open meanwhile."""
    directory.hold()
    other = StateDirectory(directory.path)
    with pytest.raises(BoxBusyError):
        other.hold()
    handles = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(BoxBusyError):
        other.hold()

    assert len(list(Path("/proc/self/fd").iterdir())) == handles
    directory.release()
    other.hold()
    other.release()


def test_directory_that_was_released_can_be_held_again(directory: StateDirectory) -> None:
    """Whoever lets go can come back."""
    directory.hold()
    directory.release()
    directory.release()

    directory.hold()

    with pytest.raises(BoxBusyError):
        StateDirectory(directory.path).hold()


def test_process_that_is_killed_holds_nothing(directory: StateDirectory) -> None:
    """However a box ends, the next one can start at once."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_AND_DIE, str(directory.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(BoxBusyError):
            directory.hold()
        process.kill()

    directory.hold()


def test_child_of_the_box_does_not_hold_its_directory(directory: StateDirectory) -> None:
    """A child that outlives the box does not keep the next box from starting."""
    directory.hold()
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        directory.release()

        other = StateDirectory(directory.path)
        other.hold()

        other.release()
        child.kill()


def test_place_that_is_a_file_is_told(tmp_path: Path) -> None:
    """What cannot be a directory is named, with the way out."""
    place = tmp_path / "state"
    place.write_text("not a directory")

    with pytest.raises(StateError, match=r"state cannot be used \(.*\): name another --state"):
        StateDirectory(place).hold()


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_disk_that_refuses_is_told(
    code: int, directory: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that cannot be written is found out at the start, not at the first power cut."""

    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(StateError, match="cannot be used"):
        directory.hold()


def test_file_system_without_locks_is_told(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be held, two boxes might run; better none than two."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)

    with pytest.raises(StateError):
        directory.hold()


def test_disk_that_does_not_even_say_what_it_is_is_told(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error of ours, and leaves nothing held."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(os, "statvfs", refuse)

    with pytest.raises(StateError, match="Input/output error"):
        directory.hold()


def test_directory_can_be_held_or_not(directory: StateDirectory) -> None:
    """To ask does not hold it."""
    other = StateDirectory(directory.path)

    assert directory.can_be_held()
    other.hold()
    assert not directory.can_be_held()
    other.release()


class TestPrivate:
    """What takes its place where it cannot be used."""

    @pytest.fixture(autouse=True)
    def _temporary(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "tmp").mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))

    def test_memory_comes_before_temporary_files(self, tmp_path: Path) -> None:
        """With names that stay; the last one is a fresh one."""
        (tmp_path / "run").mkdir()
        environment = {"RUNTIME_DIRECTORY": f"{tmp_path / 'run'}:/other"}

        first, second, last = (one.path for one in private_directories(environment))

        assert first == tmp_path / "run/easyplayer-state"
        assert second == tmp_path / f"tmp/easyplayer-state-{os.geteuid()}"
        assert last.parent == tmp_path / "tmp"
        assert {one.stat().st_mode & 0o777 for one in (first, second, last)} == {0o700}

    def test_traps_are_passed_over(self, tmp_path: Path) -> None:
        """Everybody may write among the temporary files, and may know our name."""
        (tmp_path / "theirs").mkdir(mode=0o700)
        (tmp_path / f"tmp/easyplayer-state-{os.geteuid()}").symlink_to(tmp_path / "theirs")
        (tmp_path / "run/easyplayer-state").mkdir(parents=True, mode=0o777)
        (tmp_path / "run/easyplayer-state").chmod(0o777)

        found = [one.path for one in private_directories({"XDG_RUNTIME_DIR": str(tmp_path / "run")})]

        assert len(found) == 1
        assert found[0].parent == tmp_path / "tmp"

    def test_where_there_is_no_place_at_all_that_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """In words, as everything."""
        monkeypatch.setattr(tempfile, "tempdir", "/proc/none")

        with pytest.raises(StateError, match="make room"):
            list(private_directories({}))

    def test_who_asks_at_the_lost_directory_is_answered(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A technician knows that one; and when the box has ended, nobody answers there."""
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        lost, instead = tmp_path / "state", tmp_path / "instead"
        lost.write_text("no directory")
        instead.mkdir()
        answer_for(lost, instead)
        line = StatusSocket(instead)
        line.open()
        line.publish(b"well")

        assert ask(lost) == b"well"
        line.close()
        with pytest.raises(BoxSilentError):
            ask(lost)
