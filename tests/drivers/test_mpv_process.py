"""What an mpv is told for each output."""

from pathlib import Path

import pytest

from easyplayer.drivers.mpv_process import (
    NEEDED,
    OPTIONS,
    MpvMissingError,
    dying_with_us,
    known_options,
    on_black,
    options_for,
)
from easyplayer.drivers.screen import Output, OutputDriver


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (Output(), {"vo": "gpu,x11,wlshm", "fullscreen": "yes"}),
        (Output(driver=OutputDriver.WINDOW), {"vo": "x11,wlshm,gpu", "fullscreen": "yes"}),
        (
            Output(driver=OutputDriver.WINDOW, mode="1280x720@50", fullscreen=False),
            {"vo": "x11,wlshm,gpu", "geometry": "1280x720"},
        ),
        (Output(driver=OutputDriver.WINDOW, fullscreen=False), {"vo": "x11,wlshm,gpu"}),
        (
            Output(name="card1-HDMI-A-2", driver=OutputDriver.DRM),
            {
                "vo": "gpu,drm",
                "gpu-context": "drm",
                "drm-device": "/dev/dri/card1",
                "drm-connector": "HDMI-A-2",
                "drm-mode": "preferred",
            },
        ),
        (
            Output(name="card0-DP-1", driver=OutputDriver.DRM, mode="1920x1080@50"),
            {
                "vo": "gpu,drm",
                "gpu-context": "drm",
                "drm-device": "/dev/dri/card0",
                "drm-connector": "DP-1",
                "drm-mode": "1920x1080@50",
            },
        ),
        (Output(driver=OutputDriver.NONE), {"vo": "null"}),
    ],
)
def test_output_is_written_in_the_player_s_words(output: Output, told: dict[str, str]) -> None:
    """Beside what every output's player is told."""
    assert options_for(output) == OPTIONS | told


def test_what_one_can_see_through_lies_on_black() -> None:
    """An mpv before 0.38 has another option for that, and another meaning of the one since."""
    assert on_black(frozenset({"alpha", "background"})) == {"alpha": "blend"}
    assert on_black(frozenset({"background", "background-color"})) == {"background": "color"}


@pytest.mark.parametrize(("answer", "used"), [('exec "$3"', True), ("exit 1", False)])
def test_where_the_tool_may_not_be_used_a_player_starts_without_it(
    answer: str, used: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused to a service that may change no capabilities; pictures are shown all the same."""
    tool = tmp_path / "setpriv"
    tool.write_text(f"#!/bin/sh\n{answer}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    dying_with_us.cache_clear()

    assert bool(dying_with_us()) is used

    dying_with_us.cache_clear()


def install(at: Path, script: str) -> None:
    """Put a player in place of the one before, as a package does."""
    (at / "new").write_text(f"#!/bin/sh\n{script}\n")
    (at / "new").chmod(0o755)
    (at / "new").rename(at / "mpv")


def listing(*more: str) -> str:
    """Write a player that lists its options."""
    return "\n".join(f"echo ' --{name} Flag'" for name in (*sorted(NEEDED), *more))


@pytest.fixture(name="path")
def _path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


@pytest.mark.parametrize("broken", ["exit 127", f"{listing()}\nexit 1", "echo ' --vo Flag'", "kill -9 $$"])
def test_player_that_could_not_tell_its_options_is_asked_again(broken: str, path: Path) -> None:
    """Half a list, or none, would be a player with nothing that it is told; it may be well in a moment."""
    install(path, broken)
    with pytest.raises(MpvMissingError, match="does not tell its options"):
        known_options()

    install(path, listing("alpha"))

    assert known_options() == NEEDED | {"alpha"}


def test_player_is_asked_once(path: Path) -> None:
    """It takes a moment, and a slow machine has many players."""
    install(path, f"echo asked >> {path}/asked\n{listing()}")

    known_options()
    known_options()

    assert (path / "asked").read_text() == "asked\n"


def test_player_that_was_replaced_is_asked_again(path: Path) -> None:
    """Another version has other options."""
    install(path, listing("alpha"))
    before = known_options()

    install(path, listing("background"))

    assert before == NEEDED | {"alpha"}
    assert known_options() == NEEDED | {"background"}
