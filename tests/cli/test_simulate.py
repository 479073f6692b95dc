"""``easyplayer simulate`` tells what would be heard, and says so where that is nothing."""

import json
import os
import pty
import subprocess
import sys
from datetime import time
from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.cli import simulate
from easyplayer.errors import ProgramError, StateError
from easyplayer.playout.catalogue import (
    Daypart,
    Entry,
    Hours,
    Order,
    PastHour,
    Pictures,
    Playlist,
    Slot,
    Spot,
)
from easyplayer.playout.engine import Engine
from easyplayer.playout.items import Item, ItemKind
from tests.cli.venues import BAR, NOW, Command, Disk, at
from tests.playout.test_simulate import house, listing, song

RUN = "import sys; from easyplayer.main import console; console()"


@pytest.fixture
def disk(tmp_path, monkeypatch):
    return Disk(tmp_path, monkeypatch)


@pytest.fixture
def command(disk, monkeypatch, capsys):
    return Command(simulate, disk.state, monkeypatch, capsys)


def heard(command: Command) -> list[tuple[str, ...]]:
    """Give time and item of each line of the log."""
    return [tuple(line.split("\t")[:2]) for line in command.said if line.startswith("Fri ")]


def test_log_is_lines_with_tabs_where_no_terminal_is(command, disk):
    """When, what, where from, and what is unusual; then the summary."""
    assert command("--program", disk.file, "--days", 1 / 24) == 0
    first = command.said[0].split("\t")
    assert first == ["Fri 2027-03-05 12:00:00", "a 1.flac", "fallback a", ""]
    assert len(heard(command)) == 7
    assert command.said[6].endswith("\tstopped")
    assert command.told["program"] == f"Bar, version 7 ({disk.file})"
    assert command.told["simulated"].startswith("1 h from Fri 2027-03-05 12:00:00, in ")
    assert command.told["items"] == "7: 1.0 h of music, 3 distinct tracks"
    assert command.told["layers"] == "fallback 7"
    assert command.told["silence"] == "none in open hours"
    assert command.warned == ""


def test_script_gets_a_line_of_json_for_each_thing_that_happens(command, disk):
    """The last one is the summary."""
    assert command("--program", disk.file, "--from", "2027-03-05T15:30", "--days", 1 / 24, "--json") == 0
    *rows, summary = map(json.loads, command.said)
    assert rows[0]["happened"] == "heard"
    assert rows[0]["started"] == "2027-03-05T15:30:00.000+01:00"
    assert (rows[0]["item"], rows[0]["layer"], rows[0]["source"]) == ("b 1", "daypart", "tea")
    assert [row["item"] for row in rows if row["layer"] == "sharp-spot"] == ["bell"]
    assert (summary["happened"], summary["items"], summary["spots"]) == ("summary", 8, 1)
    assert summary["layers"] == {"sharp-spot": 1, "daypart": 7}


def test_it_begins_with_what_the_box_remembers_and_has_on_air(command, disk):
    """The song on air has gone on since it was noted."""
    engine = Engine(disk.program)
    decision = engine.next(at("2027-03-05T11:55"))
    engine.take(decision, at("2027-03-05T11:55"))
    disk.remember(engine.state, decision, position_s=290.0, noted="2027-03-05T11:59:50")
    command("--program", disk.file, "--days", 0.01)
    assert heard(command) == [
        ("Fri 2027-03-05 11:55:00", "a 1.flac"),
        ("Fri 2027-03-05 12:04:56", "a 2.flac"),
    ]


def test_box_that_is_off_would_go_on_where_it_was(command, disk):
    """As if it were started now."""
    engine = Engine(disk.program)
    decision = engine.next(at("2027-03-04T20:00"))
    engine.take(decision, at("2027-03-04T20:00"))
    disk.remember(engine.state, decision, position_s=300.0, noted="2027-03-04T20:05")
    command("--program", disk.file, "--days", 0.005)
    assert heard(command)[1] == ("Fri 2027-03-05 12:04:56", "a 2.flac")


def test_fresh_begins_with_nothing(command, disk):
    """Neither with what was played before."""
    engine = Engine(disk.program)
    engine.take(engine.next(at(NOW)), at(NOW))
    disk.remember(engine.state)
    command("--program", disk.file, "--days", 0.005)
    assert heard(command)[0][1] == "a 2.flac"
    command("--program", disk.file, "--days", 0.005, "--fresh")
    assert heard(command)[0][1] == "a 1.flac"


