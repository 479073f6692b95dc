"""What the screens show: by the same program as the music, and by the same time law.

The screen's part of a program is a program again, in which what the screens show stands where the music
stood; so the same engine decides by it, with :attr:`easyplayer.playout.items.Sense.EYE`.  What a spot
shows is no part of it: it comes and goes with the spot.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec import structs

from easyplayer.playout.catalogue import Overlay, Pictures, Program
from easyplayer.playout.items import Item, Origin, PreparedItem
from easyplayer.units import Milliseconds, Seconds, to_seconds

AS_LONG_AS_IT_TAKES_MS = Milliseconds(24 * 3_600_000)
"""How long a still is shown that stays until something else is over."""
WORTH_GOING_ON_S = Seconds(5.0)
"""A clip that was broken off goes on where it was, if so much of it is left."""
FORGOTTEN_AFTER_S = Seconds(120.0)
"""What was broken off longer ago does not come back."""
SHORTEST_S = Seconds(0.5)
"""Even a picture with nothing in it is shown for so long, so that the next one can be made ready."""


def on_screen(program: Program) -> Program | None:
    """Give the program by which a screen's engine decides; ``None`` where no picture is ever shown.

    It has the hours, the zone and the seed of the whole, but no spots.  Its stills all say how long they
    are shown, and those that only spots show are among its items.
    """
    spoken = [name for spot in program.spots for name in spot.pictures]
    playlists = {*screened(program)}
    if not (spoken or playlists):
        return None
    listed = tuple(one for one in program.playlists if one.id in playlists)
    wanted = {*spoken, *(entry.item for playlist in listed for entry in playlist.entries)}
    return structs.replace(
        program,
        items=tuple(timed(item, program.screen) for item in program.items if item.id in wanted),
        playlists=listed,
        dayparts=tuple(structs.replace(one, playlist=one.screen, screen="") for one in program.dayparts),
        shows=tuple(structs.replace(one, playlist=one.screen, screen="") for one in program.shows),
        spots=(),
        fallback=program.screen.fallback,
        screen=structs.replace(program.screen, fallback=""),
    )


def week_on_screen(program: Program) -> Program:
    """Give what the week of the screens is drawn from; nothing is planned in it where no picture is shown."""
    bare = structs.replace(program, dayparts=(), shows=(), spots=(), fallback="")
    return on_screen(program) or bare


def screened(program: Program) -> Iterator[str]:
    """Give the ids of the playlists that the screens show."""
    named = [*(one.screen for one in program.dayparts), *(one.screen for one in program.shows)]
    yield from filter(None, (program.screen.fallback, *named))


def heard(program: Program) -> Iterator[str]:
    """Give the ids of the playlists that are heard."""
    named = [*(one.playlist for one in program.dayparts), *(one.playlist for one in program.shows)]
    yield from filter(None, (program.fallback, *named))


def shows_anything(program: Program) -> bool:
    """Tell whether a program has anything at all for a screen, and be it only an overlay."""
    said = structs.replace(program.screen.overlay, corner=Overlay().corner)
    return said != Overlay() or any(screened(program)) or any(spot.pictures for spot in program.spots)


def only_seen(program: Program) -> bool:
    """Tell whether a program is all for the eye: it has nothing to be heard, and no playlist for that."""
    sounds = any(item.sounding for item in program.items)
    return shows_anything(program) and not sounds and not any(heard(program))


def timed(item: Item, screen: Pictures) -> Item:
    """Give a still that does not say how long it is shown the length that the program gives it."""
    if not item.still or item.duration_ms is not None:
        return item
    return structs.replace(item, duration_ms=Milliseconds(1000 * screen.still_s))


# -- what a spot shows -----------------------------------------------------------------------------


def shown_with(program: Program, spot: str) -> tuple[Item, ...]:
    """Give the pictures that the screens show while a spot sounds; none where it has none.

    They come in turn, from the first with each coming of the spot, each for its own length, and round
    again until the spot is over; see :func:`in_turn`.  A still that is alone stays for as long.

    :param program: the whole one, which has the spots.
    """
    names = next((one.pictures for one in program.spots if one.id == spot), ())
    known = {item.id: item for item in program.items if item.id in names}
    found = tuple(timed(known[name], program.screen) for name in names if name in known)
    if len(found) == 1 and found[0].still:
        return (structs.replace(found[0], duration_ms=AS_LONG_AS_IT_TAKES_MS),)
    return found


def in_turn(pictures: Sequence[Item], number: int, unavailable: Callable[[Item], str]) -> Item | None:
    """Tell which of a spot's pictures comes, after so many have been shown; ``None`` where none can be.

    >>> one, two = (Item(id=name, location=f"{name}.png", kind="still") for name in ("one", "two"))
    >>> [in_turn([one, two], number, lambda item: "").id for number in range(3)]
    ['one', 'two', 'one']
    """
    fit = [picture for picture in pictures if not unavailable(picture)]
    return fit[number % len(fit)] if fit else None


# -- one picture -----------------------------------------------------------------------------------


def length_s(item: Item, measured: Seconds | None) -> Seconds | None:
    """Tell for how long a picture is shown; ``None`` where it has no end, or nobody knows it yet.

    :param measured: how long a clip is, where that was measured.
    """
    if item.endless:
        return None
    if item.still:
        shown = timed(item, Pictures()).duration_ms
        return None if shown is None else max(to_seconds(shown), SHORTEST_S)
    begins_s, ends_s = _cues(item, measured)
    return None if ends_s is None else max(Seconds(ends_s - begins_s), SHORTEST_S)


def prepare_picture(item: Item, measured: Seconds | None, origin: Origin | None = None) -> PreparedItem:
    """Make a picture ready: it begins and gives way by a cut, for nothing fades on a screen.

    :param measured: how long a clip is, where that was measured.
    """
    begins_s, _ = _cues(item, measured)
    length = length_s(item, measured)
    return PreparedItem(
        item=item,
        cue_in_s=begins_s,
        cue_out_s=None if length is None else Seconds(begins_s + length),
        fade_in_s=Seconds(0.0),
        fade_out_s=Seconds(0.0),
        origin=origin,
    )


def _cues(item: Item, measured: Seconds | None) -> tuple[Seconds, Seconds | None]:
    """Give where a picture begins, and where it is over."""
    if item.endless or item.still:
        return Seconds(0.0), None
    told_ms = item.duration_ms if item.cue_out_ms is None and measured is None else item.cue_out_ms
    known = (None if told_ms is None else to_seconds(told_ms), measured)
    begins = to_seconds(item.cue_in_ms or Milliseconds(0))
    return begins, min((one for one in known if one is not None), default=None)
