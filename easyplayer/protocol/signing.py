"""Who has said it: Ed25519 signatures (RFC 8032) over exact text.

What is signed travels as the very text that was signed, so that no two ways to write the same JSON can
differ.  Each signature is bound to its purpose: one for a command is worth nothing on a program.

The library takes its time to load, and is loaded for the first signature: a box plays before it makes any.
"""

import base64
import binascii
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from msgspec import Struct

from easyplayer.errors import SignatureError
from easyplayer.protocol.codec import decode, encode
from easyplayer.protocol.signed import PublicKey, Signed

SEED_BYTES = 32
"""How long a private key is, as it is kept."""
MOST_KEYS = 16
"""How many keys are kept ready: to read one takes as long as to sign with it."""

Message = TypeVar("Message", bound=Struct)


class Purpose(StrEnum):
    """What a signature is for."""

    COMMAND = "command"
    PROGRAM = "program"
    PAIRING = "pairing"
    SESSION = "session"
    TIME = "time"
    BUNDLE = "bundle"
    REPORT = "report"


@lru_cache(MOST_KEYS)
def public_key(seed: bytes) -> PublicKey:
    """Give the public key of a private one."""
    public: bytes = _private(seed).public_key().public_bytes_raw()
    return public.hex()


def sign(seed: bytes, purpose: Purpose, message: Struct) -> Signed:
    """Sign a message.

    :param seed: the private key, of :data:`SEED_BYTES` bytes.
    """
    payload = encode(message).decode()
    signature = _private(seed).sign(_signed_text(purpose, payload))
    return Signed(
        payload=payload,
        key=public_key(seed),
        signature=base64.urlsafe_b64encode(signature).decode(),
    )


def verified(signed: Signed, purpose: Purpose, kind: type[Message], trusted: Iterable[PublicKey]) -> Message:
    """Give a signed message, once its signature has proved right.

    :param trusted: the keys that may sign for this purpose.
    :raises SignatureError: it is signed by another key, or not by the one that it names.
    :raises ProtocolError: what was signed is no message of its kind.
    """
    if signed.key not in trusted:
        message = f"a {purpose} is signed by {signed.key[:8]}…, a key that is not trusted here"
        raise SignatureError(message)
    from cryptography.exceptions import InvalidSignature

    try:
        signature = base64.urlsafe_b64decode(signed.signature)
        _public(signed.key).verify(signature, _signed_text(purpose, signed.payload))
    except (InvalidSignature, binascii.Error, ValueError) as error:
        message = f"the signature of a {purpose} is wrong: it was changed on the way, or forged"
        raise SignatureError(message) from error
    return decode(signed.payload, kind)


def openssh_public_key(key: PublicKey) -> str:
    """Write a public key as OpenSSH does, which is how age takes one to encrypt to.

    >>> openssh_public_key("00" * 32)[:31]
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE'
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    written: bytes = _public(key).public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return written.decode()


def openssh_private_key(seed: bytes) -> bytes:
    """Write a private key as OpenSSH does, which is how age takes one to decrypt with."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    written: bytes = _private(seed).private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return written


@lru_cache(MOST_KEYS)
def _private(seed: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed)


def _public(key: PublicKey) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))


def _signed_text(purpose: Purpose, payload: str) -> bytes:
    return f"easyplayer/{purpose}/1\n{payload}".encode()
