"""A box is unpacked and plugged in: nobody types anything at it, and it plays; told from power-on on."""

import os
import time
from pathlib import Path

import pytest

from tests.venue.appliance import FIRMWARE, by_uefi
from tests.venue.conftest import OpenVenue
from tests.venue.faculties.tracks import Track, make_tracks
from tests.venue.machine import Ending, Spec, tcg
from tests.venue.stories.evening import TRACK_S, publish, until_heard
from tests.venue.venue import CODE_SHOWN, Fittings, Venue

pytestmark = pytest.mark.venue

MUSIC_WITHIN_S = 8.0
"""From the kernel's start to the first music, on a fast machine; its firmware comes before that."""

ARM_MUSIC_WITHIN_S = 15.0
"""The same on a board: what ARM's instructions mean is the more work to translate."""

CODE_WITHIN_S = 60.0
"""From power-on to the claim code on the console: it is what somebody stands there and waits for."""

HEARTBEAT_WITHIN_S = 30.0
OFF_WITHIN_S = 15.0
STEADY_S = 2.0
SEED = 64


def kernel_began_s(venue: Venue) -> float:
    """Tell when the kernel began to run, by this host's monotonic clock."""
    before_s = time.monotonic()
    uptime_s = float(venue.machine.shell.run("cat /proc/uptime", check=True).output.split()[0])
    return (before_s + time.monotonic()) / 2 - uptime_s


def worked_s(venue: Venue) -> float:
    """Tell how many seconds of processor time the emulator has used; what else runs hardly counts in it."""
    fields = Path(f"/proc/{venue.machine.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def tell_boot(venue: Venue) -> None:
    """Put into the report what the machine itself says of its start."""
    for what in ("time", "critical-chain easyplayer.service", "blame | head -20"):
        venue.tell(f"systemd-analyze {what}", venue.machine.shell.run(f"systemd-analyze {what}").output)


def first_evening(venue: Venue, music_within_s: float = MUSIC_WITHIN_S) -> list[Track]:
    """Switch a blank box on, claim it by the code that it shows, and give it tracks to play."""
    factor = venue.machine.accelerator.factor
    venue.power_on()
    on_s = venue.machine.launched_at
    music_s = venue.sound.wait_for_music(CODE_WITHIN_S * factor, on_s)
    venue.fault("music", music_s)
    venue.tell("Processor time to music", f"{worked_s(venue):.0f} s")
    venue.expect_silence_below(STEADY_S)
    code = venue.machine.console.wait(CODE_SHOWN, timeout_s=CODE_WITHIN_S)
    venue.fault("claim code shown", code.at)
    venue.hub.until_waiting(CODE_WITHIN_S * factor)
    venue.hub.claim(code.groups[0])
    venue.fault("claimed")
    venue.hub.until_box(lambda known: bool(known["status"]), HEARTBEAT_WITHIN_S * factor)
    heartbeat_s = time.monotonic()
    venue.fault("first heartbeat", heartbeat_s)
    tracks = make_tracks(venue.folder / "tracks", count=2, seconds=TRACK_S)
    venue.know(tracks)
    publish(venue, "evening", tracks)
    until_heard(venue, tracks)
    venue.fault("the venue's program")
    venue.listen(TRACK_S)
    kernel_s = kernel_began_s(venue)
    tell_boot(venue)
    venue.tell("Kernel to music", f"{music_s - kernel_s:.1f} s")
    assert music_s - kernel_s <= music_within_s * factor
    assert code.at - on_s <= CODE_WITHIN_S * factor
    return tracks


@pytest.mark.parametrize("way", [pytest.param("kernel", marks=pytest.mark.venue_short), "uefi"])
def test_blank_box_plays_is_claimed_and_told_what_to_play(box: Spec, open_venue: OpenVenue, way: str) -> None:
    """It plays before anybody has done anything, and is claimed by the code that it shows, without a gap."""
    if way == "uefi" and not FIRMWARE.exists():
        pytest.skip("there is no UEFI for virtual machines: install ovmf")
    with open_venue(by_uefi(box) if way == "uefi" else box, Fittings(hub=True)) as venue:
        first_evening(venue)


def test_board_with_a_processor_of_arm_does_so_too(board: Spec, open_venue: OpenVenue) -> None:
    """It plays at a USB sound card; then the plug is pulled, and it plays what it was told to, by itself."""
    translated = tcg("its processor is none of a PC's")
    with open_venue(board, Fittings(hub=True, usb_card=True), translated) as venue:
        tracks = first_evening(venue, ARM_MUSIC_WITHIN_S)
        venue.expect_nothing()
        venue.cut_power(within_s=TRACK_S, seed=SEED)
        venue.hub.kill()
        venue.power_on()
        venue.wait_for_music(CODE_WITHIN_S)
        until_heard(venue, tracks)
        venue.expect_silence_below(STEADY_S)
        venue.listen(TRACK_S)


def test_power_button_turns_it_off(box: Spec, open_venue: OpenVenue) -> None:
    """Somebody presses it: the box ends all that it does, and the machine is off, with nobody's help."""
    with open_venue(box) as venue:
        venue.resume()
        venue.expect_nothing()
        venue.fault("power button pressed")
        assert venue.machine.shutdown(OFF_WITHIN_S) is Ending.POWERED_DOWN
