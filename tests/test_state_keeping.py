"""Whether the disk took a small fact is told, and the log says why where it did not."""

from pathlib import Path

import pytest
from msgspec import Struct

from easyplayer.drivers.state_file import StateFile
from easyplayer.state_keeping import keep


class Note(Struct, frozen=True):
    """Something to keep."""

    text: str


def test_what_the_disk_took_is_told_with_its_file(tmp_path: Path) -> None:
    """It can be read from then on."""
    file = StateFile(tmp_path / "note.json", Note)

    told = keep(file, Note("here"))

    assert (told.name, told.args) == ("state_kept", [tmp_path / "note.json"])
    assert file.load() == Note("here")


def test_what_the_disk_did_not_take_is_told_with_the_way_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log, and to the box."""
    told = keep(StateFile(tmp_path / "missing" / "note.json", Note), Note("gone"))

    assert told.name == "state_refused"
    assert "check the disk" in told.args[0]
    assert told.args[0] in caplog.text
