"""The as-run log says what was really played, at the time at which it really was."""

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from circuits.core.events import Event
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.asrun_log import AsRunLog, LogRow
from easyplayer.component import Background
from easyplayer.drivers.asrun_facts import ClockRead, Fact, RowBegun, RowTold
from easyplayer.drivers.asrun_seal import SAME_S
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.drivers.monitor import Level
from easyplayer.errors import StateError
from easyplayer.events import level_heard
from easyplayer.hub_events import box_placed, entry_poisoned, forget_hub, log_received
from easyplayer.ledger import Ledger
from easyplayer.log_keeping import DAY_S, KEPT_S, LOOK_EVERY_S
from easyplayer.player_events import (
    fade_out,
    item_advanced,
    item_finished,
    item_started,
    pause_playing,
    player_changed,
    spot_advanced,
    spot_finished,
    spot_started,
    start_playing,
)
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Entry, Over, Playlist, Program, Sharp, Spot
from easyplayer.playout.clock import ClockTrust, anchor_of, era_at, eras
from easyplayer.playout.items import Item, ItemKind, Layer, Origin, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.protocol import asrun
from easyplayer.protocol.asrun import Receipt
from easyplayer.protocol.heartbeat import LogHead, Place
from easyplayer.scheduler import Scheduler
from easyplayer.timekeeper import Timekeeper
from easyplayer.units import Decibels, Instant, Seconds
from tests.drivers.killing import bodies_in, chain_in, played_in
from tests.fakes.clock import HeldWall
from tests.fakes.deck import Medium
from tests.fakes.work import HeldWorker
from tests.house import SINK, FakeBox, Stage, location_of, song, stream

NOW = Instant(datetime(2027, 3, 1, 12, tzinfo=UTC).timestamp())
HOUR = 3600.0
BREAKFAST = Origin(layer=Layer.DAYPART, source="breakfast", playlist="calm")
GONG = Origin(layer=Layer.SHARP_SPOT, source="noon")
UNKNOWN, ESTIMATED, TRUSTED = ClockTrust
TELL_EACH_S = 0.5
SECRET = "http://dj:s3cret@radio/live"

Kind = TypeVar("Kind", bound=Fact)


class Disk(AsRunStore):
    """A store on a disk that a test breaks.

    :ivar full: whether it takes nothing.
    :ivar tries: how often something was to be written.
    """

    def __init__(self, path: Path, boot: str) -> None:
        super().__init__(path, boot)
        self.full = False
        self.tries = 0

    def write(self, facts: Iterable[Fact]) -> None:
        self.tries += 1
        if self.full:
            raise StateError("/state/asrun.db cannot be written (database or disk is full): free space")
        super().write(facts)


class Study(Stage):
    """A ledger and the clock; the test is the player.

    :param path: the log; a box that is started anew has the same.
    :param boot: names the run of the machine.
    """

    def __init__(
        self,
        path: Path,
        *,
        shows: float = NOW,
        in_sync: bool = True,
        boot: str = "boot-1",
        at: float = 1000.0,
    ) -> None:
        super().__init__()
        self.clock.advance(at - self.clock())
        self.wall = HeldWall(self.clock, shows, in_sync=in_sync)
        self.disk = HeldWorker(self.root.fire)
        self.surround(self.disk.pump)
        self.store = Disk(path, boot)
        self.log = AsRunLog(self.store)
        self.part = Ledger(self.store, self.wall, self.ticker, self.disk)
        self.open(Timekeeper(self.wall, None, self.ticker, self.disk), self.part)

    def start(self, prepared: PreparedItem, position_s: float = 0.0) -> None:
        """Let an item begin to sound."""
        self.fire(item_started(prepared, Seconds(position_s)))

    def go_on(self, prepared: PreparedItem, seconds: float, position_s: float = 0.0) -> float:
        """Let it sound for a while; give its position then."""
        for number in range(1, round(seconds / TELL_EACH_S) + 1):
            self.clock.advance(TELL_EACH_S)
            self.fire(item_advanced(prepared, Seconds(position_s + number * TELL_EACH_S)))
        return position_s + seconds

    def speak(self, spot: PreparedItem, seconds: float, position_s: float = 0.0) -> None:
        """Let a spot sound for a while."""
        for number in range(1, round(seconds / TELL_EACH_S) + 1):
            self.clock.advance(TELL_EACH_S)
            self.fire(spot_advanced(spot, Seconds(position_s + number * TELL_EACH_S)))

    def finish(self, prepared: PreparedItem, why: Ended = Ended.PLAYED) -> None:
        """Let it be over."""
        self.fire(item_finished(prepared, why))

    def play(self, prepared: PreparedItem, seconds: float, why: Ended = Ended.PLAYED) -> None:
        """Play an item from its start to its end."""
        self.start(prepared)
        self.go_on(prepared, seconds)
        self.finish(prepared, why)

    def wait(self, seconds: float) -> None:
        """Let time pass while nothing is told."""
        self.run_for(seconds, step_s=0.25)

    def be(self, state: PlayerState) -> None:
        """Let the player be in a state."""
        self.fire(player_changed(state, ""))

    def cut_power(self) -> None:
        """Leave everything as it is; only the database is let go, as the kernel would."""
        self.store.close()

    @property
    def head(self) -> LogHead:
        """How far the log has come, as it was last told."""
        return self.last("log_ready").args[0]  # type: ignore[no-any-return]

    @property
    def rows(self) -> list[LogRow]:
        """All rows that are read out."""
        return self.log.tail(999)

    @property
    def short(self) -> list[tuple[str, float, float, Ended | None]]:
        """Of all rows: the item, when it began after noon, how much was heard, and why it ended."""
        return [
            (row.item.id, round(row.started - NOW, 1), round(row.heard_s, 1), row.ended) for row in self.rows
        ]


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    """Give the place of a log that is not there yet."""
    return tmp_path / "asrun.db"


