"""What can go wrong with a machine, as one tree.

::

    MachineError               all of them
    ├── SpecError              the hardware as described cannot be built
    ├── LaunchError            QEMU did not start, or not as far as its control channel
    ├── RestoreError           a state cannot be saved, or is not one of this machine
    ├── NotRunningError        this needs a machine that runs (or one that does not)
    ├── GoneError              the machine has ended while something was awaited of it
    ├── CommandError           QEMU refused a command; has the whole reply
    ├── ShellError             the shell in the machine answers wrongly, or not
    └── WaitTimeoutError       something did not come in time; has what was seen instead
        └── ConsoleTimeoutError    it was awaited on a console

Every message says what was wanted, what came instead, and where to read more.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class MachineError(Exception):
    """Anything that a machine cannot do."""


class SpecError(MachineError):
    """The hardware as described cannot be built.

    :ivar faults: each of them as ``field: what is wrong; the way out``.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("this machine cannot be built:\n" + "\n".join(f"  - {fault}" for fault in faults))


class LaunchError(MachineError):
    """QEMU did not start, or not as far as its control channel.

    :ivar exit_code: as of :mod:`subprocess`; ``None`` where no process came to be.
    :ivar command_line: all of it, as it can be typed.
    :ivar output: what QEMU said.
    :ivar console: the end of what the machine's console said.
    """

    def __init__(
        self, reason: str, *, command_line: str, exit_code: int | None, output: str, console: str
    ) -> None:
        self.exit_code = exit_code
        self.command_line = command_line
        self.output = output
        self.console = console
        super().__init__(
            f"the machine did not start: {reason}\n"
            f"  command line: {command_line}\n"
            f"  output: {_shown(output)}\n"
            f"  console: {_shown(console)}"
        )


class RestoreError(MachineError):
    """A state cannot be saved, or it is not one of this machine."""


class NotRunningError(MachineError):
    """This needs a machine that runs, or one that does not."""


class GoneError(MachineError):
    """The machine has ended while something was awaited of it.

    :ivar exit_code: as of :mod:`subprocess`; ``None`` where its control channel is lost and it still runs.
    """

    def __init__(self, wanted: str, *, ending: str, exit_code: int | None, tail: str) -> None:
        self.exit_code = exit_code
        super().__init__(f"the machine is gone while {wanted}: {ending}\n  last seen: {_shown(tail)}")


class CommandError(MachineError):
    """QEMU refused a command.

    :ivar reply: the whole reply, as it came.
    """

    def __init__(self, command: str, arguments: Mapping[str, object], reply: Mapping[str, Any]) -> None:
        self.reply = dict(reply)
        error = self.reply.get("error", {})
        self.error_class: str = error.get("class", "")
        self.description: str = error.get("desc", "")
        super().__init__(f"{command} {dict(arguments)} was refused: {self.description} ({self.error_class})")


class ShellError(MachineError):
    """The shell in the machine answers wrongly, or not, or a command there failed that must not fail."""


class WaitTimeoutError(MachineError):
    """Something did not come in time.

    :ivar waited_s: how long, in seconds of this host.
    :ivar tail: the end of what was seen instead.
    """

    def __init__(self, wanted: str, waited_s: float, tail: str) -> None:
        self.waited_s = waited_s
        self.tail = tail
        super().__init__(f"{wanted} did not come within {waited_s:.1f} s\n  seen instead: {_shown(tail)}")


class ConsoleTimeoutError(WaitTimeoutError):
    """What was awaited on a console did not come in time."""


def _shown(text: str) -> str:
    """:return: a text below its heading, or that there is none."""
    lines = text.rstrip().splitlines()
    if len(lines) <= 1:
        return lines[0] if lines else "(nothing)"
    return "".join(f"\n    {line}" for line in lines)
