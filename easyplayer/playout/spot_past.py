"""What is remembered of a spot, and what follows from it: whether it is due, and whose turn it is.

A clock that was set back leaves times behind that have not come yet.  Those up to a day ahead were
told a moment ago, by a clock that was fast: the spot came just now, and the next song or spot writes
the right time down, so that it waits for its interval once more and not for ever.  Those further
ahead were told by a clock that was wrong, or this one is: they count as long ago, and they stay,
because a box that starts in 1970 will know better soon.
"""

import math
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from easyplayer.playout.calendar import local_time
from easyplayer.playout.catalogue import EachMinutes, EachSongs, PastHour, Spot
from easyplayer.units import Instant

HOUR_S = 3600
SET_BACK_S = 86_400
"""How far ahead a time may lie that a clock has left behind when it was set back."""


class SpotPast(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered of one spot.

    :ivar since: when it came last; before that, when the first song started that it could follow.
    :ivar came: whether it has come at all.
    :ivar songs: how many songs had started by then, of all that are counted.
    :ivar item: id of the item that came last.
    :ivar turn: index of the one that is next.
    :ivar answered: the minute past the hour for which it came last.
    :ivar hour: begin of the hour in which it came last, and ``in_hour`` how often in it.
    :ivar day: date on which it came last, and ``in_day`` how often on it.
    """

    since: Instant | None = None
    came: bool = False
    songs: int = 0
    item: str = ""
    turn: int = 0
    answered: Instant | None = None
    hour: Instant | None = None
    in_hour: int = 0
    day: date | None = None
    in_day: int = 0


class Moment(Struct, frozen=True):
    """An instant, and what it is to the venue.

    :ivar local: what the clock on its wall shows.
    :ivar hour: when the hour began that it shows.
    """

    at: Instant
    local: datetime
    hour: Instant

    @classmethod
    def of(cls, at: Instant, zone: ZoneInfo) -> "Moment":
        """Look at the clock on the wall."""
        local = local_time(at, zone)
        into_s = 60 * local.minute + local.second + local.microsecond / 1e6
        return cls(at, local, Instant(float(round(at - into_s))))

    def believes(self, at: Instant) -> bool:
        """Tell whether a time was told by a clock that can be believed."""
        return at <= self.at + SET_BACK_S


# -- what has happened -------------------------------------------------------------------------


def came(spot: Spot, past: SpotPast, item: str, songs: int, moment: Moment) -> SpotPast:
    """Add to what is remembered of a spot that one of its items began to sound.

    :param songs: how many songs have started.
    """
    return SpotPast(
        since=moment.at,
        came=True,
        songs=songs,
        item=item,
        turn=_turn_after(spot, past, item),
        answered=_answered(spot, moment),
        hour=moment.hour,
        in_hour=_in_hour(past, moment) + 1,
        day=moment.local.date(),
        in_day=_in_day(past, moment) + 1,
    )


def is_ahead(past: SpotPast, moment: Moment) -> bool:
    """Tell whether the clock was set back since a spot came."""
    return past.since is not None and past.since > moment.at and moment.believes(past.since)


def set_back(past: SpotPast, moment: Moment) -> SpotPast:
    """Have a spot come just now that came by a clock that was fast.

    The minute past the hour that it came for stays answered, if it is the next one.
    """
    answered = past.answered
    if answered is not None and answered > moment.at + HOUR_S:
        answered = moment.at
    return structs.replace(
        past,
        since=moment.at,
        answered=answered,
        hour=None if past.hour is None else min(past.hour, moment.hour),
        day=None if past.day is None else min(past.day, moment.local.date()),
    )


# -- whether it is due -------------------------------------------------------------------------


def reason(spot: Spot, past: SpotPast, songs: int, moment: Moment) -> str:
    """Tell what makes a spot due, in words; empty where it is not."""
    match spot.when:
        case EachSongs(songs=wanted) if past.since is not None and songs - past.songs >= wanted:
            return f"{wanted} songs since {_mark(past)}"
        case EachMinutes(minutes=minutes) if _has_waited(past, minutes, moment):
            return f"{minutes} minutes since {_mark(past)}"
        case PastHour() as when if _is_open(when, past, moment):
            return f"due at :{when.minute:02} in each hour"
    return ""


def _mark(past: SpotPast) -> str:
    return "it came last" if past.came else "the first song"


def _has_waited(past: SpotPast, minutes: int, moment: Moment) -> bool:
    if past.since is None:
        return False
    return moment.at - past.since >= 60 * minutes or not moment.believes(past.since)


def _is_open(when: PastHour, past: SpotPast, moment: Moment) -> bool:
    """Tell whether a minute past the hour is not long ago, and not answered.

    An hour that comes twice counts twice, and one that is left out does not count.
    """
    began = _began(when, moment.hour, moment.at)
    if moment.at - began >= 60 * when.wait_minutes:
        return False
    return past.answered is None or past.answered < began or not moment.believes(past.answered)


def _began(when: PastHour, hour: Instant, at: float) -> Instant:
    """Tell when the minute past the hour was last that a spot waits for."""
    some = hour + 60 * when.minute
    return Instant(some + HOUR_S * math.floor((at - some) / HOUR_S))


def _answered(spot: Spot, moment: Moment) -> Instant | None:
    """Tell for which minute past the hour a spot came: between two waits it is the nearer one's."""
    if not isinstance(spot.when, PastHour):
        return None
    slack_s = (HOUR_S - 60 * spot.when.wait_minutes) / 2
    return _began(spot.when, moment.hour, moment.at + slack_s)


def limit(spot: Spot, past: SpotPast, moment: Moment) -> str:
    """Tell, in words, which limit a spot has come up to; empty where it may come once more."""
    if spot.per_day is not None and _in_day(past, moment) >= spot.per_day:
        return "it has come as often as it may on this date"
    if spot.per_hour is not None and _in_hour(past, moment) >= spot.per_hour:
        return "it has come as often as it may in this hour"
    return ""


def _in_hour(past: SpotPast, moment: Moment) -> int:
    believed = past.hour is not None and past.hour >= moment.hour and moment.believes(past.hour)
    return past.in_hour if believed else 0


def _in_day(past: SpotPast, moment: Moment) -> int:
    believed = past.since is not None and moment.believes(past.since)
    return past.in_day if believed and past.day is not None and past.day >= moment.local.date() else 0


# -- whose turn it is --------------------------------------------------------------------------


def turn(spot: Spot, past: SpotPast) -> int:
    """Tell the index of the item whose turn it is: the one behind that which came last."""
    last = (past.turn - 1) % len(spot.items)
    if past.item in spot.items and spot.items[last] != past.item:
        return (spot.items.index(past.item) + 1) % len(spot.items)
    return past.turn % len(spot.items)


def _turn_after(spot: Spot, past: SpotPast, item: str) -> int:
    """Tell the index behind an item that came; those before it were passed over."""
    first, count = turn(spot, past), len(spot.items)
    indices = ((first + step) % count for step in range(count))
    return next(((index + 1) % count for index in indices if spot.items[index] == item), first)
