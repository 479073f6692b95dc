"""What is signed, as it travels; :mod:`easyplayer.protocol.signing` signs and checks it.

Apart from it, because most who read messages never check one, and what checks takes long to load.
"""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from easyplayer.protocol.codec import MOST_BYTES

PublicKey: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]
"""An Ed25519 public key: 32 bytes in hexadecimal."""


class Signed(Struct, frozen=True, kw_only=True):
    """A message, and who has signed it.

    :ivar payload: the message, as the JSON text that was signed.
    :ivar key: the public key that its signature goes by.
    :ivar signature: 64 bytes in URL-safe base64.
    """

    payload: Annotated[str, Meta(max_length=MOST_BYTES)]
    key: PublicKey
    signature: Annotated[str, Meta(max_length=100)]
