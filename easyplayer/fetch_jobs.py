"""What the threads of the downloads do: jobs that take their time, and tell what has come of it."""

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar
from urllib.parse import urljoin

from msgspec import Struct, structs

from easyplayer.agenda import Adopt, FetchMedium, FetchProgram, LookUp, Step
from easyplayer.carriers import Flow
from easyplayer.drivers.hub_link import HubLink, LinkMaker
from easyplayer.errors import LinkError, LinkRefusedError, StateError
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetched, Fetcher, cancelled, declined
from easyplayer.program_store import Store
from easyplayer.protocol.media import MediaTicket
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import Demand, look_up
from easyplayer.units import Instant

log = logging.getLogger(__name__)

_MISFIT = 409

Told = TypeVar("Told")


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


class Ground(Struct, frozen=True, kw_only=True):
    """What the jobs have to do with.

    :ivar make_link: makes the way to the hub; the box must be paired before anything comes over it.
    :ivar hub: base URL of the hub.
    :ivar adopted: told the head that the current program has now; called from a thread.
    :ivar takes_programs: whether what programs want is looked up; if not, that is nothing.
    """

    make_link: LinkMaker
    hub: str
    store: Store
    wall: Callable[[], Instant]
    adopted: Callable[[ProgramHead], object]
    takes_programs: bool = True


class OneWay:
    """The way to the hub, opened by the first thread that goes it: certificates are read for that."""

    def __init__(self, make_link: LinkMaker) -> None:
        self._make_link = make_link
        self._lock = threading.Lock()
        self._link: HubLink | None = None
        self._closed = False

    def link(self) -> HubLink:
        """Give it.

        :raises LinkError: it cannot be opened, or has been closed.
        """
        with self._lock:
            if self._closed:
                message = "the way to the hub is closed"
                raise LinkError(message)
            if self._link is None:
                self._link = self._make_link()
            return self._link

    def close(self) -> None:
        """Break off whatever is under way, and let nobody go it any more."""
        with self._lock:
            self._closed = True
            if self._link is not None:
                self._link.close()


class FetchJobs:
    """Makes the jobs; all of them go by one link, until that is hung up.

    :param under_way: tells which media are being fetched, size by digest; asked from any thread.
    """

    def __init__(self, ground: Ground, under_way: Callable[[], Mapping[str, int]]) -> None:
        self._ground = ground
        self._under_way = under_way
        self._way = OneWay(ground.make_link)

    def step(self, step: Step) -> Callable[[], Demand | Fetched]:
        """Give what does a step."""
        match step:
            case LookUp():
                return partial(_tried, self._look_up, "")
            case Adopt(head):
                return partial(_tried, partial(self._adopt, head), head.digest)
            case FetchProgram(head):
                way = self._way
                return lambda: _tried(lambda: self._fetcher(way).fetch_program(head), head.digest)

    def medium(self, wanted: FetchMedium) -> Callable[[Flow], Fetched]:
        """Give what brings a medium."""
        way = self._way

        def bring(flow: Flow) -> Fetched:
            try:
                fetcher = self._fetcher(way)
            except LinkError:
                if not flow.stopped:
                    raise
                return cancelled(wanted.sha256)
            return fetcher.fetch_medium(wanted.sha256, wanted.size, announced=wanted.announced, flow=flow)

        return lambda flow: _tried(partial(bring, flow), wanted.sha256)

    def hang_up(self) -> None:
        """Break off whatever waits for the hub."""
        self._way.close()
        self._way = OneWay(self._ground.make_link)

    def _look_up(self) -> Demand:
        ground = self._ground
        if not ground.takes_programs:
            return Demand(missing={})
        return look_up(ground.store.programs, ground.store.media, ground.wall())

    def _adopt(self, head: ProgramHead) -> Demand | Fetched:
        """Note the newer head of a program that is here, and look again."""
        programs = self._ground.store.programs
        if not programs.wants(head):
            return declined(head)
        try:
            if programs.adopt(head):
                self._ground.adopted(head)
        except StateError as error:
            return Fetched(digest=head.digest, outcome=Outcome.FULL, reason=str(error))
        return self._look_up()

    def _fetcher(self, way: OneWay) -> Fetcher:
        store, wall = self._ground.store, self._ground.wall
        return Fetcher(way.link(), self._ask, store.programs, store.media, wall, under_way=self._under_way)

    def _ask(self, link: HubLink, sha256: str, size: int | None) -> MediaTicket:
        return communicate(sha256, DownloadInfo(size=size), link, self._ground.hub)


def _tried(job: Callable[[], Told], about: str) -> Told | Fetched:
    """Do a job; whatever happens, it is told that this is over."""
    try:
        return job()
    except LinkError as error:  # there is no way at all
        return Fetched(digest=about, outcome=Outcome.FAILED, reason=str(error))
    except Exception as error:  # without this the downloads would wait for ever
        log.exception("a download failed")
        return Fetched(digest=about, outcome=Outcome.FAILED, reason=f"it failed: {error}")
