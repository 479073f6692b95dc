"""The venue that a command is about: its program, how far that has come, and what of it is on the disk.

No box needs to run for that.  What one has kept in its state directory is read, and nothing is changed.
"""

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from easyplayer import settings
from easyplayer.backstage import Music
from easyplayer.cli.hub_store import store_of
from easyplayer.cli.machine_zone import machine_zone
from easyplayer.cli.music import DEMO, SAMPLE, may_show, music
from easyplayer.errors import ProgramError
from easyplayer.fallback import demo_items
from easyplayer.keeping import Keeping
from easyplayer.playout.calendar import local_time, zone_of
from easyplayer.playout.catalogue import Program
from easyplayer.playout.engine import Engine, EngineState
from easyplayer.playout.items import Layer
from easyplayer.playout.listing import listed
from easyplayer.playout.simulate import VirtualVenue
from easyplayer.program_watch import read_program
from easyplayer.sample import hotel_bar
from easyplayer.settings import Settings
from easyplayer.stocktaking import located
from easyplayer.tracker import Bookmark
from easyplayer.units import Instant, Seconds

RUNS_S = Seconds(30.0)
"""A box that plays has told so within this; it writes its place down every few seconds."""


class Venue(Struct, frozen=True, kw_only=True):
    """A venue as it stands in a state directory.

    :ivar source: where the program comes from, in words.
    :ivar state: how far the program has come.
    :ivar bookmark: what was on air last, or ``None``.
    :ivar doubt: why the program is not the one that was asked for; empty where it is.
    """

    settings: Settings
    program: Program
    source: str
    state: EngineState = EngineState()
    bookmark: Bookmark | None = None
    doubt: str = ""

    @property
    def caption(self) -> str:
        """The program's name and version, and where it comes from."""
        return f"{self.program.name}, version {self.program.version} ({self.source})"

    @property
    def is_sample(self) -> bool:
        """Whether it is the sample program, whose pieces the box makes itself."""
        return self.source == SAMPLE

    @property
    def keeping(self) -> Keeping:
        """What the box keeps."""
        return Keeping(self.settings.state)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what all commands about a venue take."""
    parser.add_argument("--program", metavar="FILE", help="program file, in place of the box's own")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file of the box")
    parser.add_argument("--state", metavar="DIR", help="state directory of the box")
    parser.add_argument("--json", action="store_true", help="JSON, for a script")


def load(arguments: argparse.Namespace, now: Instant) -> Venue:
    """Find the venue that the command line means.

    :raises ProgramError: the program that was named cannot be used, and nor can another.
    """
    given: dict[str, Any] = {"box": {"state": arguments.state}} if arguments.state else {}
    if arguments.program:
        given["program"] = {"file": arguments.program}
    wanted = as_last_started(settings.load(arguments.settings, command_line=given))
    today = local_time(now, zone_of(machine_zone())).date()
    found = music(wanted, today)
    venue = _found(wanted, found, today, strictly=bool(arguments.program))
    place = venue.keeping.place
    memory, bookmark = place.memory.load(), place.bookmark.load()
    if memory is not None and memory.places == found.places:
        venue = structs.replace(venue, state=memory.engine)
    if bookmark is not None and bookmark.places == found.places:
        venue = structs.replace(venue, bookmark=bookmark)
    return venue


def as_last_started(wanted: Settings) -> Settings:
    """Add to settings that name no music what the box was last started with."""
    if wanted.program.file or wanted.music.places or wanted.hub.url:
        return wanted
    keeping = Keeping(wanted.state)
    memory = keeping.place.memory.load()
    match memory.places if memory is not None else ():
        case ("program", file):
            return structs.replace(wanted, program=settings.ProgramSettings(file=file))
        case ("hub", url):
            return structs.replace(wanted, hub=structs.replace(wanted.hub, url=url))
        case ("sample",):
            return wanted
        case () if keeping.program.exists():
            return structs.replace(wanted, program=settings.ProgramSettings(file=str(keeping.program)))
        case places:
            return structs.replace(wanted, music=settings.MusicSettings(places=places))


def _found(wanted: Settings, found: Music, today: date, *, strictly: bool) -> Venue:
    """Read the program; where that fails, the last good one, of which the box keeps a copy.

    All of the sample program is meant, for the box makes its pieces as soon as it starts.
    """
    if found.from_hub:
        return _from_hub(wanted)
    kept = Keeping(wanted.state).program
    for path in found.watched:
        try:
            return Venue(settings=wanted, program=read_program(path), source=str(path))
        except ProgramError as error:
            if strictly or not kept.exists():
                raise
            program, source = read_program(kept), f"{kept}, the last good one"
            return Venue(settings=wanted, program=program, source=source, doubt=str(error))
    if found.places == (SAMPLE,):
        program = hotel_bar(wanted.state / DEMO, machine_zone(), today.year, with_pictures=may_show(wanted))
        return Venue(settings=wanted, program=program, source=SAMPLE)
    items = tuple(item for search in found.gather for item in search().items)
    program = structs.replace(listed(items), zone=machine_zone())
    return Venue(settings=wanted, program=program, source=", ".join(found.places))


def _from_hub(wanted: Settings) -> Venue:
    """Give the program that the hub has sent, or what the box plays until then."""
    store = store_of(wanted)
    kept = store.programs.current
    if kept is None:
        doubt = f"{wanted.hub.url} has sent no program yet: claim the box there, and publish one to its venue"
        program = structs.replace(listed(demo_items(wanted.state / DEMO)), zone=machine_zone())
        return Venue(settings=wanted, program=program, source="what the firmware brings along", doubt=doubt)
    source = f"{wanted.hub.url}, revision {kept.head.revision}"
    return Venue(settings=wanted, program=located(kept.program, store.media), source=source)


def go_on(venue: Venue, simulated: VirtualVenue, engine: Engine, now: Instant) -> None:
    """Let a simulated venue go on with what is on air; where no box plays, with what one would begin with."""
    bookmark = venue.bookmark
    if bookmark is None or not engine.timeline.is_open(now):
        return
    passed_s = now - bookmark.at
    if 0 <= passed_s <= RUNS_S:
        simulated.go_on_with(bookmark.decision, Seconds(bookmark.position_s + passed_s))
    elif bookmark.decision.origin.layer is not Layer.SOFT_SPOT:
        due = engine.next(now, spots=False)
        if due is not None and due.origin == bookmark.decision.origin:
            simulated.go_on_with(bookmark.decision, bookmark.position_s)
