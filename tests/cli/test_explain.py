"""``easyplayer explain`` tells what plays at some time, and why; or what played then."""

from datetime import time

import msgspec
import pytest
from msgspec import structs

from easyplayer.cli import explain
from easyplayer.drivers.asrun_facts import ClockRead, Fact, RowBegun, RowTold
from easyplayer.playout.catalogue import Entry, Hours, Over, Pictures, Playlist, Program, Slot
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.engine import Engine, EngineState
from easyplayer.playout.items import Item, ItemKind
from easyplayer.units import Monotonic, Seconds
from tests.cli.test_simulate import WALL
from tests.cli.venues import BAR, NOW, Command, Disk, at
from tests.playout.test_simulate import called


@pytest.fixture
def disk(tmp_path, monkeypatch):
    return Disk(tmp_path, monkeypatch)


@pytest.fixture
def command(disk, monkeypatch, capsys):
    return Command(explain, disk.state, monkeypatch, capsys)


def coming(command: Command) -> list[str]:
    """Name the items that follow."""
    return [line.split("\t")[1] for line in command.said if line.startswith("Fri ")]


# -- what will be ----------------------------------------------------------------------------------


def test_decision_in_force_is_told_in_words_and_what_follows(command, disk):
    """Which layer has the word, since when, and what would play otherwise."""
    assert command("2027-03-05T15:12", "--program", disk.file) == 0
    assert command.told["at"] == "Fri 2027-03-05 15:12:00"
    assert command.told["plays"] == "b 1.flac"
    assert command.told["because"] == "the daypart 'tea'"
    assert command.told["in force"] == "from Fri 05 Mar 15:00 to Fri 05 Mar 17:00"
    assert command.told["otherwise"] == "fallback 'a'"
    assert command.told["heard"] == "from Fri 2027-03-05 15:08:44 until Fri 2027-03-05 15:18:40"
    assert coming(command) == ["b 2.flac", "b 3.flac", "b 1.flac", "b 2.flac", "b 3.flac"]


def test_without_a_time_it_is_now(command, disk):
    """What is on air, where it is by now, and what is next."""
    engine = Engine(disk.program)
    for minute in (40, 50):
        decision = engine.next(at(f"2027-03-05T11:{minute}"))
        engine.take(decision, at(f"2027-03-05T11:{minute}"))
    disk.remember(engine.state, decision, position_s=297.0, noted="2027-03-05T11:59:59")
    command("--program", disk.file)
    assert command.told["plays"] == "a 2.flac"
    assert command.told["heard"] == "from Fri 2027-03-05 11:55:02 until Fri 2027-03-05 12:04:58"
    assert coming(command)[:2] == ["a 3.flac", "a 1.flac"]


def test_clock_without_a_date_is_the_next_such_time(command, disk):
    """Today if it is still to come, and else tomorrow."""
    command("18:07", "--program", disk.file)
    assert command.told["at"] == "Fri 2027-03-05 18:07:00"
    command("9:30", "--program", disk.file)
    assert command.told["at"] == "Sat 2027-03-06 09:30:00"


def test_what_is_due_at_the_instant_itself_is_told(command, disk):
    """The bell of four, and the song below it."""
    command("16:00", "--program", disk.file)
    assert "plays\tb 3.flac" in command.said
    assert "plays\tbell.flac" in command.said
    assert command.told["because"] == "a spot on the second 'bell', at 16:00:00"


def test_spot_that_cuts_the_music_is_all_that_is_heard(command, disk):
    """That is no silence."""
    disk.write(structs.replace(disk.program, spots=(called("bell", "16:00", over=Over.CUT),)))
    command("16:00", "--program", disk.file)
    assert command.told["plays"] == "bell.flac"
    assert "silence" not in command.told


def test_silence_of_closed_hours_is_told(command, disk):
    """And when it is over; what follows is what comes then."""
    disk.write(structs.replace(disk.program, hours=(Hours(slot=Slot(starts=time(10), ends=time(14))),)))
    command("14:30", "--program", disk.file)
    assert command.told["silence"] == "closed until Saturday 10:00"
    assert "plays" not in command.told


def test_silence_of_a_program_that_is_only_to_be_seen_is_told(command, disk):
    """It is meant."""
    wall = Playlist(id="wall", entries=(Entry(item="poster"),))
    poster = Item(id="poster", location="/nowhere/poster.png", kind=ItemKind.STILL)
    screen = Pictures(fallback="wall")
    disk.write(Program(name="wall", zone="UTC", items=(poster,), playlists=(wall,), screen=screen))
    command("14:30", "--program", disk.file)
    assert command.told["silence"] == "the program is only to be seen: the box is silent"


