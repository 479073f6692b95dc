"""The line-up: spots that wait, in the order of their instants, whatever the order they were cued in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.fader import STEP_S
from easyplayer.lineup import Lineup, SpotCue
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.units import Decibels, Milliseconds, Monotonic
from tests.house import song

instants = st.lists(st.integers(0, 20).map(float), max_size=12)


def cue(at: float, name: str = "call", over: Over = Over.DUCK, ducking: Ducking | None = None) -> SpotCue:
    return SpotCue(song(name), Monotonic(at), over, ducking or Ducking())


def lineup(*cues: SpotCue) -> Lineup:
    waiting = Lineup()
    for one in cues:
        waiting.put(one)
    return waiting


@given(instants)
def test_spots_are_taken_in_the_order_of_their_instants(given_at: list[float]) -> None:
    """Those of the same instant in the order in which they came, and each once."""
    cues = [cue(at, str(number)) for number, at in enumerate(given_at)]
    waiting = lineup(*cues)

    taken = [waiting.take() for _ in cues]

    assert taken == sorted(cues, key=lambda one: one.at)
    assert waiting.take() is None


@given(instants, st.integers(-1, 21).map(float))
def test_what_was_due_is_taken_out_and_the_rest_stays(given_at: list[float], until: float) -> None:
    """An instant that is just then has come."""
    waiting = lineup(*map(cue, given_at))

    due = waiting.take_until(Monotonic(until))

    assert [one.at for one in due] == sorted(at for at in given_at if at <= until)
    assert waiting.first == next((cue(at) for at in sorted(given_at) if at > until), None)


def test_all_are_taken_out_where_no_instant_is_said() -> None:
    """Nothing is left."""
    waiting = lineup(cue(1.0), cue(1e9))

    assert len(waiting.take_until()) == 2
    assert waiting.first is None


def test_music_begins_to_go_in_time_to_be_down() -> None:
    """Its attack before the instant, and one step of the fader, which moves first after that."""
    one = cue(100.0, ducking=Ducking(attack_ms=Milliseconds(2000)))

    assert one.leads_at == pytest.approx(98.0 - STEP_S)


@pytest.mark.parametrize(
    ("over", "left", "silences", "hold_s"),
    [(Over.DUCK, 0.1, False, 0.7), (Over.PAUSE, 0.0, True, 0.7), (Over.CUT, 0.0, True, 0.0)],
)
def test_what_a_spot_does_to_the_music(over: Over, left: float, silences: bool, hold_s: float) -> None:
    """It leaves some of it or none, and nothing has to stay down where nothing is left."""
    ducking = Ducking(depth_db=Decibels(-20.0), hold_ms=Milliseconds(700), release_ms=Milliseconds(300))

    one = cue(1.0, over=over, ducking=ducking)

    assert one.left == pytest.approx(left)
    assert one.silences is silences
    assert (one.hold_s, one.release_s) == (hold_s, 0.3)
