"""The copier: what boxes cannot show gets a copy that they can, whatever happens in between."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from easyplayer.analysis.pictures import PictureFacts
from easyplayer.analysis.playable import obstacle
from easyplayer.errors import AnalysisError, ConflictError
from easyplayer.hub.content_views import Track, TrackChange, TrackState
from easyplayer.hub.hub import Hub
from easyplayer.hub.media_store import MediaStore
from easyplayer.hub.services import copies, leases, tracks
from easyplayer.hub.services import copying as copying_service
from easyplayer.hub.services.analysing import Analyser
from easyplayer.hub.services.copying import Copier, unfit
from easyplayer.hub.services.incoming import incoming
from easyplayer.hub.services.leases import MOST_TRIES, Hold
from easyplayer.hub.services.track_items import item_of, media_key, picture_of
from easyplayer.hub.settings import Transcode
from easyplayer.playout.items import ItemKind
from easyplayer.units import Seconds
from tests.analysis.media import fake_tool
from tests.analysis.pictures import clip, image, moving
from tests.hub.conftest import HeldClock, HubFactory
from tests.hub.contents import ANNA, NOW, digest_of, facts

pytestmark = pytest.mark.slow

WHEN_NEEDED = Transcode.WHEN_NEEDED
PLAIN_PATH = "/usr/local/bin:/usr/bin:/bin"


@pytest.fixture(name="films", scope="session")
def _films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Make pictures that boxes cannot show."""
    folder = tmp_path_factory.mktemp("films")
    quick = ("-c:v", "libx264", "-preset", "ultrafast")
    made = [
        clip(folder / "fast.mp4", *quick, source=moving(0.5, rate=120), sound_s=0.5),
        clip(folder / "edited.mov", "-c:v", "prores_ks", source=moving(0.5)),
        image(folder / "large.jpg", "-q:v", "9", size="4400x300"),
    ]
    return {path.name: path.read_bytes() for path in made}


@pytest.fixture(name="bring")
def _bring(tmp_path: Path, films: dict[str, bytes]) -> Callable[..., str]:
    """Bring pictures to a hub, and have them analysed."""

    def bring(hub: Hub, *names: str, at: float = NOW) -> str:
        for name in names:
            file = tmp_path / name
            file.write_bytes(films[name])
            digest = digest_of(name)
            hub.media.put(media_key(digest), file)
            added: Any = {"sha256": digest, "size": len(films[name]), "file_name": name}
            with hub.database.write() as connection:
                track = tracks.add(connection, ANNA, at, **added)[0].id  # type: ignore[arg-type]  # by name
        while Analyser(hub).do_one():
            pass
        return track

    return bring


@pytest.fixture(name="copying")
def _copying(hub_factory: HubFactory) -> Hub:
    """Give a hub that makes copies."""
    return hub_factory(transcode=WHEN_NEEDED)


def track(hub: Hub, name: str) -> Track:
    """Look at a track."""
    with hub.database.read() as connection:
        return tracks.track_of(tracks.find(connection, name))


def left(hub: Hub) -> list[str]:
    """Tell what lies about."""
    return [path.name for path in incoming(hub).iterdir()]


@pytest.mark.parametrize("name", ["fast.mp4", "edited.mov", "large.jpg"])
def test_a_picture_gets_a_copy_that_boxes_play(copying: Hub, bring: Callable[..., str], name: str) -> None:
    """The original stays, and programs play the copy under the same name."""
    made = bring(copying, name)
    waits = track(copying, made)
    assert (waits.state, waits.progress) == (TrackState.CONVERTING, 0.0)
    assert waits.reason.startswith("it is ")

    assert Copier(copying).do_one()

    ready = track(copying, made)
    assert (ready.state, ready.reason, ready.progress) == (TrackState.READY, "", None)
    assert ready.copy is not None
    assert copying.media.size(media_key(ready.copy.sha256)) == ready.copy.size
    assert copying.media.size(media_key(ready.sha256)) == ready.size
    with copying.database.read() as connection:
        item = item_of(tracks.find(connection, made))
        assert tracks.size_of(connection, ready.copy.sha256) == ready.copy.size
    assert item.media is not None
    assert (item.id, item.media.sha256) == (made, ready.copy.sha256)
    assert left(copying) == []


