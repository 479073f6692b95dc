"""Who may open a live channel: boxes and users by their tokens, or by the cookie of the hub's own page."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from easyplayer.engineio.core.http import Request
from easyplayer.errors import (
    DatabaseError,
    ForbiddenError,
    HubError,
    TooManyError,
    UnauthenticatedError,
)
from easyplayer.hub.hub import Hub
from easyplayer.hub.live.doorkeeper import BoxVisitor, Doorkeeper, UserVisitor, own_page, refusal_of
from easyplayer.hub.proofs import COOKIE, Proofs
from easyplayer.hub.services import accounts, places
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.tokens import TokenKind, api_tokens, make_token
from easyplayer.units import Seconds
from tests.hub.boxes import API, paired
from tests.hub.conftest import PUBLIC_URL, HeldClock

HOST = PUBLIC_URL.removeprefix("http://")


def asked(transport: str = "websocket", **headers: str) -> Request:
    """Give a request that would open a channel."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    query = {"EIO": "4", "transport": transport}
    return Request(method="GET", path="/live/", query=query, headers=(("host", HOST), *named))


def bearer(token: str) -> Request:
    return asked(authorization=f"Bearer {token}")


@pytest.fixture(name="door")
def _door(hub_with_groups: Hub) -> Doorkeeper:
    return Doorkeeper(hub_with_groups)


@pytest.fixture(name="hub_with_groups")
def _hub_with_groups(hub: Hub) -> Hub:
    """Have groups to have a role in."""
    with hub.database.write() as connection:
        places.add_group(connection, "bars", "Bars")
        places.add_group(connection, "hotels", "Hotels")
    return hub


@pytest.fixture(name="session")
def _session(hub_with_groups: Hub, token_for: Callable[..., str]) -> str:
    """Give the cookie of anna's session."""
    hub = hub_with_groups
    token_for("anna", {"bars": "viewer"})
    with hub.database.write() as connection:
        return make_token(
            connection, "anna", TokenKind.SESSION, hub.now(), lasts=Seconds(3600), chance=hub.chance
        )


class TestBoxes:
    """Those who show the token of a box's session."""

    def test_a_box_comes_in_as_with_a_heartbeat(
        self, client: TestClient, admin: TestClient, door: Doorkeeper
    ) -> None:
        """By a token of the epoch that it is in."""
        box = paired(client, admin)
        visitor = door.admit(bearer(box.token))
        assert isinstance(visitor, BoxVisitor)
        assert visitor.box == box.id

    def test_a_token_that_was_changed_or_is_old_is_none(
        self, client: TestClient, admin: TestClient, door: Doorkeeper, clock: HeldClock
    ) -> None:
        """The box opens another session then."""
        box = paired(client, admin)
        with pytest.raises(UnauthenticatedError, match="not of this hub"):
            door.admit(bearer(box.token[:-2] + "xy"))
        clock.pass_s(25 * 3600)
        with pytest.raises(UnauthenticatedError, match="expired"):
            door.admit(bearer(box.token))

    def test_a_box_that_was_forgotten_stays_outside(
        self, client: TestClient, admin: TestClient, door: Doorkeeper, clock: HeldClock
    ) -> None:
        """And one that was paired again comes in only by a new token."""
        box = paired(client, admin)
        admin.delete(f"{API}/boxes/{box.id}")
        with pytest.raises(UnauthenticatedError, match="void"):
            door.admit(bearer(box.token))
        old = box.token
        clock.pass_s(1)
        fresh = paired(client, admin)
        with pytest.raises(UnauthenticatedError, match="void"):
            door.admit(bearer(old))
        assert isinstance(door.admit(bearer(fresh.token)), BoxVisitor)


