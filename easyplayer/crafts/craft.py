"""A craft: how one command is carried out, from what it changes to what the parts of the box tell of it."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from circuits.core.events import Event
from msgspec import Struct

from easyplayer.component import Background
from easyplayer.crafts.ending import Ending, failed
from easyplayer.crafts.log_levels import LogLevels
from easyplayer.crafts.support_door import SupportDoor
from easyplayer.crafts.view import View
from easyplayer.drivers.power import Power
from easyplayer.drivers.recording import Recorder
from easyplayer.errors import EasyplayerError, LinkError
from easyplayer.events import BoxEvent
from easyplayer.hub_events import craft_worked
from easyplayer.log import Ring
from easyplayer.protocol.arguments import Arguments
from easyplayer.ticker import Ticker
from easyplayer.units import Seconds

Args = TypeVar("Args", bound=Arguments)

Attach = Callable[[str, Path, str], None]
"""Sends a file that belongs to a command's result, given the command's id and the file's media type.

It blocks, and raises ``LinkError`` where the hub does not take it.
"""


def no_way(command: str, _content: Path, _media_type: str) -> None:
    """Send nothing, for there is no way to a hub.

    :raises LinkError: always.
    """
    message = f"what belongs to {command} cannot be sent: there is no way to the hub"
    raise LinkError(message)


class Tools(Struct, frozen=True, kw_only=True):
    """What commands are carried out with.

    :ivar attach: sends what belongs to a result.
    :ivar ring: the last lines of the log.
    :ivar scratch: directory for what is on its way.
    :ivar guardian: names who starts the box anew when it ends; empty is nobody.
    :ivar make_worker: makes a thread for what may take long.
    """

    recorder: Recorder
    power: Power
    ring: Ring
    guardian: Callable[[], str]
    attach: Attach = no_way
    scratch: Path = Path()
    make_worker: Callable[[Callable[[Event], object], str], Background] = Background


class Bench(Struct, frozen=True, kw_only=True):
    """Where commands are carried out.

    :ivar fire: fires an event into the box.
    :ivar view: how the box is.
    :ivar door: the way in for support.
    :ivar levels: how much the log tells.
    """

    fire: Callable[[Event], object]
    ticker: Ticker
    view: View
    tools: Tools
    door: SupportDoor
    levels: LogLevels


class Craft(Generic[Args]):
    """One command that is carried out.

    :cvar kind: of those that share it, only one is carried out at a time; empty is a kind of its own.
    :cvar limit_s: how long it may take.
    :ivar limit: how long this one may take.
    :param finish: takes what came of it; only the first call counts.
    """

    kind: ClassVar[str] = ""
    limit_s: ClassVar[Seconds] = Seconds(30.0)

    def __init__(self, bench: Bench, command: str, args: Args, finish: Callable[[Ending], object]) -> None:
        self.bench = bench
        self.command = command
        self.args = args
        self.finish = finish
        self._worker: Background | None = None

    @property
    def limit(self) -> Seconds:
        """How long it may take, with what it was told."""
        return self.limit_s

    @property
    def view(self) -> View:
        """How the box is."""
        return self.bench.view

    def at_once(self) -> Ending | None:
        """Say what can be said without doing anything, such as why it is not done; ``None`` to begin."""

    def begin(self) -> None:
        """Begin; nothing here may block."""
        raise NotImplementedError

    def hear(self, fact: BoxEvent) -> None:
        """Learn what a part of the box has told meanwhile."""

    def stop(self) -> None:
        """Leave what is being done, as far as that can be left."""

    def aside(self, work: Callable[[], Ending | None]) -> None:
        """Do what may take long on a thread; the command ends with what it gives, unless that is ``None``."""
        self._worker = self._worker or self.bench.tools.make_worker(
            self.bench.fire, f"command {self.command}"
        )
        self._worker.do(lambda: craft_worked(self.command, _attempt(work)))

    def put_away(self) -> None:
        """Let go of the thread, if there is one, without waiting for it."""
        if self._worker is not None:
            self._worker.close(0.0)


def _attempt(work: Callable[[], Ending | None]) -> Ending | None:
    try:
        return work()
    except (EasyplayerError, OSError) as error:
        return failed(str(error))
