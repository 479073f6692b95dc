"""Tracks over HTTP: files come in, are analysed, and can be heard."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.content_views import Track, TrackState
from easyplayer.hub.db.schema import audit
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import tracks
from easyplayer.hub.web.views import Page
from tests.hub.conftest import HubFactory
from tests.hub.contents import ANNA, NOW, add_tracks, add_venue, digest_of, entries, read, sound, track_id

pytestmark = pytest.mark.slow

TRACKS = "/api/v1/tracks"
MIB = 1024 * 1024
AsUser = Callable[..., TestClient]


def upload(client: TestClient, content: bytes, name: str = "Dawn.wav") -> Track:
    """Upload a file that is taken."""
    answer = client.post(TRACKS, params={"file_name": name}, content=content)
    assert answer.status_code in {200, 201}, answer.text
    track: Track = read(answer.content, Track)
    return track


def analysed(client: TestClient, track: str) -> Track:
    """Give a track as soon as it is analysed."""
    answer = client.get(f"{TRACKS}/{track}", params={"wait_s": 20})
    found: Track = read(answer.content, Track)
    return found


def test_a_file_becomes_a_track_that_is_analysed(admin: TestClient) -> None:
    """What it really is, is found out by itself, as on the box."""
    track = upload(admin, sound())

    assert track.id == sha256(sound()).hexdigest()[:20]
    found = analysed(admin, track.id)
    assert (found.state, found.duration_ms, found.by) == (TrackState.READY, 500, "admin")
    assert found.loudness_lufs is not None


def test_the_same_file_is_taken_once(admin: TestClient) -> None:
    """An upload may be repeated; what its name is plays no part."""
    first = admin.post(TRACKS, params={"file_name": "a.wav"}, content=sound())
    again = admin.post(TRACKS, params={"file_name": "b.wav"}, content=sound())

    assert (first.status_code, again.status_code) == (201, 200)
    assert read(again.content, Track).file_name == "a.wav"


def test_what_was_refused_is_analysed_anew_where_it_is_brought_again(hub: Hub, admin: TestClient) -> None:
    """The hub may have been at fault, or know better by now; of what is well nothing changes."""
    (known,) = add_tracks(hub, ["dawn"])
    letter = upload(admin, b"this is a letter" * 100, "letter.txt").id
    assert analysed(admin, letter).state is TrackState.UNPLAYABLE

    again = admin.post(TRACKS, content=b"this is a letter" * 100)

    assert again.status_code == 200
    assert read(again.content, Track).state is TrackState.ANALYSING
    assert read(again.content, Track).reason == ""
    assert analysed(admin, letter).state is TrackState.UNPLAYABLE
    with hub.database.write() as connection:
        same = tracks.add(connection, ANNA, NOW, sha256=digest_of("dawn"), size=1000, file_name="x")
    assert (same[0].id, same[0].state, same[1]) == (known, TrackState.READY, False)


def test_where_there_is_no_copy_none_is_given(admin: TestClient) -> None:
    """The original would be kept in its place, by whoever has asked, for a year."""
    track = upload(admin, sound())

    answer = admin.get(f"{TRACKS}/{track.id}/copy")

    assert (answer.status_code, "immutable" in answer.headers["cache-control"]) == (404, False)
    assert "has no copy for boxes" in answer.json()["detail"]


def test_what_cannot_be_played_says_why(admin: TestClient) -> None:
    """The reason is that of the analysis, and names no path of the hub."""
    found = analysed(admin, upload(admin, b"this is a letter, and no music" * 100, "letter.txt").id)

    assert found.state is TrackState.UNPLAYABLE
    assert found.reason
    assert "/" not in found.reason


def test_silence_is_unplayable(admin: TestClient) -> None:
    """A box would leave it out, too."""
    found = analysed(admin, upload(admin, sound(level=0)).id)

    assert found.state is TrackState.UNPLAYABLE
    assert "silence" in found.reason


def test_an_empty_file_is_refused(admin: TestClient) -> None:
    """There is nothing to analyse."""
    answer = admin.post(TRACKS, content=b"")

    assert answer.status_code == 400
    assert "empty" in answer.text


def test_a_file_that_is_too_long_is_refused(hub_factory: HubFactory, as_user: AsUser) -> None:
    """Whether or not it says beforehand how long it is; and nothing of it stays."""
    hub = hub_factory(upload_mib=1)
    client = _client_of(hub, as_user)

    said = client.post(TRACKS, content=b"x" * (MIB + 1))
    streamed = client.post(TRACKS, content=(b"x" * 65536 for _ in range(17)))

    assert (said.status_code, streamed.status_code) == (413, 413)
    assert "upload_mib" in said.json()["detail"]
    assert [*(hub.settings.directory / "incoming").iterdir()] == []


def test_file_names_are_only_labels(admin: TestClient) -> None:
    """Whatever stands in one, nothing is written anywhere but below the digest."""
    track = upload(admin, sound(30), "../../../etc/cron.d/evil\n.wav")

    assert track.file_name == "evil.wav"


def test_a_track_can_be_heard_in_part(admin: TestClient) -> None:
    """A browser's player asks for ranges."""
    track = upload(admin, sound())

    whole = admin.get(f"{TRACKS}/{track.id}/media")
    part = admin.get(f"{TRACKS}/{track.id}/media", headers={"Range": "bytes=4-11"})

    assert whole.content == sound()
    assert (part.status_code, part.content) == (206, sound()[4:12])


