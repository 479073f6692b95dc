"""``easyplayer import`` makes a program of what a technician names, and never spoils one."""

import argparse
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from easyplayer import main
from easyplayer.cli import importing
from easyplayer.cli.importing import configure, run
from easyplayer.errors import MediaError, ProgramError, StateError
from easyplayer.playout.calendar import TZDATA
from easyplayer.playout.catalogue import Order, Program, Slot, Weekday
from easyplayer.playout.items import ItemKind
from easyplayer.playout.program_file import decode
from tests.analysis.media import render, tone

Import = Callable[..., dict[str, Any]]
Make = Callable[..., Path]
SOON = date.today() + timedelta(days=30)  # noqa: DTZ011 - the machine's date is what the command goes by


@pytest.fixture(name="folder", autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder of our own, on a machine whose zone is known."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Europe/Paris")
    return tmp_path


@pytest.fixture(name="make")
def _make(folder: Path) -> Make:
    """Give a function that makes a file, and its folders."""

    def make(name: str, content: str = "") -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    return make


@pytest.fixture(name="imported")
def _imported(capsys: pytest.CaptureFixture[str]) -> Import:
    """Give a function that runs the command, and reads what it tells a script."""

    def imported(*words: str | Path) -> dict[str, Any]:
        parser = argparse.ArgumentParser()
        configure(parser)
        assert run(parser.parse_args(["--json", *map(str, words)])) == 0
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return imported


def program(name: str = "program.json") -> Program:
    return decode(Path(name).read_bytes())


def event(lines: str) -> str:
    return f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:e\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n"


def on(day: date, clock: str = "200000") -> str:
    return f"DTSTART:{day:%Y%m%d}T{clock}\nDURATION:PT2H"


