"""The mixing desk: two strips that take turns, and the change from one to the other."""

import pytest

from easyplayer.desk import GIVE_WAY_S, Cue, Desk, Speaker
from easyplayer.drivers.deck import DeckReport
from easyplayer.fade import Fade
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import DeckPhase
from easyplayer.playout.transition import Rules
from easyplayer.units import Linear, Monotonic, Seconds
from tests.fakes.deck import FakeDecks, Medium
from tests.fakes.sound_server import FakeSoundServer
from tests.house import SINK, STEP_S, Stage, location_of, song, stream

CROSSFADE_S = Seconds(2.0)


class Studio(Stage):
    """A desk whose decks' reports reach the strips at once; the test is the player."""

    def __init__(self) -> None:
        super().__init__()
        server = FakeSoundServer(self.clock, SINK)
        media = {location_of(name): Medium(length_s=10.0) for name in "abc"}
        media[stream("one").item.location] = Medium(length_s=None)
        self.decks = FakeDecks(self.clock, server, media)
        self.desk = Desk(self.decks, self._take, Rules(crossfade_s=CROSSFADE_S), self.ticker)
        self.desk.sink = SINK
        self.changes: list[float] = []
        self.surround(self.decks.pump)

    def _take(self, deck: str, report: DeckReport) -> None:
        self.desk.strips[deck].take(report)

    def change(self) -> None:
        """Change over, as a player does at the instant."""
        self.changes.append(self.clock())
        self.desk.change_over()

    def put_on_air(self, prepared: PreparedItem) -> None:
        """Load an item, and start it."""
        self.hold(prepared)
        self.desk.change_over()
        self.settle()

    def hold(self, prepared: PreparedItem, at: float | None = None, start_s: float | None = None) -> None:
        """Load an item, and let it get ready."""
        self.desk.load(
            Cue(
                prepared,
                None if start_s is None else Seconds(start_s),
                None if at is None else Monotonic(at),
            )
        )
        self.run_for(0.1)

    def play_and_hold(self) -> None:
        """Put one song on air, and hold the next."""
        self.put_on_air(song("a", 10.0))
        self.hold(song("b", 10.0))


def test_strips_take_turns() -> None:
    """What was free is on air, and the other way round."""
    studio = Studio()
    first, second = studio.desk.free, studio.desk.air

    studio.play_and_hold()
    during = studio.desk.air
    studio.desk.change_over()

    assert during is first
    assert studio.desk.air is second
    assert first.phase is DeckPhase.LEAVING


def test_first_item_starts_softly_at_its_cue() -> None:
    """Where nothing is on air there is nothing to cross with; a start in the middle is softer still."""
    studio = Studio()

    studio.desk.load(Cue(song("a", 10.0, cue_in_s=1.0)))
    studio.settle()
    studio.desk.load(Cue(song("b", 10.0), Seconds(4.0)))
    studio.settle()

    at_cue, in_the_middle = studio.desk.free._deck.loads  # type: ignore[attr-defined]  # it is the fake
    assert at_cue.start_s == 1.0
    assert at_cue.fade_in == Fade(Seconds(1.0), Seconds(0.05))
    assert in_the_middle.fade_in == Fade(Seconds(4.0), Seconds(0.5))


def test_next_item_is_loaded_with_the_fade_that_the_change_needs() -> None:
    """It rises for as long as the one on air falls."""
    studio = Studio()
    studio.play_and_hold()

    assert studio.decks.newest("A").loads[-1].fade_in == Fade(Seconds(0.0), CROSSFADE_S)


def test_fade_that_is_asked_for_goes_before_the_rules() -> None:
    """A skip brings the next item with a short fade."""
    studio = Studio()
    studio.put_on_air(song("a", 10.0))

    studio.desk.load(Cue(song("b", 10.0)), fade_s=Seconds(0.3))
    studio.settle()

    assert studio.decks.newest("A").loads[-1].fade_in == Fade(Seconds(0.0), Seconds(0.3))


def test_change_is_planned_for_the_mix_point() -> None:
    """The outgoing deck is told its fade at once, and the instant comes when it is there."""
    studio = Studio()
    studio.play_and_hold()

    studio.desk.plan_change(studio.change)
    studio.run_for(9)

    assert studio.decks.newest("B").fades == [Fade(Seconds(8.0), CROSSFADE_S)]
    assert len(studio.changes) == 1
    assert studio.decks.newest("A").position_s > 0.5


def test_change_follows_the_clock_of_the_deck() -> None:
    """A deck that stalls for half a second puts the change off by as much."""
    studio = Studio()
    studio.play_and_hold()
    studio.desk.plan_change(studio.change)
    began = studio.clock()

    studio.decks.newest("B").standing = True
    studio.run_for(0.5)
    studio.decks.newest("B").standing = False
    for _ in range(600):
        studio.run_for(STEP_S)
        studio.desk.set_instant(studio.change)

    assert studio.changes[0] - began == pytest.approx(8.4, abs=0.05)


