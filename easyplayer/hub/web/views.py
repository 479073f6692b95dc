"""What answers of several endpoints have in common."""

from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct

DEFAULT_LIMIT = 100
MOST_AT_ONCE = 1000

Item = TypeVar("Item")
Limit = Annotated[int, Meta(ge=1, le=MOST_AT_ONCE, description="how many at the most")]


class Page(Struct, Generic[Item], frozen=True, kw_only=True):
    """A part of a long list.

    :ivar next: what to send as ``after`` for the next part; empty where this is the last.
    """

    items: list[Item]
    next: str = ""


class Paged(Struct, frozen=True, kw_only=True):
    """Which part of a long list is wanted.

    :ivar after: what the part before has told as ``next``; empty begins at the front.
    """

    limit: Limit = DEFAULT_LIMIT
    after: Annotated[str, Meta(max_length=200)] = ""
