"""What the technician is told of a running box: by ``easyplayer status``, and by the live line."""

import argparse
import time
from typing import Any

import msgspec
import pytest
from rich.console import Console

from easyplayer.cli import status as status_command
from easyplayer.cli.now_playing import draw
from easyplayer.cli.status import rows
from easyplayer.cli.storage_words import on_its_way, plays_on
from easyplayer.guard import GuardView
from easyplayer.playout.machine import PlayerState
from easyplayer.protocol.heartbeat import Autonomy, Disk, Download, Health, Storage
from easyplayer.screen_view import OutputView, ScreenView
from easyplayer.status_view import HubView, Playing, Problem, Status
from easyplayer.storage_view import StorageView
from easyplayer.units import Decibels, Instant, Percent, Seconds
from tests.strangers import EVIL, TAMED, steering


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


def test_what_is_written_in_brackets_is_told_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as the section of a setting, or the name that somebody has given to a stick."""
    view = StorageView(stick="[/b]: look at [hub] url")
    answer = msgspec.json.encode(status(at=time.time(), storage=view))
    monkeypatch.setattr(status_command, "ask", lambda _state: answer)
    assert status_command.run(argparse.Namespace(state="", settings=None, json=False)) == 0
    assert "[/b]: look at [hub] url" in capsys.readouterr().out


@pytest.mark.parametrize("as_json", [True, False])
def test_what_strangers_write_does_nothing_to_the_terminal_of_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    """A stream gives its title, and a hub the reasons."""
    told = status(at=time.time(), item=playing(EVIL, EVIL), problems=(Problem(at=Instant(0.0), text=EVIL),))
    monkeypatch.setattr(status_command, "ask", lambda _state: msgspec.json.encode(told))
    assert status_command.run(argparse.Namespace(state="", settings=None, json=as_json)) == 0
    written = capsys.readouterr().out
    assert steering(written) == ""
    if as_json:
        assert msgspec.json.decode(written, type=Status) == told


def test_what_strangers_write_does_nothing_to_the_live_line() -> None:
    """Neither what plays and what comes next, nor who is let in."""
    hub = HubView(url="u", claim_code=EVIL)
    for one in (
        status(item=playing(EVIL, EVIL), next=playing(EVIL), sink=EVIL, hub=hub),
        status(item=None, reason=EVIL, hub=HubView(url="u", support=EVIL)),
    ):
        assert steering(drawn(one)) == ""
        assert TAMED in drawn(one)


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


def test_live_channel_is_told_or_why_there_is_none() -> None:
    """Nothing where it has not been tried, or is off."""
    hub = HubView(url="https://hub.example")
    up, down = HubView(url=hub.url, live="polling"), HubView(url=hub.url, not_live="no way through")
    assert dict(rows(status(hub=up), 0.0))["live"] == "by polling"
    assert dict(rows(status(hub=down), 0.0))["live"] == "no: no way through"
    assert "live" not in dict(rows(status(hub=hub), 0.0))


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


def test_box_without_a_hub_tells_nothing_of_its_storage() -> None:
    """It keeps no media of one."""
    assert "storage" not in dict(rows(status(), 0.0))


def test_status_tells_how_it_stands_with_the_storage() -> None:
    """What is missing and free, on its way and to go back to, and how long that lasts."""
    well, full = Disk(name="/a"), Disk(name="/b", health=Health.FULL, media=3, total_bytes=10**9)
    view = StorageView(
        storage=Storage(
            items=80,
            missing=3,
            free_bytes=12_000_000_000,
            previous="bar, version 2",
            disks=(well, full),
            spoiled=2,
        ),
        autonomy=Autonomy(),
        download=Download(files_left=3, bytes_left=9_000_000, held_up="the hub is away"),
        stick="BAR: 1 of 2 MB are copied",
        report="r.age is on BAR",
    )
    told = dict(rows(status(storage=view), 0.0))
    assert told["storage"] == "80 media, 3 missing, 12.0 GB free"
    assert told["before"] == "bar, version 2: rollback goes back to it"
    assert told["DISK"] == "/b: full, 3 media, 0 B of 1.0 GB free"
    assert told["went bad"] == "2 media since the start, which were fetched anew"
    assert told["downloads"] == "3 media (9.0 MB) to come, held up: the hub is away"
    assert told["plays on"] == "for a week at least, without the hub"
    assert (told["stick"], told["report"]) == ("BAR: 1 of 2 MB are copied", "r.age is on BAR")


def test_what_does_not_happen_is_not_told() -> None:
    """Downloads that are done, no stick, no program before, and the room on disks that were not looked at."""
    told = dict(rows(status(storage=StorageView()), 0.0))
    assert "downloads" not in told
    assert not {"storage", "stick", "report", "before", "DISK", "plays on"} & told.keys()


def test_end_of_the_autonomy_is_told_by_the_clock_on_the_wall() -> None:
    """That of the venue, where the box stands."""
    assert plays_on(Autonomy(until=Instant(0.0))).startswith("until Thu 1970-01-01")


def test_downloads_without_a_speed_yet_have_no_end() -> None:
    """Nobody knows it."""
    assert on_its_way(Download(files_left=2, bytes_left=5)) == "2 media (5 B) to come"


def test_box_that_ends_well_tells_nothing_of_its_watchdog() -> None:
    """No news is good news."""
    assert not {"SAFE MODE", "bad ends", "UNGUARDED"} & set(dict(rows(status(), age_s=0.0)))


def test_safe_mode_and_bad_ends_are_told() -> None:
    """How long it lasts, how often the box was killed or fell, and what the last time was."""
    view = GuardView(
        safe=1, safe_left_s=Seconds(300.0), kills=2, crashes=1, kills_ever=2, crashes_ever=1, last="it hung"
    )

    told = dict(rows(status(guard=view), age_s=0.0))

    assert told["SAFE MODE"] == "careful, for 5 min more"
    assert (
        told["bad ends"] == "killed 2 times, crashed 1 times since the machine started; the last one: it hung"
    )


def test_a_box_that_nobody_guards_is_told_of() -> None:
    """With the reason, and with what it means."""
    told = dict(rows(status(guard=GuardView(unguarded="its port is taken")), age_s=0.0))
    assert told["UNGUARDED"] == "nobody starts the box anew if it hangs: its port is taken"


def test_safe_mode_without_an_end_of_its_own_says_what_it_waits_for() -> None:
    """A box that has lost its state directory goes back to it, whenever that is."""
    told = dict(rows(status(guard=GuardView(safe=1)), age_s=0.0))
    assert told["SAFE MODE"] == "careful, until its state is back"


class TestScreen:
    """What is to be seen."""

    def test_a_box_without_a_screen_says_nothing_of_it(self) -> None:
        """Most boxes have none."""
        told = dict(rows(status(), 0.0))
        assert not {"screen", "display", "screen was"} & told.keys()

    def test_each_display_is_told(self) -> None:
        """With its size, or with what is wrong with it."""
        tv = OutputView(name="tv", up=True, width=1920, height=1080, driver="drm")
        gone = OutputView(name="bar", trouble="it is unplugged")
        told = rows(status(screen=ScreenView(outputs=(tv, gone), item="Menu", restarts=1)), 0.0)

        assert [value for name, value in told if name in {"screen", "display", "screen was"}] == [
            "shows Menu",
            "tv: 1920 by 1080 by drm",
            "bar: it is unplugged",
            "1 times started anew, 0 times stuck",
        ]

    def test_pictures_without_a_screen_are_told(self) -> None:
        """The technician has forgotten a cable."""
        told = dict(rows(status(screen_wanted=True, screen=ScreenView(reason="no display")), 0.0))
        assert told["screen"] == "NONE, and the program has pictures: no display"
