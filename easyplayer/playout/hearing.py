"""How much of an item has been heard: by the positions that are told, and by the clock where none is.

A player tells the position of what is on air, and of a spot over it; not of what fades out beside it.
"""

from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import PreparedItem
from easyplayer.units import Decibels, Linear, Monotonic, Seconds, to_decibels, to_linear

BUFFERED_S = Seconds(1.5)
"""For so long at most something is heard and tells nothing."""
LONGEST_FADE_S = Seconds(31.0)
LEVEL_DIGITS = 1
"""A level is told to so many digits behind the point."""
JITTER_S = Seconds(0.5)
"""How exactly positions are told."""


class Hearing:
    """One item that sounds.

    :param position_s: where it starts in the medium.
    :ivar prepared: the item, with the latest that is known of it.
    :ivar sounded: whether it is known to have sounded at all.
    :ivar held: whether the player stood still since it was last heard to go on.
    """

    def __init__(self, prepared: PreparedItem, started: Monotonic, position_s: Seconds) -> None:
        self.prepared = prepared
        self.started = started
        self.held = False
        self.sounded = False
        self._untold_s = BUFFERED_S
        self._heard_s = 0.0
        self._position_s = position_s
        self._at = started
        self._power = 0.0
        self._levels = 0

    def go_on(self, position_s: Seconds, at: Monotonic) -> None:
        """Sound again from a position on, after it was held."""
        self.held = False
        self._position_s, self._at = position_s, at

    def advance(self, prepared: PreparedItem, position_s: Seconds, at: Monotonic) -> None:
        """Have come to a position; what was leapt over was not heard."""
        self._heard_s += min(max(position_s - self._position_s, 0.0), at - self._at + JITTER_S)
        self.sounded = True
        self.prepared = prepared
        self.go_on(position_s, at)

    def hear(self, mean_db: Decibels) -> None:
        """Take the level that the output carries just now; while the player stands still it says nothing."""
        if not self.held:
            self._power += to_linear(mean_db) ** 2
            self._levels += 1

    @property
    def level_db(self) -> Decibels | None:
        """The mean level of the output so far, by its energy; ``None`` where nobody has listened."""
        if not self._levels:
            return None
        mean_db = to_decibels(Linear((self._power / self._levels) ** 0.5))
        return Decibels(round(mean_db, LEVEL_DIGITS))

    def leave(self) -> None:
        """Fade out, and tell nothing any more."""
        self._untold_s = LONGEST_FADE_S

    def until(self, at: Monotonic, ended: Ended | None = None) -> tuple[Monotonic, Seconds]:
        """Tell until when it is known to have been heard, and how much of it.

        :param ended: why it sounds no more; ``None`` while it does.
        """
        dumb = self.held or ended is Ended.FAILED or (ended is Ended.STOPPED and not self.sounded)
        untold_s = 0.0 if dumb else min(at - self._at, self._untold_s, self._left_s())
        return Monotonic(self._at + untold_s), Seconds(self._heard_s + untold_s)

    def _left_s(self) -> float:
        end_s = self.prepared.cue_out_s
        return float("inf") if end_s is None else max(end_s - self._position_s, 0.0)
