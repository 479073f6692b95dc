"""QEMU as a process: started, watched, and ended by its id alone."""

import logging
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger(__name__)


def told(exit_code: int | None) -> str:
    """:return: how a process has ended, in words.

    >>> told(-9), told(1), told(None)
    ('it was ended by SIGKILL', 'it ended with exit code 1', 'it still runs')
    """
    if exit_code is None:
        return "it still runs"
    if exit_code >= 0:
        return f"it ended with exit code {exit_code}"
    try:
        return f"it was ended by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"it was ended by signal {-exit_code}"


class Process:
    """A QEMU that runs, or did.

    It ends with the thread that started it, however that comes to its end, so that no test leaves one behind.

    :param command: the program and its arguments.
    :param output: the file to which all goes that it says.
    :param descriptors: what it inherits.
    :raises OSError: it cannot be started.
    """

    def __init__(self, command: Sequence[str], output: Path, descriptors: Sequence[int]) -> None:
        self.command = tuple(command)
        mortal = ("setpriv", "--pdeathsig", "KILL", "--") if shutil.which("setpriv") else ()
        with output.open("ab") as written:
            self._process = subprocess.Popen(
                [*mortal, *command],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                pass_fds=descriptors,
            )
        self._asked_to_end = False

    @property
    def pid(self) -> int:
        """Its id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """As of :mod:`subprocess`: negative is a signal; ``None`` while it runs."""
        return self._process.poll()

    @staticmethod
    def as_typed(command: Sequence[str]) -> str:
        """:return: a command as it can be typed."""
        return shlex.join(command)

    def wait(self, timeout_s: float) -> bool:
        """:return: whether it has ended within so many seconds."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.exit_code is None:
            self._asked_to_end = True
            self._process.send_signal(number)

    def say_how_it_ended(self, name: str) -> None:
        """Log it: a signal that nobody of ours has sent is a warning."""
        code = self._process.returncode
        unasked = code is not None and code < 0 and not self._asked_to_end
        log.log(logging.WARNING if unasked else logging.DEBUG, "QEMU of %s: %s", name, told(code))
