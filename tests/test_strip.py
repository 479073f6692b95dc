"""A channel strip: what is on its deck, where that is, and how loud it is."""

from itertools import pairwise

import pytest

from easyplayer.drivers.deck import DeckAdvanced, DeckEnded, DeckFailed, DeckFault, DeckReady, DeckReport
from easyplayer.fade import Fade
from easyplayer.playout.machine import DeckPhase
from easyplayer.strip import Strip
from easyplayer.units import Linear, Monotonic, Seconds
from tests.fakes.deck import READING_EVERY_S, FakeDeck, FakeDecks, Medium
from tests.fakes.sound_server import FakeSoundServer
from tests.house import SINK, STEP_S, Stage, song, stream

SONG = song("a", 30.0)


class Channel(Stage):
    """A strip, whose deck's reports the test hands it, as a desk does.

    :ivar taken: each report, and whether the strip took it for its own.
    """

    def __init__(self) -> None:
        super().__init__()
        server = FakeSoundServer(self.clock, SINK)
        self.decks = FakeDecks(self.clock, server, {SONG.item.location: Medium(length_s=30.0)})
        self.taken: list[tuple[DeckReport, bool]] = []
        self.strip = Strip("A", self.decks, self._take, self.ticker)
        self.surround(self.decks.pump)

    def _take(self, report: DeckReport) -> None:
        self.taken.append((report, self.strip.take(report)))

    @property
    def deck(self) -> FakeDeck:
        """The deck that is in use."""
        return self.decks.newest("A")

    def load(self, start_s: float = 0.0) -> None:
        """Put the song on, and let it get ready."""
        self.strip.load(SONG, Seconds(start_s), None, SINK)
        self.run_for(0.1)

    def play(self, start_s: float = 0.0) -> None:
        """Put the song on, and let it play for a second."""
        self.load(start_s)
        self.strip.play()
        self.run_for(1.0)

    def play_endless(self) -> None:
        """Put a stream on, and let it play for a second."""
        radio = stream("radio")
        self.decks.media[radio.item.location] = Medium(length_s=None)
        self.strip.load(radio, Seconds(0.0), None, SINK)
        self.run_for(0.1)
        self.strip.play()
        self.run_for(1.0)

    @property
    def gain(self) -> float:
        """The gain that the deck was set to last."""
        return self.deck.gains[-1][1]


def test_load_tells_the_deck_all_it_has_to_know() -> None:
    """What, from where to where, how loud, with which fade, and to which sink."""
    channel = Channel()
    prepared = song("a", 25.0, gain_db=-3.0)

    channel.strip.load(prepared, Seconds(2.0), Fade(Seconds(2.0), Seconds(1.0)), SINK)
    channel.settle()
    load = channel.deck.loads[0]

    assert (load.location, load.start_s, load.end_s) == ("/music/a.flac", 2.0, 25.0)
    assert (load.gain_db, load.sink, load.endless) == (-3.0, SINK, False)
    assert load.fade_in == Fade(Seconds(2.0), Seconds(1.0))
    assert load.ticket == channel.strip.ticket


def test_stream_is_loaded_as_endless() -> None:
    """A stream's end is a failure; the deck has to know."""
    channel = Channel()

    channel.strip.load(stream("one"), Seconds(0.0), None, SINK)
    channel.settle()

    assert channel.deck.loads[0].endless


def test_strip_goes_through_its_phases() -> None:
    """From empty to loading, ready, on air, leaving, and empty again."""
    channel = Channel()
    phases = [channel.strip.phase]

    channel.strip.load(SONG, Seconds(0.0), None, SINK)
    phases.append(channel.strip.phase)
    channel.run_for(0.1)
    for act in (channel.strip.play, channel.strip.leave, channel.strip.eject):
        phases.append(channel.strip.phase)
        act()
    phases.append(channel.strip.phase)

    assert phases == [
        *(DeckPhase.EMPTY, DeckPhase.LOADING, DeckPhase.READY, DeckPhase.ON_AIR),
        *(DeckPhase.LEAVING, DeckPhase.EMPTY),
    ]


def test_position_is_known_between_the_readings() -> None:
    """The deck tells it three times a second; the strip knows it at every instant."""
    channel = Channel()
    channel.play(start_s=5.0)

    positions = []
    for _ in range(10):
        channel.run_for(STEP_S)
        positions.append(channel.strip.position_s() - channel.deck.position_s)

    assert max(map(abs, positions)) < 0.03


