"""Logging in and out, and what users can do about themselves."""

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from starlette.testclient import TestClient

from easyplayer.hub.app import build_application
from easyplayer.hub.db.schema import attempts, audit, tokens, users
from easyplayer.hub.hub import Hub
from easyplayer.hub.proofs import COOKIE
from easyplayer.hub.services import accounts
from tests.hub.conftest import HeldClock, HubFactory

PASSWORD = "correct horse battery"
WRONG = "wrong horse battery"
LOGIN = "/api/v1/login"


@pytest.fixture(name="browser", autouse=True)
def _browser(client: TestClient) -> None:
    """Ask as a page of the hub's own does."""
    client.headers["Sec-Fetch-Site"] = "same-origin"


@pytest.fixture(name="anna", autouse=True)
def _anna(hub: Hub) -> None:
    """Have a user with a password."""
    with hub.database.write() as connection:
        kept = hub.passwords.hash(PASSWORD)
        accounts.add(connection, "anna", kept, {"*": "admin"}, hub.now())


def log_in(client: TestClient, password: str = PASSWORD, name: str = "anna"):
    """Log in."""
    return client.post(LOGIN, json={"name": name, "password": password})


def test_who_asks_is_told_who_they_are(admin: TestClient) -> None:
    """A token stands for its user."""
    assert admin.get("/api/v1/me").json() == {"name": "admin", "grants": {"*": "admin"}}


def test_a_session_goes_on_by_its_cookie_or_its_token(client: TestClient, hub: Hub) -> None:
    """A browser keeps the one, a program the other."""
    answer = log_in(client)
    assert answer.status_code == 200
    assert client.get("/api/v1/me").json()["name"] == "anna"
    client.cookies.clear()
    bearer = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert client.get("/api/v1/me", headers=bearer).json()["name"] == "anna"
    assert answer.json()["expires"] == hub.now() + 12 * 3600


def test_no_script_and_no_other_site_gets_at_the_cookie(client: TestClient) -> None:
    """It is for this site's requests only."""
    cookie = log_in(client).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


@pytest.mark.parametrize(("public_url", "secure"), [("https://hub.test", True), ("http://hub.test", False)])
def test_the_cookie_goes_over_tls_only_where_the_hub_has_it(
    hub_factory: HubFactory, public_url: str, secure: bool
) -> None:
    """As the address says by which others reach the hub, also behind a proxy that ends TLS."""
    hub = hub_factory(public_url=public_url)
    client = TestClient(build_application(hub), base_url="http://10.0.0.7")
    assert ("secure" in log_in(client).headers["set-cookie"].lower()) is secure


def test_a_session_ends(client: TestClient, clock: HeldClock) -> None:
    """By itself, after half a day."""
    log_in(client)
    clock.pass_s(12 * 3600 - 1)
    assert client.get("/api/v1/me").status_code == 200
    clock.pass_s(1)
    assert client.get("/api/v1/me").status_code == 401


def test_who_logs_out_is_out(client: TestClient) -> None:
    """The token is worth nothing any more, wherever else it is kept."""
    token = log_in(client).json()["token"]
    assert client.post("/api/v1/logout").status_code == 204
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_neither_passwords_nor_tokens_are_kept(client: TestClient, hub: Hub) -> None:
    """Who reads the database, or the audit log, can log in nowhere."""
    token = log_in(client).json()["token"]
    with hub.database.read() as connection:
        rows = [
            str(row)
            for table in (users, tokens, audit, attempts)
            for row in connection.execute(select(table))
        ]
    assert rows
    assert not any(token in row or PASSWORD in row for row in rows)


