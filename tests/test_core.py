"""The whole box: how it starts and ends, when it may play, and what it does with a failure."""

import logging
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from circuits import handler
from circuits.core.events import signal as signalled

from easyplayer.app import FAILED
from easyplayer.audio import AudioPlayer
from easyplayer.component import BoxComponent
from easyplayer.drivers.status_socket import ask
from easyplayer.errors import StateError
from easyplayer.events import check_allowed, end_emergency, play_emergency, shut_down
from easyplayer.hub_events import box_blocked
from easyplayer.meter import Meter
from easyplayer.player_events import pause_playing, set_volume, skip_item
from easyplayer.playout.items import Item
from easyplayer.playout.machine import PlayerState
from easyplayer.pulse import Pulse
from easyplayer.scheduler import Bookmark, Scheduler
from easyplayer.sound import Sound
from easyplayer.status import StatusBoard
from easyplayer.status_view import Status
from easyplayer.units import Percent
from tests.fakes.deck import Medium
from tests.house import NOON, SINK, FakeBox, location_of

SONGS = {"a": Medium(length_s=10.0), "b": Medium(length_s=10.0), "c": Medium(length_s=10.0)}
OPEN_BY_DAY = {"opening": "08:00-22:00"}
TREE = [Sound, Meter, AudioPlayer, Scheduler, StatusBoard, Pulse]
RADIO = "http://radio/one"


def at(clock: str) -> datetime:
    """Give an instant of the day."""
    hours, minutes = map(int, clock.split(":"))
    return NOON.replace(hour=hours, minute=minutes)


class Fragile(BoxComponent):
    """A part that breaks where a test wants it to."""

    def __init__(self, *breaks: str) -> None:
        super().__init__()
        self.breaks = breaks
        self.closed = False

    def open(self) -> None:
        if "open" in self.breaks:
            raise StateError("the disk is not there; mount it")

    def close(self) -> None:
        self.closed = True
        if "close" in self.breaks:
            raise RuntimeError("it does not close")

    @handler("skip_item")
    def _on_skip(self) -> None:
        if "skip" in self.breaks:
            raise ValueError("it cannot skip")


