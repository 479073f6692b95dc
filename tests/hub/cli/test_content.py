"""Tracks, streams, playlists and programs: as an operator types it, at a real hub that really analyses."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from starlette.testclient import TestClient

from easyplayer.errors import (
    BadRequestError,
    ConflictError,
    MediaError,
    NotFoundError,
    PlaylistError,
    ProgramError,
)
from easyplayer.hub.content_views import Target
from easyplayer.playout.catalogue import Daypart, Entry, Playlist, Program, Slot
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import decode, encode
from tests.analysis.media import render, tone
from tests.analysis.pictures import clip, image, moving
from tests.hub.boxes import paired
from tests.hub.cli.operator import Operator

pytestmark = pytest.mark.slow


@pytest.fixture(name="music", scope="session")
def _music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with two songs in it, one of them in a folder below, and what is no song."""
    folder = tmp_path_factory.mktemp("music")
    (folder / "late").mkdir()
    render(folder / "dawn.flac", tone(2), "-metadata", "title=Dawn", "-metadata", "artist=Ada")
    render(folder / "late" / "dusk.flac", tone(3), "-metadata", "title=Dusk")
    (folder / "cover.jpg").write_bytes(b"a picture")
    return folder


@pytest.fixture(name="folder", scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an image, a clip, and a clip that boxes cannot play."""
    folder = tmp_path_factory.mktemp("pictures")
    image(folder / "menu.png")
    clip(folder / "waves.mp4", source=moving(1), sound_s=1)
    clip(folder / "fast.mp4", source=moving(0.5, rate=120))
    return folder


def lines(told: str) -> list[list[str]]:
    return [line.split("\t") for line in told.splitlines()]


class TestMedia:
    """``media``."""

    def test_a_folder_is_uploaded_and_analysed(self, boss: Operator, music: Path) -> None:
        """With the songs below it; what is no song is passed over."""
        told = lines(boss.reads("media add", str(music)))
        assert [(Path(row[0]).name, *row[2:]) for row in told] == [
            ("dawn.flac", "Dawn", "0:02", "uploaded"),
            ("dusk.flac", "Dusk", "0:03", "uploaded"),
        ]
        assert [one["state"] for one in boss.asks("media list")] == ["ready", "ready"]

    def test_what_is_there_is_not_sent_again(self, boss: Operator, music: Path, tmp_path: Path) -> None:
        """Its content counts, and not its name."""
        boss.types("media add", str(music / "dawn.flac"))
        copy = tmp_path / "copy.flac"
        copy.write_bytes((music / "dawn.flac").read_bytes())
        (told,) = lines(boss.reads("media add", str(copy)))
        assert told[-1] == "was there already"

    def test_what_cannot_be_played_is_told(self, boss: Operator, tmp_path: Path) -> None:
        """With the reason of the analysis; the exit code says so to a script."""
        broken = tmp_path / "broken.mp3"
        broken.write_bytes(b"no music at all" * 100)
        assert boss.types("media add", str(broken)) == 1
        (track,) = boss.asks("media list --only unplayable")
        assert track["reason"]

    def test_what_was_refused_is_looked_at_again(self, boss: Operator, tmp_path: Path) -> None:
        """The hub may know more by now."""
        broken = tmp_path / "broken.mp3"
        broken.write_bytes(b"no music at all" * 100)
        boss.types("media add", str(broken))
        assert boss.types("media add", str(broken)) == 1
        assert "track.again" in [one["action"] for one in boss.asks("audit")]

    def test_a_file_that_is_not_there_is_told(self, boss: Operator, tmp_path: Path) -> None:
        """And so is a folder without any."""
        with pytest.raises(MediaError, match=r"gone\.flac: cannot be read"):
            boss.types("media add", str(tmp_path / "gone.flac"))
        with pytest.raises(MediaError, match="nothing to upload"):
            boss.types("media add", str(tmp_path))

    def test_what_a_file_says_wrongly_can_be_set(self, boss: Operator, music: Path) -> None:
        """And taken back."""
        (added,) = boss.asks("media add", str(music / "dawn.flac"))
        track = added["track"]["id"]
        told = boss.reads(f"media change {track} --isrc GBAYE6800011 --cue-in 500 --gain -3 --title Morning")
        assert told == f"{track}: set here: cue_in_ms, gain_db, isrc, title\n"
        shown = dict(lines(boss.reads(f"media show {track}")))
        assert (shown["title"], shown["cue in"], shown["gain"]) == ("Morning", "0.50 s", "-3.0 dB")
        boss.types(f"media change {track} --unset title")
        assert dict(lines(boss.reads(f"media show {track}")))["title"] == "Dawn"

    @pytest.mark.parametrize("words", ["--gain 99", "--gain nan", "--fade-in -5", "--duration 1"])
    def test_a_value_that_cannot_be_is_told_with_its_field(self, boss: Operator, words: str) -> None:
        """Before anything is sent."""
        field = words.split(maxsplit=1)[0].removeprefix("--").replace("-", "_")
        with pytest.raises(BadRequestError, match=rf"track 0123.*{field}"):
            boss.types(f"media change 0123 {words}")

    def test_a_file_may_be_called_anything(self, boss: Operator, music: Path, tmp_path: Path) -> None:
        """Old collections have names that are no text: what can be read of them is told."""
        odd = tmp_path / os.fsdecode(b"caf\xe9.flac")
        odd.write_bytes((music / "dawn.flac").read_bytes())
        (added,) = boss.asks("media add", str(tmp_path))
        assert added["file"] == str(tmp_path / "caf\ufffd.flac")
        assert added["track"]["file_name"] == "caf\ufffd.flac"

    def test_a_track_can_be_found_and_deleted(self, boss: Operator, music: Path) -> None:
        """By what stands in its title."""
        boss.types("media add", str(music))
        (found,) = boss.asks("media list dusk")
        boss.types(f"media delete {found['id']} --yes")
        assert [one["title"] for one in boss.asks("media list")] == ["Dawn"]


class TestStreams:
    """``stream``."""

    def test_one_is_added_listed_and_deleted(self, boss: Operator) -> None:
        """Its password is nobody's business."""
        boss.types("stream add bar-fm https://dj:secret@radio.example/live --title Bar")
        assert lines(boss.reads("stream list")) == [
            ["bar-fm", "Bar", "https://dj:***@radio.example/live", "all"]
        ]
        boss.types("stream delete bar-fm --yes")
        assert boss.reads("stream list") == ""


class TestPlaylists:
    """``playlist``."""

    @pytest.fixture(name="tracks")
    def _tracks(self, boss: Operator, music: Path) -> dict[str, str]:
        """Upload the songs, and give their ids by title."""
        return {one["track"]["title"]: one["track"]["id"] for one in boss.asks("media add", str(music))}

    def test_one_is_made_changed_and_deleted(self, boss: Operator, tracks: dict[str, str]) -> None:
        """Of tracks and streams, by their ids."""
        boss.types("stream add bar-fm https://radio.example/live")
        assert boss.reads(f"playlist make calm {tracks['Dawn']} --title Calm") == "calm: 1 entries\n"
        boss.types(f"playlist add calm {tracks['Dusk']} bar-fm")
        boss.types(f"playlist remove calm {tracks['Dawn']}")
        assert [row[0] for row in lines(boss.reads("playlist show calm"))] == [tracks["Dusk"], "bar-fm"]
        assert lines(boss.reads("playlist list"))[0][:4] == ["calm", "Calm", "2", "all"]
        boss.types("playlist delete calm --yes")
        assert boss.asks("playlist list") == []

    def test_a_playlists_file_is_brought_with_all_that_it_names(self, boss: Operator, music: Path) -> None:
        """Files beside it are uploaded, streams are kept."""
        file = music / "Late Night.m3u8"
        file.write_text("#EXTM3U\nlate/dusk.flac\n#EXTINF:-1,Bar FM\nhttps://radio.example/live\n")
        made = boss.asks("playlist import --order sequential", str(file))
        assert (made["id"], made["playlist"]["title"]) == ("late-night", "Late Night")
        assert len(made["playlist"]["entries"]) == 2
        assert [one["id"] for one in boss.asks("stream list")] == ["bar-fm"]
        file.unlink()

    @pytest.mark.parametrize(
        ("content", "kind"), [("#EXTM3U\ngone.flac\n", MediaError), ("\0\1\2", PlaylistError)]
    )
    def test_what_cannot_be_brought_makes_no_playlist(
        self, boss: Operator, tmp_path: Path, content: str, kind: type[Exception]
    ) -> None:
        """It is all of it, or none."""
        file = tmp_path / ("list.m3u8" if kind is MediaError else "list.txt")
        file.write_text(content)
        with pytest.raises(kind):
            boss.types("playlist import", str(file))
        assert boss.asks("playlist list") == []


BAR = Program(
    name="Bar Lumière",
    zone="Europe/Paris",
    items=(
        Item(id="dawn", location="dawn.flac", title="Dawn of mine"),
        Item(id="dusk", location="late/dusk.flac"),
        Item(id="radio", location="https://radio.example/", kind=ItemKind.STREAM, title="Bar FM"),
    ),
    playlists=(
        Playlist(id="day", title="Day", entries=(Entry(item="dawn"), Entry(item="dusk"))),
        Playlist(id="night", title="Night", entries=(Entry(item="radio"),)),
    ),
    dayparts=(Daypart(id="day", slot=Slot(), playlist="day"),),
    fallback="night",
)


def bar_in(music: Path) -> Program:
    """Give the program with one of its songs as a file of this machine, as the sample program has them."""
    dawn, dusk, radio = BAR.items
    dusk = structs.replace(dusk, kind=ItemKind.LOCAL, location=str(music / dusk.location))
    return structs.replace(BAR, items=(dawn, dusk, radio))


class TestPrograms:
    """``program``."""

    @pytest.fixture(name="file")
    def _file(self, music: Path) -> Path:
        """Write a program beside its music."""
        file = music / "bar.json"
        file.write_bytes(encode(bar_in(music)))
        return file

    @pytest.fixture(name="venue")
    def _venue(self, boss: Operator) -> str:
        """Make a venue."""
        boss.hub.send("POST", "/groups", body={"id": "bars", "name": "Bars"})
        venue = {"id": "lumiere", "name": "Bar Lumière", "time_zone": "Europe/Paris", "groups": ["bars"]}
        boss.hub.send("POST", "/venues", body=venue)
        return "lumiere"

    def test_a_file_becomes_a_draft_with_its_music(self, boss: Operator, file: Path) -> None:
        """Files and streams of it are brought along; what the file says of a song is kept."""
        made = boss.asks("program import", str(file))
        assert (made["program"], len(made["lists"]), len(made["streams"])) == ("bar-lumiere", 2, 1)
        assert {one["title"] for one in boss.asks("media list")} == {"Dawn of mine", "Dusk"}
        assert lines(boss.reads("program list"))[0][:3] == ["bar-lumiere", "Bar Lumière", "draft only"]
        assert dict(lines(boss.reads("program show bar-lumiere")))["name"] == "Bar Lumière"

    def test_a_draft_is_checked(self, boss: Operator, file: Path) -> None:
        """What would be published is told."""
        boss.types("program import --id bar", str(file))
        checked = boss.asks("program check bar")
        assert (checked["faults"], checked["version"], checked["items"]) == ([], 1, 3)

    def test_it_is_published_and_can_be_had_back(
        self, boss: Operator, file: Path, venue: str, tmp_path: Path
    ) -> None:
        """As the file that boxes play; a second time changes nothing."""
        boss.types("program import --id bar", str(file))
        assert "is published (revision 1)" in boss.reads(f"program publish bar --venue {venue}")
        assert "was published already" in boss.reads(f"program publish bar --venue {venue}")
        assert [row[1:3] for row in lines(boss.reads("program published"))] == [
            ["bar, version 1", f"venue {venue}"]
        ]
        assert [row[0] for row in lines(boss.reads("program versions bar"))] == ["1"]
        back = tmp_path / "back.json"
        boss.types("program versions bar --save", str(back))
        assert decode(back.read_bytes()).name == BAR.name

    def test_what_is_worth_a_look_is_told_with_the_publication(
        self, boss: Operator, file: Path, venue: str
    ) -> None:
        """Such as a program of another time zone."""
        boss.types("program import --id bar", str(file))
        boss.types(f"venue change {venue} --time-zone Asia/Tokyo")
        first, *more = boss.reads(f"program publish bar --venue {venue}").splitlines()
        assert first.endswith("is published (revision 1)")
        assert any(line.startswith("remark: ") and "Asia/Tokyo" in line for line in more)

    def test_it_is_published_for_a_box_by_its_name(
        self, boss: Operator, file: Path, client: TestClient, admin: TestClient
    ) -> None:
        """As boxes are named everywhere else."""
        box = paired(client, admin)
        (known,) = boss.asks("box list")
        boss.types("program import --id bar", str(file))
        made = boss.reads("program publish bar --box", known["name"])
        assert f"for box {box.id}: is published" in made
        with pytest.raises(NotFoundError, match="there is no box 'nobody'"):
            boss.types("program publish bar --box nobody")

    def test_its_week_is_drawn(self, boss: Operator, file: Path, tmp_path: Path) -> None:
        """As a picture."""
        boss.types("program import --id bar", str(file))
        picture = tmp_path / "week.svg"
        boss.types("program week bar --date 2026-12-24 -o", str(picture))
        assert picture.read_text().lstrip().startswith("<svg")
        boss.types("program week bar --screen -o", str(picture))
        assert "Nothing planned" in picture.read_text()

    def test_a_file_with_faults_uploads_nothing(self, boss: Operator, tmp_path: Path) -> None:
        """Each fault is told with the file's name."""
        file = tmp_path / "bad.json"
        said: dict[str, Any] = json.loads(encode(BAR)) | {"fallback": "nihgt"}
        file.write_text(json.dumps(said))
        with pytest.raises(ProgramError, match=r"bad\.json: .*did you mean 'night'"):
            boss.types("program import", str(file))
        assert boss.asks("media list") == []

    def test_music_that_is_missing_is_told(self, boss: Operator, tmp_path: Path) -> None:
        """No draft is made of it."""
        file = tmp_path / "bar.json"
        file.write_bytes(encode(BAR))
        with pytest.raises(MediaError, match=r"dawn\.flac: cannot be read"):
            boss.types("program import", str(file))
        assert boss.asks("program list") == []

    def test_a_draft_that_is_not_published_can_be_deleted(
        self, boss: Operator, file: Path, venue: str
    ) -> None:
        """One that boxes play cannot."""
        boss.types("program import --id bar", str(file))
        boss.types(f"program publish bar --venue {venue}")
        with pytest.raises(ConflictError):
            boss.types("program delete bar --yes")
        boss.types("program import --id other", str(file))
        with pytest.raises(BadRequestError, match="say --yes"):
            boss.types("program delete other")
        boss.types("program delete other --yes")
        assert [one["id"] for one in boss.asks("program list")] == ["bar"]

    def test_for_whom_is_asked_for(self, boss: Operator, capsys: pytest.CaptureFixture[str]) -> None:
        """One of the four, and no more than one."""
        for words in ("", "--venue a --box b"):
            with pytest.raises(SystemExit):
                boss.types(f"program publish bar {words}")
        told = capsys.readouterr().err
        assert all(f"--{target}" in told for target in Target)


class TestPictures:
    """``media``, of what is shown."""

    def ids(self, boss: Operator, folder: Path) -> dict[str, str]:
        """Upload all of it; gives the ids of the tracks."""
        boss.types("media add --pictures", str(folder))
        return {one["file_name"]: one["id"] for one in boss.asks("media list")}

    def test_images_of_folders_are_taken_where_they_are_wanted(self, boss: Operator, folder: Path) -> None:
        """The covers of music are not; an image that is named itself always is."""
        assert boss.types("media add", str(folder)) == 1
        assert sorted(one["file_name"] for one in boss.asks("media list")) == ["fast.mp4", "waves.mp4"]
        boss.types("media add", str(folder / "menu.png"))
        assert [one["file_name"] for one in boss.asks("media list --kind still")] == ["menu.png"]

    def test_it_is_told_what_they_are(self, boss: Operator, folder: Path) -> None:
        """In the list, and all of one."""
        ids = self.ids(boss, folder)
        listed = {row[1]: (row[4], row[6].partition(":")[0]) for row in lines(boss.reads("media list"))}
        assert listed == {
            "menu.png": ("still", "ready"),
            "waves.mp4": ("clip", "ready"),
            "fast.mp4": ("clip", "unplayable"),
        }
        shown = dict(lines(boss.reads(f"media show {ids['waves.mp4']}")))
        assert shown["picture"] == "h264, 320x180, 25 a second, 8 bits"
        assert shown["clip sound"] == "mute"

    def test_how_they_are_shown_can_be_set(self, boss: Operator, folder: Path) -> None:
        """How long a still, what becomes of a clip's sound; and a clip can be music."""
        ids = self.ids(boss, folder)
        boss.types(f"media change {ids['menu.png']} --duration 15000")
        boss.types(f"media change {ids['waves.mp4']} --clip-sound replace")
        told = {one["file_name"]: (one["duration_ms"], one["clip_sound"]) for one in boss.asks("media list")}
        assert (told["menu.png"], told["waves.mp4"][1]) == ((15_000, "mute"), "replace")
        boss.types(f"media change {ids['waves.mp4']} --as-music")
        assert [one["id"] for one in boss.asks("media list --kind file")] == [ids["waves.mp4"]]
        boss.types(f"media change {ids['waves.mp4']} --unset kind --unset clip_sound")
        assert [one["id"] for one in boss.asks("media list --kind file")] == []

    def test_a_copy_is_asked_for(self, boss: Operator, folder: Path) -> None:
        """This hub makes none, and says how that is changed."""
        fast = self.ids(boss, folder)["fast.mp4"]
        with pytest.raises(ConflictError, match="transcode is off: set it to when-needed"):
            boss.types(f"media copy {fast}")
        with pytest.raises(ConflictError, match="no copy of track"):
            boss.types(f"media copy --stop {fast}")
