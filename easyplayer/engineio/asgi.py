"""The driver for ASGI: requests and WebSockets as an ASGI server brings them.

An idle WebSocket costs the one task that the ASGI server has for it, and a message costs none: what can be
written at once is written where it is sent.
"""

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from easyplayer.engineio.asgi_request import AsgiRequest
from easyplayer.engineio.asgi_socket import AsgiSocket, encoded
from easyplayer.engineio.asgi_types import App, Event, Receive, Scope, Send
from easyplayer.engineio.core.frames import CloseCode
from easyplayer.engineio.core.http import Request, Response, request_of
from easyplayer.engineio.dispatcher import Dispatcher
from easyplayer.engineio.proxies import Proxies

SECURE = frozenset({"https", "wss"})
MAY_ANSWER = "websocket.http.response"
"""The extension of ASGI by which a WebSocket can be refused with an answer."""
NOT_FOUND = Response(404, (("content-type", "text/plain"), ("content-length", "9")), b"Not Found")


class Entry:
    """Answers requests and WebSockets.

    :param most_bytes: of a body, or of a message.
    """

    def __init__(self, dispatcher: Dispatcher, proxies: Proxies, most_bytes: int) -> None:
        self._dispatcher = dispatcher
        self._proxies = proxies
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a WebSocket to its end."""
        request = self._request(scope)
        if scope["type"] == "http":
            wire = AsgiRequest(self._dispatcher, request, self._most_bytes)
            await answer(await wire.answer(receive), request.method, send)
        else:
            may_answer = MAY_ANSWER in scope.get("extensions", ())
            socket = AsgiSocket(self._dispatcher, send, self._most_bytes)
            serving = socket.serve(request, receive, may_answer=may_answer)
            del scope, request, send, socket
            await serving

    def _request(self, scope: Scope) -> Request:
        """Read a scope. Its path does not matter: whoever has brought us here has looked at it."""
        target = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
        request = request_of(scope.get("method", "GET"), target, scope["headers"])
        client = scope.get("client")
        address, scheme = self._proxies.origin(
            str(client[0]) if client else "",
            "https" if scope.get("scheme") in SECURE else "http",
            request.headers,
        )
        return replace(request, address=address, scheme=scheme)


class Attached:
    """Another application, with ours at its path.

    :param entry: answers what is ours.
    :param app: answers all else; without it nothing does.
    :param path: ours, with or without the slash at its end.
    :param shut_down: called when the lifespan ends, before the other application hears of it.
    """

    def __init__(
        self, entry: App, app: App | None, path: str, shut_down: Callable[[], Awaitable[None]]
    ) -> None:
        self._entry = entry
        self._app = app or nothing_else
        self._paths = path.rstrip("/"), path.rstrip("/") + "/"
        self._shut_down = shut_down

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, serve a WebSocket, or live for as long as the ASGI server does."""
        if scope["type"] == "lifespan":
            await self._app(scope, self._ending_ours(receive), send)
        elif scope["path"] in self._paths:
            await self._entry(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _ending_ours(self, receive: Receive) -> Receive:
        async def received() -> Event:
            event = await receive()
            if event["type"] == "lifespan.shutdown":
                await self._shut_down()
            return event

        return received


async def nothing_else(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that there is nothing here; an ASGI application for where there is no other one."""
    if scope["type"] == "http":
        await answer(NOT_FOUND, scope["method"], send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": CloseCode.POLICY})
    else:
        for part in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{part}.complete"})


async def answer(response: Response | None, method: str, send: Send) -> None:
    """Answer a request, unless its client has gone."""
    if response is None:
        return
    headers = encoded(response.headers)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else response.body})
