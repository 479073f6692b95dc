"""Logging in and out, and what users can do about themselves."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from easyplayer.errors import TooManyError, UnauthenticatedError
from easyplayer.hub.hub import Hub
from easyplayer.hub.passwords import LONGEST
from easyplayer.hub.proofs import COOKIE
from easyplayer.hub.services import accounts, audit, limits
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.accounts import Password, RoleName
from easyplayer.hub.services.slugs import UserName
from easyplayer.hub.services.tokens import TokenKind, end_session, make_token
from easyplayer.hub.web.address import site_of
from easyplayer.hub.web.callers import same_site, token_of
from easyplayer.hub.web.endpoint import Call, Endpoint, Needs, Nothing
from easyplayer.hub.web.errors import JSON
from easyplayer.units import Instant, Seconds

HOUR_S = 3600
SUBJECT = "account"


class LogIn(Struct, frozen=True, kw_only=True):
    """Who wants to log in."""

    name: UserName
    password: Annotated[str, Meta(max_length=LONGEST)]


class LoggedIn(Struct, frozen=True, kw_only=True):
    """A session; browsers are handed its token as a cookie as well."""

    token: str
    expires: Instant


class Me(Struct, frozen=True, kw_only=True):
    """Who asks.

    :ivar grants: role by group of venues; ``*`` is all groups.
    """

    name: str
    grants: dict[str, RoleName]


class NewPassword(Struct, frozen=True, kw_only=True):
    """A user's own password, from now on."""

    current: Annotated[str, Meta(max_length=LONGEST)]
    new: Password


def log_in(call: Call[Nothing, LogIn]) -> Response:
    """Open a session."""
    same_site(call.request, call.hub.settings.public_url, silence_is_fine=True)
    session = open_session(call.hub, call.caller, call.body.name, call.body.password)
    response = Response(msgspec.json.encode(session), media_type=JSON)
    set_cookie(call, response, session)
    return response


def open_session(hub: Hub, caller: Caller, name: str, password: str) -> LoggedIn:
    """Open a session, for the API and for pages alike: tries are counted, and it is written down.

    :raises UnauthenticatedError: the name or the password is wrong.
    :raises TooManyError: it was tried too often, or too many try at once.
    """
    _check_password(hub, caller, name, password)
    now, lasts = hub.now(), _lasts(hub)
    with hub.database.write() as connection:
        token = make_token(connection, name, TokenKind.SESSION, now, lasts=lasts, chance=hub.chance)
        audit.note(connection, _as(name, caller), now, "session.open", f"user/{name}")
    return LoggedIn(token=token, expires=Instant(now + lasts))


def set_cookie(call: Call[Any, Any], response: Response, session: LoggedIn) -> None:
    """Hand a browser the cookie of a session."""
    public = call.hub.settings.public_url or str(call.request.base_url)
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=int(_lasts(call.hub)),
        httponly=True,
        samesite="lax",
        secure=public.startswith("https:"),
    )


def log_out(call: Call[Nothing, None]) -> Response:
    """End a session."""
    with call.hub.database.write() as connection:
        end_session(connection, token_of(call.request))
        user = call.caller.user
        audit.note(connection, call.caller, call.hub.now(), "session.close", f"user/{user}")
    response = Response(status_code=204)
    response.delete_cookie(COOKIE)
    return response


def me(call: Call[Nothing, None]) -> Me:
    """Tell who asks."""
    held = {group: accounts.role_name(role) for group, role in sorted(call.caller.grants.items())}
    return Me(name=call.caller.user, grants=held)


def change_password(call: Call[Nothing, NewPassword]) -> None:
    """Change the password of who asks."""
    hub, name = call.hub, call.caller.user
    _check_password(hub, call.caller, name, call.body.current)
    kept = hub.passwords.hash(call.body.new)
    with hub.database.write() as connection:
        accounts.set_password(connection, name, kept, session=token_of(call.request))
        audit.note(connection, call.caller, hub.now(), "user.password", f"user/{name}")


def _check_password(hub: Hub, caller: Caller, name: str, password: str) -> None:
    """See that a password is right; a try is counted before, so that many at once are no way around.

    :raises UnauthenticatedError: it is wrong, or there is no such user; nobody is told which.
    :raises TooManyError: it was tried too often.
    """
    by_name, by_address = f"login-name:{name}", f"login-address:{site_of(caller.address)}"
    with hub.database.write() as connection:
        for key in (by_name, by_address):
            limits.count(connection, key, hub.now(), "to log in")
        kept = accounts.password_of(connection, name)
    try:
        right = hub.passwords.fits(kept, password)
    except TooManyError:
        _take_back(hub, by_name, by_address)
        raise
    if not right:
        message = "the name or the password is wrong"
        raise UnauthenticatedError(message)
    with hub.database.write() as connection:
        limits.forgive(connection, by_name)
        limits.take_back(connection, by_address)
    if hub.passwords.is_outdated(kept):
        _renew(hub, name, kept, password)


def _take_back(hub: Hub, *keys: str) -> None:
    with hub.database.write() as connection:
        for key in keys:
            limits.take_back(connection, key)


def _renew(hub: Hub, name: str, before: str, password: str) -> None:
    kept = hub.passwords.hash(password)
    with hub.database.write() as connection:
        if accounts.password_of(connection, name) == before:
            accounts.keep_anew(connection, name, kept)


def _as(user: str, caller: Caller) -> Caller:
    return Caller(user=user, address=caller.address)


def _lasts(hub: Hub) -> Seconds:
    return Seconds(hub.settings.session_hours * HOUR_S)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/v1/login",
        summary="Log in by name and password",
        handle=log_in,
        needs=Needs.NOTHING,
        body=LogIn,
        answers=LoggedIn,
        subject=SUBJECT,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/logout",
        summary="End this session",
        handle=log_out,
        status=204,
        subject=SUBJECT,
    ),
    Endpoint(
        method="GET", path="/api/v1/me", summary="Tell who I am", handle=me, answers=Me, subject=SUBJECT
    ),
    Endpoint(
        method="PUT",
        path="/api/v1/me/password",
        summary="Change my password, and end my other sessions",
        handle=change_password,
        body=NewPassword,
        status=204,
        subject=SUBJECT,
    ),
)
