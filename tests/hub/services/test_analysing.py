"""The analyser: what waits is done, whatever happens in between."""

import errno
import os
import shutil
from pathlib import Path
from threading import Event, Thread
from typing import Any

import anyio
import pytest
from sqlalchemy import RowMapping

from easyplayer.errors import AnalysisError, DatabaseError
from easyplayer.hub.content_views import Track, TrackState
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import analysing, leases, tracks
from easyplayer.hub.services.analysing import LEFT_BEHIND_S, Analyser
from easyplayer.hub.services.incoming import incoming
from easyplayer.hub.services.leases import LEASE_S, LONGEST_S, MOST_TRIES, Hold
from easyplayer.hub.services.tracks import media_key
from easyplayer.units import Seconds
from tests.analysis.media import fake_tool
from tests.analysis.pictures import image
from tests.hub.conftest import HeldClock, HubFactory
from tests.hub.contents import ANNA, NOW, digest_of, facts, sound

pytestmark = pytest.mark.slow

LONG_AGO = 0.0


def bring(hub: Hub, tmp_path: Path, content: bytes, name: str = "dawn", at: float = NOW) -> str:
    """Lay down a track that waits."""
    file = tmp_path / name
    file.write_bytes(content)
    digest = digest_of(name)
    hub.media.put(media_key(digest), file)
    with hub.database.write() as connection:
        added: Any = {"sha256": digest, "size": len(content), "file_name": name}
        return tracks.add(connection, ANNA, at, **added)[0].id  # type: ignore[arg-type]  # by name


def track(hub: Hub, name: str) -> Track:
    """Look at a track."""
    with hub.database.read() as connection:
        return tracks.track_of(tracks.find(connection, name))


def test_what_has_waited_longest_comes_first(hub: Hub, tmp_path: Path) -> None:
    """One at a time, until there is nothing more to do."""
    second = bring(hub, tmp_path, sound(), "second")
    first = bring(hub, tmp_path, sound(30), "first", at=LONG_AGO)
    analyser = Analyser(hub)

    assert analyser.do_one()
    assert (track(hub, first).state, track(hub, second).state) == (TrackState.READY, TrackState.ANALYSING)
    assert analyser.do_one()
    assert not analyser.do_one()
    assert track(hub, second).state is TrackState.READY


def test_what_was_left_is_taken_up_at_the_next_start(hub: Hub, tmp_path: Path) -> None:
    """A hub that was stopped in the middle of it forgets nothing."""
    left = bring(hub, tmp_path, sound())

    async def run() -> None:
        analyser = Analyser(hub)
        await analyser.start()
        with anyio.fail_after(20):
            while track(hub, left).state is TrackState.ANALYSING:
                await anyio.sleep(0.01)
        await analyser.stop()

    anyio.run(run)

    assert track(hub, left).state is TrackState.READY


def test_what_was_on_its_way_when_the_power_went_is_thrown_away(hub: Hub) -> None:
    """At once where there is no other process; else a day later, so that what is on its way to one stays."""
    old, new = (incoming(hub) / name for name in ("old", "new"))
    for path, at in ((old, hub.now() - LEFT_BEHIND_S - 1), (new, hub.now())):
        path.write_bytes(b"half a song")
        os.utime(path, (at, at))

    async def run() -> None:
        analyser = Analyser(hub)
        await analyser.start()
        await analyser.stop()

    anyio.run(run)

    left = [] if hub.database.is_sqlite else ["new"]
    assert [path.name for path in incoming(hub).iterdir()] == left


