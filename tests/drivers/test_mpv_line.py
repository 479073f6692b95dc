"""The line to an mpv: what is asked, what is answered, and what happens where nobody answers."""

import json
import queue
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from easyplayer.drivers.mpv_line import ANSWER_WITHIN_S, CUT, LineCutError, MpvLine, Said
from easyplayer.units import Monotonic

WITHIN_S = 5.0


class Far:
    """The far end of a line, and what came of the near one."""

    def __init__(self) -> None:
        near, self.end = socket.socketpair()
        self.posted: queue.SimpleQueue[Said] = queue.SimpleQueue()
        self.line = MpvLine(near, "test", self.posted.put)

    def asked(self) -> dict[str, Any]:
        """Give the next thing that is asked."""
        asked: dict[str, Any] = json.loads(self.end.recv(65536))
        return asked

    def say(self, *lines: bytes) -> None:
        """Say some lines."""
        self.end.sendall(b"".join(line + b"\n" for line in lines))

    def heard(self) -> Said:
        """Give what was posted next."""
        return self.posted.get(timeout=WITHIN_S)


@pytest.fixture(name="far")
def _far() -> Iterator[Far]:
    far = Far()
    yield far
    far.line.close()
    far.end.close()


def test_answer_finds_who_asked(far: Far) -> None:
    """Whatever order answers come in."""
    answers: list[Any] = []
    far.line.ask(["get_property", "pid"], lambda said: answers.append(said.data))
    first = far.asked()
    far.line.ask({"name": "stop"}, lambda said: answers.append(said.good))
    second = far.asked()

    far.say(b'{"request_id":%d,"error":"success"}' % second["request_id"])
    far.say(b'{"request_id":%d,"error":"success","data":17}' % first["request_id"])

    assert [far.line.take(far.heard()) for _ in range(2)] == [None, None]
    assert answers == [True, 17]
    assert first["command"] == ["get_property", "pid"]
    assert second["command"] == {"name": "stop"}


def test_event_is_given_on(far: Far) -> None:
    """Half a line is waited for, and what nobody knows is passed over."""
    far.end.sendall(b'{"event":"end-file","reason":"err')
    far.say(b'or","file_error":"no","playlist_entry_id":3,"new":[1]}')

    event = far.line.take(far.heard())

    assert event == Said(event="end-file", reason="error", file_error="no", playlist_entry_id=3)


def test_file_whose_name_is_no_text_can_be_asked_for(far: Far) -> None:
    """The bytes of its name go over as they are."""
    far.line.ask(["loadfile", b"/caf\xe9.mp4".decode(errors="surrogateescape")])

    assert b'"/caf\xe9.mp4"' in far.end.recv(65536)


def test_words_that_are_no_text_are_read_all_the_same(far: Far) -> None:
    """A file's name in another alphabet cuts no line."""
    far.say(b'{"event":"log-message","text":"caf\xe9"}')

    assert far.heard().text == "caf�"


def test_answer_that_does_not_come_is_overdue(far: Far) -> None:
    """The command is named; what may take its time never is."""
    far.line.ask({"name": "screenshot-to-file"}, later=True)
    now = time.monotonic()
    before = far.line.overdue(Monotonic(now + 1000.0))
    far.line.ask(["get_property", "pid"])

    assert before == ""
    assert far.line.due == pytest.approx(now + ANSWER_WITHIN_S, abs=1.0)
    assert far.line.overdue(far.line.due) == "get_property"


@pytest.mark.parametrize("last", [b"", b"this is no JSON\n"])
def test_end_of_the_line_is_told(far: Far, last: bytes) -> None:
    """Whether mpv has ended, or talks nonsense."""
    far.end.sendall(last)
    far.end.shutdown(socket.SHUT_WR)

    assert far.heard() is CUT


def test_line_that_is_gone_says_so(far: Far) -> None:
    """Who asks learns it at once."""
    far.end.close()

    with pytest.raises(LineCutError):
        far.line.ask(["stop"])


def test_line_that_nobody_reads_says_so(far: Far) -> None:
    """A player that hangs does not hang who asks."""
    far.end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)

    with pytest.raises(LineCutError):
        far.line.ask(["show-text", "x" * 10_000_000])
