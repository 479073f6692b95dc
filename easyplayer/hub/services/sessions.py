"""How a box proves that it has its key: it signs a challenge, and gets a token for that."""

from base64 import urlsafe_b64encode
from collections.abc import Callable

from sqlalchemy import Connection, delete, func, insert, select

from easyplayer.errors import (
    ForbiddenError,
    NotFoundError,
    SignatureError,
    TooManyError,
    UnauthenticatedError,
)
from easyplayer.hub.db.schema import boxes, challenges
from easyplayer.hub.keys import Keys
from easyplayer.hub.services import box_tokens
from easyplayer.protocol.codec import decode
from easyplayer.protocol.identity import BoxId
from easyplayer.protocol.pairing import Challenge, Session
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, verified
from easyplayer.units import Instant, Seconds

NONCE_BYTES = 32
CHALLENGE_S = Seconds(60.0)
"""How long a challenge holds."""
MOST_CHALLENGES = 50
"""How many of one box may be open at once."""


def challenge(connection: Connection, box: BoxId, now: Instant, chance: Callable[[int], bytes]) -> Challenge:
    """Give a box something to sign.

    :raises NotFoundError: the hub knows no such box.
    :raises TooManyError: it has asked too often.
    """
    _key_of(connection, box)
    connection.execute(delete(challenges).where(challenges.c.expires <= now))
    mine = select(func.count()).select_from(challenges).where(challenges.c.box == box)
    if connection.execute(mine).scalar_one() >= MOST_CHALLENGES:
        message = "the box has asked for too many challenges: answer one of them"
        raise TooManyError(message, CHALLENGE_S)
    nonce = urlsafe_b64encode(chance(NONCE_BYTES)).decode().rstrip("=")
    connection.execute(insert(challenges).values(nonce=nonce, box=box, expires=now + CHALLENGE_S))
    return Challenge(box=box, nonce=nonce)


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
    spent = delete(challenges).where(
        challenges.c.nonce == answered.nonce, challenges.c.box == box, challenges.c.expires > now
    )
    if connection.execute(spent).rowcount != 1:
        message = "this challenge holds no more: ask for another one"
        raise UnauthenticatedError(message)
    token = box_tokens.make(keys, box, epoch, Instant(now + holds_s))
    return Session(token=token, expires_s=Seconds(holds_s), hub_keys=keys.public)


def _key_of(connection: Connection, box: BoxId) -> tuple[int, str]:
    row = connection.execute(select(boxes.c.epoch, boxes.c.key).where(boxes.c.id == box)).first()
    if row is None:
        message = f"there is no box {box}: ask to be paired"
        raise NotFoundError(message)
    return row.epoch, row.key
