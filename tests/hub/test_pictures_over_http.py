"""Pictures at a hub that answers at a real port: from the upload to what a box fetches, and to a stick."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from easyplayer.analysis.picture_analyser import analyse_any
from easyplayer.analysis.pictures import PictureFacts
from easyplayer.analysis.playable import obstacle
from easyplayer.hub.app import build_application
from easyplayer.hub.cli.bundling import files_of
from easyplayer.hub.content_views import Track, TrackState
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.incoming import incoming
from easyplayer.hub.services.tokens import TokenKind, make_token
from easyplayer.hub.settings import Transcode
from easyplayer.hub.stick_views import BundleMade
from easyplayer.playout.program_file import decode
from tests.analysis.pictures import clip, image, moving
from tests.hub.conftest import HubFactory
from tests.hub.contents import add_box, add_venue, read
from tests.hub.served import served
from tests.hub.web.test_media_endpoints import box_headers

API = "/api/v1"
QUICK = ("-c:v", "libx264", "-preset", "ultrafast")
MOST_LOOKS = 2400
pytestmark = pytest.mark.slow


@pytest.fixture(name="hub")
def _hub(hub_factory: HubFactory) -> Hub:
    """Give a hub that makes copies."""
    return hub_factory(transcode=Transcode.WHEN_NEEDED)


@pytest.fixture(name="http")
def _http(hub: Hub, token_for: Any) -> Iterator[httpx.Client]:
    """Ask it as its admin, at its port."""
    headers = {"Authorization": f"Bearer {token_for('admin', {})}"}
    with (
        served(build_application(hub)) as url,
        httpx.Client(base_url=url, headers=headers, timeout=60) as http,
    ):
        yield http


def upload(http: httpx.Client, path: Path) -> Track:
    """Upload a picture; gives it as soon as it is analysed."""
    query = {"file_name": path.name}
    made = http.post(f"{API}/tracks", params=query, content=path.read_bytes())
    assert made.status_code == 201, made.text
    return look(http, made.json()["id"], wait_s=20)


def look(http: httpx.Client, track: str, **query: float) -> Track:
    """Look at a track."""
    found: Track = read(http.get(f"{API}/tracks/{track}", params=query).content, Track)
    return found


def finished(http: httpx.Client, track: str) -> list[Track]:
    """Look at a track until its copy is made; gives all that was seen on the way."""
    seen = [look(http, track)]
    while seen[-1].state is TrackState.CONVERTING and len(seen) < MOST_LOOKS:
        Event().wait(0.05)
        seen.append(look(http, track))
    return seen


def test_what_boxes_cannot_show_gets_a_copy_that_they_fetch(
    hub: Hub, http: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film of 4K is brought; its copy is told of while it is made, published, fetched, put on a stick."""
    monkeypatch.setattr("easyplayer.hub.services.copying.TELL_EVERY_S", 0.05)
    film = clip(tmp_path / "waves.mp4", *QUICK, source=moving(1, "3840x2160", 30), sound_s=1)
    add_venue(hub)
    add_box(hub)

    track = upload(http, film)
    assert "too large for boxes to decode in time, with 3840x2160 pixels" in track.reason
    seen = finished(http, track.id)

    ready = seen[-1]
    told = [one.progress for one in seen if one.progress is not None]
    assert (ready.state, ready.reason) == (TrackState.READY, "")
    assert told == sorted(told)
    assert any(0 < part < 1 for part in told)
    assert ready.copy is not None
    copy = http.get(f"{API}/tracks/{track.id}/copy").content
    assert (sha256(copy).hexdigest(), len(copy)) == (ready.copy.sha256, ready.copy.size)
    assert (
        http.get(f"{API}/tracks/{track.id}/copy", headers={"Range": "bytes=4-7"}).content
        == copy[4:8]
        == b"ftyp"
    )
    assert http.get(f"{API}/tracks/{track.id}/media").content == film.read_bytes()
    shown = tmp_path / "copy.mp4"
    shown.write_bytes(copy)
    facts = analyse_any(shown)
    assert isinstance(facts, PictureFacts)
    assert (obstacle(facts), facts.width, facts.height) == (None, 1920, 1080)

    http.put(f"{API}/playlists/walls", json={"playlist": {"entries": [{"item": track.id}]}})
    draft = {"zone": "Europe/Paris", "screen": {"fallback": "walls"}}
    http.put(f"{API}/programs/bar", json={"name": "Bar", "draft": draft})
    target = {"target": "venue", "target_id": "bar"}
    published = http.post(f"{API}/programs/bar/publish", json=target)
    assert published.status_code in {200, 201}, published.text
    (item,) = decode(http.get(f"{API}/programs/bar/versions/1").content).items
    assert item.media is not None
    assert (item.id, item.media.sha256, item.media.size) == (track.id, ready.copy.sha256, ready.copy.size)
    ticket = http.post(f"{API}/box/media/{ready.copy.sha256}", headers=box_headers(hub)).json()
    path = httpx.URL(ticket["url"]).raw_path.decode()
    assert http.get(path, headers={"Authorization": ""}).content == copy

    asked = http.post(f"{API}/bundles", json={"targets": [{"target": "venue", "target_id": "bar"}]})
    assert asked.status_code == 201, asked.text
    made = read(asked.content, BundleMade)
    (source,) = [one.source for one in files_of(made) if one.sha256 == ready.copy.sha256]
    assert http.get(f"{API}{source}").content == copy