def test_clock_does_what_the_script_says(command, disk):
    """Nothing is known of the date until it is set; then the bell comes."""
    script = ("--clock", "1970 for 30m", "--clock", "set -1h after 1h", "--json")
    command("--program", disk.file, "--from", "2027-03-05T15:45", "--days", 0.1, *script)
    *rows, _summary = map(json.loads, command.said)
    assert [row["blind"] for row in rows[:5]] == [True, True, True, True, False]
    bells = [row["started"] for row in rows if row["item"] == "bell"]
    assert bells == ["2027-03-05T17:00:00.000+01:00"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--clock", "1971"), "write it like"),
        (("--from", "noon"), "is no time"),
        (("--days", "0"), "no number of days"),
        (("--days", "ever"), "no number of days"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_can(command, capsys, words, told):
    """The command line is at fault."""
    with pytest.raises(SystemExit) as end:
        command(*words)
    assert end.value.code == 2
    assert told in capsys.readouterr().err


def test_silence_in_open_hours_is_told_and_fails(command, disk):
    """A clear word, and the exit code for a script."""
    for item in disk.program.items:
        Path(item.location).unlink()
        Path(item.location).mkdir()
    assert command("--program", disk.file) == 1
    assert "SILENCE in open hours from Fri 2027-03-05 12:00:00 to Sat 2027-03-06 12:00:00" in command.warned
    assert "SILENCE" in command.said[0]


def test_what_is_missed_and_what_is_silent_is_told(command, disk):
    """To a person and to a script."""
    hours = (Hours(slot=Slot(starts=time(18), ends=time(19))),)
    disk.write(structs.replace(disk.program, hours=hours))
    for item in disk.program.items:
        Path(item.location).unlink()
        Path(item.location).mkdir()
    assert command("--program", disk.file) == 1
    assert command.said[:2] == [
        "Fri 2027-03-05 16:00:00\tMISSED\tspot bell\tthe venue was closed",
        "Fri 2027-03-05 18:00:00\tSILENCE\t\tfor 1 h: nothing of the program can be played",
    ]
    command("--program", disk.file, "--json")
    missed, silence, _ = map(json.loads, command.said)
    assert (missed["happened"], missed["spot"]) == ("missed", "bell")
    assert missed["due"] == "2027-03-05T16:00:00.000+01:00"
    assert (silence["happened"], silence["over"]) == ("silence", "2027-03-05T19:00:00.000+01:00")


def test_missing_files_are_passed_over_and_told(command, disk):
    """As the box would do."""
    (disk.home / "a 2.flac").unlink()
    command("--program", disk.file, "--days", 0.02)
    assert [name for _, name in heard(command)] == ["a 1.flac", "a 3.flac", "a 1.flac"]
    assert command.warned == "1 of the program's files cannot be played here, and are passed over\n"


def test_program_of_another_machine_is_simulated_as_if_its_files_were_here(command, disk):
    """A technician tries it before any box has it."""
    for item in disk.program.items:
        Path(item.location).unlink()
    assert command("--program", disk.file) == 0
    assert "taken as if all were" in command.warned


def test_length_that_nobody_knows_is_guessed_and_told(command, disk):
    """Three and a half minutes, until somebody analyses it."""
    items = tuple(structs.replace(item, duration_ms=None) for item in disk.program.items)
    disk.write(structs.replace(disk.program, items=items))
    command("--program", disk.file, "--days", 0.01)
    assert heard(command)[1][0] == "Fri 2027-03-05 12:03:26"
    assert command.told["guessed"].startswith("the length of 3 items")


def test_week_is_drawn(command, disk, tmp_path):
    """That of the start."""
    command("--program", disk.file, "--from", "2027-03-27", "--days", 0.01, "--week", tmp_path / "week.svg")
    drawn = (tmp_path / "week.svg").read_text()
    assert drawn.startswith("<svg")
    assert all(words in drawn for words in ("<title>Bar: 22", "28 March 2027"))


def test_picture_that_cannot_be_written_is_an_error(command, disk, tmp_path):
    """With what to do about it."""
    with pytest.raises(StateError, match="name another file"):
        command("--program", disk.file, "--week", tmp_path / "nowhere" / "week.svg")


def test_program_that_cannot_be_used_is_an_error(command, disk):
    """With all that is wrong with it."""
    disk.file.write_text('{"name": 1}')
    with pytest.raises(ProgramError, match=r"bar\.json"):
        command("--program", disk.file)


def test_passwords_of_streams_are_not_told(command, disk):
    """Neither to a person nor to a script."""
    secret = structs.replace(BAR.items[0], id="radio", location="http://dj:secret@radio/live", kind="stream")
    disk.write(house(listing("a", "radio"), items=[secret]))
    for words in ((), ("--json",)):
        command("--program", disk.file, *words)
        assert "secret" not in "".join(command.said)
        assert "dj:***@radio" in "".join(command.said)


def test_person_at_a_terminal_sees_columns(disk):
    """Whoever has enough of it, closes it, and no traceback is seen."""
    words = ["simulate", "--state", str(disk.state), "--program", str(disk.file), "--days", "0.1"]
    ours, theirs = pty.openpty()
    calm = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen([sys.executable, "-c", RUN, *words], stdout=theirs, env=calm):
        os.close(theirs)
        seen = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert b"a 1.flac   " in seen
    assert b"\t" not in seen


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux tells that the other side of a terminal is closed
        return b""


def test_reader_that_has_enough_ends_it_without_a_word(disk):
    """As in ``easyplayer simulate --days 365 | head``."""
    words = ["simulate", "--state", str(disk.state), "--program", str(disk.file), "--days", "60"]
    command = [sys.executable, "-c", RUN, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


WALL = structs.replace(
    house(
        listing("a"),
        Playlist(id="wall", entries=(Entry(item="poster"), Entry(item="film")), order=Order.SEQUENTIAL),
        items=[
            Item(id="poster", location="poster.png", kind=ItemKind.STILL),
            song("film", 30, kind=ItemKind.CLIP),
            Item(id="offer", location="offer.png", kind=ItemKind.STILL),
            song("word", 20),
        ],
        spots=(Spot(id="ad", items=("word",), when=PastHour(minute=5), pictures=("offer",)),),
        screen=Pictures(fallback="wall", still_s=600),
    ),
    name="Wall",
)
"""A poster of ten minutes and a film, and an offer that is shown while it is read out."""


def test_what_the_screens_show_stands_between_what_is_heard(command, disk):
    """If that is asked for; the summary is that of the music."""
    disk.lay_down(WALL)
    plain = ["--program", disk.file, "--days", 1 / 96]
    assert command(*plain) == 0
    alone = heard(command)
    assert command(*plain, "--screen") == 0
    shown = [line.split("\t")[:3] for line in command.said if "\tscreen: " in line]
    assert [row for row in heard(command) if list(row) not in [one[:2] for one in shown]] == alone
    assert shown == [
        ["Fri 2027-03-05 12:00:00", "poster.png", "screen: fallback wall"],
        ["Fri 2027-03-05 12:09:56", "offer.png", "screen: spot ad"],
        ["Fri 2027-03-05 12:10:16", "film.flac", "screen: fallback wall"],
        ["Fri 2027-03-05 12:10:46", "poster.png", "screen: fallback wall"],
    ]
    command(*plain, "--screen", "--json")
    seen = [told for told in map(json.loads, command.said) if told["happened"] == "seen"]
    assert (seen[1]["item"], seen[1]["layer"]) == ("offer", "soft-spot")


def test_week_of_the_screens_is_drawn(command, disk, tmp_path):
    """In place of the music's."""
    disk.write(
        structs.replace(WALL, dayparts=(Daypart(id="lunch", title="Menu", slot=Slot(), screen="wall"),))
    )
    picture = tmp_path / "week.svg"
    command("--program", disk.file, "--days", 0.01, "--week", picture)
    assert "Menu" not in picture.read_text()
    command("--program", disk.file, "--days", 0.01, "--week", picture, "--screen")
    assert "Menu" in picture.read_text()
    disk.write(BAR)
    command("--program", disk.file, "--days", 0.01, "--week", picture, "--screen")
    assert "Nothing planned" in picture.read_text()
