"""A medium, or a program, as it comes: when a line is too slow to be waited for."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.drivers import media_body
from easyplayer.drivers.media_body import (
    LEAST_BYTES_PER_S,
    SLOW_FOR_S,
    Slowness,
    range_headers,
    whole_of,
)
from easyplayer.errors import LinkError

WAITS_S = st.floats(0.0, 30.0)


@given(st.lists(WAITS_S, min_size=1, max_size=50))
def test_line_that_is_fast_enough_is_never_given_up(waits_s: list[float]) -> None:
    """However unevenly its bytes come."""
    slowness = Slowness()
    assert not any(slowness.note(int(LEAST_BYTES_PER_S * wait_s) + 1, wait_s) for wait_s in waits_s)


@given(st.lists(WAITS_S, min_size=1, max_size=50), st.integers(0, LEAST_BYTES_PER_S // 100))
def test_line_that_is_too_slow_is_given_up_when_it_has_been_so_for_long_enough(
    waits_s: list[float], length: int
) -> None:
    """Not before, and not much later."""
    slowness, waited_s = Slowness(), 0.0
    for wait_s in waits_s:
        slow, waited_s = slowness.note(length if wait_s >= 1.0 else 0, wait_s), waited_s + wait_s
        assert slow == (waited_s >= SLOW_FOR_S)
        if slow:
            return


def test_time_in_which_nobody_waits_for_the_line_does_not_count() -> None:
    """The disk, or the rate that was set, may be slower than it."""
    slowness = Slowness()
    assert not any(slowness.note(1, 0.0) for _ in range(1000))


def test_only_a_strong_etag_joins_a_part_to_what_is_there() -> None:
    """A weak one must not be asked about."""
    assert range_headers(0, '"a"') == {}
    assert range_headers(5, '"a"') == {"Range": "bytes=5-", "If-Range": '"a"'}
    assert range_headers(5, 'W/"a"') == range_headers(5, "") == {"Range": "bytes=5-"}


class SlowLine:
    """Brings so many bytes each half minute, for half an hour."""

    status_code = 200

    def __init__(self, monkeypatch: pytest.MonkeyPatch, length: int) -> None:
        self._now = 0.0
        self._length = length
        monkeypatch.setattr(media_body, "time", SimpleNamespace(monotonic=lambda: self._now))
        monkeypatch.setattr(media_body, "chunks_of", self._chunks)

    def _chunks(self, *_about: object) -> Iterator[bytes]:
        for _ in range(60):
            self._now += 30.0
            yield bytes(self._length)


def test_program_may_take_as_long_as_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long one comes over a slow line in the end."""
    line: Any = SlowLine(monkeypatch, 30 * LEAST_BYTES_PER_S)
    assert len(whole_of(line, 10**9)) == 1800 * LEAST_BYTES_PER_S


def test_program_of_which_hardly_anything_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a medium is."""
    line: Any = SlowLine(monkeypatch, 29 * LEAST_BYTES_PER_S)
    with pytest.raises(LinkError, match="a program comes at less than 1000 bytes a second"):
        whole_of(line, 10**9)


def test_program_that_is_too_long_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody means it well."""
    line: Any = SlowLine(monkeypatch, 30 * LEAST_BYTES_PER_S)
    with pytest.raises(LinkError, match="longer than the 40000 bytes"):
        whole_of(line, 40_000)