def test_nothing_is_planned_without_a_held_item() -> None:
    """While the next is not ready there is no change."""
    studio = Studio()
    studio.put_on_air(song("a", 10.0))

    studio.desk.plan_change(studio.change)

    assert studio.desk.transition is None


def test_change_from_a_stream_has_no_instant() -> None:
    """A stream is left when somebody asks."""
    studio = Studio()
    studio.put_on_air(stream("one"))
    studio.hold(song("b", 10.0))

    studio.desk.plan_change(studio.change)
    studio.run_for(60, step_s=0.1)

    assert studio.changes == []


def test_change_that_is_cancelled_does_not_come() -> None:
    """What is on air plays on."""
    studio = Studio()
    studio.play_and_hold()
    studio.desk.plan_change(studio.change)

    studio.desk.cancel_change()
    studio.run_for(9)

    assert studio.changes == []


def test_fade_that_is_not_wanted_any_more_is_taken_back() -> None:
    """What is on air is heard at full level to its end, when nothing follows it after all."""
    studio = Studio()
    studio.play_and_hold()
    studio.desk.plan_change(studio.change)

    studio.desk.drop()
    studio.run_for(8.5)

    assert studio.decks.newest("B").fades == [Fade(Seconds(8.0), CROSSFADE_S), None]
    assert studio.decks.newest("B").level == 1.0


def test_fade_is_not_taken_back_when_its_sound_is_on_the_way() -> None:
    """In the last second before it a deck would do so too late, and step."""
    studio = Studio()
    studio.play_and_hold()
    studio.desk.plan_change(studio.change)
    studio.run_for(7.2)

    studio.desk.cancel_change()
    studio.settle()

    assert studio.decks.newest("B").fades == [Fade(Seconds(8.0), CROSSFADE_S)]


def test_what_is_due_starts_on_its_instant() -> None:
    """The position of what is on air does not matter, and that is not told to fade by itself."""
    studio = Studio()
    studio.put_on_air(song("a", 10.0))
    due = studio.clock() + 3.0
    studio.hold(song("b", 10.0), at=due)

    studio.desk.plan_change(studio.change)
    studio.run_for(4)

    assert studio.changes == [pytest.approx(due, abs=STEP_S)]
    assert studio.decks.newest("B").fades == []


def test_what_is_due_does_not_wait_in_silence() -> None:
    """Where what is on air runs out before, that is the instant."""
    studio = Studio()
    studio.put_on_air(song("a", 10.0))
    studio.hold(song("b", 10.0), at=studio.clock() + 30.0)

    studio.desk.plan_change(studio.change)
    studio.run_for(12)

    assert studio.changes == [pytest.approx(1000.1 + 10.0, abs=2 * STEP_S)]


def test_what_is_on_air_gives_way_to_what_is_due() -> None:
    """It falls within a second, and what came is at full level at once."""
    studio = Studio()
    studio.put_on_air(song("a", 10.0))
    studio.hold(song("b", 10.0), at=studio.clock())

    studio.desk.change_over()
    studio.run_for(GIVE_WAY_S)

    assert studio.decks.newest("B").level == 0.0
    assert studio.decks.newest("A").level > 0.95
    assert studio.desk.due is None


@pytest.mark.parametrize(
    ("fields", "start_s", "in_s", "fade_in"),
    [
        ({}, None, 9.0, None),
        ({}, None, -9.0, Fade(Seconds(0.0), GIVE_WAY_S)),
        ({}, 4.0, 9.0, Fade(Seconds(4.0), Seconds(0.05))),
        ({"fade_in_s": 3.0}, None, 9.0, Fade(Seconds(0.0), Seconds(3.0))),
        ({"fade_in_s": 3.0}, None, -9.0, Fade(Seconds(0.0), Seconds(3.0))),
        ({"fade_in_s": 0.0}, None, -9.0, None),
    ],
)
def test_fade_in_of_what_is_due(
    fields: dict[str, float], start_s: float | None, in_s: float, fade_in: Fade | None
) -> None:
    """None where it comes in time, one crossfade where it is late, and its own before all others."""
    studio = Studio()
    studio.put_on_air(song("a", 10.0))

    studio.hold(song("b", 10.0, **fields), at=studio.clock() + in_s, start_s=start_s)

    assert studio.decks.newest("A").loads[-1].fade_in == fade_in


