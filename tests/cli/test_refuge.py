"""A state directory that cannot be used, or that a stuck box holds, does not silence a room."""

import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from easyplayer import main
from easyplayer.cli import run
from easyplayer.cli.refuge import Home, is_well, take_home
from easyplayer.cli.safely import GUARDED_BY
from easyplayer.drivers.guard_file import GuardFile
from easyplayer.drivers.state_directory import StateDirectory
from easyplayer.drivers.status_socket import StatusSocket
from easyplayer.errors import BoxBusyError, StateError
from easyplayer.guard import Guard, Level
from easyplayer.units import Seconds

pytestmark = pytest.mark.slow

NOBODY = ""
LEFT_WITHIN_S = 10.0


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a place in memory, and one for temporary files."""
    for name in ("run", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


@pytest.fixture(name="lost")
def _lost(tmp_path: Path) -> Path:
    """Give a state directory that is none."""
    place = tmp_path / "state"
    place.write_text("a file")
    return place


@pytest.fixture(name="stuck")
def _stuck(tmp_path: Path) -> Iterator[StateDirectory]:
    """Give a state directory that is held by who says nothing."""
    directory = StateDirectory(tmp_path / "state")
    directory.hold()
    yield directory
    directory.release()


class Box(StatusSocket):
    """Answers for a box, by a status that is a fresh one each time, or never.

    :param fields: what is otherwise in it.
    """

    def __init__(self, directory: Path, *, goes_on: bool = True, **fields: object) -> None:
        self._goes_on, self._fields, self._asked = goes_on, fields, 0
        super().__init__(directory)
        self.open()

    @property
    def _status(self) -> bytes:
        self._asked += self._goes_on
        whole = {
            "version": "1", "pid": 1, "at": 1.0, "uptime_s": self._asked / 2, "program": "",
            "state": "playing", "reason": "", "allowed": True, "verdict": "", "item": None,
            "position_s": 0.0, "next": None,
            "volume": 50, "sink": "", "silent_sink": False, "level_db": -20.0, "peak_db": -10.0,
            "audible_ago_s": None, "failures": 0, "problems": [],
        }  # fmt: skip
        return msgspec.json.encode({**whole, **self._fields})

    @_status.setter
    def _status(self, _status: bytes) -> None:
        """Take none from elsewhere."""


def test_a_directory_that_can_be_used_is_used(tmp_path: Path) -> None:
    """At whatever level."""
    home = take_home(tmp_path / "state", Level.BARE, GUARDED_BY)

    assert (home.held.path, home.level, home.lost, home.trouble) == (tmp_path / "state", Level.BARE, None, "")
    home.held.release()


def test_a_person_at_a_terminal_gets_the_error(lost: Path) -> None:
    """Music that keeps nothing would only hide a slip of the pen."""
    with pytest.raises(StateError, match="name another --state"):
        take_home(lost, Level.FULL, NOBODY)


@pytest.mark.parametrize("guardian", [GUARDED_BY, "systemd", "the container"])
def test_a_box_that_would_only_be_started_anew_plays_on_elsewhere(
    guardian: str, lost: Path, tmp_path: Path
) -> None:
    """At once, and carefully: it is memory that it has now; and it says what is wrong, and where it is."""
    home = take_home(lost, Level.FULL, guardian)

    place = tmp_path / "run/easyplayer-state"
    assert (home.held.path, home.level) == (place, Level.CAREFUL)
    assert str(lost) in home.trouble
    assert f"all is kept in {place}" in home.trouble
    home.held.release()


def test_a_bare_box_stays_bare_there(lost: Path) -> None:
    """It has ended badly for another reason as well."""
    home = take_home(lost, Level.BARE, GUARDED_BY)

    assert home.level is Level.BARE
    home.held.release()


def test_a_box_that_is_well_is_let_play(stuck: StateDirectory) -> None:
    """Two are not heard at the same time, whatever the level; and that is no bad end."""
    line = Box(stuck.path)

    for level in Level:
        with pytest.raises(BoxBusyError):
            take_home(stuck.path, level, GUARDED_BY)
    line.close()


@pytest.mark.parametrize("level", [Level.FULL, Level.CAREFUL])
def test_a_box_that_holds_it_and_is_silent_is_a_reason_to_end_badly(
    level: Level, stuck: StateDirectory
) -> None:
    """The WatchDog counts it, so that there is an end to it."""
    with pytest.raises(StateError, match="cannot be ended: switch the machine off") as caught:
        take_home(stuck.path, level, GUARDED_BY)

    assert caught.value.exit_code == StateError.exit_code


def test_a_bare_box_plays_beside_one_that_is_stuck(stuck: StateDirectory, tmp_path: Path) -> None:
    """It cannot be ended, and nobody hears it any more."""
    home = take_home(stuck.path, Level.BARE, GUARDED_BY)

    assert (home.held.path, home.level) == (tmp_path / "run/easyplayer-state", Level.BARE)
    assert "switch the machine off and on" in home.trouble
    home.held.release()


def test_a_bare_box_beside_one_that_is_stuck_shows_the_bad_ends(stuck: StateDirectory) -> None:
    """The WatchDog writes them where they belong; one that is away for another reason cannot know them."""
    GuardFile(stuck.path, {}).save(Guard(kills=6))
    for _ in range(2):
        home = take_home(stuck.path, Level.BARE, GUARDED_BY)
        assert GuardFile(home.held.path, {}).load() == Guard(kills=6)
        home.held.release()
    stuck.path.joinpath("guard.json").unlink()
    stuck.release()
    stuck.path.rmdir()
    stuck.path.write_text("a file")

    home = take_home(stuck.path, Level.BARE, GUARDED_BY)

    assert not (home.held.path / "guard.json").is_symlink()
    home.held.release()


def test_without_a_watchdog_a_directory_that_is_held_is_told_as_ever(stuck: StateDirectory) -> None:
    """Nobody counts there, and a person sees it."""
    for guardian in (NOBODY, "systemd"):
        with pytest.raises(BoxBusyError):
            take_home(stuck.path, Level.FULL, guardian)


def test_a_box_that_is_stuck_in_the_refuge_leaves_room_for_another(lost: Path, tmp_path: Path) -> None:
    """There is always one more place."""
    first = take_home(lost, Level.FULL, GUARDED_BY)
    second = take_home(lost, Level.FULL, GUARDED_BY)
    third = take_home(lost, Level.FULL, GUARDED_BY)

    assert second.held.path.parent == third.held.path.parent == tmp_path / "tmp"
    assert len({one.held.path for one in (first, second, third)}) == 3
    for one in (first, second, third):
        one.held.release()


def test_a_box_that_is_well_in_the_refuge_is_let_play(lost: Path) -> None:
    """As at home."""
    first = take_home(lost, Level.FULL, GUARDED_BY)
    line = Box(first.held.path)

    with pytest.raises(BoxBusyError):
        take_home(lost, Level.FULL, GUARDED_BY)
    line.close()
    first.held.release()


@pytest.mark.parametrize(("goes_on", "at"), [(True, 1.0), (True, 1e12), (False, 1e12)])
def test_a_box_is_well_that_tells_something_new(goes_on: bool, at: float, tmp_path: Path) -> None:
    """Whatever time it says it is: a clock may have been set since."""
    box = Box(tmp_path, goes_on=goes_on, at=at)

    assert is_well(tmp_path, Seconds(1.0)) is goes_on
    box.close()


def test_a_box_of_another_version_is_taken_for_well(tmp_path: Path) -> None:
    """It answers."""
    box = Box(tmp_path, version=7)

    assert is_well(tmp_path)
    box.close()


def test_the_box_goes_back_as_soon_as_it_can(lost: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It looks again and again, on a thread of its own, which a disk may hold up."""
    left, looked = threading.Event(), threading.Event()
    own = StateDirectory(lost)
    home = Home(held=own, level=Level.CAREFUL, lost=_Looked(lost, looked), trouble="x")
    home.go_back(lambda _event: left.set(), Seconds(0.01))
    assert looked.wait(LEFT_WITHIN_S)
    assert not left.is_set()

    lost.unlink()

    assert left.wait(LEFT_WITHIN_S)
    assert "can be used again: the box ends, to be started with it" in caplog.text


