"""The contract of a screen, kept by mpv and by the fake one."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import pytest

from easyplayer.drivers.mpv_screen import MpvScreen
from easyplayer.drivers.screen import (
    STARVED_AFTER_S,
    Output,
    OutputDown,
    OutputDriver,
    OutputUp,
    Picture,
    PictureAdvanced,
    PictureEnded,
    PictureFailed,
    PictureFault,
    PictureReady,
    PictureShown,
    PictureStuck,
    Screen,
    ScreenReport,
)
from easyplayer.units import Monotonic, Seconds
from tests.fakes.clock import HeldClock
from tests.fakes.fake_screen import FakeScreens, Footage
from tests.screen.camera import look
from tests.screen.reel import COLOURS, Reel
from tests.screen.xvfb import Xvfb
from tests.sound.radio import Radio

STEP_S = 0.02
SOON_S = 3.0
LATER_S = 12.0
STUCK_WITHIN_S = 16.0
LAYER = r"{\an2\pos(960,1000)\fs120\bord0\c&HFFFFFF&}EASY"
STREAM_S = 30.0

Kind = TypeVar("Kind", bound=ScreenReport)


class Room(Protocol):
    """A screen, what it shows, and an eye.

    :ivar reports: what the screen has told.
    """

    screen: Screen
    reports: list[ScreenReport]

    def clip(self, colour: str, length_s: float = 4.0) -> str:
        """Give the location of a clip."""

    def still(self, colour: str) -> str:
        """Give the location of a still."""

    def unplayable(self, kind: str) -> str:
        """Give the location of something that is no picture."""

    def stream(self, colour: str, stalls_after_s: float) -> str:
        """Give the location of a stream that sends no more after some seconds, and does not hang up."""

    def now(self) -> Monotonic:
        """Read the clock."""

    def wait(self, seconds: float) -> None:
        """Let some seconds pass."""

    def wait_for(self, kind: type[Kind], within_s: float = SOON_S) -> Kind:
        """Wait for the next report of a kind, from now on or already told and not yet waited for."""

    def sees(self) -> str:
        """Tell which colour is seen now."""

    def sees_layer(self) -> bool:
        """Tell whether a white text is seen at the bottom."""

    def kill_player(self) -> None:
        """Let the player die."""

    def freeze_display(self) -> None:
        """Let nothing be drawn any more."""

    def thaw_display(self) -> None:
        """Let everything be drawn again."""


class FakeRoom:
    """The fake screen, and its world."""

    def __init__(self) -> None:
        self.clock = HeldClock()
        self.footage: dict[str, Footage] = {}
        self.reports: list[ScreenReport] = []
        self.fake = FakeScreens(self.clock, self.footage)(Output(), self.reports.append)
        self.screen: Screen = self.fake
        self._waited_for = 0

    def clip(self, colour: str, length_s: float = 4.0) -> str:
        self.footage[f"{colour}.mp4"] = Footage(length_s=length_s)
        return f"{colour}.mp4"

    def still(self, colour: str) -> str:
        self.footage[f"{colour}.png"] = Footage(length_s=None)
        return f"{colour}.png"

    def unplayable(self, kind: str) -> str:
        if kind == "random":
            self.footage["random.mp4"] = Footage(no_picture="unrecognized file format")
        return f"{kind}.mp4"

    def stream(self, colour: str, stalls_after_s: float) -> str:
        self.footage[f"http://{colour}.ts"] = Footage(length_s=None, starves_at_s=stalls_after_s)
        return f"http://{colour}.ts"

    def now(self) -> Monotonic:
        return self.clock()

    def wait(self, seconds: float) -> None:
        self.fake.pump()
        for _ in range(round(seconds / STEP_S)):
            self.clock.advance(STEP_S)
            self.fake.pump()

    def wait_for(self, kind: type[Kind], within_s: float = SOON_S) -> Kind:
        for _ in range(round(within_s / STEP_S)):
            for report in self.reports[self._waited_for :]:
                self._waited_for += 1
                if isinstance(report, kind):
                    return report
            self.wait(STEP_S)
        message = f"no {kind.__name__} came, but {self.reports}"
        raise AssertionError(message)

    def sees(self) -> str:
        self.wait(STEP_S)
        shown = self.fake.shown
        return "black" if shown is None else shown.location.removeprefix("http://").partition(".")[0]

    def sees_layer(self) -> bool:
        self.wait(STEP_S)
        return bool(self.fake.layers)

    def kill_player(self) -> None:
        self.fake.fall()

    def freeze_display(self) -> None:
        self.fake.frozen = True

    def thaw_display(self) -> None:
        self.fake.frozen = False


class RealRoom:
    """An mpv screen on a display without hardware."""

    def __init__(self, display: Xvfb, reel: Reel) -> None:
        self.reports: list[ScreenReport] = []
        self._display = display
        self._reel = reel
        self._news = threading.Condition()
        self._waited_for = 0
        self.stack = ExitStack()
        self.mpv = MpvScreen(Output(driver=OutputDriver.WINDOW), self._take)
        self.screen: Screen = self.mpv

    def _take(self, report: ScreenReport) -> None:
        with self._news:
            self.reports.append(report)
            self._news.notify_all()

    def clip(self, colour: str, length_s: float = 4.0) -> str:
        return str(self._reel.clip(colour, length_s))

    def still(self, colour: str) -> str:
        return str(self._reel.still(colour))

    def unplayable(self, kind: str) -> str:
        files = {"zero-byte": self._reel.empty, "text": self._reel.text, "random": self._reel.random_bytes}
        return str(files[kind]() if kind in files else Path("/nowhere/at/all.mp4"))

    def stream(self, colour: str, stalls_after_s: float) -> str:
        station = Radio(self._reel.stream(colour, STREAM_S), STREAM_S, burst_s=2.0)
        self.stack.enter_context(station)
        timer = threading.Timer(stalls_after_s, station.stall)
        timer.start()
        self.stack.callback(timer.cancel)
        return station.url

    def now(self) -> Monotonic:
        return Monotonic(time.monotonic())

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def wait_for(self, kind: type[Kind], within_s: float = SOON_S) -> Kind:
        deadline = time.monotonic() + within_s
        with self._news:
            while True:
                for report in self.reports[self._waited_for :]:
                    self._waited_for += 1
                    if isinstance(report, kind):
                        return report
                left_s = deadline - time.monotonic()
                assert left_s > 0, f"no {kind.__name__} came, but {self.reports}"
                self._news.wait(left_s)

    def sees(self) -> str:
        pixels = look(self._display)
        red, green, blue = np.median(pixels[self._display.height // 2 :], axis=(0, 1)) > 127
        wanted = {
            name: tuple(int(code[at : at + 2], 16) > 127 for at in (2, 4, 6))
            for name, code in COLOURS.items()
        }
        return next((name for name, seen in wanted.items() if seen == (red, green, blue)), "black")

    def sees_layer(self) -> bool:
        return bool((look(self._display)[self._display.height // 2 :] > 200).all(axis=2).sum() > 100)

    def kill_player(self) -> None:
        os.kill(self.mpv.pid, signal.SIGKILL)

    def freeze_display(self) -> None:
        self._display.freeze()

    def thaw_display(self) -> None:
        self._display.thaw()


@pytest.fixture(name="room", params=["fake", pytest.param("real", marks=pytest.mark.screen)])
def _room(request: pytest.FixtureRequest) -> Iterator[Room]:
    """Give a screen in its world, when it can show something."""
    if request.param == "fake":
        room: Room = FakeRoom()
    else:
        room = RealRoom(request.getfixturevalue("display"), request.getfixturevalue("reel"))
    room.wait_for(OutputUp, LATER_S)
    yield room
    room.screen.close()
    if isinstance(room, RealRoom):
        room.stack.close()


def load(room: Room, location: str, ticket: int = 1, **more: object) -> Picture:
    """Make a picture the next one."""
    picture = Picture(ticket=ticket, location=location, **more)  # type: ignore[arg-type]
    room.screen.load(picture)
    return picture


def show(room: Room, location: str, ticket: int = 1, **more: object) -> PictureShown:
    """Show a picture, and wait until it is seen."""
    load(room, location, ticket, **more)
    room.screen.show(ticket, None)
    shown = room.wait_for(PictureShown)
    assert shown.ticket == ticket
    return shown


def test_output_that_is_up_tells_its_size_and_what_draws(room: Room) -> None:
    """So that the status can say what is there."""
    up = next(report for report in room.reports if isinstance(report, OutputUp))

    assert up.width > 0
    assert up.height > 0
    assert up.driver
    assert room.sees() == "black"


def test_loaded_picture_is_ready_and_is_not_seen(room: Room) -> None:
    """A picture that is the next one waits to be shown."""
    load(room, room.clip("red"), ticket=7)

    ready = room.wait_for(PictureReady)
    room.wait(0.3)

    assert ready.ticket == 7
    assert not any(isinstance(report, PictureShown) for report in room.reports)
    assert room.sees() == "black"


def test_shown_clip_is_seen_and_tells_where_it_is(room: Room) -> None:
    """Its positions go with the clock."""
    show(room, room.clip("red"))

    readings = [room.wait_for(PictureAdvanced) for _ in range(4)]

    assert room.sees() == "red"
    assert all(reading.ticket == 1 for reading in readings)
    passed_s = readings[-1].at - readings[0].at
    assert readings[-1].position_s - readings[0].position_s == pytest.approx(passed_s, abs=0.15)


def test_still_is_over_by_its_time_and_stays(room: Room) -> None:
    """What is over is seen until something else is."""
    shown = show(room, room.still("blue"), still=True, length_s=Seconds(1.0))

    ended = room.wait_for(PictureEnded)

    assert ended.ticket == 1
    assert room.now() - shown.at == pytest.approx(1.0, abs=0.3)
    assert room.sees() == "blue"


def test_still_without_a_length_does_not_end(room: Room) -> None:
    """It is seen until something else is due."""
    show(room, room.still("blue"), still=True)

    room.wait(2.0)

    assert not any(isinstance(report, PictureEnded) for report in room.reports)
    assert room.wait_for(PictureAdvanced).ticket == 1


def test_clip_is_over_once_and_stays(room: Room) -> None:
    """Its last frame is seen, and nothing more is told."""
    show(room, room.clip("red", 1.5))

    ended = room.wait_for(PictureEnded)
    count = len(room.reports)
    room.wait(1.2)

    assert ended.ticket == 1
    assert len(room.reports) == count
    assert room.sees() == "red"


def test_clip_is_over_where_it_is_told_to_be(room: Room) -> None:
    """From a position of its own, for a length of its own."""
    shown = show(room, room.clip("red"), start_s=Seconds(2.0), length_s=Seconds(1.0))

    first = room.wait_for(PictureAdvanced)
    room.wait_for(PictureEnded)

    assert 2.0 <= first.position_s < 3.0
    assert room.now() - shown.at == pytest.approx(1.0, abs=0.4)


def test_picture_is_seen_on_the_instant(room: Room) -> None:
    """A hard start is right within a tenth of a second, once the screen knows how long a change takes."""
    show(room, room.clip("red"), ticket=1)
    load(room, room.clip("green"), ticket=2)
    room.wait_for(PictureReady)
    at = Monotonic(room.now() + 1.0)

    room.screen.show(2, at)
    shown = room.wait_for(PictureShown)

    assert shown.ticket == 2
    assert shown.at == pytest.approx(at, abs=0.1)
    assert room.sees() == "green"


def test_picture_that_was_replaced_is_never_seen(room: Room) -> None:
    """The last one that was loaded is the next one; to ask for another is passed over."""
    load(room, room.clip("red"), ticket=1)
    room.wait_for(PictureReady)
    load(room, room.clip("green"), ticket=2)
    room.wait_for(PictureReady)

    room.screen.show(1, None)
    room.wait(0.3)
    before = room.sees()
    room.screen.show(2, None)

    assert before == "black"
    assert room.wait_for(PictureShown).ticket == 2
    assert room.sees() == "green"


@pytest.mark.parametrize("kind", ["missing", "zero-byte", "text", "random"])
def test_what_is_no_picture_is_the_fault_of_the_medium(room: Room, kind: str) -> None:
    """It fails before it is shown or instead of it, with its ticket and a reason; then others are shown."""
    show(room, room.clip("red"), ticket=1)
    load(room, room.unplayable(kind), ticket=2)
    room.screen.show(2, None)

    failed = room.wait_for(PictureFailed)
    show(room, room.clip("green"), ticket=3)

    assert (failed.ticket, failed.fault) == (2, PictureFault.MEDIUM)
    assert failed.detail
    assert room.sees() == "green"


def test_held_clip_keeps_its_position(room: Room) -> None:
    """Held, it stands still and tells nothing; let go, it goes on from there."""
    show(room, room.clip("red"))
    room.wait_for(PictureAdvanced)

    room.screen.pause()
    room.wait(0.3)
    held_at_s = [report for report in room.reports if isinstance(report, PictureAdvanced)][-1].position_s
    count = len(room.reports)
    room.wait(1.5)
    still = len(room.reports)
    room.screen.resume()
    room.wait(0.7)
    again = [report for report in room.reports if isinstance(report, PictureAdvanced)][-1]

    assert still == count
    assert held_at_s < again.position_s < held_at_s + 1.6


def test_held_still_keeps_its_time(room: Room) -> None:
    """The time for which it is held does not count."""
    show(room, room.still("blue"), still=True, length_s=Seconds(1.0))
    room.wait(0.4)

    room.screen.pause()
    room.wait(1.5)
    ended_meanwhile = any(isinstance(report, PictureEnded) for report in room.reports)
    room.screen.resume()
    resumed_at = room.now()
    room.wait_for(PictureEnded)

    assert not ended_meanwhile
    assert room.now() - resumed_at == pytest.approx(0.6, abs=0.3)


def test_cleared_screen_is_black(room: Room) -> None:
    """What was shown and what was next is forgotten, and nothing more is told of it."""
    show(room, room.clip("red"), ticket=1)
    load(room, room.clip("green"), ticket=2)
    room.wait_for(PictureReady)

    room.screen.clear()
    room.wait(0.3)
    count = len(room.reports)
    room.screen.show(2, None)
    room.wait(1.0)

    assert room.sees() == "black"
    assert len(room.reports) == count


def test_layer_is_seen_above_everything(room: Room) -> None:
    """On black, above a picture, and no more when it is taken off."""
    room.screen.draw("hello", LAYER)
    room.wait(0.3)
    on_black = room.sees_layer()
    show(room, room.clip("red"))
    above_a_picture = room.sees_layer()

    room.screen.draw("hello", "")
    room.wait(0.3)

    assert on_black
    assert above_a_picture
    assert not room.sees_layer()


def test_end_of_an_endless_picture_is_a_failure(room: Room) -> None:
    """A stream that ends has failed."""
    show(room, room.clip("red", 1.5), endless=True)

    failed = room.wait_for(PictureFailed)

    assert (failed.ticket, failed.fault) == (1, PictureFault.MEDIUM)
    assert not any(isinstance(report, PictureEnded) for report in room.reports)


def test_stream_whose_data_stops_is_a_failure(room: Room) -> None:
    """Nobody hangs up, and yet nothing comes any more: that is told in time."""
    load(room, room.stream("red", 3.0), endless=True)
    room.screen.show(1, None)
    room.wait_for(PictureShown, LATER_S)

    failed = room.wait_for(PictureFailed, within_s=6.0 + 2 * STARVED_AFTER_S)

    assert (failed.ticket, failed.fault) == (1, PictureFault.MEDIUM)


def test_screenshot_is_told_when_it_is_written(room: Room, tmp_path: Path) -> None:
    """With nothing where it went well."""
    said: list[str] = []
    show(room, room.clip("red"))

    room.screen.screenshot(tmp_path / "seen.jpg", said.append)
    room.wait(1.5)

    assert said == [""]


def test_player_that_dies_is_told_and_replaced(room: Room) -> None:
    """The layers are there again; pictures are shown again when they are asked for."""
    room.screen.draw("hello", LAYER)
    show(room, room.clip("red"), ticket=1)

    room.kill_player()
    down = room.wait_for(OutputDown)
    room.wait_for(OutputUp, LATER_S)
    layer = room.sees_layer()
    show(room, room.clip("green"), ticket=2)

    assert down.detail
    assert layer
    assert room.sees() == "green"


def test_picture_for_an_output_that_is_down_is_the_fault_of_the_output(room: Room) -> None:
    """It is not the picture's fault."""
    room.kill_player()
    room.wait_for(OutputDown)

    load(room, room.clip("red"))

    failed = room.wait_for(PictureFailed)
    assert (failed.ticket, failed.fault) == (1, PictureFault.OUTPUT)


