"""HTTP/1.1 requests are read from bytes, however these are split."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.engineio.raw_request import MOST_COMPLETE, MOST_HEAD_BYTES, Asked, RequestReader

MOST = 100
GET = b"GET /live/?a=1 HTTP/1.1\r\nHost: hub\r\n\r\n"
POST = b"POST /live/ HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"
CHUNKS = b"POST /live/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
UPGRADE = b"GET /live/ HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"


def _read(*pieces: bytes) -> RequestReader:
    reader = RequestReader(MOST)
    for piece in pieces:
        reader.feed(piece)
    return reader


def _bodies(reader: RequestReader) -> list[tuple[str, bytes]]:
    return [(asked.request.method, asked.request.body) for asked in reader.complete]


@given(st.lists(st.integers(0, len(GET + POST + CHUNKS + UPGRADE)), max_size=8))
def test_bytes_may_be_split_anywhere(cuts: list[int]) -> None:
    """All requests are found, in their order, and what stands behind an upgrade is handed on."""
    whole = GET + POST + CHUNKS + UPGRADE
    edges = [0, *sorted(cuts), len(whole)]

    reader = _read(*[whole[a:b] for a, b in pairwise(edges)])

    assert _bodies(reader) == [("GET", b""), ("POST", b"hello"), ("POST", b"hello")]
    assert reader.upgrade is not None
    assert (reader.upgrade[0].request.path, reader.upgrade[1], reader.fault) == ("/live/", b"", 0)


@given(st.lists(st.binary(max_size=40) | st.sampled_from([GET, POST, CHUNKS, UPGRADE, b"\r\n", b"GET /"])))
def test_anything_may_come(pieces: list[bytes]) -> None:
    """It is read, or is a fault; nothing is raised, and what is kept is bounded."""
    reader = _read(*pieces)

    assert reader.fault in {0, 400, 413, 431}
    assert len(reader.complete) <= MOST_COMPLETE
    assert all(len(asked.request.body) <= MOST for asked in reader.complete)


def test_a_request_that_has_begun() -> None:
    """Its head is known before its body is there."""
    reader = _read(POST[:-1])

    assert isinstance(reader.begun, Asked)
    assert (reader.begun.request.method, reader.begun.body_bytes) == ("POST", 5)
    reader.feed(POST[-1:])
    assert _bodies(reader) == [("POST", b"hello")]


@pytest.mark.parametrize(
    ("head", "keeps", "expects"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", True, False),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", False, False),
        (b"GET / HTTP/1.0\r\n\r\n", False, False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True, False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n", True, False),
        (b"GET / HTTP/1.1\r\nExpect: 100-Continue\r\n\r\n", True, True),
    ],
)
def test_how_the_connection_goes_on(head: bytes, *, keeps: bool, expects: bool) -> None:
    """By its version and its headers."""
    (asked,) = _read(head).complete

    assert (asked.keeps, asked.expects) == (keeps, expects)


@pytest.mark.parametrize(
    ("pieces", "fault"),
    [
        ([b"nonsense\r\n\r\n"], 400),
        ([b"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n" + b"x" * 101], 413),
        (
            [
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                *[b"33\r\n" + b"x" * 51 + b"\r\n"] * 2,
            ],
            413,
        ),
        ([b"GET /" + b"a" * MOST_HEAD_BYTES + b" HTTP/1.1\r\n\r\n"], 431),
        ([b"GET / HTTP/1.1\r\n", *[b"a" * 1000] * 20], 431),
        ([GET * (MOST_COMPLETE + 1)], 400),
    ],
)
def test_what_is_too_much(pieces: list[bytes], fault: int) -> None:
    """It is a fault, behind which nothing more is read."""
    reader = _read(*pieces)
    found = len(reader.complete)

    reader.feed(GET)

    assert (reader.fault, len(reader.complete)) == (fault, found)


def test_what_stands_behind_the_last_request() -> None:
    """It is no fault of that."""
    reader = _read(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\nwhatever\r\n\r\n")

    assert (reader.fault, len(reader.complete)) == (0, 1)
