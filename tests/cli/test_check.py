"""``easyplayer check`` tells how the program stands, and whether anybody must do something."""

import hashlib
from datetime import time
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from easyplayer.analysis import FactsCache
from easyplayer.cli import check
from easyplayer.drivers.asrun_facts import ClockRead, RowBegun, RowTold
from easyplayer.errors import ProgramError
from easyplayer.playout.catalogue import Entry, Hours, Pictures, Playlist, Separation, Slot, Start
from easyplayer.playout.engine import EngineState
from easyplayer.playout.items import Item, ItemKind, Media
from easyplayer.units import Instant, Monotonic, Seconds
from tests.analysis.media import render, tone
from tests.cli.venues import NOW, Command, Disk, at
from tests.playout.test_simulate import house, listing, show


@pytest.fixture
def disk(tmp_path, monkeypatch):
    return Disk(tmp_path, monkeypatch)


@pytest.fixture
def command(disk, monkeypatch, capsys):
    return Command(check, disk.state, monkeypatch, capsys)


def spans(command: Command) -> list[str]:
    """Give what is next: from when to when, what, and what it holds."""
    rows = [line.split("\t") for line in command.said if line.count("\t") == 4]
    return [f"{row[0][-8:-3]}-{row[1][:5]} {row[2]}: {row[4]}" for row in rows]


def test_program_in_order_is_well(command, disk):
    """Nobody needs to do anything."""
    assert command("--program", disk.file) == 0
    assert command.told["program"] == f"Bar, version 7 ({disk.file})"
    assert command.told["files"] == "7, of which 7 can be played"
    assert command.told["to be analysed"] == "7, each before it is played"
    assert command.told["played"] == "nothing yet, as far as the as-run log knows"
    assert command.told["all in all"] == "well"


def test_what_is_next_is_told_span_by_span_and_on_the_second(command, disk):
    """A day of it; the bell rings over the tea."""
    command("--program", disk.file)
    assert spans(command) == [
        "12:00-15:08 fallback a: 19 songs",
        "15:08-17:08 daypart tea: 12 songs",
        "16:00-16:00 spot bell: ",
        "17:07-12:00 fallback a: 114 songs",
    ]


def test_shows_and_closed_hours_are_told_at_their_times(command, disk):
    """As the venue's own clock shows them."""
    hard = show("13:00:30", "14:00", start=Start.HARD)
    hours = (Hours(slot=Slot(starts=time(10), ends=time(18))),)
    disk.write(structs.replace(disk.program, shows=(hard,), hours=hours))
    assert command("--program", disk.file) == 0
    assert [span.partition(":  ")[0] for span in spans(command)][1:3] == [
        "13:00-14:00 show show: 6 songs",
        "14:00-15:09 fallback a: 7 songs",
    ]
    assert "18:00-10:00 closed: " in spans(command)


def test_missing_files_are_wrong(command, disk):
    """They are named, with their ids."""
    (disk.home / "a 2.flac").unlink()
    assert command("--program", disk.file) == 1
    assert command.told["files"] == "7, of which 6 can be played"
    assert command.told["WRONG"].startswith("a 2.flac (a 2): ")
    assert "does not exist" in command.told["WRONG"]
    assert command.told["all in all"] == "missing, or not to be played: 1 of the items"


def test_only_the_first_of_many_missing_files_are_named(command, disk):
    """A script gets them all."""
    items = [structs.replace(disk.program.items[0], id=f"x {number}", location="x") for number in range(30)]
    disk.write(structs.replace(disk.program, items=(*disk.program.items, *items)))
    (disk.home / "x").unlink(missing_ok=True)
    assert command("--program", disk.file) == 1
    assert sum(line.startswith("WRONG") for line in command.said) == check.MOST_MISSING
    assert "\tand 10 more" in command.said
    command("--program", disk.file, "--json")
    assert len(command.json["media"]["wrong"]) == 30


def test_silence_ahead_is_wrong(command, disk):
    """From when to when."""
    for item in disk.program.items:
        Path(item.location).unlink()
    assert command("--program", disk.file) == 1
    assert "SILENCE ahead from Fri 2027-03-05 12:00:00" in command.told["all in all"]
    assert spans(command) == ["12:00-12:00 SILENCE: ", "16:00-16:00 spot bell: "]


def test_file_that_is_not_the_one_that_is_meant_is_wrong(command, disk):
    """By its size at once, and by its digest as soon as it has been analysed."""
    song, *others = disk.program.items
    path = Path(song.location)
    path.unlink()
    render(path, tone(0.5))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    def told(sha256: str, size: int) -> tuple[int, dict[str, str]]:
        item = structs.replace(song, media=Media(sha256=sha256, size=size), duration_ms=None)
        disk.write(structs.replace(disk.program, items=(item, *others)))
        return command("--program", disk.file), command.told

    size = path.stat().st_size
    assert "fetch it again" in told(digest, size + 1)[1]["WRONG"]
    assert told("0" * 64, size)[0] == 0
    assert command.told["to be analysed"].endswith("1 digests are compared then")
    FactsCache(disk.state / "analysis").analyse(path)
    assert "its content is not the one" in told("0" * 64, size)[1]["WRONG"]
    assert told(digest, size)[0] == 0


def test_streams_are_listed_without_their_passwords(command, disk):
    """Whether they can be reached is for the doctor."""
    radio = structs.replace(
        disk.program.items[0], id="radio", kind=ItemKind.STREAM, location="http://dj:secret@radio/live"
    )
    disk.write(structs.replace(disk.program, items=(*disk.program.items, radio)))
    command("--program", disk.file)
    assert command.told["stream"] == "http://dj:***@radio/live"


