"""For how long a box plays on by itself, and what of the days to come it could not play."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct, structs

from easyplayer.playout.calendar import local_time, zone_of
from easyplayer.playout.catalogue import Program
from easyplayer.playout.demand import first_comings
from easyplayer.playout.items import Item, Layer, Sense
from easyplayer.playout.pictures import on_screen
from easyplayer.playout.timeline import Claim, Timeline
from easyplayer.protocol.heartbeat import Autonomy
from easyplayer.units import Instant, Seconds

AHEAD_S = Seconds(7 * 86_400.0)
"""How far is looked ahead."""
MOST_TOLD = 20
"""So many things that cannot be played are named."""
MOST_LETTERS = 200

OnDisk = Callable[[Item], bool]


class _Planned(Struct, frozen=True):
    """Something that is planned: when first, what people call it, and the ids of its items."""

    at: Instant
    name: str
    items: tuple[str, ...]
    sense: Sense = Sense.EAR

    def takes(self, items: Mapping[str, Item]) -> set[str]:
        """Give those of its items that can be anything to whom it is planned for."""
        return {name for name in self.items if name in items and self.sense.takes(items[name])}


def autonomy(program: Program, now: Instant, on_disk: OnDisk) -> Autonomy:
    """Tell up to when all that is planned can be played from the disk, and what is not covered.

    A stream is played over the network: it ends the autonomy, but is no gap.  Nor is what would play in
    closed hours.

    :param on_disk: tells of a file whether it is there.
    """
    items = {item.id: item for item in program.items if item.sounding or item.showing}
    there = {item.id for item in items.values() if not item.endless and on_disk(item)}
    planned = sorted(_all_planned(program, now), key=lambda one: (one.at, one.name))
    until = (one.at for one in planned if not one.takes(items) <= there)
    playable = there | {item.id for item in items.values() if item.endless}
    gaps = [_gap(program, one, one.takes(items), playable) for one in planned]
    return Autonomy(until=next(until, None), uncovered=_bounded([gap for gap in gaps if gap]))


def _all_planned(program: Program, now: Instant) -> Iterator[_Planned]:
    """Give what is planned to be heard, and what is planned to be seen."""
    yield from _planned(program, now)
    screen = on_screen(program)
    for one in () if screen is None else _planned(screen, now):
        yield structs.replace(one, name=f"screen of {one.name}", sense=Sense.EYE)
    for at, spot in first_comings(program, now, Instant(now + AHEAD_S)):
        if spot.pictures:
            yield _Planned(at, f"screen of spot {spot.title or spot.id}", spot.pictures, Sense.EYE)


def _planned(program: Program, now: Instant) -> Iterator[_Planned]:
    """Give each show, daypart and spot that comes, and the fallback, once: when it comes first."""
    end = Instant(now + AHEAD_S)
    listed = {one.id: tuple(entry.item for entry in one.entries) for one in program.playlists}
    first: dict[tuple[Layer, str], tuple[Instant, Claim]] = {}
    for segment in Timeline(program).segments(now, end):
        claim = segment.claim
        if segment.open and claim is not None:
            first.setdefault((claim.layer, claim.source), (segment.start, claim))
    for at, claim in first.values():
        name = " ".join(filter(None, (claim.layer.value, claim.title or claim.source)))
        yield _Planned(at, name, listed.get(claim.playlist, ()))
    for at, spot in first_comings(program, now, end):
        yield _Planned(at, f"spot {spot.title or spot.id}", spot.items)


def _gap(program: Program, planned: _Planned, items: set[str], playable: set[str]) -> str:
    """Say what is missing of something that is planned; empty where nothing is."""
    missing = len(items - playable)
    if not missing and items:
        return ""
    at = f"{_written(local_time(planned.at, zone_of(program.zone)))} {program.zone}"
    what = f"{missing} of its {len(items)} items are" if missing < len(items) else _nothing_of(items)
    return f"{planned.name[:MOST_LETTERS]}, from {at}: {what} not on the disk"


def _nothing_of(items: set[str]) -> str:
    return f"all of its {len(items)} items are" if items else "it has nothing to play, so that it is"


def _written(local: datetime) -> str:
    return f"{local:%a %Y-%m-%d %H:%M}"


def _bounded(gaps: list[str]) -> tuple[str, ...]:
    more = len(gaps) - MOST_TOLD
    return (*gaps[:MOST_TOLD], f"and {more} more") if more > 0 else tuple(gaps)
