"""Makes the next storage complete, then fires :class:`~easyplayer.hub_events.switch_storage`.

One thing is fetched at a time, what is needed soonest first, and what was asked for by a person before
all others.  What has come, and the part of what is on its way, is on the disk: after a restart it goes on
from there.
"""

import logging
import random
from collections.abc import Callable
from functools import partial
from urllib.parse import urljoin

from circuits import handler
from msgspec import Struct, structs

from easyplayer.agenda import Adopt, Agenda, FetchMedium, FetchProgram, LookUp, Step
from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.hub_link import HubLink, LinkMaker
from easyplayer.drivers.media_library import is_digest
from easyplayer.errors import LinkRefusedError, StateError
from easyplayer.events import BoxEvent, program_refused
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetched, Fetcher
from easyplayer.hub_events import (
    demand_told,
    fetch_ended,
    media_fetched,
    media_refused,
    program_staged,
    storage_switched,
    switch_storage,
)
from easyplayer.program_store import Store
from easyplayer.protocol.media import MediaTicket
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import Demand, look_up
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Instant, Monotonic, Seconds

__all__ = ["DownloadInfo", "DownloadManager", "communicate", "switch_storage"]

log = logging.getLogger(__name__)

SWITCH_AGAIN_S = Seconds(60.0)
_MISFIT = 409


class DownloadInfo(Struct, frozen=True, kw_only=True):
    """What is known of a download before it begins.

    :ivar size: how long the medium must be, in bytes; ``None`` leaves that to the hub.
    """

    size: int | None = None


def communicate(song: str, dwld_info: DownloadInfo, token: HubLink, remote_url: str) -> MediaTicket:
    """Ask the hub for a URL from which one song's media can be downloaded; blocks until it has answered.

    :param song: the SHA-256 digest of the medium.
    :param dwld_info: what is known of it.
    :param token: what the hub knows the box by: the link, which bears its session.
    :param remote_url: base URL of the hub; what the hub gives relative to it is made absolute.
    :raises LinkRefusedError: the hub does not have it, or has something else under its name.
    :raises LinkError: the hub cannot be reached.
    """
    ticket = token.ticket(song)
    if ticket.sha256 != song or ticket.size != (dwld_info.size or ticket.size):
        message = f"the hub has a medium of {ticket.size} bytes, and the program another: publish it anew"
        raise LinkRefusedError(message, _MISFIT, "")
    return structs.replace(ticket, url=urljoin(f"{remote_url.rstrip('/')}/", ticket.url))


