"""Accounts of others: made, changed and taken away by admins of all groups."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.db.schema import groups
from easyplayer.hub.hub import Hub

USERS = "/api/v1/users"
PASSWORD = "correct horse battery"


@pytest.fixture(name="bars", autouse=True)
def _bars(hub: Hub) -> None:
    """Have a group of venues."""
    with hub.database.write() as connection:
        connection.execute(groups.insert().values(id="bars", name="Bars"))


def test_a_user_is_added_shown_and_listed(admin: TestClient, hub: Hub) -> None:
    """Without the password, which is only said to be there."""
    made = admin.post(USERS, json={"name": "anna", "password": PASSWORD, "grants": {"bars": "operator"}})
    anna = {
        "name": "anna",
        "created": hub.now(),
        "blocked": False,
        "has_password": True,
        "grants": {"bars": "operator"},
    }
    assert (made.status_code, made.json()) == (201, anna)
    assert admin.get(f"{USERS}/anna").json() == anna
    assert [one["name"] for one in admin.get(USERS).json()] == ["admin", "anna"]


@pytest.mark.parametrize(
    ("new", "status", "told"),
    [
        ({"name": "admin"}, 409, "already"),
        ({"name": "Anna"}, 400, "$.name"),
        ({"name": "anna\n"}, 400, "$.name"),
        ({"name": "../x"}, 400, "$.name"),
        ({"name": "anna", "password": "short"}, 400, "$.password"),
        ({"name": "anna", "password": "x" * 1001}, 400, "$.password"),
        ({"name": "anna", "grants": {"pubs": "viewer"}}, 400, "no group pubs"),
        ({"name": "anna", "grants": {"bars": "king"}}, 400, "'king'"),
        ({"name": "anna", "pasword": PASSWORD}, 400, "pasword"),
        ({}, 400, "name"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_added(
    admin: TestClient, new: dict[str, object], status: int, told: str
) -> None:
    """With what is wrong, and where."""
    answer = admin.post(USERS, json=new)
    assert answer.status_code == status
    assert told in answer.json()["detail"]
    assert len(admin.get(USERS).json()) == 1


def test_what_is_left_out_of_a_change_stays_as_it_is(admin: TestClient) -> None:
    """Each part by itself."""
    admin.post(USERS, json={"name": "anna", "password": PASSWORD, "grants": {"bars": "viewer"}})
    changed = admin.patch(f"{USERS}/anna", json={"grants": {"*": "programmer"}}).json()
    assert changed["grants"] == {"*": "programmer"}
    assert changed["has_password"]
    assert admin.patch(f"{USERS}/anna", json={"blocked": True}).json()["grants"] == {"*": "programmer"}
    assert admin.patch(f"{USERS}/anna", json={}).json()["blocked"]


def test_a_user_is_taken_away_with_their_tokens(
    admin: TestClient, as_user: Callable[..., TestClient]
) -> None:
    """And the name is free again."""
    anna = as_user("anna", bars="viewer")
    assert anna.get("/api/v1/me").status_code == 200
    assert admin.delete(f"{USERS}/anna").status_code == 204
    assert anna.get("/api/v1/me").status_code == 401
    assert admin.delete(f"{USERS}/anna").status_code == 404
    assert admin.post(USERS, json={"name": "anna"}).json()["grants"] == {}


@pytest.mark.parametrize(
    ("method", "change"),
    [("DELETE", None), ("PATCH", {"blocked": True}), ("PATCH", {"grants": {"*": "operator"}})],
)
def test_the_last_admin_stays(admin: TestClient, method: str, change: dict[str, object] | None) -> None:
    """Else nobody could give a role to anyone."""
    answer = admin.request(method, f"{USERS}/admin", json=change)
    assert answer.status_code == 409
    assert "nobody would be left" in answer.json()["detail"]
    assert admin.get("/api/v1/me").json()["grants"] == {"*": "admin"}


def test_a_blocked_admin_does_not_count(admin: TestClient) -> None:
    """They could not help."""
    admin.post(USERS, json={"name": "boss", "grants": {"*": "admin"}})
    admin.patch(f"{USERS}/boss", json={"blocked": True})
    assert admin.delete(f"{USERS}/admin").status_code == 409
    admin.patch(f"{USERS}/boss", json={"blocked": False})
    assert admin.delete(f"{USERS}/admin").status_code == 204


@pytest.mark.parametrize("grants", [{}, {"*": "operator"}, {"bars": "admin"}])
def test_only_admins_of_all_groups_may_do_any_of_that(
    as_user: Callable[..., TestClient], grants: dict[str, str]
) -> None:
    """Who is admin of one group could else make themselves admin of all."""
    anna = as_user("anna", **grants)
    asked = [
        anna.get(USERS),
        anna.get(f"{USERS}/admin"),
        anna.post(USERS, json={"name": "eve", "grants": {"*": "admin"}}),
        anna.patch(f"{USERS}/anna", json={"grants": {"*": "admin"}}),
        anna.delete(f"{USERS}/admin"),
    ]
    assert [answer.status_code for answer in asked] == [403] * 5
    assert anna.get("/api/v1/me").json()["grants"] == grants


def test_every_change_is_in_the_audit_log_and_no_password_is(admin: TestClient) -> None:
    """Who, what, and what is another now."""
    admin.post(USERS, json={"name": "anna", "password": PASSWORD, "grants": {"bars": "viewer"}})
    admin.patch(f"{USERS}/anna", json={"password": f"{PASSWORD} 2", "blocked": True})
    admin.delete(f"{USERS}/anna")
    rows = admin.get("/api/v1/audit", params={"subject": "user/anna"}).json()["items"]
    assert [(row["user"], row["action"], row["detail"]) for row in rows] == [
        ("admin", "user.remove", {}),
        ("admin", "user.change", {"password": True, "blocked": True}),
        ("admin", "user.add", {"grants": {"bars": "viewer"}}),
    ]
