"""The real watch of devices, where no device is needed; the rest is tried on real ones, apart."""

import logging
from pathlib import Path

import pytest
import pyudev

from easyplayer.drivers.device_watch import DeviceReport
from easyplayer.drivers.udev_watch import UdevWatch, WatchSpec
from tests.drivers import real_sticks
from tests.drivers.apart import real, run_apart
from tests.drivers.sticks import wait_until


@real
@pytest.mark.slow
def test_real_sticks() -> None:
    """Sticks are plugged, pulled, mounted by others and formatted as people do it."""
    run_apart(real_sticks.__file__)


def test_machine_without_libudev_is_told_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The box plays on, and notices no devices; its watch can be closed like any other."""

    def missing() -> None:
        message = "No library named udev"
        raise ImportError(message)

    monkeypatch.setattr(pyudev, "Context", missing)
    reports: list[DeviceReport] = []
    with caplog.at_level(logging.WARNING):
        watch = UdevWatch(WatchSpec(place=tmp_path), reports.append)
        wait_until(lambda: caplog.messages)
    watch.close()

    assert caplog.messages == ["devices that come and go are not noticed: No library named udev"]
    assert reports == []
