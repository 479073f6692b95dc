"""How a message is written: as JSON in UTF-8, of bounded size.

A field that is not known is ignored, so that a newer side may say more; one that is missing takes its
default; one that is wrong is told with its place.
"""

from typing import TypeVar

import msgspec
from msgspec import Struct

from easyplayer.errors import ProtocolError

KIB = 1024
MOST_BYTES = 256 * KIB
"""How long a message may be that says nothing else."""

Message = TypeVar("Message", bound=Struct)


class _Kind(Struct, frozen=True):
    """A message, as far as its kind."""

    kind: str


def encode(message: Struct) -> bytes:
    """Write a message."""
    return msgspec.json.encode(message)


def decode(data: bytes | str, kind: type[Message], most_bytes: int = MOST_BYTES) -> Message:
    """Read a message.

    :raises ProtocolError: it is none of its kind; says what is wrong, and where.
    """
    if len(data) > most_bytes:
        message = f"{kind.__name__}: {len(data)} bytes, and {most_bytes} are the most: send less at once"
        raise ProtocolError(message)
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = f"{kind.__name__}: {error}"
        raise ProtocolError(message) from error


def kind_of(data: bytes | str, most_bytes: int = MOST_BYTES) -> str:
    """Give the kind of a message that says it itself.

    :raises ProtocolError: it does not.
    """
    return decode(data, _Kind, most_bytes).kind
