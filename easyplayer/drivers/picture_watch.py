"""Whether a picture that should move does, told from its positions."""

from easyplayer.drivers.screen import STARVED_AFTER_S
from easyplayer.units import Monotonic, Seconds

STUCK_AFTER_S = Seconds(4.0)
"""How long a picture may stand still; a slow machine stalls for a second or two now and then."""
FRAMES_MAY_STAND = 3
"""So many frames' time may pass beside that: those of a slide show are not all seen equally long."""
LONGEST_FRAME_S = 60.0
"""However seldom a picture says that it changes."""
STARVED = f"no data has come for {STARVED_AFTER_S:.0f} s"


class PictureWatch:
    """Looks at one picture's positions, from when it is shown.

    :param now: when it was first seen.
    :ivar patience_s: how long it may stand still.
    """

    def __init__(self, now: Monotonic) -> None:
        self.patience_s = STUCK_AFTER_S
        self._position_s: Seconds | None = None
        self._moved_at = now

    @property
    def tells_soon(self) -> bool:
        """Whether it is noticed soon that nothing is drawn; by the positions of a slide show it is not."""
        return self.patience_s < 2 * STUCK_AFTER_S

    @property
    def stuck(self) -> str:
        """Say in words that it has stood still for too long."""
        return f"the picture has stood still for {self.patience_s:.0f} s"

    def pace(self, frames_per_s: float) -> None:
        """Learn how often it changes: a position is that of a frame, and stands for as long as the frame.

        >>> watch = PictureWatch(Monotonic(0.0))
        >>> watch.pace(1 / 5)
        >>> watch.patience_s
        19.0
        """
        frame_s = min(1 / frames_per_s, LONGEST_FRAME_S) if frames_per_s > 0 else 0.0
        self.patience_s = Seconds(STUCK_AFTER_S + FRAMES_MAY_STAND * frame_s)

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
