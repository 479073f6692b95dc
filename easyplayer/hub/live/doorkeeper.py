"""Who may open a live channel: boxes by the token of their session, users as with the API.

A page of another site must not open one by the cookie of the user who looks at it: of a websocket no browser
would keep its answers from it.
"""

from collections.abc import Mapping
from math import ceil

from msgspec import Struct

from easyplayer.engineio import ConnectionRefused
from easyplayer.engineio.core.http import Request
from easyplayer.errors import DatabaseError, HubError, TooManyError, UnauthenticatedError
from easyplayer.hub.hub import Hub
from easyplayer.hub.proofs import COOKIE, Proofs, bearer, see_own_page
from easyplayer.hub.services.access import Role

AGAIN_S = 10.0
"""When to come again where the database does not answer."""
BOX_MARK = "."
"""Stands in every token of a box, and in none of a user."""
WEBSOCKET = "websocket"


class BoxVisitor(Struct, frozen=True):
    """A box.

    :ivar epoch: of its token.
    """

    box: str
    epoch: int


class UserVisitor(Struct, frozen=True):
    """A user.

    :ivar token: what was shown: looked at again from time to time.
    """

    user: str
    grants: Mapping[str, Role]
    token: str


Visitor = BoxVisitor | UserVisitor


class Doorkeeper:
    """Finds out who wants to open a live channel.  May block, and be called from any thread."""

    def __init__(self, hub: Hub) -> None:
        self._public_url = hub.settings.public_url
        self._proofs = Proofs(hub)

    def admit(self, request: Request) -> Visitor:
        """Tell who it is.

        :raises UnauthenticatedError: it is nobody whom the hub knows.
        :raises ForbiddenError: another site's page makes the user's browser ask.
        :raises DatabaseError: the database does not answer.
        """
        shown = bearer(request.header("authorization"))
        if BOX_MARK in shown:
            return BoxVisitor(*self._proofs.box(shown))
        if not shown:
            shown = request.cookie(COOKIE)
            if not shown:
                message = "who are you? Log in, or send a token: Authorization: Bearer TOKEN"
                raise UnauthenticatedError(message)
            own_page(request, self._public_url)
        found = self._proofs.user(shown)
        if found is None:
            message = "the token holds no more: log in anew"
            raise UnauthenticatedError(message)
        return UserVisitor(found.user, found.grants, shown)


def own_page(request: Request, public_url: str) -> None:
    """See that a request with a cookie comes from a page of the hub's own.

    A poll may leave open where it comes from, as browsers do within one site where the connection is not
    encrypted: what it is answered no other site can read.

    :raises ForbiddenError: it comes from another site's page.
    """
    see_own_page(
        request.header("sec-fetch-site"),
        request.header("origin"),
        (f"{request.scheme}://{request.header('host')}", public_url),
        silence_is_fine=request.query.get("transport") != WEBSOCKET,
    )


def refusal_of(error: HubError) -> ConnectionRefused:
    """Say why somebody is not let in, and when to come again."""
    if isinstance(error, DatabaseError):
        return _come_again("the hub's database cannot be used at the moment", error.status, AGAIN_S)
    if isinstance(error, TooManyError):
        return _come_again(error.message, error.status, error.retry_after_s)
    return ConnectionRefused(error.message, error.status)


def _come_again(reason: str, status: int, after_s: float) -> ConnectionRefused:
    return ConnectionRefused(reason, status, (("retry-after", f"{ceil(after_s)}"),))
