"""A file's content is told by its hash, and a change of it by its stamp."""

import hashlib
import os
from pathlib import Path
from threading import Event

import pytest

from easyplayer.analysis.content import ensure_unchanged, identify, observe
from easyplayer.errors import AnalysisError, MediaError


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(b"la" * 1_000_000)
    return path


def test_a_file_is_known_by_its_hash(song):
    """SHA-256, as programs name their media."""
    content = identify(song, Event())
    assert content.sha256 == hashlib.sha256(b"la" * 1_000_000).hexdigest()
    assert content.stamp.size_bytes == 2_000_000


def test_an_untouched_file_keeps_its_stamp(song):
    """Reading changes nothing."""
    stamp = observe(song)
    song.read_bytes()
    ensure_unchanged(song, stamp)


def test_a_tag_editor_that_puts_the_time_back_is_found_out(song):
    """Same size, same modification time, other content: the change time tells."""
    stamp = observe(song)

    song.write_bytes(b"lo" * 1_000_000)
    while observe(song).ctime_ns == stamp.ctime_ns:  # the kernel's clock ticks every few milliseconds
        os.utime(song, ns=(stamp.mtime_ns, stamp.mtime_ns))
    os.utime(song, ns=(stamp.mtime_ns, stamp.mtime_ns))

    with pytest.raises(MediaError, match="changed while it was read; try again once it is copied"):
        ensure_unchanged(song, stamp)


def test_a_file_that_grows_while_it_is_read_is_refused(song, monkeypatch):
    """It is being copied: its hash means nothing yet."""

    def copy_on(_leash: object) -> None:
        if song.stat().st_size == 2_000_000:
            with song.open("ab") as file:
                file.write(b"la")

    monkeypatch.setattr("easyplayer.analysis.content.Leash.check", copy_on)
    with pytest.raises(MediaError, match=r"song\.mp3 changed while it was read"):
        identify(song, Event())


def test_hashing_can_be_stopped(song):
    """A film on a slow stick takes minutes; the box stops in three seconds."""
    stop = Event()
    stop.set()
    with pytest.raises(AnalysisError, match="was stopped"):
        identify(song, stop)


def test_a_missing_file_is_named(tmp_path):
    """The message says what to look at."""
    with pytest.raises(MediaError, match=r"gone\.mp3 does not exist; check its name"):
        identify(tmp_path / "gone.mp3", Event())


def test_a_folder_is_no_file(tmp_path):
    """The message says what to name in its place."""
    with pytest.raises(MediaError, match="is a folder; name the files in it"):
        observe(tmp_path)


def test_a_pipe_is_refused_without_being_opened(tmp_path):
    """Opening it would wait for ever."""
    os.mkfifo(tmp_path / "pipe.mp3")
    with pytest.raises(MediaError, match=r"pipe\.mp3 is no regular file"):
        identify(tmp_path / "pipe.mp3", Event())


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "Permission denied"), r"may not be read by user \d+; change its permissions"),
        (OSError(5, "Input/output error"), r"cannot be read \(Input/output error\); check the disk"),
    ],
)
def test_a_file_that_cannot_be_opened_says_why(song, monkeypatch, error, message):
    """Tests may run as root, whom no permission stops: the error is put in by hand."""

    def refuse(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MediaError, match=message):
        identify(song, Event())