def test_silence_for_want_of_music_is_told(command, disk):
    """The box has something for that."""
    for item in disk.program.items:
        (disk.home / f"{item.id}.flac").unlink()
        (disk.home / f"{item.id}.flac").mkdir()
    command("14:30", "--program", disk.file)
    assert command.told["silence"].startswith("nothing of the program can be played")


def test_settings_that_keep_the_box_silent_are_told(command, disk, monkeypatch):
    """Whatever the program says."""
    monkeypatch.setenv("EASYPLAYER_BOX__OPENING", "08:00-10:00")
    command("14:30", "--program", disk.file)
    assert command.told["but"] == "by its settings the box is silent then: closed until 08:00"


def test_script_gets_the_decision(command, disk):
    """All of it, and the words."""
    command("15:12", "--program", disk.file, "--json")
    told = command.json
    (decision,) = told["plays"]
    assert told["at"] == "2027-03-05T15:12:00.000+01:00"
    assert (decision["item"]["id"], decision["origin"]["source"], decision["title"]) == ("b 1", "tea", "tea")
    assert ["because", "the daypart 'tea'"] in decision["words"]
    assert [row["item"] for row in told["next"]] == ["b 2", "b 3", "b 1", "b 2", "b 3"]


def test_time_that_cannot_be_read_is_told_with_what_can(command, capsys):
    """The command line is at fault."""
    with pytest.raises(SystemExit):
        command("tomorrow")
    assert "write it like 2026-12-24T18:07" in capsys.readouterr().err


def test_box_that_was_started_with_a_program_is_explained_by_it(command, disk):
    """Without naming it again; where the file is gone, by the copy that the box keeps."""
    disk.remember(Engine(disk.program).state)
    command("15:12")
    assert command.told["program"] == f"Bar, version 7 ({disk.file})"

    disk.keeping.program.write_bytes(disk.file.read_bytes())
    disk.file.unlink()
    command("15:12")
    assert command.told["program"] == f"Bar, version 7 ({disk.keeping.program}, the last good one)"
    assert "cannot be read" in command.warned
    assert command.told["plays"] == "b 1.flac"


def test_box_that_was_started_with_a_list_is_explained_by_it(command, disk):
    """In the order of its files."""
    disk.remember(Engine(disk.program).state, places=[str(disk.home)])
    command("12:01")
    assert command.told["plays"] == "a 1.flac"
    assert command.told["program"] == f"list, version 1 ({disk.home})"


def test_box_of_which_only_the_program_is_left_is_explained_by_that(command, disk):
    """It has forgotten how far it was."""
    disk.keeping.program.write_bytes(disk.file.read_bytes())
    command("15:12")
    assert command.told["program"] == f"Bar, version 7 ({disk.keeping.program})"


def test_settings_name_the_program_before_the_box_does(command, disk, monkeypatch):
    """They are what counts at its next start."""
    disk.remember(EngineState(), places=["sample"])
    monkeypatch.setenv("EASYPLAYER_PROGRAM__FILE", str(disk.file))
    command("15:12")
    assert command.told["program"] == f"Bar, version 7 ({disk.file})"


@pytest.mark.parametrize("remembered", [False, True])
def test_box_that_was_never_started_would_play_the_sample(command, disk, remembered):
    """With all its pieces, though none has been made yet."""
    if remembered:
        disk.remember(EngineState(), places=["sample"])
    command("12:30")
    assert command.told["program"] == "Hotel Bar, version 1 (sample)"
    assert "easyplayer - " in command.told["plays"]


# -- what has been ---------------------------------------------------------------------------------


def played(disk: Disk, *facts: Fact, trust: ClockTrust = ClockTrust.TRUSTED) -> None:
    """Write a log in which the machine was started at noon."""
    read = ClockRead(at=Monotonic(0.0), wall=at(NOW), trust=trust)
    disk.keeping.as_run.write([read, *facts])


def row(item: Item, began_s: float, over_s: float, ended: str | None, **whence: str) -> tuple[Fact, Fact]:
    """Make a row of the log."""
    text = msgspec.json.encode(item).decode()
    heard_s = Seconds(over_s - began_s)
    return (
        RowBegun(started=Monotonic(began_s), item=text, **whence),
        RowTold(started=Monotonic(began_s), over=Monotonic(over_s), heard_s=heard_s, ended=ended),
    )


SONG = BAR.items[1]


