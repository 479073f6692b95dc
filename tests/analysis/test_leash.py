"""Work on a file goes on until it is stopped or time is up."""

from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.analysis.leash import LONGEST, PATIENCE, Leash, time_limit
from easyplayer.errors import AnalysisError
from easyplayer.units import Seconds

SONG = Path("song\n.mp3")


def test_work_goes_on_while_nothing_speaks_against_it():
    """A leash without a limit never pulls."""
    Leash(SONG, Event()).check()


def test_work_ends_when_it_is_stopped():
    """The event may be set from any thread; the message names the file."""
    stop = Event()
    leash = Leash(SONG, stop)
    stop.set()
    with pytest.raises(AnalysisError, match=r"song\\n\.mp3 was stopped"):
        leash.check()


def test_work_ends_when_time_is_up():
    """The message says how long it was, and what to do."""
    leash = Leash(SONG, Event(), Seconds(-1.0))
    with pytest.raises(AnalysisError, match=r"song\\n\.mp3 was not analysed within -1 s; try again"):
        leash.check()


@given(st.integers(min_value=0, max_value=10**13))
def test_every_file_has_some_time_and_none_has_all(size_bytes):
    """An hour of speech has its minutes, and a broken disk does not hold the box up for days."""
    assert PATIENCE <= time_limit(size_bytes) <= LONGEST
