"""The contract of a deck, kept by libmpv and by the fake one."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from easyplayer.drivers.deck import (
    STARVED_AFTER_S,
    Deck,
    DeckAdvanced,
    DeckEnded,
    DeckFailed,
    DeckFault,
    DeckLoad,
    DeckReady,
    DeckReport,
)
from easyplayer.drivers.mpv_deck import MpvDeck
from easyplayer.fade import Fade
from easyplayer.units import Linear, Seconds
from tests.fakes.clock import HeldClock
from tests.fakes.deck import FakeDecks, Medium
from tests.fakes.sound_server import FakeSoundServer
from tests.sound.broken import Broken
from tests.sound.radio import Radio
from tests.sound.recorder import Recorder
from tests.sound.recording import Recording
from tests.sound.signals import Signals
from tests.sound.venue_sound import SINK, SoundServer

AUDIBLE = 0.01
LISTENING_S = 0.15
STEP_S = 0.02
MUSIC_HZ = 440
RADIO_S = 60.0

Kind = TypeVar("Kind", DeckReady, DeckAdvanced, DeckEnded, DeckFailed)


class Room(Protocol):
    """A deck, what it plays from and to, and an ear.

    :ivar reports: what the deck has told.
    """

    deck: Deck
    reports: list[DeckReport]

    def song(self, length_s: float) -> str:
        """Give the location of a song of a length."""

    def unplayable(self, kind: str) -> str:
        """Give the location of something that is no music."""

    def radio(self, stalls_after_s: float) -> str:
        """Give the location of a stream that sends no more after some seconds, and does not hang up."""

    def wait(self, seconds: float) -> None:
        """Let some seconds pass."""

    def wait_for(self, kind: type[Kind], within_s: float = 2.0) -> Kind:
        """Wait for the next report of a kind, from now on or already told and not yet waited for."""

    def hears(self) -> bool:
        """Tell whether music is heard now."""

    def pull_output(self) -> None:
        """Take the output away."""

    def plug_output(self) -> None:
        """Bring the output back."""


class FakeRoom:
    """The fake deck, and its world."""

    def __init__(self) -> None:
        self.clock = HeldClock()
        self.server = FakeSoundServer(self.clock, SINK)
        self.media: dict[str, Medium] = {}
        self.decks = FakeDecks(self.clock, self.server, self.media)
        self.reports: list[DeckReport] = []
        self.deck: Deck = self.decks("A", self.reports.append)
        self._waited_for = 0

    def song(self, length_s: float) -> str:
        location = f"/music/{length_s}.flac"
        self.media[location] = Medium(length_s=length_s)
        return location

    def unplayable(self, kind: str) -> str:
        return f"/music/{kind}"

    def radio(self, stalls_after_s: float) -> str:
        self.media["http://radio/one"] = Medium(length_s=None, starves_at_s=stalls_after_s)
        return "http://radio/one"

    def wait(self, seconds: float) -> None:
        self.decks.pump()
        for _ in range(round(seconds / STEP_S)):
            self.clock.advance(STEP_S)
            self.decks.pump()

    def wait_for(self, kind: type[Kind], within_s: float = 2.0) -> Kind:
        for _ in range(round(within_s / STEP_S)):
            for report in self.reports[self._waited_for :]:
                self._waited_for += 1
                if isinstance(report, kind):
                    return report
            self.wait(STEP_S)
        message = f"no {kind.__name__} came, but {self.reports}"
        raise AssertionError(message)

    def hears(self) -> bool:
        self.wait(LISTENING_S)
        return self.decks.audible != []

    def pull_output(self) -> None:
        self.server.unplug(SINK)

    def plug_output(self) -> None:
        self.server.plug(SINK)


class RealRoom:
    """A libmpv deck on a real sound server."""

    def __init__(self, server: SoundServer, ear: Recorder, signals: Signals, broken: Broken) -> None:
        self.reports: list[DeckReport] = []
        self._server = server
        self._ear = ear
        self._signals = signals
        self._broken = broken
        self._news = threading.Condition()
        self._waited_for = 0
        self.stack = ExitStack()
        self.deck: Deck = MpvDeck("A", self._take)

    def _take(self, report: DeckReport) -> None:
        with self._news:
            self.reports.append(report)
            self._news.notify_all()

    def song(self, length_s: float) -> str:
        return str(self._signals.sine(MUSIC_HZ, length_s, "flac"))

    def unplayable(self, kind: str) -> str:
        files = {"zero-byte": self._broken.zero_byte, "text": self._broken.text}
        return str(files[kind]() if kind in files else Path("/nowhere/at/all.flac"))

    def radio(self, stalls_after_s: float) -> str:
        station = self.stack.enter_context(Radio(self._signals.sine(MUSIC_HZ, RADIO_S, "mp3"), RADIO_S))
        threading.Timer(stalls_after_s, station.stall).start()
        return station.url

    def wait(self, seconds: float) -> None:
        self._ear.listen(seconds)

    def wait_for(self, kind: type[Kind], within_s: float = 2.0) -> Kind:
        deadline = time.monotonic() + within_s
        with self._news:
            while True:
                for report in self.reports[self._waited_for :]:
                    self._waited_for += 1
                    if isinstance(report, kind):
                        return report
                left_s = deadline - time.monotonic()
                assert left_s > 0, f"no {kind.__name__} came, but {self.reports}"
                self._news.wait(left_s)

    def hears(self) -> bool:
        self.wait(LISTENING_S)
        recording: Recording = self._ear.so_far()
        last = recording.mono[-round(recording.rate * LISTENING_S / 3) :]
        return bool(abs(last).max() > AUDIBLE)

    def pull_output(self) -> None:
        self._server.unload_sink()

    def plug_output(self) -> None:
        self._server.load_sink()


@pytest.fixture(name="room", params=["fake", pytest.param("real", marks=pytest.mark.sound)])
def _room(request: pytest.FixtureRequest) -> Iterator[Room]:
    """Give a deck in its world."""
    if request.param == "fake":
        room: Room = FakeRoom()
    else:
        names = ("sound_server", "ear", "signals", "broken")
        room = RealRoom(*(request.getfixturevalue(name) for name in names))
    yield room
    room.deck.close()
    if isinstance(room, RealRoom):
        room.stack.close()


def load(
    room: Room, length_s: float, ticket: int = 1, start_s: float = 0.0, end_s: float | None = None
) -> None:
    """Put a song of a length on the deck."""
    room.deck.load(
        DeckLoad(
            ticket=ticket,
            location=room.song(length_s),
            start_s=Seconds(start_s),
            end_s=None if end_s is None else Seconds(end_s),
            sink=SINK,
        )
    )


def play(
    room: Room, length_s: float, ticket: int = 1, start_s: float = 0.0, end_s: float | None = None
) -> None:
    """Put a song on, and let it sound once it is ready."""
    load(room, length_s, ticket, start_s, end_s)
    room.wait_for(DeckReady)
    room.deck.play()


def test_loaded_medium_is_ready_and_held(room: Room) -> None:
    """A load is answered once, with its ticket, and nothing sounds until it is told to."""
    load(room, 3.0, ticket=7)

    ready = room.wait_for(DeckReady)
    room.wait(0.3)

    assert ready.ticket == 7
    assert room.reports == [ready]
    assert not room.hears()


def test_played_medium_tells_where_it_is(room: Room) -> None:
    """A medium that plays is heard, and tells positions that go with the clock."""
    play(room, 3.0)

    readings = [room.wait_for(DeckAdvanced) for _ in range(4)]

    assert room.hears()
    assert all(reading.ticket == 1 for reading in readings)
    passed_s = readings[-1].at - readings[1].at
    assert readings[-1].position_s - readings[1].position_s == pytest.approx(passed_s, abs=0.04)
    assert passed_s < 0.9


def test_positions_are_told_while_the_gain_moves(room: Room) -> None:
    """A fade by hand, which sets the gain fifty times a second, keeps no position back."""
    play(room, 5.0)
    room.wait_for(DeckAdvanced)
    before = len(room.reports)

    for step in range(60):
        room.deck.set_gain(Linear(1 - step / 100))
        room.wait(STEP_S)

    assert len(room.reports) - before >= 2


@pytest.mark.parametrize("kind", ["missing", "zero-byte", "text"])
def test_medium_that_cannot_be_played_is_the_fault_of_the_medium(room: Room, kind: str) -> None:
    """What is no music fails soon, with its ticket and a reason, and is never called ready."""
    room.deck.load(DeckLoad(ticket=3, location=room.unplayable(kind), sink=SINK))

    failed = room.wait_for(DeckFailed)

    assert (failed.ticket, failed.fault) == (3, DeckFault.MEDIUM)
    assert failed.detail
    assert room.reports == [failed]


def test_deck_plays_after_a_medium_that_failed(room: Room) -> None:
    """A failure leaves the deck as good as new."""
    room.deck.load(DeckLoad(ticket=1, location=room.unplayable("text"), sink=SINK))
    room.wait_for(DeckFailed)

    play(room, 3.0, ticket=2)

    assert room.wait_for(DeckAdvanced).ticket == 2


def test_output_that_is_not_there_is_the_fault_of_the_output(room: Room) -> None:
    """A load to a sink that the server does not have fails for that reason."""
    room.deck.load(DeckLoad(ticket=1, location=room.song(3.0), sink="no-such-sink"))

    assert room.wait_for(DeckFailed).fault is DeckFault.OUTPUT


def test_output_that_goes_is_told_and_can_come_back(room: Room) -> None:
    """A deck whose output is pulled fails for that reason, and plays again when it is back."""
    play(room, 5.0)
    room.wait_for(DeckAdvanced)

    room.pull_output()
    failed = room.wait_for(DeckFailed)
    room.plug_output()
    play(room, 5.0, ticket=2)

    assert failed.fault is DeckFault.OUTPUT
    assert room.wait_for(DeckAdvanced).ticket == 2


def test_medium_starts_where_it_is_told_to(room: Room) -> None:
    """The first position is that of the start."""
    play(room, 5.0, start_s=2.5)

    assert 2.5 <= room.wait_for(DeckAdvanced).position_s < 3.0


def test_medium_is_over_where_it_is_told_to_be(room: Room) -> None:
    """With an end of its own, a load is told as ended before that, and heard until then."""
    play(room, 5.0, start_s=1.0, end_s=2.8)

    room.wait(1.5)
    before = room.hears()
    room.wait(0.6)

    room.wait_for(DeckEnded)
    assert before
    assert not room.hears()


def test_end_is_told_before_it_has_been_heard(room: Room) -> None:
    """The end comes when the medium is decoded: it is still heard for a while."""
    play(room, 2.5)

    ended = room.wait_for(DeckEnded, within_s=3)

    assert ended.ticket == 1
    assert room.hears()
    room.wait(1.3)
    assert not room.hears()


@pytest.mark.parametrize("length_s", [0.3, 1.0])
def test_short_medium_is_held_heard_and_ended(room: Room, length_s: float) -> None:
    """However short a medium is, its end is not told before it has been played, and it is heard."""
    load(room, length_s)
    room.wait_for(DeckReady)
    room.wait(0.4)
    held = list(room.reports)

    room.deck.play()
    heard = room.hears()

    assert [type(report) for report in held] == [DeckReady]
    assert heard
    room.wait_for(DeckEnded)


def test_paused_medium_keeps_its_position(room: Room) -> None:
    """Held, a medium is silent; played again, it goes on from there."""
    play(room, 5.0)
    room.wait_for(DeckAdvanced)
    room.wait_for(DeckAdvanced)

    room.deck.pause()
    room.wait(0.3)
    held_at_s = [report for report in room.reports if isinstance(report, DeckAdvanced)][-1].position_s
    count, silent = len(room.reports), not room.hears()
    room.wait(0.5)
    still = len(room.reports)
    room.deck.play()
    again = next(room.wait_for(DeckAdvanced) for _ in range(still - count + 1))

    assert silent
    assert still == count
    assert held_at_s <= again.position_s < held_at_s + 0.6


def test_pause_after_the_end_was_told_holds_what_is_still_to_be_heard(room: Room) -> None:
    """The last second of a medium obeys like all others: it is held, and goes on."""
    play(room, 2.5)
    room.wait_for(DeckEnded, within_s=3)

    room.deck.pause()
    room.wait(0.2)
    silent = not room.hears()
    room.wait(1.0)
    room.deck.play()

    assert silent
    assert room.hears()


def test_gain_after_the_end_was_told_is_obeyed(room: Room) -> None:
    """The last second of a medium can be faded by hand."""
    play(room, 2.5)
    room.wait_for(DeckEnded, within_s=3)

    room.deck.set_gain(Linear(0.0))
    room.wait(0.2)

    assert not room.hears()


@pytest.mark.parametrize("ended", [False, True])
def test_ejected_medium_is_silent_and_tells_nothing(room: Room, ended: bool) -> None:
    """Taken off, a medium is heard no more, whether its end has been told or not."""
    play(room, 2.5)
    if ended:
        room.wait_for(DeckEnded, within_s=3)
    else:
        room.wait_for(DeckAdvanced)

    room.deck.eject()
    room.wait(0.2)
    count = len(room.reports)

    assert not room.hears()
    room.wait(0.4)
    assert len(room.reports) == count


def test_report_of_an_old_medium_carries_its_old_ticket(room: Room) -> None:
    """After another load has been called ready, nothing is told of the one before."""
    play(room, 5.0, ticket=1)
    room.wait_for(DeckAdvanced)

    play(room, 4.0, ticket=2)
    room.wait_for(DeckAdvanced)
    room.wait_for(DeckAdvanced)

    ready = next(at for at, report in enumerate(room.reports) if report == DeckReady(2))
    assert {report.ticket for report in room.reports[:ready]} == {1}
    assert {report.ticket for report in room.reports[ready:]} == {2}


def test_gain_is_heard_at_once(room: Room) -> None:
    """A gain of nothing silences, and full gain brings back."""
    play(room, 5.0)
    room.wait_for(DeckAdvanced)

    room.deck.set_gain(Linear(0.0))
    room.wait(0.1)
    silent = not room.hears()
    room.deck.set_gain(Linear(1.0))
    room.wait(0.1)

    assert silent
    assert room.hears()


def test_gain_that_was_set_before_holds_for_what_is_loaded(room: Room) -> None:
    """A deck that was turned down plays the next medium turned down."""
    room.deck.set_gain(Linear(0.0))

    play(room, 5.0)
    room.wait_for(DeckAdvanced)

    assert not room.hears()


def test_planned_fade_ends_in_silence_at_its_position(room: Room) -> None:
    """A fade over positions of the medium is complete there, whenever it was planned."""
    play(room, 5.0)
    room.wait_for(DeckAdvanced)

    room.deck.fade_out(Fade(Seconds(1.6), Seconds(0.4)))
    room.wait(1.0)
    before = room.hears()
    room.wait(0.8)

    assert before
    assert not room.hears()


def test_planned_fade_that_is_taken_back_does_not_come(room: Room) -> None:
    """Told in time, the medium is heard as if no fade had ever been planned."""
    play(room, 6.0)
    room.wait_for(DeckAdvanced)
    room.deck.fade_out(Fade(Seconds(2.5), Seconds(0.4)))
    room.wait(0.3)

    room.deck.fade_out(None)
    room.wait(2.6)

    assert room.hears()


def test_stream_whose_data_stops_is_a_failure(room: Room) -> None:
    """Nobody hangs up, and yet nothing comes any more: five seconds later that is told, and it is silent."""
    room.deck.load(DeckLoad(ticket=1, location=room.radio(3.0), sink=SINK, endless=True))
    room.wait_for(DeckReady)
    room.deck.play()
    room.wait(1.0)
    before = room.hears()

    failed = room.wait_for(DeckFailed, within_s=3.0 + STARVED_AFTER_S)

    assert before
    assert (failed.ticket, failed.fault) == (1, DeckFault.MEDIUM)
    assert not room.hears()


def test_end_of_an_endless_medium_is_a_failure(room: Room) -> None:
    """A stream that ends has failed."""
    room.deck.load(DeckLoad(ticket=1, location=room.song(2.0), sink=SINK, endless=True))
    room.wait_for(DeckReady)
    room.deck.play()

    failed = room.wait_for(DeckFailed, within_s=3)

    assert failed.fault is DeckFault.MEDIUM
    assert not any(isinstance(report, DeckEnded) for report in room.reports)


def test_deck_without_a_medium_takes_every_command(room: Room) -> None:
    """Nothing is told, and nothing breaks; the deck plays afterwards."""
    room.deck.play()
    room.deck.pause()
    room.deck.set_gain(Linear(0.5))
    room.deck.fade_out(Fade(Seconds(1.0), Seconds(1.0)))
    room.deck.eject()
    room.wait(0.3)
    before = list(room.reports)

    play(room, 3.0)

    assert before == []
    assert room.wait_for(DeckAdvanced)


def test_closed_deck_is_silent_soon_and_tells_nothing(room: Room) -> None:
    """Closing takes half a second at the most, in the middle of a song."""
    play(room, 5.0)
    room.wait_for(DeckAdvanced)
    began = time.monotonic()

    room.deck.close()
    took_s = time.monotonic() - began
    count = len(room.reports)

    assert took_s < 0.6
    assert not room.hears()
    room.wait(0.5)
    assert len(room.reports) == count


def test_released_deck_ends_by_itself(room: Room) -> None:
    """A deck that is released takes no time of its caller's, is silent soon, and tells nothing more."""
    play(room, 5.0)
    room.wait_for(DeckAdvanced)
    began = time.monotonic()

    room.deck.release()
    took_s = time.monotonic() - began
    room.wait(0.4)
    count = len(room.reports)

    assert took_s < 0.05
    assert not room.hears()
    room.wait(0.4)
    assert len(room.reports) == count