def test_a_hub_that_runs_for_long_throws_away_what_was_left(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Now and then, and not at its start alone; that another process was faster is no trouble."""
    monkeypatch.setattr(analysing, "SWEEP_EVERY_S", 0.0)
    names, unlink = ["1", "2", "3"], Path.unlink
    for name in names:
        (incoming(hub) / name).write_bytes(b"half a song")
        os.utime(incoming(hub) / name, (LONG_AGO, LONG_AGO))

    def unlink_twice(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink_twice)
    Analyser(hub)._sweep_now_and_then()

    assert list(incoming(hub).iterdir()) == []


def test_without_ffmpeg_tracks_wait(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is tried: it is the hub that is at fault, and not the file."""
    waits = bring(hub, tmp_path, sound())
    monkeypatch.setenv("PATH", str(tmp_path))
    analyser = Analyser(hub)
    for _ in range(2 * (MOST_TRIES + 1)):
        analyser.do_one()

    assert track(hub, waits).state is TrackState.ANALYSING
    assert "tried again" in track(hub, waits).reason

    monkeypatch.undo()
    while analyser.do_one():
        pass
    assert track(hub, waits).state is TrackState.READY


def test_a_file_that_no_analysis_survives_is_given_up(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some tries; and it never keeps another one waiting."""
    bad = bring(hub, tmp_path, sound(), "bad", at=LONG_AGO)
    ffprobe = shutil.which("ffprobe")
    tools = tmp_path / "tools"
    fake_tool(
        tools, "ffprobe", f'case "$*" in *{digest_of("bad")}*) kill -TERM $$;; esac; exec {ffprobe} "$@"'
    )
    monkeypatch.setenv("PATH", f"{tools}:/usr/local/bin:/usr/bin:/bin")
    analyser = Analyser(hub)
    assert analyser.do_one()
    good = bring(hub, tmp_path, sound(30), "good")
    assert analyser.do_one()
    assert (track(hub, bad).state, track(hub, good).state) == (TrackState.ANALYSING, TrackState.READY)

    for _ in range(2 * MOST_TRIES):
        analyser.do_one()

    assert track(hub, bad).state is TrackState.UNPLAYABLE
    assert "FLAC" in track(hub, bad).reason


def test_a_picture_is_shown_without_a_thumbnail(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is for people to look at; the screens do without."""
    menu = bring(hub, tmp_path, image(tmp_path / "menu.png").read_bytes(), "menu.png")
    ffmpeg = shutil.which("ffmpeg")
    tools = tmp_path / "tools"
    fake_tool(tools, "ffmpeg", f'case "$*" in *image2pipe*) kill -TERM $$;; esac; exec {ffmpeg} "$@"')
    monkeypatch.setenv("PATH", f"{tools}:/usr/local/bin:/usr/bin:/bin")

    assert Analyser(hub).do_one()

    assert (track(hub, menu).state, track(hub, menu).thumbnail) == (TrackState.READY, False)


def test_a_track_that_was_deleted_meanwhile_is_no_trouble(hub: Hub, tmp_path: Path) -> None:
    """Its content is gone, and so is its row."""
    gone = bring(hub, tmp_path, sound())
    with hub.database.write() as connection:
        row = tracks.find(connection, gone)
        tracks.delete(connection, ANNA, NOW, gone)
        tracks.judged(connection, gone, facts(row["sha256"]))

    assert not Analyser(hub).do_one()


def test_two_analysers_may_run(hub_factory: HubFactory, tmp_path: Path) -> None:
    """As in two processes: both find the same, and neither minds."""
    hub, other = hub_factory(), hub_factory()
    found = bring(hub, tmp_path, sound())

    assert Analyser(hub).do_one()
    assert not Analyser(other).do_one()
    assert track(other, found).state is TrackState.READY


def begin(hub: Hub) -> RowMapping | None:
    """Take a track on, as a hub does that is killed a moment later."""
    with hub.database.write() as connection:
        return leases.take(connection, hub.now(), TrackState.ANALYSING)


def test_no_track_is_analysed_by_two_at_once(hub_factory: HubFactory, tmp_path: Path) -> None:
    """Whoever is second takes the next one; what comes too late of the first is not kept."""
    hub, other = hub_factory(), hub_factory()
    first = bring(hub, tmp_path, sound(), "first", at=LONG_AGO)
    second = bring(hub, tmp_path, sound(30), "second")
    row = begin(hub)
    assert row is not None

    assert Analyser(other).do_one()
    assert not Analyser(other).do_one()

    assert row["id"] == first
    assert (track(hub, first).state, track(hub, second).state) == (TrackState.ANALYSING, TrackState.READY)
    late = facts(row["sha256"])
    with hub.database.write() as connection:
        assert not tracks.judged(connection, second, late)
        assert not tracks.judged(connection, first, late, lease=row["lease"] - 1)
        assert tracks.judged(connection, first, late, lease=row["lease"])


def test_many_that_take_on_tracks_at_once_share_them(hub_factory: HubFactory, tmp_path: Path) -> None:
    """Each track is taken once, whoever is faster."""
    hub = hub_factory()
    wanted = [bring(hub, tmp_path, sound(), f"song {number}") for number in range(12)]
    taken: list[str] = []

    def take_all() -> None:
        while row := begin(hub):
            taken.append(row["id"])

    threads = [Thread(target=take_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(taken) == sorted(wanted)


def test_what_a_hub_was_at_that_was_killed_waits_until_its_lease_is_over(
    hub: Hub, tmp_path: Path, clock: HeldClock
) -> None:
    """Where others may be at it; also where the clock was ahead when the lease was given."""
    left = bring(hub, tmp_path, sound())
    clock.pass_s(LONGEST_S + 1)
    begin(hub)
    assert not Analyser(hub).do_one()

    clock.pass_s(-LONGEST_S - 1)
    assert Analyser(hub).do_one()
    assert track(hub, left).state is TrackState.READY


def test_a_hub_of_one_process_goes_on_at_once_with_what_it_was_at(hub: Hub, tmp_path: Path) -> None:
    """Nobody else can hold a lease of its database."""
    left = bring(hub, tmp_path, sound())
    begin(hub)

    async def run() -> None:
        analyser = Analyser(hub, threads=0)
        await analyser.start()
        await analyser.stop()

    anyio.run(run)

    assert Analyser(hub).do_one() is hub.database.is_sqlite
    assert (track(hub, left).state is TrackState.READY) is hub.database.is_sqlite


def test_an_analysis_that_ends_the_hub_itself_is_given_up(hub: Hub, tmp_path: Path, clock: HeldClock) -> None:
    """Each new start comes to others first, and begins it a third time at the most."""
    bad = bring(hub, tmp_path, sound(), "bad", at=LONG_AGO)
    for _ in range(MOST_TRIES):
        row = begin(hub)
        assert row is not None
        clock.pass_s(LEASE_S + 1)
    good = bring(hub, tmp_path, sound(30), "good")

    assert Analyser(hub).do_one()
    assert (track(hub, bad).state, track(hub, good).state) == (TrackState.ANALYSING, TrackState.READY)
    assert Analyser(hub).do_one()
    assert track(hub, bad).state is TrackState.UNPLAYABLE
    assert "could not be analysed" in track(hub, bad).reason


FULL = OSError(errno.ENOSPC, "no space left")


@pytest.mark.parametrize("error", [IndexError("index out of range"), OSError(errno.EIO, "bad disk"), FULL])
def test_a_failure_that_nobody_foresaw_keeps_no_other_track_waiting(
    hub: Hub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    """It is told with where it happened, and counts; unless it is the hub that has no room."""
    bad = bring(hub, tmp_path, sound(), "bad", at=LONG_AGO)
    good = bring(hub, tmp_path, sound(30), "good")
    examine = analysing.examine_any

    def examined(path: Path, *given: Any) -> Any:
        if digest_of("bad") in str(path):
            raise error
        return examine(path, *given)

    monkeypatch.setattr(analysing, "examine_any", examined)
    analyser = Analyser(hub)
    for _ in range(2 * MOST_TRIES + 2):
        analyser.do_one()

    state = TrackState.ANALYSING if error is FULL else TrackState.UNPLAYABLE
    assert (track(hub, bad).state, track(hub, good).state) == (state, TrackState.READY)
    assert str(error) in caplog.text
    assert "Traceback" in caplog.text


def test_a_hub_that_is_stopped_blames_no_track(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often: it is taken up at once by the next."""
    left = bring(hub, tmp_path, sound())

    def stopped(*_: Any) -> Any:
        analyser._ending.set()
        raise AnalysisError("was stopped")

    monkeypatch.setattr(analysing, "examine_any", stopped)
    for _ in range(2 * MOST_TRIES):
        analyser = Analyser(hub)
        assert analyser.do_one()

    monkeypatch.undo()
    assert Analyser(hub).do_one()
    assert track(hub, left).state is TrackState.READY


def test_an_analysis_ends_where_its_track_is_deleted(hub: Hub, tmp_path: Path) -> None:
    """Its lease is lost, and whoever works on it is told to stop; where the hub ends, too."""
    gone = bring(hub, tmp_path, sound())
    row, ending = begin(hub), Event()
    assert row is not None
    with Hold(hub, row, ending, Seconds(0.01)) as hold:
        assert not hold.stop.is_set()
        ending.set()
        assert hold.stop.is_set()
        ending.clear()
        with hub.database.write() as connection:
            tracks.delete(connection, ANNA, NOW, gone)
        hold._thread.join(10)
        assert (hold.lost, hold.stop.is_set()) == (True, True)


def test_a_database_that_is_away_for_a_moment_ends_no_work(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is still held; once it is over, another may have the track."""
    bring(hub, tmp_path, sound())
    row = begin(hub)
    assert row is not None

    def away(*_: Any, **__: Any) -> Any:
        raise DatabaseError("away")

    monkeypatch.setattr(leases, "keep", away)
    hold = Hold(hub, row, Event(), Seconds(1.0))
    assert hold.renew()
    hold._renewed_at -= LEASE_S
    assert not hold.renew()
