"""``easyplayer fetch``: bring what is missing from the hub, once."""

import argparse
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from http import HTTPStatus
from itertools import islice

import msgspec
from msgspec import Struct

from easyplayer.carriers import Flow
from easyplayer.cli.box_store import BoxStore, add_options, find
from easyplayer.cli.progress import Show, bars
from easyplayer.cli.storage_words import size
from easyplayer.cli.telling import tell_json, tell_pairs, warn
from easyplayer.cli.testing import member
from easyplayer.cli.times import lasting, wall
from easyplayer.drivers.hub_link import HubLink
from easyplayer.drivers.web_link import WebLink
from easyplayer.errors import BoxBusyError, UnpairedError
from easyplayer.fetch_jobs import DownloadInfo, communicate
from easyplayer.fetch_queue import FetchQueue, Outcome
from easyplayer.fetching import Fetched, Fetcher
from easyplayer.hub_wishes import way
from easyplayer.protocol.media import MediaTicket
from easyplayer.stocktaking import look_up
from easyplayer.throttle import Throttle
from easyplayer.ticker import monotonic
from easyplayer.units import Seconds

SOME_MISSING = 1
PATIENCE_S = Seconds(60.0)
"""After so long without a byte it is said what is lacking."""
LOOK_EVERY_S = 0.2
KILOBYTE = 1000
MOST_TOLD = 20
"""So many media that have not come are named to a person."""


class Report(Struct, frozen=True, kw_only=True):
    """What has come, and what has not.

    :ivar media: how many have come, of ``bytes`` in all.
    :ivar missing: digests of those that have not, each with the reason.
    :ivar lacking_bytes: how much room the disks lack for what the box wants.
    """

    media: int
    bytes: int
    missing: dict[str, str]
    lacking_bytes: int
    seconds: float


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Bring what is missing; 1 if something is missing all the same."""
    box = find(arguments)
    if box.runs:
        message = (
            "the box runs, and fetches what it needs itself: easyplayer storage status tells how far it is"
        )
        raise BoxBusyError(message)
    report = fetch(box)
    if arguments.json:
        tell_json(msgspec.to_builtins(report))
    else:
        _tell(report)
    return SOME_MISSING if report.missing or report.lacking_bytes else 0


def fetch(box: BoxStore) -> Report:
    """Bring all media that the programs of a box lack, those first that are needed soonest.

    :raises UnpairedError: the hub has never been told whose box this is.
    """
    began = time.monotonic()
    membership = member(box.settings)
    if not membership.kept.claimed:
        message = "no hub knows this box yet: set [hub] url, run it, and claim it at the hub by its code"
        raise UnpairedError(message, HTTPStatus.FORBIDDEN, "")
    programs, library = box.store.programs, box.store.media
    wanted = look_up(programs, library, wall()).missing
    downloads = box.settings.downloads
    with (
        ThreadPoolExecutor(downloads.parallel) as pool,
        closing(WebLink(way(box.settings.hub), membership)) as link,
        bars("all", sum(wanted.values())) as show,
    ):
        fetcher = Fetcher(link, _asker(box.settings.hub.url), programs, library, wall)
        errand = Errand(fetcher, wanted, Throttle(downloads.most_kb_per_s * KILOBYTE, monotonic))
        errand.run(pool, downloads.parallel, show)
    left = look_up(programs, library, wall())
    return Report(
        media=len(errand.come),
        bytes=sum(wanted[one] for one in errand.come),
        missing={one: errand.reasons.get(one, "it was not tried") for one in left.missing},
        lacking_bytes=left.lacking_bytes,
        seconds=round(time.monotonic() - began, 3),
    )


class Errand:
    """Brings media, several at a time, until all have come, or none will.

    :param wanted: their sizes by digest, in order.
    :ivar come: those that have come.
    :ivar reasons: why those have not that were tried.
    """

    def __init__(self, fetcher: Fetcher, wanted: Mapping[str, int], throttle: Throttle) -> None:
        self.come: list[str] = []
        self.reasons: dict[str, str] = {}
        self._fetcher = fetcher
        self._wanted = wanted
        self._throttle = throttle
        self._queue = FetchQueue(random.random)
        self._queue.want(wanted)
        self._under_way: dict[Future[Fetched], tuple[str, Flow]] = {}

    def run(self, pool: ThreadPoolExecutor, parallel: int, show: Show) -> None:
        """Bring them, so many at a time."""
        try:
            seen, seen_at = 0, monotonic()
            while not self._queue.settled and monotonic() - seen_at < PATIENCE_S:
                while len(self._under_way) < parallel and self._begin(pool):
                    pass
                if self._wait(show) is Outcome.FULL:
                    return
                if (come := self._bytes_come()) != seen:
                    seen, seen_at = come, monotonic()
        finally:
            for _, flow in self._under_way.values():
                flow.stop()

    def _wait(self, show: Show) -> Outcome | None:
        """Wait for what is under way, but not for long; give what has become of one that kept others back."""
        if not self._under_way:
            time.sleep(LOOK_EVERY_S)
        over, _ = wait(self._under_way, LOOK_EVERY_S, FIRST_COMPLETED)
        outcomes = [self._note(one) for one in over]
        flows = dict(self._under_way.values())
        there = sum(flow.there for flow in flows.values())
        show(
            sum(self._wanted[one] for one in self.come) + there,
            {one: (flow.there, self._wanted[one]) for one, flow in flows.items()},
        )
        return Outcome.FULL if Outcome.FULL in outcomes else None

    def _begin(self, pool: ThreadPoolExecutor) -> bool:
        """Begin with what comes next; ``False`` where nothing does at the moment."""
        under_way = {sha256 for sha256, _ in self._under_way.values()}
        sha256 = self._queue.next(monotonic(), lambda one: one not in under_way)
        if sha256 is None:
            return False
        flow = Flow(self._throttle, monotonic())
        job = pool.submit(
            self._fetcher.fetch_medium, sha256, self._wanted[sha256], announced=False, flow=flow
        )
        self._under_way[job] = sha256, flow
        return True

    def _note(self, job: Future[Fetched]) -> Outcome:
        sha256, flow = self._under_way.pop(job)
        fetched = job.result()
        self._queue.note(sha256, fetched.outcome, monotonic(), fetched.retry_after_s, flow.begun)
        if fetched.outcome is Outcome.FETCHED:
            self.come.append(sha256)
            self.reasons.pop(sha256, None)
        else:
            self.reasons[sha256] = fetched.reason
        return fetched.outcome

    def _bytes_come(self) -> int:
        """Tell how much has come, to notice whether anything does."""
        flows = (flow for _, flow in self._under_way.values())
        return sum(self._wanted[one] for one in self.come) + sum(flow.come for flow in flows)


def _asker(hub: str) -> Callable[[HubLink, str, int | None], MediaTicket]:
    return lambda link, sha256, length: communicate(sha256, DownloadInfo(size=length), link, hub)


def _tell(report: Report) -> None:
    tell_pairs([("fetched", f"{report.media} media, {size(report.bytes)}, in {lasting(report.seconds)}")])
    if report.lacking_bytes:
        tell_pairs([("NO ROOM", f"{size(report.lacking_bytes)} more are needed: make room, or add a disk")])
    if not report.missing and not report.lacking_bytes:
        tell_pairs([("complete", "nothing is missing")])
        return
    tell_pairs([("missing", f"{len(report.missing)} media")])
    warn(f"{sha256}: {why}" for sha256, why in islice(report.missing.items(), MOST_TOLD))