def test_one_comes_after_the_other(copying: Hub, bring: Callable[..., str]) -> None:
    """The one that has waited longest is first; then there is nothing more to do."""
    second = bring(copying, "large.jpg")
    first = bring(copying, "edited.mov", at=0.0)
    copier = Copier(copying)

    assert copier.do_one()
    assert (track(copying, first).state, track(copying, second).state) == (
        TrackState.READY,
        TrackState.CONVERTING,
    )
    assert copier.do_one()
    assert not copier.do_one()


def test_what_was_left_is_taken_up_at_the_next_start(copying: Hub, bring: Callable[..., str]) -> None:
    """As it runs in the hub: nobody has to say anything."""
    waits = bring(copying, "large.jpg")

    async def run() -> None:
        copier = Copier(copying)
        await copier.start()
        with anyio.fail_after(30):
            while track(copying, waits).state is TrackState.CONVERTING:
                await anyio.sleep(0.01)
        await copier.stop()

    anyio.run(run)

    assert track(copying, waits).state is TrackState.READY


def hold_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have ffmpeg write copies for ever; gives a file that is there once it has begun."""
    began = tmp_path / "began"
    ffmpeg = shutil.which("ffmpeg")
    hangs = f"touch {began}; echo out_time_us=250000; exec tail -f /dev/null"
    fake_tool(tmp_path / "tools", "ffmpeg", f'case "$*" in *copy-*) {hangs};; esac; exec {ffmpeg} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{PLAIN_PATH}")
    monkeypatch.setattr("easyplayer.hub.services.copying.TELL_EVERY_S", 0.05)
    return began


def until(done: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    waited = threading.Event()
    for _ in range(3000):
        if done():
            return
        waited.wait(0.01)
    pytest.fail("it does not come")


def test_it_is_told_how_far_a_copy_is_and_it_can_be_cancelled(
    copying: Hub, bring: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work ends at once, nothing is left, and the track says as before why it cannot be played."""
    waits = bring(copying, "fast.mp4")
    hold_up(tmp_path, monkeypatch)
    thread = threading.Thread(target=Copier(copying).do_one)
    thread.start()
    until(lambda: track(copying, waits).progress == pytest.approx(0.5, abs=0.05))

    with copying.database.write() as connection:
        copies.cancel(connection, ANNA, NOW, waits)
    thread.join(10)

    assert not thread.is_alive()
    assert track(copying, waits).state is TrackState.UNPLAYABLE
    assert "or have a copy made" in track(copying, waits).reason
    assert left(copying) == []
    with copying.database.write() as connection, pytest.raises(ConflictError, match="no copy of track"):
        copies.cancel(connection, ANNA, NOW, waits)


