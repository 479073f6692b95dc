"""Whether a picture that should move does, told from its positions."""

from easyplayer.drivers.screen import STARVED_AFTER_S
from easyplayer.units import Monotonic, Seconds

STUCK_AFTER_S = Seconds(4.0)
"""How long a picture may stand still; a slow machine stalls for a second or two now and then."""
STARVED = f"no data has come for {STARVED_AFTER_S:.0f} s"
STUCK = f"the picture has stood still for {STUCK_AFTER_S:.0f} s"


class PictureWatch:
    """Looks at one picture's positions, from when it is shown.

    :param now: when it was first seen.
    """

    def __init__(self, now: Monotonic) -> None:
        self._position_s: Seconds | None = None
        self._moved_at = now

    def excuse(self, now: Monotonic) -> None:
        """Count from now: it was held meanwhile."""
        self._moved_at = now

    def look(self, position_s: Seconds | None, now: Monotonic) -> Seconds:
        """Tell for how long it has stood still.

        :param position_s: where it is; ``None`` where the player cannot tell.
        """
        if position_s is not None and position_s != self._position_s:
            self._position_s, self._moved_at = position_s, now
        return Seconds(now - self._moved_at)