def test_tracks_are_listed_in_parts_and_searched(hub: Hub, admin: TestClient) -> None:
    """Each part tells where the next begins; words may stand in any of the texts."""
    ids = sorted(add_tracks(hub, ["dawn", "dusk", "noon"]))

    first = read(admin.get(TRACKS, params={"limit": 2}).content, Page[Track])
    rest = read(admin.get(TRACKS, params={"limit": 2, "after": first.next}).content, Page[Track])
    found = read(admin.get(TRACKS, params={"text": "HARBOUR du"}).content, Page[Track])

    assert [one.id for one in (*first.items, *rest.items)] == ids
    assert rest.next == ""
    assert [one.title for one in found.items] == ["Dusk"]
    assert admin.get(TRACKS, params={"text": "%"}).json()["items"] == []


def test_what_operators_say_goes_before_the_tags(hub: Hub, admin: TestClient) -> None:
    """And null takes it back."""
    (track,) = add_tracks(hub, ["dawn"])

    changed = admin.patch(f"{TRACKS}/{track}", json={"title": "Day", "cue_in_ms": 1000, "gain_db": -3})
    back = admin.patch(f"{TRACKS}/{track}", json={"title": None})

    assert (changed.json()["title"], changed.json()["cue_in_ms"]) == ("Day", 1000)
    assert changed.json()["changed"] == ["cue_in_ms", "gain_db", "title"]
    assert (back.json()["title"], back.json()["changed"]) == ("Dawn", ["cue_in_ms", "gain_db"])


def test_a_change_that_makes_no_sense_is_refused(hub: Hub, admin: TestClient) -> None:
    """And nothing of it is kept."""
    (track,) = add_tracks(hub, ["dawn"])

    answer = admin.patch(f"{TRACKS}/{track}", json={"cue_in_ms": 5000, "cue_out_ms": 4000})

    assert answer.status_code == 400
    assert "cue_out_ms" in answer.json()["problems"][0]
    assert admin.get(f"{TRACKS}/{track}").json()["changed"] == []


def test_a_track_that_is_used_stays(hub: Hub, admin: TestClient) -> None:
    """Where it is used is told."""
    (track,) = add_tracks(hub, ["dawn"])
    body = {"playlist": {"entries": entries("dawn")}}
    assert admin.put("/api/v1/playlists/songs", json=body).status_code == 200

    refused = admin.delete(f"{TRACKS}/{track}")
    admin.delete("/api/v1/playlists/songs")
    done = admin.delete(f"{TRACKS}/{track}")

    assert (refused.status_code, refused.json()["problems"]) == (409, ["playlist songs"])
    assert done.status_code == 204
    assert admin.get(f"{TRACKS}/{track}").status_code == 404


def test_a_deleted_track_leaves_no_file(hub: Hub, admin: TestClient) -> None:
    """Its content goes with it."""
    track = upload(admin, sound(40))

    admin.delete(f"{TRACKS}/{track.id}")

    assert hub.media.size(f"media/{track.sha256}") is None


def test_who_may_what(hub: Hub, admin: TestClient, as_user: AsUser) -> None:
    """A viewer looks; a programmer of one group brings tracks, and changes only those."""
    (track,) = add_tracks(hub, ["dawn"])
    add_venue(hub, group="bars")
    viewer, programmer = as_user("vera", bars="viewer"), as_user("paul", bars="programmer")

    assert viewer.get(f"{TRACKS}/{track}").status_code == 200
    assert viewer.post(TRACKS, content=sound()).status_code == 403
    assert programmer.patch(f"{TRACKS}/{track}", json={"title": "Mine"}).status_code == 403
    own = upload(programmer, sound(50))
    assert programmer.patch(f"{TRACKS}/{own.id}", json={"title": "Mine"}).status_code == 200


def test_nobody_without_a_role_sees_a_track(hub: Hub, client: TestClient) -> None:
    """Neither one nor the list."""
    add_tracks(hub, ["dawn"])

    assert client.get(TRACKS).status_code == 401
    assert client.get(f"{TRACKS}/{track_id('dawn')}").status_code == 401


def test_every_change_is_in_the_audit_log(hub: Hub, admin: TestClient) -> None:
    """With who it was."""
    track = upload(admin, sound(60))
    admin.patch(f"{TRACKS}/{track.id}", json={"title": "Day"})
    admin.delete(f"{TRACKS}/{track.id}")

    with hub.database.read() as connection:
        rows = connection.execute(audit.select().order_by(audit.c.number)).mappings().all()
    told = [row["action"] for row in rows if row["subject"] == f"track/{track.id}"]
    assert told == ["track.add", "track.change", "track.delete"]
    assert {row["user"] for row in rows if row["subject"] == f"track/{track.id}"} == {"admin"}


def _client_of(hub: Hub, as_user: AsUser) -> TestClient:
    """Give a client of another hub on the same database, as its admin."""
    from easyplayer.hub.app import build_application

    asking: Any = as_user("admin")
    return TestClient(build_application(hub), base_url="http://hub.test", headers=asking.headers)
