"""The contract of a sound server's connection, and of the server that the box can start itself."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import pytest

from easyplayer.drivers.private_server import PrivateServer
from easyplayer.drivers.pulse_server import PulseServer
from easyplayer.drivers.sound_server import ServerDown, ServerReport, ServerUp, Sink, SoundServer
from easyplayer.errors import NoSoundServerError
from easyplayer.sound import OwnServer
from easyplayer.units import Monotonic, Percent
from tests.fakes.clock import HeldClock
from tests.fakes.sound_server import FakeOwnServer, FakeSoundServer
from tests.sound.venue_sound import SINK
from tests.sound.venue_sound import SoundServer as Daemon

STEP_S = 0.02
ANSWERS_EVERY_S = 1 / 3

Kind = TypeVar("Kind", ServerUp, ServerDown)


class Room(Protocol):
    """A connection to a server, and what can be done to the server.

    :ivar reports: what the connection has told.
    """

    connection: SoundServer
    reports: list[ServerReport]

    def now(self) -> Monotonic:
        """Read the clock by which the server is heard."""

    def wait(self, seconds: float) -> None:
        """Let some seconds pass."""

    def plug(self, name: str) -> None:
        """Plug a sink in."""

    def unplug(self, name: str) -> None:
        """Pull a sink out."""

    def suspend(self, name: str) -> None:
        """Put a sink to sleep."""

    def mute(self, name: str) -> None:
        """Mute a sink."""

    def fall(self) -> None:
        """Let the server crash."""

    def rise(self) -> None:
        """Start the server again."""

    def hang(self) -> None:
        """Hold the server still."""

    def thaw(self) -> None:
        """Let a server that hangs go on."""


class FakeRoom(FakeSoundServer):
    """The fake connection, which is the fake server at once."""

    def __init__(self) -> None:
        self.clock = HeldClock()
        super().__init__(self.clock, SINK)
        self.reports: list[ServerReport] = []
        self.connection: SoundServer = self.connect(self.reports.append)

    def now(self) -> Monotonic:
        return self.clock()

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.pump()
            self.clock.advance(STEP_S)


class RealRoom:
    """A connection through libpulse to a real server."""

    def __init__(self, daemon: Daemon) -> None:
        self.reports: list[ServerReport] = []
        self.connection: SoundServer = PulseServer(self.reports.append)
        self.plug = daemon.load_sink
        self.unplug = daemon.unload_sink
        self.suspend = daemon.suspend
        self.mute = daemon.mute
        self.fall = daemon.kill
        self.rise = daemon.start
        self.hang = daemon.freeze
        self.thaw = daemon.thaw
        self._never = threading.Event()

    def now(self) -> Monotonic:
        return Monotonic(time.monotonic())

    def wait(self, seconds: float) -> None:
        self._never.wait(seconds)


@pytest.fixture(name="room", params=["fake", pytest.param("real", marks=pytest.mark.sound)])
def _room(request: pytest.FixtureRequest) -> Iterator[Room]:
    """Give a connection that has not been opened."""
    room: Room = FakeRoom() if request.param == "fake" else RealRoom(request.getfixturevalue("sound_server"))
    yield room
    room.thaw()
    room.connection.close()


def wait_until(room: Room, condition: Callable[[], bool], within_s: float = 3.0) -> None:
    for _ in range(round(within_s / STEP_S)):
        if condition():
            return
        room.wait(STEP_S)
    message = f"it did not come; the reports: {room.reports}"
    raise AssertionError(message)


def wait_for(room: Room, kind: type[Kind], since: int = 0) -> Kind:
    """Wait for a report of a kind, from a position in the record on."""
    wait_until(room, lambda: any(isinstance(report, kind) for report in room.reports[since:]))
    return next(report for report in room.reports[since:] if isinstance(report, kind))


def last_sinks(room: Room) -> dict[str, Sink]:
    """Give the sinks of the last report."""
    last = room.reports[-1] if room.reports else None
    return {sink.name: sink for sink in last.sinks} if isinstance(last, ServerUp) else {}


def opened(room: Room) -> Room:
    """Open the connection, and wait until it stands."""
    room.connection.open()
    wait_for(room, ServerUp)
    return room


def test_nothing_is_told_before_the_connection_is_opened(room: Room) -> None:
    """Who makes a connection hears nothing of it until it is opened."""
    room.wait(0.3)

    assert room.reports == []


def test_open_connection_tells_what_sinks_there_are(room: Room) -> None:
    """The first report names the sinks, where to listen to them, and the server's own choice."""
    opened(room)

    assert list(last_sinks(room)) == [SINK]
    assert last_sinks(room)[SINK].monitor == f"{SINK}.monitor"
    assert not last_sinks(room)[SINK].suspended
    assert isinstance(room.reports[-1], ServerUp)
    assert room.reports[-1].default == SINK


def test_same_news_is_not_told_twice(room: Room) -> None:
    """Where nothing changes nothing is told."""
    opened(room)

    room.wait(0.7)

    assert len(room.reports) == 1


def test_sinks_that_come_and_go_are_told(room: Room) -> None:
    """A sink that is plugged in is in the next report, one that is pulled out is not."""
    opened(room)

    room.plug("spare")
    wait_until(room, lambda: set(last_sinks(room)) == {SINK, "spare"})
    room.unplug(SINK)
    wait_until(room, lambda: set(last_sinks(room)) == {"spare"})


def test_server_without_a_sink_is_up(room: Room) -> None:
    """That nothing can be played on is no failure of the server."""
    opened(room)

    room.unplug(SINK)

    wait_until(room, lambda: room.reports[-1] == ServerUp((), ""))


