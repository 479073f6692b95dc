"""A WebSocket as ASGI brings it."""

import asyncio
import logging
from collections import deque
from typing import Any

from easyplayer.engineio.asgi_types import Event, Receive, Send
from easyplayer.engineio.core.frames import CloseCode
from easyplayer.engineio.core.http import Headers, Request, Response
from easyplayer.engineio.core.packets import Packet
from easyplayer.engineio.dispatcher import Dispatcher
from easyplayer.engineio.stepping import Rest, step
from easyplayer.engineio.wires import CLOSING_MAY_TAKE_S

logger = logging.getLogger(__name__)

MOST_BYTES_OF_A_CHARACTER = 4
CLOSE = "websocket.close"


class AsgiSocket:
    """One WebSocket; a :class:`~easyplayer.engineio.wires.SocketWire`.

    :param send: of ASGI. What it can write at once is written where it is sent; only where it must wait, a
        task does that, and what comes behind is kept until then.
    :param most_bytes: of a message.
    """

    __slots__ = (
        "_decided",
        "_dispatcher",
        "_held",
        "_is_cut",
        "_line",
        "_most_bytes",
        "_send",
        "_sending",
        "_serving",
        "_timer",
        "_waiting",
    )

    def __init__(self, dispatcher: Dispatcher, send: Send, most_bytes: int) -> None:
        self._dispatcher = dispatcher
        self._send = send
        self._most_bytes = most_bytes
        self._line = dispatcher.open_socket(self)
        self._waiting: deque[Event] | None = deque()
        """What waits to be sent; None while nothing has to wait."""
        self._decided: asyncio.Future[Headers | Response] | None = None
        self._held: asyncio.Future[None] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_cut = False

    async def serve(self, request: Request, receive: Receive, *, may_answer: bool) -> None:
        """Serve it to its end.

        :param may_answer: whether the ASGI server lets us refuse it with an answer of our own.
        """
        self._decided = asyncio.get_running_loop().create_future()
        self._serving = asyncio.current_task()
        try:
            await receive()
            self._dispatcher.upgrade(self._line, request)
            del request
            decision = await self._decided
            self._decided = None
            if isinstance(decision, Response):
                await self._refuse(decision, may_answer=may_answer)
            else:
                await self._send({"type": "websocket.accept", "headers": encoded(decision)})
                self._send_waiting()
                await self._read(receive)
        except asyncio.CancelledError:
            if not self._is_cut or self._serving is None:
                raise
            self._serving.uncancel()
        finally:
            self._end()

    # What the dispatcher wants.

    def accept_socket(self, headers: Headers) -> None:
        """Agree to it."""
        if self._decided is not None and not self._decided.done():
            self._decided.set_result(headers)

    def refuse_socket(self, response: Response) -> None:
        """Refuse it."""
        if self._decided is not None and not self._decided.done():
            self._decided.set_result(response)

    def send(self, packet: Packet) -> None:
        """Send a message."""
        message = packet.message
        kind = "text" if isinstance(message, str) else "bytes"
        self._put({"type": "websocket.send", kind: message})

    def close_socket(self, code: int, reason: str) -> None:
        """Close it; it is cut off where that takes too long."""
        event: Event = {"type": CLOSE, "code": code, "reason": reason}
        if self._waiting is None:
            self._waiting = deque([event])
            self._wait_for(None)
        else:
            self._waiting.append(event)
        self.go_on()
        self._timer = asyncio.get_running_loop().call_later(CLOSING_MAY_TAKE_S, self._cut_off)

    def hold(self) -> None:
        """Read no more for now."""
        self._held = asyncio.get_running_loop().create_future()

    def go_on(self) -> None:
        """Read on."""
        if self._held is not None and not self._held.done():
            self._held.set_result(None)
        self._held = None

    # What it does.

    async def _read(self, receive: Receive) -> None:
        while True:
            if self._held is not None:
                await self._held
            event = await receive()
            if event["type"] == "websocket.disconnect":
                if event.get("code") == CloseCode.TOO_LARGE:
                    self._dispatcher.too_large(self._line)
                return
            message = event.get("text")
            if message is None:
                message = event["bytes"]
            if self._is_too_large(message):
                self._dispatcher.too_large(self._line)
            else:
                self._dispatcher.message(self._line, message)

    def _is_too_large(self, message: str | bytes) -> bool:
        if len(message) * MOST_BYTES_OF_A_CHARACTER <= self._most_bytes:
            return False
        size = len(message) if isinstance(message, bytes) or message.isascii() else len(message.encode())
        return size > self._most_bytes

    async def _refuse(self, response: Response, *, may_answer: bool) -> None:
        if not may_answer:
            await self._send({"type": CLOSE, "code": CloseCode.POLICY})
            return
        headers = encoded(response.headers)
        await self._send(
            {"type": "websocket.http.response.start", "status": response.status, "headers": headers}
        )
        await self._send({"type": "websocket.http.response.body", "body": response.body})

    def _put(self, event: Event) -> None:
        """Send something, behind what waits."""
        if self._waiting is not None:
            self._waiting.append(event)
        elif (rest := self._step(event)) is not None:
            self._waiting = deque()
            self._wait_for(rest)

    def _send_waiting(self) -> None:
        """Send what waits, for as far as nothing more has to wait."""
        while self._waiting:
            if self._waiting[0]["type"] == CLOSE:
                self._wait_for(None)
                return
            if (rest := self._step(self._waiting.popleft())) is not None:
                self._wait_for(rest)
                return
        self._waiting = None

    def _step(self, event: Event) -> Rest | None:
        try:
            return step(self._send(event))
        except Exception:
            logger.debug("a WebSocket takes nothing any more: its end comes by receive", exc_info=True)
            return None

    def _wait_for(self, rest: Rest | None) -> None:
        """Let a task send what is left, and what waits; some ASGI servers close within a task's timeout."""
        self._sending = asyncio.get_running_loop().create_task(self._catch_up(rest))
        self._dispatcher.paused(self._line)

    async def _catch_up(self, rest: Rest | None) -> None:
        try:
            if rest is not None:
                await rest
            while self._waiting:
                await self._send(self._waiting.popleft())
        except Exception:
            logger.debug("a WebSocket takes nothing any more", exc_info=True)
        self._sending = self._waiting = None
        self._dispatcher.resumed(self._line)

    def _cut_off(self) -> None:
        self._is_cut = True
        if self._serving is not None:
            self._serving.cancel()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._sending is not None:
            self._sending.cancel()
        self._serving = self._timer = None
        self._waiting = deque()
        self._dispatcher.socket_gone(self._line)


def encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Write headers as ASGI has them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
