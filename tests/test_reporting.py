"""What the hub is told of the box."""

import pytest
from circuits.core.events import Event
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.drivers.monitor import Level
from easyplayer.events import clock_judged, guard_told, level_heard, state_refused
from easyplayer.guard import GuardView
from easyplayer.heartbeats import digest_of
from easyplayer.hub_events import live_closed, live_opened, support_closed, support_opened
from easyplayer.player_events import item_advanced, item_started, player_changed
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.protocol.codec import decode, encode
from easyplayer.protocol.heartbeat import (
    Autonomy,
    Disk,
    Download,
    Now,
    Screen,
    ScreenOutput,
    ScreenState,
    Status,
    Storage,
)
from easyplayer.reporting import LONGEST_TEXT, MOST_DISKS, Reporter, short
from easyplayer.screen_events import screen_told
from easyplayer.screen_view import OutputView, ScreenView
from easyplayer.status import StatusBoard
from easyplayer.storage_events import storage_told
from easyplayer.units import Decibels, Instant, Seconds
from tests.fakes.clock import HeldWall
from tests.house import Stage, song

NOON = 1_800_000_000.0


class Office(Stage):
    """A reporter, beside the board that it reads from."""

    def __init__(self) -> None:
        super().__init__()
        wall = HeldWall(self.clock, NOON)
        self.reporter = Reporter(wall, self.ticker)
        self.open(StatusBoard(self.ticker, None, wall.now), self.reporter)

    @property
    def report(self) -> tuple[Now, Status]:
        """What it tells, once the board has published."""
        self.run_for(0.6, step_s=0.1)
        now, status = self.reporter.report()
        assert decode(encode(now), Now) == now
        assert decode(encode(status), Status) == status
        return now, status


def test_a_box_that_has_only_just_started_can_be_told_of() -> None:
    """Before its first status."""
    _, status = Office().reporter.report()
    assert (status.state, status.reason) == ("stopped", "starting")


def test_what_plays_is_told() -> None:
    """With its position, and how loud it is."""
    office = Office()
    office.fire(player_changed(PlayerState.PLAYING, "as planned"))
    office.fire(item_started(song("tune", 60.0), Seconds(0.0)))
    office.fire(item_advanced(song("tune", 60.0), Seconds(7.0)))
    office.fire(level_heard(Level(Decibels(-3.0), Decibels(-20.0))))
    now, status = office.report

    assert status.item is not None
    assert (status.state, status.item.id, status.item.length_s) == ("playing", "tune", 60.0)
    assert (now.position_s, now.level_db) == (7.0, -20.0)
    assert now.time == pytest.approx(NOON + 0.6)


def test_what_the_parts_tell_is_told() -> None:
    """Clock, disk, support, and what went wrong."""
    office = Office()
    office.fire(clock_judged(ClockTrust.TRUSTED))
    office.fire(storage_told(Storage(items=3, missing=1), Autonomy(until=Instant(NOON), uncovered=("x",))))
    office.fire(support_opened("the sound is bad", Seconds(600.0)))
    office.fire(state_refused("the disk is full"))
    _, status = office.report

    assert (status.clock, status.storage.missing, status.autonomy.uncovered) == ("trusted", 1, ("x",))
    assert status.problems == ("the disk is full",)
    assert status.support is not None
    assert status.support.left_s == pytest.approx(600 - 0.6)


def test_what_is_over_is_not_told_any_more() -> None:
    """And what nobody has looked at anew stays as it was."""
    office = Office()
    office.fire(storage_told(Storage(items=3), Autonomy(until=Instant(NOON))))
    office.fire(storage_told(Storage(items=4), None))
    office.fire(support_opened("help", Seconds(600.0)))
    office.fire(support_closed("done"))
    _, status = office.report

    assert (status.support, status.storage.items, status.autonomy.until) == (None, 4, NOON)


@given(st.text(min_size=LONGEST_TEXT - 3, max_size=LONGEST_TEXT + 3))
def test_no_text_is_longer_than_the_hub_takes(text: str) -> None:
    """What is cut says so."""
    assert len(short(text)) <= LONGEST_TEXT
    assert short(text) == text or short(text).endswith("…")


