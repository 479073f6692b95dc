"""Folders are searched for media; files that are named are taken as they are."""

import logging
import os
from pathlib import Path

from easyplayer.analysis import PICTURE_SUFFIXES, find_media


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_is_searched_in_the_order_of_its_names(tmp_path):
    """To any depth, files before folders, in upper and lower case."""
    touch(
        tmp_path / "b.MP3", tmp_path / "a.flac", tmp_path / "live" / "1990" / "c.ogg", tmp_path / "film.mkv"
    )
    found = [str(path.relative_to(tmp_path)) for path in find_media([tmp_path])]
    assert found == ["a.flac", "b.MP3", "film.mkv", "live/1990/c.ogg"]


def test_what_is_no_medium_is_left_out_of_a_folder(tmp_path):
    """Covers and notes lie beside the music."""
    touch(tmp_path / "cover.jpg", tmp_path / "notes.txt", tmp_path / "mp3", tmp_path / "list.m3u8")
    assert list(find_media([tmp_path])) == []


def test_what_is_hidden_is_left_out_of_a_folder(tmp_path):
    """A Mac leaves a shadow beside each file, and every system has its trash."""
    touch(tmp_path / "._a.mp3", tmp_path / ".Trash-1000" / "b.mp3", tmp_path / "$RECYCLE.BIN" / "$R1.mp3")
    assert list(find_media([tmp_path])) == []


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tmp_path):
    """Whoever names a file means it, even if it is not there."""
    named = [tmp_path / "song.bin", tmp_path / ".hidden", tmp_path / "missing"]
    touch(*named[:2])
    assert list(find_media(named)) == named


def test_a_folder_that_cannot_be_opened_is_passed_over_and_told(tmp_path, monkeypatch, caplog):
    """One locked folder does not hide the others."""
    touch(tmp_path / "open" / "a.mp3", tmp_path / "locked" / "b.mp3")
    scandir = os.scandir

    def scan(path: str) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", scan)
    with caplog.at_level(logging.WARNING):
        found = list(find_media([tmp_path]))

    assert found == [tmp_path / "open" / "a.mp3"]
    assert "locked is passed over: Permission denied" in caplog.text


def test_a_link_to_a_folder_above_does_not_lead_in_circles(tmp_path):
    """Links to folders are not followed, links to files are."""
    touch(tmp_path / "a.mp3")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "b.mp3").symlink_to(tmp_path / "a.mp3")
    assert list(find_media([tmp_path])) == [tmp_path / "a.mp3", tmp_path / "b.mp3"]


def test_images_are_found_where_they_are_wanted(tmp_path):
    """The covers of music are not meant to be shown."""
    for name in ("song.mp3", "cover.JPG", "logo.png", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find_media([tmp_path])] == ["song.mp3"]
    assert [path.name for path in find_media([tmp_path], PICTURE_SUFFIXES)] == ["cover.JPG", "logo.png"]