@pytest.mark.parametrize(("name", "password"), [("anna", WRONG), ("nobody", PASSWORD)])
def test_nobody_is_told_whether_the_name_or_the_password_was_wrong(
    client: TestClient, name: str, password: str
) -> None:
    """Both are answered with the same words."""
    answer = log_in(client, password, name)
    assert answer.status_code == 401
    assert answer.json() == {"code": "hub.unauthenticated", "detail": "the name or the password is wrong"}
    assert COOKIE not in answer.cookies


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(
    client: TestClient, clock: HeldClock
) -> None:
    """For the rest of ten minutes; how long is told."""
    for _ in range(5):
        assert log_in(client, WRONG).status_code == 401
    clock.pass_s(60)
    answer = log_in(client)
    assert (answer.status_code, answer.json()["code"]) == (429, "hub.too-many")
    assert answer.headers["retry-after"] == "540"
    assert "9 minutes" in answer.json()["detail"]
    clock.pass_s(540)
    assert log_in(client).status_code == 200


def test_who_tries_many_names_has_to_wait_as_well(client: TestClient) -> None:
    """The address is counted, too."""
    for number in range(5):
        assert log_in(client, WRONG, f"user{number}").status_code == 401
    assert log_in(client, WRONG, "user6").status_code == 429


def test_a_right_password_makes_up_for_the_wrong_ones(client: TestClient, clock: HeldClock) -> None:
    """Who mistypes now and then is never locked out; only the address remembers for ten minutes."""
    for _ in range(3):
        for _ in range(4):
            assert log_in(client, WRONG).status_code == 401
        assert log_in(client).status_code == 200
        clock.pass_s(600)


def test_who_has_no_password_cannot_log_in(client: TestClient, admin: TestClient) -> None:
    """The first admin has only a token."""
    admin.get("/api/v1/me")
    assert log_in(client, "", "admin").status_code == 401


def test_a_password_that_was_hashed_in_an_old_way_is_hashed_anew(client: TestClient, hub: Hub) -> None:
    """Nobody has to do anything for that."""
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with hub.database.write() as connection:
        accounts.keep_anew(connection, "anna", old)
    log_in(client)
    with hub.database.read() as connection:
        kept = accounts.password_of(connection, "anna")
    assert kept != old
    assert hub.passwords.fits(kept, PASSWORD)
    assert client.get("/api/v1/me").status_code == 200


class TestChangingOnesPassword:
    """With the current one, and the new one long enough."""

    PLACE = "/api/v1/me/password"

    def test_the_new_one_counts_and_other_sessions_end(self, client: TestClient) -> None:
        """Whoever has the old password is out; who has changed it stays in."""
        elsewhere = {"Authorization": f"Bearer {log_in(client).json()['token']}"}
        log_in(client)
        answer = client.put(self.PLACE, json={"current": PASSWORD, "new": "another horse battery"})
        assert answer.status_code == 204
        assert client.get("/api/v1/me").status_code == 200
        assert client.get("/api/v1/me", headers=elsewhere).status_code == 401
        client.cookies.clear()
        assert log_in(client).status_code == 401
        assert log_in(client, "another horse battery").status_code == 200

    def test_the_current_one_must_be_known(self, client: TestClient) -> None:
        """A browser that is left open gives nobody the account for good."""
        log_in(client)
        answer = client.put(self.PLACE, json={"current": WRONG, "new": "another horse battery"})
        assert answer.status_code == 401

    def test_a_short_one_is_refused(self, client: TestClient) -> None:
        """With the length that is wanted."""
        log_in(client)
        answer = client.put(self.PLACE, json={"current": PASSWORD, "new": "elevenchars"})
        assert answer.status_code == 400
        assert "12" in answer.json()["detail"]


def test_a_blocked_user_is_out_at_once(
    client: TestClient, as_user: Callable[..., TestClient], hub: Hub
) -> None:
    """By session, by token, and by password."""
    log_in(client)
    bob = as_user("bob")
    as_user("root", **{"*": "admin"})
    assert bob.get("/api/v1/me").status_code == 200
    with hub.database.write() as connection:
        accounts.set_blocked(connection, "anna", blocked=True)
        accounts.set_blocked(connection, "bob", blocked=True)
    assert client.get("/api/v1/me").status_code == 401
    assert bob.get("/api/v1/me").status_code == 401
    assert log_in(client).status_code == 401
