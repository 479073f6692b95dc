"""``easyplayer-hub box show``: what is to be seen at a box, in words."""

from easyplayer.hub.cli.screen_words import about_screen
from easyplayer.protocol.heartbeat import Screen, ScreenOutput

TV = ScreenOutput(name="card0-HDMI-A-1", up=True, width=1920, height=1080, driver="drm")
GONE = ScreenOutput(name="card1-DP-1", trouble="it is unplugged")


def test_a_box_without_a_screen_has_nothing_to_say() -> None:
    """Most boxes have none."""
    assert [*about_screen(Screen(), "")] == []


def test_what_is_shown_is_told_and_where() -> None:
    """Each display with its size."""
    assert [*about_screen(Screen(outputs=(TV,)), "Menu")] == [
        ("screen", "shows Menu"),
        ("display", "card0-HDMI-A-1: 1920 by 1080 by drm"),
    ]


def test_a_screen_that_is_down_stands_out() -> None:
    """With what is wrong with it, and how often that was."""
    screen = Screen(outputs=(TV, GONE), restarts=3, stuck=1)
    assert [*about_screen(screen, "Menu")] == [
        ("SCREEN DOWN", "shows Menu"),
        ("display", "card0-HDMI-A-1: 1920 by 1080 by drm"),
        ("DISPLAY", "card1-DP-1: it is unplugged"),
        ("screen was", "3 times started anew, 1 times stuck"),
    ]


def test_displays_that_sleep_are_no_fault() -> None:
    """It says why they do."""
    screen = Screen(outputs=(GONE,), on=False, reason="the venue is closed")
    assert next(about_screen(screen, "")) == ("screen", "the venue is closed")


def test_pictures_without_a_screen_are_told() -> None:
    """Somebody has planned them for this box."""
    assert [*about_screen(Screen(wanted=True, reason="no display is plugged in"), "")] == [
        ("SCREEN DOWN", "no display is plugged in")
    ]
