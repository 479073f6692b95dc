"""How the box is: everything a technician asks for, in one structure."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from easyplayer.device_events import display_changed, sound_card_changed
from easyplayer.drivers.device_watch import Display, SoundCard
from easyplayer.drivers.monitor import Level
from easyplayer.drivers.status_socket import StatusSocket, ask
from easyplayer.events import (
    allowance_changed,
    clock_judged,
    fallback_needed,
    handler_failed,
    hearing_lost,
    item_left_out,
    level_heard,
    program_refused,
    program_taken,
    silence_noticed,
    sound_found,
    sound_lost,
    spot_missed,
    state_refused,
)
from easyplayer.hub_events import (
    box_placed,
    claim_code_shown,
    hub_lost,
    hub_reached,
    live_closed,
    live_opened,
    support_closed,
    support_opened,
)
from easyplayer.player_events import (
    cue_item,
    item_advanced,
    item_failed,
    item_started,
    player_changed,
    volume_changed,
)
from easyplayer.playout.catalogue import Entry, Pictures, Playlist, Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item, ItemKind, Layer, Origin, PreparedItem
from easyplayer.playout.listing import LIST
from easyplayer.playout.machine import PlayerState
from easyplayer.protocol.heartbeat import Place, Storage
from easyplayer.screen_events import picture_failed, screen_told
from easyplayer.screen_view import OutputView, ScreenView
from easyplayer.status import KEPT_PROBLEMS, StatusBoard
from easyplayer.status_view import HubView, Status
from easyplayer.storage_events import bundle_refused, storage_told
from easyplayer.storage_view import StorageView
from easyplayer.units import Decibels, Percent, Seconds
from tests.house import Stage, song, stream

NOW = 1_800_000_000.0
QUIET = Level(Decibels(-120.0), Decibels(-120.0))
MUSIC = Level(Decibels(-12.0), Decibels(-18.0))


class Wall(Stage):
    """A status board that publishes into the test's hand, or to a socket."""

    def __init__(
        self,
        socket: StatusSocket | None = None,
        beforehand: tuple[str, ...] = (),
        *,
        has_screen: bool = True,
    ) -> None:
        super().__init__()
        self.part = StatusBoard(self.ticker, socket, lambda: NOW, beforehand, has_screen=has_screen)
        self.open(self.part)

    @property
    def status(self) -> Status:
        """The status as it is after the next publication."""
        self.run_for(0.5)
        status = self.last("status_published").args[0]
        assert isinstance(status, Status)
        return status

    @property
    def problems(self) -> list[str]:
        """The texts of the problems in the status."""
        return [problem.text for problem in self.status.problems]

    def play(self, prepared: PreparedItem, position_s: float = 0.0) -> None:
        """Let an item start."""
        self.fire(player_changed(PlayerState.PLAYING, "plays"))
        self.fire(item_started(prepared, Seconds(position_s)))


def test_status_is_published_twice_a_second() -> None:
    """Each time it tells how old the box is."""
    wall = Wall()

    wall.run_for(10)

    published = wall.told("status_published")
    assert len(published) == 20
    assert published[-1][0].uptime_s == pytest.approx(10.0, abs=0.1)
    assert published[-1][0].at == NOW
    assert published[-1][0].pid == os.getpid()


def test_status_of_a_fresh_box_is_that_it_starts() -> None:
    """Before anything has happened nothing is claimed."""
    status = Wall().status

    assert (status.state, status.reason) == (PlayerState.STOPPED, "starting")
    assert (status.item, status.next, status.sink, status.problems) == (None, None, "", ())
    assert status.audible_ago_s is None


def test_item_on_air_is_shown_with_its_position() -> None:
    """The position and the length are those that sound: from cue to cue."""
    wall = Wall()
    prepared = song("a", 100.0, cue_in_s=2.0)

    wall.play(prepared, 2.0)
    wall.fire(item_advanced(prepared, Seconds(12.0)))
    status = wall.status

    assert status.item is not None
    assert (status.item.id, status.item.length_s) == ("a", 98.0)
    assert status.position_s == 10.0


def test_length_that_is_learnt_while_it_plays_is_shown() -> None:
    """An item that was unmeasured at first has a length as soon as that is known."""
    wall = Wall()
    wall.play(song("a", None))
    before = wall.status.item

    wall.fire(item_advanced(song("a", 100.0), Seconds(5.0)))
    after = wall.status.item

    assert before is not None
    assert after is not None
    assert (before.length_s, after.length_s) == (None, 100.0)


