"""API tokens: made by and for a user, told once, revoked at will."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.services.tokens import MOST_TOKENS
from tests.hub.conftest import HeldClock

TOKENS = "/api/v1/tokens"
DAY_S = 86_400


def asks(client: TestClient, token: str) -> int:
    """Ask with a token; give the status of the answer."""
    return client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_is_told_once_and_stands_for_its_user(admin: TestClient, client: TestClient) -> None:
    """The list shows what it is for, and not the token."""
    made = admin.post(TOKENS, json={"label": "backup"})
    assert made.status_code == 201
    assert asks(client, made.json()["token"]) == 200
    listed = admin.get(TOKENS)
    assert made.json()["token"] not in listed.text
    assert [one["label"] for one in listed.json()] == ["", "backup"]
    assert listed.json()[1]["id"] == made.json()["id"]


def test_a_token_ends_after_its_days(admin: TestClient, client: TestClient, clock: HeldClock) -> None:
    """A year, where nothing is said."""
    short = admin.post(TOKENS, json={"days": 1}).json()
    usual = admin.post(TOKENS, json={}).json()
    endless = admin.post(TOKENS, json={"days": None}).json()
    assert short["expires"] == clock.now + DAY_S
    clock.pass_s(DAY_S)
    assert asks(client, short["token"]) == 401
    assert asks(client, usual["token"]) == 200
    clock.pass_s(365 * DAY_S)
    assert asks(client, usual["token"]) == 401
    assert asks(client, endless["token"]) == 200


def test_a_revoked_token_is_worth_nothing(admin: TestClient, client: TestClient) -> None:
    """At once, and for ever."""
    made = admin.post(TOKENS, json={}).json()
    assert admin.delete(f"{TOKENS}/{made['id']}").status_code == 204
    assert asks(client, made["token"]) == 401
    assert admin.delete(f"{TOKENS}/{made['id']}").status_code == 404


def test_nobody_revokes_the_token_of_another(admin: TestClient, as_user: Callable[..., TestClient]) -> None:
    """Nor sees it."""
    made = admin.post(TOKENS, json={}).json()
    anna = as_user("anna", **{"*": "admin"})
    assert anna.delete(f"{TOKENS}/{made['id']}").status_code == 404
    assert len(anna.get(TOKENS).json()) == 1
    assert len(admin.get(TOKENS).json()) == 2


def test_nobody_has_more_tokens_than_they_can_overlook(admin: TestClient) -> None:
    """Those that have ended do not count."""
    answers = [admin.post(TOKENS, json={}).status_code for _ in range(MOST_TOKENS)]
    assert answers == [201] * (MOST_TOKENS - 1) + [429]


@pytest.mark.parametrize("new", [{"days": 0}, {"days": 10_000}, {"label": "x" * 201}, {"dais": 1}])
def test_what_makes_no_sense_is_refused(admin: TestClient, new: dict[str, object]) -> None:
    """And no token is made."""
    assert admin.post(TOKENS, json=new).status_code == 400
    assert len(admin.get(TOKENS).json()) == 1
