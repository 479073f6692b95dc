"""Importing a program's file, as a box writes one: its media must have been uploaded before.

Its playlists become the hub's, under the program's name; so two programs that each have a ``lunch`` do not
get in each other's way, and the same program imported again replaces its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct, structs
from sqlalchemy import Connection, RowMapping, or_, select

from easyplayer.analysis.facts import Unplayable
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.errors import ConflictError, ProgramError
from easyplayer.hub.content_views import Imported
from easyplayer.hub.db.schema import playlists as playlist_rows
from easyplayer.hub.db.schema import programs as program_rows
from easyplayer.hub.db.schema import streams as stream_rows
from easyplayer.hub.db.schema import tracks as track_rows
from easyplayer.hub.services import audit, playlists, programs, tracks
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.holding import require_change, require_free
from easyplayer.hub.services.slugs import slug_of
from easyplayer.hub.services.track_items import found_in
from easyplayer.playout.catalogue import Daypart, Entry, Playlist, Program, Show, Spot
from easyplayer.playout.items import ClipSound, Item, ItemKind
from easyplayer.playout.preparation import TAGGED
from easyplayer.playout.program_file import decode, remarks
from easyplayer.playout.program_reading import shown_name
from easyplayer.units import Instant

ASKED_AT_ONCE = 500
_KINDS = {ItemKind.FILE: "music", ItemKind.STILL: "an image", ItemKind.CLIP: "a clip"}
BY_HAND = ("cue_in_ms", "cue_out_ms", "fade_in_ms", "fade_out_ms", "gain_db")

_Dated = TypeVar("_Dated", Daypart, Show)


class Names(Struct, frozen=True):
    """What the parts of a file are called at the hub, by what they are called in the file."""

    items: dict[str, str]
    playlists: dict[str, str]


def import_program(
    connection: Connection, caller: Caller, now: Instant, *, program: str, group: str, content: bytes
) -> Imported:
    """Take a program's file as a draft, with its playlists and its streams.

    :raises ProgramError: it cannot be used, or some of its media have not been uploaded; all is told.
    :raises ConflictError: a name that it needs is taken.
    """
    require_change(connection, caller, group)
    read = decode(content)
    found = _tracks(connection, read.items)
    _require_all(read.items, found)
    names = Names(
        {**{name: row["id"] for name, row in found.items()}, **_named(read.items, _is_stream, program)},
        _named(read.playlists, bool, program),
    )
    _require_free(connection, caller, program, names)
    said: list[str] = []
    for at, item in enumerate(read.items):
        if _is_stream(item):
            _keep_stream(connection, structs.replace(item, id=names.items[item.id]), group)
        elif item.id in found:
            about = _said(connection, caller, found[item.id], item)
            said += [f'items[{at}] "{shown_name(item.id)}": {one}' for one in about]
    for playlist in read.playlists:
        playlists.keep(connection, now, _renamed_list(playlist, names), group)
    lists = tuple(names.playlists.values())
    programs.keep(connection, now, program, _renamed(read, names), group=group, lists=lists)
    audit.note(connection, caller, now, "program.import", f"program/{program}", group, lists=len(lists))
    streams = tuple(names.items[item.id] for item in read.items if _is_stream(item))
    return Imported(program=program, lists=lists, streams=streams, remarks=(*remarks(read), *said))


# -- what is there ---------------------------------------------------------------------------------


def _tracks(connection: Connection, items: Iterable[Item]) -> dict[str, RowMapping]:
    """Find the tracks of a file's items, by their digest or their id."""
    wanted = {item.id: item.media.sha256 if item.media else item.id for item in items if not _is_stream(item)}
    keys = sorted(set(wanted.values()))
    rows: dict[str, RowMapping] = {}
    for start in range(0, len(keys), ASKED_AT_ONCE):
        some = keys[start : start + ASKED_AT_ONCE]
        columns = (track_rows.c.copy_sha256, track_rows.c.sha256, track_rows.c.id)
        same = or_(*(column.in_(some) for column in columns))
        for row in connection.execute(select(track_rows).where(same)).mappings():
            rows = {row["copy_sha256"]: row} | rows | {row["sha256"]: row, row["id"]: row}
    return {name: rows[key] for name, key in wanted.items() if key in rows}


def _require_all(items: Iterable[Item], found: dict[str, RowMapping]) -> None:
    problems = [
        f'items[{at}] "{item.id}": {_missing(item)}'
        for at, item in enumerate(items)
        if not _is_stream(item) and item.id not in found
    ]
    if problems:
        raise ProgramError(problems)


def _missing(item: Item) -> str:
    if not (item.owned or item.kind is ItemKind.LOCAL):
        return f"the hub knows no items of the kind {item.kind} yet; leave it out"
    if item.media is None:
        return "it does not say which file that is; write its digest and size as media, and upload it"
    return f"its file, {item.media.sha256[:12]}…, has not been uploaded; do that first"


def _require_free(connection: Connection, caller: Caller, program: str, names: Names) -> None:
    """Go on only where every name that is wanted is free, or may be replaced."""
    for table, wanted in (
        (program_rows, [program]),
        (playlist_rows, [*names.playlists.values()]),
        (stream_rows, [*names.items.values()]),
    ):
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            some = table.c.id.in_(wanted[start : start + ASKED_AT_ONCE])
            for row in connection.execute(select(table.c.id, table.c.group).where(some)).mappings():
                require_free(connection, caller, row)


