"""Instants and days as operators type them."""

import argparse
import time
from collections.abc import Iterator

import pytest

from easyplayer.hub.cli.moments import day, moment


@pytest.fixture(autouse=True)
def _in_paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have a machine in Paris."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Europe/Paris")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-01", 1_796_079_600),
        ("2026-12-01T12:00", 1_796_122_800),
        ("2026-12-01T12:00:30Z", 1_796_126_430),
        ("2026-07-01T12:00", 1_782_900_000),
    ],
)
def test_a_time_is_one_of_this_machine_unless_it_says_otherwise(text: str, instant: float) -> None:
    """In summer and in winter."""
    assert moment(text) == instant


@pytest.mark.parametrize("text", ["", "yesterday", "12:00", "2026-13-01", "9999-12-31T23:59:59-12:00"])
def test_what_is_no_time_is_told_with_what_one_looks_like(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(argparse.ArgumentTypeError, match="is no time: write 2026-12-31"):
        moment(text)


def test_a_day_is_a_date() -> None:
    """And nothing else is."""
    assert day("2026-12-24") == "2026-12-24"
    with pytest.raises(argparse.ArgumentTypeError, match="is no date"):
        day("24.12.2026")
