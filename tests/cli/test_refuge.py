"""A state directory that cannot be used, or that a stuck box holds, does not silence a room."""

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from easyplayer import main
from easyplayer.cli import run
from easyplayer.cli.refuge import Home, is_well, take_home
from easyplayer.cli.safely import GUARDED_BY
from easyplayer.drivers.state_directory import StateDirectory
from easyplayer.drivers.status_socket import StatusSocket
from easyplayer.errors import BoxBusyError, StateError
from easyplayer.guard import Level
from easyplayer.units import Seconds

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


def tell_status(directory: Path, **fields: object) -> StatusSocket:
    """Answer for a box."""
    line = StatusSocket(directory)
    line.open()
    whole = {
        "version": "1", "pid": 1, "at": time.time(), "uptime_s": 1.0, "program": "", "state": "playing",
        "reason": "", "allowed": True, "verdict": "", "item": None, "position_s": 0.0, "next": None,
        "volume": 50, "sink": "", "silent_sink": False, "level_db": -20.0, "peak_db": -10.0,
        "audible_ago_s": None, "failures": 0, "problems": [],
    }  # fmt: skip
    line.publish(msgspec.json.encode({**whole, **fields}))
    return line


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
    line = tell_status(stuck.path)

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
    line = tell_status(first.held.path)

    with pytest.raises(BoxBusyError):
        take_home(lost, Level.FULL, GUARDED_BY)
    line.close()
    first.held.release()


@pytest.mark.parametrize(("fields", "well"), [({}, True), ({"at": 1.0}, False), ({"version": 7}, True)])
def test_a_box_is_well_that_has_told_something_lately(
    fields: dict[str, object], well: bool, tmp_path: Path
) -> None:
    """One of another version is taken for well: it answers."""
    line = tell_status(tmp_path, **fields)

    assert is_well(tmp_path) is well
    line.close()


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
