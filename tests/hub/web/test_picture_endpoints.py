"""Stills and clips over HTTP: they come in as tracks do, are looked at, and are shown by programs."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.content_views import Track, TrackState
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.media_urls import signed_url
from easyplayer.playout.items import ClipSound, ItemKind
from easyplayer.playout.program_file import decode
from easyplayer.units import Seconds
from tests.analysis.pictures import clip, image, moving
from tests.hub.contents import BOX, DRAFT, add_box, add_tracks, add_venue, entries, read
from tests.hub.web.test_media_endpoints import box_headers
from tests.hub.web.test_track_endpoints import TRACKS, analysed, upload

pytestmark = pytest.mark.slow

AsUser = Callable[..., TestClient]


@pytest.fixture(name="pictures", scope="session")
def _pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Make a few, by name."""
    folder = tmp_path_factory.mktemp("pictures")
    made = [
        image(folder / "menu.png"),
        image(folder / "large.jpg", "-q:v", "9", size="4400x300"),
        clip(folder / "waves.mp4", source=moving(1), sound_s=1),
        clip(folder / "mute.mp4", source=moving(0.5)),
        clip(folder / "fast.mp4", "-c:v", "libx264", "-preset", "ultrafast", source=moving(0.5, rate=120)),
    ]
    return {path.name: path.read_bytes() for path in made}


def bring(client: TestClient, pictures: dict[str, bytes], name: str) -> Track:
    """Upload a picture; gives it as soon as it is analysed."""
    return analysed(client, upload(client, pictures[name], name).id)


def test_an_image_becomes_a_still(admin: TestClient, pictures: dict[str, bytes]) -> None:
    """With its size; how long it is shown, the program says, unless somebody says it here."""
    track = bring(admin, pictures, "menu.png")

    assert (track.state, track.kind, track.duration_ms) == (TrackState.READY, ItemKind.STILL, None)
    assert track.picture is not None
    assert (track.picture.codec, track.picture.width, track.picture.height) == ("png", 320, 180)
    assert track.loudness_lufs is None


def test_a_clip_has_a_length_and_perhaps_a_sound(admin: TestClient, pictures: dict[str, bytes]) -> None:
    """Both are measured; nobody hears it before somebody says so."""
    waves, mute = bring(admin, pictures, "waves.mp4"), bring(admin, pictures, "mute.mp4")

    assert (waves.kind, waves.duration_ms, waves.clip_sound) == (ItemKind.CLIP, 1000, ClipSound.MUTE)
    assert waves.loudness_lufs is not None
    assert [one.picture.sounds for one in (waves, mute) if one.picture] == [True, False]


def test_there_is_a_small_image_to_look_at(
    admin: TestClient, client: TestClient, pictures: dict[str, bytes], tmp_path: Path
) -> None:
    """A JPEG, for whoever may see tracks; a browser asks for it once."""
    track = bring(admin, pictures, "waves.mp4")

    answer = admin.get(f"{TRACKS}/{track.id}/thumbnail")
    again = admin.get(f"{TRACKS}/{track.id}/thumbnail", headers={"If-None-Match": answer.headers["etag"]})
    head = admin.head(f"{TRACKS}/{track.id}/thumbnail")

    assert track.thumbnail
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert client.get(f"{TRACKS}/{track.id}/thumbnail").status_code == 401


def test_music_has_none(hub: Hub, admin: TestClient) -> None:
    """Nor has what is not there."""
    (track,) = add_tracks(hub, ["dawn"])
    assert admin.get(f"{TRACKS}/{track}/thumbnail").status_code == 404
    assert admin.get(f"{TRACKS}/{'0' * 20}/thumbnail").status_code == 404


def test_a_thumbnail_that_the_store_has_lost_is_missing(
    hub: Hub, admin: TestClient, pictures: dict[str, bytes]
) -> None:
    """It is told in words."""
    track = bring(admin, pictures, "menu.png")
    hub.media.delete(f"thumbnails/{track.sha256}")
    assert admin.get(f"{TRACKS}/{track.id}/thumbnail").status_code == 404


