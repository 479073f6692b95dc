"""``easyplayer cleanup`` takes away what is of no use any more, and nothing else."""

import os
import time
from pathlib import Path

import pytest

from easyplayer.analysis import FactsCache
from easyplayer.cli import cleanup
from easyplayer.demo_pictures import picture_items
from easyplayer.drivers.asrun_facts import RowBegun
from easyplayer.errors import StateError
from easyplayer.fallback import sample_items
from easyplayer.playout.engine import EngineState
from easyplayer.units import Monotonic
from tests.analysis.media import render, tone
from tests.cli.venues import Command, Disk

HOUR_S = 3600


@pytest.fixture
def disk(tmp_path, monkeypatch):
    return Disk(tmp_path, monkeypatch)


@pytest.fixture
def command(disk, monkeypatch, capsys):
    return Command(cleanup, disk.state, monkeypatch, capsys)


def put(path: Path, text: str = "old", age_s: float = 2 * HOUR_S) -> Path:
    """Write a file of some age."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return aged(path, age_s)


def aged(path: Path, age_s: float = 2 * HOUR_S) -> Path:
    """Make a file older."""
    then = time.time() - age_s
    os.utime(path, (then, then))
    return path


def content(state: Path) -> set[str]:
    """Name everything that lies in the state directory."""
    return {str(path.relative_to(state)) for path in state.rglob("*") if path.is_file()}


def analysed(disk: Disk, *paths: Path) -> FactsCache:
    """Analyse some files, two hours ago."""
    cache = FactsCache(disk.state / "analysis")
    for path in paths:
        cache.analyse(path)
    for record in (disk.state / "analysis").rglob("*.json"):
        aged(record)
    return cache


def test_tidy_directory_stays_as_it_is(command, disk):
    """Everything in it is wanted."""
    disk.remember(EngineState())
    before = content(disk.state)
    assert command() == 0
    assert content(disk.state) == before
    assert command.told["taken away"] == "0 files, 0 bytes"


def test_analyses_of_files_that_are_gone_are_taken_away(command, disk):
    """With the facts of contents that no file has any more; those of a copy stay."""
    kept, copy, gone, twin = (disk.home / "music" / name for name in ("1.flac", "2.flac", "3.flac", "4.flac"))
    kept.parent.mkdir()
    render(kept, tone(0.5))
    render(gone, tone(0.6))
    copy.write_bytes(kept.read_bytes())
    twin.write_bytes(kept.read_bytes())
    cache = analysed(disk, kept, copy, gone, twin)
    gone.unlink()
    twin.unlink()
    assert command() == 0
    assert command.told["an analysis of what is gone"].startswith("3 files, ")
    assert len(list((disk.state / "analysis").rglob("*.json"))) == 3
    assert cache.lookup(kept) == cache.lookup(copy) is not None
    assert command() == 0
    assert command.told["taken away"].startswith("0 files")


def test_analysis_of_a_file_that_has_changed_is_taken_away(command, disk):
    """It is another one now."""
    song = render(disk.home / "song.flac", tone(0.5))
    analysed(disk, song)
    render(song, tone(0.7))
    command()
    assert command.told["an analysis of what is gone"].startswith("2 files, ")


def test_analyses_of_what_the_box_plays_stay(command, disk):
    """A stick that was pulled comes back, and its songs are in the program."""
    song = Path(disk.program.items[0].location)
    song.unlink()
    render(song, tone(0.5))
    analysed(disk, song)
    disk.remember(EngineState())
    song.unlink()
    command()
    assert command.told["taken away"].startswith("0 files")

    disk.keeping.program.write_bytes(disk.file.read_bytes())
    disk.file.unlink()
    command()
    assert command.told["taken away"].startswith("0 files")


def test_program_that_cannot_be_read_is_told(command, disk):
    """What belongs to it is not known then, but for the copy that the box keeps."""
    song = Path(disk.program.items[0].location)
    song.unlink()
    render(song, tone(0.5))
    analysed(disk, song)
    song.unlink()
    disk.keeping.program.write_bytes(disk.file.read_bytes())
    disk.remember(EngineState())
    disk.file.write_text("torn")
    assert command() == 0
    assert "bar.json" in command.warned
    assert command.told["taken away"].startswith("0 files")


def test_drafts_are_taken_away_when_nobody_finishes_them(command, disk):
    """Not those that may still be written."""
    old = [put(disk.state / name) for name in ("memory.json.new", "demo/x.part", "analysis/facts/ab/tmp123")]
    new = put(disk.state / "bookmark.json.new", age_s=HOUR_S / 2)
    command()
    assert not any(path.exists() for path in old)
    assert new.exists()
    assert command.told["unfinished"] == "3 files, 9 bytes"


def test_pieces_of_older_versions_are_taken_away(command, disk):
    """Those of this version stay."""
    home = disk.state / "demo"
    pieces = [Path(item.location) for item in (sample_items(home)[0], *picture_items(home))]
    for piece in pieces:
        put(piece)
    old = [put(home / f"harbour-at-dawn-v0.{suffix}") for suffix in ("wav", "png", "mp4")]
    command()
    assert all(piece.exists() for piece in pieces)
    assert not any(piece.exists() for piece in old)


def test_rehearsal_takes_nothing_away(command, disk):
    """It tells what would be."""
    put(disk.state / "memory.json.new")
    assert command("--dry-run") == 0
    assert command.told["would be taken away"] == "1 files, 3 bytes"
    assert (disk.state / "memory.json.new").exists()


def test_log_of_what_was_played_is_never_touched(command, disk):
    """Nor anything else that it does not know."""
    log = disk.keeping.as_run
    log.write([RowBegun(started=Monotonic(1.0), item="{}")])
    log.close()
    names = ("as-run.sqlite.bad-1", "notes.txt", "demo/notes.wav", "analysis/notes.json")
    for path in (disk.state / "as-run.sqlite", *(put(disk.state / name) for name in names)):
        aged(path)
    before = content(disk.state)
    command()
    assert content(disk.state) == before


def test_nothing_outside_of_the_state_directory_is_touched(command, disk, tmp_path):
    """Not even where a link leads there."""
    outside = put(tmp_path / "elsewhere" / "harbour-at-dawn-v0.wav")
    (disk.state / "demo").symlink_to(outside.parent)
    put(tmp_path / "target.json.new")
    command()
    assert outside.exists()
    assert (tmp_path / "target.json.new").exists()


def test_file_that_cannot_be_taken_away_is_told(command, disk, monkeypatch):
    """And the exit code says so."""
    put(disk.state / "memory.json.new")

    def refuse(_path: Path, *, missing_ok: bool) -> None:
        raise PermissionError(1, "not permitted")

    monkeypatch.setattr(Path, "unlink", refuse)
    assert command() == 1
    assert command.warned.endswith("memory.json.new cannot be taken away (not permitted)\n")
    assert command.told["taken away"] == "0 files, 0 bytes"


def test_script_gets_the_files(command, disk):
    """With their sizes."""
    path = put(disk.state / "memory.json.new")
    command("--json")
    assert command.json == {
        "dry_run": False,
        "files": [{"path": str(path), "why": "unfinished", "bytes": 3}],
        "bytes": 3,
    }


def test_directory_that_is_not_there_is_an_error(tmp_path, monkeypatch, capsys):
    """It is not made, either."""
    command = Command(cleanup, tmp_path / "nowhere", monkeypatch, capsys)
    with pytest.raises(StateError, match="name the --state of a box"):
        command()
    assert not (tmp_path / "nowhere").exists()
