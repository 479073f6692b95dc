"""What an mpv is told for each output."""

from pathlib import Path

import pytest

from easyplayer.drivers.mpv_process import OPTIONS, dying_with_us, on_black, options_for
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
