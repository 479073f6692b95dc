"""Long lists, told in parts."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def portions(things: Sequence[Thing], most: int) -> Iterator[tuple[Thing, ...]]:
    """Give things in their order, at most so many at once.

    >>> [*portions("abcde", 2)]
    [('a', 'b'), ('c', 'd'), ('e',)]
    """
    for start in range(0, len(things), most):
        yield tuple(things[start : start + most])
