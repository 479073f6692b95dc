"""An HTTP/1.1 connection of the raw driver: polls, one at a time, until it ends or becomes a WebSocket."""

import asyncio
from enum import Enum, auto
from http import HTTPStatus
from math import inf

from msgspec.structs import replace

from easyplayer.engineio.core.effects import Line
from easyplayer.engineio.core.http import Request, Response
from easyplayer.engineio.core.refusals import Refusal, body_of
from easyplayer.engineio.raw_request import BAD_REQUEST, TOO_LARGE, Asked, RequestReader
from easyplayer.engineio.raw_site import Site
from easyplayer.engineio.raw_socket import open_socket
from easyplayer.engineio.raw_write import head_of

MOST_WAITING = 8
"""So many requests may wait for the answer of one before them; then no more is read."""
HIGH_WATER_BYTES = 65_536
DRAIN_S = 2.0
"""So long a client that was refused may go on sending, so that it can read why."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
REQUEST_TIMEOUT = 408
NOT_FOUND = Response(404, (("content-type", "text/plain"), ("content-length", "9")), b"Not Found")


class Stage(Enum):
    """What a connection does; each may last only so long."""

    HEAD = auto()
    """A request's head is coming."""
    BODY = auto()
    """Its body is."""
    WAITING = auto()
    """It waits for its answer, for as long as the engine says."""
    BLOCKED = auto()
    """The client does not read its answer."""
    IDLE = auto()
    """There is no request."""
    DRAINING = auto()
    """It was refused; what still comes is thrown away."""
    LEAVING = auto()
    """The last answer is given, and may have to be fetched."""


