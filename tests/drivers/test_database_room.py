"""Room for what SQLite maps beside a database."""

import sqlite3
from pathlib import Path

import pytest

from easyplayer.drivers import database_room
from easyplayer.drivers.database_room import look_for_room


def test_a_disk_with_room_is_as_good_as_any(tmp_path: Path) -> None:
    """Nothing is said."""
    look_for_room(tmp_path)


def test_a_full_disk_is_told_with_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite would tell it, so that whoever opens a database needs to know of one kind of error."""
    monkeypatch.setattr(database_room, "MAPPED_BYTES", 2**62)
    with pytest.raises(sqlite3.OperationalError, match=r"\d+ bytes are free"):
        look_for_room(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """In the system's words."""
    with pytest.raises(sqlite3.OperationalError, match="No such file"):
        look_for_room(tmp_path / "nowhere")
