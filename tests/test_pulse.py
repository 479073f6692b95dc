"""The box's pulse: its guardians hear it while there is progress, and never otherwise."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from circuits.core.events import Event

from easyplayer.player_events import item_advanced, item_started, player_changed, spot_advanced
from easyplayer.playout.items import ClipSound, Item
from easyplayer.playout.machine import PlayerState
from easyplayer.pulse import MAY_WAIT_S, Pulse
from easyplayer.screen_events import give_floor, picture_advanced, take_floor
from easyplayer.units import Seconds
from tests.cinema import clip, ready, still
from tests.house import Stage, song

EVERY_S = 10.0
NOW = 1_800_000_000.25
LISTENING_S = 1.0
FILM = clip("film", 90, ClipSound.REPLACE)


class Guardian:
    """The WatchDog plugin's side of the line: a real socket on this machine."""

    def __init__(self) -> None:
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", 0))
        self._line.setblocking(False)
        self.address: tuple[str, int] = self._line.getsockname()

    def heard(self) -> list[str]:
        """Give what has come since it was asked last."""
        return drained(self._line)

    def close(self) -> None:
        """Go away."""
        self._line.close()


def drained(line: socket.socket) -> list[str]:
    """Read all datagrams that are there."""
    news = []
    while True:
        try:
            news.append(line.recv(1024).decode())
        except BlockingIOError:
            return news


@pytest.fixture(name="guardian")
def _guardian() -> Iterator[Guardian]:
    """Give a guardian that listens."""
    guardian = Guardian()
    yield guardian
    guardian.close()