def test_what_is_to_be_seen_is_told() -> None:
    """Each output, and how often one had to be started anew; what is shown is another all the time."""
    tv = OutputView(name="tv", up=True, width=1920, height=1080, driver="drm")
    bar = OutputView(name="bar", trouble="it is unplugged")
    office = Office()
    office.fire(screen_told(ScreenView(outputs=(tv, bar), item="Menu", item_id="m", restarts=2, stuck=1)))
    now, status = office.report

    assert now.picture == "Menu"
    assert [(one.name, one.up, one.width, one.trouble) for one in status.screen.outputs] == [
        ("tv", True, 1920, ""),
        ("bar", False, 0, "it is unplugged"),
    ]
    assert (status.screen.restarts, status.screen.stuck, status.screen.state) == (2, 1, ScreenState.DOWN)
    assert status.problems == ("screen bar: it is unplugged",)


def test_another_picture_is_no_news_of_the_status() -> None:
    """It would be sent whole with each heartbeat; what is shown is in each of them anyway."""
    office = Office()
    office.fire(screen_told(ScreenView(outputs=(OutputView(name="tv", up=True),), item="One")))
    _, before = office.report
    office.fire(screen_told(ScreenView(outputs=(OutputView(name="tv", up=True),), item="Two")))
    now, status = office.report

    assert now.picture == "Two"
    assert digest_of(status) == digest_of(before)


@pytest.mark.parametrize(
    ("screen", "state"),
    [
        (Screen(), ScreenState.NONE),
        (Screen(wanted=True), ScreenState.DOWN),
        (Screen(wanted=True, on=False), ScreenState.OFF),
        (Screen(outputs=(ScreenOutput(name="tv", up=True),)), ScreenState.UP),
        (Screen(outputs=(ScreenOutput(name="tv", up=True), ScreenOutput(name="bar"))), ScreenState.DOWN),
        (Screen(outputs=(ScreenOutput(name="tv"),), on=False), ScreenState.OFF),
    ],
)
def test_a_screen_is_down_where_it_should_be_on(screen: Screen, state: ScreenState) -> None:
    """A box without one is none that anybody has to look after."""
    assert screen.state is state


LONG = "x" * 5 * LONGEST_TEXT
LONG_SONG = PreparedItem(item=Item(id=LONG, title=LONG, artist=LONG, location="/a"), cue_out_s=Seconds(9))


@pytest.mark.parametrize(
    "event",
    [
        state_refused(LONG),
        player_changed(PlayerState.STOPPED, LONG),
        support_opened(LONG, Seconds(1.0)),
        storage_told(Storage(staged=LONG, trouble=LONG), Autonomy(uncovered=(LONG,))),
        item_started(LONG_SONG, Seconds(0)),
        screen_told(
            ScreenView(
                outputs=(OutputView(name=LONG, trouble=LONG, driver=LONG),) * 99, reason=LONG, item=LONG
            )
        ),
    ],
    ids=lambda event: str(event.name),
)
def test_whatever_the_parts_tell_the_hub_can_read_it(event: Event) -> None:
    """One long text must not keep a box from being heard."""
    office = Office()
    office.fire(event)
    assert office.report[1].version


def test_what_is_told_of_the_storage_is_cut_to_what_the_hub_takes() -> None:
    """Folders, reasons and names may be long, and disks many."""
    disk = Disk(name=LONG, trouble=LONG)
    told = Storage(
        staged=LONG, previous=LONG, trouble=LONG, disks=(disk,) * 30, download=Download(held_up=LONG)
    )
    office = Office()
    office.fire(storage_told(told, None))
    _, status = office.report
    assert (len(status.storage.disks), len(status.storage.previous)) == (MOST_DISKS, LONGEST_TEXT)
    assert len(status.storage.download.held_up) == LONGEST_TEXT


def test_the_way_of_the_live_channel_is_told() -> None:
    """For as long as it is up."""
    office = Office()
    office.fire(live_opened("websocket", Seconds(300.0)))
    assert office.report[1].live == "websocket"
    office.fire(live_closed("the line broke off"))
    assert office.report[1].live == ""


def test_what_the_watchdog_has_seen_is_told() -> None:
    """The hub sees a box in safe mode, and how often it has fallen; not how long it lasts, which changes."""
    office = Office()
    office.fire(
        guard_told(GuardView(safe=1, safe_left_s=Seconds(77.0), crashes=3, crashes_ever=4, last="x" * 2000))
    )

    _, status = office.reporter.report()

    seen = status.supervision
    assert (seen.safe, seen.crashes, seen.crashes_ever, len(seen.last)) == (1, 3, 4, LONGEST_TEXT)
