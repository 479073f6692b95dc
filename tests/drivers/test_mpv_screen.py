"""A screen whose player is a test: what it is started with, and what comes of each way to end badly."""

import contextlib
import json
import logging
import queue
import socket
from collections.abc import Iterator
from errno import EMFILE
from pathlib import Path
from typing import Any, Self, TypeVar

import pytest
from msgspec import structs

from easyplayer.drivers import mpv_screen
from easyplayer.drivers.mpv_screen import FAULT, MpvScreen
from easyplayer.drivers.screen import (
    Output,
    OutputDown,
    OutputDriver,
    OutputUp,
    Picture,
    PictureReady,
    ScreenReport,
)

WITHIN_S = 10.0
HDMI = Output(name="card0-HDMI-A-1", driver=OutputDriver.DRM, mode="1920x1080@60")
STREAM = Picture(ticket=1, location="/tmp/pipe", endless=True)

Kind = TypeVar("Kind", bound=ScreenReport)


class Player:
    """The contract of an mpv's process, held by a test.

    :ivar output: where it was told to show.
    :ivar ended: whether it was ended.
    """

    pid = 0

    def __init__(self, output: Output) -> None:
        self.line, self._theirs = socket.socketpair()
        self._said = self._theirs.makefile("rb")
        self.output = output
        self.ended = False

    def end(self, *, soft: bool) -> None:
        self.ended = True
        self.line.close()

    def die(self) -> None:
        """End by itself."""
        self._theirs.shutdown(socket.SHUT_RDWR)

    def say(self, **said: Any) -> None:
        """Say something."""
        self._theirs.sendall(json.dumps(said).encode() + b"\n")

    def come_up(self) -> None:
        """Show something."""
        dimensions = {"w": 1920, "h": 1080}
        for name, data in {"vo-configured": True, "current-vo": "drm", "osd-dimensions": dimensions}.items():
            self.say(event="property-change", name=name, data=data)

    def close(self) -> None:
        """Let go of both ends."""
        for one in (self._said, self._theirs, self.line):
            one.close()

    def hear(self, command: str) -> int:
        """Wait for a command; give its number."""
        while asked := json.loads(self._said.readline()):
            given = asked["command"]
            if command == (given["name"] if isinstance(given, dict) else given[0]):
                return int(asked["request_id"])
        return 0


class Wall:
    """A screen, all its players, and what it tells.

    :ivar trouble: what the machine raises in place of the next player.
    """

    def __init__(self) -> None:
        self.reports: queue.SimpleQueue[ScreenReport] = queue.SimpleQueue()
        self.players: queue.SimpleQueue[Player] = queue.SimpleQueue()
        self.trouble: list[Exception] = []
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def open(self, output: Output = HDMI) -> MpvScreen:
        """Open a screen, which is closed after the test."""
        screen = MpvScreen(output, self.reports.put)
        self._closing.callback(screen.close)
        return screen

    def start(self, output: Output, _options: dict[str, str]) -> Player:
        """Start a player, as the screen asks for it."""
        if self.trouble:
            raise self.trouble.pop()
        player = Player(output)
        self._closing.callback(player.close)
        self.players.put(player)
        return player

    def next_player(self) -> Player:
        """Wait for the next player."""
        return self.players.get(timeout=WITHIN_S)

    def wait_for(self, kind: type[Kind]) -> Kind:
        """Wait for the next report of a kind."""
        while True:
            report = self.reports.get(timeout=WITHIN_S)
            if isinstance(report, kind):
                return report


@pytest.fixture(name="wall")
def _wall(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wall]:
    with Wall() as wall:
        monkeypatch.setattr(mpv_screen, "MpvProcess", wall.start)
        monkeypatch.setattr(mpv_screen, "FIRST_PATIENCE_S", 0.01)
        yield wall


def test_mode_that_leads_to_no_picture_is_left_out(wall: Wall, caplog: pytest.LogCaptureFixture) -> None:
    """A display at 59.94 Hz is none at 60: it shows its own mode, and somebody is told."""
    wall.open()
    first = wall.next_player()
    first.die()
    second = wall.next_player()
    with caplog.at_level(logging.WARNING):
        second.come_up()
        wall.wait_for(OutputUp)

    assert (first.output, second.output.mode) == (HDMI, "")
    assert caplog.messages == [
        "screen card0-HDMI-A-1 shows nothing in mode 1920x1080@60, but in the display's own"
    ]