def test_remarks_are_told_and_are_not_wrong(command, disk):
    """A fallback that is missing, a playlist that nothing plays."""
    disk.write(structs.replace(disk.program, fallback=""))
    assert command("--program", disk.file) == 0
    assert any(line.startswith("remark\t") for line in command.said)


def test_spot_that_will_be_missed_is_told(command, disk):
    """Because its item is not there."""
    (disk.home / "bell.flac").unlink()
    command("--program", disk.file)
    (bell,) = (line for line in command.said if "spot bell" in line)
    assert "MISSED: nothing of it can be played" in bell


def test_separation_that_has_to_give_way_is_told(command, disk):
    """Three songs are too few to keep twenty apart."""
    strict = Separation(item_minutes=120)
    playlists = tuple(
        structs.replace(playlist, separation=strict, order="shuffle") for playlist in disk.program.playlists
    )
    disk.write(structs.replace(disk.program, playlists=playlists))
    command("--program", disk.file)
    assert command.told["separation"].startswith("gave way: minutes ")
    assert "of them too soon again" in spans(command)[0]


def test_what_sounds_is_told(command, disk):
    """Its row is open."""
    song = msgspec.json.encode(disk.program.items[1]).decode()
    disk.keeping.as_run.write([RowBegun(started=Monotonic(0.0), item=song)])
    command("--program", disk.file)
    assert any(line.endswith("a 1.flac\t\tsounds") for line in command.said)


def test_what_was_played_last_is_told(command, disk):
    """From the as-run log."""
    song = msgspec.json.encode(disk.program.items[1]).decode()
    disk.keeping.as_run.write(
        [
            ClockRead(at=Monotonic(0.0), wall=Instant(at(NOW) - 1000), trust="trusted"),
            RowBegun(started=Monotonic(0.0), item=song, layer="daypart", source="tea", playlist="b"),
            RowTold(started=Monotonic(0.0), over=Monotonic(60.0), heard_s=Seconds(60.0), ended="cut"),
        ]
    )
    command("--program", disk.file)
    assert "Fri 2027-03-05 11:43:20\ta 1.flac\tdaypart tea\tcut" in command.said


def test_pictures_do_not_hide_what_was_played(command, disk):
    """There are many more of them; the last few are told behind the music."""
    song = msgspec.json.encode(disk.program.items[1]).decode()
    rows = [RowBegun(started=Monotonic(0.0), item=song)]
    rows += [
        RowBegun(
            started=Monotonic(float(number)),
            item=f'{{"id": "p{number}", "location": "p{number}.png", "kind": "still"}}',
            shown_s=Seconds(0.0),
        )
        for number in range(1, 20)
    ]
    disk.keeping.as_run.write(rows)
    command("--program", disk.file)
    told = [line.split("\t")[1:] for line in command.said if line.endswith(("\tsounds", "\tis shown"))]
    assert [line[0] for line in told] == ["a 1.flac", "p17.png", "p18.png", "p19.png"]


def test_program_that_cannot_be_used_is_told_with_all_that_is_wrong(command, disk):
    """Where the box plays by the last good one, that is looked at, and the exit code still says it."""
    good = disk.file.read_bytes()
    disk.file.write_text('{"name": "Bar", "zone": "Europe/Atlantis", "fallback": "nothing"}')
    with pytest.raises(ProgramError) as error:
        command("--program", disk.file)
    assert len(error.value.problems) == 2

    disk.remember(EngineState())
    disk.keeping.program.write_bytes(good)
    assert command() == ProgramError.exit_code
    assert "Europe/Atlantis" in "\n".join(command.said)
    assert command.told["files"] == "7, of which 7 can be played"


def test_pieces_of_the_sample_that_are_not_made_yet_are_not_missing(command):
    """The box makes them itself."""
    assert command() == 0
    assert "pieces, which the box makes when it starts" in command.told["to be made"]


def test_script_gets_everything(command, disk):
    """And whether it is well."""
    command("--program", disk.file, "--json")
    told = command.json
    assert (told["well"], told["wrong"]) == (True, [])
    assert (told["program"]["name"], told["program"]["version"]) == ("Bar", 7)
    assert told["media"]["files"] == 7
    assert [span["what"] for span in told["next"]] == ["fallback a", "daypart tea", "spot bell", "fallback a"]
    assert told["next"][1]["songs"] == 12
    assert told["summary"]["silence_s"] == 0


def test_week_is_drawn(command, disk, tmp_path):
    """This week's."""
    command("--program", disk.file, "--week", tmp_path / "week.svg")
    assert "<title>Bar: 1" in (tmp_path / "week.svg").read_text()


def test_pictures_are_looked_for(command, disk):
    """One that is gone, or is another, is told as a song would be."""
    media = Media(sha256="0" * 64, size=7)
    posters = [
        Item(id=name, location=f"{name}.png", kind=ItemKind.STILL, media=media if name == "other" else None)
        for name in ("there", "gone", "other")
    ]
    wall = Playlist(id="wall", entries=tuple(Entry(item=one.id) for one in posters))
    disk.lay_down(house(listing("a", "song"), wall, items=posters, screen=Pictures(fallback="wall")))
    (disk.home / "gone.png").unlink()
    assert command("--program", disk.file) == check.WRONG
    told = "\n".join(command.said)
    assert "there is no such file: bring it" in told
    assert "it has 0 bytes, and not 7" in told
    assert "there.png" not in told