def test_instant_of_a_position_is_known() -> None:
    """From where it is follows when it will be somewhere."""
    channel = Channel()
    channel.play()

    when = channel.strip.when(Seconds(11.0))

    assert when == pytest.approx(channel.clock() + 10.0, abs=0.03)


def test_report_of_another_load_is_not_taken() -> None:
    """News of what was on before means nothing."""
    channel = Channel()
    channel.load()
    old = channel.strip.ticket
    channel.strip.load(SONG, Seconds(10.0), None, SINK)

    taken = [
        channel.strip.take(report)
        for report in (
            DeckReady(old),
            DeckAdvanced(old, Seconds(3.0), Monotonic(0.0)),
            DeckEnded(old),
            DeckFailed(old, DeckFault.MEDIUM, "old"),
        )
    ]

    assert taken == [False] * 4
    assert (channel.strip.phase, channel.strip.held_s) == (DeckPhase.LOADING, 10.0)
    assert not channel.strip.ended


def test_report_after_the_eject_is_not_taken() -> None:
    """What was under way when the item was taken off is about nothing."""
    channel = Channel()
    channel.play()
    ticket = channel.strip.ticket

    channel.strip.eject()

    assert not channel.strip.take(DeckEnded(ticket))


def test_position_that_goes_on_is_noticed() -> None:
    """The strip knows when its position last moved, not when it was last told."""
    channel = Channel()
    channel.play()
    moved_at = channel.strip.moved_at

    channel.deck.standing = True
    channel.run_for(3)

    assert channel.strip.moved_at == pytest.approx(moved_at, abs=READING_EVERY_S + STEP_S)


def test_held_strip_keeps_its_position() -> None:
    """However long it is held, it is where it was."""
    channel = Channel()
    channel.play()

    channel.strip.hold()
    channel.settle()
    channel.run_for(100, step_s=1.0)

    assert channel.strip.position_s() == pytest.approx(1.0, abs=0.05)
    assert channel.deck.position_s == pytest.approx(1.0, abs=0.05)


def test_strip_that_goes_on_counts_from_where_it_was_held() -> None:
    """The time of the pause is not in its position."""
    channel = Channel()
    channel.play()
    channel.strip.hold()
    channel.settle()
    channel.run_for(100, step_s=1.0)

    channel.strip.play()
    channel.run_for(1.0)

    assert channel.strip.position_s() == pytest.approx(2.0, abs=0.05)


def test_what_is_left_follows_from_the_end() -> None:
    """An end that is learnt later counts; without one nothing is known."""
    channel = Channel()
    channel.play()
    left_s = channel.strip.left_s()

    channel.strip.end_at(Seconds(4.0))
    later_s = channel.strip.left_s()
    channel.strip.eject()

    assert left_s == pytest.approx(29.0, abs=0.05)
    assert later_s == pytest.approx(3.0, abs=0.05)
    assert channel.strip.left_s() is None


def test_end_is_noted() -> None:
    """Once the medium is decoded to its end the strip knows, until something else is loaded."""
    channel = Channel()
    channel.play(start_s=28.5)

    ended = channel.strip.ended
    channel.load()

    assert ended
    assert not channel.strip.ended


def test_gain_is_that_of_the_master_and_the_fader() -> None:
    """Both count, in whatever order they are set."""
    channel = Channel()

    channel.strip.set_master(Linear(0.5))
    channel.strip.set_fader(Linear(0.5))
    channel.settle()

    assert channel.gain == 0.25


def test_what_is_said_over_it_turns_it_down_besides_all_else() -> None:
    """The third factor stays, whatever is loaded, and on a new deck, too."""
    channel = Channel()
    channel.strip.set_master(Linear(0.5))
    channel.strip.set_talkover(Linear(0.5))
    channel.strip.set_fader(Linear(0.5))
    channel.settle()
    first = channel.gain

    channel.load()
    loaded = channel.gain
    channel.strip.replace_deck()
    channel.settle()

    assert (first, loaded, channel.gain) == (0.125, 0.25, 0.25)


@pytest.mark.parametrize("endless", [False, True])
def test_strip_that_should_go_on_and_does_not_is_stuck(endless: bool) -> None:
    """A song after a second, a stream after three: it may have to fill its buffer."""
    channel = Channel()
    channel.play_endless() if endless else channel.play()
    well = channel.strip.stuck

    channel.deck.standing = True
    channel.run_for(2.7 if endless else 0.7)
    early = channel.strip.stuck
    channel.run_for(0.8)
    stuck = channel.strip.stuck
    channel.deck.standing = False
    channel.run_for(0.5)

    assert (well, early, stuck, channel.strip.stuck) == (False, False, True, False)


