"""What the technician is told of a running box: by ``easyplayer status``, and by the live line."""

from typing import Any

from rich.console import Console

from easyplayer.cli.now_playing import draw
from easyplayer.cli.status import rows
from easyplayer.playout.machine import PlayerState
from easyplayer.status import Playing, Status
from easyplayer.units import Decibels, Percent, Seconds


def playing(title: str, why: str = "") -> Playing:
    """Make an item as the status has it."""
    return Playing(id=title, title=title, artist="", location="", length_s=Seconds(180.0), why=why)


def status(**fields: Any) -> Status:
    """Make the status of a box that plays."""
    given: dict[str, Any] = {
        "version": "1",
        "pid": 1,
        "at": 0.0,
        "uptime_s": Seconds(3600.0),
        "program": "Bar, version 7",
        "state": PlayerState.PLAYING,
        "reason": "plays",
        "allowed": True,
        "verdict": "open",
        "item": playing("Dawn", "daypart evening"),
        "position_s": Seconds(10.0),
        "next": playing("Noon", "spot happy-hour"),
        "volume": Percent(80),
        "sink": "bar",
        "silent_sink": False,
        "level_db": Decibels(-20.0),
        "peak_db": Decibels(-10.0),
        "audible_ago_s": Seconds(0.0),
        "failures": 0,
        "problems": (),
    }
    return Status(**{**given, **fields})


def drawn(one: Status) -> str:
    """Give the live line as text."""
    console = Console(width=200)
    with console.capture() as captured:
        console.print(draw(one))
    return captured.get()


def test_status_tells_where_each_item_comes_from() -> None:
    """And by which program the box plays."""
    told = dict(rows(status(), 0.0))
    assert told["plays"] == "Dawn (0:10 of 3:00), daypart evening"
    assert told["next"] == "Noon (3:00), spot happy-hour"
    assert told["program"] == "Bar, version 7"


def test_item_that_a_person_asked_for_comes_from_nowhere() -> None:
    """Nothing is said then; nor of a program where there is none yet."""
    told = dict(rows(status(item=playing("Dawn"), program=""), 0.0))
    assert told["plays"] == "Dawn (0:10 of 3:00)"
    assert told["program"] == "none yet"


def test_box_that_hangs_is_told_first() -> None:
    """Its last status is old."""
    assert rows(status(), 60.0)[0][0] == "HANGS"


def test_live_line_tells_where_the_item_comes_from() -> None:
    """In its second line."""
    assert "daypart evening   ·   next: Noon" in drawn(status())
    assert "  next: Noon" in drawn(status(item=playing("Dawn")))