class TestUsers:
    """Those who show a token of a user."""

    def test_a_program_comes_in_by_its_token(
        self, door: Doorkeeper, hub: Hub, token_for: Callable[..., str]
    ) -> None:
        """From any page, for none has its token by chance; that it was used is written down."""
        token = token_for("anna", {"bars": "viewer"})
        request = asked(authorization=f"bearer {token}", origin="https://elsewhere.test")
        assert door.admit(request) == UserVisitor("anna", {"bars": Role.VIEWER}, token)
        with hub.database.read() as connection:
            assert [one.used for one in api_tokens(connection, "anna")] == [hub.now()]

    def test_nobody_comes_in_by_nothing(self, door: Doorkeeper) -> None:
        """Nor by what is no token."""
        with pytest.raises(UnauthenticatedError, match="who are you"):
            door.admit(asked())
        with pytest.raises(UnauthenticatedError, match="log in anew"):
            door.admit(bearer("nonsense"))

    def test_a_session_that_is_over_opens_nothing(
        self, door: Doorkeeper, session: str, clock: HeldClock
    ) -> None:
        """As with the API."""
        clock.pass_s(3601)
        with pytest.raises(UnauthenticatedError):
            door.admit(asked("polling", cookie=f"{COOKIE}={session}"))

    def test_those_who_are_in_are_looked_at_again(
        self, session: str, hub: Hub, token_for: Callable[..., str]
    ) -> None:
        """With what they may do by now; whose token holds no more is left out."""
        bert = token_for("bert", {})
        with hub.database.write() as connection:
            accounts.grant(connection, "anna", {"hotels": "operator"})
            accounts.remove(connection, "bert")
        held = Proofs(hub).users({session, bert})
        assert {token: holder.grants for token, holder in held.items()} == {
            session: {"hotels": Role.OPERATOR}
        }

    def test_a_page_comes_in_by_its_cookie(self, door: Doorkeeper, session: str) -> None:
        """If it is one of the hub's own."""
        own = asked(cookie=f"{COOKIE}={session}", origin=PUBLIC_URL)
        assert door.admit(own) == UserVisitor("anna", {"bars": Role.VIEWER}, session)
        with pytest.raises(ForbiddenError, match="another site"):
            door.admit(asked(cookie=f"{COOKIE}={session}", origin="https://elsewhere.test"))


class TestPages:
    """A browser sends its cookie along, whichever page it is that asks."""

    @pytest.mark.parametrize("public_url", [PUBLIC_URL, f"{PUBLIC_URL}/", "https://music.test"])
    @pytest.mark.parametrize("origin", [PUBLIC_URL, "http://HUB.test"])
    def test_the_hubs_own_page_comes_in(self, origin: str, public_url: str) -> None:
        """By the name that the hub was called by."""
        own_page(asked(origin=origin), public_url)

    def test_it_comes_in_by_the_public_url(self) -> None:
        """Also where a proxy calls the hub by another name."""
        own_page(asked(origin="https://music.test"), "https://music.test")

    def test_the_browser_may_say_it_itself(self) -> None:
        """No page can make it say so of another one."""
        own_page(asked(sec_fetch_site="same-origin", origin="https://proxied.test"), "")

    @pytest.mark.parametrize("transport", ["websocket", "polling"])
    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://elsewhere.test"},
            {"origin": f"https://{HOST}"},
            {"origin": "null"},
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "same-site", "origin": PUBLIC_URL},
        ],
    )
    def test_a_page_of_another_site_does_not(self, headers: dict[str, str], transport: str) -> None:
        """It would hear what only the user may."""
        with pytest.raises(ForbiddenError, match="another site"):
            own_page(asked(transport, **headers), "")

    def test_only_a_poll_may_leave_open_where_it_comes_from(self) -> None:
        """Browsers do so within one site; of a websocket they always say it."""
        own_page(asked("polling"), PUBLIC_URL)
        with pytest.raises(ForbiddenError):
            own_page(asked("websocket"), PUBLIC_URL)


@pytest.mark.parametrize(
    ("error", "status", "headers"),
    [
        (UnauthenticatedError("who are you?"), 401, ()),
        (ForbiddenError("no"), 403, ()),
        (TooManyError("come back", 2.5), 429, (("retry-after", "3"),)),
        (DatabaseError("postgresql://secret is away"), 503, (("retry-after", "10"),)),
    ],
)
def test_who_is_sent_away_hears_why(
    error: HubError, status: int, headers: tuple[tuple[str, str], ...]
) -> None:
    """And when to come again; never what goes on inside."""
    refusal = refusal_of(error)
    assert (refusal.status, refusal.headers) == (status, headers)
    assert "secret" not in str(refusal.reason)
