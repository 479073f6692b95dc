"""What the screens of a simulated venue show: by the same clock as its music, and with its spots.

A screen is a venue of its own, which decides for the eye, and makes way for the pictures of a spot while that
sounds.
"""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct, structs

from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Program
from easyplayer.playout.chronicle import Happening, Heard, Seen, Sounding
from easyplayer.playout.engine import Engine, EngineState, Unavailable, nothing_missing
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item, ItemKind, Layer, Origin, PreparedItem, Sense
from easyplayer.playout.pictures import (
    FORGOTTEN_AFTER_S,
    WORTH_GOING_ON_S,
    in_turn,
    on_screen,
    prepare_picture,
    shown_with,
)
from easyplayer.playout.simulate import VirtualVenue, World
from easyplayer.playout.transition import Rules
from easyplayer.playout.virtual_clock import VirtualClock
from easyplayer.units import Instant, Seconds

GUESSED_S = Seconds(30.0)
"""How long a clip counts as of which nobody knows how long it is."""
SPOTS = frozenset({Layer.SOFT_SPOT, Layer.SHARP_SPOT})


class Projector(Struct, frozen=True, kw_only=True):
    """What is known of the pictures of a simulated venue.

    :ivar measured: tells how long a clip is; ``None`` where nobody knows.
    :ivar unavailable: tells why a picture cannot be shown; empty where it can.
    """

    measured: Callable[[Item], Seconds | None] = lambda _item: None
    unavailable: Unavailable = nothing_missing

    def prepare(self, item: Item, _before: Item | None = None) -> PreparedItem:
        """Make a picture ready; where nobody knows its length, guess."""
        prepared = prepare_picture(item, self.measured(item))
        if prepared.cue_out_s is not None or item.endless:
            return prepared
        return structs.replace(prepared, cue_out_s=Seconds(prepared.cue_in_s + GUESSED_S))


def virtual_screen(
    program: Program, clock: VirtualClock, projector: Projector, state: EngineState | None = None
) -> VirtualVenue | None:
    """Give a venue in which what is seen takes the place of what is heard; ``None`` where nothing ever is.

    :param state: what was remembered of it.
    """
    screen = on_screen(program)
    if screen is None:
        return None
    rules = Rules(crossfade_s=Seconds(0.0))
    world = World(clock=clock, prepare=projector.prepare, rules=rules, unavailable=projector.unavailable)
    return VirtualVenue(Engine(screen, state, sense=Sense.EYE), world)


def seen(
    program: Program, screen: VirtualVenue, heard: Iterable[Happening], end: Instant, projector: Projector
) -> Iterator[Seen]:
    """Let a virtual screen's time go on to an end, and tell what it shows, in order.

    A picture of a spot takes the place of what is shown; a clip goes on where it was broken off, anything
    else gives way to the next.  That nothing is shown is no failure, and is not told.

    :param program: the whole one, which has the spots.
    :param heard: what happens in the venue meanwhile.
    """
    for spot in heard:
        if isinstance(spot, Heard) and spot.origin.layer in SPOTS:
            rows = [*_with_spot(program, spot.decision, spot.started, spot.over, projector)]
            if rows:
                yield from _rows(screen.go_on(spot.started))
                broken_off = screen.make_way(spot.over)
                yield from _rows(screen.go_on(screen.now))
                yield from rows
                yield from _rows(screen.go_on(spot.over))
                _go_on_with(screen, broken_off, spot)
    yield from _rows(screen.run(end))


def _rows(happenings: Iterable[Happening]) -> Iterator[Seen]:
    return (Seen(**structs.asdict(one)) for one in happenings if isinstance(one, Heard))


def _go_on_with(screen: VirtualVenue, broken_off: Sounding | None, spot: Heard) -> None:
    """Go on with a clip that a spot has broken off, where that is still worth it."""
    if broken_off is None or broken_off.decision.item.kind is not ItemKind.CLIP:
        return
    left_s, held_s = broken_off.over - spot.started, spot.over - spot.started
    until = broken_off.decision.until
    is_due = until is None or spot.over < until
    if left_s >= WORTH_GOING_ON_S and held_s <= FORGOTTEN_AFTER_S and is_due and screen.music is None:
        screen.take_back(broken_off, Seconds(held_s))


def shown_over(program: Program, spot: Sounding, at: Instant, projector: Projector) -> Seen | None:
    """Tell what the screens show at an instant for the sake of a spot; ``None`` where it has no picture."""
    rows = _with_spot(program, spot.decision, spot.began, spot.over, projector)
    return next((row for row in rows if row.started <= at < row.over), None)


def _with_spot(
    program: Program, spot: Decision, started: Instant, over: Instant, projector: Projector
) -> Iterator[Seen]:
    pictures, number, at = shown_with(program, spot.origin.source), 0, started
    origin = Origin(layer=spot.origin.layer, source=spot.origin.source)
    while at < over and (picture := in_turn(pictures, number, projector.unavailable)) is not None:
        prepared = projector.prepare(picture)
        decision = structs.replace(spot, at=at, item=prepared.item, origin=origin)
        shown = Sounding(decision, prepared, at, at)
        ended = Ended.PLAYED if picture.still or shown.over <= over else Ended.CUT
        row = shown.row(min(shown.over, over), ended)
        yield Seen(**structs.asdict(row))
        number, at = number + 1, row.over
