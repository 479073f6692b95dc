"""Brings polls to the worker whose session they are of.

All workers take connections at one port, so a poll comes to any of them; the session's name says whose it is.
A poll of another worker's goes on to it over a unix socket, each on a connection of its own: what the client
cuts is cut there as well.  A WebSocket for such a session is refused, and the client stays with polls.
"""

import asyncio
import re
from http import HTTPStatus
from logging import getLogger
from pathlib import Path

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from easyplayer.engineio.proxies import Proxies

log = getLogger(__name__)

SESSION = re.compile(rb"(?:^|&)sid=([A-Za-z0-9_]+)-")
FORWARDED_FOR, FORWARDED_PROTO = b"x-forwarded-for", b"x-forwarded-proto"
NOT_PASSED_ON = frozenset(
    {b"connection", b"keep-alive", b"upgrade", b"te", b"expect", b"forwarded", FORWARDED_FOR, FORWARDED_PROTO}
)
NOT_PASSED_BACK = frozenset({b"connection", b"keep-alive", b"transfer-encoding"})
UNKNOWN = b'{"code":1,"message":"Session ID unknown"}'
MOST_READ_BYTES = 64 * 1024
GONE = "http.disconnect"


class Relay:
    """Stands before the live channel of one worker: an ASGI application.

    :param app: the live channel's own.
    :param worker: the name of this worker.
    :param sockets: the folder of the workers' sockets, see :func:`socket_of`.
    :param proxies: whose word about the client's address is believed.
    """

    def __init__(self, app: ASGIApp, worker: str, sockets: Path, proxies: Proxies) -> None:
        self._app = app
        self._worker = worker
        self._sockets = sockets
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have its worker answer it."""
        named = SESSION.search(scope["query_string"])
        worker = named[1].decode() if named else self._worker
        if worker == self._worker:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await refuse(scope, receive, send)
        else:
            await self._pass_on(worker, scope, receive, send)

    async def _pass_on(self, worker: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reader, writer = await asyncio.open_unix_connection(socket_of(self._sockets, worker))
        except OSError:  # it has ended, and its sessions with it: they are as unknown to this one
            await self._app(scope, receive, send)
            return
        line = h11.Connection(h11.CLIENT)
        tasks = [
            asyncio.create_task(_ask(line, self._head(scope), receive, writer)),
            asyncio.create_task(_answer(line, reader, send)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            writer.transport.abort()

    def _head(self, scope: Scope) -> h11.Request:
        client = scope.get("client")
        peer = str(client[0]) if client else ""
        heard = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        address, scheme = self._proxies.origin(peer, scope["scheme"], heard)
        headers = [one for one in scope["headers"] if one[0] not in NOT_PASSED_ON]
        headers += [(b"connection", b"close"), (FORWARDED_PROTO, scheme.encode())]
        if address:
            headers.append((FORWARDED_FOR, address.encode()))
        if not any(name == b"host" for name, _ in headers):
            headers.append((b"host", b""))
        target = b"%s?%s" % (scope["raw_path"], scope["query_string"])
        return h11.Request(method=scope["method"], target=target, headers=headers)


def socket_of(folder: Path, worker: str) -> Path:
    """Name the socket at which a worker takes what others bring it."""
    return folder / f"{worker}.sock"


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket as the session's own worker would if it did not know it."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(UNKNOWN)).encode())]
    start = {"status": HTTPStatus.BAD_REQUEST, "headers": headers}
    await send({"type": "websocket.http.response.start", **start})
    await send({"type": "websocket.http.response.body", "body": UNKNOWN})


async def _ask(
    line: h11.Connection, head: h11.Request, receive: Receive, writer: asyncio.StreamWriter
) -> None:
    """Bring a request to the other worker; ends once the client has gone."""
    waiting: list[h11.Event] = [head]
    more = hears = True
    while True:
        for event in waiting if hears else ():
            writer.write(line.send(event) or b"")
        try:
            await writer.drain()
        except OSError:  # it may have answered before it has heard all
            hears = False
        message = await receive()
        if message["type"] == GONE:
            return
        waiting = [h11.Data(data=message["body"])] if more and message.get("body") else []
        if more and not message.get("more_body", False):
            more = False
            waiting.append(h11.EndOfMessage())


async def _answer(line: h11.Connection, reader: asyncio.StreamReader, send: Send) -> None:
    """Bring the answer back."""
    begun = False
    try:
        while not isinstance(event := await _next(line, reader), h11.EndOfMessage):
            begun = begun or isinstance(event, h11.Response)
            await send(_message_of(event))
    except (OSError, h11.RemoteProtocolError) as error:
        log.debug("a worker has not answered a poll: %s", error)
        if begun:  # half of it is out: the line can only be cut
            raise
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": HTTPStatus.BAD_GATEWAY, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _next(
    line: h11.Connection, reader: asyncio.StreamReader
) -> h11.Response | h11.Data | h11.EndOfMessage:
    while not isinstance(event := line.next_event(), h11.Response | h11.Data | h11.EndOfMessage):
        line.receive_data(await reader.read(MOST_READ_BYTES))
    return event


def _message_of(event: h11.Response | h11.Data) -> Message:
    if isinstance(event, h11.Data):
        return {"type": "http.response.body", "body": bytes(event.data), "more_body": True}
    headers = [one for one in event.headers if one[0] not in NOT_PASSED_BACK]
    return {"type": "http.response.start", "status": event.status_code, "headers": headers}
