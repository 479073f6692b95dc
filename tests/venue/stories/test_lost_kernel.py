"""A machine whose kernel or systemd is lost starts anew by itself, and plays; heard from outside.

The limits are what a guardian waits by its clock, and what a fast machine works from its start to its
music.  A real machine's own firmware takes some seconds more, which no story can tell.
"""

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.machine import Spec
from tests.venue.venue import Venue

pytestmark = pytest.mark.venue

STEADY_S = 2.0
PANIC_S = 10.0
"""So long a kernel that is lost waits before it starts the machine anew: ``panic=10``."""

WATCHDOG_S = 31.0
"""systemd feeds the hardware's watchdog, which resets the machine when it was not fed for half a minute."""

BOOT_WORKS_S = 12.0
"""From the kernel's first step to music."""

AFTERWARDS_S = 20.0

FOR_GOOD = "echo 0 > /proc/sys/kernel/panic"
FREEZE_SYSTEMD = "echo 1 > /sys/fs/cgroup/init.scope/cgroup.freeze"
CRASH_SYSTEMD = "kill -SEGV 1"


def until_it_plays_again(venue: Venue, waits_s: float) -> None:
    """Wait for a reset, and then for music; listen for a while."""
    venue.machine.wait_event("RESET", timeout_s=waits_s)
    venue.fault("the machine starts anew")
    venue.wait_for_music()
    venue.expect_silence_below(STEADY_S)
    venue.listen(AFTERWARDS_S)


def was_bitten(venue: Venue) -> bool:
    """Tell whether the hardware's watchdog has reset the machine."""
    return any(event["event"] == "WATCHDOG" for event in venue.machine.all_events)


def test_kernel_that_panics_starts_anew(box: Spec, open_venue: OpenVenue) -> None:
    """Within 22 s of the panic it plays again, and no watchdog had to bite."""
    with open_venue(box) as venue:
        venue.resume()
        venue.expect_silence_below(PANIC_S, BOOT_WORKS_S)
        venue.hang.panic()
        venue.fault("kernel panic")
        until_it_plays_again(venue, PANIC_S)
        assert not was_bitten(venue)


def test_kernel_that_is_dead_is_reset_by_the_hardware(box: Spec, open_venue: OpenVenue) -> None:
    """It does nothing more, for ever; the hardware's watchdog resets it, and within 43 s it plays."""
    with open_venue(box) as venue:
        venue.resume()
        venue.machine.shell.run(FOR_GOOD, check=True)
        venue.expect_silence_below(WATCHDOG_S, BOOT_WORKS_S)
        venue.hang.panic()
        venue.fault("the kernel dies")
        until_it_plays_again(venue, WATCHDOG_S)
        assert was_bitten(venue)


def test_kernel_that_only_spins_is_reset_by_the_hardware(box: Spec, open_venue: OpenVenue) -> None:
    """No process gets a turn any more; the hardware's watchdog resets it, and within 43 s it plays."""
    with open_venue(box) as venue:
        venue.resume()
        venue.expect_silence_below(WATCHDOG_S, BOOT_WORKS_S)
        venue.hang.freeze()
        venue.fault("all processors spin")
        until_it_plays_again(venue, WATCHDOG_S)
        assert was_bitten(venue)


def test_systemd_that_hangs_is_reset_by_the_hardware(box: Spec, open_venue: OpenVenue) -> None:
    """Music goes on until the hardware's watchdog resets the machine, and then it is silent for 12 s."""
    with open_venue(box) as venue:
        venue.resume()
        venue.expect_silence_below(0.0, BOOT_WORKS_S)
        venue.machine.shell.run(FREEZE_SYSTEMD, check=True)
        venue.fault("systemd hangs")
        until_it_plays_again(venue, WATCHDOG_S)
        assert was_bitten(venue)


def test_systemd_that_crashes_starts_anew(box: Spec, open_venue: OpenVenue) -> None:
    """The first process of all is lost; the machine starts anew at once, and within 14 s it plays."""
    with open_venue(box) as venue:
        venue.resume()
        venue.expect_silence_below(STEADY_S, BOOT_WORKS_S)
        venue.machine.shell.run(CRASH_SYSTEMD, check=True)
        venue.fault("systemd crashes")
        until_it_plays_again(venue, WATCHDOG_S)
        assert not was_bitten(venue)
