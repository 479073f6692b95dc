"""What will be heard in a venue, and why: at an instant, or on a day."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select

from easyplayer.errors import BadRequestError
from easyplayer.hub.db.schema import venues, zones
from easyplayer.hub.preview_views import Day, Effective, Gap, Heard, Moment, Sound
from easyplayer.hub.services import programs
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.effective import in_place
from easyplayer.hub.services.holding import none_such
from easyplayer.hub.services.rehearsing import Piece, Rehearsals, Rehearsed, clock_of, span
from easyplayer.hub.services.stock import stock
from easyplayer.hub.services.targets import groups_of_venue
from easyplayer.playout import chronicle
from easyplayer.playout.calendar import EPOCH, instant_of
from easyplayer.playout.chronicle import Happening, Sounding
from easyplayer.playout.explain import explained
from easyplayer.playout.program_file import decode
from easyplayer.units import Instant

FOR_EVER = float("inf")
NOTHING_PUBLISHED = "no program was ever published for it: the box plays what it brings along"
FIRST_YEAR, LAST_YEAR = 1970, 2999


class Asked:
    """A zone of a venue that somebody asks about.

    :raises NotFoundError: there is none, or none that the caller sees.
    """

    def __init__(
        self, connection: Connection, caller: Caller, rehearsals: Rehearsals, venue: str, zone: str
    ) -> None:
        held = groups_of_venue(connection, venue)
        if held is None or not caller.sees(held):
            raise none_such("venue", venue)
        where = (zones.c.venue == venue) & (zones.c.id == zone)
        if connection.execute(select(zones.c.id).where(where)).first() is None:
            raise none_such("zone", f"{venue}/{zone}")
        clock = connection.execute(select(venues.c.time_zone).where(venues.c.id == venue)).scalar_one()
        self.venue, self.zone, self.clock = venue, zone, clock_of(clock)
        self._rehearsals = rehearsals
        self._row = in_place(connection, venue, zone)
        self._piece = None if self._row is None else self._load(connection, self._row)

    @property
    def program(self) -> Effective | None:
        """The program that is in force; ``None`` where none was ever published."""
        row = self._row
        if row is None:
            return None
        return Effective(
            id=row["program"],
            name=row["name"],
            version=row["version"],
            revision=row["id"],
            digest=row["digest"],
        )

    def at(self, at: Instant) -> Moment:
        """Tell what is heard at an instant."""
        plays: tuple[Sound, ...] = ()
        silence = NOTHING_PUBLISHED
        if self._piece is not None:
            glimpse = self._rehearsals.at(self._piece, at, self.clock)
            plays = tuple(self._sound(one, self._piece) for one in glimpse.sounding)
            silence = glimpse.silence
        return Moment(
            venue=self.venue,
            zone=self.zone,
            at=at,
            local=local_iso(at, self.clock),
            time_zone=self.clock.key,
            program=self.program,
            plays=plays,
            silence=silence,
        )

    def day(self, day: date) -> Day:
        """Tell what is heard on a day."""
        since, until = span(day, self.clock)
        rehearsed = Rehearsed((), since)
        gaps = [Gap(began=since, over=until, local=local_iso(since, self.clock), reason=NOTHING_PUBLISHED)]
        if self._row is not None and self._piece is not None:
            rehearsed = self._rehearsals.day(self._row["digest"], self._piece, day, self.clock)
            gaps = [*self._gaps(rehearsed.happenings)]
        return Day(
            venue=self.venue,
            zone=self.zone,
            date=day.isoformat(),
            time_zone=self.clock.key,
            program=self.program,
            items=tuple(self._items(rehearsed.happenings)),
            gaps=tuple(gaps),
            until=rehearsed.until,
        )

    def _load(self, connection: Connection, row: RowMapping) -> Piece:
        def load() -> Piece:
            program = decode(programs.body(connection, row["program"], row["version"]))
            found = stock(connection, (item.id for item in program.items), "")
            return Piece(program, found.facts)

        return self._rehearsals.piece(row["digest"], load)

    def _sound(self, sounding: Sounding, piece: Piece) -> Sound:
        decision = sounding.decision
        return Sound(
            id=decision.item.id,
            caption=decision.item.caption,
            layer=decision.origin.layer,
            source=decision.origin.source,
            playlist=decision.origin.playlist,
            began=sounding.began,
            local=local_iso(sounding.began, self.clock),
            over=None if sounding.next_at == FOR_EVER else sounding.next_at,
            words=explained(decision, piece.program.zone),
            beaten=decision.beaten,
            otherwise=decision.otherwise,
        )

    def _items(self, happenings: Iterable[Happening]) -> Iterator[Heard]:
        for row in happenings:
            if not isinstance(row, chronicle.Heard) or row.origin is None:
                continue
            yield Heard(
                id=row.item.id,
                caption=row.item.caption,
                layer=row.origin.layer,
                source=row.origin.source,
                playlist=row.origin.playlist,
                began=row.started,
                over=row.over,
                local=local_iso(row.started, self.clock),
                ended=row.ended.value,
            )

    def _gaps(self, happenings: Iterable[Happening]) -> Iterator[Gap]:
        for one in happenings:
            local = local_iso(one.started, self.clock)
            match one:
                case chronicle.Silence():
                    reason = "nothing of the program can be played"
                    yield Gap(began=one.started, over=one.over, local=local, reason=reason)
                case chronicle.Missed():
                    reason = f"spot {one.event.spot.id} does not come: {one.reason}"
                    yield Gap(began=one.started, local=local, reason=reason)


def instant_from(text: str, clock: ZoneInfo, now: Instant) -> Instant:
    """Read an instant: seconds since 1970, a local time, or one with an offset; empty is now.

    :raises BadRequestError: it is none.
    """
    if not text:
        return now
    try:
        meant = _moment(text)
        if not FIRST_YEAR <= meant.year <= LAST_YEAR:
            raise ValueError(text)
    except (ValueError, OverflowError) as error:
        message = f"at: {text!r} is no time: write seconds since 1970, or one such as 2026-12-24T18:07"
        raise BadRequestError(message) from error
    return Instant(meant.timestamp()) if meant.tzinfo else instant_of(meant, clock)


def day_from(text: str, clock: ZoneInfo, now: Instant) -> date:
    """Read a date; empty is today.

    :raises BadRequestError: it is none.
    """
    if not text:
        return (EPOCH + timedelta(seconds=now)).astimezone(clock).date()
    try:
        day = date.fromisoformat(text)
        if not FIRST_YEAR < day.year < LAST_YEAR:
            raise ValueError(text)
    except ValueError as error:
        message = f"date: {text!r} is no date: write one such as 2026-12-24"
        raise BadRequestError(message) from error
    return day


def local_iso(at: Instant, clock: ZoneInfo) -> str:
    """Write an instant as a venue's clock shows it, with its offset."""
    local = (EPOCH + timedelta(seconds=round(at))).astimezone(clock)
    return local.isoformat(timespec="seconds")


def _moment(text: str) -> datetime:
    try:
        return EPOCH + timedelta(seconds=float(text))
    except ValueError:
        return datetime.fromisoformat(text)
