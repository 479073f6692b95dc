"""The parts that only a box with a screen has, in the order in which they stand on each other."""

from collections.abc import Callable, Iterator
from functools import partial

from msgspec import Struct

from easyplayer.captions import Captions
from easyplayer.clip_loudness import ClipLoudness
from easyplayer.component import BoxComponent
from easyplayer.director import Director
from easyplayer.drivers.screen import ScreenMaker
from easyplayer.drivers.screens_found import Found, Wish
from easyplayer.ground import Stage
from easyplayer.lamp import FindPanels, Hours, Lamp
from easyplayer.playout.standing import parse_opening
from easyplayer.settings import Settings
from easyplayer.units import Percent
from easyplayer.video import VideoPlayer
from easyplayer.wishes import screen_wish, transition_rules


class ScreenDrivers(Struct, frozen=True, kw_only=True):
    """The world as far as only a box with a screen has to do with it.

    :ivar make_screen: makes a screen on an output.
    :ivar look: looks which outputs there are, as they are wished, told the names of those that are used; may
        take a moment.
    :ivar find_panels: gives all ways to have the displays at some outputs sleep.
    """

    make_screen: ScreenMaker
    look: Callable[[Wish, tuple[str, ...]], Found]
    find_panels: FindPanels


def screen_parts(screen: ScreenDrivers, settings: Settings, stage: Stage) -> Iterator[BoxComponent]:
    """Build them."""
    wanted, wall, ticker = settings.screen, stage.wall, stage.ticker
    yield VideoPlayer(screen.make_screen, Percent(settings.sound.volume), ticker)
    worker = stage.make_worker(stage.fire, "clips")
    yield Director(ClipLoudness(stage.facts, transition_rules(settings.rules), worker), ticker, wall.now)
    yield Captions(settings.hub.url, wanted.overlay_size, ticker, wall.now)
    yield Lamp(
        partial(screen.look, screen_wish(wanted)),
        screen.find_panels,
        Hours(parse_opening(wanted.hours), stage.local_time),
        ticker,
        stage.make_worker(stage.fire, "lamp"),
    )
