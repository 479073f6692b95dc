"""Finds out who asks: a user by a session's cookie or an API token, a box by the token of its session."""

from starlette.requests import Request

from easyplayer.errors import UnauthenticatedError
from easyplayer.hub.hub import Hub
from easyplayer.hub.proofs import COOKIE, Proofs, bearer, see_own_page
from easyplayer.hub.services.access import Caller
from easyplayer.hub.web.address import address_of, networks
from easyplayer.hub.web.endpoint import Needs

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


class Callers:
    """Finds who asks.  May block, and be called from any thread."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._proofs = Proofs(hub)
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
                box, _ = self._proofs.box(_bearer(request))
                return Caller(box=box, address=address)
            case Needs.VISITOR if not token_of(request):
                return Caller(address=address)
            case Needs.VISITOR | Needs.USER:
                return self._user(request, address)

    def _user(self, request: Request, address: str) -> Caller:
        token = token_of(request)
        if token and not _bearer(request):
            same_site(request, self._hub.settings.public_url)
        found = self._proofs.user(token) if token else None
        if found is None:
            message = "who are you? Log in, or send a token that holds: Authorization: Bearer TOKEN"
            raise UnauthenticatedError(message)
        return Caller(user=found.user, grants=found.grants, address=address)


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
    own = (str(request.base_url), public_url)
    told, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    see_own_page(told, origin, own, silence_is_fine=silence_is_fine)


def _bearer(request: Request) -> str:
    return bearer(request.headers.get("authorization", ""))
