"""What has happened to boxes, gathered until it is time to tell it: of each box once a second at the most.

Nothing here knows a clock or the database: instants come in, and out come boxes of which something is to be
told.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from easyplayer.hub.live_views import CommandNews
from easyplayer.hub.services.facts import Aged, Came, Fact, Finished, Paired, Told, Unpaired, Went
from easyplayer.units import Monotonic, Seconds

EVERY_S = Seconds(1.0)
"""What lies between two pieces of news of one box at least."""
MOST_COMMANDS = 20
"""How many results of one box are told at once, the newest ones."""
WORDS: dict[type[Fact], str] = {
    Came: "live",
    Went: "away",
    Aged: "state",
    Told: "status",
    Finished: "command",
    Paired: "paired",
    Unpaired: "unpaired",
}
"""What is said to have happened."""


class Pending(Struct):
    """What is to be told of a box.

    :ivar happened: as words, each once, where it happened last.
    :ivar live: whether its live channel is open; ``None`` where that has not changed.
    :ivar gone: where it was, if it is not paired any more.
    """

    box: str
    happened: list[str] = []
    live: bool | None = None
    commands: list[CommandNews] = []
    gone: Unpaired | None = None

    def take(self, fact: Fact) -> None:
        """Add what has happened."""
        word = WORDS[type(fact)]
        if word in self.happened:
            self.happened.remove(word)
        self.happened.append(word)
        match fact:
            case Came() | Went():
                self.live = isinstance(fact, Came)
            case Finished():
                told = CommandNews(id=fact.command, name=fact.name, state=fact.state, by=fact.by)
                self.commands = [*self.commands, told][-MOST_COMMANDS:]
            case Paired() | Unpaired():
                self.gone = fact if isinstance(fact, Unpaired) else None


class NewsDesk:
    """Gathers what has happened, and says when it is to be told."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}
        self._told: dict[str, Monotonic] = {}

    def take(self, facts: Iterable[Fact]) -> None:
        """Hear of facts."""
        for fact in facts:
            self._pending.setdefault(fact.box, Pending(fact.box)).take(fact)

    def due(self, now: Monotonic) -> list[Pending]:
        """Give what is to be told now, the oldest first; it counts as told."""
        self._told = {box: told for box, told in self._told.items() if now - told < EVERY_S}
        due = [box for box in self._pending if box not in self._told]
        self._told.update(dict.fromkeys(due, now))
        return [self._pending.pop(box) for box in due]

    def wait_s(self, now: Monotonic) -> Seconds | None:
        """Tell when there is something due again; ``None`` where nothing waits."""
        waits = [self._told.get(box, float("-inf")) + EVERY_S - now for box in self._pending]
        return Seconds(max(0.0, min(waits))) if waits else None

    def clear(self) -> None:
        """Forget all of it: nobody listens any more."""
        self._pending.clear()
        self._told.clear()


def aged(before: Mapping[str, str], after: Mapping[str, str]) -> list[Aged]:
    """Tell which boxes are in another state than at the last look.

    :param before: state by box, of those that were not online; ``after``: the same now.  A box that stands
        in neither was online all the time.
    """
    changed = [box for box, state in after.items() if before.get(box) != state]
    back = [box for box in before if box not in after]
    return [Aged(box) for box in (*changed, *back)]
