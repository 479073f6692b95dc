"""A user's own API tokens."""

from typing import Annotated

from msgspec import Meta, Struct

from easyplayer.hub.services import audit, tokens
from easyplayer.hub.services.tokens import Token, TokenKind
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.units import Instant, Seconds

DAY_S = 86_400
SUBJECT = "tokens"


class NewToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to make.

    :ivar label: what it is for.
    :ivar days: how long it holds; ``null`` is for ever.
    """

    label: Annotated[str, Meta(max_length=200)] = ""
    days: Annotated[int, Meta(ge=1, le=3650)] | None = 365


class TokenMade(Struct, frozen=True, kw_only=True):
    """A new token.

    :ivar id: names it from now on.
    :ivar token: is told this once.
    """

    id: str
    token: str
    expires: Instant | None


def own_tokens(call: Call[Nothing, None]) -> list[Token]:
    """List the API tokens of who asks."""
    with call.hub.database.read() as connection:
        return tokens.api_tokens(connection, call.caller.user)


def make(call: Call[Nothing, NewToken]) -> TokenMade:
    """Make an API token for who asks."""
    new, user, now = call.body, call.caller.user, call.hub.now()
    lasts = None if new.days is None else Seconds(float(new.days * DAY_S))
    with call.hub.database.write() as connection:
        token = tokens.make_token(
            connection, user, TokenKind.API, now, lasts=lasts, chance=call.hub.chance, label=new.label
        )
        name = tokens.digest_of(token)[: tokens.ID_DIGITS]
        audit.note(connection, call.caller, now, "token.make", f"user/{user}", token=name, label=new.label)
    return TokenMade(id=name, token=token, expires=None if lasts is None else Instant(now + lasts))


def revoke(call: Call[Nothing, None]) -> None:
    """Make an API token of who asks worthless."""
    user, now = call.caller.user, call.hub.now()
    with call.hub.database.write() as connection:
        gone = tokens.revoke(connection, user, call.path["token"])
        audit.note(
            connection, call.caller, now, "token.revoke", f"user/{user}", token=gone.id, label=gone.label
        )


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/tokens",
        summary="List my API tokens",
        handle=own_tokens,
        answers=list[Token],
        subject=SUBJECT,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/tokens",
        summary="Make an API token, which is told once",
        handle=make,
        body=NewToken,
        answers=TokenMade,
        status=201,
        subject=SUBJECT,
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/tokens/{token}",
        summary="Revoke one of my API tokens",
        handle=revoke,
        status=204,
        subject=SUBJECT,
    ),
)
