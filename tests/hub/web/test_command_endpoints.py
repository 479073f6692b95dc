"""Commands are given by who may, and only where they make sense."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.services import command_desk
from tests.hub.boxes import API, paired, place

pytestmark = pytest.mark.slow


def give(client: TestClient, to: str, name: str = "skip", **more: Any) -> Any:
    """Give a command."""
    return client.post(f"{API}/{to}/commands", json={"name": name, **more})


@pytest.mark.parametrize(
    ("name", "args", "said"),
    [("dance", {}, "there are: announce"), ("unknown", {}, "there is no command"),
     ("set_volume", {}, "volume"), ("set_volume", {"volume": 101}, "$.volume"), ("skip", {"now": 1}, "now")],
)  # fmt: skip
def test_a_command_that_makes_no_sense_is_refused_at_once(
    client: TestClient, admin: TestClient, name: str, args: dict[str, Any], said: str
) -> None:
    """Not first at the box, an hour later."""
    box = paired(client, admin)
    response = give(admin, f"boxes/{box.id}", name, args=args)
    assert response.status_code == 400
    assert said in response.json()["detail"]
    assert admin.get(f"{API}/boxes/{box.id}/commands").json()["items"] == []


def test_a_venue_or_a_group_gets_one_for_each_box(client: TestClient, admin: TestClient) -> None:
    """And no other box does."""
    place(admin, "hotel", "hotels")
    boxes = [paired(client, admin, number=number) for number in (1, 2, 3)]
    admin.patch(f"{API}/boxes/{boxes[2].id}", json={"venue": "hotel"})
    for to in ("venues/bar", "groups/bars"):
        assert {one["box"] for one in give(admin, to).json()} == {boxes[0].id, boxes[1].id}
    assert len(boxes[0].reply().commands) == 2
    assert boxes[2].reply().commands == ()


def test_who_may_give_what(client: TestClient, admin: TestClient, as_user: Callable[..., TestClient]) -> None:
    """Forgetting the hub takes an admin; all else an operator."""
    place(admin, "hotel", "hotels")
    box = paired(client, admin)
    vera, olga = as_user("vera", bars="viewer"), as_user("olga", bars="operator")
    hugo, anton = as_user("hugo", hotels="admin"), as_user("anton", bars="admin")
    for to in (f"boxes/{box.id}", "venues/bar", "groups/bars"):
        assert [give(one, to).status_code for one in (hugo, vera, olga)] == [404, 403, 201]
        assert [give(one, to, "forget").status_code for one in (olga, anton)] == [403, 201]
    given = give(olga, f"boxes/{box.id}").json()["id"]
    assert vera.get(f"{API}/commands/{given}").status_code == 200
    assert hugo.get(f"{API}/commands/{given}").status_code == 404
    assert hugo.get(f"{API}/boxes/{box.id}/commands").status_code == 404


def test_why_is_kept_in_the_audit_log(client: TestClient, admin: TestClient) -> None:
    """With what was wanted of how many boxes."""
    box = paired(client, admin)
    give(admin, f"boxes/{box.id}", "reboot", why="it hums")
    (row,) = admin.get(f"{API}/audit", params={"subject": f"box/{box.id}"}).json()["items"][:1]
    assert row["action"] == "command.give"
    assert row["detail"] == {"name": "reboot", "args": {}, "why": "it hums", "boxes": 1}


def test_commands_are_listed_the_newest_first(client: TestClient, admin: TestClient) -> None:
    """In parts."""
    box = paired(client, admin)
    given = [give(admin, f"boxes/{box.id}").json()["id"] for _ in range(5)]
    found, after = [], ""
    while True:
        query = {"limit": 2, "after": after}
        answer = admin.get(f"{API}/boxes/{box.id}/commands", params=query).json()
        found += [one["id"] for one in answer["items"]]
        if not (after := answer["next"]):
            break
    assert found == given[::-1]


def test_too_many_are_not_taken(
    client: TestClient, admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A box that is away does not collect them for ever."""
    monkeypatch.setattr(command_desk, "MOST_OPEN", 2)
    box = paired(client, admin)
    assert [give(admin, f"boxes/{box.id}").status_code for _ in range(3)] == [201, 201, 409]


def test_numbers_go_on_when_a_box_is_paired_again(client: TestClient, admin: TestClient, clock: Any) -> None:
    """Else it would take new commands for ones that it has seen."""
    first = give(admin, f"boxes/{paired(client, admin).id}").json()["number"]
    admin.delete(f"{API}/boxes/{paired_id(admin)}")
    clock.pass_s(60)
    assert give(admin, f"boxes/{paired(client, admin).id}").json()["number"] > first


def paired_id(admin: TestClient) -> str:
    """Name the only box."""
    (box,) = admin.get(f"{API}/boxes").json()["items"]
    return str(box["id"])