def test_nothing_is_held_for_a_change_while_the_desk_is_hushed() -> None:
    """A spot has the floor: no change is planned."""
    studio = Studio()
    studio.play_and_hold()
    studio.desk.floor.add(Speaker.SPOT)

    studio.desk.plan_change(studio.change)
    studio.run_for(12)

    assert not studio.desk.held
    assert studio.changes == []


def test_fader_of_the_music_turns_all_of_it() -> None:
    """What is on air, and what is loaded and starts while it is down."""
    studio = Studio()
    studio.put_on_air(song("a", 10.0))

    studio.desk.music.move(Linear(0.25), Seconds(0.5))
    studio.run_for(0.6)
    studio.hold(song("b", 10.0))
    studio.desk.change_over()
    studio.settle()

    assert [deck.gains[-1][1] for deck in studio.decks.made] == [0.25, 0.25]


def test_item_that_is_learnt_of_is_known_on_its_strip_and_as_what_comes() -> None:
    """News of another changes nothing."""
    studio = Studio()
    studio.put_on_air(song("a", None))
    studio.hold(song("b", None))

    for prepared in (song("a", 9.0), song("b", 8.0), song("c", 7.0)):
        studio.desk.learn(prepared)

    assert studio.desk.air.prepared == song("a", 9.0)
    assert studio.desk.free.prepared == song("b", 8.0)
    assert studio.desk.cue == Cue(song("b", 8.0))


def test_same_plan_is_told_to_the_deck_once() -> None:
    """A plan that is made again does not disturb the fade that stands."""
    studio = Studio()
    studio.play_and_hold()

    for _ in range(3):
        studio.desk.plan_change(studio.change)
        studio.run_for(0.5)

    assert len(studio.decks.newest("B").fades) == 1


def test_plan_that_has_changed_is_told_to_the_deck() -> None:
    """An end that is learnt later moves the mix point."""
    studio = Studio()
    studio.play_and_hold()
    studio.desk.plan_change(studio.change)

    studio.desk.air.end_at(Seconds(7.0))
    studio.desk.plan_change(studio.change)
    studio.settle()

    assert studio.decks.newest("B").fades[-1] == Fade(Seconds(5.0), CROSSFADE_S)


def test_what_comes_is_told_from_what_goes() -> None:
    """The free strip holds what is next, or what is leaving."""
    studio = Studio()
    studio.play_and_hold()
    coming = studio.desk.cue
    studio.desk.change_over()

    assert coming == Cue(song("b", 10.0))
    assert studio.desk.cue is None
    assert studio.desk.leaving


def test_reload_goes_on_where_it_was_told_to() -> None:
    """What is on air is loaded anew at a position, and its change is forgotten."""
    studio = Studio()
    studio.play_and_hold()
    studio.desk.plan_change(studio.change)
    studio.run_for(2)

    studio.desk.reload(Seconds(1.8))
    studio.settle()

    assert studio.decks.newest("B").loads[-1].start_s == 1.8
    assert studio.desk.transition is None
    assert studio.desk.air.phase is DeckPhase.LOADING


def test_volume_turns_both_strips() -> None:
    """On the cubic scale that sound servers use."""
    studio = Studio()

    studio.desk.turn(50.0)
    studio.settle()

    assert [deck.gains[-1][1] for deck in studio.decks.made] == [0.125, 0.125]


def test_fade_takes_all_that_sounds_and_nothing_else() -> None:
    """What is on air and what is leaving go; what is held is not touched."""
    studio = Studio()
    studio.play_and_hold()

    studio.desk.fade_all(Seconds(1.0))
    studio.run_for(1.1)

    assert studio.decks.newest("B").gains[-1][1] == pytest.approx(0.0, abs=1e-9)
    assert studio.decks.newest("A").gains[-1][1] == 1.0


@pytest.mark.parametrize(("name", "patience_s"), [("a", 2.0), ("one", 6.0)])
def test_deck_that_does_not_answer_is_found(name: str, patience_s: float) -> None:
    """A load without an answer is noticed after two seconds, that of a stream after six."""
    studio = Studio()
    prepared = stream("one") if name == "one" else song("a", 10.0)
    studio.decks.media[prepared.item.location].loading_s = None
    studio.desk.load(Cue(prepared))

    studio.run_for(patience_s - 0.1)
    early = studio.desk.unanswered()
    studio.run_for(0.3)

    assert early is None
    assert studio.desk.unanswered() is studio.desk.free


def test_cleared_desk_is_empty() -> None:
    """Nothing is on any strip, and no change is planned."""
    studio = Studio()
    studio.play_and_hold()
    studio.desk.plan_change(studio.change)

    studio.desk.clear()
    studio.run_for(10)

    assert [strip.phase for strip in studio.desk.strips.values()] == [DeckPhase.EMPTY] * 2
    assert studio.changes == []
    assert studio.decks.audible == []
