"""The Workshop: carries each command out, at most once, and tells what came of it until the hub knows.

How each command is done stands in :mod:`easyplayer.crafts`; which have been begun, in
:mod:`easyplayer.journal`.  What is certain is on the disk first: that a command is begun, and then its
result.
"""

import logging
from functools import partial
from typing import Any

from circuits import handler
from msgspec import Struct

from easyplayer import journal as journals
from easyplayer.clerk import Clerk
from easyplayer.component import Background, BoxComponent
from easyplayer.crafts import Bench, Craft, Crafts, Tools
from easyplayer.crafts.ending import Ending, failed, not_now, refused, unavailable
from easyplayer.crafts.log_levels import LogLevels
from easyplayer.crafts.support_door import SupportDoor
from easyplayer.crafts.view import View
from easyplayer.drivers.precious_file import PreciousFile
from easyplayer.drivers.tunnel import TunnelMaker, TunnelReport
from easyplayer.errors import ProtocolError
from easyplayer.events import BoxEvent
from easyplayer.hub_events import command_finished, forget_hub
from easyplayer.journal import Content, Standing
from easyplayer.protocol.arguments import arguments_of
from easyplayer.protocol.commands import Command, CommandResult, Name, Outcome, Reason
from easyplayer.protocol.heartbeat import Reply
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

CONFIRMING_MAY_TAKE_S = Seconds(60.0)
"""How long ``forget`` waits for the hub to know, before the box unpairs all the same."""


class Making(Struct, frozen=True):
    """How the Workshop is made, beside what all parts are made with.

    :ivar file: where the journal is kept.
    :ivar boot: names the run of the machine.
    :ivar crafts: how each command is carried out.
    :ivar make_tunnel: makes the way in for support.
    """

    file: PreciousFile[Content]
    boot: str
    crafts: Crafts
    tools: Tools
    make_tunnel: TunnelMaker


class Job(Struct):
    """One command that is being carried out.

    :ivar began_at: when; while it is not on the disk yet, when it came.
    """

    command: Command
    craft: Craft[Any]
    began_at: Monotonic
    begun: bool = False
    limit: Deadline | None = None

    @property
    def kind(self) -> str:
        """What no other may be of meanwhile."""
        return self.craft.kind or self.command.name