def test_time_that_is_past_is_told_from_the_log(command, disk):
    """What was played, where it came from, and why it ended."""
    played(disk, *row(SONG, 60.0, 200.0, "skipped", layer="daypart", source="tea", playlist="b"))
    assert command("12:02", "--program", disk.file, now="2027-03-05T11:00") == 0  # still to come
    command("2027-03-05T12:02", "--program", disk.file, now="2027-03-05T15:00")
    assert command.told == {
        "at": "Fri 2027-03-05 12:02:00",
        "played": SONG.caption,
        "because": "daypart tea",
        "out of": "playlist 'b'",
        "heard": "from Fri 2027-03-05 12:01:00 to Fri 2027-03-05 12:03:20, 140 s of it",
        "ended": "somebody wanted the next one",
    }


def test_time_at_which_nothing_was_played_is_told_so(command, disk):
    """With what was before it."""
    played(disk, *row(SONG, 60.0, 200.0, "stopped", layer="daypart", source="tea", playlist="b"))
    command("2027-03-05T13:00", "--program", disk.file, now="2027-03-05T15:00")
    nothing, before = command.told["silence"].split("; ")
    assert nothing == "the as-run log has nothing for this time"
    assert before == "the last item before that was over at Fri 2027-03-05 12:03:20"


def test_row_that_a_power_cut_left_open_is_not_heard_for_ever(command, disk):
    """It is told for the minute in which it would have been written down again."""
    played(disk, *row(SONG, 60.0, 200.0, None), trust=ClockTrust.ESTIMATED)
    command("2027-03-05T12:04", "--program", disk.file, now="2027-03-05T15:00")
    assert command.told["because"] == "a person asked for it"
    assert command.told["ended"].startswith("it has not been told yet")
    assert command.told["clock"] == "estimated: nobody has confirmed the times"
    command("2027-03-05T12:05", "--program", disk.file, now="2027-03-05T15:00")
    assert "silence" in command.told


def test_script_gets_the_rows_of_the_log(command, disk):
    """With how far their times can be trusted."""
    played(disk, *row(SONG, 60.0, 200.0, "played", layer="show", source="party", playlist="b"))
    command("2027-03-05T12:02", "--program", disk.file, "--json", now="2027-03-05T15:00")
    (told,) = command.json["played"]
    assert (told["item"], told["layer"], told["ended"]) == (SONG.id, "show", "played")
    assert (told["trust"], told["heard_s"]) == ("trusted", 140.0)


def test_what_was_shown_is_told_if_that_is_asked_for(command, disk):
    """On which screens, and for how long; else only what sounded is."""
    poster = Item(id="poster", location="poster.png", kind=ItemKind.STILL)
    text, began = msgspec.json.encode(poster).decode(), Monotonic(60.0)
    played(
        disk,
        RowBegun(started=began, item=text, layer="fallback", playlist="wall", shown_s=Seconds(0.0)),
        RowTold(
            started=began,
            over=Monotonic(200.0),
            heard_s=Seconds(0.0),
            ended="played",
            shown_s=Seconds(120.0),
            outputs="tv,bar",
        ),
    )
    command("2027-03-05T12:02", "--program", disk.file, now="2027-03-05T15:00")
    assert "shown" not in command.told
    assert "silence" in command.told
    command("2027-03-05T12:02", "--program", disk.file, "--screen", now="2027-03-05T15:00")
    assert (command.told["shown"], command.told["because"]) == ("poster.png", "fallback wall")
    assert command.told["seen"].endswith("12:03:20, 120 s of it, on tv and bar")
    assert "heard" not in command.told
    command("2027-03-05T12:02", "--program", disk.file, "--screen", "--json", now="2027-03-05T15:00")
    (told,) = command.json["played"]
    assert (told["shown_s"], told["outputs"]) == (120.0, ["tv", "bar"])


def test_what_the_screens_show_is_told_if_that_is_asked_for(command, disk):
    """By the layer that has the word, or for the sake of a spot."""
    disk.lay_down(WALL)
    command("2027-03-05T12:05", "--program", disk.file)
    assert "shows" not in command.told
    command("2027-03-05T12:05", "--program", disk.file, "--screen")
    assert (command.told["shows"], command.told["seen"][-8:]) == ("poster.png", "12:10:00")
    command("2027-03-05T12:10", "--program", disk.file, "--screen")
    assert command.told["shows"] == "offer.png"
    command("2027-03-05T12:10", "--program", disk.file, "--screen", "--json")
    (shown,) = command.json["shows"]
    assert (shown["item"]["id"], shown["origin"]["source"]) == ("offer", "ad")


def test_program_without_pictures_shows_nothing(command, disk):
    """And says so."""
    command("2027-03-05T12:05", "--program", disk.file, "--screen")
    assert command.told["shows"].startswith("nothing: ")