@pytest.mark.parametrize("kind", ["clip", "still"])
def test_display_that_draws_nothing_is_told_and_started_anew(room: Room, kind: str) -> None:
    """A picture that stands still is told as stuck, and the output comes back by itself."""
    if kind == "clip":
        show(room, room.clip("red", 20.0))
    else:
        show(room, room.still("blue"), still=True)

    room.freeze_display()
    stuck = room.wait_for(PictureStuck, STUCK_WITHIN_S)
    room.wait_for(OutputDown)
    room.thaw_display()
    room.wait_for(OutputUp, LATER_S)
    show(room, room.clip("green"), ticket=2)

    assert stuck.ticket == 1
    assert stuck.detail
    assert room.sees() == "green"


def test_restart_is_told(room: Room) -> None:
    """Asked for, it is down and up again."""
    show(room, room.clip("red"))

    room.screen.restart()

    room.wait_for(OutputDown)
    room.wait_for(OutputUp, LATER_S)
    show(room, room.clip("green"), ticket=2)
    assert room.sees() == "green"


def test_closed_screen_is_gone_soon_and_tells_nothing(room: Room) -> None:
    """Closing takes half a second at the most, in the middle of a clip."""
    show(room, room.clip("red"))
    began = time.monotonic()

    room.screen.close()
    took_s = time.monotonic() - began
    room.wait(0.2)
    count = len(room.reports)
    room.wait(1.0)

    assert took_s < 0.6
    assert len(room.reports) == count


def test_released_screen_ends_by_itself(room: Room) -> None:
    """It takes no time of its caller's, and tells nothing more."""
    show(room, room.clip("red"))
    began = time.monotonic()

    room.screen.release()
    took_s = time.monotonic() - began
    room.wait(0.6)
    count = len(room.reports)
    room.wait(1.0)

    assert took_s < 0.05
    assert len(room.reports) == count
