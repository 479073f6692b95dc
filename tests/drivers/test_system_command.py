"""Commands of the system end in time, or are left behind."""

import threading
from pathlib import Path

import pytest

from easyplayer.drivers.system_command import may_mount, run
from easyplayer.errors import DeviceError
from tests.drivers.sysfs import lay


def test_what_a_command_says_is_given() -> None:
    """Its complaints are not."""
    assert run("sh", "-c", "echo all is well; echo but >&2", within_s=5.0) == "all is well\n"


@pytest.mark.parametrize(
    ("script", "reason"),
    [("echo 'sh: it is broken.' >&2; exit 3", "^it is broken$"), ("exit 3", "^sh ended with 3$")],
)
def test_command_that_fails_says_why(script: str, reason: str) -> None:
    """In its own words, where it has some."""
    with pytest.raises(DeviceError, match=reason):
        run("sh", "-c", script, within_s=5.0)


def test_command_that_is_missing_is_an_error() -> None:
    """As on a machine that lacks a package."""
    with pytest.raises(DeviceError, match="no-such-command cannot be run"):
        run("no-such-command", within_s=5.0)


def test_command_that_hangs_is_left_behind() -> None:
    """Nobody waits for it, and when it ends after all, that is told."""
    ended = threading.Event()

    with pytest.raises(DeviceError, match="sleep has not ended in"):
        run("sleep", "60", within_s=0.05, late=ended.set)

    assert ended.wait(5.0)


def test_root_may_mount_unless_the_right_was_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container; and nobody else may."""
    full = lay(tmp_path, {"full": "Name:\tx\nCapEff:\t000001ffffffffff"}) / "full"
    poor = lay(tmp_path, {"poor": "CapEff:\t00000000a80425fb"}) / "poor"

    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert (may_mount(full), may_mount(poor)) == (True, False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert not may_mount(full)