class TestNewProgram:
    """Where there is no program yet."""

    def test_a_folder_becomes_a_program(self, make: Make, imported: Import) -> None:
        """With a playlist of the folder's name, which plays whenever nothing else is due."""
        songs = [make(f"Late Night/track {number}.mp3") for number in (1, 2, 10)]
        told = imported("Late Night")
        made = program()
        assert [item.location for item in made.items] == [str(song) for song in songs]
        assert {item.kind for item in made.items} == {ItemKind.LOCAL}
        assert [(one.id, one.title) for one in made.playlists] == [("late-night", "Late Night")]
        assert (made.name, made.version, made.zone) == ("program", 1, "Europe/Paris")
        assert (made.fallback, made.tzdata) == ("late-night", TZDATA)
        assert told == {
            "file": "program.json",
            "version": 1,
            "zone": "Europe/Paris",
            "created": True,
            "changed": True,
            "playlists": {"late-night": 3},
            "dayparts": 0,
            "shows": 0,
            "problems": [],
            "remarks": [],
        }

    def test_each_list_becomes_a_playlist_and_all_single_places_one_more(
        self, make: Make, imported: Import
    ) -> None:
        """The first one is the fallback."""
        make("a.mp3")
        make("jazz.m3u8", "a.mp3\n")
        make("Blues/b.mp3")
        imported("https://radio.example/live", "jazz.m3u8", "Blues", "a.mp3", "--into", "bar.json")
        made = program("bar.json")
        assert [(one.id, len(one.entries)) for one in made.playlists] == [
            ("radio-example", 2),
            ("jazz", 1),
            ("blues", 1),
        ]
        assert made.items[0].kind is ItemKind.STREAM
        assert (made.fallback, made.name) == ("radio-example", "bar")

    def test_single_files_are_called_like_their_folder(self, make: Make, imported: Import) -> None:
        """That is what a shell makes of a star."""
        assert imported(*(make(f"Soul/{name}.mp3") for name in "ab"))["playlists"] == {"soul": 2}

    @pytest.mark.parametrize("name", ["list.m3u8", "list.xspf", "list.pls"])
    def test_every_kind_of_playlist_is_read(self, make: Make, imported: Import, name: str) -> None:
        """With the titles that it tells."""
        make("a.mp3")
        content = {
            "list.m3u8": "#EXTINF:9,Ada - Tide\na.mp3\n",
            "list.pls": "[playlist]\nFile1=a.mp3\nTitle1=Ada - Tide\n",
            "list.xspf": "<playlist><trackList><track><location>a.mp3</location><title>Tide</title>"
            "<creator>Ada</creator></track></trackList></playlist>",
        }
        make(name, content[name])
        imported(name)
        assert [item.caption for item in program().items] == ["Ada - Tide"]

    def test_everything_can_be_said_at_once(self, make: Make, imported: Import) -> None:
        """Name, zone, playlist, order and when it plays."""
        make("a.mp3")
        make("b/b.mp3")
        told = imported(
            *("a.mp3", "b", "--playlist", "Early Jazz", "--order", "sequential", "--name", "Café"),
            *("--zone", "Asia/Kathmandu", "--daypart", "mon-fri 07:00-11:00", "--daypart", "sun 9:00-24:00"),
        )
        made = program()
        assert told["playlists"] == {"early-jazz": 2}
        assert (made.name, made.zone, made.playlists[0].order) == ("Café", "Asia/Kathmandu", Order.SEQUENTIAL)
        assert [daypart.id for daypart in made.dayparts] == [
            "early-jazz-mon-fri-0700",
            "early-jazz-sun-0900",
        ]
        assert made.dayparts[1].slot.days == (Weekday.SUNDAY,)
        assert made.dayparts[1].slot.ends == Slot().ends

    def test_the_files_tell_what_they_are(self, folder: Path, make: Make, imported: Import) -> None:
        """Unless a playlist said it, or nobody wants to know."""
        words = {
            "title": "Alfie",
            "artist": "Dionne",
            "album": "Hits",
            "composer": "Burt",
            "TSRC": "USABC7100001",
        }
        options = [word for name, value in words.items() for word in ("-metadata", f"{name}={value}")]
        render(folder / "a.mp3", tone(2), *options)
        make("list.m3u8", "#EXTINF:9,Mine\na.mp3\n")
        imported("list.m3u8")
        (item,) = program().items
        assert (item.title, item.artist, item.album, item.composer) == ("Mine", "Dionne", "Hits", "Burt")
        assert item.isrc == "USABC7100001"
        assert item.duration_ms == pytest.approx(2000, abs=100)
        imported("a.mp3", "--no-tags", "--into", "plain.json")
        (item,) = program("plain.json").items
        assert (item.title, item.duration_ms) == ("", None)

    def test_what_cannot_be_used_is_told_and_costs_nothing_else(self, make: Make, imported: Import) -> None:
        """Every place by its name, without passwords."""
        make("Jazz/a.mp3")
        told = imported("Jazz/a.mp3", "gone.mp3", "spotify://dj:secret@x/1")
        assert told["playlists"] == {"jazz": 1}
        assert [problem.partition(":")[0] for problem in told["problems"]] == ["gone.mp3", "spotify"]
        assert "secret" not in str(told["problems"])


class TestPictures:
    """What is for the screens."""

    def test_a_folder_of_pictures_becomes_what_the_screens_show(self, make: Make, imported: Import) -> None:
        """It is never heard; in a new program it is shown whenever nothing else is due."""
        for name in ("poster.png", "film.mp4", "song.mp3"):
            make(f"wall/{name}")
        told = imported("wall", "--screen", "--daypart", "sat 10:00-12:00")
        assert told["playlists"] == {"wall": 2}
        made = program()
        assert [item.kind for item in made.items] == [ItemKind.CLIP, ItemKind.STILL]
        assert (made.fallback, made.screen.fallback) == ("", "wall")
        assert [(one.playlist, one.screen) for one in made.dayparts] == [("", "wall")]

    def test_the_music_that_is_there_stays(self, make: Make, imported: Import) -> None:
        """Screens are another thing."""
        make("jazz/song.mp3")
        imported("jazz")
        before = program()
        make("wall/poster.png")
        imported("wall", "--screen", "--fallback")
        assert (program().fallback, program().screen.fallback) == (before.fallback, "wall")
        assert program().playlists[0] == before.playlists[0]