@pytest.mark.parametrize("change", ["deleted", "music"])
def test_a_copy_that_nobody_wants_any_more_is_given_up(
    copying: Hub, bring: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Its track was deleted, or is taken as music: no trouble."""
    waits = bring(copying, "fast.mp4")
    began = hold_up(tmp_path, monkeypatch)
    thread = threading.Thread(target=Copier(copying).do_one)
    thread.start()
    until(began.exists)

    with copying.database.write() as connection:
        if change == "deleted":
            tracks.delete(connection, ANNA, NOW, waits)
        else:
            tracks.change(connection, ANNA, NOW, waits, TrackChange(kind="file"), transcode=WHEN_NEEDED)
    thread.join(10)

    assert not thread.is_alive()
    assert left(copying) == []
    if change == "music":
        assert (track(copying, waits).state, track(copying, waits).kind) == (TrackState.READY, ItemKind.FILE)


def test_a_copy_that_comes_too_late_leaves_nothing(
    copying: Hub, bring: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its track was deleted in the very moment in which it was ready."""
    waits = bring(copying, "large.jpg")
    put, stored = MediaStore.put, []

    def put_and_delete(store: MediaStore, key: str, file: Path) -> None:
        put(store, key, file)
        stored.append(key)
        with copying.database.write() as connection:
            tracks.delete(connection, ANNA, NOW, waits)

    monkeypatch.setattr(MediaStore, "put", put_and_delete)
    assert Copier(copying).do_one()
    assert [copying.media.size(key) for key in stored] == [None]


def test_a_hub_that_is_stopped_leaves_the_copy_to_the_next(
    copying: Hub, bring: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within two seconds; and the next takes it up at once."""
    waits = bring(copying, "fast.mp4")
    began = hold_up(tmp_path, monkeypatch)

    async def run() -> None:
        copier = Copier(copying)
        await copier.start()
        await anyio.to_thread.run_sync(until, began.exists)
        with anyio.fail_after(5):
            await copier.stop()

    anyio.run(run)
    assert track(copying, waits).state is TrackState.CONVERTING
    assert left(copying) == []

    monkeypatch.undo()
    assert Copier(copying).do_one()
    assert track(copying, waits).state is TrackState.READY


def test_what_a_hub_that_was_killed_worked_on_waits_until_its_lease_is_over(
    copying: Hub, bring: Callable[..., str], clock: HeldClock
) -> None:
    """So two processes never make the same copy; a minute later another one does."""
    waits = bring(copying, "large.jpg")
    with copying.database.write() as connection:
        assert copies.take(connection, copying.now()) is not None

    assert not Copier(copying).do_one()
    clock.pass_s(leases.LEASE_S + 1)
    assert Copier(copying).do_one()
    assert track(copying, waits).state is TrackState.READY


def test_a_hub_of_one_process_goes_on_at_once_with_what_it_was_at(
    copying: Hub, bring: Callable[..., str]
) -> None:
    """Its power went: nobody else can hold a lease of its database."""
    waits = bring(copying, "large.jpg")
    with copying.database.write() as connection:
        assert copies.take(connection, copying.now()) is not None
    copier = Copier(copying)
    copier._ending.set()
    anyio.run(copier.start)
    anyio.run(copier.stop)

    assert Copier(copying).do_one() is copying.database.is_sqlite
    assert (track(copying, waits).state is TrackState.READY) is copying.database.is_sqlite


def test_a_clock_that_was_ahead_keeps_no_copy_waiting(
    copying: Hub, bring: Callable[..., str], clock: HeldClock
) -> None:
    """A lease that is further ahead than any can be is none."""
    waits = bring(copying, "large.jpg")
    clock.pass_s(86_400.0)
    with copying.database.write() as connection:
        assert copies.take(connection, copying.now()) is not None
    clock.pass_s(-86_400.0)

    assert Copier(copying).do_one()
    assert track(copying, waits).state is TrackState.READY


def held_until(hub: Hub, name: str) -> float:
    """Tell until when somebody holds a track."""
    with hub.database.read() as connection:
        return float(tracks.find(connection, name)["lease"])


def test_a_copy_is_held_while_the_store_is_slow(
    copying: Hub, bring: Callable[..., str], monkeypatch: pytest.MonkeyPatch, clock: HeldClock
) -> None:
    """However long it takes to fetch an original, or to bring a copy: no other process begins it, too."""
    waits = bring(copying, "large.jpg")
    monkeypatch.setattr("easyplayer.hub.services.copying.TELL_EVERY_S", 0.01)
    put = MediaStore.put

    def slow(store: MediaStore, key: str, file: Path) -> None:
        for _ in range(3):
            clock.pass_s(leases.LEASE_S - 1)
            until(lambda: held_until(copying, waits) == clock.now + leases.LEASE_S)
            with copying.database.write() as connection:
                assert copies.take(connection, copying.now()) is None
        put(store, key, file)

    monkeypatch.setattr(MediaStore, "put", slow)
    assert Copier(copying).do_one()
    assert track(copying, waits).state is TrackState.READY


def test_the_check_of_a_copy_can_be_cancelled(
    copying: Hub, bring: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends at once, as the making does; and its lease is never longer than any other."""
    waits = bring(copying, "fast.mp4")
    began, ffprobe = tmp_path / "began", shutil.which("ffprobe")
    hangs = f"touch {began}; exec tail -f /dev/null"
    fake_tool(tmp_path / "tools", "ffprobe", f'case "$*" in *copy-*) {hangs};; esac; exec {ffprobe} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{PLAIN_PATH}")
    monkeypatch.setattr("easyplayer.hub.services.copying.TELL_EVERY_S", 0.05)
    thread = threading.Thread(target=Copier(copying).do_one)
    thread.start()
    until(began.exists)
    assert held_until(copying, waits) <= copying.now() + leases.LEASE_S

    with copying.database.write() as connection:
        copies.cancel(connection, ANNA, NOW, waits)
    thread.join(10)

    assert not thread.is_alive()
    assert track(copying, waits).state is TrackState.UNPLAYABLE
    assert left(copying) == []


def test_a_copy_that_ends_the_hub_itself_is_given_up(
    copying: Hub, bring: Callable[..., str], clock: HeldClock
) -> None:
    """It is begun three times at the most, with those of others in between; and can be asked for again."""
    waits = bring(copying, "large.jpg", at=0.0)
    for _ in range(MOST_TRIES):
        with copying.database.write() as connection:
            assert copies.take(connection, copying.now()) is not None
        clock.pass_s(leases.LEASE_S + 1)
    other = bring(copying, "edited.mov")

    assert Copier(copying).do_one()
    assert (track(copying, waits).state, track(copying, other).state) == (
        TrackState.CONVERTING,
        TrackState.READY,
    )
    assert Copier(copying).do_one()
    assert "making a copy came to nothing" in track(copying, waits).reason
    with copying.database.write() as connection:
        copies.ask(connection, ANNA, NOW, waits, transcode=WHEN_NEEDED)
    assert Copier(copying).do_one()
    assert track(copying, waits).state is TrackState.READY


def test_a_failure_that_nobody_foresaw_keeps_no_other_copy_waiting(
    copying: Hub, bring: Callable[..., str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told with where it happened, and counts as a try."""
    bad = bring(copying, "large.jpg", at=0.0)
    good = bring(copying, "edited.mov")
    make = copying_service.make_copy

    def made(path: Path, facts: PictureFacts, *given: Any, **named: Any) -> None:
        if facts.still:
            raise IndexError("out of range")
        make(path, facts, *given, **named)

    monkeypatch.setattr(copying_service, "make_copy", made)
    copier = Copier(copying)
    assert [copier.do_one() for _ in range(5)] == [True, True, False, True, False]
    assert (track(copying, bad).state, track(copying, good).state) == (
        TrackState.CONVERTING,
        TrackState.READY,
    )
    assert "Traceback" in caplog.text

    assert copier.do_one()
    assert track(copying, bad).state is TrackState.UNPLAYABLE


def test_one_copy_is_made_at_a_time_whatever_number_of_processes_there_are(
    copying: Hub, bring: Callable[..., str]
) -> None:
    """Whoever is second finds a lease held; and one whose lease was taken over is told so."""
    bring(copying, "large.jpg", "edited.mov")
    with copying.database.write() as connection:
        row = copies.take(connection, copying.now())
        assert row is not None
        assert copies.take(connection, copying.now()) is None
        assert not leases.leave(connection, row, row["lease"] - 1, counts=True)
        assert not copies.made(connection, row, row["lease"] - 1, "0" * 64, 1)
    hold = Hold(copying, row, threading.Event(), Seconds(0.01))
    assert hold.renew()
    hold.lease -= 1
    assert not hold.renew()


def test_without_ffmpeg_copies_wait(
    copying: Hub, bring: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is tried: it is the hub that is at fault, and not the picture."""
    waits = bring(copying, "large.jpg")
    copier = Copier(copying)
    monkeypatch.setenv("PATH", str(tmp_path))
    for _ in range(2 * (MOST_TRIES + 1)):
        copier.do_one()
    assert track(copying, waits).state is TrackState.CONVERTING

    monkeypatch.undo()
    while copier.do_one():
        pass
    assert track(copying, waits).state is TrackState.READY


def test_a_copy_that_cannot_be_made_is_given_up(
    copying: Hub, bring: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some tries that came to nothing; the reason says so, and what else to do."""
    waits = bring(copying, "fast.mp4")
    ffmpeg = shutil.which("ffmpeg")
    fake_tool(tmp_path / "tools", "ffmpeg", f'case "$*" in *copy-*) kill -TERM $$;; esac; exec {ffmpeg} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{PLAIN_PATH}")
    copier = Copier(copying)
    assert [copier.do_one() for _ in range(2 * MOST_TRIES)] == MOST_TRIES * [True, False]
    assert left(copying) == []

    assert track(copying, waits).state is TrackState.UNPLAYABLE
    assert "and making a copy came to nothing; bring it as MP4" in track(copying, waits).reason


def test_a_copy_that_is_none_is_not_kept(
    copying: Hub, bring: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ffmpeg has written is analysed as what people bring."""
    waits = bring(copying, "fast.mp4")
    ffmpeg = shutil.which("ffmpeg")
    fake_tool(
        tmp_path / "tools", "ffmpeg", f'case "$*" in *libx264*copy-*) exit 1;; esac; exec {ffmpeg} "$@"'
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{PLAIN_PATH}")

    assert Copier(copying).do_one()

    assert track(copying, waits).state is TrackState.UNPLAYABLE
    assert "and the copy that was made of it is none" in track(copying, waits).reason


def test_a_full_disk_blames_no_picture(
    copying: Hub, bring: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is tried; with room again, the copy is made."""
    waits = bring(copying, "large.jpg")
    ffmpeg = shutil.which("ffmpeg")
    fake_tool(tmp_path / "tools", "ffmpeg", f'case "$*" in *copy-*) exit 1;; esac; exec {ffmpeg} "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'tools'}:{PLAIN_PATH}")
    usage = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    copier = Copier(copying)
    for _ in range(2 * (MOST_TRIES + 1)):
        copier.do_one()
    assert track(copying, waits).state is TrackState.CONVERTING

    monkeypatch.undo()
    while copier.do_one():
        pass
    assert track(copying, waits).state is TrackState.READY


def test_a_copy_stands_for_its_original(copying: Hub, bring: Callable[..., str]) -> None:
    """It is as long, can be played, and is a still if that is one."""
    made = bring(copying, "fast.mp4")
    with copying.database.read() as connection:
        original = picture_of(tracks.find(connection, made))
    assert original is not None
    fine: dict[str, Any] = {
        **{name: getattr(original, name) for name in original.__struct_fields__},
        "frame_rate": 60.0,
    }
    assert obstacle(original) is not None
    assert unfit(original, PictureFacts(**fine)) == ""
    assert "too fast" in unfit(original, original)
    assert "as long" in unfit(original, PictureFacts(**{**fine, "duration_s": 9.0}))
    assert "is none" in unfit(original, facts("0" * 64))


def test_where_the_hub_makes_no_copies_any_more_nothing_waits(
    copying: Hub, bring: Callable[..., str], hub_factory: HubFactory
) -> None:
    """The setting was taken back while some were waiting."""
    waits = bring(copying, "fast.mp4")
    without = hub_factory()

    assert not Copier(without).do_one()

    assert track(without, waits).state is TrackState.UNPLAYABLE
    assert "transcode is off" in track(without, waits).reason


def test_a_copy_can_be_asked_for_later(hub: Hub, bring: Callable[..., str]) -> None:
    """Of what was brought before the setting was made; of what needs none it is refused."""
    waits = bring(hub, "large.jpg")
    with hub.database.write() as connection:
        with pytest.raises(ConflictError, match="transcode is off: set it to when-needed"):
            copies.ask(connection, ANNA, NOW, waits, transcode=Transcode.OFF)
        asked = copies.ask(connection, ANNA, NOW, waits, transcode=WHEN_NEEDED)
        again = copies.ask(connection, ANNA, NOW, waits, transcode=WHEN_NEEDED)
    assert asked.state is again.state is TrackState.CONVERTING


def test_what_needs_no_copy_gets_none(copying: Hub, bring: Callable[..., str]) -> None:
    """What has one already, and music."""
    made = bring(copying, "large.jpg")
    assert Copier(copying).do_one()
    song = digest_of("dawn")
    with copying.database.write() as connection:
        tracks.add(connection, ANNA, NOW, sha256=song, size=1000, file_name="dawn.flac")
        tracks.judged(connection, song[: tracks.ID_DIGITS], facts(song))
        for name in (made, song[: tracks.ID_DIGITS]):
            with pytest.raises(ConflictError, match="needs no copy"):
                copies.ask(connection, ANNA, NOW, name, transcode=WHEN_NEEDED)


def test_a_deleted_track_takes_its_copy_along(copying: Hub, bring: Callable[..., str]) -> None:
    """Unless it is what another track has brought."""
    made = bring(copying, "large.jpg")
    assert Copier(copying).do_one()
    copy = track(copying, made).copy
    assert copy is not None
    with copying.database.write() as connection:
        same = tracks.add(connection, ANNA, NOW, sha256=copy.sha256, size=copy.size, file_name="copy.jpg")[
            0
        ].id
        kept = tracks.delete(connection, ANNA, NOW, made)
        gone = tracks.delete(connection, ANNA, NOW, same)

    assert media_key(copy.sha256) not in kept
    assert media_key(copy.sha256) in gone


def test_the_database_may_be_away(
    copying: Hub, bring: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread goes on: later it is there again."""
    waits = bring(copying, "large.jpg")
    real, failures = copies.take, iter([AnalysisError("away")])

    def take(*given: Any) -> Any:
        for failure in failures:
            copying.copies_wanted.set()
            raise failure
        return real(*given)

    monkeypatch.setattr(copies, "take", take)

    async def run() -> None:
        copier = Copier(copying)
        await copier.start()
        with anyio.fail_after(30):
            while track(copying, waits).state is TrackState.CONVERTING:
                await anyio.sleep(0.01)
        await copier.stop()

    anyio.run(run)
    assert left(copying) == []