class HttpConnection(asyncio.Protocol):
    """One connection; the :class:`~easyplayer.engineio.wires.RequestWire` of each of its requests.

    :param local: its peer is a process of this machine that is trusted.
    :ivar deadline: when it has dawdled for too long.
    """

    __slots__ = (
        "_is_announced",
        "_is_blocked",
        "_is_local",
        "_line",
        "_reader",
        "_site",
        "_stage",
        "_transport",
        "_under_way",
        "deadline",
    )

    _transport: asyncio.Transport

    def __init__(self, site: Site, *, local: bool) -> None:
        self._site = site
        self._reader = RequestReader(site.most_bytes)
        self._line: Line = 0
        """Of the request that is, or was, under way."""
        self._under_way: Asked | None = None
        """The request that waits for its answer."""
        self._is_announced = False
        """Whether that has been told to the dispatcher, though its body has not come."""
        self._is_blocked = False
        self._is_local = local
        self._stage = Stage.HEAD
        self.deadline = inf

    # What the transport says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the head of a request has to come soon."""
        self._transport = transport  # type: ignore[assignment] # of a stream
        self._transport.set_write_buffer_limits(HIGH_WATER_BYTES)
        self.deadline = self._site.clock() + self._site.head_s
        self._site.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - of the contract
        """End; a poll that waits is cut."""
        self._stage = Stage.DRAINING
        self._site.left(self)
        if self._under_way is not None:
            self._under_way = None
            self._site.dispatcher.http_gone(self._line)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._is_over():
            return
        self._reader.feed(data)
        self._next()
        if len(self._reader.complete) >= MOST_WAITING:
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """Take no more requests: the client does not read its answers."""
        self._is_blocked = True

    def resume_writing(self) -> None:
        """Go on."""
        self._is_blocked = False
        self._next()

    # What the site says.

    def late(self) -> None:
        """End: it has dawdled past its deadline."""
        if self._is_over() or self._is_blocked:
            self._transport.abort()
        elif self._reader.is_in_head or self._stage is Stage.BODY:
            self._refuse(REQUEST_TIMEOUT)
        else:
            self._transport.close()

    def end(self) -> None:
        """End behind the answer that is given."""
        self._transport.close()

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()

    # What the dispatcher says.

    def respond(self, response: Response) -> None:
        """Answer the request that is under way."""
        asked, self._under_way = self._under_way, None
        if asked is None:
            return
        is_unread, self._is_announced = self._is_announced, False
        self._write(asked, response, keeps=asked.keeps and not is_unread)
        if is_unread:
            self._drain()
        elif not asked.keeps:
            self._enter(Stage.LEAVING)
            self._transport.close()
        else:
            self._enter(Stage.IDLE)
            if self._reader.complete or self._reader.begun is not None:
                asyncio.get_running_loop().call_soon(self._next)

    # What it does.

    def _next(self) -> None:
        """Go on with what was read, for as far as that need not wait for answers."""
        reader = self._reader
        while reader.complete and self._may_ask():
            self._ask(reader.complete.popleft())
        if self._may_ask():
            self._look_at_rest()
        if self._is_over():
            return
        self._transport.resume_reading()
        stage = self._stage_now()
        if stage is not self._stage:
            self._enter(stage)

    def _look_at_rest(self) -> None:
        """Look at what was read beside complete requests."""
        reader = self._reader
        if reader.upgrade is not None:
            self._upgrade(*reader.upgrade)
        elif reader.fault:
            self._refuse(reader.fault)
        elif reader.begun is not None and not self._is_announced:
            self._announce(reader.begun)

    def _is_over(self) -> bool:
        return self._stage in {Stage.DRAINING, Stage.LEAVING}

    def _may_ask(self) -> bool:
        if self._is_over() or self._is_blocked:
            return False
        return self._under_way is None or self._is_announced

    def _ask(self, asked: Asked) -> None:
        """Ask the dispatcher for an answer."""
        was_announced, self._is_announced = self._is_announced, False
        self._under_way = asked
        if was_announced:
            self._site.dispatcher.http(self._line, self._known(asked.request))
        elif asked.request.path not in self._site.paths:
            self.respond(NOT_FOUND)
        else:
            self._line = self._site.dispatcher.open_request(self)
            self._site.dispatcher.http(self._line, self._known(asked.request))

    def _announce(self, asked: Asked) -> None:
        """Tell the dispatcher of a POST whose body is to come; what is not wanted is answered at once."""
        if asked.request.method != "POST":
            return
        self._under_way = asked
        self._is_announced = True
        if asked.request.path not in self._site.paths:
            self.respond(NOT_FOUND)
            return
        dispatcher = self._site.dispatcher
        self._line = dispatcher.open_request(self)
        if not dispatcher.posting(self._line, self._known(asked.request)):
            return
        if asked.body_bytes > self._site.most_bytes:
            dispatcher.too_large(self._line)
        elif asked.expects:
            self._transport.write(CONTINUE)

    def _refuse(self, status: int) -> None:
        """Answer something that is no request, or too much of one; nothing more is read."""
        if status == TOO_LARGE and self._reader.begun is not None:
            if not self._is_announced:
                self._announce(self._reader.begun)
            if self._under_way is not None:
                self._site.dispatcher.too_large(self._line)
        if self._is_over():
            return
        if self._under_way is not None:
            self._under_way = None
            self._site.dispatcher.http_gone(self._line)
        self._site.dispatcher.refused(Refusal.BAD_REQUEST, self._peer())
        body = body_of(3, HTTPStatus(status).phrase)
        headers = ("content-type", "application/json"), ("content-length", str(len(body)))
        self._write(None, Response(status, headers, body), keeps=False)
        self._drain()

    def _upgrade(self, asked: Asked, tail: bytes) -> None:
        """Become a WebSocket; a request for anything else is an ordinary one, and the last."""
        self._reader.upgrade = None
        is_socket = "websocket" in asked.request.header("upgrade").lower() and not asked.is_old
        if is_socket and asked.request.path in self._site.paths and not self._is_announced:
            refusal = open_socket(self._site, self._transport, self._known(asked.request), tail)
            if refusal is None:
                self._stage = Stage.DRAINING
                self._site.left(self)
            else:
                self._under_way = asked
                self.respond(refusal)
        elif asked.request.method == "GET":
            self._ask(replace(asked, keeps=False))
        else:
            self._refuse(BAD_REQUEST)

    def _known(self, request: Request) -> Request:
        """Say of a request where it comes from."""
        scheme = "https" if self._transport.get_extra_info("sslcontext") is not None else "http"
        address, scheme = self._site.proxies.origin(
            self._peer(), scheme, request.headers, local=self._is_local
        )
        return replace(request, address=address, scheme=scheme)

    def _peer(self) -> str:
        peer = self._transport.get_extra_info("peername")
        return str(peer[0]) if isinstance(peer, tuple) else ""

    def _write(self, asked: Asked | None, response: Response, *, keeps: bool) -> None:
        head = head_of(response, self._site.date())
        if not keeps:
            head.append(b"connection: close\r\n")
        elif asked is not None and asked.is_old:
            head.append(b"connection: keep-alive\r\n")
        is_without_body = asked is not None and asked.request.method == "HEAD"
        head += (b"\r\n", b"" if is_without_body else response.body)
        self._transport.write(b"".join(head))

    def _drain(self) -> None:
        """Let the client read why it is refused: what it still sends is thrown away for a while."""
        self._enter(Stage.DRAINING)
        self._transport.resume_reading()
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _stage_now(self) -> Stage:
        if self._is_blocked:
            return Stage.BLOCKED
        if self._under_way is not None and not self._is_announced:
            return Stage.WAITING
        if self._reader.begun is not None:
            return Stage.BODY
        return Stage.HEAD if self._reader.is_in_head else Stage.IDLE

    def _enter(self, stage: Stage) -> None:
        """Do something else from now on, which may last only so long."""
        self._stage = stage
        site = self._site
        times = {Stage.HEAD: site.head_s, Stage.WAITING: inf, Stage.DRAINING: DRAIN_S}
        self.deadline = site.clock() + times.get(stage, site.body_s)