def test_next_item_is_shown_until_it_plays() -> None:
    """What was cued is next; once it has started it is on air, and nothing is next yet."""
    wall = Wall()
    wall.play(song("a"))
    wall.fire(cue_item(song("b")))
    coming = wall.status.next

    wall.play(song("b"))

    assert coming is not None
    assert coming.id == "b"
    assert wall.status.next is None


@pytest.mark.parametrize(
    ("origin", "why"),
    [
        (Origin(layer=Layer.DAYPART, source="evening", playlist="aperitif"), "daypart evening"),
        (Origin(layer=Layer.SHOW, source="party", playlist="loud"), "show party"),
        (Origin(layer=Layer.SOFT_SPOT, source="last-orders"), "spot last-orders"),
        (Origin(layer=Layer.FALLBACK, playlist="house"), "fallback house"),
        (Origin(layer=Layer.FALLBACK, playlist=LIST), "the list"),
        (Origin(layer=Layer.STORAGE), "whatever is there"),
        (Origin(layer=Layer.FIRMWARE), "what the box brings along"),
        (Origin(layer=Layer.DAYPART, source="day", blind=True), "daypart day (the clock is not trusted)"),
        (None, ""),
    ],
)
def test_item_is_shown_with_the_reason_why_it_plays(origin: Origin | None, why: str) -> None:
    """Which layer it comes from, and what there."""
    wall = Wall()
    wall.play(song("a", origin=origin))
    wall.fire(cue_item(song("b", origin=origin)))
    status = wall.status

    assert status.item is not None
    assert status.next is not None
    assert (status.item.why, status.next.why) == (why, why)


def test_program_is_shown_by_its_name_and_version() -> None:
    """As soon as there is one."""
    wall = Wall()
    before = wall.status

    wall.fire(program_taken(Program(name="Hotel Bar", zone="UTC", version=7)))

    assert (before.program, wall.status.program) == ("", "Hotel Bar, version 7")


def test_item_that_failed_is_not_next_any_more() -> None:
    """What was cued and could not be loaded is a problem, and is not shown as next."""
    wall = Wall()
    wall.play(song("a"))
    wall.fire(cue_item(song("b")))

    wall.fire(item_failed(song("b"), "loading failed"))

    assert wall.status.next is None
    assert wall.problems == ["/music/b.flac: loading failed"]


@pytest.mark.parametrize("state", [PlayerState.STOPPED, PlayerState.WAITING, PlayerState.NO_SOUND])
def test_box_that_does_not_play_shows_no_item(state: PlayerState) -> None:
    """Nothing is on air where nothing sounds."""
    wall = Wall()
    wall.play(song("a"), 10.0)

    wall.fire(player_changed(state, "so"))
    status = wall.status

    assert (status.state, status.reason, status.item, status.position_s) == (state, "so", None, 0.0)


@pytest.mark.parametrize("state", [PlayerState.PAUSED, PlayerState.MIXING, PlayerState.FADING])
def test_box_that_holds_or_changes_shows_its_item(state: PlayerState) -> None:
    """A paused song is still on air."""
    wall = Wall()
    wall.play(song("a"), 10.0)

    wall.fire(player_changed(state, "so"))

    assert wall.status.item is not None
    assert wall.status.position_s == 10.0


def test_output_and_its_loss_are_shown() -> None:
    """The sink in use, whether anybody can hear it, and why there is none."""
    wall = Wall()
    wall.fire(sound_found("silent", private=True))
    before = wall.status

    wall.fire(sound_lost("the cable is gone"))
    after = wall.status

    assert (before.sink, before.silent_sink) == ("silent", True)
    assert after.sink == ""
    assert wall.problems == ["the cable is gone"]


def test_level_and_age_of_the_last_sound_are_shown() -> None:
    """The proof of sound: how loud it is, and how long ago anything was heard."""
    wall = Wall()
    wall.fire(level_heard(MUSIC))
    playing = wall.status

    wall.fire(level_heard(QUIET))
    wall.run_for(4)
    silent = wall.status

    assert (playing.peak_db, playing.level_db) == (-12.0, -18.0)
    assert playing.audible_ago_s == pytest.approx(0.5, abs=0.1)
    assert silent.level_db == -120.0
    assert silent.audible_ago_s == pytest.approx(5.0, abs=0.1)


def test_volume_and_permission_are_shown() -> None:
    """What the box is turned to, and whether it may play, and why."""
    wall = Wall()

    wall.fire(volume_changed(Percent(40)))
    wall.fire(allowance_changed(allowed=False, reason="closed until 08:00"))
    status = wall.status

    assert (status.volume, status.allowed, status.verdict) == (40, False, "closed until 08:00")


