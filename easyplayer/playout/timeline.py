"""Who has the word at each instant, as far as the program's dates and times decide it.

A timeline knows shows, dayparts and the fallback, the spots that come on the second, and the hours in
which the venue is open.  It is drawn a day at a time, when it is asked for, and only the days that were
asked for last are kept.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby, pairwise

from msgspec import Struct

from easyplayer.playout import calendar
from easyplayer.playout.catalogue import Daypart, Hours, Program, Sharp, Show, Slot, Spot
from easyplayer.playout.items import Layer
from easyplayer.units import Instant, Seconds

HORIZON_S = Seconds(8 * 86_400.0)
"""How far ahead a change is looked for."""

_DAY_S = 86_400
_AROUND_S = 4 * _DAY_S
"""How far from a day the slots that reach into it can lie, whatever the zone."""
_SHIFTS = (-2, -1, 0, 1)
"""The dates, seen from that of UTC, on which such slots start."""
_DAYS_KEPT = 40
_ALWAYS = Instant(float("-inf")), Instant(float("inf"))


class Claim(Struct, frozen=True, kw_only=True):
    """What wants to have the word at an instant.

    :ivar source: id of the show or the daypart; empty for the fallback.
    :ivar title: what people call it.
    :ivar playlist: id of the playlist.
    :ivar occurrence: names this occurrence for ever by the date on which it starts, such as
        ``breakfast@2026-11-21``; empty for the fallback.
    :ivar since: since when it wants the word without a break, whoever had it meanwhile.
    :ivar until: the first instant at which it does not want it any more.
    """

    layer: Layer
    source: str = ""
    title: str = ""
    playlist: str
    occurrence: str = ""
    since: Instant = _ALWAYS[0]
    until: Instant = _ALWAYS[1]


class SharpEvent(Struct, frozen=True, kw_only=True, order=True):
    """One coming of a spot that comes on the second.

    :ivar key: names it for ever by what the clock on the wall should show, such as
        ``noon-call@2026-03-29T12:00:00``.
    """

    at: Instant
    key: str
    spot: Spot


class Segment(Struct, frozen=True, kw_only=True):
    """A span in which one claim has the word, and the venue is open throughout, or closed.

    :ivar claim: ``None`` where nothing wants the word.
    """

    start: Instant
    end: Instant
    claim: Claim | None
    open: bool


class ShowRun(Struct, frozen=True, kw_only=True):
    """A show, and the instants at which it begins and is over."""

    show: Show
    starts: Instant
    ends: Instant


class _Opening(Struct, frozen=True):
    since: Instant
    until: Instant
    open: bool


class _Piece(Struct, frozen=True):
    """A span in which nothing at all changes."""

    start: Instant
    end: Instant
    claims: tuple[Claim, ...]
    open: bool


class Timeline:
    """What a program's dates and times decide, at every instant.

    A show or a daypart that names no playlist wants no word: it is there for the screen alone.

    Where its hours contradict each other and neither is more specific or newer, the venue is open.  A
    program that says when it is closed, but never when it is open, is open at all other times.

    :raises KeyError: the program's zone does not exist.
    """

    def __init__(self, program: Program) -> None:
        self._zone = calendar.zone_of(program.zone)
        self._dayparts = sorted(filter(_has_playlist, program.dayparts), key=_daypart_rank)
        self._hours = sorted(program.hours, key=_hours_rank)
        self._open_otherwise = not any(hours.open for hours in program.hours)
        self._runs = self._runs_of([*filter(_has_playlist, program.shows)])
        self._show_claims = [
            _claim_of(run.show, run.show.starts.date(), run.starts, run.ends) for run in self._runs
        ]
        self._sharp = [(spot, spot.when) for spot in program.spots if isinstance(spot.when, Sharp)]
        self._fallback = _fallback_of(program)
        self._drawn = lru_cache(maxsize=_DAYS_KEPT)(self._draw)
        self._sharp_on = lru_cache(maxsize=_DAYS_KEPT)(self._list_sharp)

    def claims(self, instant: Instant) -> tuple[Claim, ...]:
        """Tell all that want the word at an instant, the one that has it first."""
        return self._piece(instant).claims

    def is_open(self, instant: Instant) -> bool:
        """Tell whether the venue is open at an instant."""
        return self._piece(instant).open

    def change_after(self, instant: Instant) -> Instant:
        """Tell the next instant at which another may have the word, or the venue opens or closes.

        It is never further away than :data:`HORIZON_S`, whether or not anything changes there.
        """
        horizon = Instant(instant + HORIZON_S)
        return next((segment.end for segment in self.segments(instant, horizon)), horizon)

    def opens_after(self, instant: Instant) -> Instant | None:
        """Tell when a closed door opens next, whether or not the venue is open now.

        ``None`` where that does not happen within :data:`HORIZON_S`.
        """
        around = pairwise(self._pieces(instant, Instant(instant + HORIZON_S)))
        return next((after.start for before, after in around if after.open and not before.open), None)

    def segments(self, start: Instant, end: Instant) -> Iterator[Segment]:
        """Part a window into spans, each as long as can be, in which one claim has the word."""
        for (claim, is_open), same in groupby(self._pieces(start, end), key=_what_counts):
            pieces = [*same]
            since, until = max(start, pieces[0].start), min(end, pieces[-1].end)
            yield Segment(start=since, end=until, claim=claim, open=is_open)

    def sharp(self, start: Instant, end: Instant) -> tuple[SharpEvent, ...]:
        """Tell the spots that come on the second within a window, in order."""
        if not self._sharp or start >= end:
            return ()
        first, last = _day_number(start) + _SHIFTS[0], _day_number(end) + _SHIFTS[-1]
        found = [
            event
            for number in range(first, last + 1)
            for event in self._sharp_on(_date(number))
            if start <= event.at < end
        ]
        return tuple(sorted(found))

    def shows(self, start: Instant, end: Instant) -> tuple[ShowRun, ...]:
        """Tell the shows that begin within a window, in order, but for those that the night leaves out."""
        found = [run for run in self._runs if start <= run.starts < end]
        return tuple(sorted(found, key=lambda run: (run.starts, run.show.id)))

    def blind(self) -> tuple[Claim, ...]:
        """Tell what to play while nobody knows date and time: what is right most often, then the fallback."""
        likely = sorted(self._dayparts, key=_unlikeliness)[:1]
        return *(_claim_of(daypart) for daypart in likely), *self._fallback

    # -- a day's pieces ------------------------------------------------------------------------

    def _piece(self, instant: Instant) -> _Piece:
        return next(piece for piece in self._drawn(_day_number(instant)) if instant < piece.end)

    def _pieces(self, start: Instant, end: Instant) -> Iterator[_Piece]:
        if start >= end:
            return
        for number in range(_day_number(start), _day_number(end) + 1):
            yield from (piece for piece in self._drawn(number) if piece.end > start and piece.start < end)

    def _draw(self, number: int) -> tuple[_Piece, ...]:
        """Draw the pieces of one day of UTC."""
        start, end = Instant(float(number * _DAY_S)), Instant(float((number + 1) * _DAY_S))
        dates = [_date(number + shift) for shift in _SHIFTS]
        near = calendar.stretches(self._zone, Instant(start - _AROUND_S), Instant(end + _AROUND_S))
        claims = [*self._show_claims, *self._daypart_claims(dates, near), *self._fallback]
        claims = [claim for claim in claims if claim.since < end and claim.until > start]
        openings = self._openings(dates, near)
        edges = {edge for claim in claims for edge in (claim.since, claim.until)}
        edges |= {edge for opening in openings for edge in (opening.since, opening.until)}
        inner = {edge for edge in edges if start < edge < end}
        return tuple(
            _Piece(since, until, _covering(claims, since), self._open_at(openings, since))
            for since, until in pairwise(sorted({start, *inner, end}))
        )

    def _daypart_claims(self, dates: Sequence[date], near: Sequence[calendar.Stretch]) -> Iterator[Claim]:
        for daypart in self._dayparts:
            for day, since, until in _spans(daypart.slot, dates, near):
                yield _claim_of(daypart, day, since, until)

    def _openings(self, dates: Sequence[date], near: Sequence[calendar.Stretch]) -> list[_Opening]:
        return [
            _Opening(since, until, hours.open)
            for hours in self._hours
            for _, since, until in _spans(hours.slot, dates, near)
        ]

    def _open_at(self, openings: Sequence[_Opening], instant: Instant) -> bool:
        covering = (opening.open for opening in openings if opening.since <= instant < opening.until)
        return next(covering, self._open_otherwise)

    # -- shows and spots -----------------------------------------------------------------------

    def _runs_of(self, shows: Sequence[Show]) -> list[ShowRun]:
        runs = [
            ShowRun(
                show=show,
                starts=calendar.instant_of(show.starts, self._zone),
                ends=calendar.instant_of(show.ends, self._zone),
            )
            for show in sorted(shows, key=_show_rank)
        ]
        return [run for run in runs if run.starts < run.ends]

    def _list_sharp(self, day: date) -> list[SharpEvent]:
        return [
            SharpEvent(
                at=calendar.instant_of(local, self._zone), key=f"{spot.id}@{local.isoformat()}", spot=spot
            )
            for spot, when in self._sharp
            for local in sorted({datetime.combine(day, clock) for clock in when.at})
            if calendar.covering_day(spot.slot, local)
        ]


def _has_playlist(source: Show | Daypart) -> bool:
    return bool(source.playlist)


def _day_number(instant: Instant) -> int:
    return int(instant // _DAY_S)


def _date(day_number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day_number)


def _spans(
    slot: Slot, dates: Sequence[date], near: Sequence[calendar.Stretch]
) -> Iterator[tuple[date, Instant, Instant]]:
    for day in dates:
        if calendar.starts_on(slot, day):
            for since, until in calendar.unbroken(*calendar.span_of(slot, day), near):
                yield day, since, until


def _covering(claims: Sequence[Claim], instant: Instant) -> tuple[Claim, ...]:
    return tuple(claim for claim in claims if claim.since <= instant < claim.until)


def _what_counts(piece: _Piece) -> tuple[Claim | None, bool]:
    return piece.claims[0] if piece.claims else None, piece.open


def _claim_of(
    source: Show | Daypart,
    day: date | None = None,
    since: Instant = _ALWAYS[0],
    until: Instant = _ALWAYS[1],
) -> Claim:
    return Claim(
        layer=Layer.SHOW if isinstance(source, Show) else Layer.DAYPART,
        source=source.id,
        title=source.title,
        playlist=source.playlist,
        occurrence=f"{source.id}@{day.isoformat()}" if day else "",
        since=since,
        until=until,
    )


def _fallback_of(program: Program) -> tuple[Claim, ...]:
    if not program.fallback:
        return ()
    titles = {playlist.id: playlist.title for playlist in program.playlists}
    title = titles.get(program.fallback, "")
    return (Claim(layer=Layer.FALLBACK, title=title, playlist=program.fallback),)


def _daypart_rank(daypart: Daypart) -> tuple[float | str, ...]:
    return *calendar.vagueness(daypart.slot), -daypart.revised, daypart.id


def _hours_rank(hours: Hours) -> tuple[float, ...]:
    return *calendar.vagueness(hours.slot), -hours.revised, not hours.open


def _show_rank(show: Show) -> tuple[timedelta, datetime, int, str]:
    return calendar.EPOCH - show.starts.replace(tzinfo=UTC), show.ends, -show.revised, show.id


def _unlikeliness(daypart: Daypart) -> tuple[bool, float]:
    """Rank by how few minutes of an ordinary week are covered; what may be over by now comes last."""
    slot = daypart.slot
    begins, over = calendar.span_of(slot, date(2000, 1, 1))
    weekly_s = (over - begins).total_seconds() * (len(set(slot.days)) or 7)
    return bool(slot.dates) or slot.last is not None, -weekly_s
