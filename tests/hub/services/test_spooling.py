"""What is taken slowly is read fast all the same."""

import threading
from collections.abc import Generator

import pytest

from easyplayer.hub.services.spooling import spooled

PIECES = [b"one", b"", b"three" * 100_000, b"four"]


def test_pieces_come_in_order() -> None:
    """Long ones, and empty ones, among them."""
    assert list(spooled(lambda: (piece for piece in PIECES))) == PIECES


def test_all_is_read_although_nobody_takes_it() -> None:
    """What the reading holds open, such as a transaction, is closed."""
    closed = threading.Event()

    def read() -> Generator[bytes, None, None]:
        yield from PIECES
        closed.set()

    taking = spooled(read)
    assert next(taking) == PIECES[0]
    assert closed.wait(10.0)
    assert list(taking) == PIECES[1:]


def test_what_goes_wrong_is_told_after_what_went_well() -> None:
    """And no other end is mistaken for the end of all."""

    def read() -> Generator[bytes, None, None]:
        yield from PIECES
        raise ZeroDivisionError

    taking = spooled(read)
    assert [next(taking) for _ in PIECES] == PIECES
    with pytest.raises(ZeroDivisionError):
        next(taking)


def test_who_wants_no_more_ends_the_reading() -> None:
    """An operator's browser goes away in the middle."""
    closed = threading.Event()

    def read() -> Generator[bytes, None, None]:
        try:
            while True:
                yield b"more"
        finally:
            closed.set()

    taking = spooled(read)
    assert next(taking) == b"more"
    taking.close()
    assert closed.is_set()
