"""Makes the next storage complete, then fires :class:`~easyplayer.storage_events.switch_storage`.

Several media are fetched at a time, what is needed soonest first, and what was asked for by a person before
all others.  What has come, and the part of what is on its way, is on the disk: after a restart it goes on
from there.
"""

import logging
import random
from collections.abc import Callable, Sequence
from functools import partial

from circuits import handler

from easyplayer.agenda import Agenda, Moment, refuses
from easyplayer.carriers import Carriers
from easyplayer.component import Background, BoxComponent
from easyplayer.download_progress import Progress, Telling, lacking
from easyplayer.drivers.hub_link import LinkMaker
from easyplayer.drivers.media_library import is_digest
from easyplayer.events import BoxEvent, program_refused
from easyplayer.fetch_hours import UNLIMITED, FetchHours, Manner
from easyplayer.fetch_jobs import DownloadInfo, FetchJobs, Ground, communicate
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetched
from easyplayer.playout.catalogue import Program
from easyplayer.program_store import Store
from easyplayer.protocol.heartbeat import Download, Storage
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import Demand
from easyplayer.storage_events import (
    demand_told,
    download_progressed,
    fetch_ended,
    media_fetched,
    media_refused,
    program_staged,
    storage_switched,
    switch_storage,
)
from easyplayer.throttle import Throttle
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Instant, Monotonic, Seconds

__all__ = ["DownloadInfo", "DownloadManager", "Manner", "communicate", "switch_storage"]

log = logging.getLogger(__name__)

SWITCH_AGAIN_S = Seconds(60.0)
CLOCK_EVERY_S = Seconds(60.0)
"""How often it is looked whether the hours have begun, or are over."""
LOOK_EVERY_S = Seconds(900.0)
"""How often it is looked what is needed soon, or fits, while something waits for its hour or for room."""