@pytest.fixture(name="study")
def _study(path: Path) -> Iterator[Study]:
    """Give a ledger of a box that starts at noon with a right clock."""
    study = Study(path)
    yield study
    study.store.close()


class TestRows:
    """One row for each item that sounded."""

    def test_an_item_has_a_row_with_all_that_a_report_needs(self, study: Study) -> None:
        """What it was, when, for how long, from where, and why it ended."""
        item = Item(
            id="a",
            location="/music/a.flac",
            title="Dawn",
            artist="Harbour",
            composer="N. N.",
            label="Quay",
            isrc="FRXXX2700001",
        )
        study.play(PreparedItem(item=item, cue_out_s=Seconds(30.0), origin=BREAKFAST), 30.0)

        assert study.rows == [
            LogRow(
                sequence=1,
                boot="boot-1",
                started=NOW,
                over=Instant(NOW + 30.0),
                trust=TRUSTED,
                heard_s=Seconds(30.0),
                item=item,
                origin=BREAKFAST,
                ended=Ended.PLAYED,
            )
        ]

    @pytest.mark.parametrize("why", Ended)
    def test_why_it_ended_is_kept(self, study: Study, why: Ended) -> None:
        """In the player's own word."""
        study.play(song("a"), 10.0, why)

        assert [row.ended for row in study.rows] == [why]

    def test_an_item_of_a_persons_own_list_comes_from_nowhere(self, study: Study) -> None:
        """There is no program that asked for it."""
        study.play(song("a"), 10.0)

        assert [row.origin for row in study.rows] == [None]

    def test_an_item_that_sounds_has_a_row_already(self, study: Study) -> None:
        """It is open, and known as far as it was last written."""
        study.start(song("a", 300.0))
        study.go_on(song("a", 300.0), LOOK_EVERY_S + 5)

        (row,) = study.rows
        assert (row.ended, row.heard_s) == (None, pytest.approx(LOOK_EVERY_S, abs=1.0))

    def test_two_items_that_mix_have_a_row_each(self, study: Study) -> None:
        """They overlap, and both are heard to their end."""
        a, b = song("a", 30.0), song("b", 30.0)
        study.start(a)
        study.go_on(a, 25.0)
        study.start(b)
        study.go_on(b, 5.0)
        study.finish(a)
        study.go_on(b, 25.0, position_s=5.0)
        study.finish(b)

        assert study.short == [("a", 0.0, 30.0, Ended.PLAYED), ("b", 25.0, 30.0, Ended.PLAYED)]

    def test_an_item_that_mixes_into_itself_has_two_rows(self, study: Study) -> None:
        """A list of one song is still a list."""
        a = song("a", 30.0)
        study.start(a)
        study.go_on(a, 25.0)
        study.start(a)
        study.go_on(a, 5.0)
        study.finish(a)
        study.go_on(a, 10.0, position_s=5.0)
        study.finish(a, Ended.SKIPPED)

        assert study.short == [("a", 0.0, 30.0, Ended.PLAYED), ("a", 25.0, 15.0, Ended.SKIPPED)]

    def test_an_item_that_is_measured_while_it_plays_is_the_same_item(self, study: Study) -> None:
        """It goes out unmeasured, and its end is learnt later."""
        study.start(song("a", None))
        study.go_on(song("a", 30.0), 29.0)
        study.clock.advance(1.3)
        study.finish(song("a", 30.0))

        assert study.short == [("a", 0.0, 30.0, Ended.PLAYED)]

    def test_a_spot_over_the_music_has_a_row_of_its_own(self, study: Study) -> None:
        """The music goes on below it."""
        music, gong = song("a", 60.0), song("gong", 10.0, origin=GONG)
        study.start(music)
        study.go_on(music, 20.0)
        study.fire(spot_started(gong))
        study.speak(gong, 10.0)
        study.fire(spot_finished(gong, Ended.PLAYED))
        study.go_on(music, 40.0, position_s=20.0)
        study.finish(music)

        assert study.short == [("a", 0.0, 60.0, Ended.PLAYED), ("gong", 20.0, 10.0, Ended.PLAYED)]
        assert study.rows[1].origin == GONG

    def test_a_spot_that_begins_at_a_position_is_heard_from_there(self, study: Study) -> None:
        """What lies before its cue in does not count."""
        gong = song("gong", 10.0, cue_in_s=Seconds(4.0))
        study.fire(spot_started(gong))
        study.speak(gong, 6.0, position_s=4.0)
        study.fire(spot_finished(gong, Ended.PLAYED))

        assert study.short == [("gong", 0.0, 6.0, Ended.PLAYED)]

    def test_a_spot_that_did_not_come_about_has_no_row(self, study: Study) -> None:
        """It never began."""
        study.fire(spot_finished(song("gong"), Ended.FAILED))

        assert study.rows == []

    def test_an_item_that_is_refused_before_it_sounds_is_not_in_the_log(self, study: Study) -> None:
        """Its start is told just before the output is found to be gone; its number is used up."""
        study.start(song("a"))
        study.clock.advance(0.2)
        study.finish(song("a"), Ended.STOPPED)
        study.play(song("b"), 10.0)

        assert [(row.sequence, row.item.id) for row in study.rows] == [(2, "b")]

    def test_two_rows_may_begin_at_the_same_instant(self, study: Study) -> None:
        """A spot and the song under it."""
        study.start(song("a", 60.0))
        study.fire(spot_started(song("gong", 10.0)))
        study.go_on(song("a", 60.0), 5.0)
        study.fire(spot_finished(song("gong", 10.0), Ended.CUT))
        study.finish(song("a", 60.0), Ended.SKIPPED)

        assert [row.item.id for row in study.rows] == ["a", "gong"]

    def test_a_row_that_cannot_be_understood_is_passed_over(
        self, study: Study, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A newer software may have written it; the others are read."""
        study.play(song("a"), 10.0)
        study.play(song("b"), 10.0)
        study.store._writer.execute(  # type: ignore[union-attr]
            'UPDATE played SET item = \'{"id": "a", "location": "", "kind": "hologram"}\' WHERE sequence = 1'
        )

        assert [row.item.id for row in study.rows] == ["b"]
        assert "row 1 of the as-run log is passed over" in caplog.text

    def test_rows_turn_into_json(self, study: Study) -> None:
        """For whoever reports them."""
        study.play(song("a", origin=BREAKFAST), 10.0)

        assert msgspec.json.decode(msgspec.json.encode(study.rows), type=list[LogRow]) == study.rows


class TestHolding:
    """An item that stands still for a while."""

    def test_a_spot_that_was_paused_and_stopped_was_heard_until_the_pause(self, study: Study) -> None:
        """Who pays for it does not pay for two minutes of silence."""
        gong = song("gong", 20.0)
        study.fire(spot_started(gong))
        study.speak(gong, 5.0)
        study.be(PlayerState.PAUSED)
        study.wait(120.0)
        study.be(PlayerState.STOPPED)
        study.fire(spot_finished(gong, Ended.STOPPED))

        assert study.short == [("gong", 0.0, 5.0, Ended.STOPPED)]

    def test_a_spot_that_goes_on_after_a_pause_is_heard_whole(self, study: Study) -> None:
        """In the row that it has."""
        gong = song("gong", 20.0)
        study.fire(spot_started(gong))
        study.speak(gong, 5.0)
        study.be(PlayerState.PAUSED)
        study.wait(120.0)
        study.be(PlayerState.PLAYING)
        study.speak(gong, 15.0, position_s=5.0)
        study.fire(spot_finished(gong, Ended.PLAYED))

        assert study.short == [("gong", 0.0, 20.0, Ended.PLAYED)]

    @pytest.mark.parametrize("state", [PlayerState.PLAYING, PlayerState.NO_SOUND])
    def test_a_spot_that_stood_still_or_lost_its_output_was_heard_until_then(
        self, study: Study, state: PlayerState
    ) -> None:
        """It failed, and is read out all the same: so much of it was heard."""
        gong = song("gong", 20.0)
        study.fire(spot_started(gong))
        study.speak(gong, 15.0)
        study.be(state)
        study.wait(1.5)
        study.fire(spot_finished(gong, Ended.FAILED))

        assert study.short == [("gong", 0.0, 15.0, Ended.FAILED)]

    def test_a_pause_is_not_heard(self, study: Study) -> None:
        """The row goes on with the item."""
        a = song("a", 60.0)
        study.start(a)
        study.go_on(a, 20.0)
        study.be(PlayerState.PAUSED)
        study.wait(100.0)
        study.be(PlayerState.PLAYING)
        study.go_on(a, 40.0, position_s=20.0)
        study.finish(a)

        assert study.short == [("a", 0.0, 60.0, Ended.PLAYED)]
        assert study.rows[0].over == pytest.approx(NOW + 160.0)

    def test_an_item_that_goes_on_when_the_output_is_back_goes_on_in_its_row(self, study: Study) -> None:
        """It is started again where it was."""
        a = song("a", 60.0)
        study.start(a)
        study.go_on(a, 20.0)
        study.be(PlayerState.NO_SOUND)
        study.wait(100.0)
        study.start(a, 20.0)
        study.go_on(a, 40.0, position_s=20.0)
        study.finish(a)

        assert study.short == [("a", 0.0, 60.0, Ended.PLAYED)]

    def test_an_item_that_does_not_come_back_ended_where_it_was(self, study: Study) -> None:
        """Another one plays in its place."""
        a, b = song("a", 60.0), song("b", 60.0)
        study.start(a)
        study.go_on(a, 20.0)
        study.be(PlayerState.NO_SOUND)
        study.wait(100.0)
        study.play(b, 60.0)

        assert study.short == [("a", 0.0, 20.0, Ended.STOPPED), ("b", 120.0, 60.0, Ended.PLAYED)]
        assert study.rows[0].over == pytest.approx(NOW + 20.0)

    def test_a_song_that_fades_out_when_the_venue_closes_is_heard_meanwhile(self, study: Study) -> None:
        """Its positions are told no more; then all is silent, and nothing is left open."""
        a = song("a", 60.0)
        study.start(a)
        study.go_on(a, 20.0)
        study.be(PlayerState.FADING)
        study.clock.advance(3.0)
        study.be(PlayerState.STOPPED)
        study.finish(a, Ended.STOPPED)

        assert study.short == [("a", 0.0, 23.0, Ended.STOPPED)]


class TestPowerCut:
    """What an end without warning leaves."""

    def test_an_open_row_is_ended_at_the_next_start_where_it_was_last_known(self, path: Path) -> None:
        """Half a minute may be missing, and not the row."""
        a, b = song("a", 300.0), song("b", 300.0)
        before = Study(path)
        before.play(a, 100.0)
        before.start(b)
        before.go_on(b, 70.0)
        before.cut_power()

        after = Study(path, shows=NOW + 300, boot="boot-2", at=20.0)
        after.play(song("c"), 10.0)

        assert after.short == [
            ("a", 0.0, 100.0, Ended.PLAYED),
            ("b", 100.0, pytest.approx(60.0, abs=LOOK_EVERY_S), Ended.STOPPED),
            ("c", 300.0, 10.0, Ended.PLAYED),
        ]
        assert [row.sequence for row in after.rows] == [1, 2, 3]
        after.store.close()

    def test_a_song_that_had_just_begun_is_in_the_log(self, path: Path) -> None:
        """That it sounds is written down at once."""
        before = Study(path)
        before.start(song("a"))
        before.go_on(song("a"), 2.0)
        before.cut_power()
        after = Study(path, boot="boot-2")

        assert [(item, ended) for item, _, _, ended in after.short] == [("a", Ended.STOPPED)]
        after.store.close()

    def test_a_box_that_is_started_again_on_the_same_machine_shares_its_clock(self, path: Path) -> None:
        """What NTP told the second one holds for the first."""
        before = Study(path, shows=50.0, in_sync=False)
        before.play(song("a"), 10.0)
        before.cut_power()
        after = Study(path, shows=NOW + 500, at=1500.0)

        assert after.short == [("a", 0.0, 10.0, Ended.PLAYED)]
        after.store.close()

    def test_a_box_that_is_ended_leaves_nothing_open(self, path: Path) -> None:
        """Nor the database."""
        study = Study(path)
        study.start(song("a"))
        study.go_on(song("a"), 10.0)
        study.part.close()
        study.settle()

        assert study.short == [("a", 0.0, 10.0, Ended.STOPPED)]
        assert not path.with_name("asrun.db-wal").exists()


class TestTime:
    """The time of day of a row, which is worked out when it is read."""

    def test_the_log_is_right_after_trust_comes(self, path: Path) -> None:
        """A clock that starts in 1970, is set by hand to an hour ahead, and put right by NTP at last."""
        study = Study(path, shows=0.0, in_sync=False)
        study.play(song("a"), 100.0)
        in_1970 = study.rows
        study.wall.set_to(NOW + 100 + HOUR)
        study.wait(1)
        study.play(song("b"), 100.0)
        by_hand = study.rows
        study.wall.step(-HOUR)
        study.wait(1)
        study.play(song("c"), 100.0)
        study.wall.in_sync = True
        study.wait(1)
        study.play(song("d"), 100.0)

        assert [(row.started, row.trust) for row in in_1970] == [(0.0, UNKNOWN)]
        assert [(row.started, row.trust) for row in by_hand] == [
            (pytest.approx(NOW + HOUR), ESTIMATED),
            (pytest.approx(NOW + HOUR + 101), ESTIMATED),
        ]
        assert study.short == [
            (name, 101.0 * number, 100.0, Ended.PLAYED) for number, name in enumerate("abcd")
        ]
        assert {row.trust for row in study.rows} == {TRUSTED}
        study.store.close()

    def test_a_clock_that_somebody_plays_with_changes_nothing_once_it_was_right(self, study: Study) -> None:
        """An hour back by hand, while the network is away."""
        study.play(song("a"), 100.0)
        study.wall.step(-HOUR)
        study.start(song("b"))
        study.wait(1)
        study.go_on(song("b"), 99.0)
        study.finish(song("b"))

        assert [(name, started) for name, started, _, _ in study.short] == [("a", 0.0), ("b", 100.0)]
        assert {row.trust for row in study.rows} == {TRUSTED}

    def test_a_clock_that_goes_astray_is_followed(self, study: Study) -> None:
        """Many small corrections come to half a minute in the end; the rows go along."""
        study.wall.drift(0.01)
        study.run_for(3000, step_s=5.0)
        study.play(song("a"), 10.0)

        assert study.rows[0].started == pytest.approx(NOW + 3030, abs=1.0)

    def test_readings_are_few(self, study: Study) -> None:
        """A clock that is right all day long is noted once."""
        study.wait(600)

        assert study.store.readings() == {
            "boot-1": [ClockRead(at=study.clock() - 600, wall=NOW, trust=TRUSTED)]  # type: ignore[arg-type]
        }

    def test_rows_of_a_span_are_those_that_began_in_it(self, study: Study) -> None:
        """By the right time, and whatever the clock showed then."""
        for name in "abcde":
            study.play(song(name), 100.0)

        def at(seconds: float) -> Instant:
            return Instant(NOW + seconds)

        assert [row.item.id for row in study.log.rows(at(100), at(300))] == ["b", "c"]
        assert [row.item.id for row in study.log.rows(at(-HOUR), at(HOUR))] == list("abcde")
        assert study.log.rows(at(HOUR), at(2 * HOUR)) == []
        assert study.log.rows(at(300), at(100)) == []

    def test_splitting_a_span_changes_nothing(self, path: Path) -> None:
        """Two runs of the machine, one of which slept."""
        first = Study(path)
        for name in "ab":
            first.play(song(name), 100.0)
        first.wall.step(200, in_sync=True)
        first.wait(1)
        first.play(song("c"), 100.0)
        first.cut_power()
        second = Study(path, shows=NOW + 600, boot="boot-2")
        for name in "de":
            second.play(song(name), 100.0)
        start, end = Instant(NOW), Instant(NOW + 900)

        whole = second.log.rows(start, end)
        assert [row.item.id for row in whole] == list("abcde")
        for cut in (Instant(NOW + seconds) for seconds in range(0, 900, 50)):
            assert second.log.rows(start, cut) + second.log.rows(cut, end) == whole
        second.store.close()


class TestDisk:
    """A disk that fails; the music does not notice."""

    def test_what_a_full_disk_refuses_is_written_when_there_is_room(
        self, study: Study, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is told once, and nothing is missing in the end."""
        study.store.full = True
        with caplog.at_level(logging.INFO):
            for name in "abc":
                study.play(song(name), 100.0)
            refused = study.told("state_refused")
            study.store.full = False
            study.wait(LOOK_EVERY_S + 1)

        assert len(refused) == 1
        assert "disk is full" in refused[0][0]
        assert caplog.text.count("cannot be written") == 1
        assert "the as-run log is written again" in caplog.text
        assert [(row.sequence, row.item.id, row.heard_s) for row in study.rows] == [
            (1, "a", 100.0),
            (2, "b", 100.0),
            (3, "c", 100.0),
        ]

    def test_a_second_trouble_is_told_again(self, study: Study) -> None:
        """Once it was over in between."""
        for full in (True, False, True):
            study.store.full = full
            study.play(song("a"), 10.0)

        assert len(study.told("state_refused")) == 2

    def test_a_disk_that_hangs_is_told_once(self, study: Study, caplog: pytest.LogCaptureFixture) -> None:
        """The box goes on; what is told meanwhile is written when it answers again."""
        study.disk.busy = True
        study.play(song("a"), 200.0)
        told = study.told("state_refused")
        study.disk.busy = False
        study.play(song("b"), 10.0)

        assert len(told) == 1
        assert "does not answer" in told[0][0]
        assert caplog.text.count("does not answer") == 1
        assert [row.item.id for row in study.rows] == ["a", "b"]

    def test_little_is_asked_of_a_disk_that_hangs(self, study: Study) -> None:
        """What is known of a row is not written down over and over."""
        study.start(song("a"))
        study.go_on(song("a"), 1.0)
        study.disk.busy = True
        study.go_on(song("a"), 1200.0)

        assert len(study.disk._waiting) < 5

    def test_a_disk_that_is_only_slow_is_not_told(self, study: Study) -> None:
        """An answer may take until the next look."""
        study.wait(LOOK_EVERY_S - 1)
        study.disk.busy = True
        study.start(song("a"))
        study.wait(5)
        study.disk.busy = False
        study.wait(60)

        assert study.told("state_refused") == []

    def test_a_quiet_box_writes_nothing(self, study: Study) -> None:
        """A disk wears; while nothing sounds there is nothing to tell."""
        study.wait(5)
        before = study.store.tries
        study.be(PlayerState.STOPPED)
        study.wait(600)

        assert study.store.tries == before

    def test_a_song_costs_few_writes(self, study: Study) -> None:
        """Its start, its first sound, each half minute, its end."""
        before = study.store.tries
        study.play(song("a", 180.0), 180.0)

        assert study.store.tries - before <= 3 + 180 / LOOK_EVERY_S
        assert [path for (path,) in study.told("state_kept")][-1] == study.store.path

    def test_a_damaged_log_is_set_aside_and_the_time_is_still_known(self, path: Path) -> None:
        """The next run begins a new one."""
        path.write_bytes(b"no database at all" * 100)
        study = Study(path)
        study.play(song("a"), 10.0)

        assert study.short == [("a", 0.0, 10.0, Ended.PLAYED)]
        assert study.told("state_refused") == []
        study.store.close()


class Notes(AsRunStore):
    """A store that only remembers what it is told.

    :ivar facts: all of it, in order.
    """

    def __init__(self) -> None:
        super().__init__(Path("/state/asrun.db"), "boot-1")
        self.facts: list[Fact] = []

    def write(self, facts: Iterable[Fact]) -> None:
        self.facts.extend(facts)

    def told(self, kind: type[Kind]) -> list[Kind]:
        """Give all facts of a kind."""
        return [fact for fact in self.facts if isinstance(fact, kind)]


names = st.sampled_from([song("a"), song("b"), song("c", None)])
whatever_players_tell = st.one_of(
    st.builds(item_started, names, st.floats(0, 30)),
    st.builds(item_advanced, names, st.floats(0, 30)),
    st.builds(item_finished, names, st.sampled_from(Ended)),
    st.builds(spot_started, names),
    st.builds(spot_advanced, names, st.floats(0, 30)),
    st.builds(spot_finished, names, st.sampled_from(Ended)),
    st.builds(player_changed, st.sampled_from(PlayerState), st.just("")),
)


@settings(max_examples=50)
@given(story=st.lists(st.tuples(whatever_players_tell, st.floats(0, 40)), max_size=30))
def test_whatever_the_players_tell_each_row_begins_once_and_ends_once(
    story: list[tuple[Event, float]],
) -> None:
    """In any order, and at any time; once all is silent nothing is open."""
    stage, store = Stage(), Notes()
    disk = HeldWorker(stage.root.fire)
    stage.surround(disk.pump)
    stage.open(Ledger(store, HeldWall(stage.clock, NOW), stage.ticker, disk))
    for event, passed_s in story:
        stage.clock.advance(passed_s)
        stage.fire(event)
    stage.fire(player_changed(PlayerState.STOPPED, ""))

    begun = [row.started for row in store.told(RowBegun)]
    assert begun == sorted(set(begun))
    assert sorted(row.started for row in store.told(RowTold) if row.ended) == begun
    assert all(row.started <= row.over <= stage.clock() + 0.001 for row in store.told(RowTold))


class TestListening:
    """What the output carried, and where."""

    def test_a_row_tells_the_level_that_was_heard_meanwhile(self, study: Study) -> None:
        """Each row its own, and a spot with the music under it the same."""
        study.fire(level_heard(Level(Decibels(0.0), Decibels(-1.0))))
        study.start(song("a"))
        study.fire(level_heard(Level(Decibels(0.0), Decibels(-20.0))))
        study.fire(spot_started(song("gong")))
        study.fire(level_heard(Level(Decibels(0.0), Decibels(-23.0))))
        study.go_on(song("a"), 5.0)
        study.fire(spot_finished(song("gong"), Ended.PLAYED))
        study.finish(song("a"), Ended.SKIPPED)

        assert [row.level_db for row in study.rows] == [-21.2, -23.0]

    def test_where_nobody_listens_there_is_no_level(self, study: Study) -> None:
        """A monitor may be missing; that is no silence."""
        study.play(song("a"), 10.0)

        assert [row.level_db for row in study.rows] == [None]

    def test_a_row_says_in_which_zone_it_began(self, study: Study) -> None:
        """As the hub has placed the box by then."""
        study.play(song("a"), 10.0)
        study.fire(box_placed(Place(zone="bar")))
        study.play(song("b"), 10.0)

        assert [row.zone for row in study.rows] == ["", "bar"]

    def test_what_is_learnt_while_it_plays_is_in_the_row(self, study: Study) -> None:
        """Its tags and its length, where it went out unmeasured."""
        measured = PreparedItem(item=structs.replace(song("a").item, title="Dawn"), cue_out_s=Seconds(30.0))
        study.start(song("a", None))
        study.go_on(measured, 10.0)
        study.finish(measured)

        assert [row.item.title for row in study.rows] == ["Dawn"]

    def test_the_password_of_a_stream_is_in_no_row(self, study: Study) -> None:
        """The log leaves the box."""
        radio = PreparedItem(item=Item(id=SECRET, location=SECRET, kind=ItemKind.STREAM))
        study.play(radio, 10.0)

        assert "s3cret" not in study.store.tail(1)[0].item
        assert study.rows[0].item.location == "http://dj:***@radio/live"
        assert all("s3cret" not in entry.body for entry in chain_in(study.store.path))


class TestHub:
    """The log on its way to the hub."""

    def test_how_far_the_log_has_come_is_told(self, study: Study) -> None:
        """At the start, and with each row that is over; never twice the same."""
        study.play(song("a"), 10.0)
        heads = [head for (head,) in study.told("log_ready")]

        assert [head.head for head in heads] == [0, 1, 2]
        assert {(head.log, head.acknowledged) for head in heads} == {(heads[0].log, 0)}

    def test_what_the_hub_has_is_told(self, study: Study) -> None:
        """Once it is on the disk."""
        study.play(song("a"), 10.0)
        study.fire(log_received(Receipt(log=study.head.log, acknowledged=2)))

        assert (study.head.head, study.head.acknowledged) == (2, 2)

    def test_a_receipt_that_a_full_disk_refuses_is_remembered(self, study: Study) -> None:
        """The hub has the rows, and does not get them again."""
        study.play(song("a"), 10.0)
        study.store.full = True
        study.fire(log_received(Receipt(log=study.head.log, acknowledged=2)))
        study.store.full = False
        study.start(song("b"))

        assert study.head.acknowledged == 2

    def test_an_entry_that_cannot_be_delivered_is_set_aside(
        self, study: Study, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is told to the hub by number and to a technician by the log; the others go on."""
        study.play(song("a"), 10.0)
        study.fire(entry_poisoned(2, "the hub fails on it", study.head.log))

        assert study.head.set_aside == 1
        assert "entry 2 of the as-run log is set aside: the hub fails on it" in caplog.text
        assert [row.item.id for row in played_in(study.store.path)] == ["a"]

    def test_a_box_that_forgets_its_hub_begins_another_log(self, study: Study) -> None:
        """What the old hub has is not told to the next one; what sounds goes on in its row."""
        study.play(song("a"), 10.0)
        study.start(song("b"))
        study.go_on(song("b"), 5.0)
        study.fire(log_received(Receipt(log=study.head.log, acknowledged=2)))
        before = study.head
        study.fire(forget_hub("another machine has the same key"))
        study.finish(song("b"), Ended.SKIPPED)

        assert study.head.log != before.log
        assert [row.item.id for row in played_in(study.store.path)] == ["b"]
        assert [(name, why) for name, _, _, why in study.short] == [("a", Ended.PLAYED), ("b", Ended.SKIPPED)]

    def test_the_hub_works_out_the_same_times(self, path: Path) -> None:
        """From the readings in the chain, by the same functions: 1970 first, then by hand, then by NTP."""
        study = Study(path, shows=0.0, in_sync=False)
        study.play(song("a"), 100.0)
        study.wall.set_to(NOW + 100 + HOUR)
        study.wait(1)
        study.play(song("b"), 100.0)
        study.wall.step(-HOUR, in_sync=True)
        study.wait(1)
        study.play(song("c"), 100.0)
        read = [body for body in bodies_in(path) if isinstance(body, asrun.ClockRead)]
        partition = eras(anchor_of(one.at, one.wall, one.trust) for one in read)
        at_hub = [era_at(partition, row.started).instant(row.started) for row in played_in(path)]

        assert at_hub == [pytest.approx(row.started, abs=SAME_S) for row in study.rows]
        study.store.close()

    def test_what_is_old_is_kept_no_more_once_the_hub_has_it(self, path: Path) -> None:
        """A year and a month later; a box that does not know the time keeps all of it."""
        before = Study(path)
        before.play(song("a"), 10.0)
        before.play(song("b"), 10.0)
        before.fire(log_received(Receipt(log=before.head.log, acknowledged=2)))
        before.cut_power()
        unsure = Study(path, shows=NOW + KEPT_S + 100, in_sync=False, boot="boot-2")
        kept = [row.item.id for row in unsure.rows]
        unsure.cut_power()
        sure = Study(path, shows=NOW + KEPT_S + 100, boot="boot-3")

        assert (kept, [row.item.id for row in sure.rows]) == (["a", "b"], ["b"])
        assert sure.head.acknowledged == 2
        sure.store.close()

    def test_a_box_that_is_never_started_again_forgets_as_well(self, study: Study) -> None:
        """It looks once a day."""
        study.play(song("a"), 10.0)
        study.fire(log_received(Receipt(log=study.head.log, acknowledged=2)))
        study.run_for(KEPT_S + 2 * DAY_S, step_s=DAY_S / 2)

        assert study.rows == []


class TestBox:
    """A whole box; what its log says is what its players did."""

    def test_a_clock_that_starts_in_1970_is_set_and_set_back_leaves_a_right_log(self, tmp_path: Path) -> None:
        """Music never stops, and once NTP has come every row has the time at which it began."""
        with FakeBox({name: Medium(length_s=40.0) for name in "abc"}, state=tmp_path, wall=100.0) as box:
            box.run_for(60, step_s=0.1)
            box.wall.set_to(NOW + HOUR)
            box.run_for(60, step_s=0.1)
            box.wall.step(-HOUR)
            box.run_for(60, step_s=0.1)
            box.wall.in_sync = True
            box.run_for(30, step_s=0.1)
            ahead_s = box.wall.now() - box.clock()
            begun = [(seen.args[0].item.id, seen.at + ahead_s) for seen in box.witness.all("item_started")]

        rows = log_in(tmp_path).tail(99)
        assert [(row.item.id, row.started) for row in rows] == [
            (name, pytest.approx(at, abs=0.05)) for name, at in begun
        ]
        assert {row.trust for row in rows} == {TRUSTED}
        assert [round(row.heard_s) for row in rows[:-1]] == [40] * (len(rows) - 1)
        assert all(one.over >= other.started for one, other in pairwise(rows))
        assert [row.ended for row in rows] == [*[Ended.PLAYED] * (len(rows) - 1), Ended.STOPPED]

    def test_an_output_that_is_gone_for_a_while_is_not_heard(self, tmp_path: Path) -> None:
        """The song goes on where it was, in its row; what mixed with it then was over."""
        with FakeBox({name: Medium(length_s=40.0) for name in "ab"}, state=tmp_path, wall=NOW) as box:
            box.run_for(39, step_s=0.1)
            box.server.unplug(SINK)
            box.run_for(20, step_s=0.1)
            box.server.plug(SINK)
            box.run_for(60, step_s=0.1)

        rows = [(row.item.id, round(row.heard_s), row.ended) for row in log_in(tmp_path).tail(99)]
        assert rows == [("a", 39, Ended.STOPPED), ("b", 40, Ended.PLAYED), ("a", 23, Ended.STOPPED)]

    @pytest.mark.parametrize("pause_at_s", [5.0, 5.1, 5.2, 5.3])
    def test_a_paused_spot_counts_as_far_as_it_was_heard(self, tmp_path: Path, pause_at_s: float) -> None:
        """Whatever its deck says while it fades away for the pause."""
        with spot_box(tmp_path) as box:
            box.run_until(lambda: bool(box.told("spot_started")))
            box.run_for(pause_at_s, step_s=0.1)
            box.fire(pause_playing())
            box.run_for(120, step_s=0.5)
            box.fire(fade_out(Seconds(1.0), "closed"))
            box.run_for(3, step_s=0.1)

        assert spots_in(tmp_path) == [(pytest.approx(pause_at_s, abs=0.4), Ended.STOPPED)]

    def test_a_spot_that_stands_still_counts_as_far_as_it_came(self, tmp_path: Path) -> None:
        """And its row is read out."""
        with spot_box(tmp_path) as box:
            box.decks.media[location_of("gong")].stands_at_s = 15.0
            box.run_until(lambda: bool(box.told("spot_finished")), within_s=80)

        assert spots_in(tmp_path) == [(pytest.approx(15.0, abs=0.4), Ended.FAILED)]

    def test_a_spot_whose_output_is_lost_counts_until_then(self, tmp_path: Path) -> None:
        """What came to no loudspeaker is nobody's to pay."""
        with spot_box(tmp_path) as box:
            box.run_until(lambda: bool(box.told("spot_started")))
            box.run_for(15, step_s=0.1)
            box.server.unplug(SINK)
            box.run_for(30, step_s=0.1)

        assert spots_in(tmp_path) == [(pytest.approx(15.0, abs=0.4), Ended.FAILED)]

    def test_nothing_is_in_the_log_twice_after_stops_and_lost_outputs(self, tmp_path: Path) -> None:
        """Each time that a song began has its row, and only one."""
        with FakeBox({name: Medium(length_s=40.0) for name in "abc"}, state=tmp_path, wall=NOW) as box:
            box.run_until(lambda: box.player.state is PlayerState.MIXING)
            box.run_for(0.5, step_s=0.1)
            box.fire(fade_out(Seconds(1.0), "closed"))
            box.run_for(3, step_s=0.1)
            box.fire(start_playing())
            box.run_for(10, step_s=0.1)
            box.server.unplug(SINK)
            box.run_for(3, step_s=0.1)
            box.fire(fade_out(Seconds(1.0), "closed"))
            box.run_for(3, step_s=0.1)
            sounding = box.part(Scheduler)._rundown._sounding

        rows = [(row.item.id, round(row.heard_s), row.ended) for row in log_in(tmp_path).tail(99)]
        assert sounding == []
        assert rows == [("a", 40, Ended.STOPPED), ("b", 2, Ended.STOPPED), ("c", 10, Ended.STOPPED)]


def spot_box(state: Path) -> FakeBox:
    """Make a box that plays a song, and a gong of twenty seconds over it after ten."""
    spot = Spot(id="noon", items=("gong",), when=Sharp(at=(time(12, 0, 10),), over=Over.DUCK))
    items = tuple(
        Item(id=name, location=location_of(name), kind=ItemKind.LOCAL, title=name) for name in ("a", "gong")
    )
    program = Program(
        name="venue",
        zone="UTC",
        items=items,
        playlists=(Playlist(id="day", entries=(Entry(item="a"),)),),
        fallback="day",
        spots=(spot,),
    )
    media = {"a": Medium(length_s=40.0), "gong": Medium(length_s=20.0)}
    return FakeBox(media, state=state, program=program, wall=NOW)


def spots_in(state: Path) -> list[tuple[float, Ended | None]]:
    """Give of each row of the gong how much of it was heard, and why it ended."""
    return [(row.heard_s, row.ended) for row in log_in(state).tail(99) if row.item.id == "gong"]


def log_in(state: Path) -> AsRunLog:
    """Read the log in a box's state directory, as another process would."""
    (path,) = state.glob("*.sqlite")
    return AsRunLog(AsRunStore(path, "reads only"))


def test_all_is_written_by_one_thread_beside_the_box(path: Path) -> None:
    """The database belongs to it, from the first row to the end."""
    stage = Stage()
    store = AsRunStore(path, "boot-1")
    worker = Background(stage.root.fire, "disk")
    ledger = Ledger(store, HeldWall(stage.clock, NOW), stage.ticker, worker)
    stage.open(ledger)
    for name in "abc":
        stage.fire(item_started(song(name), Seconds(0.0)))
        stage.clock.advance(1.0)
        stage.fire(item_finished(song(name), Ended.PLAYED))
    ledger.close()

    assert worker.close(10.0)
    assert [row.item.id for row in AsRunLog(store).tail(9)] == ["a", "b", "c"]
    assert not path.with_name("asrun.db-wal").exists()


def test_a_stream_is_heard_for_as_long_as_it_is_there(study: Study) -> None:
    """It has no end of its own; a break in between was not heard."""
    radio = stream("radio")
    study.start(radio)
    study.go_on(radio, 100.0)
    study.wait(20)
    study.go_on(radio, 100.0)
    study.finish(radio, Ended.CUT)

    assert study.short == [("radio", 0.0, pytest.approx(200.0, abs=1.0), Ended.CUT)]