class Workshop(BoxComponent):
    """Carries commands out.

    :param disk: the thread that writes the journal.
    """

    def __init__(self, making: Making, ticker: Ticker, disk: Background) -> None:
        super().__init__()
        self._boot = making.boot
        self._crafts = making.crafts
        self._ticker = ticker
        self._clerk = Clerk(making.file, disk, ticker)
        self._jobs: dict[str, Job] = {}
        self._leaving: Deadline | None = None
        self._door = SupportDoor(making.make_tunnel, self.fire, ticker)
        self._levels = LogLevels(ticker)
        self._view = View()
        self._bench = Bench(
            fire=self.fire,
            ticker=ticker,
            view=self._view,
            tools=making.tools,
            door=self._door,
            levels=self._levels,
        )

    def open(self) -> None:
        """Read the journal, and tell what came of what an earlier run has left."""
        journal = self._clerk.read()
        for entry in journal.under_way:
            journal.finish(journals.left_over(entry, self._boot))
        self._clerk.write()
        for entry in journal.unconfirmed:
            if entry.result is not None:
                self._tell(entry.name, entry.result)

    def close(self) -> None:
        """Leave what is being done; the next run tells that it was interrupted."""
        self._drop_jobs()
        self._door.close("the box ends")
        self._levels.close()

    # -- commands that come --------------------------------------------------------------------

    @handler("carry_out")
    def _on_carry_out(self, command: Command) -> None:
        match self._clerk.journal.standing(command):
            case Standing.NEW:
                self._take(command)
            case Standing.FINISHED:
                self._repeat(command)
            case Standing.REPLAYED:
                ending = refused(Reason.REPLAYED, "it has come before, or is older than one that has")
                self.fire(command_finished(ending.result(command.id, 0.0)))
            case Standing.DOUBTFUL:
                self._clerk.journal.begin(command, self._boot)
                self._finish(command.name, journals.doubtful(command))

    def _take(self, command: Command) -> None:
        """See whether a command can be begun; if so, write that down first."""
        self._clerk.journal.begin(command, self._boot)
        name = Name(command.name)
        kind = self._crafts.get(name)
        if name is Name.UNKNOWN:
            self._end(command, refused(Reason.NOT_KNOWN, f"this software knows no command {command.name!r}"))
        elif kind is None:
            self._end(command, unavailable("it is no command for the Workshop"))
        else:
            self._make_job(command, name, kind)

    def _make_job(self, command: Command, name: Name, kind: type[Craft[Any]]) -> None:
        try:
            args = arguments_of(name, command.args)
        except ProtocolError as error:
            self._end(command, refused(Reason.BAD_ARGUMENTS, str(error)))
            return
        craft = kind(self._bench, command.id, args, partial(self._on_ending, command.id))
        job = Job(command, craft, self._ticker.clock())
        if any(job.kind == other.kind for other in self._jobs.values()):
            ending: Ending | None = refused(Reason.BUSY, "another one of its kind is being done")
        else:
            ending = craft.at_once()
        if ending is not None:
            self._end(command, ending)
        else:
            self._jobs[command.id] = job
            self._clerk.write(lambda trouble: self._begin(job, trouble))

    def _begin(self, job: Job, trouble: str) -> None:
        if self._jobs.get(job.command.id) is not job:
            return
        if trouble:
            self._on_ending(job.command.id, not_now(f"it cannot be written down that it is begun: {trouble}"))
            return
        log.info("carries out %s (command %s)", job.command.name, job.command.id)
        job.began_at, job.begun = self._ticker.clock(), True
        job.limit = self._ticker.after(job.craft.limit, lambda: self._run_out(job))
        job.craft.begin()

    def _run_out(self, job: Job) -> None:
        job.craft.stop()
        self._on_ending(job.command.id, failed(f"it took longer than {job.craft.limit:g} s"))

    # -- what comes of them --------------------------------------------------------------------

    def _on_ending(self, command_id: str, ending: Ending) -> None:
        job = self._jobs.pop(command_id, None)
        if job is not None:
            self._put_away(job)
            took_s = self._ticker.clock() - job.began_at
            self._finish(job.command.name, ending.result(command_id, took_s))

    def _end(self, command: Command, ending: Ending) -> None:
        self._finish(command.name, ending.result(command.id, 0.0))

    def _finish(self, name: str, result: CommandResult) -> None:
        """Write a result down, and tell it then; where the disk does not take it, tell it all the same."""
        log.info("%s (command %s) is %s: %s", name, result.command, result.outcome, result.text)
        self._clerk.journal.finish(result)
        self._clerk.write(lambda _trouble: self._tell(name, result))

    def _repeat(self, command: Command) -> None:
        """Tell a result once more, behind what is still on its way to the disk."""
        result = self._clerk.journal.result(command.id)
        if result is not None:
            self._clerk.write(lambda _trouble: self._tell(command.name, result))

    def _tell(self, name: str, result: CommandResult) -> None:
        if self._clerk.journal.result(result.command) is None:
            return  # the box is unpaired by now
        self.fire(command_finished(result))
        if name == Name.FORGET and result.outcome is Outcome.DONE and self._leaving is None:
            self._leaving = self._ticker.after(CONFIRMING_MAY_TAKE_S, self._leave)

    @handler("results_confirmed")
    def _on_confirmed(self, ids: tuple[str, ...]) -> None:
        news = self._clerk.journal.confirm(ids)
        if any(one.name == Name.FORGET and one.result.outcome is Outcome.DONE for one in news if one.result):
            self._leave()
        if news:
            self._clerk.write()

    def _leave(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        self.fire(forget_hub("the hub has told the box to"))

    @handler("forget_hub")
    def _on_forget(self, _reason: str) -> None:
        """Begin anew: to the hub it will be another box, and its commands will count from 1."""
        self._drop_jobs()
        self._door.close("the box is unpaired")
        self._clerk.journal.begin_anew()
        self._clerk.write()

    def _drop_jobs(self) -> None:
        for job in tuple(self._jobs.values()):
            if job.begun:
                job.craft.stop()
            self._put_away(job)
        self._jobs.clear()

    def _put_away(self, job: Job) -> None:
        if job.limit is not None:
            job.limit.cancel()
        job.craft.put_away()

    # -- what the parts tell -------------------------------------------------------------------

    @handler(
        "allowance_changed", "end_emergency", "fallback_needed", "hub_answered", "item_failed",
        "item_left_out", "item_started", "media_fetched", "media_refused", "play_emergency", "player_changed",
        "program_refused", "program_taken", "screen_told", "screenshot_taken", "silence_noticed",
        "sound_found", "sound_lost", "spot_finished", "spot_missed", "storage_switched", "storage_told",
        "storage_verified", "switch_refused", "tunnel_reported", "volume_changed",
    )  # fmt: skip
    def _on_fact(self, event: BoxEvent, *_args: object) -> None:
        self._view.learn(event)
        for job in tuple(self._jobs.values()):
            if job.begun:
                job.craft.hear(event)

    @handler("craft_worked")
    def _on_worked(self, command: str, ending: Ending | None) -> None:
        if ending is not None:
            self._on_ending(command, ending)

    @handler("tunnel_reported", priority=1)
    def _on_tunnel(self, report: TunnelReport) -> None:
        self._door.take(report)

    @handler("hub_answered", priority=1)
    def _on_answer(self, reply: Reply) -> None:
        if self._clerk.journal.tell_time(reply.time):
            self._clerk.write()

    @handler("journal_written")
    def _on_written(self, number: int, trouble: str) -> None:
        self._clerk.go_on(number, trouble)