class DownloadManager(BoxComponent):
    """Fetches programs and media from the hub.

    :param make_link: makes the way to the hub; the box must be paired before anything comes over it.
    :param hub: base URL of the hub.
    :param worker: the thread on which it is looked what is wanted, and on which programs come.
    :param carriers: the threads that bring media; without any, the worker brings them one at a time.
    :param takes_programs: whether the hub says what is played; if not, what people ask for is all that comes.
    :param draw: draws evenly from 0 to 1.
    """

    def __init__(
        self,
        make_link: LinkMaker,
        hub: str,
        store: Store,
        *,
        wall: Callable[[], Instant],
        ticker: Ticker,
        worker: Background,
        carriers: Sequence[Background] = (),
        manner: Manner = UNLIMITED,
        takes_programs: bool = True,
        draw: Callable[[], float] = random.random,
    ) -> None:
        super().__init__()
        self._store = store
        self._ticker = ticker
        self._worker = worker
        self._takes_programs = takes_programs
        self._agenda = Agenda(draw)
        self._carriers = Carriers(carriers or (worker,), Throttle(manner.most_per_s, ticker.clock))
        self._hours = FetchHours(manner.hours, wall)
        ground = Ground(
            make_link=make_link,
            hub=hub,
            store=store,
            wall=wall,
            adopted=lambda head: self.fire(storage_switched(head)),
            takes_programs=takes_programs,
        )
        self._jobs = FetchJobs(ground, self._carriers.sizes)
        self._progress = Progress(self._agenda, self._carriers, self._hours)
        self._telling = Telling(self._look, lambda download: self.fire(download_progressed(download)), ticker)
        self._step_begun: Monotonic | None = None
        self._missing = 0
        self._offline_until = Monotonic(float("-inf"))
        self._wake: Deadline | None = None

    def open(self) -> None:
        """Go on with what was broken off."""
        self._ticker.every(CLOCK_EVERY_S, self._go_on)
        self._ticker.every(LOOK_EVERY_S, self._look_at_what_waits)
        self._go_on()

    def close(self) -> None:
        """Break off what is under way; its part stays on the disk."""
        self._hang_up()
        self._carriers.close()
        self._worker.close(0.0)

    # -- what is wanted ------------------------------------------------------------------------

    @handler("program_offered")
    def _on_offered(self, head: ProgramHead) -> None:
        if self._takes_programs:
            self._agenda.offer(head)
            self._go_on()

    @handler("fetch_media")
    def _on_fetch_media(self, sha256: str) -> None:
        if is_digest(sha256):
            self._agenda.ask_for(sha256)
            self._go_on()
        else:
            self.fire(media_refused(sha256, "this is no SHA-256 digest"))

    @handler("storage_switched", "storage_verified", "storage_changed", "disk_changed")
    def _on_storage_changed(self, *_about: object) -> None:
        self._agenda.look_again()
        self._go_on()

    @handler("storage_scrubbed")
    def _on_scrubbed(self, _right: int, bad: tuple[str, ...]) -> None:
        if bad:
            self._on_storage_changed()

    @handler("storage_told")
    def _on_stock(self, storage: Storage, _autonomy: object) -> None:
        """Look again where more is missing than before: somebody has thrown media away."""
        before, self._missing = self._missing, storage.missing
        if storage.missing > before:
            self._on_storage_changed()

    @handler("switch_refused")
    def _on_switch_refused(self, reason: str) -> None:
        """Try again in a while, if it was for this part that it was to be switched."""
        log.warning("the storage is not switched: %s", reason)
        self._ticker.after(SWITCH_AGAIN_S, self._on_storage_changed)

    @handler("hub_reached")
    def _on_reached(self, _hub: str) -> None:
        self._agenda.take_heart()
        self._go_on()

    @handler("program_taken")
    def _on_program_taken(self, program: Program) -> None:
        """Learn by which clock the hours are meant."""
        self._hours.take_zone(program.zone)
        self._go_on()

    @handler("go_offline")
    def _on_go_offline(self, seconds: Seconds) -> None:
        self._offline_until = Monotonic(self._ticker.clock() + seconds)
        self._hang_up()
        self._go_on()

    @handler("forget_hub")
    def _on_forget(self, _reason: str) -> None:
        """Do without what was to come; what plays, and its media, stay."""
        self._hang_up()
        self._worker.do(self._store.programs.drop_staged)
        self._agenda.forget()
        self._go_on()

    def _look_at_what_waits(self) -> None:
        if self._progress.lacking or self._hours.closed:
            self._on_storage_changed()

    # -- what comes next -----------------------------------------------------------------------

    def _go_on(self) -> None:
        """Do what is to be done next; what is under way asks again when it is over."""
        moment = self._moment()
        self._carriers.stop_unless(lambda digest: self._agenda.wants(digest, moment))
        if self._step_begun is None and (step := self._agenda.next_step(moment)) is not None:
            self._step_begun = moment.now
            self._worker.do(partial(_ended, self._jobs.step(step)))
        while self._carriers.idle and (medium := self._agenda.next_medium(moment)) is not None:
            job = partial(_ended, self._jobs.medium(medium))
            self._carriers.begin(medium.sha256, moment.now, job)
            moment = self._moment()
        self._wait(moment)
        self._telling.soon()

    def _moment(self) -> Moment:
        now = self._ticker.clock()
        return Moment(
            now=now,
            offline=now < self._offline_until,
            soon_only=self._hours.closed,
            under_way=self._carriers.under_way,
        )

    def _wait(self, moment: Moment) -> None:
        """Sleep until something may be tried again; what is under way wakes it by its end."""
        if self._wake is not None:
            self._wake.cancel()
        is_free = self._carriers.idle and self._step_begun is None
        wake_at = self._agenda.wake_at(moment) if is_free else None
        if wake_at is not None:
            self._wake = self._ticker.at(max(wake_at, self._offline_until), self._go_on)

    def _hang_up(self) -> None:
        """Break off what is under way."""
        self._carriers.stop()
        self._jobs.hang_up()

    # -- what has come -------------------------------------------------------------------------

    @handler("demand_told")
    def _on_demand(self, demand: Demand) -> None:
        self._step_begun = None
        ready = self._agenda.learn(demand)
        self._tell_room(demand)
        if ready:
            self.fire(switch_storage())
        self._go_on()

    @handler("fetch_ended")
    def _on_fetch_ended(self, fetched: Fetched) -> None:
        flow = self._carriers.end(fetched.digest)
        begun = self._step_begun if flow is None else flow.begun
        if flow is None:
            self._step_begun = None
        noted = self._agenda.note(fetched, self._ticker.clock(), begun)
        if noted.program is not None:
            self._tell_program(noted.program, fetched)
        elif fetched.path is not None:
            self.fire(media_fetched(fetched.digest, fetched.path))
        elif noted.given_up:
            log.warning("medium %s cannot be had: %s", fetched.digest, fetched.reason)
            self.fire(media_refused(fetched.digest, fetched.reason))
        self._tell_trouble(fetched)
        self._go_on()

    # -- what is told --------------------------------------------------------------------------

    def _tell_program(self, program: ProgramHead, fetched: Fetched) -> None:
        match fetched.outcome:
            case Outcome.FETCHED:
                log.info("program %s, version %d has come from the hub", program.name, program.version)
                self.fire(program_staged(program))
            case Outcome.DECLINED:
                log.info(
                    "program %s, version %d is not taken: %s", program.name, program.version, fetched.reason
                )
            case Outcome.WRONG | Outcome.REFUSED:
                reason = f"{fetched.reason}; the one before it plays on"
                log.error("%s", reason)
                self.fire(program_refused(reason))

    def _tell_room(self, demand: Demand) -> None:
        """Refuse a program for which there is no room, once; of a box's only one, what fits is fetched."""
        before, reason = self._progress.lacking, lacking(demand)
        self._progress.lacking = reason
        if reason and reason != before:
            log.error("%s", reason)
            if refuses(demand):
                self.fire(program_refused(reason))

    def _tell_trouble(self, fetched: Fetched) -> None:
        """Log what keeps everything from coming, once."""
        holds_up = fetched.outcome in {Outcome.FAILED, Outcome.FULL}
        if holds_up and fetched.reason != self._progress.trouble:
            log.warning("downloads wait: %s", fetched.reason)
        if holds_up or fetched.outcome is Outcome.FETCHED:
            self._progress.trouble = fetched.reason

    def _look(self) -> tuple[Download, bool]:
        moment = self._moment()
        return self._progress.look(moment), bool(moment.under_way)


def _ended(job: Callable[..., Demand | Fetched], *given: object) -> BoxEvent:
    """Do a job, and tell what has come of it; runs on its thread."""
    outcome = job(*given)
    return demand_told(outcome) if isinstance(outcome, Demand) else fetch_ended(outcome)
