"""The page that the code on a box's screen leads to: who scans it logs in, says where the box is, and has it.

It claims as the API does, by the same functions: wrong tries are counted together, and all is written down.
Nothing is claimed by looking at it.  Pages name each other from where they are (``../claim``), so that they
work behind a proxy that has put the hub under a path of its own.
"""

from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from easyplayer.errors import BadRequestError, EasyplayerError, UnauthenticatedError
from easyplayer.hub.fleet_views import Claim, Title
from easyplayer.hub.passwords import LONGEST
from easyplayer.hub.proofs import COOKIE, Proofs
from easyplayer.hub.services import boxes
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.spots import spots
from easyplayer.hub.web import claim_html
from easyplayer.hub.web.account_endpoints import open_session, set_cookie
from easyplayer.hub.web.callers import same_site
from easyplayer.hub.web.endpoint import KIB, Call, Endpoint, Needs, Nothing
from easyplayer.hub.web.errors import Refusal, is_ours, refusal_for, wrong
from easyplayer.hub.web.fleet_endpoints import claimed
from easyplayer.hub.web.forms import form_of
from easyplayer.hub.web.html_page import Html, page
from easyplayer.protocol.identity import BoxId

SUBJECT = "pages"
PATH = "/claim"
MOST_FORM_BYTES = 16 * KIB
SEE_OTHER = 303
BELOW = "../"
"""Leads from pages below ``/claim`` to where that is."""
CLAIM = "Claim a box"
DONE = "The box is claimed"
LOG_IN_FIRST = "Log in to say which venue the box belongs to."
NOWHERE = (
    "There is no venue in which {user} may claim boxes: ask an admin of the hub for the role operator, "
    "or log in as somebody who has it."
)

Code = Annotated[str, Meta(max_length=50)]


class CodeShown(Struct, frozen=True, kw_only=True):
    """What the box's QR code says.

    :ivar code: that it shows; empty has to be typed.
    """

    code: Code = ""


class BoxClaimed(Struct, frozen=True, kw_only=True):
    """Which box it was."""

    box: BoxId


class LogInForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who wants to log in, and what for."""

    name: Annotated[str, Meta(max_length=200)] = ""
    password: Annotated[str, Meta(max_length=LONGEST)] = ""
    code: Code = ""


class ClaimForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which box is to be where.

    :ivar place: venue and zone, such as ``bar-lumiere/main``.
    """

    code: Code = ""
    place: Annotated[str, Meta(max_length=200)] = ""
    name: Title = ""


def show(call: Call[CodeShown, None]) -> Response:
    """Show the form to claim a box, or the one to log in with first."""
    return _form(call, _known(call), ClaimForm(code=call.query.code))


def log_in(call: Call[Nothing, bytes]) -> Response:
    """Log in, and go on to the form with the same code."""
    typed = LogInForm()
    try:
        typed = _read(call, LogInForm)
        # A phone begins a name with a capital, and ends it with a space.
        session = open_session(call.hub, call.caller, typed.name.strip().lower(), typed.password)
    except EasyplayerError as error:
        told = _told(call.request, error)
        form = claim_html.log_in_form(BELOW, typed.code, LOG_IN_FIRST, typed.name)
        return page(CLAIM, _words(told), form, status=told.status, headers=told.headers)
    response = _see_other(f"{BELOW}claim", code=typed.code)
    set_cookie(call, response, session)
    return response


def claim(call: Call[Nothing, bytes]) -> Response:
    """Claim a box, and go on to the page that says so."""
    typed, caller = ClaimForm(), _known(call)
    try:
        typed = _read(call, ClaimForm)
        if caller is None:
            message = "you are not logged in any more: log in once again"
            raise UnauthenticatedError(message)
        box = claimed(call.hub, caller, _wanted(typed))
    except EasyplayerError as error:
        return _form(call, caller, typed, _told(call.request, error))
    return _see_other("claim/done", box=box.id)


def done(call: Call[BoxClaimed, None]) -> Response:
    """Say which box belongs to which venue now."""
    caller = _known(call)
    if caller is None:
        return _see_other(f"{BELOW}claim")
    with call.hub.database.read() as connection:
        row = boxes.box(connection, call.query.box, caller)
    return page(DONE, claim_html.done(BELOW, row.name, row.venue_name, row.zone))


