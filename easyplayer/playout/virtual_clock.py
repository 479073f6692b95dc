"""A wall clock that may be wrong: it starts in 1970, is set, and drifts, as a script says."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time

from msgspec import Struct

from easyplayer.playout.calendar import EPOCH
from easyplayer.playout.clock import ZONES_APART_S
from easyplayer.playout.standing import MADE_ON
from easyplayer.units import Instant, Seconds

FORMS = '"1970", "1970 for 30m", "set +1h after 6h", "set right after 7h", "drift 50ppm"'
"""How a script can be written."""
DEAD_FOR_S = Seconds(600.0)
"""How long a clock that starts in 1970 stays there, if a script does not say."""

_MADE_AT = Instant((datetime.combine(MADE_ON, time(0), UTC) - EPOCH).total_seconds())
_SPAN = r"(?:\d+(?:\.\d+)?[smhd])+"
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DEAD = re.compile(rf"1970(?: for ({_SPAN}))?")
_SET = re.compile(rf"set (right|[+-]{_SPAN}) after ({_SPAN})")
_DRIFT = re.compile(r"drift ([+-]?\d+(?:\.\d+)?) ?ppm")


class Setting(Struct, frozen=True):
    """The clock is set.

    :ivar after_s: how long after the start.
    :ivar wrong_by_s: by how much it is ahead of the true time from then on; negative is behind.
    """

    after_s: Seconds
    wrong_by_s: Seconds


class VirtualClock(Struct, frozen=True, kw_only=True):
    """A wall clock beside the true time.

    :ivar starts: the true time at the start.
    :ivar settings: how it is set, in order; the first one is for the start.
    :ivar drift: seconds that it gains in each true second between two settings.
    """

    starts: Instant
    settings: tuple[Setting, ...] = (Setting(Seconds(0.0), Seconds(0.0)),)
    drift: float = 0.0

    def shows(self, true: Instant) -> Instant:
        """Tell what it shows at a true time."""
        setting = self._setting(true)
        gained_s = (true - self._at(setting)) * self.drift
        return Instant(true + setting.wrong_by_s + gained_s)

    def true_at(self, shown: Instant, since: Instant) -> Instant:
        """Tell at which true time it shows a time, if it is not set meanwhile."""
        return Instant(since + (shown - self.shows(since)) / (1 + self.drift))

    def set_after(self, true: Instant) -> Instant | None:
        """Tell when it is set next."""
        return next((at for at in map(self._at, self.settings) if at > true), None)

    def believable(self, true: Instant) -> bool:
        """Tell whether what it shows can be right at all, even where a day of long ago is rehearsed."""
        return self.shows(true) >= min(_MADE_AT, self.starts - ZONES_APART_S)

    def _at(self, setting: Setting) -> Instant:
        return Instant(self.starts + setting.after_s)

    def _setting(self, true: Instant) -> Setting:
        past = (setting for setting in reversed(self.settings) if self._at(setting) <= true)
        return next(past, self.settings[0])


def scripted(starts: Instant, script: Sequence[str]) -> VirtualClock:
    """Make a clock after a script.

    :param starts: the true time at the start.
    :param script: what happens to it, each in one of the :data:`FORMS`.
    :raises ValueError: something is in none of them.

    >>> clock = scripted(Instant(1.8e9), ["1970 for 10m", "set -1h after 2h"])
    >>> [clock.shows(Instant(1.8e9 + passed_s)) for passed_s in (0, 600, 7200)]
    [0.0, 1800000600.0, 1800003600.0]
    """
    settings, drift = {0.0: 0.0}, 0.0
    for text in script:
        if found := _DEAD.fullmatch(text):
            settings[0.0] = -starts
            settings.setdefault(_seconds(found[1]) if found[1] else DEAD_FOR_S, 0.0)
        elif found := _SET.fullmatch(text):
            settings[_seconds(found[2])] = 0.0 if found[1] == "right" else _seconds(found[1])
        elif found := _DRIFT.fullmatch(text):
            drift = float(found[1]) / 1e6
        else:
            message = f"{text!r} is no script for a clock: write it like {FORMS}"
            raise ValueError(message)
    ordered = (Setting(Seconds(after_s), Seconds(by_s)) for after_s, by_s in sorted(settings.items()))
    return VirtualClock(starts=starts, settings=tuple(ordered), drift=drift)


def _seconds(span: str) -> Seconds:
    """Read a span such as ``1h30m`` or ``-90s``."""
    parts = re.findall(r"(\d+(?:\.\d+)?)([smhd])", span)
    length = sum(float(number) * _UNITS_S[unit] for number, unit in parts)
    return Seconds(-length if span.startswith("-") else length)
