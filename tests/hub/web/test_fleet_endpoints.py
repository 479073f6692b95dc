"""Boxes as operators see them."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from easyplayer.protocol.commands import MOST_ATTACHED_BYTES, Outcome
from easyplayer.protocol.heartbeat import Screen, ScreenOutput, Status
from tests.hub.boxes import API, ABox, done, paired, place
from tests.hub.conftest import HeldClock

pytestmark = pytest.mark.slow


def listed(client: TestClient, **query: Any) -> list[str]:
    """List the ids of boxes."""
    return [box["id"] for box in client.get(f"{API}/boxes", params=query).json()["items"]]


def test_a_box_is_online_late_then_silent(client: TestClient, admin: TestClient, clock: HeldClock) -> None:
    """And one that was never heard of says so."""
    box, never = paired(client, admin), paired(client, admin, number=2)
    box.reply()
    states = []
    for seconds in (75, 1, 524, 1):
        clock.pass_s(seconds)
        states.append(admin.get(f"{API}/boxes/{box.id}").json()["state"])
        assert listed(admin, state=states[-1]) == [box.id]
    assert states == ["online", "late", "late", "silent"]
    assert listed(admin, state="never") == [never.id]
    assert admin.get(f"{API}/boxes", params={"state": "odd"}).status_code == 400


def test_boxes_are_counted(client: TestClient, admin: TestClient, as_user: Callable[..., TestClient]) -> None:
    """By state, and those that may not play; each user's own."""
    place(admin, "hotel", "hotels")
    box = paired(client, admin)
    paired(client, admin, number=2)
    box.reply()
    admin.patch(f"{API}/boxes/{box.id}", json={"blocked": "not paid"})
    nobody = {"online": 0, "late": 0, "silent": 0, "never": 0, "blocked": 0, "screen_down": 0}
    here = {**nobody, "online": 1, "never": 1, "blocked": 1}
    assert admin.get(f"{API}/fleet").json() == here
    assert admin.get(f"{API}/fleet", params={"group": "bars", "venue": "bar"}).json() == here
    assert admin.get(f"{API}/fleet", params={"venue": "hotel"}).json() == nobody
    assert as_user("hugo", hotels="admin").get(f"{API}/fleet").json() == nobody


@pytest.mark.parametrize(
    ("query", "found"),
    [({"venue": "bar"}, True), ({"venue": "hotel"}, False), ({"group": "bars"}, True),
     ({"group": "x"}, False), ({"text": "BAR B"}, True), ({"text": "%"}, False),
     ({"text": "nothing"}, False)],
)  # fmt: skip
def test_boxes_are_found(client: TestClient, admin: TestClient, query: dict[str, str], found: bool) -> None:
    """By where they are, and by what they are called."""
    box = paired(client, admin)
    assert listed(admin, **query) == ([box.id] if found else [])


def test_all_of_a_box_is_shown(client: TestClient, admin: TestClient) -> None:
    """What it said last, and which runs of it were heard."""
    box = paired(client, admin)
    before = admin.get(f"{API}/boxes/{box.id}").json()
    box.reply()
    shown = admin.get(f"{API}/boxes/{box.id}").json()
    assert (before["now"], before["status"], before["runs"]) == (None, None, [])
    assert shown["status"]["version"] == "1.0"
    assert shown["now"]["uptime_s"] == 10.0
    assert [run["run"] for run in shown["runs"]] == [box.run]


def test_who_may_not_see_a_venue_sees_none_of_its_boxes(
    client: TestClient, admin: TestClient, as_user: Callable[..., TestClient]
) -> None:
    """Nor changes, tells or unpairs any."""
    place(admin, "hotel", "hotels")
    box = paired(client, admin)
    hugo, vera = as_user("hugo", hotels="admin"), as_user("vera", bars="viewer")
    assert listed(hugo) == []
    for asked in (hugo.get, hugo.delete):
        assert asked(f"{API}/boxes/{box.id}").status_code == 404
    assert hugo.patch(f"{API}/boxes/{box.id}", json={"name": "mine"}).status_code == 404
    assert vera.patch(f"{API}/boxes/{box.id}", json={"name": "mine"}).status_code == 403
    assert vera.delete(f"{API}/boxes/{box.id}").status_code == 403
    olga = as_user("olga", bars="operator")
    assert olga.patch(f"{API}/boxes/{box.id}", json={"venue": "hotel"}).status_code == 404
    assert vera.get(f"{API}/pairings").status_code == 403


def test_every_change_is_in_the_audit_log(client: TestClient, admin: TestClient) -> None:
    """With what was changed, and by whom."""
    box: ABox = paired(client, admin)
    admin.patch(f"{API}/boxes/{box.id}", json={"name": "Counter"})
    admin.delete(f"{API}/boxes/{box.id}")
    rows = admin.get(f"{API}/audit", params={"subject": f"box/{box.id}"}).json()["items"]
    assert [row["action"] for row in rows] == ["box.unpair", "box.change", "box.claim"]
    assert rows[1]["detail"] == {"name": "Counter"}
    assert {row["user"] for row in rows} == {"admin"}


