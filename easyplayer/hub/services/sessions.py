"""How a box proves that it has its key: it signs a challenge, and gets a token for that.

A challenge is marked by the hub and kept nowhere, for anybody may ask for one.  What is kept is which ones
were answered, which only the box itself can do.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

from sqlalchemy import Connection, delete, select

from easyplayer.errors import (
    ForbiddenError,
    NotFoundError,
    SignatureError,
    UnauthenticatedError,
)
from easyplayer.hub.db.database import insert_for
from easyplayer.hub.db.schema import boxes, challenges
from easyplayer.hub.keys import KeyKind, Keys, load_keys
from easyplayer.hub.services import box_tokens
from easyplayer.protocol.codec import decode
from easyplayer.protocol.identity import BoxId
from easyplayer.protocol.pairing import Challenge, Session
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, verified
from easyplayer.units import Instant, Seconds

NONCE_BYTES = 16
CHALLENGE_S = Seconds(60.0)
"""How long a challenge holds."""
PARTS = 3


def challenge(connection: Connection, box: BoxId, now: Instant, chance: Callable[[int], bytes]) -> Challenge:
    """Give a box something to sign; however many are asked for, each of them holds.

    :raises NotFoundError: the hub knows no such box.
    """
    _key_of(connection, box)
    secret = load_keys(connection, now, chance).current(KeyKind.TOKEN).secret
    said = f"{_text(chance(NONCE_BYTES))}.{int(now + CHALLENGE_S)}"
    return Challenge(box=box, nonce=f"{said}.{_mark(secret, box, said)}")


def open_session(connection: Connection, signed: Signed, keys: Keys, now: Instant, holds_s: float) -> Session:
    """Give a box a token, for a challenge that it has signed.

    :param holds_s: how long the token is to hold.
    :raises NotFoundError: the hub knows no such box.
    :raises ForbiddenError: another key has signed it.
    :raises UnauthenticatedError: the challenge holds no more, or was answered already.
    """
    box = decode(signed.payload, Challenge).box
    epoch, key = _key_of(connection, box)
    try:
        answered = verified(signed, Purpose.SESSION, Challenge, {key})
    except SignatureError as error:
        message = f"this is not signed by the key of the box {box}"
        raise ForbiddenError(message) from error
    if not _spent(connection, answered, keys, now):
        message = "this challenge holds no more: ask for another one"
        raise UnauthenticatedError(message)
    token = box_tokens.make(keys, box, epoch, Instant(now + holds_s))
    return Session(token=token, expires_s=Seconds(holds_s), hub_keys=keys.public)


def _spent(connection: Connection, answered: Challenge, keys: Keys, now: Instant) -> bool:
    """Tell whether a challenge still holds, which it does only once."""
    expires = _expiry(answered, keys)
    if expires <= now:
        return False
    connection.execute(delete(challenges).where(challenges.c.expires <= now))
    spent = insert_for(connection, challenges).values(nonce=answered.nonce, box=answered.box, expires=expires)
    first = spent.on_conflict_do_nothing().returning(challenges.c.nonce)
    return connection.execute(first).first() is not None


def _expiry(answered: Challenge, keys: Keys) -> Instant:
    """Tell until when a challenge holds; 0 where it is none that this hub has given to this box."""
    parts = answered.nonce.split(".") if answered.nonce.isascii() else []
    if len(parts) != PARTS:
        return Instant(0.0)
    said, _, mark = answered.nonce.rpartition(".")
    ours = [_mark(secret.secret, answered.box, said) for secret in keys.of(KeyKind.TOKEN)]
    return Instant(float(parts[1]) if any(hmac.compare_digest(mark, one) for one in ours) else 0.0)


def _mark(secret: bytes, box: BoxId, said: str) -> str:
    return _text(hmac.digest(secret, f"challenge.{box}.{said}".encode(), sha256))


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


def _key_of(connection: Connection, box: BoxId) -> tuple[int, str]:
    row = connection.execute(select(boxes.c.epoch, boxes.c.key).where(boxes.c.id == box)).first()
    if row is None:
        message = f"there is no box {box}: ask to be paired"
        raise NotFoundError(message)
    return row.epoch, row.key