@pytest.fixture(name="heart")
def _heart(guardian: Guardian, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Give a stage on which a pulse beats, without systemd."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    stage = Stage()
    part = Pulse(guardian.address, Seconds(EVERY_S), stage.ticker, lambda: NOW)
    stage.open(part)
    guardian.heard()
    yield stage
    part.close()


def live(stage: Stage, seconds: float, state: PlayerState | None = None) -> None:
    """Let time pass in steps of a second, with a state told at the beginning."""
    if state is not None:
        stage.fire(player_changed(state, ""))
    stage.run_for(seconds, step_s=1.0)


def play(stage: Stage, seconds: float) -> None:
    """Let music play: its position goes on."""
    for second in range(round(seconds)):
        stage.fire(item_advanced(song("a"), Seconds(second)))
        stage.run_for(1, step_s=1.0)


def test_guardian_hears_the_process_and_the_time(guardian: Guardian, heart: Stage) -> None:
    """A beat is a datagram: the number of the process, and the wall clock."""
    live(heart, EVERY_S)

    assert guardian.heard() == [f"{os.getpid()};{NOW}"]


def test_first_beat_comes_at_the_start(guardian: Guardian, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guardian knows of the box as soon as it is up."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    stage = Stage()
    part = Pulse(guardian.address, Seconds(EVERY_S), stage.ticker, lambda: NOW)

    stage.open(part)
    part.close()

    assert len(guardian.heard()) == 1


def test_music_that_goes_on_is_progress(guardian: Guardian, heart: Stage) -> None:
    """While the position advances each beat is heard."""
    live(heart, 0, PlayerState.PLAYING)

    play(heart, 100)

    assert len(guardian.heard()) == 10


@pytest.mark.parametrize("state", [PlayerState.PLAYING, PlayerState.MIXING])
def test_music_that_stands_still_is_no_progress(state: PlayerState, guardian: Guardian, heart: Stage) -> None:
    """A player that claims to play and does not go on is not vouched for."""
    live(heart, 0, state)
    play(heart, 30)
    guardian.heard()

    live(heart, 100)

    assert len(guardian.heard()) <= 1


@pytest.mark.parametrize("told", [item_advanced, spot_advanced])
def test_a_position_that_is_told_again_and_again_is_no_progress(
    told: type[Event], guardian: Guardian, heart: Stage
) -> None:
    """A player that answers, and does not go on, is not well."""
    live(heart, 0, PlayerState.PLAYING)
    play(heart, 30)
    guardian.heard()

    for _ in range(100):
        heart.fire(told(song("a"), Seconds(29.0)))
        heart.run_for(1, step_s=1.0)

    assert len(guardian.heard()) <= 1


def test_a_spot_that_holds_the_music_is_progress(guardian: Guardian, heart: Stage) -> None:
    """However long it is: what is said is heard."""
    live(heart, 0, PlayerState.PLAYING)

    for second in range(60):
        heart.fire(spot_advanced(song("spot"), Seconds(second)))
        heart.run_for(1, step_s=1.0)

    assert len(guardian.heard()) == 6


def test_music_below_a_spot_is_progress(guardian: Guardian, heart: Stage) -> None:
    """Both are told of, in turn."""
    live(heart, 0, PlayerState.PLAYING)

    for second in range(60):
        heart.fire(item_advanced(song("a"), Seconds(second)))
        heart.fire(spot_advanced(song("spot"), Seconds(second)))
        heart.run_for(1, step_s=1.0)

    assert len(guardian.heard()) == 6


def show(stage: Stage, seconds: int, picture: Item = FILM, *, stands: bool = False) -> None:
    """Let a picture go on, or stand."""
    for second in range(seconds):
        stage.fire(picture_advanced(ready(picture), Seconds(5.0 if stands else second)))
        stage.run_for(1, step_s=1.0)


def test_a_clip_that_sounds_in_place_of_the_music_is_progress(guardian: Guardian, heart: Stage) -> None:
    """The music is held, and the room is not silent."""
    live(heart, 0, PlayerState.PLAYING)
    heart.fire(take_floor(Seconds(1.0)))

    show(heart, 90)

    assert len(guardian.heard()) == 9


def test_such_a_clip_that_stands_is_no_progress(guardian: Guardian, heart: Stage) -> None:
    """Whoever holds the music for nothing is not vouched for."""
    live(heart, 0, PlayerState.PLAYING)
    heart.fire(take_floor(Seconds(1.0)))

    show(heart, 90, stands=True)

    assert len(guardian.heard()) <= 1


@pytest.mark.parametrize(
    ("begin", "picture"),
    [((), FILM), ((take_floor, give_floor), FILM), ((take_floor,), still("menu"))],
    ids=["without the floor", "after it gave it back", "another picture"],
)
def test_pictures_say_nothing_of_the_music(
    begin: tuple[type[Event], ...], picture: Item, guardian: Guardian, heart: Stage
) -> None:
    """A box that shows, and has fallen silent, is not well."""
    live(heart, 0, PlayerState.PLAYING)
    for told in begin:
        heart.fire(told(Seconds(1.0)))

    show(heart, 90, picture)

    assert len(guardian.heard()) <= 1


def test_announced_start_alone_is_no_progress(guardian: Guardian, heart: Stage) -> None:
    """A player that starts one item after the other, and hears none of them go on, is not well."""
    live(heart, 0, PlayerState.PLAYING)

    for _ in range(300):
        heart.fire(player_changed(PlayerState.WAITING, ""))
        heart.fire(player_changed(PlayerState.PLAYING, ""))
        heart.fire(item_started(song("a"), Seconds(0.0)))
        heart.run_for(1, step_s=1.0)

    assert len(guardian.heard()) <= MAY_WAIT_S / EVERY_S


def test_progress_after_a_standstill_is_heard_again(guardian: Guardian, heart: Stage) -> None:
    """A box that has mended itself is vouched for."""
    live(heart, 60, PlayerState.PLAYING)
    guardian.heard()

    play(heart, 50)

    assert len(guardian.heard()) >= 4


@pytest.mark.parametrize("state", [PlayerState.STOPPED, PlayerState.PAUSED, PlayerState.FADING])
def test_silence_on_purpose_is_well(state: PlayerState, guardian: Guardian, heart: Stage) -> None:
    """All night long the guardian hears a closed box."""
    live(heart, 1000, state)

    assert len(guardian.heard()) == 100


@pytest.mark.parametrize("state", [PlayerState.WAITING, PlayerState.NO_SOUND])
def test_box_may_wait_for_two_minutes(state: PlayerState, guardian: Guardian, heart: Stage) -> None:
    """Whoever waits longer for an item or an output may be helped by a new start."""
    live(heart, MAY_WAIT_S - EVERY_S, state)
    meanwhile = len(guardian.heard())

    live(heart, 200)

    assert meanwhile >= (MAY_WAIT_S - EVERY_S) / EVERY_S - 1
    assert len(guardian.heard()) <= 2


def test_box_that_goes_back_and_forth_has_waited_as_long(guardian: Guardian, heart: Stage) -> None:
    """An output that is found and lost each half second is no progress."""
    for _ in range(400):
        heart.fire(player_changed(PlayerState.WAITING, "plays on venue"))
        heart.run_for(0.5, step_s=0.5)
        heart.fire(player_changed(PlayerState.NO_SOUND, "it cannot be opened"))
        heart.run_for(0.5, step_s=0.5)

    assert len(guardian.heard()) <= MAY_WAIT_S / EVERY_S + 1


def test_box_without_a_guardian_beats_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address, and without systemd, nothing is sent and nothing breaks."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    stage = Stage()
    part = Pulse(None, Seconds(EVERY_S), stage.ticker)

    stage.open(part)
    live(stage, 100)
    part.close()

    assert stage.witness.failures == []


def test_guardian_that_is_away_costs_nothing(guardian: Guardian, heart: Stage) -> None:
    """The box beats on whether anybody listens or not."""
    guardian.close()

    live(heart, 100)

    assert heart.witness.failures == []


@pytest.fixture(name="systemd")
def _systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Listen at the socket where systemd listens to the services that it started."""
    address = tmp_path / "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(address))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(address))
        line.setblocking(False)
        yield line


def test_systemd_is_told_when_the_box_is_ready_well_and_ending(systemd: socket.socket) -> None:
    """Over a real socket: ready, a heartbeat, a status to read, and the end."""
    stage = Stage()
    part = Pulse(None, Seconds(EVERY_S), stage.ticker)

    stage.open(part)
    at_start = drained(systemd)
    stage.fire(player_changed(PlayerState.PLAYING, ""))
    stage.fire(item_started(song("a"), Seconds(0.0)))
    in_between = drained(systemd)
    play(stage, EVERY_S)
    beat = drained(systemd)
    part.close()

    assert at_start == ["READY=1", "WATCHDOG=1"]
    assert in_between == ["STATUS=playing", "STATUS=plays a.flac"]
    assert beat == ["WATCHDOG=1"]
    assert drained(systemd) == ["STOPPING=1"]


def test_systemd_hears_nothing_while_there_is_no_progress(systemd: socket.socket) -> None:
    """The watchdog of systemd, too, is fed by progress only."""
    stage = Stage()
    part = Pulse(None, Seconds(EVERY_S), stage.ticker)
    stage.open(part)
    live(stage, EVERY_S * 2, PlayerState.PLAYING)
    drained(systemd)

    live(stage, 100)
    silence = drained(systemd)
    part.close()

    assert silence == []


def test_under_circus_the_box_speaks_for_itself_alone(
    systemd: socket.socket, guardian: Guardian, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watchdog is circusd's, and so is the end: whoever said STOPPING=1 would end the whole service."""
    monkeypatch.setenv("WATCHDOG_PID", str(os.getppid()))
    monkeypatch.setenv("SYSTEMD_EXEC_PID", str(os.getppid()))
    stage = Stage()
    part = Pulse(guardian.address, Seconds(EVERY_S), stage.ticker, lambda: NOW)

    stage.open(part)
    live(stage, EVERY_S * 3, PlayerState.STOPPED)
    part.close()

    assert drained(systemd) == ["READY=1", "STATUS=stopped"]
    assert len(guardian.heard()) == 4


def test_systemd_means_the_box_where_it_names_it(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that is the box itself."""
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    monkeypatch.setenv("SYSTEMD_EXEC_PID", str(os.getpid()))
    stage = Stage()
    part = Pulse(None, Seconds(EVERY_S), stage.ticker)

    stage.open(part)
    part.close()

    assert drained(systemd) == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_a_service_manager_that_hangs_holds_up_no_music(systemd: socket.socket) -> None:
    """Its queue is full, and what does not fit is lost."""
    stage = Stage()
    part = Pulse(None, Seconds(EVERY_S), stage.ticker)
    stage.open(part)

    live(stage, 10_000, PlayerState.STOPPED)
    part.close()

    assert "WATCHDOG=1" in drained(systemd)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # sdnotify's own socket
def test_a_service_manager_that_is_not_there_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable names a socket that nobody has."""
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/notify")
    stage = Stage()
    part = Pulse(None, Seconds(EVERY_S), stage.ticker)

    stage.open(part)
    part.close()

    assert stage.witness.failures == []
