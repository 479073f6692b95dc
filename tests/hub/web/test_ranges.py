"""Ranges: which part of a content is wanted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.hub.web.ranges import UnsatisfiableError, wanted

SIZE = 1000
ETAG = '"a"'


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 1000)),
        ("bytes=999-", (999, 1000)),
        ("bytes=10-99999", (10, 1000)),
        ("bytes=-1", (999, 1000)),
        ("bytes=-99999", (0, 1000)),
        ("Bytes = 5 - 9", (5, 10)),
        (f"bytes=5-{'9' * 18}", (5, 1000)),
    ],
)
def test_a_range_is_read(header: str, part: tuple[int, int]) -> None:
    """What goes beyond the end stops there."""
    assert wanted(header, "", ETAG, SIZE) == part


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes=", "bytes=-", "bytes=9-5", "bytes=0-1,5-6", "lines=0-1", "bytes=a-b", "bytes=٣-٤",
     "bytes=0-1,", f"bytes=0-{'9' * 19}"],
)  # fmt: skip
def test_what_is_no_single_range_means_all(header: str) -> None:
    """As the standard has it: what is not understood is as if it were not there."""
    assert wanted(header, "", ETAG, SIZE) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", "bytes=-0", f"bytes={'9' * 18}-"])
def test_what_lies_behind_the_end_cannot_be(header: str) -> None:
    """There is nothing to send."""
    with pytest.raises(UnsatisfiableError):
        wanted(header, "", ETAG, SIZE)


@pytest.mark.parametrize(
    ("if_range", "part"), [("", (5, 6)), (ETAG, (5, 6)), ('"b"', None), ("W/" + ETAG, None)]
)
def test_a_part_fits_only_what_it_is_a_part_of(if_range: str, part: tuple[int, int] | None) -> None:
    """A date, or a weak tag, is not enough."""
    assert wanted("bytes=5-5", if_range, ETAG, SIZE) == part


@given(header=st.text(max_size=40) | st.from_regex(r"bytes=\d{0,5}-\d{0,5}"), size=st.integers(0, 2000))
def test_whatever_is_asked_for_lies_within(header: str, size: int) -> None:
    """There is always at least one byte, and never one that is not there."""
    try:
        part = wanted(header, "", ETAG, size)
    except UnsatisfiableError:
        return
    if part is not None:
        start, end = part
        assert 0 <= start < end <= size
