"""How much of an item was heard follows from what its player told, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.asrun import Ended
from easyplayer.playout.hearing import BUFFERED_S, JITTER_S, LONGEST_FADE_S, Hearing
from easyplayer.playout.items import PreparedItem
from easyplayer.units import SILENCE, Decibels, Monotonic, Seconds
from tests.house import song, stream

START = Monotonic(1000.0)


def hearing(prepared: PreparedItem, position_s: float = 0.0) -> Hearing:
    """Let an item begin."""
    return Hearing(prepared, START, Seconds(position_s))


def play(one: Hearing, seconds: float, position_s: float = 0.0, after_s: float = 0.0) -> None:
    """Let it tell its positions, three times a second."""
    for number in range(1, round(seconds * 3) + 1):
        at = Monotonic(START + after_s + number / 3)
        one.advance(one.prepared, Seconds(position_s + number / 3), at)


def heard_s(one: Hearing, after_s: float, ended: Ended | None = None) -> float:
    """Tell what was heard of it some seconds after its start."""
    return one.until(Monotonic(START + after_s), ended)[1]


def test_an_item_that_plays_to_its_end_is_heard_whole() -> None:
    """The last third of a second is not told, and known all the same."""
    one = hearing(song("a", 30.0))
    play(one, 29.8)

    over, heard = one.until(Monotonic(START + 30.3), Ended.PLAYED)

    assert heard == pytest.approx(30.0)
    assert over == pytest.approx(START + 30.0)


def test_an_item_that_fades_out_beside_the_next_is_heard_meanwhile() -> None:
    """Nothing is told of it then; the clock is all there is."""
    one = hearing(song("a", 30.0))
    play(one, 20.0)
    one.leave()

    assert heard_s(one, 28.0, Ended.PLAYED) == pytest.approx(28.0)
    assert heard_s(one, 40.0, Ended.PLAYED) == pytest.approx(30.0)


def test_an_item_that_goes_on_after_a_restart_counts_from_there() -> None:
    """What was heard before is in another row."""
    one = hearing(song("a", 30.0), position_s=20.0)
    play(one, 10.0, position_s=20.0)

    assert heard_s(one, 10.0, Ended.PLAYED) == pytest.approx(10.0)


def test_a_pause_is_not_heard() -> None:
    """However long it takes, and whatever it ends in."""
    one = hearing(song("a", 30.0))
    play(one, 10.0)
    one.held = True
    held = heard_s(one, 500.0), heard_s(one, 500.0, Ended.STOPPED)
    play(one, 5.0, position_s=10.0, after_s=500.0)

    assert held == pytest.approx((10.0, 10.0))
    assert heard_s(one, 505.0) == pytest.approx(15.0)


def test_a_stream_that_stands_still_is_not_heard() -> None:
    """But for what is in its buffer."""
    one = hearing(stream("radio"))
    play(one, 10.0)

    assert heard_s(one, 18.0, Ended.SKIPPED) == pytest.approx(10.0 + BUFFERED_S)
    assert heard_s(one, 18.0, Ended.FAILED) == pytest.approx(10.0)


def test_a_stream_that_begins_anew_goes_on_being_heard() -> None:
    """Its positions count from 0 again; what was heard before is not lost."""
    one = hearing(stream("radio"))
    play(one, 10.0)
    play(one, 10.0, after_s=12.0)

    assert heard_s(one, 22.0) == pytest.approx(20.0, abs=0.4)


def test_what_was_leapt_over_was_not_heard() -> None:
    """An item that is a minute further after a second has been heard for a second."""
    one = hearing(song("a", 300.0))
    one.advance(one.prepared, Seconds(60.0), Monotonic(START + 1.0))

    assert heard_s(one, 1.0) <= 1.0 + JITTER_S


@pytest.mark.parametrize("why", [Ended.STOPPED, Ended.FAILED])
def test_an_item_that_was_refused_before_it_sounded_was_not_heard(why: Ended) -> None:
    """Its start was told just before the output was found to be gone."""
    assert hearing(song("a")).until(Monotonic(START + 0.4), why) == (START, 0.0)


def test_a_jingle_that_is_over_before_it_tells_anything_was_heard() -> None:
    """It was played."""
    assert heard_s(hearing(song("a", 0.3)), 0.5, Ended.PLAYED) == pytest.approx(0.3)


def test_the_level_is_the_mean_of_what_the_output_carried() -> None:
    """By its energy: half of the time 3 dB less is about 1.2 dB less."""
    one = hearing(song("a", 30.0))
    for mean_db in (-20.0, -23.0):
        one.hear(Decibels(mean_db))

    assert one.level_db == -21.2


def test_a_pause_has_no_level() -> None:
    """What the output carries then is not of this item."""
    one = hearing(song("a", 30.0))
    one.hear(Decibels(-20.0))
    one.held = True
    one.hear(SILENCE)

    assert one.level_db == -20.0


def test_silence_has_a_level_and_no_ear_has_none() -> None:
    """An item that played and was not heard is told from one that nobody listened to."""
    deaf, silent = hearing(song("a", 30.0)), hearing(song("a", 30.0))
    silent.hear(SILENCE)

    assert (deaf.level_db, silent.level_db) == (None, SILENCE)


events = st.one_of(
    st.tuples(st.just("advance"), st.floats(0, 400), st.floats(0.01, 40)),
    st.tuples(st.just("hold"), st.just(0.0), st.floats(0.01, 40)),
    st.tuples(st.just("go on"), st.floats(0, 400), st.floats(0.01, 40)),
    st.tuples(st.just("leave"), st.just(0.0), st.floats(0.01, 40)),
)


@given(st.lists(events, max_size=30), st.sampled_from([None, *Ended]))
def test_nothing_is_heard_for_longer_than_it_was_there(
    story: list[tuple[str, float, float]], ended: Ended | None
) -> None:
    """Whatever a player tells, what was heard fits into the time that passed."""
    one, now = hearing(song("a", 400.0)), START
    for what, position_s, passed_s in story:
        now = Monotonic(now + passed_s)
        match what:
            case "advance":
                one.advance(one.prepared, Seconds(position_s), now)
            case "hold":
                one.held = True
            case "go on":
                one.go_on(Seconds(position_s), now)
            case "leave":
                one.leave()
    over, heard = one.until(now, ended)
    assert START <= over <= now
    assert 0.0 <= heard <= (now - START) + len(story) * JITTER_S + 1e-6
    assert heard <= one.until(Monotonic(now + LONGEST_FADE_S), ended)[1]