class TestAgain:
    """Where there is a program already."""

    def test_a_playlist_of_the_same_name_is_brought_up_to_date(self, make: Make, imported: Import) -> None:
        """The version counts up, and the file as it was stays beside it."""
        first = make("Jazz/a.mp3")
        imported("Jazz", "--name", "Bar", "--daypart", "7:00-9:00")
        before = Path("program.json").read_bytes()
        first.unlink()
        make("Jazz/b.mp3")
        told = imported("Jazz")
        made = program()
        assert (told["created"], told["version"], made.name) == (False, 2, "Bar")
        assert [Path(item.location).name for item in made.items] == ["b.mp3"]
        assert len(made.dayparts) == 1
        assert Path("program.json.old").read_bytes() == before

    def test_what_says_nothing_new_changes_nothing(self, make: Make, imported: Import) -> None:
        """Neither the version, nor the file."""
        make("Jazz/a.mp3")
        imported("Jazz")
        stamp = Path("program.json").stat()
        told = imported("Jazz")
        assert (told["changed"], told["version"]) == (False, 1)
        assert Path("program.json").stat().st_mtime_ns == stamp.st_mtime_ns
        assert not Path("program.json.old").exists()

    def test_a_daypart_that_is_given_again_is_newer(self, make: Make, imported: Import) -> None:
        """Known by its playlist, its days and its beginning."""
        make("Jazz/a.mp3")
        imported("Jazz", "--daypart", "sat 7:00-9:00")
        imported("Jazz", "--daypart", "sat 7:00-10:00")
        (daypart,) = program().dayparts
        assert (daypart.revised, daypart.slot.ends.hour) == (1, 10)

    def test_another_playlist_leaves_the_fallback_alone(self, make: Make, imported: Import) -> None:
        """Unless it is to be it."""
        make("Jazz/a.mp3")
        make("Blues/b.mp3")
        imported("Jazz")
        imported("Blues")
        assert program().fallback == "jazz"
        imported("Blues", "--fallback")
        assert program().fallback == "blues"

    def test_a_link_is_followed(self, make: Make, imported: Import) -> None:
        """What it leads to is written, and the link stays one."""
        make("Jazz/a.mp3")
        make("store/x")
        imported("Jazz", "--into", "store/bar.json")
        Path("program.json").symlink_to("store/bar.json")
        make("Jazz/b.mp3")
        imported("Jazz")
        assert Path("program.json").is_symlink()
        assert program("store/bar.json").version == 2
        assert Path("store/bar.json.old").exists()


class TestCalendars:
    """Calendars among the sources."""

    def test_events_become_dayparts_and_shows(self, make: Make, imported: Import) -> None:
        """They may name a playlist that comes with them."""
        make("Jazz/a.mp3")
        make("week.ics", event(f"SUMMARY:JAZZ\n{on(SOON)}\nRRULE:FREQ=WEEKLY"))
        make("dates.ics", event(f"SUMMARY:jazz\n{on(SOON)}\nCATEGORIES:hard"))
        told = imported("week.ics", "Jazz", "dates.ics")
        made = program()
        assert (told["dayparts"], told["shows"]) == (1, 1)
        assert [one.playlist for one in (*made.dayparts, *made.shows)] == ["jazz", "jazz"]

    def test_what_is_over_is_left_out(self, make: Make, imported: Import) -> None:
        """A calendar keeps its past; a program has no use for it."""
        make("Jazz/a.mp3")
        make("dates.ics", event(f"SUMMARY:jazz\n{on(date(2020, 1, 1))}"))
        assert imported("Jazz", "dates.ics")["shows"] == 0

    def test_an_event_of_an_unknown_playlist_is_told(self, make: Make, imported: Import) -> None:
        """With the calendar that it stands in; and so is a calendar that is none, or not there."""
        make("Jazz/a.mp3")
        make("dates.ics", event(f"SUMMARY:Karaoke\n{on(SOON)}"))
        make("bad.ics", "hello")
        problems = imported("Jazz", "dates.ics", "bad.ics", "gone.ics")["problems"]
        assert "dates.ics: event 'Karaoke'" in problems[0]
        assert "there is no playlist 'Karaoke'" in problems[0]
        assert "bad.ics: this is no calendar" in problems[1]
        assert "gone.ics: cannot be read" in problems[2]


