"""The analyser: what waits is done, whatever happens in between."""

import os
import shutil
from pathlib import Path
from typing import Any

import anyio
import pytest

from easyplayer.hub.content_views import Track, TrackState
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import tracks
from easyplayer.hub.services.analysing import LEFT_BEHIND_S, MOST_TRIES, Analyser
from easyplayer.hub.services.incoming import incoming
from easyplayer.hub.services.tracks import media_key
from tests.analysis.media import fake_tool
from tests.analysis.pictures import image
from tests.hub.conftest import HubFactory
from tests.hub.contents import ANNA, NOW, digest_of, facts, sound

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
    """A day later; what is on its way to another process of the same hub stays."""
    old, new = (incoming(hub) / name for name in ("old", "new"))
    for path, at in ((old, hub.now() - LEFT_BEHIND_S - 1), (new, hub.now())):
        path.write_bytes(b"half a song")
        os.utime(path, (at, at))

    async def run() -> None:
        analyser = Analyser(hub)
        await analyser.start()
        await analyser.stop()

    anyio.run(run)

    assert [path.name for path in incoming(hub).iterdir()] == ["new"]


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
