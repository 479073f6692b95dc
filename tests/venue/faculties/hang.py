"""What hangs in a venue: a process, or all of the machine."""

import signal

from tests.venue.machine import Machine

LIST = """for d in /proc/[0-9]*; do
    [ -r $d/cmdline ] && printf '%s %s\\n' "${d#/proc/}" "$(tr '\\0' ' ' < $d/cmdline)"
done 2>/dev/null; true"""
LATER = "(sleep 1; {}) > /dev/null 2>&1 &"
"""So that the shell answers before the harm is done."""

PANIC = "echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger"
SPIN = (
    "echo -1 > /proc/sys/kernel/sched_rt_runtime_us; "
    "mount -t debugfs debugfs /sys/kernel/debug; "
    "for file in /sys/kernel/debug/sched/fair_server/cpu*/runtime; do echo 0 > $file; done; "
    'for cpu in $(seq $(nproc)); do chrt -f 99 sh -c "while :; do :; done" & done'
)
"""Kernels since 6.12 leave a twentieth of the time to ordinary processes, unless they are told not to."""


class NoSuchProcessError(AssertionError):
    """No process of this name runs in the machine."""


class Hang:
    """Stops, ends and hangs what runs in a machine, by its shell."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def pids(self, what: str) -> list[int]:
        """Give the processes whose command line has a text in it, oldest number first."""
        lines = self._machine.shell.run(LIST, check=True).output.splitlines()
        return sorted(int(line.split()[0]) for line in lines if what in line.partition(" ")[2])

    def signal(self, what: str, number: signal.Signals) -> list[int]:
        """Send a signal to all processes whose command line has a text in it; give their numbers.

        :raises NoSuchProcessError: there is none.
        """
        pids = self.pids(what)
        if not pids:
            raise NoSuchProcessError(f"no process with {what!r} in its command line runs")
        words = " ".join(map(str, pids))
        self._machine.shell.run(f"kill -{int(number)} {words}", check=True)
        return pids

    def stop(self, what: str) -> list[int]:
        """Have processes hang: they are there, and do nothing (SIGSTOP)."""
        return self.signal(what, signal.SIGSTOP)

    def go_on(self, what: str) -> list[int]:
        """Let processes go on that were stopped."""
        return self.signal(what, signal.SIGCONT)

    def kill(self, what: str) -> list[int]:
        """End processes without a word (SIGKILL)."""
        return self.signal(what, signal.SIGKILL)

    def panic(self) -> None:
        """Have the kernel panic, a second from now."""
        self._machine.shell.run(LATER.format(PANIC))

    def freeze(self) -> None:
        """Have all processors do nothing but spin, above everything else, from a second on.

        The kernel still answers interrupts; no process runs any more, the one that feeds the watchdog
        neither.
        """
        self._machine.shell.run(LATER.format(SPIN))
