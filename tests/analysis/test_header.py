"""The head of a file tells its tags and its length, and never costs the song."""

import pytest

from easyplayer.analysis.header import Header, read_header
from tests.analysis.media import render, tone


@pytest.mark.parametrize("suffix", ["mp3", "flac", "ogg", "m4a", "opus"])
def test_tags_and_length_are_read(tmp_path, suffix):
    """Of every usual format, without decoding anything."""
    header = read_header(render(tmp_path / f"song.{suffix}", tone(2), "-metadata", "title=Alfie"))
    assert header.tags.title == "Alfie"
    assert header.length_s == pytest.approx(2, abs=0.1)


def test_a_length_that_is_only_guessed_is_not_told(tmp_path):
    """An MP3 without a table of contents is measured by whoever plays it."""
    song = render(tmp_path / "song.mp3", tone(2), "-write_xing", "0")
    assert read_header(song).length_s is None


@pytest.mark.parametrize(
    "content", [b"", b"ID3\x04\x00\x00\xff\xff\xff\xff", b"fLaC" + bytes(64), b"Dear diary"]
)
def test_what_cannot_be_read_is_as_if_it_were_not_there(tmp_path, content):
    """A damaged file is for the analysis to judge."""
    song = tmp_path / "song.flac"
    song.write_bytes(content)
    assert read_header(song) == Header()


def test_a_file_that_is_not_there_is_none(tmp_path):
    """It is gone since it was found."""
    assert read_header(tmp_path / "gone.mp3") == Header()
