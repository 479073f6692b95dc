"""A box that carries commands out, for a test that kills it: its own process, its own journal.

It says that it is ready, is given commands on standard input, one in a line, and writes each result to
standard output.  Whatever a command does, it does to a file, by its id, so that what was done twice stands
there twice.
"""

import os
import sys
import threading
from pathlib import Path
from typing import ClassVar

import msgspec
from circuits import handler
from circuits.core.pollers import EPoll

from easyplayer.component import Background, BoxComponent
from easyplayer.crafts import Craft, Crafts
from easyplayer.crafts.ending import Ending, done
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.events import shut_down
from easyplayer.hub_events import carry_out, results_confirmed
from easyplayer.protocol.arguments import Arguments
from easyplayer.protocol.commands import Command, CommandResult, Name
from easyplayer.ticker import Ticker
from easyplayer.workshop import Making, Workshop
from tests.fakes.workshop_tools import FakeTools
from tests.workbench import journal_in

DONE = "done.txt"
READY = "ready"


class Mark(Craft[Arguments]):
    """Writes down that it was begun, and goes on for a moment.

    :cvar state: the directory of the file.
    """

    state: ClassVar[Path]

    @property
    def kind(self) -> str:  # type: ignore[override]
        """Be of a kind of its own: any number may be under way when the power goes."""
        return self.command

    def begin(self) -> None:
        """Write it down, to the disk."""
        with (self.state / DONE).open("a") as file:
            file.write(f"{self.command}\n")
            file.flush()
            os.fsync(file.fileno())
        self.bench.ticker.after(0.005, lambda: self.finish(done("marked")))


class Restart(Mark):
    """Has the process end as a box does that is to be started anew."""

    def begin(self) -> None:
        """End."""
        super().begin()
        os._exit(0)


class Refuse(Mark):
    """Is refused at once."""

    def at_once(self) -> Ending | None:
        """Say so."""
        return done("nothing to do")


MARKS: Crafts = {Name.SKIP: Mark, Name.PLAY: Mark, Name.RESTART_PLAYER: Restart, Name.PAUSE: Refuse}


class Line(BoxComponent):
    """Brings what stands on standard input into the box, and takes its results out."""

    def open(self) -> None:
        """Begin to read."""
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            if line.startswith("confirm "):
                self.fire(results_confirmed(tuple(line.split()[1:])))
            else:
                self.fire(carry_out(msgspec.json.decode(line, type=Command)))
        self.fire(shut_down(0))

    @handler("command_finished")
    def _on_finished(self, result: CommandResult) -> None:
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
        sys.stdout.flush()

    @handler("shut_down")
    def _on_end(self, _code: int) -> None:
        os._exit(0)


class Root(BoxComponent):
    """The root of the tree."""

    def __init__(self, *parts: BoxComponent) -> None:
        super().__init__()
        EPoll().register(self)
        self._parts = parts
        for part in parts:
            part.register(self)

    @handler("started", channel="*")
    def _on_started(self, _root: object) -> None:
        for part in self._parts:
            part.open()


def main(state: Path) -> None:
    """Run until standard input ends, or somebody kills it."""
    Mark.state = state
    fakes = FakeTools(state / "scratch")
    ticker = Ticker()
    line = Line()
    disk = Background(line.fire, "disk")
    making = Making(journal_in(state), boot_id(), MARKS, fakes.tools, fakes.tunnel.connect)
    Root(ticker, line, Workshop(making, ticker, disk)).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
