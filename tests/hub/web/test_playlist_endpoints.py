"""Playlists and streams over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.hub import Hub
from tests.hub.conftest import HeldClock
from tests.hub.contents import DRAFT, add_tracks, add_venue, entries, track_id

AsUser = Callable[..., TestClient]
PLAYLISTS, STREAMS = "/api/v1/playlists", "/api/v1/streams"
RADIO = {"item": {"location": "https://dj:secret@radio.example/live", "title": "Radio"}}


def put(client: TestClient, playlist: str, *names: str, **more: Any) -> Any:
    """Put a playlist of tracks."""
    fields = more.pop("fields", {})
    body = {"playlist": {"entries": entries(*names), **fields}, **more}
    return client.put(f"{PLAYLISTS}/{playlist}", json=body)


def test_a_playlist_is_kept_and_shown_with_names(hub: Hub, admin: TestClient) -> None:
    """In the words of a program's file; what its items are called comes with it."""
    add_tracks(hub, ["dawn", "dusk"])

    answer = put(admin, "songs", "dawn", "dusk", fields={"title": "Songs", "order": "sequential"})

    assert answer.status_code == 200
    kept = admin.get(f"{PLAYLISTS}/songs").json()
    assert (kept["playlist"]["id"], kept["playlist"]["order"]) == ("songs", "sequential")
    assert kept["names"][track_id("dawn")] == "Harbour - Dawn"
    assert admin.get(PLAYLISTS).json()["items"][0]["entries"] == 2


def test_every_unknown_item_is_told(hub: Hub, admin: TestClient) -> None:
    """With its place; and nothing is kept."""
    add_tracks(hub, ["dawn"])

    answer = put(admin, "songs", "dusk", "dawn", "noon")

    assert answer.status_code == 400
    places = [problem.partition(":")[0] for problem in answer.json()["problems"]]
    assert places == [f"playlist songs → entries[{at}] → item" for at in (0, 2)]
    assert admin.get(f"{PLAYLISTS}/songs").status_code == 404


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"entries": []}, "empty"),
        ({"order": "alphabetical"}, "order"),
        ({"order": "sequential", "separation": {"artist_songs": 2}}, "separation"),
        ({"titel": "x"}, "title"),
    ],
)
def test_what_a_box_would_refuse_is_refused(
    hub: Hub, admin: TestClient, fields: dict[str, Any], word: str
) -> None:
    """By the very rules of a program's file."""
    add_tracks(hub, ["dawn"])

    answer = put(admin, "songs", "dawn", fields=fields)

    assert answer.status_code == 400
    assert word in "\n".join(answer.json()["problems"])


def test_who_changed_it_meanwhile_is_not_overwritten(hub: Hub, admin: TestClient, clock: HeldClock) -> None:
    """Where the asker says from what the change was made."""
    add_tracks(hub, ["dawn", "dusk"])
    mine = put(admin, "songs", "dawn").json()["revised"]
    clock.pass_s(10)
    put(admin, "songs", "dusk")

    assert put(admin, "songs", "dawn", revised=mine).status_code == 409
    assert put(admin, "songs", "dawn", revised=clock()).status_code == 200


def test_playlists_belong_to_groups(hub: Hub, admin: TestClient, as_user: AsUser) -> None:
    """What belongs to all is seen by everyone, and changed only by who may change it for all."""
    add_tracks(hub, ["dawn"])
    add_venue(hub)
    add_venue(hub, "hotel", group="hotels")
    put(admin, "everyone", "dawn")
    put(admin, "others", "dawn", group="hotels")
    paul = as_user("paul", bars="programmer")

    assert [one["id"] for one in paul.get(PLAYLISTS).json()["items"]] == ["everyone"]
    assert paul.get(f"{PLAYLISTS}/others").status_code == 404
    assert put(paul, "everyone", "dawn", group="bars").status_code == 403
    assert put(paul, "others", "dawn", group="bars").status_code == 409
    assert put(paul, "mine", "dawn", group="bars").status_code == 200
    assert put(paul, "mine", "dawn", group="hotels").status_code == 403
    assert paul.delete(f"{PLAYLISTS}/everyone").status_code == 403
    assert put(admin, "lost", "dawn", group="nowhere").status_code == 400


def test_a_playlist_that_is_used_stays(hub: Hub, admin: TestClient) -> None:
    """Whether something plays it, or it is only listed."""
    add_tracks(hub, ["dawn"])
    put(admin, "songs", "dawn")
    put(admin, "spare", "dawn")
    admin.put("/api/v1/programs/bar", json={"name": "Bar", "draft": DRAFT, "lists": ["spare"]})

    assert [admin.delete(f"{PLAYLISTS}/{one}").status_code for one in ("songs", "spare")] == [409, 409]
    admin.delete("/api/v1/programs/bar")
    assert [admin.delete(f"{PLAYLISTS}/{one}").status_code for one in ("songs", "spare")] == [204, 204]


def test_a_stream_can_be_in_a_playlist(hub: Hub, admin: TestClient) -> None:
    """And then it stays."""
    assert admin.put(f"{STREAMS}/radio", json=RADIO).status_code == 200
    body = {"playlist": {"entries": [{"item": "radio"}]}}
    assert admin.put(f"{PLAYLISTS}/songs", json=body).status_code == 200

    assert admin.delete(f"{STREAMS}/radio").status_code == 409
    admin.delete(f"{PLAYLISTS}/songs")
    assert admin.delete(f"{STREAMS}/radio").status_code == 204


def test_a_password_is_for_those_who_may_change_it(hub: Hub, admin: TestClient, as_user: AsUser) -> None:
    """Others see that there is one."""
    add_venue(hub)
    admin.put(f"{STREAMS}/radio", json={**RADIO, "group": "bars"})
    vera, paul = as_user("vera", bars="viewer"), as_user("paul", bars="programmer")

    for path in (STREAMS, f"{STREAMS}/radio"):
        assert "secret" not in vera.get(path).text
        assert "secret" in paul.get(path).text


@pytest.mark.parametrize(
    "item",
    [
        {"location": "/music/dawn.flac"},
        {"location": "dawn.flac", "kind": "file"},
        {"location": "https://radio.example", "kind": "still"},
        {"location": ""},
    ],
)
def test_what_is_no_stream_is_refused(admin: TestClient, item: dict[str, str]) -> None:
    """Files are uploaded; a path of a box's own disk is none of the hub's business."""
    answer = admin.put(f"{STREAMS}/radio", json={"item": item})

    assert answer.status_code == 400


def test_a_stream_of_another_group_is_none(hub: Hub, admin: TestClient) -> None:
    """A list for all cannot play what belongs to one."""
    add_venue(hub)
    admin.put(f"{STREAMS}/radio", json={**RADIO, "group": "bars"})
    body = {"playlist": {"entries": [{"item": "radio"}]}}

    foreign = admin.put(f"{PLAYLISTS}/songs", json=body)
    own = admin.put(f"{PLAYLISTS}/songs", json={**body, "group": "bars"})

    assert (foreign.status_code, own.status_code) == (400, 200)
    assert "bars" in foreign.json()["problems"][0]
