"""A whole box that plays by a program, heard at the sound server: everything on its second.

The program is written for the minute in which the test runs, by the machine's own clock.
"""

import math
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from easyplayer.asrun_log import AsRunLog
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.playout.catalogue import (
    Daypart,
    Ducking,
    Entry,
    Order,
    Over,
    Playlist,
    Program,
    Sharp,
    Show,
    Slot,
    Spot,
    Start,
)
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item, ItemKind
from easyplayer.units import Decibels, Instant, Milliseconds
from tests.sound.ear import decibels, gaps, lock_in, onset, sounding
from tests.sound.radio import Radio
from tests.sound.real_box import RealBox, item
from tests.sound.recorder import Recorder
from tests.sound.recording import Recording
from tests.sound.signals import Signals, decode

pytestmark = pytest.mark.sound

BLOCK_S = 0.020
ON_THE_SECOND_S = 0.050
SOON_S = 11.0
"""From the start of a test to what is due in it: longer than a spot is claimed ahead."""
DUCKING = Ducking(
    depth_db=Decibels(-15.0),
    attack_ms=Milliseconds(400),
    hold_ms=Milliseconds(200),
    release_ms=Milliseconds(800),
)


class Clock:
    """The contract of a wall clock, kept by a test."""

    def __init__(self, shows: float) -> None:
        self.set_to(shows)

    def set_to(self, shows: float, *, in_sync: bool = False) -> None:
        """Set it, as a person or NTP does."""
        self._ahead_s, self._in_sync = shows - time.monotonic(), in_sync

    def now(self) -> Instant:
        """Tell what it shows."""
        return Instant(time.monotonic() + self._ahead_s)

    def synchronised(self) -> bool:
        """Tell whether it is kept right."""
        return self._in_sync


def soon() -> datetime:
    """Give the next whole second that leaves the box time to start."""
    instant = math.ceil(time.time() + SOON_S)
    return datetime.fromtimestamp(instant, UTC).replace(tzinfo=None)


def program(*items: Item, lists: dict[str, list[Item]], **fields: object) -> Program:
    """Make a program of some playlists, the first of which is the fallback."""
    playlists = tuple(
        Playlist(id=name, entries=tuple(Entry(item=one.id) for one in ones), order=Order.SEQUENTIAL)
        for name, ones in lists.items()
    )
    there = {one.id: one for ones in lists.values() for one in ones} | {one.id: one for one in items}
    return Program(
        name="heard",
        zone="UTC",
        items=tuple(there.values()),
        playlists=playlists,
        fallback=next(iter(lists)),
        ducking=DUCKING,
        **fields,
    )


def late_s(recording: Recording, due: datetime, path: Path) -> float:
    """Tell how long after its second, by the machine's clock, a known sound was heard."""
    ahead_s = time.time() - time.monotonic()
    heard_at = recording.monotonic(onset(recording, decode(path)[:44_100])) + ahead_s
    return heard_at - due.replace(tzinfo=UTC).timestamp()


