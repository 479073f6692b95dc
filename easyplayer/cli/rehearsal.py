"""A venue that is simulated for a technician, with what is known of it on this machine."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from easyplayer.analysis import FactsCache
from easyplayer.cli.stock import Stock, files, none_is_there
from easyplayer.cli.times import monday_of
from easyplayer.cli.venue import Venue
from easyplayer.errors import StateError
from easyplayer.playout.calendar import zone_of
from easyplayer.playout.chronicle import Happening, Seen
from easyplayer.playout.engine import Engine, EngineState
from easyplayer.playout.items import Item
from easyplayer.playout.pictures import week_on_screen
from easyplayer.playout.screening import Projector, seen, virtual_screen
from easyplayer.playout.simulate import VirtualVenue, World
from easyplayer.playout.virtual_clock import VirtualClock
from easyplayer.playout.week import week_svg
from easyplayer.units import Instant
from easyplayer.wishes import transition_rules


class Rehearsal(Struct, frozen=True):
    """A venue that is made ready to be simulated."""

    engine: Engine
    stock: Stock
    simulated: VirtualVenue


def rehearsal(venue: Venue, clock: VirtualClock, *, fresh: bool = False, assume: bool = True) -> Rehearsal:
    """Make a venue ready to be simulated.

    :param fresh: whether to forget what the box remembers.
    :param assume: whether to take it that all files are there, where not one of them is.
    """
    rules = transition_rules(venue.settings.rules)
    assumed = assume and none_is_there(venue.program.items)
    stock = Stock(FactsCache(venue.settings.state / "analysis"), rules, assumed=assumed)
    engine = Engine(venue.program, EngineState() if fresh else venue.state)
    world = World(clock=clock, prepare=stock.prepare, rules=rules, unavailable=stock.unavailable)
    return Rehearsal(engine, stock, VirtualVenue(engine, world))


def screen_of(
    venue: Venue, clock: VirtualClock, happenings: Iterable[Happening], until: Instant
) -> Iterator[Seen]:
    """Give what the screens show by a clock, and with the spots among what is heard, in order.

    A screen begins with nothing that the box remembers.
    """
    beside = projector(venue)
    screen = virtual_screen(venue.program, clock, beside)
    return iter(()) if screen is None else seen(venue.program, screen, happenings, until, beside)


def projector(venue: Venue) -> Projector:
    """Give what is known of a venue's pictures; where not one of them is here, all count as if they were."""
    paths = {item.id: Path(item.location) for item in venue.program.items if item.showing and item.owned}
    there = {name for name, path in paths.items() if path.exists()}

    def unavailable(item: Item) -> str:
        return "it is not on this machine" if there and item.id in paths.keys() - there else ""

    return Projector(unavailable=unavailable)


def doubts(venue: Venue, stock: Stock) -> Iterator[str]:
    """Say why what is told may not be what the box does."""
    if venue.doubt:
        yield f"{venue.doubt}\ngoing by {venue.source}"
    there = [item for item in files(venue.program.items) if not stock.held(item).trouble]
    missing = sum(1 for _ in files(venue.program.items)) - len(there)
    if stock.assumed and not venue.is_sample:
        yield "not one of the program's files is on this machine: taken as if all were"
    elif missing and not stock.assumed:
        yield f"{missing} of the program's files cannot be played here, and are passed over"


def draw_week(file: Path, venue: Venue, at: Instant, *, screen: bool = False) -> None:
    """Draw the week in which an instant lies.

    :param screen: that of the screens, in place of the music's.
    :raises StateError: the file cannot be written.
    """
    program = week_on_screen(venue.program) if screen else venue.program
    try:
        drawn = week_svg(program, monday_of(at, zone_of(venue.program.zone)), at)
        file.write_text(drawn, encoding="utf-8")
    except OSError as error:
        message = f"{file} cannot be written ({error.strerror}): name another file"
        raise StateError(message) from error
