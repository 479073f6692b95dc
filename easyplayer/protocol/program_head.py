"""The head of a program: enough for a box to know whether it is another one, and to trust it."""

from typing import Annotated

from msgspec import Meta, Struct

from easyplayer.protocol.identity import BoxId

MOST_PROGRAM_BYTES = 64 * 1024 * 1024


class ProgramHead(Struct, frozen=True, kw_only=True):
    """Which program a box is to play; travels signed.

    :ivar revision: counts up with everything that is published to the box; an old one cannot come again.
    :ivar digest: SHA-256 of the program's file.
    :ivar size: its length in bytes.
    :ivar name: what people call it, and ``version`` its number.
    """

    box: BoxId
    revision: Annotated[int, Meta(ge=1)]
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]
    size: Annotated[int, Meta(ge=1, le=MOST_PROGRAM_BYTES)]
    name: str
    version: Annotated[int, Meta(ge=0)]
