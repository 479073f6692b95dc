"""A slot as people write it on one line: ``mon-fri 07:00-11:00``."""

import re
from collections.abc import Iterator
from datetime import time

from easyplayer.playout.catalogue import MIDNIGHT, Slot, Weekday

_SLOT = re.compile(
    r"(?:(?P<days>[a-z, -]+?)\s+)?(?P<starts>\d{1,2}:\d\d)\s*-\s*(?P<ends>\d{1,2}:\d\d)", re.IGNORECASE
)
_ALL = "daily"
_FULL = {day.value: day.name.casefold() for day in Weekday}
_LETTERS = 3


def slot_from(text: str) -> Slot:
    """Read a slot: the weekdays, as a list or from one to another, and from when to when.

    >>> slot_from("sat,sun 22:00-04:00").days
    (<Weekday.SATURDAY: 'sat'>, <Weekday.SUNDAY: 'sun'>)

    :raises ValueError: it is none; the message says what to write.
    """
    found = _SLOT.fullmatch(text.strip())
    if not found:
        raise ValueError(f'{text!r} is no slot; write it like "mon-fri 07:00-11:00"')
    named = {*_days((found["days"] or _ALL).casefold())}
    days = () if len(named) == len(Weekday) else tuple(day for day in Weekday if day in named)
    return Slot(days=days, starts=_time(found["starts"]), ends=_time(found["ends"], is_end=True))


def days_words(days: tuple[Weekday, ...]) -> str:
    """Write weekdays as :func:`slot_from` reads them.

    >>> days_words(slot_from("Monday - Wednesday, sat 7:00 - 11:00").days)
    'mon-wed,sat'
    """
    week = [*Weekday]
    runs: list[list[Weekday]] = []
    for day in (day for day in week if day in days):
        if runs and week.index(day) == week.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs) or _ALL


def _days(text: str) -> Iterator[Weekday]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        if part.strip() == _ALL:
            yield from Weekday
        elif last:
            week = [*Weekday]
            begin, end = week.index(_day(first)), week.index(_day(last))
            yield from week[begin : end + 1] if begin <= end else [*week[begin:], *week[: end + 1]]
        else:
            yield _day(first)


def _day(word: str) -> Weekday:
    name = word.strip()
    if len(name) >= _LETTERS and _FULL.get(name[:_LETTERS], "").startswith(name):
        return Weekday(name[:_LETTERS])
    raise ValueError(f"{word.strip()!r} is no weekday; there are {', '.join(Weekday)}, and {_ALL} for all")


def _time(text: str, *, is_end: bool = False) -> time:
    hour, minute = map(int, text.split(":"))
    if is_end and (hour, minute) == (24, 0):
        return MIDNIGHT
    try:
        return time(hour, minute)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time of day; there are 00:00 to 23:59") from error
