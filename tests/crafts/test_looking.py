"""The command whose result is a picture of what the screen shows."""

from pathlib import Path

import pytest

from easyplayer.player_events import start_playing
from easyplayer.protocol.commands import MOST_ATTACHED_BYTES, Name, Outcome, Reason
from easyplayer.screen_events import outputs_found, screen_told, screenshot_taken
from easyplayer.screen_view import OutputView, ScreenView
from easyplayer.units import Percent
from easyplayer.video import VideoPlayer
from tests.cinema import LEFT, Reel, films_of, still
from tests.fakes.fake_screen import FakeScreens
from tests.workbench import Workbench

TV = OutputView(name="card0-HDMI-A-1", up=True, width=1920, height=1080, driver="drm")
GONE = OutputView(name="card0-HDMI-A-1", trouble="it is unplugged")
SEEN = ScreenView(outputs=(TV,), item="Menu", item_id="menu")
JPEG = b"\xff\xd8 a picture"


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Workbench:
    bench = Workbench(tmp_path)
    bench.fire(screen_told(SEEN))
    return bench


def asked(bench: Workbench) -> Path:
    """Give where the picture is wanted."""
    path = bench.last("take_screenshot").args[0]
    assert isinstance(path, Path)
    return path


def test_what_the_screen_shows_is_attached(bench: Workbench) -> None:
    """As a JPEG, with what it is in words; nothing of it stays on the disk."""
    command = bench.order(Name.SCREENSHOT)
    assert bench.results_of(command) == []
    asked(bench).write_bytes(JPEG)
    bench.fire(screenshot_taken(asked(bench), ""))

    assert bench.fakes.attached == [(command.id, JPEG, "image/jpeg")]
    result = bench.result_of(command)
    assert (result.outcome, result.attached, result.text) == (
        Outcome.DONE,
        len(JPEG),
        "the screen shows Menu",
    )
    assert list(bench.fakes.tools.scratch.iterdir()) == []


def test_a_box_without_a_screen_says_so(bench: Workbench) -> None:
    """In a word, and with why there is none."""
    bench.fire(screen_told(ScreenView(reason="no display is plugged in")))
    result = bench.result(Name.SCREENSHOT)

    assert result.outcome is Outcome.UNAVAILABLE
    assert result.text == "not available on this box: it has no screen: no display is plugged in"


def test_a_screen_that_is_down_is_no_picture(bench: Workbench) -> None:
    """It is named, with what is wrong with it."""
    bench.fire(screen_told(ScreenView(outputs=(GONE,))))
    result = bench.result(Name.SCREENSHOT)

    assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.NOT_NOW)
    assert result.text == "its screen shows nothing (card0-HDMI-A-1: it is unplugged)"


def test_of_several_screens_one_that_is_up_is_enough(bench: Workbench) -> None:
    """All of them show the same."""
    bench.fire(screen_told(ScreenView(outputs=(GONE, TV))))
    command = bench.order(Name.SCREENSHOT)
    asked(bench).write_bytes(JPEG)
    bench.fire(screenshot_taken(asked(bench), ""))

    assert bench.result_of(command).text == "the screen shows no picture"


def test_a_screen_that_gives_no_picture_has_failed(bench: Workbench) -> None:
    """In the words of who shows."""
    command = bench.order(Name.SCREENSHOT)
    bench.fire(screenshot_taken(asked(bench), "the player does not answer"))

    result = bench.result_of(command)
    assert (result.outcome, result.text) == (Outcome.FAILED, "the player does not answer")


def test_a_picture_that_was_said_to_be_there_and_is_not_has_failed(bench: Workbench) -> None:
    """The command ends all the same."""
    command = bench.order(Name.SCREENSHOT)
    bench.fire(screenshot_taken(asked(bench), ""))

    result = bench.result_of(command)
    assert (result.outcome, result.text) == (Outcome.FAILED, "the screen's player has written no picture")


def test_a_picture_that_is_too_large_is_not_sent(bench: Workbench) -> None:
    """The hub would refuse it."""
    command = bench.order(Name.SCREENSHOT)
    asked(bench).write_bytes(bytes(MOST_ATTACHED_BYTES + 1))
    bench.fire(screenshot_taken(asked(bench), ""))

    assert bench.result_of(command).outcome is Outcome.FAILED
    assert bench.fakes.attached == []


def test_a_screen_that_never_answers_ends_the_command(bench: Workbench) -> None:
    """What comes later is sent to nobody."""
    command = bench.order(Name.SCREENSHOT)
    bench.run_for(301, step_s=0.5)
    asked(bench).write_bytes(JPEG)
    bench.fire(screenshot_taken(asked(bench), ""))

    assert "longer than 300 s" in bench.result_of(command).text
    assert bench.fakes.attached == []


def test_only_one_is_taken_at_a_time(bench: Workbench) -> None:
    """They would write to the same file."""
    bench.order(Name.SCREENSHOT)

    assert bench.result(Name.SCREENSHOT).reason is Reason.BUSY


def test_the_picture_comes_from_the_player_itself(tmp_path: Path) -> None:
    """From an output that is up, as soon as there is one."""
    bench = Workbench(tmp_path)
    screens = FakeScreens(bench.clock, films_of([still("menu", 60)]))
    bench.surround(screens.pump)
    bench.open(VideoPlayer(screens, Percent(100), bench.ticker), Reel([still("menu", 60)]))
    assert bench.result(Name.SCREENSHOT).outcome is Outcome.UNAVAILABLE
    bench.fire(outputs_found((LEFT,), ""))
    bench.fire(start_playing())
    bench.run_for(2.0, step_s=0.05)
    command = bench.order(Name.SCREENSHOT)
    bench.run_for(1.0, step_s=0.05)

    result = bench.result_of(command)
    assert (result.outcome, result.text) == (Outcome.DONE, "the screen shows menu.png")
    assert [(of, media_type) for of, _, media_type in bench.fakes.attached] == [(command.id, "image/jpeg")]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ({"text": "Last orders", "seconds": 90}, "the screen shows it for 90 s"),
        ({"text": "Last orders", "seconds": 0}, "the screen shows it until another one comes"),
        ({}, "the screen shows no message"),
    ],
)
def test_a_message_is_written_over_the_pictures(
    bench: Workbench, args: dict[str, str | float], says: str
) -> None:
    """For as long as is wished, and an empty one takes it off."""
    result = bench.result(Name.SHOW_MESSAGE, **args)
    assert (result.outcome, result.text) == (Outcome.DONE, says)
    assert bench.last("show_message").args == [args.get("text", ""), args.get("seconds", 60.0)]


def test_a_message_needs_a_screen(bench: Workbench) -> None:
    """It is no use to write where nobody can look."""
    bench.fire(screen_told(ScreenView()))
    assert bench.result(Name.SHOW_MESSAGE, text="hello").outcome is Outcome.UNAVAILABLE
