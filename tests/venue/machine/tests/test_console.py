"""A console forgets nothing, and tells what it saw when what was awaited does not come."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest

from tests.venue.machine import Console, ConsoleTimeoutError, GoneError, NotRunningError
from tests.venue.machine.background import Background


@dataclass
class Line:
    """A console, and the guest's end of its line."""

    console: Console
    guest: socket.socket
    background: Background

    def say(self, text: str) -> None:
        self.guest.sendall(text.encode())

    def plug(self) -> None:
        ours, self.guest = socket.socketpair()
        self.console.attach(self.background, ours)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    background = Background("a test's lines")
    console = Console("console", tmp_path / "console.log", lambda: ("it was ended by SIGKILL", -9))
    made = Line(console, socket.socket(), background)
    made.guest.close()
    made.plug()
    yield made
    made.guest.close()
    console.detach()
    background.stop()


def test_what_came_before_is_found(line: Line) -> None:
    """A wait that begins late finds what has been there already."""
    line.say("first\nsecond 42\n")
    line.console.wait("second", 2)

    found = line.console.wait(r"^first$", 2)

    assert found.text == "first"
    assert line.console.wait(r"second (\d+)", 2).groups == ("42",)


def test_since_leaves_out_what_was_before(line: Line) -> None:
    """From a mark on, or from behind what was found, the past does not count."""
    line.say("ready\n")
    found = line.console.wait("ready", 2)

    with pytest.raises(ConsoleTimeoutError):
        line.console.wait("ready", 0.05, since=found.end)

    mark = line.console.mark()
    line.say("ready again\n")
    assert line.console.wait("ready", 2, since=mark).end > found.end


def test_a_pattern_may_come_in_pieces(line: Line) -> None:
    """Where the pieces are cut makes no difference, and the stamp is that of the last one."""
    line.say("hel")
    line.console.wait("hel", 2)
    before = monotonic()
    line.say("lo\n")

    found = line.console.wait("hello", 2)

    assert found.at >= before
    assert line.console.stamp(1) < before


def test_a_timeout_tells_what_was_seen(line: Line) -> None:
    """The message has the pattern, the time, and the last lines."""
    line.say("".join(f"line {number}\n" for number in range(50)))
    line.console.wait("line 49", 2)

    with pytest.raises(ConsoleTimeoutError) as caught:
        line.console.wait("login:", 0.05)

    text = str(caught.value)
    assert text.startswith("'login:' on the console did not come within 0.1 s\n  seen instead:")
    assert "    line 49" in text
    assert "line 29\n" not in text


def test_limits_are_scaled(tmp_path: Path) -> None:
    """Where the machine is six times slower, the limit is six times longer."""
    console = Console("console", tmp_path / "console.log", lambda: ("", 0), factor=6.0)
    background = Background("a test's lines")
    ours, guest = socket.socketpair()
    console.attach(background, ours)
    with pytest.raises(ConsoleTimeoutError) as caught:
        console.wait("never", 0.01)
    guest.close()
    console.detach()
    background.stop()

    assert caught.value.waited_s == pytest.approx(0.06)


def test_the_end_is_no_timeout(line: Line) -> None:
    """Who waits learns at once that the machine has ended, and what it said last."""
    line.say("goodbye\n")
    threading.Timer(0.05, line.guest.close).start()

    with pytest.raises(GoneError) as caught:
        line.console.wait("login:", 60)

    assert "waiting for 'login:' on the console: it was ended by SIGKILL" in str(caught.value)
    assert "last seen: goodbye" in str(caught.value)
    assert caught.value.exit_code == -9


def test_the_end_does_not_hide_what_came(line: Line) -> None:
    """What was said with the last breath is found behind the end, too."""
    line.say("panic\n")
    line.guest.close()

    assert line.console.wait("panic", 2).text == "panic"


def test_typing_needs_a_machine(line: Line) -> None:
    """What is typed arrives; where nobody can read, it is an error."""
    line.console.send("ls\n")
    assert line.guest.recv(10) == b"ls\n"

    line.guest.close()
    line.console.detach()
    with pytest.raises(
        NotRunningError, match="nothing can be typed at the console: the machine does not run"
    ):
        line.console.send("ls\n")


def test_a_second_launch_begins_anew_and_forgets_nothing(line: Line, tmp_path: Path) -> None:
    """A wait looks at this launch only, unless it is told to look further back; the log has all."""
    line.say("old\n")
    line.console.wait("old", 2)
    line.guest.close()
    line.console.detach()
    line.plug()
    line.say("new\n")
    line.console.wait("new", 2)

    with pytest.raises(ConsoleTimeoutError):
        line.console.wait("old", 0.05)
    assert line.console.wait("old", 2, since=0).text == "old"
    assert line.console.text == "new\n"
    assert (tmp_path / "console.log").read_bytes() == line.console.data == b"old\nnew\n"


def test_bytes_that_are_no_text_do_no_harm(line: Line) -> None:
    """A console is not always UTF-8."""
    line.guest.sendall(b"\xff\xfe ok \x80\r\n")

    assert line.console.wait("ok", 2).text == "ok"
    assert line.console.text.endswith("\n")
