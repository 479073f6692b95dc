"""Who a box is: named by its key, and claimed by a code that a person can read out.

>>> claim_code(bytes(5))
'0000-0000'
>>> tidied("o1lu vw-xy")
'011V-VWXY'
"""

from hashlib import sha256
from typing import Annotated, TypeAlias

from msgspec import Meta

from easyplayer.errors import ProtocolError
from easyplayer.protocol.signed import PublicKey

BoxId: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-hjkmnp-tv-z]{16}$", max_length=16)]
"""Names a box for as long as it has its key: the start of the key's SHA-256, in base 32."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit, and no U."""
LOOK_ALIKES = str.maketrans("OILU", "011V")
CLAIM_BYTES = 5
"""How much chance a claim code is made of."""
CLAIM_LETTERS = 8


def box_id(key: PublicKey) -> BoxId:
    """Name the box that has a key."""
    return _base32(sha256(bytes.fromhex(key)).digest()[:10]).lower()


def claim_code(chance: bytes) -> str:
    """Write a claim code.

    :param chance: :data:`CLAIM_BYTES` random bytes.
    """
    letters = _base32(chance)
    return f"{letters[:4]}-{letters[4:]}"


def tidied(text: str) -> str:
    """Bring a claim code that a person typed into its form.

    :raises ProtocolError: it can be none.
    """
    letters = "".join(text.split()).replace("-", "").upper().translate(LOOK_ALIKES)
    if len(letters) != CLAIM_LETTERS or not set(letters) <= set(ALPHABET):
        message = f"{text!r} is no claim code: it has eight letters and digits, such as 7K2M-Q9XD"
        raise ProtocolError(message)
    return f"{letters[:4]}-{letters[4:]}"


def _base32(data: bytes) -> str:
    number = int.from_bytes(data)
    count = len(data) * 8 // 5
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(count)))
