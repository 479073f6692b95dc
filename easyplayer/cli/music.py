"""What there is to play: a program file, some places, the hub's program, or else the sample program.

A box that starts loads no more than it needs to tell.
"""

import os
from datetime import date
from functools import partial
from pathlib import Path

import msgspec

from easyplayer.backstage import Music
from easyplayer.cli.machine_zone import machine_zone
from easyplayer.drivers.outputs import displays
from easyplayer.drivers.screens_found import DESKTOPS, NOTHING
from easyplayer.fallback import gather_all, gather_first, gather_sample
from easyplayer.playout.catalogue import Program
from easyplayer.playout.listing import having
from easyplayer.settings import Settings
from easyplayer.sources import Gathered, gather

PROGRAM, SAMPLE, HUB = "program", "sample", "hub"
DEMO = "demo"
"""Where in the state directory the firmware's music is."""


def music(wanted: Settings, today: date) -> Music:
    """Tell what there is to play: a program file, some places, the hub's program, or else the sample program.

    Nobody has told a box that plays the sample when its venue is closed, so for it the sample never is.

    :param today: tells the sample program which New Year's Eve is the next one.
    """
    places = tuple(os.path.expanduser(place) for place in wanted.music.places)  # noqa: PTH111 - may be a URL
    home = wanted.state / DEMO
    fallback = partial(gather_all, home)
    if wanted.program.file:
        path = Path(wanted.program.file).expanduser()
        return Music(
            places=(PROGRAM, str(path.absolute())),
            gather=(),
            fallback=fallback,
            watched=(path,),
            planned=True,
        )
    if places:
        return Music(places=places, gather=(partial(gather, places),), fallback=fallback)
    if wanted.hub.url:
        from easyplayer.cli.hub_store import store_of

        return Music(
            places=(HUB, wanted.hub.url),
            gather=() if store_of(wanted).programs.has_current else (partial(gather_first, home), fallback),
            fallback=fallback,
            from_hub=True,
            planned=True,
        )
    seen = may_show(wanted)
    return Music(
        places=(SAMPLE,),
        gather=(
            partial(gather_first, home),
            fallback,
            partial(gather_sample, home),
            *([partial(_gather_pictures, home)] if seen else []),
        ),
        fallback=fallback,
        compose=lambda _items: msgspec.structs.replace(sample(home, today, seen=seen), hours=()),
        planned=True,
    )


def may_show(wanted: Settings) -> bool:
    """Tell whether this machine may have a screen: a desktop, or a display at a graphics card."""
    if NOTHING in wanted.screen.outputs:
        return False
    return any(os.environ.get(name) for name in DESKTOPS) or bool(displays())


def _gather_pictures(home: Path) -> Gathered:
    from easyplayer.demo_pictures import gather_pictures

    return gather_pictures(home)


def sample(home: Path, today: date, *, seen: bool) -> Program:
    """Give the sample program, as far as its pieces have been made.

    :param seen: whether it is to have pictures.
    """
    from easyplayer.sample import hotel_bar

    program = hotel_bar(home, machine_zone(), today.year, with_pictures=seen)
    return having(program, {item.id for item in program.items if Path(item.location).exists()})
