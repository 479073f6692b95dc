"""What the Scheduler has to play, and who works for it behind the scenes."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from easyplayer.component import Background
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Item
from easyplayer.playout.listing import listed
from easyplayer.preparing import Preparer
from easyplayer.repertoire import Repertoire
from easyplayer.sources import Gathered
from easyplayer.tracker import Tracker

WRITING_MAY_TAKE_S = 0.5

Gather = Callable[[], Gathered]


class Music(Struct, frozen=True, kw_only=True):
    """What there is to play, and how it is found.

    :ivar places: as the settings name them.
    :ivar gather: searches, one after the other; each result replaces the one before it.
    :ivar fallback: makes what is played when nothing else can be; it may take seconds.
    :ivar repeat: whether to begin anew at the end; if not, the box ends.
    :ivar compose: makes a program of what was found.
    :ivar watched: the program's file, if there is one; its program comes by ``take_program``.
    :ivar from_hub: whether the hub sends the program; what is kept of it comes by ``take_program``, too.
    :ivar adapt: gives what to play in place of a program that comes; ``None`` plays the program itself.
    :ivar planned: whether it matters when what is played, so that the box waits for its program.
    """

    places: tuple[str, ...]
    gather: tuple[Gather, ...]
    fallback: Gather
    repeat: bool = True
    compose: Callable[[tuple[Item, ...]], Program] = listed
    watched: tuple[Path, ...] = ()
    from_hub: bool = False
    planned: bool = False
    adapt: Callable[[Program], Program] | None = None


class Workers(Struct, frozen=True):
    """Threads for what may take long.

    A disk or share with media on it may hang for ever, and with it whoever looks there.

    :ivar errands: for what is short, and touches no media.
    :ivar looks: for a short look at a medium.
    :ivar analysis: for all that takes long with media.
    :ivar disk: for what is remembered.
    """

    errands: Background
    looks: Background
    analysis: Background
    disk: Background

    def close(self) -> None:
        """Let what is being written be finished, and leave the rest."""
        self.disk.close(WRITING_MAY_TAKE_S)
        self.errands.close(0.0)
        self.looks.close(0.0)
        self.analysis.close(0.0)


class Backstage(Struct, frozen=True):
    """Who works for the Scheduler behind the scenes."""

    repertoire: Repertoire
    preparer: Preparer
    tracker: Tracker
    workers: Workers
