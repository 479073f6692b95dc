"""URLs by which a box fetches a medium: signed, for that box, and soon worth nothing.

The signature is an HMAC-SHA256 (RFC 2104) over the path, the box, the expiry and the key's id.
"""

import hmac
from hashlib import sha256 as hash_sha256

from msgspec import Struct

from easyplayer.errors import ForbiddenError
from easyplayer.hub.keys import KeyKind, Keys, Secret
from easyplayer.units import Instant, Seconds

PATH = "/media/"


class MediaClaim(Struct, frozen=True, kw_only=True):
    """What such a URL says beside its path.

    :ivar expires: the first second at which it holds no more.
    :ivar key: id of the secret that it is signed with.
    """

    box: str
    expires: int
    key: str
    signature: str


def signed_url(keys: Keys, sha256: str, box: str, now: Instant, holds_s: Seconds) -> str:
    """Make the URL of a medium for a box, relative to the hub's."""
    secret, expires = keys.current(KeyKind.MEDIA), int(now + holds_s)
    signature = _signature(secret, sha256, box, expires)
    return f"{PATH}{sha256}?box={box}&expires={expires}&key={secret.id}&signature={signature}"


def verify(keys: Keys, sha256: str, claim: MediaClaim, now: Instant) -> None:
    """Go on only where a URL is one that was made here, and holds.

    :raises ForbiddenError: it was not, or holds no more.
    """
    secret = keys.by_id(KeyKind.MEDIA, claim.key)
    right = _signature(secret, sha256, claim.box, claim.expires) if secret is not None else ""
    if not hmac.compare_digest(claim.signature.encode(), right.encode()) or not right:
        message = "the URL is not signed by this hub: ask for a new one, and use it as it is"
        raise ForbiddenError(message)
    if now >= claim.expires:
        message = "the URL has expired: ask for a new one"
        raise ForbiddenError(message)


def _signature(secret: Secret, sha256: str, box: str, expires: int) -> str:
    text = f"easyplayer/media/1\n{PATH}{sha256}\n{box}\n{expires}\n{secret.id}"
    return hmac.new(secret.secret, text.encode(), hash_sha256).hexdigest()
