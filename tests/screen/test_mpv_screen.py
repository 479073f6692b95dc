"""What a person sees of mpv's screen, recorded frame by frame."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from easyplayer.drivers.mpv_screen import MpvScreen
from easyplayer.drivers.mpv_stage import A_LIST, NOT_DECODED
from easyplayer.drivers.screen import (
    Output,
    OutputDown,
    OutputDriver,
    OutputUp,
    Picture,
    PictureAdvanced,
    PictureEnded,
    PictureFailed,
    PictureShown,
    ScreenReport,
)
from easyplayer.units import Monotonic, Seconds
from tests.screen.camera import Camera, look
from tests.screen.reel import Reel
from tests.screen.watching import Watching
from tests.screen.xvfb import Xvfb

pytestmark = pytest.mark.screen

WINDOW = Output(driver=OutputDriver.WINDOW)
ON_THE_INSTANT_S = 0.1
LOOK_EVERY_S = 0.05
FRAME_S = 5.0


@pytest.fixture(name="watching")
def _watching(display: Xvfb) -> Iterator[Watching]:
    """Give a screen that is up, and what it tells."""
    with Watching(WINDOW) as watching:
        assert watching.wait_for(OutputUp).width == display.width
        yield watching


def test_no_change_shows_black(display: Xvfb, reel: Reel, tmp_path: Path, watching: Watching) -> None:
    """From clip to clip, to stills and back, some after the end and some before: nothing but pictures."""
    changes = [
        Picture(ticket=1, location=str(reel.clip("red"))),
        Picture(ticket=2, location=str(reel.clip("green", 1.0))),
        Picture(ticket=3, location=str(reel.still("blue")), still=True, length_s=Seconds(1.0)),
        Picture(ticket=4, location=str(reel.clip("red"))),
        Picture(ticket=5, location=str(reel.still("white")), still=True, length_s=Seconds(1.0)),
        Picture(ticket=6, location=str(reel.still("green")), still=True, length_s=Seconds(1.0)),
    ]
    watching.show(changes[0])
    with Camera(display, tmp_path) as camera:
        for picture in changes[1:]:
            watching.screen.load(picture)
            time.sleep(1.2)
            watching.show(picture)
        time.sleep(0.3)
        film = camera.film()

    assert [colour for colour, _ in film.colours] == ["red", "green", "blue", "red", "white", "green"]


def test_hard_start_is_seen_on_the_instant(
    display: Xvfb, reel: Reel, tmp_path: Path, watching: Watching
) -> None:
    """Right within a tenth of a second by the camera, for clips and for stills."""
    watching.show(Picture(ticket=1, location=str(reel.clip("red"))))
    wanted: list[tuple[str, Monotonic]] = []
    with Camera(display, tmp_path) as camera:
        for ticket, colour in enumerate(("green", "blue", "red", "white"), start=2):
            still = ticket % 2 == 0
            path = reel.still(colour) if still else reel.clip(colour)
            watching.screen.load(Picture(ticket=ticket, location=str(path), still=still))
            at = Monotonic(time.monotonic() + 1.0)
            wanted.append((colour, at))
            watching.screen.show(ticket, at)
            assert watching.wait_for(PictureShown).ticket == ticket
        time.sleep(0.3)
        film = camera.film()

    seen = dict(film.colours[1:])
    late_s = [seen[colour] - at for colour, at in wanted]
    assert [one for one in late_s if abs(one) > ON_THE_INSTANT_S] == [], late_s


def test_layers_keep_their_place_on_the_canvas(display: Xvfb, watching: Watching) -> None:
    """A box from the middle of the canvas to its lower right corner is there, whatever the output's size."""
    watching.screen.draw(
        "box", r"{\an7\pos(0,0)\bord0\shad0\c&HFFFFFF&\p1}m 960 540 l 1920 540 1920 1080 960 1080"
    )
    time.sleep(0.5)

    white = np.all(look(display) > 200, axis=2)

    middle = (display.height // 2, display.width // 2)
    assert white[middle[0] + 3 :, middle[1] + 3 :].mean() > 0.99
    assert white[: middle[0] - 3].mean() < 0.01
    assert white[:, : middle[1] - 3].mean() < 0.01


def test_truncated_clip_is_over_before_its_time(reel: Reel, watching: Watching) -> None:
    """What has arrived is shown, and then the next one is."""
    watching.show(Picture(ticket=1, location=str(reel.truncated())))

    assert watching.wait_for(PictureEnded, 8.0).ticket == 1

    watching.show(Picture(ticket=2, location=str(reel.clip("green"))))


def test_music_has_no_picture(reel: Reel, watching: Watching) -> None:
    """What has nothing to be seen in it fails: a black screen is not taken for a picture."""
    watching.screen.load(Picture(ticket=1, location=str(reel.sound()), mute=False))
    watching.screen.show(1, None)

    assert watching.wait_for(PictureFailed).ticket == 1


@pytest.mark.parametrize("still", [False, True])
def test_damaged_picture_is_no_black_one(reel: Reel, watching: Watching, still: bool) -> None:
    """What nothing can be decoded of fails at once, and was never shown; the next one is."""
    path = reel.damaged_still() if still else reel.damaged_clip()
    watching.show(Picture(ticket=1, location=str(reel.still("blue")), still=True))
    watching.screen.load(Picture(ticket=2, location=str(path), still=still))
    watching.screen.show(2, None)

    failed = watching.wait_for(PictureFailed)
    shown = told_by(watching.reports, PictureShown)

    assert (failed.detail, shown) == (NOT_DECODED, 1)
    watching.show(Picture(ticket=3, location=str(reel.clip("green"))))


def test_list_of_addresses_is_refused(reel: Reel, watching: Watching) -> None:
    """What is listed there would be played without anybody knowing of it."""
    watching.screen.load(Picture(ticket=1, location=str(reel.listing()), endless=True))
    watching.screen.show(1, None)

    assert watching.wait_for(PictureFailed).detail == A_LIST

    watching.show(Picture(ticket=2, location=str(reel.clip("green"))))


def test_slide_show_is_not_taken_for_a_picture_that_stands_still(reel: Reel, watching: Watching) -> None:
    """It shows one picture for five seconds, and then the next one."""
    watching.show(Picture(ticket=1, location=str(reel.slides())))

    while watching.wait_for(PictureAdvanced).position_s < FRAME_S:
        continue

    assert told_by(watching.reports, OutputDown) == 0


def test_display_that_is_not_there_yet_is_waited_for(reel: Reel, display: Xvfb) -> None:
    """The screen goes on trying, and comes up when the display is there."""
    display.stop()
    with Watching(WINDOW) as watching:
        time.sleep(1.5)
        before = list(watching.reports)
        display.start()
        watching.wait_for(OutputUp, 20.0)
        watching.show(Picture(ticket=1, location=str(reel.clip("red"))))

    assert [type(report).__name__ for report in before] == ["OutputDown"]


def test_what_one_can_see_through_lies_on_black(reel: Reel, display: Xvfb) -> None:
    """And not on a chequered board; here OpenGL draws, which knows about that."""
    with Watching(WINDOW, {"vo": "gpu,x11", "gpu-sw": "yes"}) as watching:
        watching.wait_for(OutputUp)
        watching.show(Picture(ticket=1, location=str(reel.glass()), still=True))
        time.sleep(0.5)
        pixels = look(display)

    assert pixels[:30].min() > 200
    assert pixels[60:].max() < 30


CHILD = """
import sys, time
from easyplayer.drivers.mpv_screen import MpvScreen
from easyplayer.drivers.screen import Output, OutputDriver, OutputUp
def told(report):
    if isinstance(report, OutputUp):
        print(screen.pid, flush=True)
screen = MpvScreen(Output(driver=OutputDriver.WINDOW), told)
time.sleep(60)
"""


@pytest.mark.usefixtures("display")
def test_nothing_is_left_of_a_box_that_is_killed() -> None:
    """The player ends with who started it, however that ends."""
    with subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        player = int(child.stdout.readline())
        assert _runs(player)

        child.send_signal(signal.SIGKILL)

    deadline = time.monotonic() + 3.0
    while _runs(player) and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
    assert not _runs(player)


def test_player_is_told_to_go_first_where_memory_runs_out(watching: Watching) -> None:
    """The music outlives the screen."""
    badness = Path(f"/proc/{watching.screen.pid}/oom_score_adj").read_text()

    assert int(badness) > int(Path("/proc/self/oom_score_adj").read_text())


def test_many_changes_leave_nothing_behind(reel: Reel, watching: Watching) -> None:
    """The player has the same number of open files after fifty changes as after ten."""
    counts: list[int] = []
    for ticket in range(1, 51):
        path = reel.still("blue") if ticket % 2 else reel.clip("red")
        watching.show(Picture(ticket=ticket, location=str(path), still=bool(ticket % 2)))
        if ticket in {10, 50}:
            counts.append(len(os.listdir(f"/proc/{watching.screen.pid}/fd")))  # noqa: PTH208 (short-lived names)

    assert counts[1] <= counts[0] + 2


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def told_by(reports: list[ScreenReport], kind: type[ScreenReport]) -> int:
    """Count the reports of a kind."""
    return sum(isinstance(report, kind) for report in reports)


def test_screens_of_one_display_do_not_disturb_each_other(reel: Reel, watching: Watching) -> None:
    """A second output's player that dies takes nothing from the first."""
    watching.show(Picture(ticket=1, location=str(reel.clip("red", 8.0))))
    before = told_by(watching.reports, OutputUp)
    with Watching(WINDOW) as other:
        other.wait_for(OutputUp)
        os.kill(other.screen.pid, signal.SIGKILL)
        time.sleep(0.5)

    assert isinstance(watching.screen, MpvScreen)
    assert told_by(watching.reports, OutputUp) == before
