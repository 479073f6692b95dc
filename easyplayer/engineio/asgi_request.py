"""An HTTP request as ASGI brings it."""

import asyncio

from msgspec.structs import replace

from easyplayer.engineio.asgi_types import Receive
from easyplayer.engineio.core.http import Request, Response
from easyplayer.engineio.dispatcher import Dispatcher


class AsgiRequest:
    """One HTTP request; a :class:`~easyplayer.engineio.wires.RequestWire`.

    While a poll waits for its answer, a task beside watches whether its client leaves: a poll that a proxy
    has cut must not swallow a message.

    :param request: without its body.
    :param most_bytes: of the body.
    """

    __slots__ = ("_answered", "_dispatcher", "_line", "_most_bytes", "_request", "_response")

    def __init__(self, dispatcher: Dispatcher, request: Request, most_bytes: int) -> None:
        self._dispatcher = dispatcher
        self._request = request
        self._most_bytes = most_bytes
        self._line = dispatcher.open_request(self)
        self._response: Response | None = None
        self._answered: asyncio.Future[None] | None = None

    async def answer(self, receive: Receive) -> Response | None:
        """Give the answer, once there is one; None where the client has gone before."""
        try:
            if self._request.method == "POST" and not await self._read_body(receive):
                return self._response
            self._dispatcher.http(self._line, self._request)
            if self._response is None:
                await self._wait(receive)
            return self._response
        finally:
            self._dispatcher.http_gone(self._line)

    def respond(self, response: Response) -> None:
        """Answer it."""
        self._response = response
        self._wake()

    async def _read_body(self, receive: Receive) -> bool:
        """Read the body; tells whether it is there, and still wanted."""
        pieces: list[bytes] = []
        size = 0
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                return False
            piece = event.get("body", b"")
            size += len(piece)
            pieces.append(piece)
            if not event.get("more_body"):
                break
            if len(pieces) == 1 and not self._dispatcher.posting(self._line, self._request):
                return False
            if size > self._most_bytes:
                self._dispatcher.too_large(self._line)
                return False
        self._request = replace(self._request, body=b"".join(pieces))
        return True

    async def _wait(self, receive: Receive) -> None:
        """Wait for the answer, or until the client leaves."""
        self._answered = asyncio.get_running_loop().create_future()
        watch = asyncio.ensure_future(_left(receive))
        watch.add_done_callback(self._client_left)
        try:
            await self._answered
        finally:
            watch.cancel()

    def _client_left(self, watch: "asyncio.Future[None]") -> None:
        if not watch.cancelled():
            watch.exception()
        self._wake()

    def _wake(self) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)


async def _left(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
