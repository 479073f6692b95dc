"""QEMU with all its lines: started, connected, ended, and cleaned up."""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from shutil import which
from signal import SIGKILL, SIGTERM

from qemu.qmp import QMPError

from .background import Background
from .console import Console
from .control import Control
from .errors import LaunchError, MachineError
from .process import Process, told
from .state import Ending

GREETS_WITHIN_S = 10.0
"""How long QEMU may take until it greets, on a fast machine; it reads kernel and firmware first."""
ENDS_WITHIN_S = 5.0
"""How long QEMU itself may take to end, once the guest has, or once it is told to."""
_EXIT_CODE_WITHIN_S = 1.0
_SHUT_DOWN = "guest-shutdown"

CommandLine = Callable[[Sequence[int]], Sequence[str]]
"""Makes QEMU's command line, of the descriptors of its control channel, its console and its second line."""


class Emulator:
    """One machine's QEMU, over all its launches.

    :param name: the machine's.
    :param folder: where its logs go.
    :param factor: what all time limits are multiplied with.
    :ivar control: its control channel.
    :ivar console: the first serial line.
    :ivar second: the second one.
    """

    def __init__(self, name: str, folder: Path, factor: float) -> None:
        self._name = name
        self._output = folder / "qemu.log"
        self._factor = factor
        self.control = Control(name, folder / "control.log", self.how_ended, factor)
        self.console = Console("console", folder / "console.log", self.how_ended, factor)
        self.second = Console("second serial line", folder / "shell.log", self.how_ended, factor)
        self._process: Process | None = None
        self._background: Background | None = None
        self._settling = threading.Lock()
        self.command_line = ""

    @property
    def process(self) -> Process | None:
        """The last one, also when it has ended; ``None`` before the first."""
        return self._process

    @property
    def output(self) -> str:
        """All that QEMU itself ever said."""
        return self._output.read_text(errors="replace") if self._output.exists() else ""

    def how_ended(self) -> tuple[str, int | None]:
        """:return: how QEMU has ended, with its last words, and its exit code."""
        if not self._process:
            return "it never ran", None
        self._process.wait(_EXIT_CODE_WITHIN_S)  # its lines are closed a moment before it is gone
        code = self._process.exit_code
        last = self.output.strip().splitlines()[-1:]
        return told(code) + (f", and QEMU said: {last[0]}" if last else ""), code

    def start(self, command_line: CommandLine) -> None:
        """Start it, and connect; the guest stands still.

        :raises LaunchError: it did not start, or ended before it greeted.
        """
        before = len(self.output)
        self._background = background = Background(f"{self._name}'s lines")
        try:
            with ExitStack() as theirs:
                pairs = [socket.socketpair() for _ in range(3)]
                for _, their in pairs:
                    theirs.enter_context(their)
                for (ours, _), line in zip(pairs[1:], (self.console, self.second), strict=True):
                    line.attach(background, ours)
                failed = self._spawn(background, command_line([their.fileno() for _, their in pairs]), pairs)
                theirs.close()
                failed = failed or self._connect(background, pairs[0][0])
        except BaseException:
            self.kill()
            raise
        if failed:
            self.kill()
            pairs[0][0].close()
            raise self._launch_error(failed, before)

    def end(self, soft_s: float) -> Ending:
        """End it, from soft to hard, and clean up.

        :param soft_s: how long the guest has to shut down; 0 does not ask it.
        """
        process = self._process
        if not process or not self._background:
            return Ending.WAS_OVER
        try:
            return self._end(process, soft_s)
        finally:
            self.kill()

    def kill(self) -> None:
        """Take the power, and clean up."""
        if self._process:
            self._process.signal(SIGKILL)
            self._process.wait(ENDS_WITHIN_S)
        self.settle()

    def settle(self) -> None:
        """Clean up behind a QEMU that has ended: what is left on its lines is taken, and they are closed."""
        with self._settling:
            background, self._background = self._background, None
            if not background:
                return
            for line in (self.console, self.second, self.control):
                line.detach()
            background.stop()
            if self._process:
                self._process.say_how_it_ended(self._name)

    def _spawn(
        self,
        background: Background,
        command: Sequence[str],
        pairs: Sequence[tuple[socket.socket, socket.socket]],
    ) -> str:
        """:return: why it cannot be started; empty where it was."""
        self._process = None
        self.command_line = Process.as_typed(command)
        if not which(command[0]):
            return (
                f"there is no {command[0]}; install it (Debian: qemu-system-x86), or name another as binary"
            )
        descriptors = [their.fileno() for _, their in pairs]

        async def start() -> Process:
            return Process(command, self._output, descriptors)

        try:
            self._process = background.call(start())
        except OSError as error:
            return str(error)
        return ""

    def _connect(self, background: Background, line: socket.socket) -> str:
        """:return: why there is no control channel; empty where there is."""
        try:
            self.control.attach(background, line, GREETS_WITHIN_S)
        except TimeoutError:
            return f"QEMU did not greet within {GREETS_WITHIN_S * self._factor:.0f} s"
        except (QMPError, EOFError, OSError) as error:
            ended = self._process and self._process.wait(_EXIT_CODE_WITHIN_S)
            return (
                told(self._process.exit_code) if ended and self._process else f"no control channel: {error}"
            )
        return ""

    def _launch_error(self, reason: str, before: int) -> LaunchError:
        return LaunchError(
            reason,
            command_line=self.command_line,
            exit_code=self._process.exit_code if self._process else None,
            output=self.output[before:],
            console=self.console.tail(),
        )

    def _end(self, process: Process, soft_s: float) -> Ending:
        before = len(self.control.seen)
        if soft_s and self._tell("system_powerdown") and process.wait(soft_s):
            self.settle()  # so that its last events are here
            return Ending.POWERED_DOWN if self._has_shut_down(process, before) else Ending.CRASHED
        if self._tell("quit") and process.wait(ENDS_WITHIN_S):
            return Ending.QUIT
        process.signal(SIGTERM)
        if process.wait(ENDS_WITHIN_S):
            return Ending.TERMINATED
        return Ending.KILLED

    def _has_shut_down(self, process: Process, since: int) -> bool:
        """:return: whether the guest has switched itself off, as far as the events from so many on tell."""
        why = [
            event["data"].get("reason") for event in self.control.seen[since:] if event["event"] == "SHUTDOWN"
        ]
        return process.exit_code == 0 and all(reason == _SHUT_DOWN for reason in why)

    def _tell(self, command: str) -> bool:
        """:return: whether QEMU could be told."""
        with suppress(MachineError):
            self.control.command(command, None, {}, ENDS_WITHIN_S / self._factor)
            return True
        return False
