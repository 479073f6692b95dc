"""Playlists: tracks and streams, and in what order they come; programs take them up by their ids."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, select

from easyplayer.errors import ConflictError, ProgramError
from easyplayer.hub.content_views import PlaylistGiven, PlaylistHead, PlaylistKept
from easyplayer.hub.db.schema import playlists
from easyplayer.hub.services import audit
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.holding import (
    none_such,
    require_change,
    require_free,
    require_unchanged,
    sees,
    visible,
)
from easyplayer.hub.services.parts import read_part
from easyplayer.hub.services.stock import Stock, stock
from easyplayer.hub.services.uses import playlist_uses
from easyplayer.playout.catalogue import Playlist
from easyplayer.units import Instant


def listed(connection: Connection, caller: Caller, *, after: str, limit: int) -> list[PlaylistHead]:
    """Give the playlists that a caller sees, in the order of their ids."""
    query = select(playlists).where(playlists.c.id > after, visible(caller, playlists.c.group))
    rows = connection.execute(query.order_by(playlists.c.id).limit(limit)).mappings()
    return [_head(row) for row in rows]


def get(connection: Connection, caller: Caller, playlist: str) -> PlaylistKept:
    """Give a playlist, and what its items are called.

    :raises NotFoundError: there is none that the caller sees.
    """
    row = _find(connection, playlist)
    if row is None or not sees(caller, row["group"]):
        raise none_such("playlist", playlist)
    read = playlist_of(row)
    found = stock(connection, (entry.item for entry in read.entries), row["group"])
    names = {name: item.caption for name, item in found.items.items()}
    return PlaylistKept(id=playlist, group=row["group"], revised=row["revised"], playlist=read, names=names)


def put(
    connection: Connection, caller: Caller, now: Instant, playlist: str, given: PlaylistGiven
) -> PlaylistKept:
    """Keep a playlist, in place of the one of its name.

    :raises ProgramError: something in it is wrong, or there is no such item; all of it is told.
    :raises ConflictError: it has changed meanwhile, or the name is taken.
    """
    require_change(connection, caller, given.group)
    known = _find(connection, playlist)
    if known is not None:
        require_free(connection, caller, known)
        require_unchanged(f"playlist {playlist!r}", given.revised, known["revised"])
    read = read_part({**given.playlist, "id": playlist}, Playlist, f"playlist {playlist}")
    _require_items(connection, read, given.group)
    keep(connection, now, read, given.group)
    detail = {"entries": len(read.entries)}
    audit.note(connection, caller, now, "playlist.put", f"playlist/{playlist}", given.group, **detail)
    return get(connection, caller, playlist)


def keep(connection: Connection, now: Instant, playlist: Playlist, group: str) -> None:
    """Write a playlist down, in place of the one of its name."""
    body = msgspec.json.encode(playlist).decode()
    values: dict[str, Any] = {"title": playlist.title, "body": body, "revised": now, "group": group}
    if _find(connection, playlist.id) is None:
        connection.execute(playlists.insert().values(id=playlist.id, **values))
    else:
        connection.execute(playlists.update().where(playlists.c.id == playlist.id).values(**values))


def delete(connection: Connection, caller: Caller, now: Instant, playlist: str) -> None:
    """Forget a playlist that no program uses.

    :raises ConflictError: one does; names it.
    """
    group = get(connection, caller, playlist).group
    require_change(connection, caller, group)
    if used := playlist_uses(connection, playlist):
        message = f"playlist {playlist!r} is still used: take it out there first"
        raise ConflictError(message, used)
    connection.execute(playlists.delete().where(playlists.c.id == playlist))
    audit.note(connection, caller, now, "playlist.delete", f"playlist/{playlist}", group)


def several(connection: Connection, wanted: Iterable[str]) -> dict[str, tuple[Playlist, str]]:
    """Give playlists by their ids, each with the group that it belongs to; those that there are."""
    rows = connection.execute(select(playlists).where(playlists.c.id.in_([*wanted]))).mappings()
    return {row["id"]: (playlist_of(row), row["group"]) for row in rows}


def playlist_of(row: RowMapping) -> Playlist:
    """Give the playlist of a row."""
    return msgspec.json.decode(row["body"], type=Playlist)


def _require_items(connection: Connection, playlist: Playlist, group: str) -> None:
    found = stock(connection, (entry.item for entry in playlist.entries), group)
    problems = [
        f"playlist {playlist.id} → entries[{at}] → item: {what}"
        for at, entry in enumerate(playlist.entries)
        if (what := _wrong(entry.item, found))
    ]
    if problems:
        raise ProgramError(problems)


def _wrong(item: str, found: Stock) -> str:
    """Say why an item cannot be in a list at all; that it is not ready yet is no reason."""
    if item not in found.items:
        return f"there is no track or stream {item!r}; upload it first"
    foreign = item in found.troubles and found.items[item].endless
    return found.troubles[item] if foreign else ""


def _head(row: RowMapping) -> PlaylistHead:
    entries = len(playlist_of(row).entries)
    return PlaylistHead(
        id=row["id"], title=row["title"], group=row["group"], entries=entries, revised=row["revised"]
    )


def _find(connection: Connection, playlist: str) -> RowMapping | None:
    return connection.execute(select(playlists).where(playlists.c.id == playlist)).mappings().first()
