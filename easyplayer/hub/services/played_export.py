"""The as-run log as files: comma-separated values for spreadsheets, and lines of JSON for programs."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from io import StringIO
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row

from easyplayer.playout.calendar import zone_of
from easyplayer.protocol.asrun import Snapshot

LINES_AT_ONCE = 200
"""How many lines are written in one piece."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


class PlayedRow(Struct, frozen=True, kw_only=True):
    """One row, as it is told to people and programs.

    :ivar started_utc: when it began, after ISO 8601; empty where that is no time at all.
    :ivar started_local: the same by the clock on the venue's wall.
    :ivar trust: how far the box's clock could be trusted: ``unknown``, ``estimated`` or ``trusted``.
    :ivar heard_s: for how long it was heard; of a picture, for how long its own sound was.
    :ivar kind: ``file``, ``local`` or ``stream``; of pictures ``still``, ``clip`` or ``stream``.
    :ivar item: its id; of a track, what the hub calls it.
    :ivar clip_sound: what became of a clip's own sound: ``mute``, ``mix`` or ``replace``.
    :ivar shown_s: for how long it was on a screen; ``None`` is no picture.
    :ivar outputs: the screens that were up meanwhile, with commas between.
    """

    venue: str
    zone: str
    box: str
    log: str
    number: int
    sequence: int
    started_utc: str
    started_local: str
    trust: str
    heard_s: float
    title: str
    artist: str
    album: str
    composer: str
    label: str
    isrc: str
    duration_ms: int | None
    layer: str
    source: str
    playlist: str
    ended: str
    level_db: float | None
    kind: str
    item: str
    clip_sound: str
    shown_s: float | None
    outputs: str


def told(row: Row[Any]) -> PlayedRow:
    """Tell a row."""
    item = msgspec.json.decode(row.item, type=Snapshot)
    return PlayedRow(
        venue=row.venue,
        zone=row.zone,
        box=row.box,
        log=row.log,
        number=row.number,
        sequence=row.sequence,
        started_utc=_iso(row.at, UTC).replace("+00:00", "Z"),
        started_local=_iso(row.at, zone_of(row.time_zone) if row.time_zone else UTC),
        trust=row.trust,
        heard_s=round(row.heard_s, 3),
        title=item.title or (_file_name(item.location) if row.shown_s is not None else ""),
        artist=item.artist,
        album=item.album,
        composer=item.composer,
        label=item.label,
        isrc=item.isrc,
        duration_ms=item.duration_ms,
        layer=row.layer,
        source=row.source,
        playlist=row.playlist,
        ended=row.ended,
        level_db=None if row.level_db is None else round(row.level_db, 1),
        kind=item.kind,
        item=item.id,
        clip_sound=item.clip_sound,
        shown_s=None if row.shown_s is None else round(row.shown_s, 3),
        outputs=", ".join(msgspec.json.decode(row.outputs)),
    )


def _file_name(location: str) -> str:
    """Give what a picture without a title is called: images seldom have one."""
    return location.rstrip("/").rpartition("/")[2]


def as_csv(rows: Iterable[PlayedRow]) -> Iterator[bytes]:
    """Write comma-separated values, after RFC 4180, with a line of names first.

    A text that a spreadsheet would take for a formula gets an apostrophe in front: titles come from files
    that anybody may have made.
    """
    yield _csv_line(PlayedRow.__struct_fields__)
    yield from _pieces(_csv_line([_safe(value) for value in msgspec.structs.astuple(row)]) for row in rows)


def as_json_lines(rows: Iterable[PlayedRow]) -> Iterator[bytes]:
    """Write one JSON object a line."""
    yield from _pieces(msgspec.json.encode(row) + b"\n" for row in rows)


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    piece: list[bytes] = []
    for line in lines:
        piece.append(line)
        if len(piece) == LINES_AT_ONCE:
            yield b"".join(piece)
            piece.clear()
    yield b"".join(piece)


def _csv_line(cells: Iterable[object]) -> bytes:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


def _iso(at: float, zone: tzinfo) -> str:
    try:
        return datetime.fromtimestamp(at, zone).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        return ""
