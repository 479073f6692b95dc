"""A root shell in the machine, on its second serial line.

What is needed in the guest is a plain ``sh`` that reads the line and answers on it, with ``base64``,
``cat``, ``rm``,
``sed`` and ``wc``; :func:`tests.venue.machine.credentials.shell` has systemd start one in an image that
knows nothing of it.

A command goes there as base64, in lines short enough for a terminal.  Its output goes into a file first,
and comes
from there as base64, each line with a mark of its own, so that nothing else on the line is taken for it;
where the
length does not agree, it is asked for again.
"""

import base64
import re
import secrets
import threading
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from .console import Console
from .errors import ConsoleTimeoutError, MachineError, NotRunningError, ShellError

_LINE_LENGTH = 900
"""A terminal takes 4,096 characters a line; a slow one is not to be tempted."""
_LINES_AT_ONCE = 16
_TRIES = 4
_ASKED_EVERY_S = 0.3
_TRANSFER_S = 10.0
_BYTES_PER_S = 1000
_INTERRUPT = "\x03"
COMMAND_MAY_TAKE_S = 30.0
READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class Answer:
    """What a command came to.

    :ivar code: its exit code.
    :ivar data: what it wrote, on both of its outputs, as it was.
    """

    code: int
    data: bytes

    @property
    def output(self) -> str:
        """What it wrote, as text."""
        return self.data.decode(errors="replace")


class Shell:
    """Commands in the machine.  One at a time; who comes meanwhile waits.

    :ivar console: the line.
    :param folder: in the guest, for what commands write.
    """

    def __init__(self, console: Console, folder: str = "/run") -> None:
        self._folder = folder
        self.console = console
        self._lock = threading.Lock()
        self._greeted = -1

    def wait_ready(self, timeout_s: float = READY_WITHIN_S) -> None:
        """Wait until somebody answers.

        :raises ShellError: nobody did.
        """
        with self._lock:
            self._greet(timeout_s)

    def run(self, command: str, timeout_s: float = COMMAND_MAY_TAKE_S, *, check: bool = False) -> Answer:
        """Run a command, with nothing to read, and wait for its end.

        It runs in a shell of its own: a ``cd`` is gone with it.  What it leaves in the background is not
        waited for.

        :param timeout_s: on a fast machine; multiplied by the accelerator's factor.
        :param check: whether an exit code other than 0 is an error.
        :raises ShellError: nobody answers, not in time, or not what can be understood; or it failed, with
            ``check``.
        """
        with self._lock:
            self._greet(READY_WITHIN_S)
            answer = self._ask(command, timeout_s)
        if check and answer.code:
            raise ShellError(
                f"{command!r} in the machine failed with exit code {answer.code}: {answer.output.strip()}"
            )
        return answer

    def put(self, path: str, data: bytes) -> None:
        """Write a file in the machine; for small ones: a serial line is slow."""
        encoded = base64.b64encode(data).decode()
        self.run(
            f"base64 -d >{_quoted(path)} <<'.'\n{encoded}\n.",
            _TRANSFER_S + len(data) / _BYTES_PER_S,
            check=True,
        )

    def get(self, path: str) -> bytes:
        """:return: what is in a file in the machine."""
        return self.run(f"cat {_quoted(path)}", check=True).data

    def _greet(self, timeout_s: float) -> None:
        """Find out, once a launch, that somebody reads; what is typed before is lost, so type often."""
        launch = self.console.begun
        if self._greeted == launch:
            return
        mark, token = self.console.mark(), secrets.token_hex(4)
        for _ in range(max(1, round(timeout_s / _ASKED_EVERY_S))):
            self.console.send(f"\nstty -echo 2>/dev/null; echo here-{_split(token)}\n")
            try:
                self.console.wait(f"here-{token}", _ASKED_EVERY_S, since=mark)
            except ConsoleTimeoutError:
                continue
            self._greeted = launch
            return
        said = self.console.tail() or "(nothing)"
        raise ShellError(f"no shell answers on the {self.console.name}; last seen there: {said}")

    def _ask(self, command: str, timeout_s: float) -> Answer:
        token = secrets.token_hex(4)
        file = f"{self._folder}/shell-{token}"
        mark = self.console.mark()
        try:
            self.console.send(f"( eval {self._argument(command, token)} ) >{file} 2>&1 </dev/null\n")
            self.console.send(f"echo {_split(token)} ends $? $(wc -c <{file})\n{_showing(file, token, 0)}")
            end = self.console.wait(rf"{token} ends (\d+) (\d+)\r?\n", timeout_s, since=mark)
        except MachineError as error:
            self._give_up()
            raise ShellError(f"{command!r} in the machine did not come to its end: {error}") from error
        code, length = (int(group) for group in end.groups)
        data = self._fetch(file, token, length, mark)
        self.console.send(f"rm -f {file}\n")
        return Answer(code, data)

    def _argument(self, command: str, token: str) -> str:
        """:return: a command as the shell is to read it; a long or odd one has been typed into a variable."""
        if len(command) < _LINE_LENGTH and command.isascii() and command.isprintable():
            return _quoted(command)
        for burst in _bursts(command):
            self._type(burst, token)
        return '"$(echo "$C" | base64 -d)"'

    def _type(self, lines: list[str], token: str) -> None:
        """Type some lines, and wait until they are read: a full terminal loses what comes."""
        mark = self.console.mark()
        for line in lines:
            self.console.send(line + "\n")
        self.console.send(f"echo {_split(token)} taken\n")
        self.console.wait(f"{token} taken", _TRANSFER_S, since=mark)

    def _give_up(self) -> None:
        """Interrupt what runs there, and find the shell, or its successor, anew when it is needed again."""
        self._greeted = -1
        with suppress(NotRunningError):
            self.console.send(_INTERRUPT)

    def _fetch(self, file: str, token: str, length: int, mark: int) -> bytes:
        """Take the output, which is shown already, and have it shown again where it is torn."""
        for attempt in range(_TRIES):
            if attempt:
                self.console.send(_showing(file, token, attempt))
            name = f"{token}-{attempt}"
            with suppress(ConsoleTimeoutError):
                self.console.wait(f"{name} done", _TRANSFER_S + length / _BYTES_PER_S, since=mark)
            data = _decoded(self.console.text_since(mark), name)
            if len(data) == length:
                return data
        raise ShellError(f"{length} bytes of output do not come over the {self.console.name} whole")