def test_mode_is_tried_again_where_it_is_not_to_blame(wall: Wall) -> None:
    """Where nothing comes up in any mode, the one that was wished has its turn again."""
    wall.open()
    modes = []
    for _ in range(3):
        player = wall.next_player()
        modes.append(player.output.mode)
        player.die()

    assert modes == [HDMI.mode, "", HDMI.mode]


def test_mode_that_has_shown_pictures_stays(wall: Wall) -> None:
    """A player that ends later has another reason."""
    wall.open()
    first = wall.next_player()
    first.come_up()
    wall.wait_for(OutputUp)

    first.die()

    assert wall.next_player().output == HDMI


@pytest.mark.parametrize(
    "trouble", [OSError(EMFILE, "Too many open files"), RuntimeError("can't start new thread")]
)
def test_machine_that_is_out_of_means_is_waited_for(trouble: Exception, wall: Wall) -> None:
    """The screen is down, says why, and comes up when there is room again."""
    wall.trouble.append(trouble)

    wall.open()

    assert str(trouble) in wall.wait_for(OutputDown).detail
    wall.next_player().come_up()
    wall.wait_for(OutputUp)


def test_answer_that_nobody_foresaw_ends_the_player_and_not_the_screen(
    wall: Wall, caplog: pytest.LogCaptureFixture
) -> None:
    """No player is left that nobody listens to; the next one is started."""
    screen = wall.open()
    player = wall.next_player()
    player.come_up()
    wall.wait_for(OutputUp)
    screen.load(STREAM)
    screen.show(1, None)

    player.say(request_id=player.hear("loadfile"), error="success", data="nonsense")

    assert wall.wait_for(OutputDown).detail.startswith(FAULT)
    assert player.ended
    assert "screen card0-HDMI-A-1 has a fault" in caplog.messages
    wall.next_player().come_up()
    wall.wait_for(OutputUp)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_no_player_outlives_its_screen(wall: Wall) -> None:
    """Not even where whoever is told of its end ends badly himself."""

    def refuse(report: ScreenReport) -> None:
        raise RuntimeError(report)

    screen = MpvScreen(HDMI, refuse)
    player = wall.next_player()
    player.come_up()
    screen._thread.join(WITHIN_S)

    assert player.ended


def test_stream_is_not_looked_at_before_it_is_shown(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its path may be a pipe, and who reads from that takes what is to be seen."""
    looked: list[str] = []
    monkeypatch.setattr(mpv_screen, "preload", lambda location: looked.append(location) or "")
    screen = wall.open()
    wall.next_player().come_up()
    wall.wait_for(OutputUp)

    screen.load(STREAM)
    first = wall.wait_for(PictureReady).ticket
    screen.load(Picture(ticket=2, location="/a.mp4"))

    assert (first, wall.wait_for(PictureReady).ticket) == (1, 2)
    assert looked == ["/a.mp4"]


DESK = Output(driver=OutputDriver.WINDOW, fullscreen=False)


def refuse_screenshot(screen: MpvScreen, player: Player, path: Path) -> queue.SimpleQueue[str]:
    """Ask for a screenshot, of which the player can take none of all that it draws; give what is told."""
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    screen.screenshot(path, told.put)
    player.say(request_id=player.hear("screenshot-to-file"), error="property unavailable")
    return told


def test_screenshot_of_a_window_is_never_one_of_the_desktop(
    wall: Wall, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What lies beside it is nobody's business: the picture alone is taken."""
    grabbed: list[Path] = []
    monkeypatch.setattr(mpv_screen, "grab_display", lambda path: grabbed.append(path) or "")
    screen = wall.open(DESK)
    player = wall.next_player()
    player.come_up()
    wall.wait_for(OutputUp)

    told = refuse_screenshot(screen, player, tmp_path / "seen.jpg")
    player.say(request_id=player.hear("screenshot-to-file"), error="success")

    assert told.get(timeout=WITHIN_S) == ""
    assert grabbed == []


def test_screenshot_of_what_covers_the_desktop_is_one_of_the_display(
    wall: Wall, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the words over the picture, which the player cannot take by itself there."""
    grabbed: list[Path] = []
    monkeypatch.setattr(mpv_screen, "grab_display", lambda path: grabbed.append(path) or "")
    screen = wall.open(structs.replace(DESK, fullscreen=True))
    player = wall.next_player()
    player.come_up()
    wall.wait_for(OutputUp)

    told = refuse_screenshot(screen, player, tmp_path / "seen.jpg")

    assert told.get(timeout=WITHIN_S) == ""
    assert grabbed == [tmp_path / "seen.jpg"]