def test_strip_that_is_held_is_not_stuck() -> None:
    """However long."""
    channel = Channel()
    channel.play()

    channel.strip.hold()
    channel.run_for(10)

    assert not channel.strip.stuck


def test_strip_that_has_ended_is_not_stuck() -> None:
    """In its last second a deck tells no positions."""
    channel = Channel()
    channel.play(start_s=28.0)

    channel.run_for(5)

    assert not channel.strip.stuck


def test_load_puts_the_fader_up_again() -> None:
    """What the last item was faded to does not count for the next."""
    channel = Channel()
    channel.strip.set_master(Linear(0.5))
    channel.strip.set_fader(Linear(0.0))

    channel.load()

    assert channel.gain == 0.5


@pytest.mark.parametrize(("start", "end"), [(1.0, 0.0), (0.0, 1.0), (0.3, 0.8), (0.8, 0.3)])
def test_ramp_moves_the_fader_steadily_to_its_goal(start: float, end: float) -> None:
    """No step is large, none goes back, and the goal is met in time."""
    channel = Channel()
    channel.strip.set_fader(Linear(start))
    channel.settle()
    done: list[float] = []

    channel.strip.ramp(Linear(end), Seconds(1.0), lambda: done.append(channel.clock()))
    began = channel.clock()
    channel.run_for(1.1)

    gains = [gain for _, gain in channel.deck.gains]
    steps = [later - earlier for earlier, later in pairwise(gains)]
    assert gains[-1] == pytest.approx(end, abs=1e-9)
    assert all(step * (end - start) >= -1e-12 for step in steps)
    assert max(map(abs, steps)) < 0.05
    assert done == [pytest.approx(began + 1.0, abs=0.03)]


def test_two_ramps_that_cross_keep_the_level() -> None:
    """One strip that falls and one that rises have the same summed power at each instant."""
    falling, rising = Channel(), Channel()
    rising.strip.set_fader(Linear(0.0))

    falling.strip.ramp(Linear(0.0), Seconds(1.0))
    rising.strip.ramp(Linear(1.0), Seconds(1.0))
    for channel in (falling, rising):
        channel.run_for(1.0)

    powers = [
        one[1] ** 2 + other[1] ** 2
        for one, other in zip(falling.deck.gains[-50:], rising.deck.gains[-50:], strict=True)
    ]
    assert powers == pytest.approx([1.0] * 50, abs=0.01)


def test_new_ramp_takes_over_from_where_the_fader_is() -> None:
    """A fade that is taken back rises from where it had come to, and the first one's end does not come."""
    channel = Channel()
    done: list[str] = []
    channel.strip.ramp(Linear(0.0), Seconds(1.0), lambda: done.append("down"))
    channel.run_for(0.5)
    half_way = channel.gain

    channel.strip.ramp(Linear(1.0), Seconds(1.0), lambda: done.append("up"))
    channel.run_for(0.04)
    first = channel.gain
    channel.run_for(2)

    assert first == pytest.approx(half_way, abs=0.06)
    assert channel.gain == 1.0
    assert done == ["up"]


def test_ejected_strip_moves_its_fader_no_more() -> None:
    """A ramp ends with the item it was for, and what was to follow it does not."""
    channel = Channel()
    channel.play()
    done: list[str] = []
    channel.strip.ramp(Linear(0.0), Seconds(1.0), lambda: done.append("down"))

    channel.strip.eject()
    count = len(channel.deck.gains)
    channel.run_for(2)

    assert done == []
    assert len(channel.deck.gains) == count


def test_deck_that_is_replaced_is_released_and_the_new_one_as_loud() -> None:
    """The strip goes on with another deck, and what the old one still tells means nothing."""
    channel = Channel()
    channel.strip.set_master(Linear(0.5))
    channel.load()
    old = channel.deck
    ticket = channel.strip.ticket

    channel.strip.replace_deck()
    channel.settle()

    assert channel.deck is not old
    assert old.closed
    assert channel.gain == 0.5
    assert not channel.strip.take(DeckReady(ticket))


def test_caption_is_that_of_the_item() -> None:
    """The log names what is on it, or nothing."""
    channel = Channel()
    empty = channel.strip.caption

    channel.load()

    assert (empty, channel.strip.caption) == ("nothing", "a.flac")


def test_closed_strip_ends_its_deck() -> None:
    """Nothing sounds any more."""
    channel = Channel()
    channel.play()

    channel.strip.close()

    assert channel.deck.closed