def test_a_program_with_its_copies_comes_back_as_it_went(
    hub: Hub, http: httpx.Client, tmp_path: Path
) -> None:
    """A program's file names the copies; imported, it finds the tracks that they are of."""
    large = upload(http, image(tmp_path / "large.jpg", "-q:v", "9", size="4400x300"))
    assert finished(http, large.id)[-1].state is TrackState.READY
    http.put(f"{API}/playlists/walls", json={"playlist": {"entries": [{"item": large.id}]}})
    draft = {"zone": "Europe/Paris", "screen": {"fallback": "walls"}}
    http.put(f"{API}/programs/bar", json={"name": "Bar", "draft": draft})
    add_venue(hub)
    http.post(f"{API}/programs/bar/publish", json={"target": "venue", "target_id": "bar"})
    file = http.get(f"{API}/programs/bar/versions/1").content

    taken = http.post(f"{API}/programs/import", params={"program": "other"}, content=file)

    assert taken.status_code in {200, 201}, taken.text
    kept = http.get(f"{API}/playlists/other-walls").json()
    assert kept["playlist"]["entries"][0]["item"] == large.id


def test_a_copy_is_cancelled_while_it_is_made(hub: Hub, http: httpx.Client, tmp_path: Path) -> None:
    """Over HTTP, as somebody does who sees that it takes too long; later it is asked for again."""
    film = clip(tmp_path / "long.mp4", *QUICK, source=moving(60, "320x180", 120))
    track = upload(http, film)
    while not list(incoming(hub).glob("copy-*")):
        Event().wait(0.02)

    cancelled = read(http.delete(f"{API}/tracks/{track.id}/copy").content, Track)
    again = http.delete(f"{API}/tracks/{track.id}/copy")
    while list(incoming(hub).glob("copy-*")):
        Event().wait(0.02)

    assert (cancelled.state, cancelled.progress) == (TrackState.UNPLAYABLE, None)
    assert again.status_code == 409
    assert look(http, track.id).state is TrackState.UNPLAYABLE
    asked = read(http.post(f"{API}/tracks/{track.id}/copy").content, Track)
    assert (asked.state, asked.progress) == (TrackState.CONVERTING, 0.0)
    assert http.delete(f"{API}/tracks/{track.id}").status_code == 204


def test_tokens_are_asked_for(hub: Hub, http: httpx.Client, tmp_path: Path) -> None:
    """Nobody looks at anything without one."""
    track = upload(http, image(tmp_path / "menu.png"))
    for path in ("thumbnail", "copy", "media"):
        assert http.get(f"{API}/tracks/{track.id}/{path}", headers={"Authorization": ""}).status_code == 401
    with hub.database.write() as connection:
        token = make_token(connection, "admin", TokenKind.API, hub.now(), lasts=None, chance=hub.chance)
    bearer = {"Authorization": f"Bearer {token}"}
    assert http.get(f"{API}/tracks/{track.id}/thumbnail", headers=bearer).status_code == 200
