"""A program comes on a stick, to a box that the network does not reach; nobody hears that it comes."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.faculties.hub import VENUE
from tests.venue.faculties.stick_image import FileSystem, StickImage, make_stick
from tests.venue.faculties.tracks import Track, make_track, pitch
from tests.venue.machine import Spec
from tests.venue.stories.evening import have_evening, publish, until_heard
from tests.venue.venue import Fittings, Venue

pytestmark = pytest.mark.venue

STEADY_S = 2.0
"""Silence that nobody in a bar takes for a fault."""

NEW_HZ, NEW_S, LONG_S = pitch(9), 10.0, 150.0
BUNDLE, REPORTS = "easyplayer", "easyplayer/reports/"
TAKEN_WITHIN_S = 40.0
"""A fast machine has mounted a stick, copied a song, changed to it at a song's end, and left its report."""

BEGUN_BYTES = 6 << 20
"""The box has read so much of a stick when it is pulled: it is in the middle of a song of 26 MB."""

AFTERWARDS_S = 15.0
LOOK_EVERY_S = 0.1


@pytest.mark.parametrize("file_system", [FileSystem.VFAT, FileSystem.EXT4])
def test_new_program_comes_by_stick(
    box: Spec, open_venue: OpenVenue, tmp_path: Path, file_system: FileSystem
) -> None:
    """The cable is out, a stick is put in, and what it brings is heard; the report is left on it."""
    with open_venue(box, Fittings(hub=True)) as venue:
        have_evening(venue)
        new = make_track(tmp_path, "by-stick", NEW_HZ, NEW_S)
        venue.know([new])
        venue.expect_silence_below(STEADY_S)
        stick = at_sea(venue, new, file_system, tmp_path)
        with venue.outage(f"stick in, {file_system.value}", "stick out"):
            name = venue.usb.insert(stick)
            until_heard(venue, [new], TAKEN_WITHIN_S)
            until(lambda: has_report(stick), TAKEN_WITHIN_S * venue.machine.accelerator.factor, "a report")
            venue.usb.pull(name)
        venue.listen(AFTERWARDS_S)
        assert has_report(stick)


def test_stick_is_pulled_in_the_middle(box: Spec, open_venue: OpenVenue, tmp_path: Path) -> None:
    """Nobody hears that the stick is gone in the middle of a song; put in again, its program is heard."""
    with open_venue(box, Fittings(hub=True)) as venue:
        have_evening(venue)
        new = make_track(tmp_path, "by-stick", NEW_HZ, LONG_S)
        venue.know([new])
        venue.expect_silence_below(STEADY_S)
        stick = at_sea(venue, new, FileSystem.VFAT, tmp_path)
        limit_s = TAKEN_WITHIN_S * venue.machine.accelerator.factor
        with venue.outage("stick in", "stick pulled too soon"):
            name = venue.usb.insert(stick)
            until(lambda: venue.usb.read_bytes(name) > BEGUN_BYTES, limit_s, "the middle of the song")
            venue.usb.pull(name)
        venue.listen(AFTERWARDS_S)
        assert venue.sound.track_now({new.name: new.hz}) == ""
        with venue.outage("stick in again", "stick out"):
            name = venue.usb.insert(stick)
            until_heard(venue, [new], TAKEN_WITHIN_S)
            venue.usb.pull(name)
        venue.listen(AFTERWARDS_S)


def at_sea(venue: Venue, new: Track, file_system: FileSystem, folder: Path) -> StickImage:
    """Pull the cable, and make a stick with a program of one track, which is published meanwhile."""
    venue.fault("network cut")
    venue.network.cut(venue.machine)
    publish(venue, "by-stick", [new])
    bundle = folder / "bundle"
    bundle.mkdir()
    venue.hub.process.tell("program", "bundle", "--to", bundle, "--venue", VENUE, "--collect")
    return make_stick(folder / "stick.img", {BUNDLE: bundle / BUNDLE}, file_system)


def has_report(stick: StickImage) -> bool:
    """Tell whether there is a report on a stick."""
    return any(name.startswith(REPORTS) and name.endswith(".age") for name in stick.names())


def until(what: Callable[[], bool], within_s: float, otherwise: str) -> None:
    """Wait until something is so."""
    deadline_s = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline_s, f"{otherwise} did not come within {within_s:.0f} s"
        time.sleep(LOOK_EVERY_S)
