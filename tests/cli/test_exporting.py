"""``easyplayer export`` writes what is in a program for other software."""

import argparse
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from easyplayer import main
from easyplayer.cli.exporting import configure, run
from easyplayer.errors import PlaylistError, ProgramError, StateError
from easyplayer.playout.catalogue import Daypart, Entry, Playlist, Program, Show, Slot
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.playlists import PlaylistEntry, PlaylistFormat, parse
from easyplayer.playout.program_file import decode, encode
from easyplayer.units import Milliseconds, Seconds
from tests.strangers import steering

Export = Callable[..., dict[str, Any]]

ITEMS = (
    Item(id="dawn", location="media/dawn.flac", title="Dawn", artist="Ada", duration_ms=Milliseconds(61_400)),
    Item(id="radio", location="https://radio.example/", kind=ItemKind.STREAM, title="Bar FM"),
    Item(id="pause", location="", kind=ItemKind.SKIP),
)
JAZZ = Playlist(id="p1", title="Jazz", entries=tuple(Entry(item=item.id) for item in ITEMS))
BLUES = Playlist(id="p2", title="Blues", entries=(Entry(item="radio"),))
EVE = Show(
    id="eve",
    starts=datetime.fromisoformat("2026-12-31T20:00"),
    ends=datetime.fromisoformat("2027-01-01T02:00"),
    playlist="p2",
)
BAR = Program(
    name="Bar",
    zone="Europe/Paris",
    items=ITEMS,
    playlists=(JAZZ, BLUES),
    dayparts=(Daypart(id="all", slot=Slot(), playlist="p1"),),
    shows=(EVE,),
    fallback="p1",
)


