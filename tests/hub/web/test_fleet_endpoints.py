"""Boxes as operators see them."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.hub.boxes import API, ABox, paired, place
from tests.hub.conftest import HeldClock


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
    nobody = {"online": 0, "late": 0, "silent": 0, "never": 0, "blocked": 0}
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