def enter(_call: Call[Nothing, None]) -> Response:
    """Go to the form: a box without a screen says a code, and the hub's own address to type it at."""
    return _see_other("claim")


def begin_anew(_call: Call[Nothing, None]) -> Response:
    """Go to the form: a browser that was closed at the log-in asks for that page when it is opened again."""
    return _see_other(f"{BELOW}claim")


def refuse(request: Request, error: EasyplayerError) -> Response:
    """Say what stands in the way, where no form can be shown for that."""
    told = _told(request, error)
    up = "" if request.url.path.endswith(PATH) else BELOW
    return page(CLAIM, _words(told), claim_html.back(up), status=told.status, headers=told.headers)


def _known(call: Call[Any, Any]) -> Caller | None:
    """Tell who has logged in in this browser; ``None`` where nobody has, or the session is over."""
    token = call.request.cookies.get(COOKIE, "")
    found = Proofs(call.hub).user(token) if token else None
    if found is None:
        return None
    return Caller(user=found.user, grants=found.grants, address=call.caller.address)


def _read(call: Call[Nothing, bytes], kind: Any) -> Any:
    """Read the form that a page of the hub's own has sent."""
    same_site(call.request, call.hub.settings.public_url)
    return form_of(call.request.headers.get("content-type", ""), call.body, kind)


def _wanted(typed: ClaimForm) -> Claim:
    if not typed.place:
        message = "choose where the box is"
        raise BadRequestError(message)
    venue, _, zone = typed.place.partition("/")
    given = {"code": typed.code, "venue": venue, "zone": zone, "name": typed.name.strip()}
    try:
        return msgspec.convert(given, Claim)
    except msgspec.ValidationError as error:
        raise wrong("form", error) from error


def _form(
    call: Call[Any, Any], caller: Caller | None, typed: ClaimForm, told: Refusal | None = None
) -> Response:
    """Show the form that comes next, with what was typed, and what was wrong with it."""
    status, headers = (told.status, told.headers) if told else (200, {})
    if caller is None:
        form = claim_html.log_in_form("", typed.code, LOG_IN_FIRST)
        return page(CLAIM, _words(told), form, status=status, headers=headers)
    with call.hub.database.read() as connection:
        places = spots(connection, caller)
    if places:
        form = claim_html.claim_form(places, caller.user, typed.code, typed.place, typed.name)
    else:
        form = claim_html.log_in_form("", typed.code, NOWHERE.format(user=caller.user))
    return page(CLAIM, _words(told), form, status=status, headers=headers)


def _told(request: Request, error: EasyplayerError) -> Refusal:
    """Find the words for what was refused; what is wrong with the hub itself is none of the page's."""
    if not is_ours(error):
        raise error
    return refusal_for(error, f"{request.method} {request.url.path}")


def _words(told: Refusal | None) -> Html:
    return claim_html.wrong((told.detail, *told.problems) if told else ())


def _see_other(page_name: str, **query: str) -> Response:
    given = urlencode({name: value for name, value in query.items() if value})
    return Response(
        status_code=SEE_OTHER, headers={"Location": f"{page_name}?{given}" if given else page_name}
    )


def _page(method: str, path: str, summary: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(
        method=method,
        path=path,
        summary=summary,
        handle=handle,
        needs=Needs.NOTHING,
        answers=bytes,
        most_bytes=MOST_FORM_BYTES,
        subject=SUBJECT,
        refuse=refuse,
        **more,
    )


PAGES: tuple[Endpoint, ...] = (
    _page("GET", "/", "Go to the form", enter),
    _page("GET", PATH, "Show the form to claim a box with", show, query=CodeShown),
    _page("POST", PATH, "Claim a box", claim, body=bytes),
    _page("GET", f"{PATH}/done", "Say which venue a box belongs to", done, query=BoxClaimed),
    _page("GET", f"{PATH}/login", "Go to the form", begin_anew),
    _page("POST", f"{PATH}/login", "Log in", log_in, body=bytes),
)
