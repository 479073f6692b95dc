"""Who asks is found out by a token; other sites cannot lend a user's browser."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from easyplayer.hub.db.schema import tokens
from easyplayer.hub.hub import Hub
from easyplayer.hub.proofs import COOKIE
from tests.hub.conftest import PUBLIC_URL, HeldClock

ME = "/api/v1/me"
TOKENS = "/api/v1/tokens"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"Authorization": "Bearer " + "x" * 5000},
        {"Cookie": f"{COOKIE}=nonsense"},
        {"Cookie": "nonsense"},
    ],
)
def test_who_has_no_token_that_holds_is_nobody(client: TestClient, headers: dict[str, str]) -> None:
    """And is told how to say who they are."""
    answer = client.get(ME, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer" in answer.json()["detail"]


def test_the_use_of_a_token_is_written_down_once_a_minute(
    admin: TestClient, hub: Hub, clock: HeldClock
) -> None:
    """So that nobody keeps tokens that nobody uses; and reading does not turn into writing."""

    def used() -> float | None:
        with hub.database.read() as connection:
            return connection.execute(select(tokens.c.used)).scalar_one()

    begun = clock.now
    assert used() is None
    admin.get(ME)
    assert used() == begun
    clock.pass_s(59)
    admin.get(ME)
    assert used() == begun
    clock.pass_s(1)
    admin.get(ME)
    assert used() == begun + 60


class TestForeignSites:
    """A browser sends the cookie along, whichever page has it ask."""

    @pytest.fixture(name="browser")
    def _browser(self, client: TestClient, token_for: Callable[..., str]) -> TestClient:
        """Give a browser in which the admin has logged in."""
        client.cookies.set(COOKIE, token_for("admin", {}))
        return client

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": PUBLIC_URL},
            {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        ],
    )
    def test_the_hubs_own_pages_may_change_something(
        self, browser: TestClient, headers: dict[str, str]
    ) -> None:
        """As every browser of today says."""
        assert browser.post(TOKENS, json={}, headers=headers).status_code == 201

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": f"{PUBLIC_URL}.evil.example"},
            {"Origin": "https://hub.test"},
            {"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL},
        ],
    )
    def test_no_other_page_may(self, browser: TestClient, headers: dict[str, str]) -> None:
        """Nor one that does not say whose it is."""
        answer = browser.post(TOKENS, json={}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "hub.forbidden")
        assert len(browser.get(TOKENS).json()) == 1  # the one that it has

    def test_reading_changes_nothing_and_is_free(self, browser: TestClient) -> None:
        """What is read, another site's page is not shown."""
        assert browser.get(ME, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200

    def test_a_token_in_a_header_is_no_browsers(self, admin: TestClient) -> None:
        """No page can send one that it does not know."""
        headers = {"Origin": "https://evil.example"}
        assert admin.post(TOKENS, json={}, headers=headers).status_code == 201

    def test_no_other_page_logs_a_user_in(self, client: TestClient) -> None:
        """Under an account of its own choice."""
        answer = client.post(
            "/api/v1/login",
            json={"name": "anna", "password": "x"},
            headers={"Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 403


class TestBoxes:
    """A box's token is none of a user's, and the other way round."""

    def test_a_users_token_is_none_of_a_box(self, admin: TestClient) -> None:
        """Each endpoint says whom it needs."""
        assert admin.post("/api/v1/as-run", json={}).status_code == 401

    def test_a_boxs_token_is_none_of_a_user(self, client: TestClient, hub: Hub) -> None:
        """Whatever it holds."""
        from easyplayer.hub.services import box_tokens

        token = box_tokens.make(hub.keys, "0" * 16, 1, hub.now() + 100)
        assert client.get(ME, headers={"Authorization": f"Bearer {token}"}).status_code == 401
