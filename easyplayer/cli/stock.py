"""What of a program's items is there, and how long each is."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct, structs

from easyplayer.analysis import FactsCache, MediaFacts
from easyplayer.analysis.header import read_header
from easyplayer.errors import MediaError
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.preparation import Measured, prepare
from easyplayer.playout.transition import Rules
from easyplayer.units import Seconds

GUESSED_S = Seconds(210.0)
"""How long an item counts as of which nobody knows how long it is."""


class Held(Struct, frozen=True):
    """What is known of one item.

    :ivar trouble: why it cannot be played; empty where it can.
    :ivar facts: what analysis found; ``None`` where it has not been analysed.
    :ivar lies_there: whether its file is on the disk; a stream has none.
    """

    trouble: str = ""
    facts: MediaFacts | None = None
    lies_there: bool = False


class Stock:
    """Looks things up when they are asked for, once each, and analyses nothing.

    :param assumed: take it that every file is there, for a program that is rehearsed elsewhere.
    :ivar guessed: ids of the items whose length was guessed.
    """

    def __init__(self, facts: FactsCache, rules: Rules, *, assumed: bool = False) -> None:
        self.assumed = assumed
        self.guessed: set[str] = set()
        self._facts = facts
        self._rules = rules
        self._held: dict[str, Held] = {}
        self._lengths: dict[str, Seconds] = {}

    def held(self, item: Item) -> Held:
        """Look an item up."""
        found = self._held.get(item.id)
        if found is None:
            found = self._held[item.id] = Held() if not is_file(item) else self._look_up(item)
        return found

    def unavailable(self, item: Item) -> str:
        """Tell why an item cannot be played; empty where it can."""
        held = self.held(item)
        return "" if self.assumed and not held.lies_there else held.trouble

    def prepare(self, item: Item, before: Item | None) -> PreparedItem:
        """Make an item ready as the box does; where nobody knows its length, guess."""
        facts = self.held(item).facts
        measured = Measured(item, facts)
        earlier = None
        if facts is not None and before is not None and is_file(before):
            earlier = Measured(before, self.held(before).facts)
        prepared = prepare(measured, earlier, self._rules)
        if prepared.cue_out_s is not None or item.endless:
            return prepared
        return structs.replace(prepared, cue_out_s=Seconds(prepared.cue_in_s + self._length(item)))

    def told(self) -> Iterator[tuple[str, str]]:
        """Say what had to be guessed: a heading, and what stands beside it."""
        if self.guessed:
            yield "guessed", f"the length of {len(self.guessed)} items: analyse them, or write duration_ms"

    def _look_up(self, item: Item) -> Held:
        path = Path(item.location)
        try:
            facts = self._facts.lookup(path)
        except MediaError as error:
            return Held(str(error), lies_there=path.is_file())
        if facts is not None and facts.is_silent:
            return Held("there is nothing but silence in it", facts, lies_there=True)
        prepared = prepare(Measured(item, facts), None, self._rules)
        if prepared.cue_out_s is not None and prepared.cue_out_s < prepared.cue_in_s:
            return Held("it is over before it begins: look at its cues", facts, lies_there=True)
        return Held("", facts, lies_there=True)

    def _length(self, item: Item) -> Seconds:
        """Ask the head of the file, or guess."""
        if item.id not in self._lengths:
            there = self.held(item).lies_there
            told_s = read_header(Path(item.location)).length_s if there else None
            if told_s is None:
                self.guessed.add(item.id)
            self._lengths[item.id] = told_s or GUESSED_S
        return self._lengths[item.id]


def is_file(item: Item) -> bool:
    """Tell whether an item is a file for the ear."""
    return item.sounding and not item.endless


def files(items: Iterable[Item]) -> Iterator[Item]:
    """Give those items that are files for the ear."""
    return (item for item in items if is_file(item))


def none_is_there(items: Iterable[Item]) -> bool:
    """Tell whether there are files among some items, and not one of them is on this machine."""
    paths = [Path(item.location) for item in files(items)]
    return bool(paths) and not any(path.exists() for path in paths)
