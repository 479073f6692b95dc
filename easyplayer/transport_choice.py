"""By which transports the live channel's line is tried, in the light of how the last ones went.

Some networks let a WebSocket come up, and then nothing comes through it, or they cut it after a while.  That
looks like a line that works, so what tells is how long it holds: after one that did not, polls come first and
go over to a WebSocket only where something comes back through it; after another one, there are polls alone.
A line that holds has all of it begin anew, for the network may be another one by then.

That the hub itself ends lines, or goes away, says nothing of the network: a fleet must not end up with polls
because its hub was started anew twice in a minute.
"""

from easyplayer.drivers.live_line import POLLING, WEBSOCKET

ALONE = (POLLING,)
CAREFUL = (POLLING, WEBSOCKET)


class TransportChoice:
    """Chooses for one line after the other.

    :param wanted: what the settings say; the first is tried first.
    :ivar used: what the line goes by; empty while there is none.
    """

    def __init__(self, wanted: tuple[str, ...]) -> None:
        steps = (wanted, CAREFUL, ALONE) if WEBSOCKET in wanted else (wanted,)
        self._steps = tuple(dict.fromkeys(steps))
        self._step = 0
        self.used = ""

    @property
    def now(self) -> tuple[str, ...]:
        """What the next line is to be tried by."""
        return self._steps[self._step]

    def over(self, *, held: bool, by_hub: bool = False) -> bool:
        """Know that a line is over; tell whether the next one is tried otherwise.

        :param held: whether it was live for long.
        :param by_hub: whether the hub has ended it.
        """
        before, used, self.used = self._step, self.used, ""
        if held:
            self._step = 0
        elif used == WEBSOCKET and not by_hub:
            self._step = min(before + 1, len(self._steps) - 1)
        return self._step != before

    def forgive(self) -> bool:
        """Know that the hub was away, which ends lines by itself; tells the same."""
        before, self._step = self._step, 0
        return before != 0
