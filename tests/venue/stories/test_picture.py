"""The program's picture is on the screen; the screen is pulled, and dies: the music does not need it."""

import time
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs
from numpy.typing import NDArray

from easyplayer.playout.catalogue import Entry, Pictures, Playlist, Program
from easyplayer.playout.items import Item, ItemKind
from tests.process.paired import program_of
from tests.venue.conftest import OpenVenue
from tests.venue.faculties.screen import Picture
from tests.venue.faculties.tracks import Track, make_tracks
from tests.venue.machine import Spec
from tests.venue.stories.evening import TRACK_S, parted
from tests.venue.venue import Fittings, Venue

pytestmark = pytest.mark.venue

STEADY_S = 2.0
SHOWN_WITHIN_S = 60.0
LOOK_EVERY_S = 2.0
UNPLUGGED_FOR_S = 45.0
"""The kernel does not tell of a cable that is pulled by a word to it, so the box finds out when it looks."""
LISTENED_S = 15.0
CABLE = "echo {} | tee /sys/class/drm/card*-*/status"
PULL_CARD = "for card in /sys/class/drm/card?; do echo 1 > $card/device/remove; done; sleep 1"
CARDS = "ls /dev/dri/card*"
LEFT, RIGHT = (200, 30, 40), (20, 60, 190)
"""The colours of the two halves of the picture."""
AS_GOOD_AS = 24
"""So far may a colour be off that was scaled, of 255."""
SIZE = (640, 360)


def make_still(folder: Path) -> Path:
    """Make a picture of two halves, each of a colour that no text screen has."""
    columns, rows = SIZE
    pixels = np.zeros((rows, columns, 3), np.uint8)
    pixels[:, : columns // 2], pixels[:, columns // 2 :] = LEFT, RIGHT
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "halves.png"
    path.write_bytes(Picture(pixels).png())
    return path


def program_with(tracks: list[Track], still: Path) -> Program:
    """Have a program show one picture all the time."""
    program = parted(program_of("evening", [track.path for track in tracks], ()))
    item = Item(id=still.stem, location=str(still), title=still.stem, kind=ItemKind.STILL)
    return structs.replace(
        program,
        items=(*program.items, item),
        playlists=(*program.playlists, Playlist(id="wall", entries=(Entry(item=item.id),))),
        screen=Pictures(fallback="wall"),
    )


def shows_it(picture: Picture) -> bool:
    """Tell whether the two halves are to be seen, in the middle of the screen."""
    rows, columns, _ = picture.pixels.shape
    left, right = (picture.pixels[rows // 2, columns * part // 4] for part in (1, 3))
    return _is(left, LEFT) and _is(right, RIGHT)


def _is(pixel: NDArray[np.uint8], colour: tuple[int, int, int]) -> bool:
    return bool((abs(pixel.astype(int) - colour) <= AS_GOOD_AS).all())


def until_shown(venue: Venue, within_s: float = SHOWN_WITHIN_S) -> None:
    """Wait until the program's picture is on the screen."""
    deadline_s = time.monotonic() + within_s * venue.machine.accelerator.factor
    while not shows_it(venue.screen.look()):
        if time.monotonic() > deadline_s:
            venue.photograph("not the picture")
            raise AssertionError("the program's picture is not on the screen")
        time.sleep(LOOK_EVERY_S)


def have_picture(venue: Venue) -> None:
    """Have a box play a program of tones, and show its picture."""
    venue.resume()
    venue.claim()
    tracks = make_tracks(venue.folder / "tracks", 2, TRACK_S)
    venue.know(tracks)
    still = make_still(venue.folder / "pictures")
    venue.hub.publish_program("evening", program_with(tracks, still))
    until_shown(venue)
    venue.wait_for_track(tracks[0])


def test_picture_is_shown_and_its_screen_is_not_missed(box_with_screen: Spec, open_venue: OpenVenue) -> None:
    """The cable is pulled and put in again, then the graphics card dies; there is no silence at all."""
    with open_venue(box_with_screen, Fittings(hub=True)) as venue:
        have_picture(venue)
        venue.expect_silence_below(STEADY_S)
        venue.photograph("the program's picture")
        with venue.outage("screen unplugged", "screen plugged in"):
            venue.machine.shell.run(CABLE.format("off"), check=True)
            venue.listen(UNPLUGGED_FOR_S)
            venue.machine.shell.run(CABLE.format("detect"), check=True)
        until_shown(venue)
        venue.photograph("the picture is back")
        venue.fault("graphics card gone")
        assert venue.machine.shell.run(CARDS).code == 0
        venue.machine.shell.run(PULL_CARD)
        left = venue.machine.shell.run(CARDS)
        assert left.code != 0, left.output
        venue.listen(LISTENED_S)


def test_box_without_a_screen_plays_a_program_with_pictures(box: Spec, open_venue: OpenVenue) -> None:
    """It says so to the hub, and fetches and plays all the rest."""
    with open_venue(box, Fittings(hub=True)) as venue:
        venue.resume()
        venue.claim()
        tracks = make_tracks(venue.folder / "tracks", 2, TRACK_S)
        still = make_still(venue.folder / "pictures")
        venue.hub.publish_program("evening", program_with(tracks, still))
        venue.wait_for_track(tracks[0])
        venue.expect_silence_below(STEADY_S)
        venue.listen(LISTENED_S)
