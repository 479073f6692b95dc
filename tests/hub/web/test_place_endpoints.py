"""Groups, venues and zones: who may see and change what."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.hub.boxes import API, paired, place


@pytest.fixture(name="bar", autouse=True)
def _bar(admin: TestClient) -> None:
    place(admin)
    place(admin, "hotel", "hotels")


def names(client: TestClient, path: str = "venues", **query: Any) -> list[str]:
    """List ids."""
    listed = client.get(f"{API}/{path}", params=query).json()
    return [one["id"] for one in (listed if isinstance(listed, list) else listed["items"])]


def actions(admin: TestClient) -> list[str]:
    """List what the audit log says was done."""
    return [row["action"] for row in admin.get(f"{API}/audit").json()["items"]]


def test_a_venue_begins_with_one_zone(admin: TestClient) -> None:
    """Most have no other."""
    shown = admin.get(f"{API}/venues/bar").json()
    assert shown["zones"] == [{"id": "main", "name": "main"}]
    assert (shown["groups"], shown["time_zone"], shown["blocked"]) == (["bars"], "Europe/Paris", "")
    assert "venue.add" in actions(admin)


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"id": "Bar"}, 400), ({"id": "bar"}, 409), ({"time_zone": "Mars/Base"}, 400),
     ({"groups": ["none"]}, 404), ({"time_zone": "../../etc/passwd"}, 400), ({"colour": "red"}, 400)],
)  # fmt: skip
def test_a_venue_that_makes_no_sense_is_refused(
    admin: TestClient, changes: dict[str, Any], status: int
) -> None:
    """In words, and nothing of it stays."""
    body = {"id": "new", "time_zone": "Europe/Paris", "groups": ["bars"], **changes}
    assert admin.post(f"{API}/venues", json=body).status_code == status
    assert names(admin) == ["bar", "hotel"]


def test_each_sees_the_venues_of_their_groups(as_user: Callable[..., TestClient], admin: TestClient) -> None:
    """All others are not there."""
    vera = as_user("vera", bars="viewer")
    assert (names(vera), names(vera, "groups")) == (["bar"], ["bars"])
    assert names(admin, group="hotels") == ["hotel"]
    assert vera.get(f"{API}/venues/hotel").status_code == 404
    assert vera.patch(f"{API}/venues/hotel", json={"name": "Mine"}).status_code == 404
    assert vera.patch(f"{API}/venues/bar", json={"name": "Mine"}).status_code == 403


def test_lists_come_in_parts(admin: TestClient) -> None:
    """The next one begins where the last one has ended."""
    first = admin.get(f"{API}/venues", params={"limit": 1}).json()
    second = admin.get(f"{API}/venues", params={"limit": 1, "after": first["next"]}).json()
    assert [first["items"][0]["id"], second["items"][0]["id"], second["next"]] == ["bar", "hotel", ""]


def test_an_operator_gives_no_venue_away(as_user: Callable[..., TestClient], admin: TestClient) -> None:
    """Only into groups of their own, and never out of all."""
    olga = as_user("olga", bars="operator")
    new = {"id": "pub", "time_zone": "Europe/Dublin"}
    assert olga.post(f"{API}/venues", json={**new, "groups": ["bars"]}).status_code == 201
    assert olga.post(f"{API}/venues", json={**new, "id": "inn", "groups": ["hotels"]}).status_code == 403
    assert olga.post(f"{API}/venues", json={**new, "id": "inn"}).status_code == 403
    for wanted in (["bars", "hotels"], []):
        assert olga.patch(f"{API}/venues/pub", json={"groups": wanted}).status_code == 403
    assert admin.patch(f"{API}/venues/pub", json={"groups": ["hotels"]}).json()["groups"] == ["hotels"]


def test_what_is_in_use_is_not_deleted(client: TestClient, admin: TestClient) -> None:
    """Neither group, venue nor zone."""
    box = paired(client, admin)
    for path in ("groups/bars", "venues/bar", "venues/bar/zones/main"):
        assert admin.delete(f"{API}/{path}").status_code == 409
    admin.delete(f"{API}/boxes/{box.id}")
    assert admin.delete(f"{API}/venues/bar/zones/main").status_code == 409
    assert admin.delete(f"{API}/venues/bar").status_code == 204
    assert admin.delete(f"{API}/groups/bars").status_code == 204
    assert (names(admin), names(admin, "groups")) == (["hotel"], ["hotels"])


def test_zones_come_and_go(client: TestClient, admin: TestClient) -> None:
    """A box can be in one of them."""
    new = {"id": "terrace", "name": "Terrace"}
    assert [admin.post(f"{API}/venues/bar/zones", json=new).status_code for _ in range(2)] == [201, 409]
    box = paired(client, admin)
    assert admin.patch(f"{API}/boxes/{box.id}", json={"zone": "terrace"}).json()["zone"] == "terrace"
    assert admin.patch(f"{API}/boxes/{box.id}", json={"zone": "cellar"}).status_code == 404
    assert admin.delete(f"{API}/venues/bar/zones/main").status_code == 204
    assert admin.delete(f"{API}/venues/bar/zones/main").status_code == 404


def test_a_group_is_an_admins_to_make(as_user: Callable[..., TestClient], admin: TestClient) -> None:
    """And has a name that can be changed."""
    olga = as_user("olga", bars="operator")
    assert olga.post(f"{API}/groups", json={"id": "mine"}).status_code == 403
    assert olga.patch(f"{API}/groups/bars", json={"name": "Mine"}).status_code == 403
    assert admin.patch(f"{API}/groups/bars", json={"name": "Bars of Paris"}).status_code == 200
    shown = {one["id"]: (one["name"], one["venues"]) for one in admin.get(f"{API}/groups").json()}
    assert shown == {"bars": ("Bars of Paris", 1), "hotels": ("hotels", 1)}