def test_spot_of_a_program_is_heard_on_its_second_and_the_music_below_it(
    ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """From the program's file to the ear: within 50 ms, and the music is back as loud as before."""
    music, call = item(signals.sine(440, 60, "flac")), item(signals.noise(21, 2.0, "mp3"))
    due = soon()
    spot = Spot(id="call", items=(call.id,), when=Sharp(at=(due.time(),), over=Over.DUCK))
    venue = program(call, lists={"music": [music]}, spots=(spot,))

    with RealBox(tmp_path / "state", [], program=venue) as box:
        box.wait_for("item_started")
        box.wait_for("spot_finished", timeout_s=SOON_S + 10)
        ear.listen(0.2 + 0.8 + 2.0)
        recording = ear.stop()

    late = late_s(recording, due, Path(call.location))
    begins_s = onset(recording, decode(Path(call.location))[:44_100])
    before = decibels(lock_in(recording.between(begins_s - 2.0, begins_s - 0.6), 440)).mean()
    after = decibels(lock_in(recording.between(begins_s + 2.0 + 2.2, begins_s + 2.0 + 2.8), 440)).mean()
    assert -BLOCK_S <= late < ON_THE_SECOND_S
    assert after == pytest.approx(before, abs=0.2)
    assert gaps(sounding(recording)) == []


@pytest.mark.parametrize("start", [Start.HARD, Start.SOFT])
def test_show_starts_hard_on_its_second_or_soft_behind_the_song(
    start: Start, ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """The one cuts the song, the other waits for it."""
    music, opening = item(signals.sine(440, 16, "flac")), item(signals.noise(22, 4.0, "flac"))
    due = soon()
    show = Show(id="show", starts=due, ends=due + timedelta(minutes=5), playlist="show", start=start)
    venue = program(lists={"music": [music], "show": [opening]}, shows=(show,))

    with RealBox(tmp_path / "state", [], program=venue, crossfade_ms=1000) as box:
        song = box.wait_for("item_started")
        begun = box.started(Path(opening.location), timeout_s=30)
        ear.listen(2.0)
        recording = ear.stop()

    late = late_s(recording, due, Path(opening.location))
    if start is Start.HARD:
        assert -BLOCK_S <= late < ON_THE_SECOND_S
    else:
        assert late > 0.2
        assert begun.at - song.at == pytest.approx(15.0, abs=0.2)
    assert gaps(sounding(recording)) == []


def test_stream_of_a_daypart_that_stalls_gives_way_to_the_layer_below_and_comes_back(
    ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """Within eight seconds of the last byte; the stream has its word again when it can be heard."""
    music = item(signals.sine(440, 60, "flac"))
    with Radio(signals.sine(880, 90, "mp3"), 90, 1.0) as station:
        radio = Item(id="radio", location=station.url, kind=ItemKind.STREAM, gain_db=Decibels(0.0))
        daypart = Daypart(id="radio", slot=Slot(), playlist="radio")
        venue = program(lists={"music": [music], "radio": [radio]}, dayparts=(daypart,))
        with RealBox(tmp_path / "state", [], program=venue) as box:
            box.wait_for("item_started", lambda one, _at: one.item.id == "radio", timeout_s=10)
            ear.listen(3.0)
            mark = box.witness.now
            station.stall()
            box.started(Path(music.location), since=mark, timeout_s=10)
            ear.listen(1.0)
            station.go_on()
            back = box.wait_for(
                "item_started", lambda one, _at: one.item.id == "radio", since=mark, timeout_s=30
            )
            ear.listen(2.0)
            recording = ear.stop()

    stalled_s = recording.second(station.stalled_at)
    music_from = next(
        second
        for second in (stalled_s + 0.1 * step for step in range(150))
        if decibels(lock_in(recording.between(second, second + 0.1), 440)).mean() > -30
    )
    assert music_from - stalled_s < 8.0
    assert back.args[0].origin.source == "radio"
    assert decibels(lock_in(recording.between(recording.seconds - 0.5), 880)).mean() > -30


def test_music_never_stops_although_the_clock_starts_in_1970_and_is_set_and_set_back(
    ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """And once it can be trusted, the log has every song at its true time."""
    songs = [item(signals.noise(seed, 5.0, "flac")) for seed in (31, 32, 33)]
    clock, true = Clock(30.0), time.time()
    venue = program(lists={"music": songs})

    with RealBox(tmp_path / "state", [], program=venue, wall=clock, crossfade_ms=1000) as box:
        box.wait_for("item_started")
        for shows in (true + 3600, true):
            ear.listen(6.0)
            clock.set_to(shows + (time.time() - true), in_sync=shows == true)
            box.wait_for("clock_stepped", since=box.witness.now - 1)
        ear.listen(4.0)
        begun = [(seen.args[0].item.id, seen.at) for seen in box.witness.all("item_started")]
        recording = ear.stop()

    rows = AsRunLog(AsRunStore(tmp_path / "state" / "as-run.sqlite", boot_id())).tail(99)
    ahead_s = time.time() - time.monotonic()
    assert gaps(sounding(recording)) == []
    assert [(row.item.id, row.started) for row in rows] == [
        (name, pytest.approx(at + ahead_s, abs=0.3)) for name, at in begun
    ]
    assert {row.trust for row in rows} == {ClockTrust.TRUSTED}
    assert len(rows) >= 4