@pytest.mark.parametrize(
    ("news", "text"),
    [
        (lambda: item_left_out("/a.mp3", "no sound in it"), "left out /a.mp3: no sound in it"),
        (lambda: fallback_needed("nothing can be played"), "nothing can be played"),
        (lambda: state_refused("the disk is full"), "the disk is full"),
        (lambda: program_refused("it is no JSON"), "it is no JSON"),
        (lambda: spot_missed("Noon", "the box was off"), "spot Noon was missed: the box was off"),
        (lambda: handler_failed(3, "it broke"), "it broke"),
        (lambda: hearing_lost("nobody can listen"), "nobody can listen"),
        (lambda: silence_noticed(Seconds(10.2)), "music plays, and the output has been silent for 10 s"),
    ],
)
def test_trouble_is_shown_with_its_time(news: Callable[[], msgspec.Struct], text: str) -> None:
    """Whatever goes wrong is there to be read, with the wall clock."""
    wall = Wall()

    wall.fire(news())  # type: ignore[arg-type]  # each makes an event
    problem = wall.status.problems[0]

    assert (problem.text, problem.at) == (text, NOW)


def test_count_of_failures_is_shown() -> None:
    """Anything but none is a defect that somebody should see."""
    wall = Wall()

    wall.fire(handler_failed(3, "it broke"))

    assert wall.status.failures == 3


def test_only_the_last_problems_are_kept() -> None:
    """A box that runs for a year does not grow."""
    wall = Wall()

    for number in range(100):
        wall.fire(state_refused(f"problem {number}"))

    assert wall.problems == [f"problem {number}" for number in range(100 - KEPT_PROBLEMS, 100)]


def test_password_is_shown_nowhere() -> None:
    """A stream's secret is in no part of what is published."""
    wall = Wall()
    url = "http://dj:secret@radio/live"
    radio = PreparedItem(item=Item(id=url, location=url, kind=stream("x").item.kind))

    wall.fire(cue_item(radio))
    wall.play(radio)
    wall.fire(player_changed(PlayerState.PLAYING, f"plays {url}"))
    wall.fire(item_failed(radio, f"cannot open {url}"))
    wall.fire(item_left_out(url, "no answer"))
    wall.fire(sound_lost(f"because of {url}"))
    wall.fire(cue_item(radio))

    assert b"secret" not in msgspec.json.encode(wall.status)
    assert b"radio/live" in msgspec.json.encode(wall.status)


def test_waiting_box_shows_its_claim_code_until_it_is_claimed() -> None:
    """Then it shows where it is."""
    wall = Wall()

    wall.fire(claim_code_shown("7K2M-Q9XD"))
    assert wall.status.hub == HubView(claim_code="7K2M-Q9XD")

    wall.fire(claim_code_shown(""))
    wall.fire(box_placed(Place(venue="bar", venue_name="Bar Lumière", zone="terrace")))
    wall.fire(hub_reached("https://hub.example"))
    assert wall.status.hub == HubView(url="https://hub.example", place="Bar Lumière, terrace")


def test_hub_that_is_away_is_shown_with_the_reason() -> None:
    """It is no problem of the box's, and is forgotten when the hub is back."""
    wall = Wall()
    wall.fire(hub_reached("https://hub.example"))

    wall.fire(hub_lost("no answer within 30 s"))
    assert wall.status.hub == HubView(url="https://hub.example", trouble="no answer within 30 s")
    assert wall.problems == []

    wall.fire(hub_reached("https://hub.example"))
    assert wall.status.hub.trouble == ""


def test_live_channel_is_shown_or_why_there_is_none() -> None:
    """It goes by one way, and may go by another."""
    wall = Wall()
    wall.fire(live_opened("polling", Seconds(300.0)))
    wall.fire(live_opened("websocket", Seconds(300.0)))
    wall.run_for(1.0)
    assert wall.status.hub == HubView(live="websocket")
    wall.fire(live_closed("the line broke off"))
    wall.run_for(1.0)
    assert wall.status.hub == HubView(not_live="the line broke off")


def test_way_in_for_support_is_shown_for_as_long_as_it_is_open() -> None:
    """With the words that say what it is for."""
    wall = Wall()

    wall.fire(support_opened("no sound since noon", Seconds(600.0)))
    assert wall.status.hub.support == "no sound since noon"

    wall.fire(support_closed("its time is over"))
    assert wall.status.hub.support == ""


