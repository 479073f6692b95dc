"""A medium as it comes: when a line is too slow to be waited for."""

from hypothesis import given
from hypothesis import strategies as st

from easyplayer.drivers.media_body import LEAST_BYTES_PER_S, SLOW_FOR_S, Slowness, range_headers

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
