"""Streams: what is played without being a file: radios, studios, casts for many venues."""

from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import Connection, RowMapping, select

from easyplayer.errors import BadRequestError, ConflictError
from easyplayer.hub.content_views import Stream, StreamGiven
from easyplayer.hub.db.schema import streams
from easyplayer.hub.services import audit
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.holding import none_such, require_change, require_free, sees, visible
from easyplayer.hub.services.parts import read_part
from easyplayer.hub.services.uses import uses
from easyplayer.playout.items import Item, ItemKind, masked
from easyplayer.units import Instant

ENDLESS = (ItemKind.STREAM, ItemKind.LIVE_SESSION, ItemKind.LIVE_CAST)


def listed(connection: Connection, caller: Caller, *, after: str, limit: int) -> list[Stream]:
    """Give the streams that a caller sees, in the order of their ids."""
    query = select(streams).where(streams.c.id > after, visible(caller, streams.c.group))
    rows = connection.execute(query.order_by(streams.c.id).limit(limit)).mappings()
    return [stream_of(row, caller) for row in rows]


def get(connection: Connection, caller: Caller, stream: str) -> Stream:
    """Give a stream.

    :raises NotFoundError: there is none that the caller sees.
    """
    return stream_of(_find(connection, caller, stream), caller)


def put(connection: Connection, caller: Caller, now: Instant, stream: str, given: StreamGiven) -> Stream:
    """Keep a stream, in place of the one of its name.

    :raises ProgramError: it cannot be played.
    """
    require_change(connection, caller, given.group)
    known = connection.execute(select(streams).where(streams.c.id == stream)).mappings().first()
    if known is not None:
        require_free(connection, caller, known)
    body = msgspec.json.encode(_read(stream, given.item)).decode()
    values: dict[str, Any] = {"body": body, "group": given.group}
    if known is None:
        connection.execute(streams.insert().values(id=stream, **values))
    else:
        connection.execute(streams.update().where(streams.c.id == stream).values(**values))
    audit.note(connection, caller, now, "stream.put", f"stream/{stream}", given.group)
    return get(connection, caller, stream)


def delete(connection: Connection, caller: Caller, now: Instant, stream: str) -> None:
    """Forget a stream that nothing uses.

    :raises ConflictError: something does; names it.
    """
    row = _find(connection, caller, stream)
    require_change(connection, caller, row["group"])
    if used := uses(connection, stream):
        message = f"stream {stream!r} is still used: take it out there first"
        raise ConflictError(message, used)
    connection.execute(streams.delete().where(streams.c.id == stream))
    audit.note(connection, caller, now, "stream.delete", f"stream/{stream}", row["group"])


def stream_of(row: RowMapping, caller: Caller) -> Stream:
    """Show a row as a stream; a password in its URL is for those only who may change it."""
    item = item_of(row)
    if not caller.may(Role.PROGRAMMER, [row["group"]] if row["group"] else ()):
        item = structs.replace(item, location=masked(item.location))
    return Stream(id=row["id"], group=row["group"], item=item)


def item_of(row: RowMapping) -> Item:
    """Give the item of a program that a stream is."""
    return msgspec.json.decode(row["body"], type=Item)


def _read(stream: str, raw: dict[str, Any]) -> Item:
    item = read_part({"kind": ItemKind.STREAM.value, **raw, "id": stream}, Item, f"stream {stream}")
    if item.kind not in ENDLESS:
        kinds = ", ".join(ENDLESS)
        message = f"stream {stream}: kind: {item.kind} is no stream: write one of {kinds}, or upload the file"
        raise BadRequestError(message)
    if "://" not in item.location:
        message = f"stream {stream}: location: write a URL, such as https://radio.example/live"
        raise BadRequestError(message)
    return item


def _find(connection: Connection, caller: Caller, stream: str) -> RowMapping:
    row = connection.execute(select(streams).where(streams.c.id == stream)).mappings().first()
    if row is None or not sees(caller, row["group"]):
        raise none_such("stream", stream)
    return row
