"""Whether a box may play at an instant, and if not, why."""

from datetime import date, datetime, time

from msgspec import Struct

from easyplayer.playout.calendar import local_time, zone_of
from easyplayer.playout.catalogue import Program
from easyplayer.playout.timeline import Timeline
from easyplayer.units import Instant

MADE_ON = date(2026, 11, 1)
"""No clock is right that stands before the day this firmware was written."""


class OpeningHours(Struct, frozen=True):
    """A daily span in local time; one that ends before it begins goes over midnight.

    :ivar closes: the first instant at which it is closed again.
    """

    opens: time
    closes: time

    def contain(self, now: datetime) -> bool:
        """Tell whether an instant of local time lies in the span."""
        clock = now.time()
        if self.opens < self.closes:
            return self.opens <= clock < self.closes
        return clock >= self.opens or clock < self.closes


class Standing(Struct, frozen=True, kw_only=True):
    """Everything that decides whether the box may play.

    :ivar opening: when the venue is open; ``None`` is always.
    :ivar licence_until: last day of the licence; ``None`` is for ever.
    :ivar made_on: a clock that stands before this day cannot be right.  It closes nothing: a box
        whose battery died plays on.
    """

    opening: OpeningHours | None = None
    licence_until: date | None = None
    made_on: date = MADE_ON


class Verdict(Struct, frozen=True):
    """Whether the box may play.

    :ivar reason: why, in words that the status shows.
    """

    allowed: bool
    reason: str


EMERGENCY = Verdict(True, "an emergency was declared, and that closes for nobody")
CLOCK_WRONG = Verdict(True, "the clock is wrong, so nothing is closed by it")


class VenueHours:
    """The opening hours that a program tells."""

    def __init__(self, program: Program) -> None:
        self._timeline = Timeline(program)
        self._zone = zone_of(program.zone)

    def judge(self, now: Instant) -> Verdict:
        """Judge whether the venue is open at an instant."""
        if self._timeline.is_open(now):
            return Verdict(True, "open")
        opens = self._timeline.opens_after(now)
        until = "further notice" if opens is None else f"{local_time(opens, self._zone):%A %H:%M}"
        return Verdict(False, f"closed until {until}")

    def change_after(self, now: Instant) -> Instant:
        """Tell when that may be otherwise."""
        return self._timeline.change_after(now)


def judge(standing: Standing, now: datetime) -> Verdict:
    """Judge whether the box may play at an instant of local time."""
    if now.date() < standing.made_on:
        return CLOCK_WRONG
    if standing.licence_until is not None and now.date() > standing.licence_until:
        return Verdict(False, f"the licence ended on {standing.licence_until}")
    if standing.opening is not None and not standing.opening.contain(now):
        return Verdict(False, f"closed until {standing.opening.opens:%H:%M}")
    return Verdict(True, "open")


def parse_opening(text: str) -> OpeningHours | None:
    """Read ``08:00-02:00``; the empty string is always open, and 24:00 is midnight.

    >>> parse_opening("22:00-04:00").contain(datetime(2026, 1, 1, 3, 59))
    True
    """
    if not text:
        return None
    opens, closes = (_time_of_day(part) for part in text.split("-"))
    return OpeningHours(opens, closes)


def _time_of_day(text: str) -> time:
    hours, minutes = map(int, text.split(":"))
    return time(hours % 24, minutes)
