"""Finds out who asks: a user by a session's cookie or an API token, a box by the token of its session."""

from urllib.parse import urlsplit

from sqlalchemy import select
from starlette.requests import Request

from easyplayer.errors import ForbiddenError, UnauthenticatedError
from easyplayer.hub.db.schema import boxes
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.box_tokens import box_of, void
from easyplayer.hub.services.tokens import Holder, holder_of, note_use
from easyplayer.hub.web.address import address_of, networks
from easyplayer.hub.web.endpoint import Needs
from easyplayer.units import Instant

COOKIE = "easyplayer-session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
SAME_SITE = frozenset({"same-origin", "none"})


class Callers:
    """Finds who asks.  May block, and be called from any thread."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._trusted = networks(hub.settings.trusted_proxies)

    def find(self, request: Request, needs: Needs) -> Caller:
        """Tell who asks.

        :raises UnauthenticatedError: it is not who the endpoint needs.
        :raises ForbiddenError: another site's page makes the user's browser ask.
        """
        address = address_of(request.scope, request.headers, self._trusted)
        match needs:
            case Needs.NOTHING:
                return Caller(address=address)
            case Needs.BOX:
                return Caller(box=self._box(request), address=address)
            case Needs.VISITOR if not token_of(request):
                return Caller(address=address)
            case Needs.VISITOR | Needs.USER:
                return self._user(request, address)

    def _box(self, request: Request) -> str:
        box, epoch = box_of(_bearer(request), self._hub.keys, self._hub.now())
        with self._hub.database.read() as connection:
            current = connection.execute(select(boxes.c.epoch).where(boxes.c.id == box)).scalar()
        if current != epoch:
            raise void()
        return box

    def _user(self, request: Request, address: str) -> Caller:
        token = token_of(request)
        if token and not _bearer(request):
            same_site(request, self._hub.settings.public_url)
        now = self._hub.now()
        found = self._holder(token, now) if token else None
        if found is None:
            message = "who are you? Log in, or send a token that holds: Authorization: Bearer TOKEN"
            raise UnauthenticatedError(message)
        return Caller(user=found.user, grants=found.grants, address=address)

    def _holder(self, token: str, now: Instant) -> Holder | None:
        with self._hub.database.read() as connection:
            found = holder_of(connection, token, now)
        if found is not None and not found.used_before:
            with self._hub.database.write() as connection:
                note_use(connection, token, now)
        return found


def token_of(request: Request) -> str:
    """Give the token of a user that a request carries; empty where it carries none."""
    return _bearer(request) or request.cookies.get(COOKIE, "")


def same_site(request: Request, public_url: str, *, silence_is_fine: bool = False) -> None:
    """See that a request that changes something comes from a page of the hub's own, or from no page.

    :param silence_is_fine: whether it may leave open where it comes from, as only browsers of old do.
    :raises ForbiddenError: it comes from another site's.
    """
    if request.method in SAFE:
        return
    told = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin", "")
    if told:
        fine = told in SAME_SITE
    elif origin:
        fine = origin in {_origin(str(request.base_url)), _origin(public_url)}
    else:
        fine = silence_is_fine
    if not fine:
        message = "this comes from a page of another site: use the hub's own, or an API token"
        raise ForbiddenError(message)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