def test_download_is_shown_while_it_goes_on_and_a_full_disk_once() -> None:
    """Whatever is told of both, and however often."""
    wall = Wall()
    full = Storage(
        staged="bar, version 3", fetched_bytes=12_000_000, to_fetch_bytes=80_000_000, trouble="full"
    )

    for _ in range(3):
        wall.fire(storage_told(full, None))
    assert wall.status.hub.fetching == "bar, version 3 (12 of 80 MB)"
    assert wall.problems == ["full"]

    wall.fire(storage_told(Storage(), None))
    assert wall.status.hub.fetching == ""


def test_stream_has_no_length() -> None:
    """A stream is never over, and shows as such."""
    wall = Wall()

    wall.play(stream("one"))

    assert wall.status.item is not None
    assert wall.status.item.length_s is None


def test_status_is_given_to_whoever_asks(tmp_path: Path) -> None:
    """At the socket in the state directory the last status is read, as JSON that decodes as such."""
    wall = Wall(StatusSocket(tmp_path))
    wall.play(song("a"))
    published = wall.status

    answer = msgspec.json.decode(ask(tmp_path), type=Status)
    wall.part.close()

    assert answer == published


def test_storage_is_shown_as_it_is_told() -> None:
    """With what is on its way; what is wrong with it is a problem, once."""
    wall = Wall()
    fresh = wall.status
    assert fresh.storage is None
    trouble = Storage(staged="bar, version 2", to_fetch_bytes=10**6, trouble="full")
    for fact in (storage_told(trouble, None), storage_told(trouble, None), bundle_refused("BAR", "torn")):
        wall.fire(fact)
    assert wall.status.storage == StorageView(storage=trouble, stick="BAR: torn")
    assert wall.status.hub.fetching == "bar, version 2 (0 of 1 MB)"
    assert wall.problems == ["full", "stick BAR: torn"]


def test_what_is_pulled_out_is_a_problem() -> None:
    """What comes is none."""
    wall = Wall()
    card, display = SoundCard(id="card1", name="USB Audio"), Display(id="card0-HDMI-A-1")
    for present in (True, False):
        wall.fire(sound_card_changed(card, present=present))
        wall.fire(display_changed(display, present=present))
    assert wall.problems == ["sound card USB Audio is gone", "display card0-HDMI-A-1 is gone"]


def test_what_is_to_be_seen_is_shown_and_each_trouble_of_it_once() -> None:
    """As the screen tells it; one that comes back, and goes once more, is a problem once more."""
    wall = Wall()
    well = ScreenView(outputs=(OutputView(name="tv", up=True),), item="Menu")
    gone = ScreenView(outputs=(OutputView(name="tv", trouble="it is unplugged"),))
    for view in (well, gone, msgspec.structs.replace(gone, restarts=1), well, gone):
        wall.fire(screen_told(view))

    assert wall.status.screen == gone
    assert wall.problems == ["screen tv: it is unplugged"] * 2


def test_picture_that_cannot_be_shown_is_a_problem() -> None:
    """As a song that cannot be played."""
    wall = Wall()
    wall.fire(picture_failed(song("menu"), "it is damaged"))
    assert wall.problems == ["/music/menu.flac: it is damaged"]


@pytest.mark.parametrize(("has_screen", "is_wanted"), [(True, True), (False, False)])
def test_pictures_are_wanted_where_the_program_has_some(*, has_screen: bool, is_wanted: bool) -> None:
    """Unless somebody has set that this box shows none."""
    wall = Wall(has_screen=has_screen)
    wall.fire(program_taken(Program(name="Bar", zone="UTC")))
    assert not wall.status.screen_wanted
    boards = Playlist(id="boards", entries=(Entry(item="menu"),))
    menu = Item(id="menu", location="menu.png", kind=ItemKind.STILL)
    screen = Pictures(fallback="boards")
    wall.fire(
        program_taken(Program(name="Bar", zone="UTC", items=(menu,), playlists=(boards,), screen=screen))
    )
    assert wall.status.screen_wanted is is_wanted


def test_what_went_wrong_before_the_box_started_is_told() -> None:
    """Such as the errors of a technician's file: who asks the box need not know where the machine says so."""
    wall = Wall(beforehand=("the technician's file: line 3",))
    assert [problem.text for problem in wall.status.problems] == ["the technician's file: line 3"]


def test_trust_in_the_clock_is_told() -> None:
    """Nothing is said before it is known."""
    wall = Wall()
    assert wall.status.clock == ""
    wall.fire(clock_judged(ClockTrust.ESTIMATED))
    assert wall.status.clock == "estimated"
