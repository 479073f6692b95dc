"""The clock of a venue: its battery may be dead, and it may jump."""

import time

from tests.venue.machine import Machine

DEAD_BATTERY = "2000-01-01T00:00:00"
"""For the spec's ``rtc``: what a clock says whose battery is dead. systemd raises it to the day it was
built on, so a dead battery shows as a date that is plausible, and old."""


class Clock:
    """The wall clock of a machine; its monotonic clock cannot be touched."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def now_s(self) -> float:
        """Tell what it says, in seconds since 1970."""
        return float(self._machine.shell.run("date +%s.%N", check=True).output)

    def set(self, to_s: float) -> None:
        """Set it, in seconds since 1970."""
        self._machine.shell.run(f"date -u -s @{to_s:.3f}", check=True)

    def jump(self, by_s: float) -> None:
        """Have it jump by so many seconds, forward or back."""
        self.set(self.now_s() + by_s)

    def follow_host(self) -> None:
        """Set it to this host's time; after a restore it is late by as long as the machine was saved."""
        self.set(time.time())
