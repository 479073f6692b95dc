"""The live channel of one worker: boxes and operators hold a line to it, and hear at once what is new.

It wakes, and shows; what counts lies in the database.  A box gets its commands early, and confirms them by
its heartbeat; of all else it hears only that it is to ask.  See decision 0052.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from logging import getLogger
from typing import Any

from easyplayer.engineio import Server
from easyplayer.engineio.core.effects import Reason
from easyplayer.engineio.core.http import Request
from easyplayer.engineio.figures import openmetrics
from easyplayer.errors import DatabaseError, HubError
from easyplayer.hub.hub import Hub
from easyplayer.hub.live import letters
from easyplayer.hub.live.box_desk import BoxDesk
from easyplayer.hub.live.bus import Bus
from easyplayer.hub.live.doorkeeper import BoxVisitor, Doorkeeper, Visitor, refusal_of
from easyplayer.hub.live.letters import Happened, Letter, Listening, Opened, Voided, Wanted, Woken
from easyplayer.hub.live.news import aged
from easyplayer.hub.live.newsroom import Newsroom, away
from easyplayer.hub.live.operator_desk import OperatorDesk
from easyplayer.hub.live.options import options_for
from easyplayer.hub.live.post import Post
from easyplayer.hub.live.watching import LEASE_S
from easyplayer.hub.services.facts import Regranted, Told
from easyplayer.units import Monotonic, Seconds

log = getLogger(__name__)

LOOK_EVERY_S = 20.0
"""How often it is looked which boxes have become late; and what operators may still see, for the letter that
this has changed may be lost."""
MOST_WORDS = 2000
"""How many messages of one line are taken between two looks; one that says more ends."""
THREADS = 4
REST_S = 1.0
"""How long a part rests that has failed, before it goes on."""
FIGURES_MAY_TAKE_S = 2.0
NAME_BYTES = 4
"""Of chance, in the name by which other workers know this one: two machines may have a first worker each."""
REPORTS = letters.report_topic("")


class LiveHub:
    """The live channel: an ASGI application for ``/live/``, and what runs beside it.

    :param bus: to the other workers; it is started and stopped from here.
    :param worker: names this one among them, and stands in the ids of its sessions.
    :param clock: monotonic.
    :ivar server: answers at other ports and sockets too.
    """

    def __init__(
        self, hub: Hub, bus: Bus, worker: str = "w0", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._hub = hub
        self._bus = bus
        self._clock = clock
        self._post = Post(bus, f"{worker}-{hub.chance(NAME_BYTES).hex()}", self._now)
        self._thread = ThreadPoolExecutor(THREADS, thread_name_prefix="live")
        self._doorkeeper = Doorkeeper(hub)
        self._boxes = BoxDesk(hub, self._post, clock=self._now, tell=self._tell, end=self._end)
        self._operators = OperatorDesk(
            hub, thread=self._thread, tell=self._tell, end=self._end, watched=self._watched
        )
        self._newsroom = Newsroom(
            hub,
            thread=self._thread,
            clock=self._now,
            readers=self._operators.callers,
            tell=self._tell,
        )
        self._readers: dict[type[Letter], Callable[[Any], object]] = {
            Woken: self._boxes.woken,
            Voided: self._boxes.voided,
            Opened: self._opened,
            Wanted: self._boxes.wanted,
            Listening: self._listening,
            Happened: lambda letter: self._newsroom.take(letter.facts),
            Regranted: lambda letter: self._operators.doubt(letter.user),
        }
        self._words: Counter[str] = Counter()
        self._is_blind = False
        self._was_puzzled = False
        self._running: list[asyncio.Task[None]] = []
        self._heard_before = hub.database.heard
        self.server = Server(options_for(hub.settings, worker), trusted_proxies=hub.settings.trusted_proxies)
        self.server.on("connect", self._connect)
        self.server.on("message", self._message)
        self.server.on("disconnect", self._disconnect)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, or hold a websocket."""
        await self.server.handle_request(scope, receive, send)

    def live_boxes(self) -> list[str]:
        """Name the boxes whose lines end here."""
        return [line.box for line in self._boxes.lines]

    def told(self, box: str) -> None:
        """Hear, in the event loop, that a heartbeat has brought another status."""
        self._post.news([Told(box)])

    # -- its life ------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        await self._bus.start(self._hear)
        for topic in (letters.WAKE, letters.LINES, letters.WATCH):
            self._bus.subscribe(topic)
        self._heard_before = self._hub.database.heard
        self._hub.database.heard = lambda facts: loop.call_soon_threadsafe(self._post.happened, facts)
        self._hub.metrics.more = lambda: self._figures_for_threads(loop)
        parts = {
            "orders": self._boxes.orders.run,
            "operators": self._operators.run,
            "news": self._newsroom.run,
            "looks": self._look_for_ever,
        }
        self._running = [loop.create_task(_for_ever(name, part)) for name, part in parts.items()]

    async def leave(self) -> None:
        """Tell all who have a line that the hub ends; nobody is let in any more."""
        self._post.audience.leave()  # that all lines end is no news
        await self.server.shut_down()

    async def stop(self) -> None:
        """End."""
        await self.leave()
        self._hub.database.heard = self._heard_before
        self._hub.metrics.more = None
        for task in self._running:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._bus.stop()
        await self._boxes.orders.close()
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)  # the database may be closed then

    # -- who comes and goes --------------------------------------------------------------------

    async def _connect(self, sid: str, request: Request) -> None:
        loop = asyncio.get_running_loop()
        try:
            visitor = await loop.run_in_executor(self._thread, self._doorkeeper.admit, request)
            self._let_in(sid, visitor)
        except HubError as error:
            self._hub.metrics.live_refused.labels(error.code).inc()
            if isinstance(error, DatabaseError) and not self._is_blind:
                self._is_blind = True
                log.error("nobody can open a live channel: %s", error)
            raise refusal_of(error) from error
        self._is_blind = False

    def _let_in(self, sid: str, visitor: Visitor) -> None:
        """Take a new line; nothing here waits, so that none is half taken."""
        if isinstance(visitor, BoxVisitor):
            self._boxes.came(sid, visitor)
        else:
            self._operators.came(sid, visitor)
            self._bus.subscribe(letters.NEWS)
            self._post.listens(LEASE_S)
        self._count()

    def _disconnect(self, sid: str, _reason: Reason) -> None:
        self._words.pop(sid, None)
        self._boxes.left(sid)
        if self._operators.left(sid) and not self._operators:
            self._bus.unsubscribe(letters.NEWS)
            self._newsroom.close()
            self._post.listens(Seconds(0.0))
        self._count()

    def _message(self, sid: str, data: str | bytes) -> None:
        line = self._boxes.lines.by(sid)
        self._words[sid] += 1
        if self._words[sid] == MOST_WORDS + 1:
            who = self._operators.user(sid) if line is None else f"box {line.box}"
            log.warning("%s says more than %d messages in %g s: the line ends", who, MOST_WORDS, LOOK_EVERY_S)
            self._end(sid)
        if self._words[sid] > MOST_WORDS:
            return
        if line is not None:
            self._boxes.said(line, data)
        else:
            self._operators.said(sid, data)

    def _tell(self, sid: str, content: str) -> bool:
        return self.server.send_nowait(sid, content)

    def _end(self, sid: str) -> None:
        self.server.start_background_task(self.server.disconnect, sid)

    # -- what workers write --------------------------------------------------------------------

    def _hear(self, topic: str, content: bytes) -> None:
        """Hear what a worker has written, this one too."""
        if topic.startswith(REPORTS):
            self._operators.report(topic.removeprefix(REPORTS), content.decode(errors="replace"))
            return
        letter = letters.read(content)
        if letter is not None:
            self._readers[type(letter)](letter)
        elif not self._was_puzzled:
            self._was_puzzled = True
            log.warning("what workers say cannot be read: does one of another version run among them?")

    def _opened(self, letter: Opened) -> None:
        self._boxes.opened(letter)
        if letter.box in self._operators.watching.boxes:
            self._post.wants(letter.box, LEASE_S)

    def _listening(self, letter: Listening) -> None:
        self._post.audience.take(letter.worker, letter.seconds, self._now())

    # -- who watches ---------------------------------------------------------------------------

    def _watched(self, box: str, wanted: bool) -> None:
        """Hear that an operator here begins to watch a box, or that none does any more."""
        if wanted:
            self._bus.subscribe(letters.report_topic(box))
        else:
            self._bus.unsubscribe(letters.report_topic(box))
        self._post.wants(box, LEASE_S if wanted else Seconds(0.0))

    # -- what is looked at from time to time ---------------------------------------------------

    async def _look_for_ever(self) -> None:
        before: dict[str, str] | None = None
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._words.clear()
            before = await self.look(before) if self._operators else None

    async def look(self, before: dict[str, str] | None) -> dict[str, str] | None:
        """Have it seen what operators may still have; see which boxes are in another state than before.

        :param before: what the last look has given; ``None`` where nobody was there.
        """
        self._post.listens(LEASE_S)
        for box in list(self._operators.watching.boxes):
            self._post.wants(box, LEASE_S)
        self._operators.doubt()
        loop = asyncio.get_running_loop()
        try:
            after = await loop.run_in_executor(self._thread, away, self._hub)
        except HubError as error:
            log.warning("it cannot be seen which boxes are late: %s", error)
            return before
        if before is not None:
            self._newsroom.take(aged(before, after))
        return after

    # -- how it goes ---------------------------------------------------------------------------

    def _now(self) -> Monotonic:
        return Monotonic(self._clock())

    def _count(self) -> None:
        self._hub.metrics.live_lines.labels("box").set(len(self._boxes.lines))
        self._hub.metrics.live_lines.labels("operator").set(len(self._operators))

    def _figures_for_threads(self, loop: asyncio.AbstractEventLoop) -> str:
        return asyncio.run_coroutine_threadsafe(self._figures(), loop).result(FIGURES_MAY_TAKE_S)

    async def _figures(self) -> str:
        return openmetrics(self.server.figures(), "easyplayer_hub_live")


async def _for_ever(name: str, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a part until it is cancelled; a mistake in it must not leave boxes unheard for ever."""
    while True:
        try:
            await part()
        except Exception:
            log.exception("the live channel's %s have failed, and go on", name)
            await asyncio.sleep(REST_S)
