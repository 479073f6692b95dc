"""What the doctor says of the screen."""

import shutil
from pathlib import Path

import pytest

from easyplayer.cli import screen_checks
from easyplayer.cli.machine_checks import BAD, DOUBTFUL, GOOD, Look
from easyplayer.cli.screen_checks import card, letters, look_at_screens, outputs, player
from easyplayer.drivers.device_watch import Display
from easyplayer.drivers.screen import Output, OutputDriver
from easyplayer.drivers.screens_found import Found
from easyplayer.settings import ScreenSettings

TV = Display(id="card0-HDMI-A-1", title="BRAVIA", modes=("1920x1080", "1280x720"))
AT_TV = Output(name=TV.id, driver=OutputDriver.DRM)
SHOWS = Found(outputs=(AT_TV,), displays={TV.id: TV})


def test_where_pictures_are_shown_is_told_with_the_display() -> None:
    """Its own name, and its mode."""
    told = list(outputs(SHOWS, asked=False))

    assert told == [Look("screen", GOOD, "shows on card0-HDMI-A-1 (BRAVIA, 1920x1080), by drm")]


def test_window_has_no_display() -> None:
    """Of its own."""
    found = Found(outputs=(Output(driver=OutputDriver.WINDOW, mode="800x600"),))

    assert [one.what for one in outputs(found, asked=True)] == ["shows on window (800x600), by window"]


@pytest.mark.parametrize(("asked", "health"), [(False, GOOD), (True, DOUBTFUL)])
def test_box_without_a_display_is_well_unless_one_is_wished(asked: bool, health: str) -> None:
    """Most have none."""
    (told,) = outputs(Found(notes=("no display is connected",)), asked=asked)

    assert (told.health, "no display is connected" in told.what) == (health, True)


def test_what_cannot_be_had_as_it_is_wished_is_doubtful() -> None:
    """Though something is shown."""
    found = Found(outputs=(AT_TV,), displays={TV.id: TV}, notes=("it has no mode 3840x2160",))

    assert [one.health for one in outputs(found, asked=False)] == [GOOD, DOUBTFUL]


@pytest.mark.skipif(shutil.which("mpv") is None, reason="mpv is not installed")
def test_player_that_is_there_is_told_with_its_version() -> None:
    """The real one."""
    told = player()

    assert told.health == GOOD
    assert told.what.startswith("the program is there: mpv ")


def test_player_that_is_missing_or_broken_is_bad(tmp_path: Path) -> None:
    """With the way out."""
    broken = tmp_path / "mpv"
    broken.write_text("#!/bin/sh\necho 'libplacebo.so is missing' >&2\nexit 127\n")
    broken.chmod(0o755)

    missing = player({})
    told = player({"mpv": str(broken)})

    assert (missing.health, missing.advice) == (BAD, "apt install mpv")
    assert (told.health, "libplacebo.so is missing" in told.what) == (BAD, True)


def test_letters_are_looked_for(tmp_path: Path) -> None:
    """One font will do."""
    before = letters((tmp_path,))
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype/DejaVuSans.ttf").touch()

    assert (before.health, letters((tmp_path,)).health) == (BAD, GOOD)


@pytest.mark.parametrize(
    ("trouble", "health"),
    [
        ("", GOOD),
        ("mpv (77) has /dev/dri/card0", GOOD),
        ("Xorg (12) has /dev/dri/card0", BAD),
        ("/dev/dri/card0 may not be used by this user: put the user into the group video", BAD),
    ],
)
def test_graphics_card_is_free_or_somebody_s(
    trouble: str, health: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box's own player may have it."""
    monkeypatch.setattr(screen_checks, "why_not", lambda name: trouble if name == "card0" else "wrong")

    assert card(AT_TV).health == health


def test_machine_without_a_display_is_told_in_one_line() -> None:
    """Nobody needs fonts there."""
    (told,) = look_at_screens(ScreenSettings(outputs=("none",)))

    assert told == Look(
        "screen", DOUBTFUL, "no output is wished", "look at the plug, or at [screen] in the settings"
    )
