"""Programs made of what is there: a plain list, and the part of a program whose items have come."""

from collections.abc import Collection, Sequence

from msgspec import structs

from easyplayer.playout.catalogue import Entry, Order, Playlist, Program
from easyplayer.playout.items import Item

LIST = "list"
"""Id of the one playlist."""


def listed(items: Sequence[Item]) -> Program:
    """Make a program that plays a list, round and round; what is listed twice comes twice.

    >>> program = listed([Item(id="a", location="/a.flac"), Item(id="b", location="/b.flac")])
    >>> [entry.item for entry in program.playlists[0].entries]
    ['a', 'b']
    """
    entries = tuple(Entry(item=item.id) for item in items)
    return Program(
        name="list",
        zone="UTC",
        items=tuple({item.id: item for item in items}.values()),
        playlists=(Playlist(id=LIST, entries=entries, order=Order.SEQUENTIAL),),
        fallback=LIST,
    )


def having(program: Program, there: Collection[str]) -> Program:
    """Leave out of a program the items that have not come yet, and the spots that have no sound left.

    :param there: ids of those that have.
    """
    spots = [
        structs.replace(spot, items=items, pictures=tuple(one for one in spot.pictures if one in there))
        for spot in program.spots
        if (items := tuple(item for item in spot.items if item in there))
    ]
    return structs.replace(
        program,
        items=tuple(item for item in program.items if item.id in there),
        playlists=tuple(
            structs.replace(playlist, entries=tuple(one for one in playlist.entries if one.item in there))
            for playlist in program.playlists
        ),
        spots=tuple(spots),
    )
