"""How far a box may trust its wall clock, when somebody has set it, and what time it really was.

The monotonic clock counts from the machine's start and is never set; the wall clock may start in
1970 and be set at any time.  An :class:`Anchor` ties the one to the other, and from the best of them
every instant of that run of the machine gets its time of day, those before the clock was right too.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum

from msgspec import Struct

from easyplayer.units import Instant, Monotonic, Seconds

STEP_S = Seconds(0.5)
"""A clock that is this much further than the time that passed was set; NTP's slewing stays far below."""

ZONES_APART_S = Seconds(26 * 3600.0)
"""From the first zone of the earth to the last.

A clock that is set back by less may have been corrected: by the hour of summer time, or because it
showed another zone's time or was read as UTC.  One whose battery died goes back by months.
"""

LONGEST_LIFE_S = Seconds(30 * 365.25 * 86_400)
"""No box plays for longer with one firmware; a broken clock may show any year."""

RAN_FAST_S = Seconds(60.0)
"""A clock that is kept right and goes back by less has run fast for a while; by more, it was wrong."""


class ClockTrust(StrEnum):
    """How far the wall clock can be trusted.  Music plays at any trust."""

    UNKNOWN = "unknown"
    """It shows a time that cannot be: before this software was made, or before what it showed already."""

    ESTIMATED = "estimated"
    """It shows a time that can be, and nobody has confirmed it."""

    TRUSTED = "trusted"
    """It is kept right from outside: by NTP, or by the hub."""


_RANKS = tuple(ClockTrust)


def judge_clock(
    wall: Instant, *, made_on: date, kept: Instant | None = None, synchronised: bool = False
) -> ClockTrust:
    """Judge the time that a wall clock shows.

    Whoever keeps it right from outside knows better than the box's memory, which may be of a day on
    which the clock was ahead; no one knows a time before the firmware was made.

    :param made_on: the day on which this firmware was made.
    :param kept: the time that it must have reached by now, going by what the box has kept.
    :param synchronised: whether it is kept right from outside.
    """
    made_at = datetime.combine(made_on, time(0), UTC).timestamp()
    if not made_at <= wall < made_at + LONGEST_LIFE_S:
        return ClockTrust.UNKNOWN
    if synchronised:
        return ClockTrust.TRUSTED
    if kept is not None and wall < kept - ZONES_APART_S:
        return ClockTrust.UNKNOWN
    return ClockTrust.ESTIMATED


class ClockWatch:
    """Notices when the wall clock is set; what goes slowly is followed, from each reading to the next."""

    def __init__(self) -> None:
        self._offset_s: float | None = None

    def read(self, at: Monotonic, wall: Instant) -> Seconds:
        """Take a reading of both clocks; tell by how much the wall clock was set since the last, or 0."""
        before_s, self._offset_s = self._offset_s, wall - at
        by_s = 0.0 if before_s is None else self._offset_s - before_s
        return Seconds(by_s if abs(by_s) >= STEP_S else 0.0)


class Anchor(Struct, frozen=True, kw_only=True):
    """What both clocks showed at once."""

    at: Monotonic
    wall: Instant
    trust: ClockTrust

    @property
    def offset_s(self) -> float:
        """How far the wall clock is ahead of the monotonic one."""
        return self.wall - self.at


def anchor_of(at: Monotonic, wall: Instant, trust: str) -> Anchor:
    """Give the anchor that a reading of the clocks is, as it was written down or has come over the wire.

    A word for the trust that only a newer software knows counts as the lowest.
    """
    known = ClockTrust(trust) if trust in _RANKS else ClockTrust.UNKNOWN
    return Anchor(at=at, wall=wall, trust=known)


class Era(Struct, frozen=True, kw_only=True):
    """A span of the monotonic clock in which the wall clock was, or should have been, so far ahead of it.

    :ivar since: its first instant.
    :ivar until: the first instant after it.
    :ivar offset_s: what to add to the monotonic clock.
    :ivar trust: how far the outcome can be trusted.
    """

    since: Monotonic
    until: Monotonic
    offset_s: float
    trust: ClockTrust

    def instant(self, at: Monotonic) -> Instant:
        """Tell what time it was."""
        return Instant(at + self.offset_s)


def eras(anchors: Iterable[Anchor]) -> tuple[Era, ...]:
    """Tell what time it was in one run of the machine, by its anchors of the best trust.

    Whoever sets a clock that nobody keeps right knows better than it did: the latest anchor holds for
    the whole run.  A clock that is kept right goes ahead of the monotonic one where the machine slept,
    which does not touch the time before.  It goes back only because it was wrong before.

    :returns: a partition of all instants, in order; without anchors nobody knows, and it is 1970.
    """
    ordered = sorted(anchors, key=lambda anchor: anchor.at)
    trust = max((anchor.trust for anchor in ordered), key=_RANKS.index, default=ClockTrust.UNKNOWN)
    best = [anchor for anchor in ordered if anchor.trust is trust]
    if trust is not ClockTrust.TRUSTED:
        best = best[-1:]
    good = _without_corrected(best) or [Anchor(at=Monotonic(0.0), wall=Instant(0.0), trust=trust)]
    bounds = [Monotonic(float("-inf")), *(anchor.at for anchor in good[1:]), Monotonic(float("inf"))]
    return tuple(
        Era(since=since, until=until, offset_s=anchor.offset_s, trust=trust)
        for since, until, anchor in zip(bounds, bounds[1:], good, strict=False)
    )


def era_at(partition: Sequence[Era], at: Monotonic) -> Era:
    """Give the era in which an instant lies."""
    return next(era for era in partition if at < era.until)


def _without_corrected(anchors: Sequence[Anchor]) -> list[Anchor]:
    """Leave out the anchors after which the clock was set back."""
    good: list[Anchor] = []
    for anchor in reversed(anchors):
        if not good or anchor.offset_s <= good[-1].offset_s + RAN_FAST_S:
            good.append(anchor)
    return good[::-1]
