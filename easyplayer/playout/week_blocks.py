"""What there is to see in a week: blocks of one kind, and moments, with their words and colours."""

from collections.abc import Iterator, Mapping
from datetime import date
from random import Random
from typing import NamedTuple

from easyplayer.playout.calendar import local_time, zone_of
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Layer
from easyplayer.playout.lettering import TO, one_line
from easyplayer.playout.timeline import Segment, Timeline
from easyplayer.playout.week_grid import DAY_S, Lane, WeekGrid
from easyplayer.units import Instant

CLOSED, NOTHING = "closed", "nothing"

_PALETTE = (
    "#e0a458", "#7fb069", "#5b9aa0", "#c8664d", "#7a78b8", "#d98cb3",
    "#5a8bbd", "#b5a642", "#a08070", "#63b0b8", "#a8699f", "#8796a5",
)  # fmt: skip
_FALLBACK = "#cfcac1"

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Look(NamedTuple):
    """What is told by a block's colour.

    :ivar kind: ``daypart``, ``show``, ``fallback``, :data:`CLOSED` or :data:`NOTHING`.
    :ivar colour: empty for the last two.
    """

    kind: str
    title: str
    colour: str = ""


class Block(NamedTuple):
    """A span of the week in which one thing plays.

    :ivar times: from when to when, on the clock on the wall; empty where it is longer than a day.
    :ivar described: all about it in one line.
    :ivar lanes: where it lies; more than one where it goes over midnight.
    """

    look: Look
    times: str
    described: str
    lanes: tuple[Lane, ...]


class Moment(NamedTuple):
    """A spot that comes on the second.

    :ivar clock: when, on the clock on the wall.
    :ivar described: all about it in one line.
    :ivar lane: begins where the moment lies.
    """

    title: str
    clock: str
    described: str
    lane: Lane


class WeekBlocks:
    """Seven days of a program.

    :ivar grid: where they lie.
    :ivar blocks: in order; together they are the week.
    :ivar moments: in order, but for those while the venue is closed.
    """

    def __init__(self, program: Program, first: date) -> None:
        self._zone = zone_of(program.zone)
        self._colours = colours_of(program)
        self._playlists = {playlist.id: playlist.title or playlist.id for playlist in program.playlists}
        self.grid = WeekGrid(first, self._zone)
        timeline = Timeline(program)
        self.blocks = tuple(self._blocks(timeline))
        self.moments = tuple(self._moments(timeline))

    def _blocks(self, timeline: Timeline) -> Iterator[Block]:
        """Give what begins before the week or ends after it with the times at which it really does."""
        around = Instant(self.grid.start - DAY_S), Instant(self.grid.end + DAY_S)
        for segment in timeline.segments(*around):
            if lanes := tuple(self.grid.within(segment.start, segment.end)):
                yield self._block(segment, lanes)

    def _block(self, segment: Segment, lanes: tuple[Lane, ...]) -> Block:
        is_long = segment.end - segment.start > DAY_S
        edges = (lanes[0].start, lanes[-1].end) if is_long else (segment.start, segment.end)
        start, end = (local_time(edge, self._zone) for edge in edges)
        look, clocks = self._look(segment), (f"{start:%H:%M}", f"{end:%H:%M}")
        last = f"{day_of(end.date())} " if end.date() != start.date() else ""
        plays = self._playlists.get(segment.claim.playlist, "") if segment.claim and segment.open else ""
        return Block(
            look=look,
            times="" if is_long else TO.join(clocks),
            described=f"{look.title}: {day_of(start.date())} {clocks[0]} {TO} {last}{clocks[1]}"
            + (f", plays {plays}" if plays else ""),
            lanes=lanes,
        )

    def _look(self, segment: Segment) -> Look:
        claim = segment.claim
        if not segment.open:
            return Look(CLOSED, "Closed")
        if claim is None:
            return Look(NOTHING, "Nothing planned")
        title = one_line(claim.title or claim.source or claim.playlist)
        return Look(claim.layer.value, title, self._colours.get((claim.layer, claim.source), _FALLBACK))

    def _moments(self, timeline: Timeline) -> Iterator[Moment]:
        for event in timeline.sharp(self.grid.start, self.grid.end):
            lane = self.grid.at(event.at)
            if lane is not None and timeline.is_open(event.at):
                local, title = local_time(event.at, self._zone), one_line(event.spot.title or event.spot.id)
                said = f"{title}: {day_of(local.date())} {local:%H:%M:%S}"
                yield Moment(title, f"{local:%H:%M}", said, lane)

    @property
    def dates(self) -> str:
        """The first and the last date, in words."""
        first, last = self.grid.dates[0], self.grid.dates[-1]
        begin = f"{first.day}"
        if first.month != last.month:
            begin += f" {_MONTHS[first.month - 1]}"
        if first.year != last.year:
            begin += f" {first.year}"
        return f"{begin} {TO} {last.day} {_MONTHS[last.month - 1]} {last.year}"


def day_of(day: date) -> str:
    """Tell a day in words.

    >>> day_of(date(2026, 12, 31))
    'Thu 31 Dec'
    """
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1][:3]}"


def colours_of(program: Program) -> Mapping[tuple[Layer, str], str]:
    """Give each daypart and each show a colour: its own, or one that its id gets in every picture.

    No two get the same until all are given away; so an id may get another when more come.
    """
    sources = [(Layer.DAYPART, one.id, one.colour) for one in program.dayparts if one.playlist]
    sources += [(Layer.SHOW, one.id, one.colour) for one in program.shows if one.playlist]
    chosen = {(layer, name): colour for layer, name, colour in sources if colour}
    free: list[str] = []
    for layer, name, _ in sorted(source for source in sources if not source[2]):
        free = free or list(_PALETTE)
        first = int(Random(name).random() * len(_PALETTE))  # noqa: S311 - nothing is kept secret by it
        wanted = (*_PALETTE[first:], *_PALETTE[:first])
        chosen[layer, name] = next(hue for hue in wanted if hue in free)
        free.remove(chosen[layer, name])
    return chosen