def test_sink_that_sleeps_is_told_and_can_be_woken(room: Room) -> None:
    """A suspended sink shows as such, and no more after it was woken."""
    opened(room)

    room.suspend(SINK)
    wait_until(room, lambda: last_sinks(room)[SINK].suspended)
    room.connection.wake(SINK)

    wait_until(room, lambda: not last_sinks(room)[SINK].suspended)


def test_volume_of_a_sink_is_set_and_told(room: Room) -> None:
    """What a sink was turned to shows in the next report."""
    opened(room)

    room.connection.set_sink_volume(SINK, Percent(40))

    wait_until(room, lambda: last_sinks(room)[SINK].volume == 40)


def test_sink_that_is_muted_is_so_no_more_once_its_volume_is_set(room: Room) -> None:
    """A card begins muted, and to turn it up is to have it heard."""
    opened(room)
    room.mute(SINK)
    wait_until(room, lambda: last_sinks(room)[SINK].muted)

    room.connection.set_sink_volume(SINK, Percent(40))

    wait_until(room, lambda: not last_sinks(room)[SINK].muted)


def test_command_for_a_sink_that_is_gone_breaks_nothing(room: Room) -> None:
    """The connection stands, and goes on telling."""
    opened(room)

    room.connection.wake("no-such-sink")
    room.connection.set_sink_volume("no-such-sink", Percent(40))
    room.plug("spare")

    wait_until(room, lambda: "spare" in last_sinks(room))


def test_server_that_falls_and_rises_is_told(room: Room) -> None:
    """A crash is told with a reason, and so is the server's return."""
    opened(room)

    room.fall()
    down = wait_for(room, ServerDown)
    since = len(room.reports)
    room.rise()

    assert down.reason
    assert wait_for(room, ServerUp, since).default == SINK


def test_server_that_is_not_there_is_told_until_it_is(room: Room) -> None:
    """A connection that is opened before its server says so, and stands as soon as it can."""
    room.fall()
    room.connection.open()
    wait_for(room, ServerDown)

    room.rise()

    wait_for(room, ServerUp)


def test_server_that_answers_was_heard_a_moment_ago(room: Room) -> None:
    """It is asked at least three times a second."""
    opened(room)

    ages = []
    for _ in range(20):
        room.wait(0.05)
        ages.append(room.now() - room.connection.heard_at)

    assert max(ages) <= ANSWERS_EVERY_S + 0.1


def test_server_that_hangs_is_heard_no_more_and_then_again(room: Room) -> None:
    """The age of its last answer grows while it hangs, and is small again when it goes on."""
    opened(room)

    room.hang()
    room.wait(1.0)
    hanging_s = room.now() - room.connection.heard_at
    room.thaw()

    assert hanging_s > 0.6
    wait_until(room, lambda: room.now() - room.connection.heard_at < ANSWERS_EVERY_S)


@pytest.mark.parametrize("hangs", [False, True])
def test_closed_connection_tells_nothing(room: Room, hangs: bool) -> None:
    """Closing takes no longer than a moment, even if the server hangs, and is the end of the news."""
    opened(room)
    if hangs:
        room.hang()
        room.wait(0.3)
    began = time.monotonic()

    room.connection.close()
    took_s = time.monotonic() - began
    room.thaw()
    room.plug("spare")
    room.wait(0.5)

    assert took_s < 0.7
    assert len(room.reports) == 1


def test_connection_that_was_never_opened_can_be_closed(room: Room) -> None:
    """A box that fails early closes what it never opened."""
    room.connection.close()

    assert room.reports == []


# -- the server of the box's own -------------------------------------------------------------------


@pytest.fixture(name="own", params=["fake", pytest.param("real", marks=pytest.mark.sound)])
def _own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnServer]:
    """Give a server that has not been started."""
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    own: OwnServer = (
        FakeOwnServer(FakeSoundServer(HeldClock())) if request.param == "fake" else PrivateServer()
    )
    yield own
    own.stop()


def test_own_server_lives_from_its_start_to_its_stop(own: OwnServer) -> None:
    """It runs after its start, and after its stop no more."""
    before = own.alive

    own.start()
    between = own.alive
    own.stop()

    assert (before, between, own.alive) == (False, True, False)


def test_own_server_that_was_started_anew_runs(own: OwnServer) -> None:
    """However it was, a restart makes it run: from the beginning, and in the middle."""
    own.restart()
    first = own.alive
    own.restart()

    assert first
    assert own.alive


def test_own_server_may_be_stopped_twice(own: OwnServer) -> None:
    """Stopping what has been stopped, or was never started, is no failure."""
    own.stop()
    own.start()
    own.stop()
    own.stop()

    assert not own.alive


@pytest.mark.sound
def test_real_own_server_has_one_silent_sink(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is opened after its start finds its sink, and no other."""
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    own = PrivateServer()
    own.start()
    room = RealRoom(Daemon())

    try:
        opened(room)
        assert os.environ["PULSE_SERVER"] == own.address
        assert list(last_sinks(room)) == ["easyplayer-null"]
    finally:
        room.connection.close()
        own.stop()


def test_machine_without_a_sound_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is nothing to start, the error names the package."""
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(NoSoundServerError, match="install the package pulseaudio"):
        PrivateServer().start()


def test_fake_machine_without_a_sound_server_fails_likewise() -> None:
    """The fake server raises what the real one raises."""
    own = FakeOwnServer(FakeSoundServer(HeldClock()))
    own.missing = True

    with pytest.raises(NoSoundServerError, match="install the package pulseaudio"):
        own.start()
