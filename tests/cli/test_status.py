"""What the technician is told of a running box: by ``easyplayer status``, and by the live line."""

from typing import Any

from rich.console import Console

from easyplayer.cli.now_playing import draw
from easyplayer.cli.status import rows
from easyplayer.playout.machine import PlayerState
from easyplayer.status import HubView, Playing, Status
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


def test_box_without_a_hub_tells_nothing_of_one() -> None:
    """Nobody misses what nobody has asked for."""
    assert "hub" not in dict(rows(status(), 0.0))


def test_status_tells_how_it_stands_with_the_hub() -> None:
    """Where the box is, what it fetches, and who has a way in."""
    hub = HubView(
        url="https://hub.example", place="Bar, main", support="no sound", fetching="bar (1 of 2 MB)"
    )
    told = dict(rows(status(hub=hub), 0.0))
    assert told["hub"] == "https://hub.example answers"
    assert told["place"] == "Bar, main"
    assert told["support"] == "has a way in: no sound"
    assert told["fetches"] == "bar (1 of 2 MB)"


def test_hub_that_is_away_is_told_with_the_reason() -> None:
    """Also where it has never been there."""
    away = HubView(url="https://hub.example", trouble="no answer")
    assert dict(rows(status(hub=away), 0.0))["hub"] == "https://hub.example does not answer: no answer"
    assert dict(rows(status(hub=HubView(trouble="no answer")), 0.0))["hub"] == "no answer"


def test_claim_code_stands_before_whoever_looks_at_the_box() -> None:
    """In the live line and in the status."""
    waiting = status(hub=HubView(claim_code="7K2M-Q9XD"))
    assert "claim this box at the hub: 7K2M-Q9XD" in drawn(waiting)
    assert dict(rows(waiting, 0.0))["claim code"] == "7K2M-Q9XD"


def test_open_way_in_is_seen_in_the_live_line() -> None:
    """Whoever stands before the box knows that somebody else is in it."""
    assert "support has a way in: no sound" in drawn(status(hub=HubView(support="no sound")))
