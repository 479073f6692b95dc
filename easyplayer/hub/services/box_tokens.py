"""The tokens that boxes carry: signed by the hub, so that none has to be looked up.

A token says which box it is of, in which epoch it was given and until when it holds.  Whether the epoch is
still the box's own is asked of the database, in the statement that is needed anyway; see decision 0035.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from easyplayer.errors import UnauthenticatedError
from easyplayer.hub.keys import KeyKind, Keys
from easyplayer.protocol.identity import BoxId
from easyplayer.units import Instant

PARTS = 5
LONGEST_TOKEN = 200


def make(keys: Keys, box: BoxId, epoch: int, expires: Instant) -> str:
    """Make a token.

    :param epoch: the box's own; once it has another one, the token is void.
    :param expires: until when it holds.
    """
    secret = keys.current(KeyKind.TOKEN)
    said = f"{secret.id}.{box}.{epoch}.{int(expires)}"
    return f"{said}.{_mark(secret.secret, said)}"


def box_of(token: str, keys: Keys, now: Instant) -> tuple[BoxId, int]:
    """Tell which box a token is of, and of which epoch, without asking the database.

    :raises UnauthenticatedError: it is none of this hub's, or holds no more.
    """
    parts = token.split(".") if len(token) <= LONGEST_TOKEN and token.isascii() else []
    if len(parts) != PARTS:
        raise _refused("this is no token of a box")
    name, box, epoch, expires, mark = parts
    secret = keys.by_id(KeyKind.TOKEN, name)
    said = token.rpartition(".")[0]
    if secret is None or not hmac.compare_digest(mark, _mark(secret.secret, said)):
        raise _refused("this token is not of this hub")
    if now >= int(expires):
        raise _refused("the token has expired")
    return box, int(epoch)


def void() -> UnauthenticatedError:
    """Say that a token is of a pairing that has ended."""
    return _refused("the token is void: the box is not paired, or was paired anew")


def _mark(secret: bytes, said: str) -> str:
    return urlsafe_b64encode(hmac.digest(secret, said.encode(), sha256)).decode().rstrip("=")


def _refused(why: str) -> UnauthenticatedError:
    return UnauthenticatedError(f"{why}: answer a challenge at /api/v1/session for a new one")
