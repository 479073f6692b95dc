"""A virtual machine that a test drives.

::

    with Machine(Spec(disks=(Disk(path=image),))) as machine:
        machine.launch()
        machine.console.wait("login:", timeout_s=30)
        machine.command("system_reset")
        machine.wait_event("RESET", timeout_s=5)

All time limits are given for a machine with KVM, and multiplied by the accelerator's factor.
"""

import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

from . import accelerator as accelerators
from .accelerator import Accelerator
from .command_line import Wiring, arguments
from .control import COMMAND_MAY_TAKE_S, Event
from .emulator import Emulator
from .errors import MachineError, NotRunningError, RestoreError, WaitTimeoutError
from .images import check_savable, hand_over, prepare
from .migration import read_state, write_state
from .saved import Saved
from .shell import Shell
from .spec import Spec
from .state import Ending, State, only

SHUTS_DOWN_WITHIN_S = 30.0

log = logging.getLogger(__name__)


class Machine:
    """A virtual machine.  Use it as a context manager; whatever happens, nothing of it is left behind.

    It can be launched again after it has ended, and then finds its disks as it left them.

    :param spec: its hardware.
    :param folder: for all its files and logs; made if it is not there, and kept.  If not given: a
        temporary one, which
        is kept only when the ``with`` block ends with an error.
    :param accelerator: what runs it; if not given, what ``EASYPLAYER_VENUE_ACCEL`` wants, or else TCG,
        which works
        everywhere.
    :ivar console: the first serial line, ``ttyS0``.
    :ivar shell: commands in the guest, by ``ttyS1``.
    :ivar launched_at: when it began to run the last time, as of :func:`time.monotonic`.
    """

    def __init__(
        self, spec: Spec, folder: Path | None = None, accelerator: Accelerator | None = None
    ) -> None:
        self.spec = spec
        self.accelerator = accelerator or accelerators.default()
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="machine-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.launched_at = 0.0
        self._emulator = Emulator(spec.name, self.folder, self.accelerator.factor)
        self.console = self._emulator.console
        self.shell = Shell(self._emulator.second)
        self._state = State.NEW

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(keep_logs=error is not None)

    # -- what it is ---------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where it is in its life; that it has ended by itself is noticed here."""
        if self._state is State.RUNNING and self.exit_code is not None:
            self._settle()
        return self._state

    @property
    def is_running(self) -> bool:
        """Whether there is a QEMU that runs: ``False`` before the first launch and after each end."""
        return self.state is State.RUNNING

    @property
    def exit_code(self) -> int | None:
        """QEMU's last one, as of :mod:`subprocess`: negative is a signal; ``None`` if there is none."""
        process = self._emulator.process
        return process.exit_code if process else None

    @property
    def pid(self) -> int:
        """QEMU's process id, also of one that has ended.

        :raises NotRunningError: there was none yet.
        """
        if not self._emulator.process:
            raise NotRunningError(f"there is no process yet; {self.told()}")
        return self._emulator.process.pid

    @property
    def command_line(self) -> str:
        """All of QEMU's last command line, as it can be typed; empty before the first launch."""
        return self._emulator.command_line

    @property
    def log(self) -> str:
        """All that QEMU itself ever said, on both of its outputs."""
        return self._emulator.output

    def told(self) -> str:
        """:return: its name and where it is in its life, as a sentence."""
        ended = f": {self._emulator.how_ended()[0]}" if self._state is State.ENDED else ""
        return f"{self.spec.name} {self._state.value}{ended}"

    # -- its life -----------------------------------------------------------------------------------

    @only(State.NEW, State.ENDED)
    def launch(self) -> None:
        """Switch it on.

        :raises SpecError: it cannot be built.
        :raises LaunchError: QEMU does not start; with all that is known about it.
        """
        self._start(None)
        self._go()

    @only(State.NEW, State.ENDED)
    def restore(self, saved: Saved) -> None:
        """Go on from a saved state, upon fresh overlays of its disks.

        What this machine itself had written is gone.

        :raises RestoreError: the state is of other hardware, or QEMU cannot read it.
        """
        saved.check(self.spec)
        self._start(saved)
        try:
            read_state(self._emulator.control, saved.reading())
        except MachineError as error:
            self.shutdown(soft=False)
            raise RestoreError(f"the state in {saved.folder} cannot be read: {error}") from error
        self._go()

    @only(State.RUNNING)
    def save(self, folder: Path) -> Saved:
        """Save its state, memory and disks, into a folder.  That ends it.

        :raises RestoreError: it cannot be saved; then it goes on.
        """
        check_savable(self.spec)
        folder.mkdir(parents=True, exist_ok=True)
        saved = Saved(folder)
        try:
            self.command("stop")
            write_state(self._emulator.control, saved.writing())
        except MachineError as error:
            with suppress(MachineError):
                self.command("cont")
            raise RestoreError(f"the state of {self.spec.name} cannot be saved: {error}") from error
        self.shutdown(soft=False)
        hand_over(self.spec, self.folder, folder)
        saved.describe(self.spec)
        return saved

    def shutdown(self, timeout_s: float = SHUTS_DOWN_WITHIN_S, *, soft: bool = True) -> Ending:
        """End it: the guest is asked, then QEMU told, then SIGTERM, then SIGKILL.  Nothing of it is left.

        :param timeout_s: how long the guest may take.
        :param soft: whether the guest is asked at all.
        :return: what it took.
        """
        if self.state is not State.RUNNING:
            return Ending.WAS_OVER
        self._state = State.ENDED
        ending = self._emulator.end(timeout_s * self.accelerator.factor if soft else 0)
        log.info("%s: %s", self.spec.name, ending.value)
        return ending

    @only(State.RUNNING)
    def cut_power(self) -> None:
        """Take the power from it, in the middle of whatever it does."""
        self._state = State.ENDED
        self._emulator.kill()

    @only(State.RUNNING)
    def reset(self) -> None:
        """Press its reset button."""
        self.command("system_reset")

    def wait_end(self, timeout_s: float = SHUTS_DOWN_WITHIN_S) -> int:
        """Wait until it has ended by itself.

        :return: QEMU's exit code.
        :raises WaitTimeoutError: it runs on.
        """
        process = self._emulator.process
        if not process:
            raise NotRunningError(f"wait_end() is for a machine that was launched; {self.told()}")
        limit_s = timeout_s * self.accelerator.factor
        if not process.wait(limit_s):
            raise WaitTimeoutError(f"the end of {self.spec.name}", limit_s, self._emulator.control.tail())
        if self._state is State.RUNNING:
            self._settle()
        return process.exit_code or 0

    def close(self, *, keep_logs: bool = False) -> None:
        """End it if it runs, and be done with it.

        :param keep_logs: whether to keep its folder even if it is a temporary one.
        """
        if self._state is State.CLOSED:
            return
        self.shutdown(soft=False)
        self._state = State.CLOSED
        if keep_logs:
            log.warning("%s: its logs are in %s", self.spec.name, self.folder)
        elif self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- its control channel ------------------------------------------------------------------------

    @only(State.RUNNING)
    def qmp(
        self,
        name: str,
        given: Mapping[str, object] | None = None,
        /,
        *,
        timeout_s: float = COMMAND_MAY_TAKE_S,
        **arguments: object,
    ) -> dict[str, Any]:
        """Give QEMU a command.

        :param given: arguments that are taken as they are.
        :param arguments: more of them; ``_`` in a name becomes ``-``.
        :return: the whole reply: ``return``, or ``error`` with ``class`` and ``desc``.
        :raises GoneError: the machine has ended before it answered.
        """
        return self._emulator.control.qmp(name, given, arguments, timeout_s)

    @only(State.RUNNING)
    def command(
        self,
        name: str,
        given: Mapping[str, object] | None = None,
        /,
        *,
        timeout_s: float = COMMAND_MAY_TAKE_S,
        **arguments: object,
    ) -> Any:
        """Give QEMU a command as :meth:`qmp`, and return its result.

        :raises CommandError: it was refused; with the whole reply.
        """
        return self._emulator.control.command(name, given, arguments, timeout_s)

    def events(self) -> list[Event]:
        """:return: all events that nobody has taken, the oldest first; this takes them."""
        return self._emulator.control.take_events()

    @property
    def all_events(self) -> tuple[Event, ...]:
        """Every event of its life, also those that were taken."""
        return self._emulator.control.seen

    def wait_event(
        self, name: str, match: Mapping[str, object] | None = None, *, timeout_s: float = COMMAND_MAY_TAKE_S
    ) -> Event:
        """Wait for an event, and take it; one that came before and was not taken is found at once.

        :param match: what its ``data`` must have; see :func:`~tests.venue.machine.matching.is_part_of`.
        :raises WaitTimeoutError: it did not come; with the events that came instead.
        :raises GoneError: the machine has ended, and it had not come.
        """
        return self._emulator.control.wait_event(name, match, timeout_s)

    # -- within -------------------------------------------------------------------------------------

    def _start(self, saved: Saved | None) -> None:
        spec = self.spec
        spec.check()
        images, variables = prepare(spec, self.folder, saved.folder if saved else None)

        def command_line(descriptors: Sequence[int]) -> list[str]:
            control, console, shell = descriptors
            wiring = Wiring(
                accelerator=self.accelerator.name,
                control=control,
                console=console,
                shell=shell if spec.shell else None,
                images=images,
                firmware_vars=variables,
                incoming=saved is not None,
            )
            return [spec.binary, *arguments(spec, wiring)]

        try:
            self._emulator.start(command_line)
        except MachineError:
            self._state = State.ENDED
            raise
        self._state = State.RUNNING

    def _go(self) -> None:
        self.launched_at = monotonic()
        self.command("cont")

    def _settle(self) -> None:
        self._state = State.ENDED
        self._emulator.settle()
