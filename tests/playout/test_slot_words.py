"""A slot on one line is read as people mean it."""

import doctest
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout import slot_words
from easyplayer.playout.catalogue import Slot, Weekday
from easyplayer.playout.slot_words import days_words, slot_from

WEEK = tuple(Weekday)
WORKDAYS, WEEKEND = WEEK[:5], WEEK[5:]


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(slot_words).failed == 0


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("mon-fri 07:00-11:00", Slot(days=WORKDAYS, starts=time(7), ends=time(11))),
        ("Sat,Sun 10:00 - 14:30", Slot(days=WEEKEND, starts=time(10), ends=time(14, 30))),
        ("fri-mon 22:00-4:00", Slot(days=(WEEK[0], *WEEK[4:]), starts=time(22), ends=time(4))),
        (
            "monday, wednesday - thursday 1:00-2:00",
            Slot(days=(WEEK[0], *WEEK[2:4]), starts=time(1), ends=time(2)),
        ),
        ("daily 18:00-24:00", Slot(starts=time(18))),
        ("07:00-11:00", Slot(starts=time(7), ends=time(11))),
        (" mon-sun  00:00-00:00 ", Slot()),
    ],
)
def test_days_and_times_are_read(text: str, slot: Slot) -> None:
    """A list of days, a range of them that may go over Sunday, or none for all; an end may be midnight."""
    assert slot_from(text) == slot


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no slot; write it like"),
        ("mon-fri", "is no slot"),
        ("mon 7-11", "is no slot"),
        ("mno 07:00-11:00", "'mno' is no weekday; there are mon, tue"),
        ("mo 07:00-11:00", "'mo' is no weekday"),
        ("monkey 07:00-11:00", "'monkey' is no weekday"),
        ("mon, 07:00-11:00", "'' is no weekday"),
        ("mon 24:00-11:00", "'24:00' is no time of day; there are 00:00 to 23:59"),
        ("mon 07:00-25:00", "'25:00' is no time of day"),
    ],
)
def test_what_is_no_slot_is_told(text: str, told: str) -> None:
    """With what to write."""
    with pytest.raises(ValueError, match="is no") as refused:
        slot_from(text)
    assert told in str(refused.value)


@given(st.sets(st.sampled_from(Weekday), min_size=1))
def test_days_that_are_written_read_the_same(days: set[Weekday]) -> None:
    """Runs of days as one range."""
    listed = tuple(day for day in Weekday if day in days)
    assert slot_from(f"{days_words(listed)} 07:00-11:00").days == (() if listed == WEEK else listed)
