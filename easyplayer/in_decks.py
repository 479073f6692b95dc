"""Which media a player holds: they must stay on the disk, though no program may name them any more."""

from collections import deque
from pathlib import PurePath

from easyplayer.drivers.media_library import is_digest
from easyplayer.playout.items import Item

HELD_MOST = 8
"""So many of the items that were given to a player last may be in a deck: two decks, the spots', and what
was to come next before something else was."""


class InDecks:
    """Learns what the players are given, and what sounds."""

    def __init__(self) -> None:
        self._given: deque[str] = deque(maxlen=HELD_MOST)
        self._sounding: dict[str, None] = {}

    def give(self, item: Item) -> frozenset[str]:
        """Learn that a player was given something; give the digests of what may be in a deck."""
        if sha256 := digest_of(item):
            self._given.append(sha256)
        return self._held()

    def start(self, item: Item) -> frozenset[str]:
        """Learn that something sounds; give the same."""
        if sha256 := digest_of(item):
            self._sounding[sha256] = None
        return self._held()

    def finish(self, item: Item) -> frozenset[str]:
        """Learn that it sounds no more; give the same."""
        self._sounding.pop(digest_of(item), None)
        return self._held()

    def _held(self) -> frozenset[str]:
        return frozenset({*self._given, *self._sounding})


def digest_of(item: Item) -> str:
    """Tell which medium of the library an item is; empty where it is none.

    >>> digest_of(Item(id="fire drill", location="/media/ab/" + "ab" * 32))[:6]
    'ababab'
    """
    if item.media is not None:
        return item.media.sha256
    name = PurePath(item.location).name
    return name if is_digest(name) else ""