# -- what becomes of it ----------------------------------------------------------------------------


def _is_stream(item: Item) -> bool:
    return item.endless


def _named(parts: Iterable[Any], wanted: Any, program: str) -> dict[str, str]:
    """Give parts names of their own at the hub.

    :raises ConflictError: two of them would have the same.
    """
    names = {part.id: slug_of(f"{program}-{part.id}") for part in parts if wanted(part)}
    taken: dict[str, str] = {}
    for part, name in names.items():
        if taken.setdefault(name, part) != part:
            message = f"{taken[name]!r} and {part!r} would both be called {name!r}: rename one of them"
            raise ConflictError(message)
    return names


def _said(connection: Connection, caller: Caller, row: RowMapping, item: Item) -> Iterator[str]:
    """Keep what a file's item says of its track; tell what of that is left as it is."""
    if why := _other_kind(row, item):
        yield why
    if why := tracks.say(connection, caller, row, _fitting(row, _told(item))):
        yield f"what it says of track {row['id']} is not taken over: {why}"


def _other_kind(row: RowMapping, item: Item) -> str:
    """Tell that a track is not what a file takes it for, and what to do; empty where it is, or may be."""
    found = found_in(row)
    wanted, known = (ItemKind.FILE if item.kind is ItemKind.LOCAL else item.kind), ItemKind(row["kind"])
    if found is None or isinstance(found, Unplayable) or wanted is known:
        return ""
    return f"at the hub it is {_KINDS[known]}, and not {_KINDS[wanted]}: {_way_out(row, found, wanted)}"


def _way_out(row: RowMapping, found: Finding, wanted: ItemKind) -> str:
    path = f"/api/v1/tracks/{row['id']}"
    if isinstance(found, PictureFacts) and wanted is ItemKind.FILE and found.sound is not None:
        return f'to have its sound alone, PATCH {path} with {{"kind": "file"}}'
    if isinstance(found, PictureFacts) and wanted is ItemKind.CLIP and not found.still:
        return f'to have it shown, PATCH {path} with {{"kind": null}}'
    return "take it out, or bring the file that is meant"


def _fitting(row: RowMapping, told: dict[str, Any]) -> dict[str, Any]:
    """Leave out what cannot be said of what a track is, as far as that is known."""
    if found_in(row) is None:
        return told
    kinds = {"duration_ms": ItemKind.STILL, "clip_sound": ItemKind.CLIP}
    return {name: value for name, value in told.items() if kinds.get(name, row["kind"]) == row["kind"]}


def _told(item: Item) -> dict[str, Any]:
    """Give what a file's item says beyond what it is."""
    texts = {name: getattr(item, name) for name in TAGGED if getattr(item, name)}
    numbers = {name: getattr(item, name) for name in BY_HAND if getattr(item, name) is not None}
    shown = {"duration_ms": item.duration_ms} if item.still and item.duration_ms is not None else {}
    sound = {} if item.clip_sound is ClipSound.MUTE else {"clip_sound": item.clip_sound.value}
    return texts | numbers | shown | sound


def _keep_stream(connection: Connection, item: Item, group: str) -> None:
    body = msgspec.json.encode(item).decode()
    known = connection.execute(select(stream_rows.c.id).where(stream_rows.c.id == item.id)).first()
    if known is None:
        connection.execute(stream_rows.insert().values(id=item.id, body=body, group=group))
    else:
        where = stream_rows.c.id == item.id
        connection.execute(stream_rows.update().where(where).values(body=body, group=group))


def _renamed_list(playlist: Playlist, names: Names) -> Playlist:
    entries = tuple(_renamed_entries(playlist.entries, names))
    title = playlist.title or playlist.id
    return structs.replace(playlist, id=names.playlists[playlist.id], title=title, entries=entries)


def _renamed_entries(entries: Iterable[Entry], names: Names) -> Iterator[Entry]:
    return (structs.replace(entry, item=names.items[entry.item]) for entry in entries)


def _renamed(program: Program, names: Names) -> Program:
    """Give a program the hub's names in place of the file's."""
    lists = names.playlists
    return structs.replace(
        program,
        items=(),
        playlists=(),
        fallback=lists.get(program.fallback, ""),
        dayparts=tuple(_renamed_part(one, lists) for one in program.dayparts),
        shows=tuple(_renamed_part(one, lists) for one in program.shows),
        spots=tuple(_renamed_spot(spot, names.items) for spot in program.spots),
        screen=structs.replace(program.screen, fallback=lists.get(program.screen.fallback, "")),
    )


def _renamed_part(part: _Dated, lists: Mapping[str, str]) -> _Dated:
    return structs.replace(part, playlist=lists.get(part.playlist, ""), screen=lists.get(part.screen, ""))


def _renamed_spot(spot: Spot, items: Mapping[str, str]) -> Spot:
    heard, seen = (tuple(items[name] for name in names) for names in (spot.items, spot.pictures))
    return structs.replace(spot, items=heard, pictures=seen)
