"""Processes of this machine: which one it is, how it ended, and its end by force."""

import os
import signal
from contextlib import suppress
from pathlib import Path

START_TIME = 19
"""Where the start time stands in ``/proc/PID/stat`` after the process' name; see proc(5)."""


def born(pid: int, processes: Path = Path("/proc")) -> int:
    """Tell when a process started, in the kernel's ticks: it tells it from another of its number.

    :returns: 0 where there is none, or none but its remains.
    """
    try:
        fields = (processes / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return 0
    return 0 if not fields or fields[0] in {b"Z", b"X"} else int(fields[START_TIME])


def younger_by_s(pid: int, other: int, processes: Path = Path("/proc")) -> float:
    """Tell how many seconds after another process one was started."""
    return (born(pid, processes) - born(other, processes)) / os.sysconf("SC_CLK_TCK")


def kill(pid: int, began: int) -> bool:
    """Kill a process by SIGKILL, if it still is the one that began then; tell whether it was there."""
    if born(pid) != began or not began:
        return False
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)
    return True


def manner(exit_code: object) -> str:
    """Put an exit code, as circusd tells it, into words.

    >>> manner(78), manner(-11), manner(None)
    ('ended with exit code 78', 'was ended by SIGSEGV', 'has ended, nobody knows how')
    """
    if not isinstance(exit_code, int):
        return "has ended, nobody knows how"
    if exit_code >= 0:
        return f"ended with exit code {exit_code}"
    try:
        return f"was ended by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"was ended by signal {-exit_code}"