class DownloadManager(BoxComponent):
    """Fetches programs and media from the hub.

    :param make_link: makes the way to the hub; the box must be paired before anything comes over it.
    :param hub: base URL of the hub.
    :param worker: the thread on which it is waited for line and disk.
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
        draw: Callable[[], float] = random.random,
    ) -> None:
        super().__init__()
        self._make_link = make_link
        self._hub = hub
        self._store = store
        self._wall = wall
        self._ticker = ticker
        self._worker = worker
        self._agenda = Agenda(draw)
        self._link: HubLink | None = None
        self._under_way = False
        self._trouble = ""
        self._offline_until = Monotonic(float("-inf"))
        self._wake: Deadline | None = None

    def open(self) -> None:
        """Go on with what was broken off."""
        self._go_on()

    def close(self) -> None:
        """Break off what is under way; its part stays on the disk."""
        self._hang_up()
        self._worker.close(0.0)

    # -- what is wanted ------------------------------------------------------------------------

    @handler("program_offered")
    def _on_offered(self, head: ProgramHead) -> None:
        self._agenda.offer(head)
        self._go_on()

    @handler("fetch_media")
    def _on_fetch_media(self, sha256: str) -> None:
        if is_digest(sha256):
            self._agenda.ask_for(sha256)
            self._go_on()
        else:
            self.fire(media_refused(sha256, "this is no SHA-256 digest"))

    @handler("storage_switched", "storage_verified")
    def _on_storage_changed(self, *_about: object) -> None:
        self._agenda.look_again()
        self._go_on()

    @handler("switch_refused")
    def _on_switch_refused(self, reason: str) -> None:
        """Try again in a while, if it was for this part that it was to be switched."""
        log.warning("the storage is not switched: %s", reason)
        self._ticker.after(SWITCH_AGAIN_S, self._on_storage_changed)

    @handler("hub_reached")
    def _on_reached(self, _hub: str) -> None:
        self._agenda.take_heart()
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

    # -- what comes next -----------------------------------------------------------------------

    def _go_on(self) -> None:
        """Do what is to be done next; what is under way asks again when it is over."""
        if self._under_way:
            return
        now = self._ticker.clock()
        step = self._agenda.next_step(now, offline=now < self._offline_until)
        if step is not None:
            self._under_way = True
            self._worker.do(partial(_tried, self._job(step), step))
        else:
            self._wait()

    def _wait(self) -> None:
        """Sleep until something may be tried again."""
        if self._wake is not None:
            self._wake.cancel()
        wake_at = self._agenda.wake_at()
        if wake_at is not None:
            self._wake = self._ticker.at(max(wake_at, self._offline_until), self._go_on)

    @handler("demand_told")
    def _on_demand(self, demand: Demand) -> None:
        self._under_way = False
        if self._agenda.learn(demand):
            self.fire(switch_storage())
        self._go_on()

    @handler("fetch_ended")
    def _on_fetch_ended(self, fetched: Fetched) -> None:
        self._under_way = False
        noted = self._agenda.note(fetched, self._ticker.clock())
        if noted.program is not None:
            self._tell_program(noted.program, fetched)
        elif fetched.path is not None:
            self.fire(media_fetched(fetched.digest, fetched.path))
        elif noted.given_up:
            log.warning("medium %s cannot be had: %s", fetched.digest, fetched.reason)
            self.fire(media_refused(fetched.digest, fetched.reason))
        self._tell_trouble(fetched)
        self._go_on()

    def _tell_program(self, program: ProgramHead, fetched: Fetched) -> None:
        if fetched.outcome is Outcome.FETCHED:
            log.info("program %s, version %d has come from the hub", program.name, program.version)
            self.fire(program_staged(program))
        elif fetched.outcome in {Outcome.WRONG, Outcome.REFUSED}:
            reason = f"{fetched.reason}; the one before it plays on"
            log.error("%s", reason)
            self.fire(program_refused(reason))

    def _tell_trouble(self, fetched: Fetched) -> None:
        """Log what keeps everything from coming, once."""
        holds_up = fetched.outcome in {Outcome.FAILED, Outcome.FULL}
        if holds_up and fetched.reason != self._trouble:
            log.warning("downloads wait: %s", fetched.reason)
        if holds_up or fetched.outcome is Outcome.FETCHED:
            self._trouble = fetched.reason

    # -- how it is done ------------------------------------------------------------------------

    def _job(self, step: Step) -> Callable[[], BoxEvent]:
        """Give what does a step, on the worker's thread."""
        match step:
            case LookUp():
                return self._look_up
            case Adopt(head):
                return partial(self._adopt, head)
            case FetchProgram(head):
                fetcher = self._fetcher()
                return lambda: fetch_ended(fetcher.fetch_program(head))
            case FetchMedium(sha256, size, announced):
                fetcher = self._fetcher()
                return lambda: fetch_ended(fetcher.fetch_medium(sha256, size, announced=announced))

    def _look_up(self) -> BoxEvent:
        return demand_told(look_up(self._store.programs, self._store.media, self._wall()))

    def _adopt(self, head: ProgramHead) -> BoxEvent:
        """Note the newer head of a program that is here, and look again."""
        try:
            if self._store.programs.adopt(head):
                self.fire(storage_switched(head))
        except StateError as error:
            return fetch_ended(Fetched(digest=head.digest, outcome=Outcome.FULL, reason=str(error)))
        return self._look_up()

    def _fetcher(self) -> Fetcher:
        if self._link is None:
            self._link = self._make_link()
        return Fetcher(self._link, self._ask, self._store.programs, self._store.media, self._wall)

    def _ask(self, link: HubLink, sha256: str, size: int | None) -> MediaTicket:
        return communicate(sha256, DownloadInfo(size=size), link, self._hub)

    def _hang_up(self) -> None:
        """Break off what is under way."""
        if self._link is not None:
            self._link.close()
            self._link = None


def _tried(job: Callable[[], BoxEvent], step: Step) -> BoxEvent:
    """Do a step; whatever happens, it is told that this is over."""
    try:
        return job()
    except Exception as error:  # without this the downloads would wait for ever
        log.exception("a download failed")
        return fetch_ended(Fetched(digest=_about(step), outcome=Outcome.FAILED, reason=f"it failed: {error}"))


def _about(step: Step) -> str:
    match step:
        case LookUp():
            return ""
        case FetchMedium(sha256):
            return sha256
        case Adopt(head) | FetchProgram(head):
            return head.digest