class TestRefusals:
    """What is not written."""

    @pytest.mark.parametrize("content", ["hello", '{"format": 99}', '{"name": "x", "zone": "Paris"}', ""])
    def test_a_program_that_cannot_be_read_is_left_as_it_is(
        self, make: Make, imported: Import, content: str
    ) -> None:
        """Its faults are told with its name, and nothing is written beside it."""
        make("Jazz/a.mp3")
        make("program.json", content)
        with pytest.raises(ProgramError) as refused:
            imported("Jazz")
        assert all(problem.startswith("program.json: ") for problem in refused.value.problems)
        assert Path("program.json").read_text() == content
        assert sorted(path.name for path in Path().iterdir()) == ["Jazz", "program.json"]

    def test_a_program_that_may_not_be_read_is_told(self, make: Make, imported: Import) -> None:
        """A folder is no program either."""
        make("Jazz/a.mp3")
        make("folder/x")
        with pytest.raises(
            ProgramError, match=r"folder: cannot be read \(Is a directory\); name another file"
        ):
            imported("Jazz", "--into", "folder")

    def test_a_zone_that_is_none_is_told(self, make: Make, imported: Import) -> None:
        """Before anything is looked for."""
        with pytest.raises(ProgramError, match="zone: there is no time zone 'Pari'"):
            imported("gone", "--zone", "Pari")

    def test_where_nothing_is_found_nothing_is_written(self, make: Make, imported: Import) -> None:
        """All places are told, with what is wrong there."""
        make("empty/cover.jpg")
        with pytest.raises(MediaError, match=r"empty: no audio(.|\n)*gone.m3u8: there is no such file"):
            imported("empty", "gone.m3u8")
        assert not Path("program.json").exists()

    def test_a_daypart_belongs_to_one_playlist(self, make: Make, imported: Import) -> None:
        """Which of several is meant nobody can know."""
        make("Jazz/a.mp3")
        make("Blues/b.mp3")
        with pytest.raises(ProgramError, match="which playlist is meant"):
            imported("Jazz", "Blues", "--daypart", "7:00-9:00")

    def test_a_slot_that_is_none_is_a_wrong_command_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Told with what to write."""
        with pytest.raises(SystemExit) as end:
            main.main(["import", "a.mp3", "--daypart", "mno 7:00-9:00"])
        assert end.value.code == 2
        assert "'mno' is no weekday" in capsys.readouterr().err

    def test_a_disk_that_does_not_take_it_is_told(self, make: Make, imported: Import) -> None:
        """The folder may be missing, or full."""
        make("Jazz/a.mp3")
        with pytest.raises(StateError, match="cannot be written"):
            imported("Jazz", "--into", "nowhere/program.json")


class TestTold:
    """What a person reads."""

    def test_the_outcome_is_told_line_by_line(self, make: Make, capsys: pytest.CaptureFixture[str]) -> None:
        """The file, its zone and where that is from, each playlist, and what was left out."""
        make("[b]Jazz/a.mp3")
        make("Blues/b.mp3")
        assert main.main(["import", "[b]Jazz", "Blues", "gone.mp3", "--into", "bar.json"]) == 0
        told = capsys.readouterr().out
        for line in (
            r"program +bar.json, version 1",
            r"zone +Europe/Paris, that of this machine unless --zone says another",
            r"playlist +b-jazz, entries: 1",
            r"left out +gone.mp3: there is no such file or folder",
            r'remark +playlists\[1\] "blues": nothing ever plays it',
        ):
            assert re.search(f"^{line}", told, flags=re.MULTILINE), told

    def test_errors_end_with_their_exit_codes(self, make: Make, capsys: pytest.CaptureFixture[str]) -> None:
        """65 for a bad program, 66 where there is nothing to import."""
        assert main.main(["import", "gone"]) == 66
        make("program.json", "hello")
        assert main.main(["import", "gone"]) == 65
        assert "program.json: line 1, column 1: this is not JSON" in capsys.readouterr().err

    def test_what_was_not_changed_is_told(self) -> None:
        """Nobody looks for a new version in vain."""
        outcome = importing.Outcome(
            file="x.json",
            version=3,
            zone="UTC",
            created=False,
            changed=False,
            playlists={},
            dayparts=1,
            shows=2,
            problems=(),
            remarks=(),
        )
        assert importing.rows(outcome) == [
            ("program", "x.json, nothing is new, still version 3"),
            ("zone", "UTC"),
            ("calendar", "dayparts: 1, shows: 2"),
        ]