@pytest.fixture(name="folder", autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a program."""
    monkeypatch.chdir(tmp_path)
    Path("bar.json").write_bytes(encode(BAR))
    return tmp_path


@pytest.fixture(name="export")
def _export(capsys: pytest.CaptureFixture[str]) -> Export:
    """Give a function that exports to a file, and reads what is told a script."""

    def export(to: str, *words: str) -> dict[str, Any]:
        parser = argparse.ArgumentParser()
        configure(parser)
        assert run(parser.parse_args(["bar.json", "--json", "--to", to, *words])) == 0
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return export


class TestPlaylists:
    """Playlists for other players."""

    @pytest.mark.parametrize("playlist_format", [*PlaylistFormat])
    def test_a_playlist_is_written_in_the_format_of_the_suffix(
        self, folder: Path, export: Export, playlist_format: PlaylistFormat
    ) -> None:
        """With whole paths; a place that nothing is played at is left out."""
        told = export(f"out.{playlist_format}", "--playlist", "jazz")
        assert told == {"file": f"out.{playlist_format}", "what": "playlist", "entries": 2}
        dawn, radio = parse(Path(f"out.{playlist_format}").read_bytes(), playlist_format)
        assert dawn == PlaylistEntry(
            location=str(folder / "media/dawn.flac"),
            title="Dawn",
            artist="Ada",
            duration_s=Seconds(61.4 if playlist_format is PlaylistFormat.XSPF else 61),
        )
        assert radio == PlaylistEntry(location="https://radio.example/", title="Bar FM")

    def test_the_name_of_a_file_does_nothing_to_the_terminal(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It may have been made up by somebody else."""
        parser = argparse.ArgumentParser()
        configure(parser)
        run(parser.parse_args(["bar.json", "--to", "\x1b[2J\u202e.json"]))
        assert steering(capsys.readouterr().out) == ""

    def test_the_only_playlist_needs_no_name(self, export: Export) -> None:
        """There is no other that could be meant."""
        Path("bar.json").write_bytes(encode(Program(name="", zone="UTC", items=ITEMS, playlists=(JAZZ,))))
        assert export("out.M3U8")["entries"] == 2

    def test_one_of_several_has_to_be_named(self, export: Export) -> None:
        """The choice is told."""
        with pytest.raises(ProgramError, match=r"which playlist is meant\? name it .*; there are p1, p2"):
            export("out.m3u8")

    def test_a_name_that_is_nearly_right_is_told(self, export: Export) -> None:
        """With what was meant."""
        with pytest.raises(ProgramError, match="there is no playlist 'jaz'; did you mean 'Jazz'"):
            export("out.m3u8", "--playlist", "jaz")

    def test_what_does_not_fit_a_format_is_told(self, export: Export) -> None:
        """And nothing is written."""
        item = Item(id="x", location="a\nb.mp3")
        lists = (Playlist(id="p", entries=(Entry(item="x"),)),)
        Path("bar.json").write_bytes(encode(Program(name="", zone="UTC", items=(item,), playlists=lists)))
        with pytest.raises(PlaylistError, match="does not fit on a line"):
            export("out.m3u8")
        assert not Path("out.m3u8").exists()


class TestCalendars:
    """Calendars for people."""

    def test_all_dates_are_written(self, export: Export) -> None:
        """Dayparts and shows."""
        assert export("out.ics") == {"file": "out.ics", "what": "calendar", "entries": 2}
        assert Path("out.ics").read_bytes().count(b"BEGIN:VEVENT") == 2

    def test_those_of_one_playlist_can_be_chosen(self, export: Export) -> None:
        """The others are left out."""
        export("out.ics", "--playlist", "Blues")
        assert b"SUMMARY:Jazz" not in Path("out.ics").read_bytes()


class TestPrograms:
    """Programs, written anew."""

    def test_a_program_is_written_as_we_write_it(self, export: Export) -> None:
        """It says the same."""
        assert export("out.json")["entries"] == 2
        assert decode(Path("out.json").read_bytes()) == BAR

    def test_one_playlist_makes_a_program_of_its_own(self, export: Export) -> None:
        """With its items and its dates, and nothing else."""
        export("out.json", "--playlist", "p2")
        made = decode(Path("out.json").read_bytes())
        assert (made.items, made.playlists, made.fallback) == ((ITEMS[1],), (BLUES,), "p2")
        assert (made.dayparts, made.shows) == ((), (EVE,))

    def test_a_program_can_be_written_over_itself(self, export: Export) -> None:
        """The old one is kept."""
        before = b'{"zone": "UTC", "name": "x"}'
        Path("bar.json").write_bytes(before)
        export("bar.json")
        assert Path("bar.json.old").read_bytes() == before
        assert decode(Path("bar.json").read_bytes()).name == "x"


class TestTold:
    """What a person reads, and a script."""

    def test_what_was_written_is_told_in_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """File, sort and number."""
        assert main.main(["export", "bar.json", "--to", "out.pls", "--playlist", "p2"]) == 0
        assert capsys.readouterr().out == "out.pls: playlist, entries: 1\n"

    def test_a_suffix_that_says_nothing_is_a_wrong_command_line(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Told with those that do."""
        with pytest.raises(SystemExit) as end:
            main.main(["export", "bar.json", "--to", "out.doc"])
        assert end.value.code == 2
        assert "'out.doc': its suffix says nothing; there are m3u, m3u8" in capsys.readouterr().err

    def test_a_program_that_cannot_be_used_ends_with_65(self, capsys: pytest.CaptureFixture[str]) -> None:
        """So does one that is not there."""
        Path("bad.json").write_text("{}")
        assert main.main(["export", "bad.json", "--to", "out.ics"]) == 65
        assert "bad.json: name: is missing; write a text" in capsys.readouterr().err
        assert main.main(["export", "gone.json", "--to", "out.ics"]) == 65
        assert "gone.json: there is no such file" in capsys.readouterr().err

    def test_a_disk_that_does_not_take_it_is_told(self, export: Export) -> None:
        """The folder may be missing."""
        with pytest.raises(StateError, match="cannot be written"):
            export("nowhere/out.ics")
