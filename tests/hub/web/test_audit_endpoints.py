"""The audit log, as admins read it."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.db.schema import groups
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.audit import LONGEST_DETAIL, note
from tests.hub.conftest import HeldClock

AUDIT = "/api/v1/audit"


@pytest.fixture(name="history", autouse=True)
def _history(hub: Hub, clock: HeldClock) -> None:
    """Have seven things done: by two users, in two groups, ten seconds apart."""
    for number in range(7):
        caller = Caller(user=("anna", "bob")[number % 2], address="192.0.2.7")
        group = ("bars", "shops")[number % 2]
        with hub.database.write() as connection:
            note(connection, caller, clock(), "venue.change", f"venue/v{number}", group, number=number)
        clock.pass_s(10)


def told(client: TestClient, **query: Any) -> list[int]:
    """Give the numbers that a query finds."""
    items = client.get(AUDIT, params=query).json()["items"]
    return [item["detail"]["number"] for item in items if item["action"] == "venue.change"]


def test_the_newest_comes_first_with_all_there_is_to_know(admin: TestClient) -> None:
    """Who, when, from where, what, and to what."""
    newest = admin.get(AUDIT).json()["items"][0]
    del newest["number"]
    assert newest == {
        "at": 1_800_000_060.0,
        "user": "anna",
        "address": "192.0.2.7",
        "action": "venue.change",
        "subject": "venue/v6",
        "group": "bars",
        "detail": {"number": 6},
    }


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"user": "bob"}, [5, 3, 1]),
        ({"subject": "venue/v3"}, [3]),
        ({"subject": "venue/"}, [6, 5, 4, 3, 2, 1, 0]),
        ({"subject": "venue/%"}, []),
        ({"subject": "ven"}, []),
        ({"since": 1_800_000_045}, [6, 5]),
        ({"user": "anna", "since": 1_800_000_020}, [6, 4, 2]),
    ],
)
def test_it_is_searched(admin: TestClient, query: dict[str, Any], numbers: list[int]) -> None:
    """By who, what and when."""
    assert told(admin, **query) == numbers


def test_it_is_read_part_by_part(admin: TestClient) -> None:
    """Without a gap, and with nothing twice, also while more is being done."""
    found: list[int] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = admin.get(AUDIT, params=query).json()
        found += [item["detail"]["number"] for item in page["items"]]
        if not page["next"]:
            break
        query["after"] = page["next"]
    assert found == [6, 5, 4, 3, 2, 1, 0]


def test_admins_of_a_group_see_what_concerns_it(as_user: Callable[..., TestClient], hub: Hub) -> None:
    """And nothing else."""
    with hub.database.write() as connection:
        connection.execute(groups.insert(), [{"id": one, "name": one} for one in ("bars", "shops")])
    assert told(as_user("carla", bars="admin", shops="operator")) == [6, 4, 2, 0]


@pytest.mark.parametrize("grants", [{}, {"*": "operator"}])
def test_others_see_nothing(as_user: Callable[..., TestClient], grants: dict[str, str]) -> None:
    """It tells what everyone does."""
    assert as_user("dora", **grants).get(AUDIT).status_code == 403


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "after=x", "after=-1", "since=x", "after=\u0663"])
def test_what_makes_no_sense_is_refused(admin: TestClient, query: str) -> None:
    """With its place."""
    answer = admin.get(f"{AUDIT}?{query}")
    assert answer.status_code == 400
    assert "query" in answer.json()["detail"]


def test_nobody_fills_the_log_with_one_entry(hub: Hub, admin: TestClient) -> None:
    """A long text is cut."""
    with hub.database.write() as connection:
        note(connection, Caller(user="anna"), hub.now(), "x", "y", text="z" * 10 * LONGEST_DETAIL)
    newest = admin.get(AUDIT, params={"subject": "y"}).json()["items"][0]
    assert len(newest["detail"]["text"]) == LONGEST_DETAIL
