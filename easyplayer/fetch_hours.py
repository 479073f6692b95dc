"""How fast media may come, and the hours for those that are not needed soon."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from easyplayer.playout.calendar import zone_of
from easyplayer.playout.standing import OpeningHours
from easyplayer.units import Instant


class Manner(Struct, frozen=True, kw_only=True):
    """How media are brought.

    :ivar most_per_s: all together come no faster, in bytes a second; 0 is no limit.
    :ivar hours: when media may come that are not needed soon; ``None`` is always.
    """

    most_per_s: int = 0
    hours: OpeningHours | None = None


UNLIMITED = Manner()


class FetchHours:
    """Tells whether it is one of those hours, by the clock on the venue's wall.

    :param hours: a daily span; ``None`` is always.
    :param wall: tells the world's time.
    """

    def __init__(self, hours: OpeningHours | None, wall: Callable[[], Instant]) -> None:
        self._hours = hours
        self._wall = wall
        self._zone: ZoneInfo | None = None

    def take_zone(self, name: str) -> None:
        """Go by a time zone from now on; before that, by the machine's."""
        self._zone = zone_of(name)

    @property
    def closed(self) -> bool:
        """Whether only what is needed soon may come."""
        return self._hours is not None and not self._hours.contain(self._local())

    @property
    def caption(self) -> str:
        """Say until when the rest has to wait, and who wants it so."""
        if self._hours is None:
            return ""
        return f"not needed soon, and waits until {self._hours.opens:%H:%M} ([downloads] hours)"

    def _local(self) -> datetime:
        return datetime.fromtimestamp(self._wall(), self._zone)
