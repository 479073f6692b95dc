"""What the hub has to play: the items of programs, made of tracks and streams."""

from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec import Struct
from sqlalchemy import Connection, RowMapping, Table, select

from easyplayer.analysis import MediaFacts
from easyplayer.hub.content_views import TrackState
from easyplayer.hub.db.schema import streams, tracks
from easyplayer.hub.services.streams import item_of as stream_item
from easyplayer.hub.services.track_items import heard_of
from easyplayer.hub.services.track_items import item_of as track_item
from easyplayer.playout.items import Item

ASKED_AT_ONCE = 1000


class Stock(Struct, frozen=True):
    """Items, by id.

    :ivar items: those that there are.
    :ivar troubles: why one cannot be played, or not here; of those that can there is nothing.
    :ivar facts: what was measured of those that are heard.
    """

    items: dict[str, Item]
    troubles: dict[str, str]
    facts: dict[str, MediaFacts]


def stock(connection: Connection, wanted: Iterable[str], group: str) -> Stock:
    """Look items up.

    :param group: what they are for; a stream of another group is none for it.
    """
    found = Stock({}, {}, {})
    ids = [*dict.fromkeys(wanted)]
    for row in _rows(connection, tracks, ids):
        _take_track(found, row)
    for row in _rows(connection, streams, [one for one in ids if one not in found.items]):
        found.items[row["id"]] = stream_item(row)
        if row["group"] not in {"", group}:
            found.troubles[row["id"]] = f"belongs to the group {row['group']}, and this does not"
    return found


def _take_track(found: Stock, row: RowMapping) -> None:
    name = row["id"]
    found.items[name] = track_item(row)
    facts = heard_of(row)
    if row["state"] == TrackState.ANALYSING:
        found.troubles[name] = "is still being analysed: wait a moment"
    elif row["state"] == TrackState.CONVERTING:
        found.troubles[name] = "cannot be played yet: a copy for boxes is being made, so wait for it"
    elif row["state"] == TrackState.UNPLAYABLE:
        found.troubles[name] = f"cannot be played: {row['reason']}"
    elif facts is not None:
        found.facts[name] = facts


def _rows(connection: Connection, table: Table, ids: Sequence[str]) -> Iterable[RowMapping]:
    rest = iter(ids)
    while some := [*islice(rest, ASKED_AT_ONCE)]:
        yield from connection.execute(select(table).where(table.c.id.in_(some))).mappings()
