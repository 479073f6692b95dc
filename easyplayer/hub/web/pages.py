"""Long lists in parts: what each endpoint that lists does alike."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from easyplayer.errors import BadRequestError
from easyplayer.hub.web.views import Page, Paged

Item = TypeVar("Item")


def page(found: Sequence[Item], wanted: Paged, name: Callable[[Item], object]) -> Page[Item]:
    """Give a part of a list.

    :param found: one more than is wanted, where there are as many.
    :param name: tells by what an item is found again.
    """
    items = [*found[: wanted.limit]]
    return Page(items=items, next=str(name(items[-1])) if len(found) > wanted.limit else "")


def number_after(wanted: Paged) -> int:
    """Give the number that a part of a list begins after; 0 is at its front.

    :raises BadRequestError: it is none.
    """
    if not wanted.after:
        return 0
    if not (wanted.after.isascii() and wanted.after.isdigit() and int(wanted.after) < 2**53):
        message = "query: after: send what the part before has told as next"
        raise BadRequestError(message)
    return int(wanted.after)