class _Looked(StateDirectory):
    """Tells when somebody has tried it."""

    def __init__(self, path: Path, looked: threading.Event) -> None:
        super().__init__(path)
        self._looked = looked

    def can_be_held(self) -> bool:
        """Try it, and tell."""
        found = super().can_be_held()
        self._looked.set()
        return found


def test_a_box_at_home_has_nowhere_to_go_back_to(tmp_path: Path) -> None:
    """It never ends for that."""
    before = threading.active_count()
    Home(held=StateDirectory(tmp_path), level=Level.FULL).go_back(pytest.fail)

    assert threading.active_count() == before


def test_the_box_is_run_with_the_private_directory(lost: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that it keeps goes there, and the level is that of the refuge."""
    ran: list[tuple[Path, Home]] = []

    def run_box(wanted: Any, _music: object, *, home: Home, **_more: object) -> int:
        ran.append((wanted.state, home))
        return 0

    monkeypatch.setattr(run, "run_box", run_box)
    monkeypatch.setattr(run, "guardian", lambda: GUARDED_BY)

    assert main.main(["run", "--state", str(lost)]) == 0

    ((state, home),) = ran
    assert state == home.held.path != lost
    assert home.level is Level.CAREFUL


def test_a_person_who_starts_it_in_a_container_gets_the_error(
    lost: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever may start it again: somebody is there, and sees it."""
    monkeypatch.setattr(run, "guardian", lambda: "the container")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    assert main.main(["run", "--state", str(lost)]) == StateError.exit_code

    assert "cannot be used" in capsys.readouterr().err