UP = Screen(outputs=(ScreenOutput(name="tv", up=True),))
DOWN = Screen(outputs=(ScreenOutput(name="tv", trouble="it is unplugged"),))
ASLEEP = Screen(outputs=(ScreenOutput(name="tv"),), on=False, reason="closed")


def test_boxes_are_chosen_by_their_screens(client: TestClient, admin: TestClient) -> None:
    """One that should be on and is down stands out; one that sleeps on purpose does not."""
    boxes = [paired(client, admin, number=number) for number in range(1, 6)]
    for box, screen in zip(boxes, (UP, DOWN, ASLEEP, Screen(), Screen(wanted=True)), strict=True):
        box.reply(status=Status(version="1.0", screen=screen))
    ids = [box.id for box in boxes]

    assert listed(admin, screen="up") == [ids[0]]
    assert listed(admin, screen="down") == sorted([ids[1], ids[4]])
    assert listed(admin, screen="off") == [ids[2]]
    assert listed(admin, screen="none") == [ids[3]]
    assert admin.get(f"{API}/fleet").json()["screen_down"] == 2
    assert admin.get(f"{API}/boxes", params={"screen": "odd"}).status_code == 400


def test_a_screen_stays_as_it_was_told_until_it_is_told_anew(client: TestClient, admin: TestClient) -> None:
    """Most heartbeats bring no status."""
    box = paired(client, admin)
    assert admin.get(f"{API}/boxes/{box.id}").json()["screen"] == ""
    box.reply(status=Status(version="1.0", screen=DOWN))
    box.reply(status=None)
    assert listed(admin, screen="down") == [box.id]
    box.reply(status=Status(version="1.0", screen=UP), digest="d2")
    assert listed(admin, screen="down") == []


class TestScreenshots:
    """What a screen shows, as a picture."""

    def send(self, admin: TestClient, box: ABox, content: bytes, media_type: str = "image/jpeg") -> str:
        """Have a box take one, and send it; give the id of the command."""
        given = admin.post(f"{API}/boxes/{box.id}/commands", json={"name": "screenshot"}).json()["id"]
        headers = {"Authorization": f"Bearer {box.token}", "Content-Type": media_type}
        path = f"{API}/box/commands/{given}/attachment"
        assert box.client.put(path, content=content, headers=headers).is_success
        box.reply(results=(done(given, attached=len(content), text="the screen shows Menu"),))
        return str(given)

    def test_the_last_one_is_on_the_page_of_its_box(self, client: TestClient, admin: TestClient) -> None:
        """And is shown as the picture that it is."""
        box = paired(client, admin)
        assert admin.get(f"{API}/boxes/{box.id}").json()["screenshot"] is None
        self.send(admin, box, b"an old picture")
        command = self.send(admin, box, b"a picture")
        about = admin.get(f"{API}/boxes/{box.id}").json()["screenshot"]
        got = admin.get(f"{API}/boxes/{box.id}/screenshot")

        assert about["command"] == command
        assert (got.content, got.headers["Content-Type"]) == (b"a picture", "image/jpeg")
        assert got.headers["Content-Disposition"] == f'inline; filename="screenshot-{command}.jpg"'

    def test_a_box_that_has_sent_none_says_so(self, client: TestClient, admin: TestClient) -> None:
        """Also where it has tried to."""
        box = paired(client, admin)
        given = admin.post(f"{API}/boxes/{box.id}/commands", json={"name": "screenshot"}).json()["id"]
        box.reply(results=(done(given, outcome=Outcome.UNAVAILABLE, text="it has no screen"),))
        response = admin.get(f"{API}/boxes/{box.id}/screenshot")

        assert response.status_code == 404
        assert "screenshot" in response.json()["detail"]

    def test_what_is_no_picture_is_not_shown_as_one(self, client: TestClient, admin: TestClient) -> None:
        """A page that a box has made up would run in the operator's browser."""
        box = paired(client, admin)
        self.send(admin, box, b"<script>", "text/html")

        assert admin.get(f"{API}/boxes/{box.id}/screenshot").status_code == 404

    def test_it_is_no_larger_than_anything_a_box_may_send(
        self, client: TestClient, admin: TestClient
    ) -> None:
        """The hub's disk is not endless."""
        box = paired(client, admin)
        given = admin.post(f"{API}/boxes/{box.id}/commands", json={"name": "screenshot"}).json()["id"]
        headers = {"Authorization": f"Bearer {box.token}", "Content-Type": "image/jpeg"}
        path = f"{API}/box/commands/{given}/attachment"

        large = bytes(MOST_ATTACHED_BYTES + 1)
        answer = box.client.put(path, content=large, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["detail"].endswith("at the most: send less")

    def test_who_may_not_see_the_box_sees_no_picture(
        self, client: TestClient, admin: TestClient, as_user: Callable[..., TestClient]
    ) -> None:
        """It is not there for them."""
        place(admin, "hotel", "hotels")
        box = paired(client, admin)
        self.send(admin, box, b"a picture")

        assert as_user("hugo", hotels="admin").get(f"{API}/boxes/{box.id}/screenshot").status_code == 404
