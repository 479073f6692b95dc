"""A picture that mpv was told to show: how far it has come, and for how long it is shown."""

import math

from msgspec import Struct

from easyplayer.drivers.screen import Picture
from easyplayer.units import Monotonic, Seconds

NEVER = Monotonic(math.inf)


class Showing(Struct, kw_only=True, eq=False):
    """One picture, from the command to the end.

    :ivar asked_at: when mpv was told.
    :ivar until: when the next step of its coming is due.
    :ivar entry: mpv's own number for it.
    :ivar opened: whether mpv knows what it is.
    :ivar ended: whether its end was told.
    :ivar shown_s: for how long it was shown until ``since``.
    :ivar since: since when it is shown, or goes on.
    """

    picture: Picture
    asked_at: Monotonic
    until: Monotonic
    entry: int = 0
    opened: bool = False
    ended: bool = False
    shown_s: float = 0.0
    since: Monotonic = NEVER

    def time_shown(self, now: Monotonic, held: bool) -> Seconds:
        """Tell for how long it was shown by now, without the time in which it was held."""
        return Seconds(self.shown_s + (0.0 if held else now - self.since))

    def over_at(self, held: bool) -> Monotonic:
        """Tell when it is over by the clock: a still, or a stream that is cut."""
        picture = self.picture
        by_the_clock = picture.still or picture.endless
        if picture.length_s is None or not by_the_clock or self.ended or held:
            return NEVER
        return Monotonic(self.since + picture.length_s - self.shown_s)


def options_of(picture: Picture) -> dict[str, str]:
    """Write mpv's options for one picture."""
    options = {"start": f"{picture.start_s:.3f}"}
    if picture.length_s is not None and not picture.still and not picture.endless:
        options["end"] = f"{picture.start_s + picture.length_s:.3f}"
    if picture.mute or picture.still:
        return options | {"aid": "no"}
    options["aid"] = "auto"
    options["af"] = f"lavfi=[volume={picture.gain_db:.2f}dB]"
    return options | ({"audio-device": f"pulse/{picture.sink}"} if picture.sink else {})
