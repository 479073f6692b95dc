"""Which ways there are to have displays sleep."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from easyplayer.drivers.panels_found import panels_of
from easyplayer.drivers.screen import Output, OutputDriver

DRM = Output(name="card0-HDMI-A-1", driver=OutputDriver.DRM)
WINDOW = Output(driver=OutputDriver.WINDOW)


@pytest.fixture(name="devices", autouse=True)
def _devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a machine with a television and ``xset``."""
    (tmp_path / "cec0").symlink_to("/dev/null")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    return tmp_path


@pytest.mark.parametrize(
    ("outputs", "environment", "names"),
    [
        ([DRM], {}, ["display", "television at cec0"]),
        ([DRM, DRM], {"DISPLAY": ":0"}, ["display", "television at cec0"]),
        ([WINDOW], {"DISPLAY": ":0"}, ["desktop :0", "television at cec0"]),
        ([WINDOW], {"WAYLAND_DISPLAY": "wayland-0"}, ["television at cec0"]),
        ([], {"DISPLAY": ":0"}, []),
    ],
)
def test_outputs_have_their_panels(
    outputs: list[Output], environment: Mapping[str, str], names: list[str], devices: Path
) -> None:
    """A display sleeps by the way on which its pictures come, a television also by its cable."""
    found = panels_of(outputs, cec=True, environment=environment, devices=devices)

    assert [one.name for one in found] == names


def test_television_is_left_alone_where_that_is_set(devices: Path) -> None:
    """Some turn on whatever they like."""
    assert [one.name for one in panels_of([DRM], cec=False, environment={}, devices=devices)] == ["display"]