def log_calls(box: FakeBox, method: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the parts of a box in the order in which a method of theirs is called."""
    called: list[str] = []

    def noted(part: BoxComponent, original: Callable[[], None]) -> Callable[[], None]:
        def call() -> None:
            called.append(type(part).__name__)
            original()

        return call

    for kind in TREE:
        part: BoxComponent = box.part(kind)
        monkeypatch.setattr(part, method, noted(part, getattr(part, method)))
    return called


# -- from start to end -----------------------------------------------------------------------------


def test_box_plays_its_list_from_the_first_second() -> None:
    """Started, a box finds its music, its output and its decks, and plays song after song."""
    with FakeBox(SONGS) as box:
        box.run_for(0.5)
        at_once = box.heard
        box.run_for(40)

    assert at_once == ["a"]
    assert box.names("item_started")[:5] == ["a", "b", "c", "a", "b"]


def test_parts_start_from_the_bottom_up_and_end_from_the_top_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part finds what it stands on, from its start to its end."""
    box = FakeBox(SONGS)
    opened = log_calls(box, "open", monkeypatch)
    closed = log_calls(box, "close", monkeypatch)

    with box:
        box.run_for(1)

    names = [kind.__name__ for kind in TREE]
    assert opened == names
    assert closed == names[::-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_fades_the_music_out_and_ends_the_box(number: signal.Signals) -> None:
    """Told to end, a box is silent within a second, without a click, and ends well."""
    with FakeBox(SONGS) as box:
        box.run_for(3)
        levels = []

        box.fire(signalled(number, None))
        told_at = box.clock()
        while not box.ended:
            box.run_for(0.02)
            levels.append(box.decks.sound(SINK) or 0.0)

        assert box.clock() - told_at < 1.3
        assert max(abs(one - other) for one, other in pairwise(levels)) < 0.1
        assert box.app.exit_code == 0
        assert box.last("item_finished").args[1] == "stopped"


def test_other_signal_ends_nothing() -> None:
    """A signal that is not meant to end the box does not."""
    with FakeBox(SONGS) as box:
        box.run_for(1)

        box.fire(signalled(signal.SIGUSR1, None))
        box.run_for(3)

        assert not box.ended
        assert box.heard == ["a"]


def test_second_signal_changes_nothing() -> None:
    """Whoever presses Ctrl-C twice gets the same soft end."""
    with FakeBox(SONGS) as box:
        box.run_for(1)

        box.terminate()
        box.run_for(0.1)
        box.terminate()
        box.run_until(lambda: box.ended, within_s=1.5)

        assert len([why for why in box.told("fade_out") if why[1] == "the box ends"]) == 1


@pytest.mark.parametrize("hurt", ["hang the deck", "take the output", "pause", "close the venue", "nothing"])
def test_box_ends_within_two_seconds_whatever_it_is_doing(hurt: str) -> None:
    """Nothing keeps a box from ending in time."""
    with FakeBox(SONGS, box=OPEN_BY_DAY) as box:
        box.run_for(3)
        if hurt == "hang the deck":
            box.decks.newest("B").hanging = True
        elif hurt == "take the output":
            box.server.unplug(SINK)
        elif hurt == "pause":
            box.fire(pause_playing())
        elif hurt == "close the venue":
            box.now = at("23:00")
        box.run_for(5)

        box.terminate()
        box.run_until(lambda: box.ended, within_s=2)

        assert box.app.exit_code == 0


def test_exit_code_is_that_of_whoever_ends_the_box() -> None:
    """A part may end the box with a code of its own, and the first one counts."""
    with FakeBox(SONGS) as box:
        box.run_for(1)

        box.fire(shut_down(66))
        box.fire(shut_down(70))

    assert box.app.exit_code == 66


def test_list_that_is_played_once_ends_the_box_after_its_last_song() -> None:
    """The last song is heard to its end, and the box ends by itself."""
    with FakeBox(SONGS, repeat=False) as box:
        box.run_until(lambda: box.ended, within_s=40)

    assert [prepared.item.id for prepared, why in box.told("item_finished") if why == "played"] == [
        "a",
        "b",
        "c",
    ]
    assert box.app.exit_code == 0


def test_list_of_which_nothing_can_be_played_ends_the_box_with_an_error() -> None:
    """A command to play what is not there does not end well."""
    box = FakeBox(SONGS, repeat=False)
    box.facts.to_find.clear()

    with box:
        box.run_until(lambda: box.ended, within_s=10)

    assert box.app.exit_code == 66


# -- may the box play? -----------------------------------------------------------------------------


def test_venue_that_closes_is_silent_within_a_minute_and_three_seconds() -> None:
    """At the end of the opening hours the music fades out, and why is told."""
    with FakeBox(SONGS, box=OPEN_BY_DAY) as box:
        box.now = at("21:59")
        box.run_for(10)

        box.run_until(lambda: box.heard == [], within_s=130)

        assert box.now - at("22:00") < timedelta(seconds=64)
        assert box.told("allowance_changed")[-1] == [False, "closed until 08:00"]
        assert box.state is PlayerState.STOPPED


def test_venue_that_opens_is_heard_within_a_minute() -> None:
    """A box that stood silent all night plays in the morning, by itself."""
    with FakeBox(SONGS, box=OPEN_BY_DAY) as box:
        box.now = at("07:59")
        box.fire(check_allowed())
        box.run_for(5)
        before = box.heard

        box.run_until(lambda: box.heard != [], within_s=130)

        assert before == []
        assert at("08:00") <= box.now < at("08:01") + timedelta(seconds=2)


def test_box_that_starts_in_closed_hours_stays_silent() -> None:
    """Nothing is heard, not even for a moment."""
    box = FakeBox(SONGS, box=OPEN_BY_DAY)
    box.now = at("03:00")

    with box:
        box.run_for(90)

        assert box.names("item_started") == []
        assert box.told("allowance_changed") == [[False, "closed until 08:00"]]


def test_licence_that_ended_silences_the_box() -> None:
    """After its last day a box may not play."""
    with FakeBox(SONGS, box={"licence_until": "2027-02-28"}) as box:
        box.run_for(2)

        assert box.heard == []
        assert "licence ended" in box.told("allowance_changed")[0][1]


def test_box_that_the_hub_blocks_is_silent_until_it_may_play_again() -> None:
    """Staff are told why; an emergency sounds nevertheless."""
    with FakeBox(SONGS) as box:
        box.run_until_heard("a")

        box.fire(box_blocked("the licence fee is due"))
        box.run_for(4)
        assert box.heard == []
        assert box.told("allowance_changed")[-1] == [False, "blocked by the hub: the licence fee is due"]

        box.fire(play_emergency(Item(id="b", location=location_of("b"))))
        box.run_until_heard("b", 5)
        box.fire(end_emergency())
        box.run_for(4)
        assert box.heard == []

        box.fire(box_blocked(""))
        box.run_until(lambda: bool(box.heard), 3)


def test_clock_that_is_wrong_closes_nothing() -> None:
    """A box whose battery died believes it is 1970, and plays."""
    box = FakeBox(SONGS, box=OPEN_BY_DAY)
    box.now = datetime.fromisoformat("1970-01-01T03:00")

    with box:
        box.run_for(2)

        assert box.heard == ["a"]


def test_verdict_that_stays_is_told_once() -> None:
    """It is looked at each minute, and told when it changes."""
    with FakeBox(SONGS) as box:
        box.run_for(300, step_s=0.1)

        assert 6 <= len(box.told("check_allowed")) <= 8
        assert len(box.told("allowance_changed")) == 1
        assert len(box.told("start_playing")) == 1


def test_closing_venue_that_opens_again_at_once_goes_on_with_its_song() -> None:
    """Where the clock is set back within the fade, the same song rises again."""
    with FakeBox(SONGS, box=OPEN_BY_DAY) as box:
        box.run_for(2)
        box.now = at("22:01")
        box.fire(check_allowed())
        box.run_for(1)

        box.now = at("21:59")
        box.fire(check_allowed())
        box.run_for(1)

        assert box.heard == ["a"]
        assert box.names("item_started") == ["a"]


def test_venue_does_not_open_while_the_box_ends() -> None:
    """A check that comes after the end has begun starts nothing."""
    box = FakeBox(SONGS, box=OPEN_BY_DAY)
    box.now = at("03:00")

    with box:
        box.run_for(1)
        box.terminate()
        box.now = at("12:00")
        box.fire(check_allowed())
        box.run_for(0.5)

        assert box.told("start_playing") == []


# -- what fails ------------------------------------------------------------------------------------


def test_part_that_fails_costs_no_music_but_the_exit_code(caplog: pytest.LogCaptureFixture) -> None:
    """A handler that raises is logged with its event and counted; the box goes on, and ends with a code."""
    box = FakeBox(SONGS)
    box.app.furnish(Fragile("skip"))
    with box:
        box.run_for(2)

        box.expect_failure("it cannot skip")
        box.fire(skip_item())
        box.run_for(2)

        assert box.heard == ["b"]
        assert box.told("handler_failed")[0][0] == 1
        assert "Fragile._on_skip on skip_item failed: ValueError: it cannot skip" in caplog.text

    assert box.app.exit_code == FAILED


@pytest.mark.parametrize("code", [66, 75])
def test_box_that_is_ended_with_a_code_ends_with_it_whatever_has_failed_before(code: int) -> None:
    """A restart that somebody wants is no bad end because of a line that failed a week ago."""
    box = FakeBox(SONGS)
    box.app.furnish(Fragile("skip"))
    with box:
        box.run_for(2)
        box.expect_failure("it cannot skip")
        box.fire(skip_item())

        box.fire(shut_down(code))

    assert box.app.exit_code == code


def test_part_that_does_not_open_ends_the_box_with_its_code() -> None:
    """A box that cannot start ends what it had started, and its exit code says why."""
    box = FakeBox(SONGS)
    box.expect_failure("the disk is not there")
    box.app.furnish(Fragile("open"))

    with box:
        box.run_for(0.1)
        assert box.ended

    assert box.app.exit_code == StateError.exit_code


def test_part_that_does_not_close_keeps_no_other_from_closing() -> None:
    """All others are closed, and the exit code tells of it."""
    box = FakeBox(SONGS)
    sound, fragile = Fragile(), Fragile("close")
    box.app.furnish(sound, fragile)

    with box:
        box.run_for(1)

    assert sound.closed
    assert fragile.closed
    assert box.app.exit_code == FAILED


# -- everything together ---------------------------------------------------------------------------


def test_box_goes_on_where_it_was(tmp_path: Path) -> None:
    """After a power cut the same song comes back, at most seven seconds before, and then the next."""
    songs = {name: Medium(length_s=60.0) for name in "abc"}
    with FakeBox(songs, state=tmp_path) as box:
        box.run_for(90)
    cut = msgspec.json.decode((tmp_path / "bookmark.json").read_bytes(), type=Bookmark)

    with FakeBox(songs, state=tmp_path) as again:
        again.run_for(1)
        first_s = again.last("item_started").args[1]
        again.run_until(lambda: len(again.names("item_started")) == 2)

    assert cut.decision.item.id == "b"
    assert first_s == pytest.approx(32.0, abs=7)
    assert again.names("item_started") == ["b", "c"]


def test_running_box_answers_how_it_is(tmp_path: Path) -> None:
    """Whoever asks at its state directory is told what is heard."""
    with FakeBox(SONGS, state=tmp_path) as box:
        box.run_for(3)
        status = msgspec.json.decode(ask(tmp_path), type=Status)

    assert status.state is PlayerState.PLAYING
    assert status.item is not None
    assert status.item.id == "a"
    assert status.position_s == pytest.approx(2.9, abs=0.6)
    assert status.audible_ago_s == pytest.approx(0.0, abs=0.5)
    assert (status.sink, status.failures, status.problems) == (SINK, 0, ())


def test_sound_server_that_falls_and_rises_costs_nothing_but_time() -> None:
    """The song goes on where it was, within two seconds of the server's return."""
    with FakeBox(SONGS) as box:
        box.run_for(5)
        box.server.fall()
        box.run_for(30)
        silent = box.state

        box.server.rise()
        box.run_for(1)

        assert silent is PlayerState.NO_SOUND
        assert box.heard == ["a"]
        assert box.last("item_started").args[1] == pytest.approx(4.9, abs=0.5)


def test_sound_server_that_hangs_is_survived() -> None:
    """Noticed within two seconds; when it goes on, so does the music."""
    with FakeBox(SONGS) as box:
        box.run_for(5)
        box.server.hang()
        box.run_for(10)
        lost = box.told("sound_lost")

        box.server.thaw()
        box.run_until(lambda: box.heard != [], within_s=4)

        assert "has not answered" in lost[0][0]
        assert box.names("item_failed") == []


def test_machine_without_a_sound_server_plays_for_itself() -> None:
    """The box starts a silent one, and plays in real time."""
    box = FakeBox(SONGS, sound={"sink": ""})
    box.server.unplug(SINK)
    box.server.fall()

    with box:
        box.run_for(3)
        status = box.last("status_published").args[0]

        assert box.heard == ["a"]
        assert status.silent_sink


def test_radio_that_goes_away_is_bridged_and_returned_to() -> None:
    """The firmware's music plays meanwhile; half a minute later the stream is tried, and heard again."""
    songs = {RADIO: Medium(length_s=None)}
    with FakeBox(songs, fallback={"fallback": Medium(length_s=40.0)}) as box:
        box.run_for(10)
        radio = box.decks.media.pop(RADIO)
        for deck in box.decks.made:
            deck.fail("the server hung up")
        box.run_for(10)
        bridged = box.heard

        box.decks.media[RADIO] = radio
        box.run_until(lambda: box.names("item_started")[-1] == RADIO, within_s=120)

        assert bridged == ["fallback"]
        assert box.told("fallback_needed") == [["nothing that was asked for can be played"]]


def test_muted_output_is_noticed() -> None:
    """Music plays, the decks go on, and the output carries nothing: that is told."""
    with FakeBox(SONGS) as box:
        box.run_for(2)
        box.monitor.deaf = True

        box.run_for(12)

        assert len(box.told("silence_noticed")) == 1
        assert "has been silent" in box.last("status_published").args[0].problems[-1].text


def test_volume_stays_within_the_limits_of_the_settings() -> None:
    """A person cannot turn the box below what the house allows."""
    with FakeBox(SONGS, sound={"volume": 50, "volume_lowest": 30, "volume_highest": 60}) as box:
        box.run_for(1)
        box.fire(set_volume(Percent(0)))
        box.run_for(1)

        assert [volume for (volume,) in box.told("volume_changed")] == [50, 30]


@pytest.mark.slow
def test_box_plays_for_an_hour_without_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    """Many songs, one of them missing and one broken: music at every look, and no error in the log."""
    songs = {f"song {number}": Medium(length_s=120.0) for number in range(10)}
    songs["song 4"].breaks_at_s = 60.0
    with FakeBox(songs) as box:
        del box.decks.media["/music/song 7.flac"]
        silent = 0
        with caplog.at_level(logging.ERROR):
            for _ in range(60):
                box.run_for(60, step_s=0.1)
                silent += not box.heard

    assert silent == 0
    assert caplog.records == []
    assert set(box.names("item_failed")) == {"song 4", "song 7"}


def test_dead_share_does_not_keep_the_room_silent() -> None:
    """Where item after item hangs, the firmware's music plays within seconds, not after the whole list."""
    hanging = {f"/share/{number}.flac": Medium(loading_s=None) for number in range(12)}
    with FakeBox(hanging, fallback={"fallback": Medium(length_s=40.0)}) as box:
        box.run_until(lambda: "fallback" in box.names("item_started"), within_s=9)

        assert len(box.names("item_failed")) <= 3


def test_share_that_comes_back_is_played_though_there_is_no_fallback() -> None:
    """With nothing to fall back on, the list is not given up for ever: it plays once it can."""
    share = {f"/share/{number}.flac": Medium(loading_s=None) for number in range(12)}
    with FakeBox(share, fallback={}) as box:
        box.run_for(9)
        for medium in share.values():
            medium.loading_s = 0.05

        box.run_until(lambda: bool(box.names("item_started")), within_s=20)
