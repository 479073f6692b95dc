"""Messages in pieces that fit into a notification."""

import base64
from itertools import chain, zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.hub.live.bus import MOST_CONTENT_BYTES
from easyplayer.hub.live.bus_postgres import MOST_BEGUN, PIECE_BYTES, Pieces, pieces_of

MOST_NOTIFICATION_BYTES = 8000
SENDER = "0123456789ab"
contents = st.builds(
    lambda content, times, more: content * times + more,
    st.binary(min_size=1, max_size=50),
    st.integers(0, 500),
    st.binary(max_size=3),
)


@given(contents, contents)
def test_what_is_cut_is_put_together_again(one: bytes, other: bytes) -> None:
    """Also where two senders' pieces come in turns."""
    both = [
        list(pieces_of(f"{sender}{SENDER[1:]}", sender, said)) for sender, said in (("a", one), ("b", other))
    ]
    pieces = Pieces()
    heard = [pieces.add(piece) for piece in chain.from_iterable(zip_longest(*both)) if piece is not None]
    assert sorted(message for message in heard if message) == [("a", one), ("b", other)]


@pytest.mark.parametrize("length", [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_every_piece_fits_into_a_notification(length: int) -> None:
    """With a topic as long as one of ours may become."""
    pieces = list(pieces_of(SENDER, f"report/{'0' * 64}", bytes(length)))
    assert len(pieces) == max(1, -(-length // PIECE_BYTES))
    assert max(len(piece.encode()) for piece in pieces) < MOST_NOTIFICATION_BYTES


@pytest.mark.parametrize(
    "piece", ["", "hello", "a b c d e", "a x news aGk=", "a 0 news *", "a 9" + "9" * 5000]
)
def test_what_is_none_of_ours_is_left_out(piece: str) -> None:
    """Whoever may use the database may notify."""
    assert Pieces().add(piece) is None


def test_what_never_ends_is_not_kept_for_ever() -> None:
    """Neither one message without an end, nor the beginnings of many; ours are heard all the same."""
    pieces = Pieces()
    part = base64.b64encode(bytes(PIECE_BYTES)).decode()
    most = 0
    for number in range(10 * MOST_CONTENT_BYTES // PIECE_BYTES):
        assert pieces.add(f"stranger {10**9 - number} news {part}") is None
        assert pieces.add(f"stranger{number} 1 news {part}") is None
        most = max(most, sum(len(whole) for _, whole in pieces._begun.values()))
    assert most <= MOST_CONTENT_BYTES + MOST_BEGUN * PIECE_BYTES
    said = [pieces.add(piece) for piece in pieces_of(SENDER, "news", bytes(3 * PIECE_BYTES))]
    assert said[-1] == ("news", bytes(3 * PIECE_BYTES))


def test_half_a_message_is_not_mixed_with_the_next_one() -> None:
    """Its other half has gone lost with a connection."""
    pieces = Pieces()
    first, *_ = pieces_of(SENDER, "news", bytes(2 * PIECE_BYTES))
    pieces.add(first)
    assert [pieces.add(piece) for piece in pieces_of(SENDER, "wake", b"up")] == [("wake", b"up")]
