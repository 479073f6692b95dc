"""What hangs or dies in a box is ended and started anew, by whoever guards it; heard from outside.

Each story states for how long the room may be silent: what a guardian waits by its clock, and what a fast
machine works beside that until music is heard, which is multiplied where only QEMU's own translator runs.
So the limits of a real box are the sums that stand here.
"""

import time
from collections.abc import Callable

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.machine import Spec
from tests.venue.venue import Fittings, Venue

pytestmark = pytest.mark.venue

BOX, CIRCUSD, SOUND_SERVER = "run.py", "circusd circus.ini", "/usr/bin/pulseaudio"
"""How they are found among all processes."""

STEADY_S = 2.0
"""Silence that nobody in a bar takes for a fault; where nothing is done to the box, there is none at all."""

WATCHDOG_S = 40.0
"""The WatchDog has seen by then that a box is silent: three rounds of ten seconds, and the one that runs."""

CIRCUSD_S = 2.0
"""circusd looks after its processes every second."""

SYSTEMD_S = 1.0
"""systemd waits so long before it starts a service anew."""

SYSTEMD_NOTICES_S = 60.0
BOX_WORKS_S = 5.0
"""A box works so long from its start to its music."""

ALL_WORK_S = 7.0
"""circusd and box together."""

SERVER_S = 0.3
SERVER_WORKS_S = 3.0
HUNG_SERVER_S = 11.0
"""The box waits so long for a sound server that does not answer."""

AFTERWARDS_S = 15.0
LOOK_EVERY_S = 1.0
HEARD_OF_WITHIN_S = 60.0


def until_gone(venue: Venue, pids: list[int], within_s: float) -> None:
    """Wait until none of some processes is there any more; the look costs the machine next to nothing."""
    words = " ".join(map(str, pids))
    deadline_s = time.monotonic() + within_s * venue.machine.accelerator.factor
    while venue.machine.shell.run(f"kill -0 {words}").code == 0:
        assert time.monotonic() < deadline_s, f"{words} are still there"
        time.sleep(LOOK_EVERY_S)


def hurt(venue: Venue, what: str, harm: Callable[[str], list[int]], label: str, within_s: float) -> None:
    """Do harm to processes, and listen until others play in their place, and for a while longer."""
    began_s = time.monotonic()
    before = harm(what)
    venue.fault(label)
    until_gone(venue, before, within_s)
    venue.fault("ended")
    venue.wait_for_music()
    venue.fault("music")
    venue.listen(AFTERWARDS_S)
    venue.expect_silence_below(STEADY_S)
    venue.listen(AFTERWARDS_S)
    after = venue.hang.pids(what)
    venue.tell("Longest silence", f"{venue.sound.longest_silence_s(began_s):.1f} s")
    assert after
    assert not set(after) & set(before)


@pytest.mark.venue_short
def test_player_that_hangs_is_replaced(box: Spec, open_venue: OpenVenue) -> None:
    """It stands still in the middle of a song; within 47 s another one plays, and the hub knows of it."""
    with open_venue(box, Fittings(hub=True)) as venue:
        venue.resume()
        venue.claim()
        venue.expect_silence_below(WATCHDOG_S + CIRCUSD_S, BOX_WORKS_S)
        hurt(venue, BOX, venue.hang.stop, "player hangs", WATCHDOG_S)
        told = venue.hub.until_box(
            lambda known: bool((known["status"] or {}).get("supervision", {}).get("kills")),
            HEARD_OF_WITHIN_S * venue.machine.accelerator.factor,
        )["status"]["supervision"]
        assert told["kills"] == 1
        assert told["crashes"] == 0
        assert "was silent for" in told["last"]


def test_player_that_dies_is_replaced(box: Spec, open_venue: OpenVenue) -> None:
    """It is killed, as where memory is short; within 7 s another one plays, and the hub knows of it."""
    with open_venue(box, Fittings(hub=True)) as venue:
        venue.resume()
        venue.claim()
        venue.expect_silence_below(CIRCUSD_S, BOX_WORKS_S)
        hurt(venue, BOX, venue.hang.kill, "player killed", CIRCUSD_S + BOX_WORKS_S)
        told = venue.hub.until_box(
            lambda known: bool((known["status"] or {}).get("supervision", {}).get("crashes")),
            HEARD_OF_WITHIN_S * venue.machine.accelerator.factor,
        )["status"]["supervision"]
        assert told["kills"] == 0
        assert told["crashes"] == 1


def test_circusd_that_dies_is_replaced(box: Spec, open_venue: OpenVenue) -> None:
    """All that it guarded goes with it; within 8 s systemd has all of it back."""
    with open_venue(box) as venue:
        venue.resume()
        venue.expect_silence_below(SYSTEMD_S, ALL_WORK_S)
        hurt(venue, CIRCUSD, venue.hang.kill, "circusd killed", ALL_WORK_S)


def test_circusd_that_hangs_is_replaced(box: Spec, open_venue: OpenVenue) -> None:
    """Music goes on without it; after a minute systemd ends all of it, and within 8 s it plays again."""
    with open_venue(box) as venue:
        venue.resume()
        venue.expect_silence_below(SYSTEMD_S, ALL_WORK_S)
        hurt(venue, CIRCUSD, venue.hang.stop, "circusd hangs", SYSTEMD_NOTICES_S + ALL_WORK_S)


def test_sound_server_that_dies_is_replaced(box: Spec, open_venue: OpenVenue) -> None:
    """Within 4 s another one plays, and the box is the same as before: it goes on where it was."""
    with open_venue(box) as venue:
        venue.resume()
        player = venue.hang.pids(BOX)
        venue.expect_silence_below(SERVER_S, SERVER_WORKS_S)
        hurt(venue, SOUND_SERVER, venue.hang.kill, "sound server killed", SERVER_WORKS_S)
        assert venue.hang.pids(BOX) == player


def test_sound_server_that_hangs_is_replaced(box: Spec, open_venue: OpenVenue) -> None:
    """The box has it ended; within 14 s another one plays, and the box goes on where it was."""
    with open_venue(box) as venue:
        venue.resume()
        player = venue.hang.pids(BOX)
        venue.expect_silence_below(HUNG_SERVER_S, SERVER_WORKS_S)
        hurt(venue, SOUND_SERVER, venue.hang.stop, "sound server hangs", HUNG_SERVER_S + SERVER_WORKS_S)
        assert venue.hang.pids(BOX) == player
