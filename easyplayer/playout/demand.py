"""What a program demands of a disk: which media, which of them soonest, and whether it can begin."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from msgspec import structs

from easyplayer.playout import calendar
from easyplayer.playout.catalogue import Program, Sharp, Spot
from easyplayer.playout.items import Item, Sense
from easyplayer.playout.pictures import on_screen, timed
from easyplayer.playout.timeline import HORIZON_S, Timeline
from easyplayer.units import Instant, Seconds

A_FEW = 3
"""So many items of everything that comes are fetched before all of anything is."""
FIRST_HOUR_S = Seconds(3600.0)
"""What is needed within this comes before the fallback; silence is what neither would be ready for."""
SOON_S = Seconds(2 * 3600.0)
PICTURES_RANK = 2
"""Pictures that are needed at an instant come behind all sound that is."""
SONG_S = Seconds(180.0)
"""How long an item counts that does not say how long it is."""

CanPlay: TypeAlias = Callable[[Item], bool]
Need: TypeAlias = tuple[Instant, int, tuple[str, ...]]
"""From when on something is needed, its rank among what is needed at that instant, and its items."""


def media_of(program: Program) -> dict[str, int]:
    """Give the media that must be on the disk: size by digest, in the order of the items."""
    return {
        item.media.sha256: item.media.size for item in program.items if item.media is not None and item.owned
    }


def soonest_first(program: Program, now: Instant) -> dict[str, int]:
    """Give the same media, those first that are needed soonest.

    First come a few items of each playlist and spot, in the order in which they have the word, and those
    of the fallback right after what the next hour needs; then all of them, in the order in which they have
    the word; then what the days to come do not need at all.  At one instant music comes before pictures.
    """
    digests = {item.id: item.media.sha256 for item in program.items if item.media is not None}
    needs = [*_all_needs(program, now)]
    reserve: Need = (Instant(now + FIRST_HOUR_S), -1, _listed(program).get(program.fallback, ()))
    in_order = [name for _, _, names in sorted([*needs, reserve]) for name in names[:A_FEW]]
    in_order += [name for _, _, names in sorted(needs) for name in names]
    sizes = media_of(program)
    ranked = dict.fromkeys(digests[name] for name in in_order if name in digests)
    return {sha256: sizes[sha256] for sha256 in {**ranked, **sizes} if sha256 in sizes}


def needed_soon(program: Program, now: Instant) -> frozenset[str]:
    """Give the digests of what the next two hours need.

    Of each playlist that has the word in them that is as much as lasts for two hours, for nobody knows what
    chance will make of it; and a few of the fallback.
    """
    items = {item.id: timed(item, program.screen) for item in program.items}
    names = [*_listed(program).get(program.fallback, ())[:A_FEW]]
    for at, _, needed in _all_needs(program, now):
        if at < now + SOON_S:
            names += _lasting(needed, items)
    return frozenset(
        item.media.sha256 for item in map(items.__getitem__, names) if item.media is not None and item.owned
    )


def fallback_alone(program: Program) -> Program | None:
    """Give what is heard of a program when nothing else is planned, as a program of its own.

    :returns: ``None`` where there is none.
    """
    listed = next((one for one in program.playlists if one.id == program.fallback and one.entries), None)
    if listed is None:
        return None
    wanted = {entry.item for entry in listed.entries}
    items = tuple(item for item in program.items if item.id in wanted)
    screen = structs.replace(program.screen, fallback="")
    parts = structs.replace(program, dayparts=(), shows=(), spots=())
    return structs.replace(parts, items=items, playlists=(listed,), screen=screen)


def can_begin(program: Program, now: Instant, can_play: CanPlay) -> bool:
    """Tell whether there is something to play of what has the word, or will have it when the venue opens.

    Music does not wait for pictures; a program that has nothing but pictures waits for those.
    """
    if not any(item.sounding for item in program.items):
        return _can_begin(on_screen(program) or program, now, can_play, Sense.EYE)
    return _can_begin(program, now, can_play, Sense.EAR)


def _can_begin(program: Program, now: Instant, can_play: CanPlay, sense: Sense) -> bool:
    playable = {item.id for item in program.items if sense.takes(item) and can_play(item)}
    segments = Timeline(program).segments(now, Instant(now + HORIZON_S))
    due = next((one.claim.playlist for one in segments if one.open and one.claim), "")
    listed = next((playlist.entries for playlist in program.playlists if playlist.id == due), ())
    return not playable.isdisjoint(entry.item for entry in listed) if listed else bool(playable)


def first_comings(program: Program, start: Instant, end: Instant) -> Iterator[tuple[Instant, Spot]]:
    """Tell when each spot that comes in a window may come first; one that waits for its song, from when."""
    timeline = Timeline(program)
    sharp: dict[str, Instant] = {}
    for event in timeline.sharp(start, end):
        if timeline.is_open(event.at):
            sharp.setdefault(event.spot.id, event.at)
    for spot in program.spots:
        is_sharp = isinstance(spot.when, Sharp)
        at = sharp.get(spot.id) if is_sharp else _first_in_slot(program, spot, start, end)
        if at is not None:
            yield at, spot


def _all_needs(program: Program, now: Instant) -> Iterator[Need]:
    """Give what is needed from an instant on, to be heard and to be seen."""
    yield from _needs(program, now)
    screen = on_screen(program)
    if screen is not None:
        yield from ((at, rank + PICTURES_RANK, names) for at, rank, names in _needs(screen, now))
        comings = first_comings(program, now, Instant(now + HORIZON_S))
        yield from ((at, PICTURES_RANK, spot.pictures) for at, spot in comings)


def _needs(program: Program, now: Instant) -> Iterator[Need]:
    """Give what is needed from an instant on: the items of a spot, or of a playlist."""
    end = Instant(now + HORIZON_S)
    listed = _listed(program)
    first: dict[str, Instant] = {}
    for segment in Timeline(program).segments(now, end):
        if segment.open and segment.claim is not None:
            first.setdefault(segment.claim.playlist, segment.start)
    if program.fallback:
        first.setdefault(program.fallback, end)
    yield from ((at, 1, listed.get(playlist, ())) for playlist, at in first.items())
    yield from ((at, 0, spot.items) for at, spot in first_comings(program, now, end))


def _listed(program: Program) -> dict[str, tuple[str, ...]]:
    return {one.id: tuple(entry.item for entry in one.entries) for one in program.playlists}


def _lasting(names: Iterable[str], items: Mapping[str, Item]) -> Iterator[str]:
    """Give as many items as last until what is needed soon is over."""
    lasts_s = 0.0
    for name in names:
        if lasts_s >= SOON_S:
            return
        yield name
        length_ms = items[name].duration_ms
        lasts_s += SONG_S if length_ms is None else length_ms / 1000


def _first_in_slot(program: Program, spot: Spot, start: Instant, end: Instant) -> Instant | None:
    """Find when a slot has its next instant in a window."""
    zone = calendar.zone_of(program.zone)
    local = calendar.local_time(start, zone)
    if calendar.covering_day(spot.slot, local) is not None:
        return start
    day = local.date()
    while (at := calendar.instant_of(datetime.combine(day, spot.slot.starts), zone)) < end:
        if at >= start and calendar.starts_on(spot.slot, day):
            return at
        day += calendar.DAY
    return None
