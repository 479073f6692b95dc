"""The as-run logs as operators read them: what was played where, and how whole each log is."""

from collections.abc import Generator, Iterator
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, tuple_

from easyplayer.errors import BadRequestError
from easyplayer.hub.db.database import Database
from easyplayer.hub.db.schema import logs, played, pulses, set_aside, venue_groups, venues
from easyplayer.hub.services import places
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.spooling import spooled
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.units import Instant

ROWS_AT_ONCE = 1000
MOST_GAPS = 100
"""How many gaps of a log are listed."""
ORDER = (played.c.venue, played.c.at, played.c.box, played.c.log, played.c.number)
"""By venue, and there by time; the rest makes it certain."""
COLUMNS = (*played.c.keys(), "time_zone")
"""What a row has."""


class What(StrEnum):
    """What sort of rows is wanted."""

    MUSIC = "music"
    """What is only for the ear: songs, streams and spots."""

    SOUND = "sound"
    """All that was heard: music, and clips with a sound of their own."""

    PICTURES = "pictures"
    """All that was shown on a screen."""

    ALL = "all"


class Span(Struct, frozen=True, kw_only=True):
    """What is wanted of the log; what is empty takes all.

    :ivar what: what sort of rows.
    :ivar source: only of this show, daypart or spot.
    :ivar playlist: only out of this playlist.
    :ivar start: from when on, and ``end``: up to when; by when it began.
    :ivar unheard: also rows of which nothing was heard or seen.
    """

    what: What = What.MUSIC
    source: str = ""
    playlist: str = ""

    venue: str = ""
    box: str = ""
    group: str = ""
    start: Instant | None = None
    end: Instant | None = None
    unheard: bool = False


class Gap(Struct, frozen=True, kw_only=True):
    """Sequences that are missing: from the first to the last of them."""

    first: int
    last: int


class LogState(Struct, frozen=True, kw_only=True):
    """How whole one log of a box is.

    :ivar head: up to which number the box has it; the hub's own number where it has said nothing of it.
    :ivar rows: how many rows were stored.
    :ivar aside: the numbers and reasons of those that could not be read.
    """

    log: str
    head: int
    acknowledged: int
    rows: int
    gaps: list[Gap]
    aside: list[tuple[int, str]]
    created: Instant
    updated: Instant


def page(connection: Connection, caller: Caller, span: Span, after: str, limit: int) -> list[Row[Any]]:
    """Give rows in order, each with its venue's time zone.

    :param after: the :func:`place_of` of the row before; empty begins at the front.
    :raises BadRequestError: that is none.
    """
    chosen = _chosen(caller, span)
    if after:
        chosen = chosen.where(tuple_(*ORDER) > tuple_(*_place(after)))
    return list(connection.execute(chosen.order_by(*ORDER).limit(limit)))


def place_of(row: Row[Any]) -> str:
    """Name the place of a row in the order."""
    return msgspec.json.encode([row.venue, row.at, row.box, row.log, row.number]).decode()


def stream(database: Database, caller: Caller, span: Span) -> Iterator[Any]:
    """Give all rows in order as they are at one moment, with no more than a page of them in memory.

    They are read in one transaction: a clock that is read meanwhile corrects the times of rows, which then
    stand elsewhere.  It is over as soon as the database has given them, however slowly they are taken.
    """
    for piece in spooled(lambda: _pieces(database, caller, span)):
        for row in msgspec.msgpack.decode(piece):
            yield SimpleNamespace(**dict(zip(COLUMNS, row, strict=True)))


def _pieces(database: Database, caller: Caller, span: Span) -> Generator[bytes, None, None]:
    after = ""
    with database.read() as connection:
        while True:
            rows = page(connection, caller, span, after, ROWS_AT_ONCE)
            yield msgspec.msgpack.encode([tuple(row) for row in rows])
            if len(rows) < ROWS_AT_ONCE:
                return
            after = place_of(rows[-1])


def logs_of(connection: Connection, box: str) -> list[LogState]:
    """Tell how whole the logs of a box are, the one that was begun last first."""
    said = connection.execute(select(pulses.c.log).where(pulses.c.box == box)).scalar()
    head = msgspec.json.decode(said, type=LogHead) if said else None
    chosen = select(logs).where(logs.c.box == box).order_by(logs.c.created.desc(), logs.c.log)
    return [_state(connection, row, head) for row in connection.execute(chosen)]


def _state(connection: Connection, row: Row[Any], head: LogHead | None) -> LogState:
    mine = (played.c.box == row.box) & (played.c.log == row.log)
    aside = select(set_aside.c.number, set_aside.c.reason).where(
        set_aside.c.box == row.box, set_aside.c.log == row.log
    )
    return LogState(
        log=row.log,
        head=head.head if head is not None and head.log == row.log else row.acknowledged,
        acknowledged=row.acknowledged,
        rows=connection.execute(select(func.count()).select_from(played).where(mine)).scalar_one(),
        gaps=_gaps(connection, mine),
        aside=[
            (one.number, one.reason) for one in connection.execute(aside.order_by("number").limit(MOST_GAPS))
        ],
        created=Instant(row.created),
        updated=Instant(row.updated),
    )


def _gaps(connection: Connection, mine: Any) -> list[Gap]:
    before = func.lag(played.c.sequence).over(order_by=played.c.sequence).label("before")
    pairs = select(played.c.sequence, before).where(mine).subquery()
    holes = select(pairs).where(pairs.c.sequence > pairs.c.before + 1).order_by(pairs.c.sequence)
    return [
        Gap(first=row.before + 1, last=row.sequence - 1) for row in connection.execute(holes.limit(MOST_GAPS))
    ]


def _chosen(caller: Caller, span: Span) -> Select[Any]:
    chosen = select(played, venues.c.time_zone).join(venues, venues.c.id == played.c.venue, isouter=True)
    if not caller.may(Role.VIEWER):
        chosen = chosen.where(played.c.venue.in_(places.visible_venues(caller)))
    if span.group:
        inside = select(venue_groups.c.venue).where(venue_groups.c.group == span.group)
        chosen = chosen.where(played.c.venue.in_(inside))
    if span.start is not None:
        chosen = chosen.where(played.c.at >= span.start)
    if span.end is not None:
        chosen = chosen.where(played.c.at < span.end)
    return chosen.where(*_named(span), *_sort(span))


def _named(span: Span) -> Iterator[ColumnElement[bool]]:
    """Give what must hold of a row by the names that were given."""
    for name in ("venue", "box", "source", "playlist"):
        if wanted := getattr(span, name):
            yield played.c[name] == wanted


def _sort(span: Span) -> Iterator[ColumnElement[bool]]:
    """Give what must hold of a row of the wanted sort."""
    heard, shown = played.c.heard_s > 0, played.c.shown_s > 0
    match span.what:
        case What.MUSIC:
            yield played.c.shown_s.is_(None)
        case What.SOUND:
            yield played.c.shown_s.is_(None) | heard
        case What.PICTURES:
            yield played.c.shown_s.is_not(None)
    if not span.unheard:
        yield heard | shown


def _place(text: str) -> tuple[str, float, str, str, int]:
    try:
        return msgspec.json.decode(text, type=tuple[str, float, str, str, int])
    except msgspec.MsgspecError as error:
        message = f"after={text!r} is no place in the list: take what the part before has told as next"
        raise BadRequestError(message) from error