def test_tracks_are_found_by_their_kind(hub: Hub, admin: TestClient, pictures: dict[str, bytes]) -> None:
    """Whoever fills a screen looks for pictures."""
    (song,) = add_tracks(hub, ["dawn"])
    still, moves = bring(admin, pictures, "menu.png").id, bring(admin, pictures, "mute.mp4").id

    found = {
        kind: [one["id"] for one in admin.get(TRACKS, params={"kind": kind}).json()["items"]]
        for kind in ("file", "still", "clip")
    }
    assert found == {"file": [song], "still": [still], "clip": [moves]}
    assert admin.get(TRACKS, params={"kind": "stream"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "fast.mp4",
            "it is too fast for boxes, with 120 pictures a second.*bring it as MP4.*or have a copy made",
        ),
        ("large.jpg", "it is too large for boxes, with 4400x300 pixels; save it with 4096"),
    ],
)
def test_what_boxes_cannot_play_is_refused_with_the_way_out(
    admin: TestClient, pictures: dict[str, bytes], name: str, reason: str
) -> None:
    """As this hub makes no copies; it can be looked at all the same."""
    track = bring(admin, pictures, name)

    assert track.state is TrackState.UNPLAYABLE
    assert re.search(reason, track.reason)
    assert (track.thumbnail, track.copy, track.progress) == (True, None, None)
    refused = admin.post(f"{TRACKS}/{track.id}/copy")
    assert refused.status_code == 409
    assert "transcode" in refused.json()["detail"]


def test_how_long_a_still_is_shown_can_be_set(admin: TestClient, pictures: dict[str, bytes]) -> None:
    """Of a still alone; and taken back."""
    still, moves = bring(admin, pictures, "menu.png").id, bring(admin, pictures, "mute.mp4").id

    changed = admin.patch(f"{TRACKS}/{still}", json={"duration_ms": 15_000}).json()
    back = admin.patch(f"{TRACKS}/{still}", json={"duration_ms": None}).json()
    refused = admin.patch(f"{TRACKS}/{moves}", json={"duration_ms": 15_000})

    assert (changed["duration_ms"], changed["changed"]) == (15_000, ["duration_ms"])
    assert back["duration_ms"] is None
    assert (refused.status_code, "only of a still" in refused.json()["problems"][0]) == (400, True)


def test_what_becomes_of_the_sound_of_a_clip_can_be_set(
    hub: Hub, admin: TestClient, pictures: dict[str, bytes]
) -> None:
    """Of a clip alone."""
    moves, still = bring(admin, pictures, "waves.mp4").id, bring(admin, pictures, "menu.png").id
    (song,) = add_tracks(hub, ["dawn"])

    changed = admin.patch(f"{TRACKS}/{moves}", json={"clip_sound": "replace"}).json()

    assert changed["clip_sound"] == "replace"
    assert admin.get(f"{TRACKS}/{moves}").json()["changed"] == ["clip_sound"]
    for other in (still, song):
        assert admin.patch(f"{TRACKS}/{other}", json={"clip_sound": "mix"}).status_code == 400
    assert admin.patch(f"{TRACKS}/{moves}", json={"clip_sound": "loud"}).status_code == 400


def test_a_clip_can_be_taken_as_music(admin: TestClient, pictures: dict[str, bytes]) -> None:
    """Also one whose pictures no box could show in time; and it becomes a clip again."""
    track = bring(admin, pictures, "waves.mp4")

    music = read(admin.patch(f"{TRACKS}/{track.id}", json={"kind": "file"}).content, Track)
    again = read(admin.patch(f"{TRACKS}/{track.id}", json={"kind": None}).content, Track)

    assert (music.kind, music.state, music.changed) == (ItemKind.FILE, TrackState.READY, ("kind",))
    assert music.duration_ms == pytest.approx(1000, abs=50)
    assert (again.kind, again.changed) == (ItemKind.CLIP, ())
    mute = bring(admin, pictures, "mute.mp4")
    assert admin.patch(f"{TRACKS}/{mute.id}", json={"kind": "file"}).status_code == 400


