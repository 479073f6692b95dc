"""Who may open a live channel: boxes by the token of their session, users as with the API.

A page of another site must not open one by the cookie of the user who looks at it: of a websocket no browser
would keep its answers from it.
"""

from collections.abc import Mapping
from math import ceil
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import select

from easyplayer.engineio import ConnectionRefused
from easyplayer.engineio.core.http import Request
from easyplayer.errors import DatabaseError, ForbiddenError, HubError, TooManyError, UnauthenticatedError
from easyplayer.hub.db.schema import boxes
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import box_tokens
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.tokens import Holder, holder_of, note_use
from easyplayer.hub.web.callers import COOKIE, SAME_SITE

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
        self._hub = hub

    def admit(self, request: Request) -> Visitor:
        """Tell who it is.

        :raises UnauthenticatedError: it is nobody whom the hub knows.
        :raises ForbiddenError: another site's page makes the user's browser ask.
        :raises DatabaseError: the database does not answer.
        """
        bearer = _bearer(request)
        if BOX_MARK in bearer:
            return self._box(bearer)
        if bearer:
            return self._user(bearer)
        cookie = request.cookie(COOKIE)
        if not cookie:
            message = "who are you? Log in, or send a token: Authorization: Bearer TOKEN"
            raise UnauthenticatedError(message)
        own_page(request, self._hub.settings.public_url)
        return self._user(cookie)

    def _box(self, token: str) -> BoxVisitor:
        box, epoch = box_tokens.box_of(token, self._hub.keys, self._hub.now())
        with self._hub.database.read() as connection:
            current = connection.execute(select(boxes.c.epoch).where(boxes.c.id == box)).scalar()
        if current != epoch:
            raise box_tokens.void()
        return BoxVisitor(box, epoch)

    def _user(self, token: str) -> UserVisitor:
        now = self._hub.now()
        with self._hub.database.read() as connection:
            found = holder_of(connection, token, now)
        if found is None:
            message = "the token holds no more: log in anew"
            raise UnauthenticatedError(message)
        self._note_use({token: found})
        return UserVisitor(found.user, found.grants, token)

    def look_again(self, tokens: frozenset[str]) -> dict[str, Holder]:
        """Tell what those may do now who have shown these tokens; one that holds no more is left out.

        :raises DatabaseError: the database does not answer.
        """
        now = self._hub.now()
        with self._hub.database.read() as connection:
            found = {token: holder_of(connection, token, now) for token in tokens}
        held = {token: holder for token, holder in found.items() if holder is not None}
        self._note_use(held)
        return held

    def _note_use(self, held: Mapping[str, Holder]) -> None:
        unnoted = [token for token, holder in held.items() if not holder.used_before]
        if unnoted:
            now = self._hub.now()
            with self._hub.database.write() as connection:
                for token in unnoted:
                    note_use(connection, token, now)


def own_page(request: Request, public_url: str) -> None:
    """See that a request with a cookie comes from a page of the hub's own.

    A poll may leave open where it comes from, as browsers do within one site where the connection is not
    encrypted: what it is answered no other site can read.

    :raises ForbiddenError: it comes from another site's page.
    """
    told, origin = request.header("sec-fetch-site"), request.header("origin")
    if told:
        fine = told in SAME_SITE
    elif origin:
        own = f"{request.scheme}://{request.header('host')}"
        fine = origin.lower() in {own.lower(), _origin(public_url)}
    else:
        fine = request.query.get("transport") != WEBSOCKET
    if not fine:
        message = "this comes from a page of another site: use the hub's own, or an API token"
        raise ForbiddenError(message)


def _bearer(request: Request) -> str:
    scheme, _, token = request.header("authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _origin(url: str) -> str:
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc}"


def refusal_of(error: HubError) -> ConnectionRefused:
    """Say why somebody is not let in, and when to come again."""
    if isinstance(error, DatabaseError):
        return _come_again("the hub's database cannot be used at the moment", error.status, AGAIN_S)
    if isinstance(error, TooManyError):
        return _come_again(error.message, error.status, error.retry_after_s)
    return ConnectionRefused(error.message, error.status)


def _come_again(reason: str, status: int, after_s: float) -> ConnectionRefused:
    return ConnectionRefused(reason, status, (("retry-after", f"{ceil(after_s)}"),))
