"""Datagrams: those of processes that are well are taken, and all others do no harm."""

import logging
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.circus.letterbox import MOST_AT_ONCE, Letterbox
from easyplayer.circus.options import MESSAGE


class Sender:
    """Somebody who sends datagrams to a letterbox on a port of its own."""

    def __init__(self, ip: str = "127.0.0.1") -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.bind((ip, 0))
            self.address: tuple[str, int] = line.getsockname()
        self.letters = Letterbox(*self.address, MESSAGE)
        assert self.letters.open() is not None
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(self, *datagrams: bytes) -> set[int]:
        """Send some, and tell who is heard."""
        for datagram in datagrams:
            self._line.sendto(datagram, self.address)
        return self.letters.drain()

    def close(self) -> None:
        """Go away."""
        self._line.close()
        self.letters.close()


@pytest.fixture(name="sender", scope="module")
def _sender() -> Iterator[Sender]:
    sender = Sender()
    yield sender
    sender.close()


def test_who_is_well_is_heard(sender: Sender) -> None:
    """As the box says it: its number, and the time."""
    assert sender.send(b"1234;1767225600.25", b"77;1.0", b"1234;1767225601.25") == {1234, 77}


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b";",
        b"1234",
        b"1234;",
        b"-5;1.0",
        b"1e3;1.0",
        b" 12;1.0",
        b"12;1.0\n\n",
        b"99999999;1.0",
        b"\xff\xfe;1.0",
        "\u0661\u0662;1.0".encode(),
        b"1234;" + b"1" * 100,
        b"0" * 2000,
    ],
)
def test_what_cannot_be_understood_is_counted_and_no_more(sender: Sender, datagram: bytes) -> None:
    """Nothing is raised, and nobody is taken for well by it."""
    before = sender.letters.ill_formed

    assert sender.send(datagram, b"42;1.0") == {42}
    assert sender.letters.ill_formed == before + 1


@given(st.binary(max_size=200))
def test_whatever_is_sent_at_most_one_process_is_meant(sender: Sender, datagram: bytes) -> None:
    """Any bytes at all."""
    assert len(sender.send(datagram)) <= 1


def test_a_flood_is_told_once_and_does_not_hold_up_the_rounds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """So many are read at a time; the rest waits, or is thrown away by the kernel."""
    sender = Sender()
    with caplog.at_level(logging.WARNING):
        sender.send(*[b"nonsense"] * 200)
        for _ in range(5):
            sender.send(*[b"more"] * MOST_AT_ONCE)
    sender.close()

    assert sender.letters.ill_formed <= 200 + 5 * MOST_AT_ONCE
    assert len(caplog.records) == 1


def test_another_machine_is_not_believed() -> None:
    """Where it listens to the whole network, only this machine counts."""
    letters = Letterbox("0.0.0.0", 1, MESSAGE)  # noqa: S104 - it does not listen

    assert letters._is_near("127.0.0.1")
    assert letters._is_near("127.8.9.10")
    assert not letters._is_near("192.168.1.9")


def test_a_place_that_is_taken_is_told_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """Meanwhile it is known that nobody can be heard."""
    first = Sender()
    second = Letterbox(*first.address, MESSAGE)

    assert (second.open(), second.open(), second.is_open) == (None, None, False)
    assert second.drain() == set()
    first.close()
    assert second.open() is not None
    second.close()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
