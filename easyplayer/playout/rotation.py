"""In what order the items of a list come."""

from collections.abc import Callable, Sequence

from easyplayer.playout.catalogue import Item
from easyplayer.units import Monotonic


class Sequential:
    """One after the other, as they are listed.

    :param items: the list; what is listed twice comes twice.
    :param repeat: whether to begin anew at the end.
    """

    def __init__(self, items: Sequence[Item], *, repeat: bool) -> None:
        self._items = tuple(items)
        self._repeat = repeat
        self._following = 0

    def __len__(self) -> int:
        return len(self._items)

    def go_behind(self, item: Item | None) -> None:
        """Go on behind an item, where the list has it."""
        for index, listed in enumerate(self._items):
            if item is not None and listed.id == item.id:
                self._following = index + 1
                return

    def forgive(self, failed: dict[str, Monotonic]) -> None:
        """Strike the list's items out of a record of failures."""
        for item in self._items:
            failed.pop(item.id, None)

    def take(self, worth_a_try: Callable[[Item], bool]) -> Item | None:
        """Take the next item that is worth a try; ``None`` where there is none, or none any more."""
        count = len(self._items)
        last = self._following + count if self._repeat else count
        for index in range(self._following, last):
            item = self._items[index % count]
            if worth_a_try(item):
                self._following = index % count + 1
                return item
        return None
