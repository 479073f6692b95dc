"""The contract of a monitor: it hears what a sink carries, and nothing else."""

import threading
from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from easyplayer.drivers.deck import DeckLoad, DeckReady
from easyplayer.drivers.monitor import Level, Monitor, PulseMonitor
from easyplayer.drivers.mpv_deck import MpvDeck
from easyplayer.units import SILENCE, Linear
from tests.fakes.clock import HeldClock
from tests.fakes.monitor import FakeMonitor
from tests.sound.signals import LEVEL_DBFS, Signals
from tests.sound.venue_sound import SINK, SoundServer

STEP_S = 0.05
SINE_CREST_DB = 3.01


class Room(Protocol):
    """A monitor, and sinks to listen to: ``venue`` and ``spare``.

    :ivar levels: what the monitor has told.
    """

    monitor: Monitor
    levels: list[Level]

    def play(self, sink: str) -> None:
        """Let a sine of the test level sound at a sink."""

    def wait(self, seconds: float) -> None:
        """Let some seconds pass."""

    def pull(self, sink: str) -> None:
        """Take a sink away."""

    def plug(self, sink: str) -> None:
        """Bring a sink."""


class FakeRoom:
    """The fake monitor, which hears what it is told."""

    def __init__(self) -> None:
        self.clock = HeldClock()
        self.levels: list[Level] = []
        self._carried: dict[str, Linear] = {SINK: Linear(0.0), "spare": Linear(0.0)}
        self._fake = FakeMonitor(self.clock, self._carried.get)
        self.monitor: Monitor = self._fake.connect(self.levels.append)

    def play(self, sink: str) -> None:
        self._carried[sink] = Linear(10 ** (LEVEL_DBFS / 20))

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.clock.advance(STEP_S)
            self._fake.pump()

    def pull(self, sink: str) -> None:
        del self._carried[sink]

    def plug(self, sink: str) -> None:
        self._carried[sink] = Linear(0.0)


class RealRoom:
    """The real monitor, and a deck that plays."""

    def __init__(self, server: SoundServer, signals: Signals) -> None:
        self.levels: list[Level] = []
        self.monitor: Monitor = PulseMonitor(self.levels.append)
        self.pull = server.unload_sink
        self.plug = server.load_sink
        self._signals = signals
        self._ready = threading.Event()
        self._never = threading.Event()
        self._deck = MpvDeck("A", lambda report: self._ready.set() if isinstance(report, DeckReady) else None)
        server.load_sink("spare")

    def play(self, sink: str) -> None:
        self._deck.load(DeckLoad(ticket=1, location=str(self._signals.sine(440, 10, "flac")), sink=sink))
        assert self._ready.wait(2)
        self._deck.play()

    def wait(self, seconds: float) -> None:
        self._never.wait(seconds)

    def end(self) -> None:
        """End what plays."""
        self._deck.close()


@pytest.fixture(name="room", params=["fake", pytest.param("real", marks=pytest.mark.sound)])
def _room(request: pytest.FixtureRequest) -> Iterator[Room]:
    """Give a monitor that listens to nothing yet."""
    if request.param == "fake":
        fake: Room = FakeRoom()
        yield fake
        fake.monitor.close()
    else:
        real = RealRoom(request.getfixturevalue("sound_server"), request.getfixturevalue("signals"))
        yield real
        real.end()
        real.monitor.close()


def wait_until(room: Room, condition: Callable[[], bool], within_s: float = 3.0) -> None:
    for _ in range(round(within_s / STEP_S)):
        if condition():
            return
        room.wait(STEP_S)
    message = f"it did not come; the last levels: {room.levels[-5:]}"
    raise AssertionError(message)


def test_monitor_that_listens_to_nothing_tells_nothing(room: Room) -> None:
    """Before it is told where to listen there are no levels."""
    room.wait(0.3)

    assert room.levels == []


def test_silence_is_told_three_times_a_second(room: Room) -> None:
    """A sink that carries nothing is heard as such, all the time."""
    room.monitor.listen(SINK)
    wait_until(room, lambda: room.levels != [])

    before = len(room.levels)
    room.wait(2.0)

    assert 4 <= len(room.levels) - before <= 8
    assert set(room.levels) == {Level(SILENCE, SILENCE)}


def test_level_of_music_is_told(room: Room) -> None:
    """A sine is measured at its peak, within half a decibel."""
    room.monitor.listen(SINK)
    room.play(SINK)

    room.wait(1.0)

    assert room.levels[-1].peak_db == pytest.approx(LEVEL_DBFS, abs=0.5)
    assert LEVEL_DBFS - SINE_CREST_DB - 0.5 <= room.levels[-1].mean_db <= LEVEL_DBFS + 0.5


def test_only_the_sink_that_was_named_last_is_heard(room: Room) -> None:
    """Music elsewhere does not count."""
    room.play(SINK)
    room.monitor.listen(SINK)
    wait_until(room, lambda: room.levels != [] and room.levels[-1].peak_db > -20)

    room.monitor.listen("spare")
    room.wait(0.5)
    room.levels.clear()
    room.wait(0.5)

    assert set(room.levels) == {Level(SILENCE, SILENCE)}


def test_sink_that_comes_later_is_heard_then(room: Room) -> None:
    """Whoever listens to a sink that is not there hears nothing, and hears it once it is."""
    room.pull("spare")
    room.monitor.listen("spare")
    room.wait(0.4)
    before = list(room.levels)

    room.plug("spare")

    assert before == []
    wait_until(room, lambda: room.levels != [])


def test_closed_monitor_tells_nothing(room: Room) -> None:
    """After its end there are no levels any more."""
    room.monitor.listen(SINK)
    wait_until(room, lambda: room.levels != [])

    room.monitor.close()
    room.wait(0.2)
    count = len(room.levels)
    room.wait(0.4)

    assert len(room.levels) == count
