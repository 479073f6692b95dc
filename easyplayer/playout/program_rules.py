"""What one part of a program must have to do with another: the faults that no field shows by itself.

A rule is asked only where all the fields that it looks at could be read, so that one fault is told once.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, time
from functools import cache
from itertools import chain
from typing import Any, TypeAlias
from zoneinfo import available_timezones

from msgspec import Struct

from easyplayer.playout import screen_rules
from easyplayer.playout.calendar import DAY, starts_on
from easyplayer.playout.catalogue import (
    Daypart,
    Entry,
    Order,
    Playlist,
    Program,
    Separation,
    Sharp,
    Show,
    Slot,
    Spot,
    Volume,
    VolumePoint,
    Weekday,
)
from easyplayer.playout.items import Item, ItemKind, masked
from easyplayer.playout.program_known import Findings, Known, known_in
from easyplayer.playout.program_reading import Part, below
from easyplayer.playout.spelling import Names, shown

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SEASON_DAYS = 400
"""A longer season is not looked through day by day: it has every weekday, and no list forbids it."""

_Check: TypeAlias = Callable[..., Findings]
_RULES: dict[type[Struct], list[tuple[tuple[str, ...], _Check]]] = {}


def _rule(kind: type[Struct], *fields: str) -> Callable[[_Check], _Check]:
    """Mark what checks the parts of a kind; it is handed what is known, and these fields."""

    def keep(check: _Check) -> _Check:
        _RULES.setdefault(kind, []).append((fields, check))
        return check

    return keep


def faults(parts: Sequence[Part]) -> Iterator[str]:
    """Find everything that is wrong between the parts of a program."""
    known = known_in(parts)
    first: dict[tuple[type[Struct], str], str] = {}
    for part in parts:
        for where, what in chain(_same_id(part, first), _broken_rules(part, known)):
            yield masked(f"{below(part.place, where)}: {what}")


def _same_id(part: Part, first: dict[tuple[type[Struct], str], str]) -> Findings:
    name = part.fields.get("id")
    if name is None:
        return
    if name != name.strip():
        yield "id", "begins or ends with a blank; take it out"
    other = first.setdefault((part.kind, name), part.place)
    if other != part.place:
        yield "id", f"{other.partition(' ')[0]} has it already; give one of them another"


def _broken_rules(part: Part, known: Known) -> Findings:
    for fields, check in _RULES.get(part.kind, ()):
        if part.fields.keys() >= set(fields):
            yield from check(known, *(part.fields[name] for name in fields))


@_rule(Program, "zone")
def _zone(_known: Known, zone: str) -> Findings:
    if zone not in _zones():
        yield "zone", f"there is no time zone {shown(zone)}; {_zones().instead_of(zone)}"


@_rule(Program, "fallback")
def _fallback(known: Known, fallback: str) -> Findings:
    yield from _playlist(known, fallback, "fallback")


_rule(Program, "screen")(screen_rules.fallback)
_rule(Item, "kind", "clip_sound")(screen_rules.clip_sound)
_rule(Playlist, "id", "entries")(screen_rules.entries)
_rule(Daypart, "playlist", "screen")(screen_rules.playlists)
_rule(Show, "playlist", "screen")(screen_rules.playlists)
_rule(Spot, "pictures")(screen_rules.pictures)


@_rule(Item, "kind", "location")
def _location(_known: Known, kind: ItemKind, location: str) -> Findings:
    has_scheme = bool(_SCHEME.match(location))
    if kind is ItemKind.SKIP:
        return
    if not location.strip():
        yield "location", "is empty; name a file, or the URL of a stream"
    elif _is_endless(kind) and not has_scheme and not (kind is ItemKind.STREAM and location.startswith("/")):
        yield "location", f"{shown(location)} is no URL; write one such as https://radio.example/live"
    elif not _is_endless(kind) and has_scheme:
        yield "location", f'{shown(location)} is a URL; write "kind": "stream", or name a file'
    elif kind is ItemKind.LOCAL and not location.startswith("/"):
        yield "location", f"{shown(location)} may lie anywhere; write its whole path, from / on"


@_rule(Item, "cue_in_ms", "cue_out_ms", "duration_ms")
def _cues(_known: Known, cue_in: int | None, cue_out: int | None, duration: int | None) -> Findings:
    if cue_out is not None and cue_out <= (cue_in or 0):
        yield "cue_out_ms", f"{cue_out} is not behind cue_in_ms, {cue_in or 0}; nothing lies between them"
    elif duration is not None and (cue_in or 0) >= max(duration, 1):
        yield "cue_in_ms", f"{cue_in} is not before the end, duration_ms {duration}; nothing would be heard"


@_rule(Playlist, "entries")
def _entries(_known: Known, entries: tuple[Entry, ...]) -> Findings:
    if not entries:
        yield "entries", "is empty; list an item, or leave the playlist out"


@_rule(Playlist, "entries", "order")
def _weights(_known: Known, entries: tuple[Entry, ...], order: Order) -> Findings:
    weighted = next((at for at, entry in enumerate(entries) if entry.weight != Entry(item="").weight), None)
    if order is not Order.WEIGHTED and weighted is not None:
        yield f"entries[{weighted}] → weight", f'counts for nothing here; write "order": "{Order.WEIGHTED}"'


@_rule(Playlist, "order", "separation")
def _separation(_known: Known, order: Order, separation: Separation) -> Findings:
    if order is Order.SEQUENTIAL and separation != Separation():
        yield "separation", "counts for nothing where songs come as they are listed; leave it out"


@_rule(Entry, "item")
def _entry(known: Known, item: str) -> Findings:
    if missing := known.missing(Item, item):
        yield "item", missing


@_rule(Daypart, "playlist")
@_rule(Show, "playlist")
def _playlist(known: Known, playlist: str, where: str = "playlist") -> Findings:
    missing = known.missing(Playlist, playlist) if playlist else ""
    if missing:
        yield where, missing


@_rule(Show, "starts", "ends")
def _show(_known: Known, starts: date, ends: date) -> Findings:
    if ends <= starts:
        yield "ends", f"{ends:%Y-%m-%dT%H:%M} is not after {starts:%Y-%m-%dT%H:%M}, when it starts"


@_rule(Slot, "days")
@_rule(VolumePoint, "days")
def _days(_known: Known, days: tuple[Weekday, ...]) -> Findings:
    yield from (("days", f"{day} is there twice; write it once") for day in _twice(days))


@_rule(Slot, "dates", "exceptions")
def _dates(_known: Known, dates: tuple[date, ...], exceptions: tuple[date, ...]) -> Findings:
    for name, listed in (("dates", dates), ("exceptions", exceptions)):
        yield from ((name, f"{day} is there twice; write it once") for day in _twice(listed))


@_rule(Slot, "days", "first", "last", "dates", "exceptions")
def _season(_known: Known, days: Any, first: Any, last: Any, dates: Any, exceptions: Any) -> Findings:
    if first and last and first > last:
        yield "last", f"{last} is before {first}, its first date"
    elif never_starts(Slot(days=days, first=first, last=last, dates=dates, exceptions=exceptions)):
        yield "", "it never starts: no date fits days, first, last, dates and exceptions at once"


@_rule(Spot, "items")
def _spot_items(known: Known, items: tuple[str, ...]) -> Findings:
    for at, item in enumerate(items):
        kind = known.items.get(item, {}).get("kind", ItemKind.FILE)
        if missing := known.missing(Item, item):
            yield f"items[{at}]", missing
        elif kind not in {ItemKind.FILE, ItemKind.LOCAL}:
            yield f"items[{at}]", f"{shown(item)} is no sound that ends; a spot is a file"


@_rule(Spot, "when", "slot")
def _sharp(_known: Known, when: Any, slot: Slot) -> Findings:
    if not isinstance(when, Sharp):
        return
    for clock in _twice(when.at):
        yield "when → at", f"{clock:%H:%M:%S} is there twice; write it once"
    for at, clock in enumerate(when.at):
        if not _is_within(slot, clock):
            limits = f"{slot.starts:%H:%M} to {slot.ends:%H:%M}"
            yield (
                f"when → at[{at}]",
                f"{clock:%H:%M:%S} is not within the slot, {limits}; it would never come",
            )


@_rule(Volume, "curve")
def _curve(_known: Known, curve: tuple[VolumePoint, ...]) -> Findings:
    seen: set[tuple[time, str]] = set()
    for at, point in enumerate(curve):
        here = {(point.at, day) for day in point.days or ("",)}
        if here & seen:
            yield f"curve[{at}] → at", f"another point has {point.at:%H:%M}, too; leave one of them"
        seen |= here


def never_starts(slot: Slot) -> bool:
    """Tell whether there is no date at all on which a slot starts."""
    if slot.first and slot.last and slot.first > slot.last:
        return True
    if slot.dates:
        return not any(starts_on(slot, day) for day in slot.dates)
    if not slot.first or not slot.last or (slot.last - slot.first).days > _SEASON_DAYS:
        return False
    season = range((slot.last - slot.first).days + 1)
    return not any(starts_on(slot, slot.first + number * DAY) for number in season)


@cache
def _zones() -> Names:
    """Give the zones to choose from; "Factory" is none, but what a machine has that nobody has set up."""
    return Names(available_timezones() - {"Factory"})


def _twice(listed: Iterable[Any]) -> Iterator[Any]:
    return (one for one, count in Counter(listed).items() if count > 1)


def _is_endless(kind: ItemKind) -> bool:
    return Item(id="", location="", kind=kind).endless


def _is_within(slot: Slot, clock: time) -> bool:
    if slot.starts < slot.ends:
        return slot.starts <= clock < slot.ends
    return clock >= slot.starts or clock < slot.ends
