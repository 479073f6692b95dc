"""What users prove with who they are: sessions of a browser, and API tokens of a program.

A token is 256 bits of chance.  Only its SHA-256 is kept, so that who reads the database has none.
"""

import base64
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from easyplayer.errors import NotFoundError, TooManyError
from easyplayer.hub.db.database import note
from easyplayer.hub.db.schema import grants, tokens, users
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.facts import Regranted
from easyplayer.units import Instant, Seconds

TOKEN_BYTES = 32
ID_DIGITS = 16
"""How much of the digest names a token to people."""
USE_IS_WRITTEN_EVERY_S = 60.0
MOST_TOKENS = 100
"""How many a user may have of a kind; the oldest sessions give way."""
TRY_AGAIN_S = 3600.0


class TokenKind(StrEnum):
    """What a token is for."""

    SESSION = "session"
    """Someone who has logged in."""
    API = "api"
    """A program that acts for a user."""


class Token(Struct, frozen=True, kw_only=True):
    """A token as it is kept.

    :ivar id: names it; it is worth nothing by itself.
    :ivar expires: ``None`` is never.
    :ivar used: when it was used last, to the minute.
    """

    id: str
    label: str
    created: Instant
    expires: Instant | None
    used: Instant | None


class Holder(Struct, frozen=True, kw_only=True):
    """Whose token it is, and what they may do.

    :ivar used_before: whether its use was written down within the last minute.
    """

    user: str
    grants: dict[str, Role]
    used_before: bool


def make_token(
    connection: Connection,
    user: str,
    kind: TokenKind,
    now: Instant,
    *,
    lasts: Seconds | None,
    chance: Callable[[int], bytes],
    label: str = "",
) -> str:
    """Make a token; it is told once, here.

    :param lasts: ``None`` is for ever.
    :raises TooManyError: the user has too many API tokens.
    """
    _make_room(connection, user, kind, now)
    token = base64.urlsafe_b64encode(chance(TOKEN_BYTES)).decode().rstrip("=")
    values = {
        "digest": digest_of(token),
        "user": user,
        "kind": kind.value,
        "label": label,
        "created": now,
        "expires": None if lasts is None else now + lasts,
    }
    connection.execute(tokens.insert().values(**values))
    return token


def holder_of(connection: Connection, token: str, now: Instant) -> Holder | None:
    """Find whose token it is; ``None`` where it is nobody's, has expired, or its user is blocked."""
    query = (
        select(tokens.c.user, tokens.c.used, grants.c.group, grants.c.role)
        .join(users, users.c.name == tokens.c.user)
        .join(grants, grants.c.user == tokens.c.user, isouter=True)
        .where(tokens.c.digest == digest_of(token), ~users.c.blocked, _holds(now))
    )
    rows = connection.execute(query).all()
    if not rows:
        return None
    used = rows[0].used
    return Holder(
        user=rows[0].user,
        grants={row.group: Role[row.role.upper()] for row in rows if row.group is not None},
        used_before=used is not None and now - used < USE_IS_WRITTEN_EVERY_S,
    )


def note_use(connection: Connection, token: str, now: Instant) -> None:
    """Write down that a token was used."""
    connection.execute(update(tokens).where(tokens.c.digest == digest_of(token)).values(used=now))


def api_tokens(connection: Connection, user: str) -> list[Token]:
    """Give the API tokens of a user, the oldest first."""
    query = (
        select(tokens)
        .where(tokens.c.user == user, tokens.c.kind == TokenKind.API.value)
        .order_by(tokens.c.created, tokens.c.digest)
    )
    return [_token(row) for row in connection.execute(query)]


def revoke(connection: Connection, user: str, name: str) -> Token:
    """Make an API token of a user worthless.

    :param name: its id.
    :raises NotFoundError: the user has none of that name.
    """
    query = select(tokens).where(
        tokens.c.user == user,
        tokens.c.kind == TokenKind.API.value,
        func.substr(tokens.c.digest, 1, ID_DIGITS) == name,
    )
    row = connection.execute(query).first()
    if row is None:
        message = f"you have no token {name}: GET /api/v1/tokens lists them"
        raise NotFoundError(message)
    connection.execute(delete(tokens).where(tokens.c.digest == row.digest))
    note(connection, Regranted(user))
    return _token(row)


def end_session(connection: Connection, token: str) -> None:
    """Make the token of a session worthless, if it is one."""
    ended = connection.execute(
        delete(tokens)
        .where(tokens.c.digest == digest_of(token), tokens.c.kind == TokenKind.SESSION.value)
        .returning(tokens.c.user)
    ).first()
    if ended is not None:
        note(connection, Regranted(ended.user))


def end_sessions(connection: Connection, user: str, *, but: str = "") -> None:
    """Log a user out everywhere.

    :param but: the token of the session that may go on.
    """
    connection.execute(
        delete(tokens).where(
            tokens.c.user == user,
            tokens.c.kind == TokenKind.SESSION.value,
            tokens.c.digest != digest_of(but),
        )
    )
    note(connection, Regranted(user))


def digest_of(token: str) -> str:
    """Give what is kept of a token."""
    return sha256(token.encode(errors="replace")).hexdigest()


def _make_room(connection: Connection, user: str, kind: TokenKind, now: Instant) -> None:
    connection.execute(delete(tokens).where(tokens.c.expires <= now))
    query = (
        select(tokens.c.digest)
        .where(tokens.c.user == user, tokens.c.kind == kind.value)
        .order_by(tokens.c.created.desc())
        .offset(MOST_TOKENS - 1)
    )
    too_many = list(connection.execute(query).scalars())
    if too_many and kind is TokenKind.API:
        message = f"you have {MOST_TOKENS} tokens, and more are not kept: revoke one that is not used"
        raise TooManyError(message, TRY_AGAIN_S)
    if too_many:
        connection.execute(delete(tokens).where(tokens.c.digest.in_(too_many)))
        note(connection, Regranted(user))


def _holds(now: Instant) -> ColumnElement[bool]:
    return tokens.c.expires.is_(None) | (tokens.c.expires > now)


def _token(row: Row[Any]) -> Token:
    return Token(
        id=row.digest[:ID_DIGITS],
        label=row.label,
        created=row.created,
        expires=row.expires,
        used=row.used,
    )