def test_a_program_shows_pictures(hub: Hub, admin: TestClient, pictures: dict[str, bytes]) -> None:
    """On its screens, in a daypart, in a show and beside a spot; each item says what it is."""
    add_tracks(hub, ["dawn", "jingle"])
    still, moves = bring(admin, pictures, "menu.png"), bring(admin, pictures, "waves.mp4")
    admin.patch(f"{TRACKS}/{still.id}", json={"duration_ms": 7000})
    admin.patch(f"{TRACKS}/{moves.id}", json={"clip_sound": "replace"})
    for name, of in (("songs", entries("dawn")), ("walls", [{"item": still.id}, {"item": moves.id}])):
        assert admin.put(f"/api/v1/playlists/{name}", json={"playlist": {"entries": of}}).status_code == 200
    evening = {"id": "evening", "slot": {"starts": "18:00", "ends": "02:00"}, "screen": "walls"}
    party = {"id": "party", "starts": "2026-12-24T20:00", "ends": "2026-12-24T22:00", "screen": "walls"}
    spot: dict[str, Any] = {
        "id": "offer",
        "items": [entries("jingle")[0]["item"]],
        "pictures": [still.id],
        "when": {"type": "songs", "songs": 3},
    }
    screen = {
        "fallback": "walls",
        "still_s": 12,
        "overlay": {"clock": True, "message": "Happy hour", "qr": "x"},
    }
    draft = {**DRAFT, "dayparts": [evening], "shows": [party], "spots": [spot], "screen": screen}

    kept = admin.put("/api/v1/programs/bar", json={"name": "Bar", "draft": draft})
    add_venue(hub)
    made = admin.post("/api/v1/programs/bar/publish", json={"target": "venue", "target_id": "bar"})

    assert kept.status_code == 200, kept.text
    assert kept.json()["draft"]["screen"]["overlay"]["message"] == "Happy hour"
    assert made.status_code == 200, made.text
    program = decode(admin.get("/api/v1/programs/bar/versions/1").content)
    items = {item.id: item for item in program.items}
    assert (items[still.id].kind, items[still.id].duration_ms) == (ItemKind.STILL, 7000)
    assert (items[moves.id].kind, items[moves.id].clip_sound) == (ItemKind.CLIP, ClipSound.REPLACE)
    assert items[moves.id].media is not None
    assert (program.dayparts[0].screen, program.shows[0].screen) == ("walls", "walls")
    assert program.spots[0].pictures == (still.id,)
    assert (program.screen.fallback, program.screen.still_s) == ("walls", 12)
    used = admin.delete(f"{TRACKS}/{still.id}").json()["problems"]
    assert used[:2] == ["playlist walls", "program bar"]


def test_a_program_with_a_picture_that_cannot_be_shown_is_not_published(
    admin: TestClient, pictures: dict[str, bytes]
) -> None:
    """It is told where it stands, and why."""
    fast = bring(admin, pictures, "fast.mp4")
    admin.put("/api/v1/playlists/walls", json={"playlist": {"entries": [{"item": fast.id}]}})
    draft = {"zone": "Europe/Paris", "screen": {"fallback": "walls"}}
    admin.put("/api/v1/programs/bar", json={"name": "Bar", "draft": draft})

    (fault,) = admin.post("/api/v1/programs/bar/check").json()["faults"]

    assert fault.startswith(
        f"playlist walls → entries[0]: fast.mp4 ({fast.id}) cannot be played: it is too fast"
    )


def test_a_deleted_picture_leaves_nothing(hub: Hub, admin: TestClient, pictures: dict[str, bytes]) -> None:
    """Neither its file, nor its small image."""
    track = bring(admin, pictures, "menu.png")

    assert admin.delete(f"{TRACKS}/{track.id}").status_code == 204

    assert hub.media.size(f"media/{track.sha256}") is None
    assert hub.media.size(f"thumbnails/{track.sha256}") is None


def test_who_may_what(hub: Hub, admin: TestClient, as_user: AsUser, pictures: dict[str, bytes]) -> None:
    """A viewer looks; whoever did not bring a picture has no copy made of it."""
    add_venue(hub, group="bars")
    track = bring(admin, pictures, "fast.mp4")
    viewer, programmer = as_user("vera", bars="viewer"), as_user("paul", bars="programmer")

    assert viewer.get(f"{TRACKS}/{track.id}/thumbnail").status_code == 200
    assert viewer.get(f"{TRACKS}/{track.id}/copy").status_code == 404
    for asking in (viewer, programmer):
        assert asking.post(f"{TRACKS}/{track.id}/copy").status_code == 403
        assert asking.delete(f"{TRACKS}/{track.id}/copy").status_code == 403


def test_a_box_fetches_a_picture_as_it_fetches_music(
    hub: Hub, admin: TestClient, client: TestClient, pictures: dict[str, bytes]
) -> None:
    """By a signed URL, to the byte."""
    add_venue(hub)
    add_box(hub)
    track = bring(admin, pictures, "menu.png")

    answer = client.post(f"/api/v1/box/media/{track.sha256}", headers=box_headers(hub))
    url = signed_url(hub.keys, track.sha256, BOX, hub.now(), Seconds(60.0))

    assert answer.json()["size"] == len(pictures["menu.png"])
    assert client.get(url).content == pictures["menu.png"]


def test_ffmpeg_agrees_on_the_thumbnail(
    admin: TestClient, pictures: dict[str, bytes], tmp_path: Path
) -> None:
    """It is whole, and fits into its frame."""
    track = bring(admin, pictures, "menu.png")
    small = tmp_path / "small.jpg"
    small.write_bytes(admin.get(f"{TRACKS}/{track.id}/thumbnail").content)
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", str(small)]
    assert subprocess.run(probe, capture_output=True, check=True, text=True).stdout.strip() == "320,180"
