"""What boxes fetch: programs and media, and nobody else."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.db.schema import boxes
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import box_tokens
from easyplayer.hub.services.media_urls import signed_url
from easyplayer.protocol.media import MediaTicket
from easyplayer.units import Instant, Seconds
from tests.hub.conftest import HeldClock
from tests.hub.contents import BOX, add_box, add_venue, read, sound
from tests.hub.web.test_program_endpoints import head, make_list, publish, ready

HOUR_S = 3600.0
OTHER = "fedcba9876543210"


def box_headers(hub: Hub, box: str = BOX) -> dict[str, str]:
    """Give what a box's requests carry."""
    token = box_tokens.make(hub.keys, box, 1, Instant(hub.now() + HOUR_S))
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(name="medium")
def _medium(hub: Hub, admin: TestClient) -> str:
    """Lay down a venue with a box, and a track; gives the track's digest."""
    add_venue(hub)
    add_box(hub)
    digest: str = admin.post("/api/v1/tracks", content=sound()).json()["sha256"]
    return digest


def ticket(hub: Hub, client: TestClient, digest: str) -> MediaTicket:
    """Ask for a URL as the box."""
    answer = client.post(f"/api/v1/box/media/{digest}", headers=box_headers(hub))
    assert answer.status_code == 200, answer.text
    found: MediaTicket = read(answer.content, MediaTicket)
    return found


def test_a_box_fetches_its_program(hub: Hub, admin: TestClient, client: TestClient) -> None:
    """By the digest that its head names; the one before can still be fetched, for it may be on its way."""
    ready(hub, admin)
    publish(admin, "venue", "bar")
    first = head(hub)
    make_list(admin, "dusk")
    publish(admin, "venue", "bar")
    second = head(hub)
    assert first is not None
    assert second is not None

    for found in (first, second):
        answer = client.get(f"/api/v1/box/programs/{found.digest}", headers=box_headers(hub))
        assert (answer.status_code, len(answer.content)) == (200, found.size)


def test_a_box_fetches_no_other_program(hub: Hub, admin: TestClient, client: TestClient) -> None:
    """Even if it knows the digest."""
    ready(hub, admin)
    add_venue(hub, "hotel", group="hotels")
    add_box(hub, OTHER, "hotel")
    publish(admin, "venue", "bar")
    found = head(hub)
    assert found is not None

    url = f"/api/v1/box/programs/{found.digest}"

    assert client.get(url, headers=box_headers(hub, OTHER)).status_code == 404
    assert client.get(url).status_code == 401
    assert admin.get(url).status_code == 401


def test_a_medium_comes_by_a_signed_url(hub: Hub, client: TestClient, medium: str) -> None:
    """Without any token; with a strong ETag, so that a fetch can go on later."""
    told = ticket(hub, client, medium)

    answer = client.get(told.url)

    assert (answer.status_code, answer.content, told.size) == (200, sound(), len(sound()))
    assert answer.headers["etag"] == f'"{medium}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert told.expires_s == hub.settings.media_minutes * 60


@pytest.mark.parametrize(
    ("wanted", "part"),
    [("bytes=0-9", slice(0, 10)), ("bytes=100-", slice(100, None)), ("bytes=-10", slice(-10, None))],
)
def test_a_part_of_it_comes(hub: Hub, client: TestClient, medium: str, wanted: str, part: slice) -> None:
    """As a fetch that was cut off asks for it."""
    url, etag = ticket(hub, client, medium).url, f'"{medium}"'

    answer = client.get(url, headers={"Range": wanted, "If-Range": etag})

    start, end, _ = part.indices(len(sound()))
    assert (answer.status_code, answer.content) == (206, sound()[part])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(sound())}"


def test_another_medium_than_was_begun_comes_whole(hub: Hub, client: TestClient, medium: str) -> None:
    """If-Range names what is there already."""
    url = ticket(hub, client, medium).url

    answer = client.get(url, headers={"Range": "bytes=5-", "If-Range": '"other"'})

    assert (answer.status_code, answer.content) == (200, sound())


def test_what_lies_behind_the_end_is_told(hub: Hub, client: TestClient, medium: str) -> None:
    """With how long it is."""
    answer = client.get(ticket(hub, client, medium).url, headers={"Range": "bytes=999999-"})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(sound())}"
    assert answer.json()["code"] == "hub.bad-request"


def test_its_head_can_be_asked_for(hub: Hub, client: TestClient, medium: str) -> None:
    """Length and ETag without a byte of it."""
    answer = client.head(ticket(hub, client, medium).url)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(sound()))


def test_who_has_it_already_is_told_so(hub: Hub, client: TestClient, medium: str) -> None:
    """Nothing is sent twice."""
    url = ticket(hub, client, medium).url

    assert client.get(url, headers={"If-None-Match": f'"{medium}"'}).status_code == 304


def test_a_url_that_was_tampered_with_is_worth_nothing(hub: Hub, client: TestClient, medium: str) -> None:
    """Whatever of it is another: the box, the expiry, the key, the signature, the medium."""
    url = ticket(hub, client, medium).url
    end = int(url.split("expires=")[1].split("&")[0])
    key = url.split("key=")[1].split("&")[0]
    changed = [
        url.replace(BOX, OTHER),
        url.replace(str(end), str(end + 1)),
        url.replace(f"key={key}", "key=other"),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url.replace(medium, "0" * 64),
        url.split("signature=")[0] + "signature=",
    ]

    answers = [client.get(one) for one in changed]

    assert [one.status_code for one in answers] == [403] * len(changed)
    assert {one.json()["code"] for one in answers} == {"hub.forbidden"}


def test_a_url_expires(hub: Hub, client: TestClient, medium: str, clock: HeldClock) -> None:
    """And says so, so that the box asks for a new one."""
    told = ticket(hub, client, medium)
    clock.pass_s(told.expires_s)

    answer = client.get(told.url)

    assert answer.status_code == 403
    assert "expired" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/media/..%2f..%2fetc%2fpasswd", "/media/../hub.sqlite", "/media/" + "A" * 64]
)
def test_no_path_leads_out_of_the_store(hub: Hub, client: TestClient, path: str) -> None:
    """Only digests are asked for."""
    signed = signed_url(hub.keys, "0" * 64, BOX, hub.now(), Seconds(60.0)).partition("?")[2]

    assert client.get(f"{path}?{signed}").status_code == 404


def test_there_is_no_ticket_for_what_is_not_there(hub: Hub, client: TestClient, medium: str) -> None:
    """A box is told at once, and fetches the rest."""
    unknown = client.post(f"/api/v1/box/media/{'0' * 64}", headers=box_headers(hub))
    hub.media.delete(f"media/{medium}")
    lost = client.post(f"/api/v1/box/media/{medium}", headers=box_headers(hub))

    assert (unknown.status_code, lost.status_code) == (404, 404)


def test_a_box_that_was_unpaired_gets_no_ticket(hub: Hub, client: TestClient, medium: str) -> None:
    """Its token is void."""
    headers: Any = box_headers(hub)
    with hub.database.write() as connection:
        connection.execute(boxes.update().values(epoch=2))

    assert client.post(f"/api/v1/box/media/{medium}", headers=headers).status_code == 401
