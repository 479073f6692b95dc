"""A Workshop alone, with its journal on a real disk; the test is the rest of the box, and the hub."""

from pathlib import Path
from typing import Any

from easyplayer.crafts import CRAFTS, Crafts
from easyplayer.drivers.precious_file import PreciousFile
from easyplayer.hub_events import carry_out, results_confirmed
from easyplayer.journal import Content
from easyplayer.protocol.commands import Command, CommandResult, Name
from easyplayer.workshop import Making, Workshop
from tests.fakes.commands import Hub
from tests.fakes.work import HeldWorker
from tests.fakes.workshop_tools import FakeTools
from tests.house import Stage

BOOT = "boot-1"


class Workbench(Stage):
    """A Workshop, and all it works with.

    :param state: the directory where the journal is.
    :param boot: names the run of the machine.
    :param crafts: how commands are carried out.
    :ivar hub: gives commands.
    :ivar disk: writes when it is not busy.
    """

    def __init__(
        self, state: Path, *, boot: str = BOOT, crafts: Crafts = CRAFTS, hub: Hub | None = None
    ) -> None:
        super().__init__()
        self.hub = hub or Hub()
        self.fakes = FakeTools(state / "scratch")
        self.disk = HeldWorker(self.root.fire)
        self.surround(self.disk.pump, self.fakes.pump)
        self.workshop = Workshop(
            Making(journal_in(state), boot, crafts, self.fakes.tools, self.fakes.tunnel.connect),
            self.ticker,
            self.disk,
        )
        self.open(self.workshop)

    def order(self, name: Name | str, **args: Any) -> Command:
        """Give a command, and let come of it what comes at once."""
        command = self.hub.command(name, **args)
        self.bring(command)
        return command

    def bring(self, command: Command) -> None:
        """Let a command come, be it once more."""
        self.fire(carry_out(command))

    def confirm(self, *commands: Command) -> None:
        """Let the hub have the results."""
        self.fire(results_confirmed(tuple(one.id for one in commands)))

    def result(self, name: Name | str, **args: Any) -> CommandResult:
        """Give a command, and what came of it at once."""
        return self.result_of(self.order(name, **args))

    def result_of(self, command: Command) -> CommandResult:
        """Give the one result that a command has had."""
        (result,) = self.results_of(command)
        return result

    def results_of(self, command: Command) -> list[CommandResult]:
        """Give each result that was told of a command."""
        return [one for (one,) in self.told("command_finished") if one.command == command.id]


def journal_in(state: Path) -> PreciousFile[Content]:
    """Give the journal of a state directory."""
    return PreciousFile(state / "commands.json", Content)
