"""The hub's commands between their coming and the confirmation of their results."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from easyplayer.commanding import Addressee, deliverable, judged, refused
from easyplayer.protocol.commands import WEB_COMMANDS, Command, CommandResult, Name, Reason
from easyplayer.protocol.heartbeat import MOST_RESULTS
from easyplayer.protocol.signed import Signed

Key = TypeVar("Key")

MOST_REMEMBERED = 1000
"""How many commands are remembered, so that none is answered twice."""
MOST_RESULTS_BYTES = 128 * 1024
"""How much of a heartbeat the results may take."""


class Orders:
    """Takes commands in, and holds their results until the hub has them.

    A command comes with each heartbeat until its result has reached the hub, and before that by the live
    channel; it is taken for another one only by its id.
    """

    def __init__(self) -> None:
        self._results: OrderedDict[str, CommandResult] = OrderedDict()
        self._handed: OrderedDict[str, None] = OrderedDict()
        self._confirmed: OrderedDict[str, None] = OrderedDict()
        self._numbers: OrderedDict[int, None] = OrderedDict()

    def take(
        self, signed: Signed, addressee: Addressee, *, early: bool = False
    ) -> Command | CommandResult | None:
        """Take a command in.

        :param early: whether it comes by the live channel, where it may be overtaken by the heartbeat.  If
            the hub has its result by now, there is nothing to do; only a heartbeat that brings it all the
            same says that the hub has lost that.
        :returns: the command, where it is to be done; the result, where it is refused; ``None`` where there
            is nothing to do: its result is on its way, or it is being done.
        """
        outcome = judged(signed, addressee)
        if isinstance(outcome, CommandResult):
            if outcome.command in self._results or outcome.command in self._handed:
                return None
            self.put(outcome)
            return outcome
        if outcome.id in self._results or (early and outcome.id in self._confirmed):
            return None
        if Name(outcome.name) in WEB_COMMANDS:
            return self._once(outcome)
        _remember(self._handed, outcome.id)
        return outcome

    def put(self, result: CommandResult) -> None:
        """Hold a result until the hub has it."""
        self._results[result.command] = deliverable(result)

    def waiting(self) -> tuple[CommandResult, ...]:
        """Give the results that the next heartbeat is to carry, the oldest first."""
        chosen: list[CommandResult] = []
        room = MOST_RESULTS_BYTES
        for result in list(self._results.values())[:MOST_RESULTS]:
            room -= len(msgspec.json.encode(result))
            if room < 0:
                break
            chosen.append(result)
        return tuple(chosen)

    def confirm(self, ids: Iterable[str], sent: Iterable[CommandResult]) -> tuple[str, ...]:
        """Let go of the results that the hub has; tell which were held.

        :param sent: what the heartbeat carried; an answer to what had no id needs no confirmation.
        """
        if any(not result.command for result in sent):
            self._results.pop("", None)
        held = tuple(one for one in ids if one in self._results)
        for one in held:
            del self._results[one]
            _remember(self._handed, one)
            _remember(self._confirmed, one)
        return held

    def has_more_than(self, sent: Iterable[CommandResult]) -> bool:
        """Tell whether there are results besides those that were sent."""
        return bool(self._results.keys() - {result.command for result in sent})

    def clear(self) -> None:
        """Forget all: they were another hub's."""
        for one in (self._results, self._handed, self._confirmed, self._numbers):
            one.clear()

    def _once(self, command: Command) -> Command | CommandResult:
        if command.number in self._numbers:
            result = refused(command.id, Reason.REPLAYED, f"command number {command.number} was there before")
            self.put(result)
            return result
        _remember(self._numbers, command.number)
        return command


def _remember(known: OrderedDict[Key, None], key: Key) -> None:
    known[key] = None
    known.move_to_end(key)
    while len(known) > MOST_REMEMBERED:
        known.popitem(last=False)
