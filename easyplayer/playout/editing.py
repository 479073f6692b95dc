"""A program changed part by part: what was decided of it by hand stays, and what is new comes in."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

from msgspec import structs

from easyplayer.playout.catalogue import Daypart, Entry, Order, Playlist, Program, Separation, Show
from easyplayer.playout.items import Item
from easyplayer.playout.pictures import heard, screened

PlaylistOf: TypeAlias = Callable[[str], str]
"""Gives the id of the playlist of a name; the empty string where there is none."""

_Dated = TypeVar("_Dated", Daypart, Show)
_Part = TypeVar("_Part", Item, Playlist, Daypart, Show)

_OUTWARD = {"id", "location", "kind"}
"""What an item is, and not what somebody said of it."""


def finder(playlists: Iterable[Playlist]) -> PlaylistOf:
    """Make what finds a playlist by its id or its title, whatever the case of the letters.

    >>> finder([Playlist(id="p1", title="Sunday Brunch", entries=())])("sunday brunch")
    'p1'
    """
    listed = tuple(playlists)
    exact = {playlist.id: playlist.id for playlist in listed}
    often = Counter(_fold(playlist.title) for playlist in listed)
    near = {_fold(playlist.id): playlist.id for playlist in listed}
    near |= {_fold(one.title): one.id for one in listed if one.title and often[_fold(one.title)] == 1}
    return lambda name: exact.get(name) or near.get(_fold(name), "")


def slug(name: str) -> str:
    """Make an id of a name.

    >>> slug("Café & Bar: late")
    'café-bar-late'
    """
    return "-".join(re.findall(r"\w+", name.casefold())) or "playlist"


def put_playlist(
    program: Program, name: str, items: Sequence[Item], order: Order | None = None
) -> tuple[Program, str]:
    """Put a playlist of some items into a program, in place of the one that has its name.

    Of a playlist that is replaced, order, separation, fades and the weights of the items that stay are
    kept.  Of an item that is there already, everything that is known is kept.

    :param order: ``None`` leaves it as it is.
    :returns: the program, and the playlist's id.
    """
    known = finder(program.playlists)(name)
    old = next((one for one in program.playlists if one.id == known), None)
    before = old or Playlist(id=_free(slug(name), program.playlists), title=name, entries=())
    playlist = _ordered(_with_items(before, items), order or before.order)
    there = {item.id: item for item in program.items}
    there |= {item.id: _merged(there.get(item.id), item) for item in items}
    gone = {entry.item for entry in old.entries} if old else set()
    changed = structs.replace(program, items=(*there.values(),), playlists=_put(program.playlists, playlist))
    return _without_idle(changed, gone), playlist.id


def put_dayparts(program: Program, dayparts: Iterable[Daypart]) -> Program:
    """Put dayparts into a program, in place of those that have their ids."""
    return structs.replace(program, dayparts=_put_dated(program.dayparts, dayparts))


def put_shows(program: Program, shows: Iterable[Show]) -> Program:
    """Put shows into a program, in place of those that have their ids."""
    return structs.replace(program, shows=_put_dated(program.shows, shows))


def only(program: Program, playlist: str) -> Program:
    """Leave in a program one playlist, by its id, and what plays or shows it."""
    seen = playlist in screened(program)
    kept = structs.replace(
        program,
        playlists=tuple(one for one in program.playlists if one.id == playlist),
        dayparts=tuple(_naming(program.dayparts, playlist)),
        shows=tuple(_naming(program.shows, playlist)),
        spots=(),
        fallback=playlist if playlist in heard(program) or not seen else "",
        screen=structs.replace(program.screen, fallback=playlist if seen else ""),
    )
    return _without_idle(kept, {item.id for item in program.items})


def _naming(parts: Iterable[_Dated], playlist: str) -> Iterator[_Dated]:
    """Give those parts that play or show a playlist, and nothing else."""
    for part in parts:
        named = {name: playlist if getattr(part, name) == playlist else "" for name in ("playlist", "screen")}
        if any(named.values()):
            yield structs.replace(part, **named)


def unlike(parts: Sequence[_Dated]) -> Iterator[_Dated]:
    """Give each part an id of its own."""
    taken: set[str] = set()
    for part in parts:
        numbers = (f"{part.id}-{number}" for number in range(2, len(parts) + 2))
        name = part.id if part.id not in taken else next(one for one in numbers if one not in taken)
        taken.add(name)
        yield structs.replace(part, id=name)


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def _free(name: str, taken: Sequence[Playlist]) -> str:
    ids = {playlist.id for playlist in taken}
    names = (name, *(f"{name}-{number}" for number in range(2, len(ids) + 3)))
    return next(one for one in names if one not in ids)


def _with_items(playlist: Playlist, items: Iterable[Item]) -> Playlist:
    known = {entry.item: entry for entry in playlist.entries}
    entries = tuple(known.get(item.id, Entry(item=item.id)) for item in items)
    return structs.replace(playlist, entries=entries)


def _ordered(playlist: Playlist, order: Order) -> Playlist:
    """Give a playlist an order, and take from it what counts for nothing there."""
    entries, separation = playlist.entries, playlist.separation
    if order is not Order.WEIGHTED:
        entries = tuple(Entry(item=entry.item) for entry in entries)
    if order is Order.SEQUENTIAL:
        separation = Separation()
    return structs.replace(playlist, order=order, entries=entries, separation=separation)


def _merged(old: Item | None, new: Item) -> Item:
    """Put what was found out about an item to what is known of it."""
    if old is None:
        return new
    blank = {name: getattr(new, name) for name in new.__struct_fields__ if getattr(old, name) in {"", None}}
    return structs.replace(old, **blank, **{name: getattr(new, name) for name in _OUTWARD - blank.keys()})


def _put(parts: Sequence[_Part], part: _Part) -> tuple[_Part, ...]:
    listed = {one.id: one for one in parts} | {part.id: part}
    return tuple(listed.values())


def _put_dated(there: tuple[_Dated, ...], new: Iterable[_Dated]) -> tuple[_Dated, ...]:
    """Put parts among others; one that says something else than before is newer than it."""
    for part in new:
        old = next((one for one in there if one.id == part.id), None)
        if old is not None and structs.replace(part, revised=old.revised) != old:
            there = _put(there, structs.replace(part, revised=max(old.revised + 1, part.revised)))
        elif old is None:
            there = _put(there, part)
    return there


def _without_idle(program: Program, suspects: set[str]) -> Program:
    """Take out those of some items that nothing plays any more."""
    listed = {entry.item for playlist in program.playlists for entry in playlist.entries}
    listed.update(item for spot in program.spots for item in (*spot.items, *spot.pictures))
    items = tuple(item for item in program.items if item.id in listed or item.id not in suspects)
    return structs.replace(program, items=items)
