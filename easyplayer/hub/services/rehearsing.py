"""Programs rehearsed: the box's own decisions, with the lengths that were measured here.

A box that begins at midnight and has played nothing before is what is rehearsed.  So who has the word is
certain at every instant; which song of a playlist it is, is what such a box would play.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from datetime import date, datetime
from datetime import time as time_of_day
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from easyplayer.analysis import MediaFacts
from easyplayer.playout.calendar import DAY, instant_of, local_time, zone_of
from easyplayer.playout.catalogue import Program
from easyplayer.playout.chronicle import Happening, Sounding
from easyplayer.playout.engine import Engine
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.preparation import Measured, prepare
from easyplayer.playout.simulate import VirtualVenue, World
from easyplayer.playout.standing import VenueHours
from easyplayer.playout.transition import Rules, is_backward
from easyplayer.playout.virtual_clock import scripted
from easyplayer.units import Instant, Seconds

GUESSED_S = Seconds(210.0)
"""How long an item counts as of which nobody knows how long it is."""
JUST_AFTER_S = 0.001
"""What begins at an instant is heard just after it."""
LONGEST_S = Seconds(5.0)
"""For how long is worked on one rehearsal; then it ends early."""
MOST_HAPPENINGS = 10_000
KEPT_PROGRAMS = 8
KEPT_DAYS = 64

Kept = TypeVar("Kept")


class Piece(Struct, frozen=True):
    """A program, and what was measured of its items, by their ids."""

    program: Program
    facts: dict[str, MediaFacts]


class Rehearsed(Struct, frozen=True):
    """What happens on a day.

    :ivar until: up to when it was worked out.
    """

    happenings: tuple[Happening, ...]
    until: Instant


class Glimpse(Struct, frozen=True):
    """What is heard at an instant.

    :ivar sounding: the music, and the spot over it.
    :ivar silence: why nothing is heard; empty where something is.
    """

    sounding: tuple[Sounding, ...]
    silence: str


class Rehearsals:
    """Rehearses, and keeps what was asked for last.  May be used from any thread.

    :param clock: tells how long the work takes, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pieces: _Lately[Piece] = _Lately(KEPT_PROGRAMS)
        self._days: _Lately[Rehearsed] = _Lately(KEPT_DAYS)

    def piece(self, digest: str, load: Callable[[], Piece]) -> Piece:
        """Give a program by the digest of its file.

        :param load: is asked for it where it is not at hand.
        """
        return self._pieces.get(digest, load)

    def day(self, digest: str, piece: Piece, day: date, zone: ZoneInfo) -> Rehearsed:
        """Rehearse a day, from midnight to midnight of a time zone."""
        return self._days.get((digest, day, zone.key), lambda: self._rehearse(piece, *span(day, zone)))

    def at(self, piece: Piece, at: Instant, zone: ZoneInfo) -> Glimpse:
        """Rehearse up to an instant, and look."""
        since, _ = span(local_time(at, zone).date(), zone)
        venue = virtual_venue(piece, min(since, at))
        for _ in self._bounded(venue.go_on(Instant(at + JUST_AFTER_S))):
            pass
        if venue.now < at:  # too much to come so far in time: begin at the instant itself
            venue = virtual_venue(piece, at)
            for _ in venue.go_on(Instant(at + JUST_AFTER_S)):
                pass
        sounding = tuple(structs.replace(one) for one in (venue.music, venue.spot) if one is not None)
        return Glimpse(sounding, "" if sounding else _silence(piece.program, at))

    def _rehearse(self, piece: Piece, since: Instant, until: Instant) -> Rehearsed:
        venue = virtual_venue(piece, since)
        happenings = tuple(self._bounded(venue.run(until)))
        return Rehearsed(happenings, venue.now)

    def _bounded(self, happenings: Iterator[Happening]) -> Iterator[Happening]:
        began = self._clock()
        for count, happening in enumerate(happenings, start=1):
            yield happening
            if count >= MOST_HAPPENINGS or self._clock() - began > LONGEST_S:
                return


def span(day: date, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """Give the first instant of a day, and the first one after it."""
    first, after = (instant_of(datetime.combine(one, time_of_day()), zone) for one in (day, day + DAY))
    return first, after


def virtual_venue(piece: Piece, since: Instant) -> VirtualVenue:
    """Give a venue that plays a program, from an instant on."""
    rules = Rules()
    preparer = _Preparer(piece.facts, rules)
    world = World(
        clock=scripted(since, ()), prepare=preparer.prepare, rules=rules, unavailable=preparer.unavailable
    )
    return VirtualVenue(Engine(piece.program), world)


class _Preparer:
    """Makes items ready as the box does, and leaves out what that leaves out."""

    def __init__(self, facts: dict[str, MediaFacts], rules: Rules) -> None:
        self._facts = facts
        self._rules = rules
        self._troubles: dict[str, str] = {}

    def unavailable(self, item: Item) -> str:
        if item.id not in self._troubles:
            self._troubles[item.id] = self._trouble(item)
        return self._troubles[item.id]

    def _trouble(self, item: Item) -> str:
        if item.endless:
            return ""
        facts = self._facts.get(item.id)
        if facts is not None and facts.is_silent:
            return "there is nothing but silence in it"
        backward = is_backward(prepare(self._measured(item), None, self._rules))
        return "it is over before it begins: look at its cues" if backward else ""

    def prepare(self, item: Item, before: Item | None) -> PreparedItem:
        earlier = None if before is None or before.endless else self._measured(before)
        prepared = prepare(self._measured(item), earlier, self._rules)
        if prepared.cue_out_s is not None or item.endless:
            return prepared
        return structs.replace(prepared, cue_out_s=Seconds(prepared.cue_in_s + GUESSED_S))

    def _measured(self, item: Item) -> Measured:
        return Measured(item, self._facts.get(item.id))


class _Lately(Generic[Kept]):
    """Keeps what was asked for last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def _silence(program: Program, at: Instant) -> str:
    verdict = VenueHours(program).judge(at)
    return "nothing of the program can be played" if verdict.allowed else verdict.reason


def clock_of(name: str) -> ZoneInfo:
    """Give a venue's time zone; where its name is none any more, that of UTC."""
    try:
        return zone_of(name)
    except KeyError:
        return zone_of("UTC")