def _showing(file: str, token: str, attempt: int) -> str:
    """:return: what has a file shown as base64, each line with a name of its own."""
    name = f"{token}-{attempt}"
    return f'[ -s {file} ] && base64 -w 76 {file} | sed "s/^/{name}:/"; echo {_split(name)} done\n'


def _split(token: str) -> str:
    """:return: a token as a shell reads it, but not as it stands in an echo of what was typed."""
    return f"{token[:4]}''{token[4:]}"


def _bursts(command: str) -> Iterator[list[str]]:
    """:return: what puts a command, as base64, into the variable ``C``; in bursts of lines."""
    encoded = base64.b64encode(command.encode()).decode()
    parts = [encoded[at : at + _LINE_LENGTH] for at in range(0, len(encoded), _LINE_LENGTH)]
    lines = ["C=", *(f'C="${{C}}{part}"' for part in parts)]
    for at in range(0, len(lines), _LINES_AT_ONCE):
        yield lines[at : at + _LINES_AT_ONCE]


def _decoded(text: str, name: str) -> bytes:
    """:return: what is in the lines that bear a name; nothing where they are torn."""
    lines = re.findall(rf"{name}:([A-Za-z0-9+/=]*)$", text, re.MULTILINE)
    try:
        return base64.b64decode("".join(lines), validate=True)
    except NotBase64:
        return b""


def _quoted(path: str) -> str:
    return "'" + path.replace("'", "'\\''") + "'"
