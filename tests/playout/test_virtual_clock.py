"""A clock that is wrong, as a script says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.virtual_clock import FORMS, Setting, VirtualClock, scripted
from easyplayer.units import Instant, Seconds
from tests.playout.programs import utc

START = utc("2027-03-05")
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def after(passed_s: float) -> Instant:
    """Give the true time so long after the start."""
    return Instant(START + passed_s)


def wrong_by(clock: VirtualClock, passed_s: float) -> float:
    """Tell by how much a clock is ahead, so long after its start."""
    return clock.shows(after(passed_s)) - after(passed_s)


def test_clock_of_which_nothing_is_said_is_right() -> None:
    """Today and in ten years."""
    clock = scripted(START, [])
    assert [wrong_by(clock, passed_s) for passed_s in (0, DAY_S, 3650 * DAY_S)] == [0, 0, 0]
    assert clock.set_after(START) is None
    assert clock.believable(START)


@pytest.mark.parametrize(("script", "minutes"), [("1970", 10), ("1970 for 30m", 30), ("1970 for 1h30m", 90)])
def test_clock_that_starts_in_1970_is_not_believed_until_it_is_set(script: str, minutes: int) -> None:
    """It goes on from 1970, and is right from one instant to the next."""
    clock = scripted(START, [script])
    before = after(minutes * MINUTE_S - 1)
    assert clock.shows(START) == 0
    assert clock.shows(before) == minutes * MINUTE_S - 1
    assert not clock.believable(before)
    assert clock.set_after(START) == after(minutes * MINUTE_S)
    assert wrong_by(clock, minutes * MINUTE_S) == 0
    assert clock.believable(after(minutes * MINUTE_S))


def test_clock_is_set_as_often_as_the_script_says_in_whatever_order() -> None:
    """Each time to so far from the right time, not from what it showed."""
    clock = scripted(START, ["set right after 7h", "set -90s after 8.5h", "set +1h after 6h"])
    hours = (0, 6, 7, 8, 9)
    assert [wrong_by(clock, hour * HOUR_S) for hour in hours] == [0, HOUR_S, 0, 0, -90]
    assert clock.set_after(after(6 * HOUR_S)) == after(7 * HOUR_S)
    assert clock.set_after(after(9 * HOUR_S)) is None


def test_clock_that_drifts_is_right_whenever_it_is_set() -> None:
    """50 parts in a million are more than four seconds a day."""
    clock = scripted(START, ["drift 50ppm", "set right after 1d"])
    assert wrong_by(clock, DAY_S - 1) == pytest.approx(4.32, abs=0.001)
    assert wrong_by(clock, DAY_S) == pytest.approx(0)
    assert wrong_by(scripted(START, ["drift -100 ppm"]), DAY_S) == pytest.approx(-8.64, abs=0.001)


def test_day_of_long_ago_can_be_rehearsed() -> None:
    """A clock is believed there too, though no real one shows it with this firmware; not so 1970."""
    clock = scripted(utc("2020-06-01"), ["1970 for 10m", "set -1h after 1h"])
    assert not clock.believable(Instant(clock.starts))
    assert all(clock.believable(Instant(clock.starts + passed_s)) for passed_s in (600, 3600, 7200))


@pytest.mark.parametrize(
    "text", ["", "1971", "set 1h after 6h", "set +1 after 6h", "set +1h", "drift", "drift 5", "1970 for ever"]
)
def test_script_that_cannot_be_read_is_told_with_what_can(text: str) -> None:
    """Whoever mistypes sees every form."""
    with pytest.raises(ValueError, match="is no script for a clock") as error:
        scripted(START, ["1970", text])
    assert repr(text) in str(error.value)
    assert FORMS in str(error.value)


spans = st.floats(0, 7 * DAY_S)
settings_ = st.lists(st.tuples(spans, st.floats(-DAY_S, DAY_S)), max_size=4).map(
    lambda pairs: tuple(
        Setting(Seconds(after_s), Seconds(by_s))
        for after_s, by_s in sorted({0.0: 0.0, **dict(pairs)}.items())
    )
)


@given(settings_, st.floats(-0.001, 0.001), spans, spans)
def test_time_that_it_shows_is_found_again(
    settings: tuple[Setting, ...], drift: float, since: float, ahead: float
) -> None:
    """As long as nobody sets it, what it shows tells what time it is."""
    clock = VirtualClock(starts=START, settings=settings, drift=drift)
    set_at = clock.set_after(after(since)) or after(float("inf"))
    true = Instant(min(after(since + ahead), max(after(since), Instant(set_at - 1e-3))))
    assert clock.true_at(clock.shows(true), after(since)) == pytest.approx(true, abs=1e-5)
