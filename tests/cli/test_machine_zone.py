"""The time zone that a machine is set to."""

from pathlib import Path

import pytest

from easyplayer.cli import machine_zone as module
from easyplayer.cli.machine_zone import UNKNOWN, machine_zone


@pytest.fixture(name="etc")
def _etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be a machine that has been told nothing."""
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setattr(module, "LINKED", tmp_path / "localtime")
    monkeypatch.setattr(module, "NAMED", tmp_path / "timezone")
    return tmp_path


def test_zone_is_what_the_machines_clocks_go_by(etc: Path) -> None:
    """The technician's, on an appliance: Debian's own note of UTC is older."""
    (etc / "timezone").write_text("Etc/UTC\n")
    (etc / "localtime").symlink_to("/usr/share/zoneinfo/Europe/Rome")

    assert machine_zone() == "Europe/Rome"


def test_zone_is_what_was_noted_where_the_link_is_a_copy(etc: Path) -> None:
    """Some have copied the file, which does not tell its name."""
    (etc / "timezone").write_text("Europe/Rome\n")
    (etc / "localtime").write_bytes(b"TZif2")

    assert machine_zone() == "Europe/Rome"


def test_zone_of_the_environment_counts_most(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it does for every other program."""
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    (etc / "timezone").write_text("Europe/Rome\n")

    assert machine_zone() == "Asia/Tokyo"


def test_machine_that_was_told_nothing_has_universal_time(etc: Path) -> None:
    """Also where what it was told is no zone."""
    assert machine_zone() == UNKNOWN
    (etc / "timezone").write_text("Mars/Olympus\n")
    assert machine_zone() == UNKNOWN
