"""What is odd about a program without being wrong: it is played, and somebody may want to know."""

from collections.abc import Iterator
from itertools import chain

from easyplayer.playout.calendar import TZDATA
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import masked
from easyplayer.playout.pictures import heard, only_seen, screened, shows_anything
from easyplayer.playout.program_reading import shown_name
from easyplayer.playout.spelling import shown

BROUGHT = "the box plays what it brings along; where it is to be silent, let no playlist be heard"


def remarks(program: Program) -> tuple[str, ...]:
    """Tell what is odd about a program without being wrong."""
    return tuple(chain.from_iterable(about(program) for about in _ABOUT))


def _about_playlists(program: Program) -> Iterator[str]:
    if only_seen(program):
        yield "playlists: none is to be heard, and no spot; the box shows its pictures, and is silent"
    elif shows_anything(program) and not any(item.sounding for item in program.items):
        yield f"items: nothing of it can be heard, so that {BROUGHT}"
    elif not program.fallback:
        yield "fallback: there is none; when nothing else is due, the box plays whatever it has"
    used = {*heard(program), *screened(program)}
    for at, playlist in enumerate(program.playlists):
        if playlist.id not in used:
            yield f'playlists[{at}] "{shown_name(playlist.id)}": nothing ever plays it'
    listed = {entry.item for playlist in program.playlists for entry in playlist.entries}
    listed.update(item for spot in program.spots for item in (*spot.items, *spot.pictures))
    idle = [item.id for item in program.items if item.id not in listed]
    if idle:
        yield masked(f"items: {len(idle)} of them are in no playlist and no spot, such as {shown(idle[0])}")


def _about_screens(program: Program) -> Iterator[str]:
    shown_lists = {*screened(program)}
    if shown_lists and not program.screen.fallback:
        yield "screen → fallback: there is none; when nothing else is due, the screens show nothing"
    seen = {name for spot in program.spots for name in spot.pictures}
    seen.update(entry.item for one in program.playlists if one.id in shown_lists for entry in one.entries)
    listed = {entry.item for one in program.playlists for entry in one.entries}
    pictures = [item.id for item in program.items if item.showing and not item.sounding]
    hidden = [name for name in pictures if name in listed - seen]
    if hidden:
        where = "in playlists that no screen shows"
        yield f"items: {len(hidden)} pictures are only {where}, such as {shown(hidden[0])}; nobody sees them"


def _about_limits(program: Program) -> Iterator[str]:
    for at, spot in enumerate(program.spots):
        if spot.per_hour and spot.per_day and spot.per_hour > spot.per_day:
            yield f'spots[{at}] "{shown_name(spot.id)}" → per_hour: is more than per_day, which comes first'
    for at, point in enumerate(program.volume.curve):
        if point.volume > program.volume.ceiling:
            yield f"volume → curve[{at}] → volume: is above the ceiling, {program.volume.ceiling}"


def _about_zones(program: Program) -> Iterator[str]:
    if program.tzdata and program.tzdata != TZDATA:
        yield f"tzdata: made with the time zones of {program.tzdata}, it is played by those of {TZDATA}"


_ABOUT = (_about_playlists, _about_screens, _about_limits, _about_zones)
