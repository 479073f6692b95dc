"""The driver for ASGI, where it is more than a way for the protocol."""

import asyncio
import socket
import threading
from typing import Any

import pytest
import uvicorn

from easyplayer.engineio import Server
from easyplayer.engineio.asgi_types import Event, Receive, Scope, Send
from easyplayer.engineio.uvicorn_server import UvicornServer
from easyplayer.engineio.uvicorn_websocket import UvicornWebSocket
from tests.engineio.served.visitors import Line

pytestmark = pytest.mark.anyio

POLLING = b"EIO=4&transport=polling"
SOON_S = 10.0


@pytest.fixture
def anyio_backend() -> str:
    """One loop is enough here."""
    return "asyncio"


class Visit:
    """An ASGI server's side of one request or WebSocket.

    :ivar said: what the application has sent.
    """

    def __init__(self, kind: str, path: str = "/engine.io/", query: bytes = POLLING, **scope: Any) -> None:
        self.scope: Scope = {"type": kind, "path": path, "query_string": query, "headers": []}
        self.scope |= {"method": "GET", **scope} if kind == "http" else scope
        self.said: list[Event] = []
        self.is_blocked = asyncio.Event()
        self.may_send = asyncio.Event()
        self.may_send.set()
        self._comes: asyncio.Queue[Event] = asyncio.Queue()

    def comes(self, kind: str, **what: Any) -> None:
        """Let something come to the application."""
        self._comes.put_nowait({"type": f"{self.scope['type']}.{kind}", **what})

    async def receive(self) -> Event:
        """Give it to the application."""
        return await self._comes.get()

    async def send(self, event: Event) -> None:
        """Take what the application sends."""
        if not self.may_send.is_set():
            self.is_blocked.set()
            await self.may_send.wait()
        self.said.append(event)

    @property
    def texts(self) -> list[str]:
        """What was sent over a WebSocket as text."""
        return [event["text"] for event in self.said if "text" in event]


async def nobody(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Fail: nobody should come here."""
    pytest.fail("the other application was called")


async def test_what_is_not_ours_goes_to_the_other_application() -> None:
    """Another path, by request or WebSocket; ours, with or without its slash, does not."""
    called: list[str] = []

    async def other(scope: Scope, _receive: Receive, _send: Send) -> None:
        called.append(scope["path"])

    app = Server().attach(other, "/live")
    for kind in ("http", "websocket"):
        for path in ("/live", "/live/", "/live/more", "/", "/alive/"):
            visit = Visit(kind, path, b"")
            visit.comes("connect" if kind == "websocket" else "request")
            await app(visit.scope, visit.receive, visit.send)

    assert called == ["/live/more", "/", "/alive/"] * 2


async def test_without_another_application_there_is_nothing_else() -> None:
    """A request gets 404, a WebSocket is refused, and the lifespan is lived."""
    server = Server()
    app = server.attach()
    request, wire, life = Visit("http", "/"), Visit("websocket", "/"), Visit("lifespan", "")
    wire.comes("connect")
    life.comes("startup")
    life.comes("shutdown")

    for visit in (request, wire, life):
        await app(visit.scope, visit.receive, visit.send)

    assert request.said[0]["status"] == 404
    assert wire.said[0]["type"] == "websocket.close"
    assert [event["type"] for event in life.said] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_the_lifespan_of_the_other_application() -> None:
    """It is passed on, and our sessions end before the other application hears of the end."""
    server = Server()
    ended: list[bool] = []

    async def other(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            pass
        ended.append(len(server.dispatcher.engine) == 0)

    app = server.attach(other)
    opening = Visit("http")
    await app(opening.scope, opening.receive, opening.send)
    life = Visit("lifespan", "")
    life.comes("startup")
    life.comes("shutdown")
    await app(life.scope, life.receive, life.send)

    assert ended == [True]


async def test_a_server_that_cannot_refuse_with_an_answer() -> None:
    """Where the extension is missing, a WebSocket is refused with what there is."""
    visit = Visit("websocket", query=b"EIO=4")
    visit.comes("connect")

    await Server().handle_request(visit.scope, visit.receive, visit.send)

    assert visit.said == [{"type": "websocket.close", "code": 1008}]


async def test_a_message_makes_no_task() -> None:
    """What can be written at once is written where it is sent."""
    server, visit, serving = await _open_socket()
    tasks = asyncio.all_tasks()

    await server.broadcast("hello")

    assert visit.texts[1:] == ["4hello"]
    assert asyncio.all_tasks() == tasks
    await _leave(visit, serving)


async def test_what_has_to_wait_waits_in_order() -> None:
    """While the client does not read, messages queue, and come in their order once it does."""
    server, visit, serving = await _open_socket()
    visit.may_send.clear()

    for number in range(5):
        await server.broadcast(str(number))
    await visit.is_blocked.wait()
    queued = server.figures().queued_packets
    visit.may_send.set()
    while len(visit.texts) < 6:
        await asyncio.sleep(0)
    await server.broadcast("5")

    assert queued == 4
    assert visit.texts[1:] == [f"4{number}" for number in range(6)]
    await _leave(visit, serving)


async def test_a_server_that_closes_by_a_timeout() -> None:
    """Some wait for the other side's close within a timeout, which only a task can have."""
    server, visit, serving = await _open_socket()
    plain = visit.send

    async def send(event: Event) -> None:
        async with asyncio.timeout(SOON_S):
            await asyncio.sleep(0)
            await plain(event)
        visit.comes("disconnect", code=1000)

    server.dispatcher._sockets[1]._send = send  # type: ignore[attr-defined] # of this one
    for sid in list(server.dispatcher.engine.sessions):
        asyncio.get_running_loop().call_soon(server.dispatcher.disconnect, sid)
    await asyncio.wait_for(serving, SOON_S)

    assert visit.said[-1] == {"type": "websocket.close", "code": 1000, "reason": "server closed"}


async def test_a_server_whose_send_fails() -> None:
    """A WebSocket that takes nothing any more is no danger; its end comes by receive."""
    server, visit, serving = await _open_socket()

    async def fail(_event: Event) -> None:
        raise OSError("gone")

    server.dispatcher._sockets[1]._send = fail  # type: ignore[attr-defined] # as above
    assert await server.broadcast("hello") == 1
    await _leave(visit, serving)

    assert len(server.dispatcher.engine) == 0


async def test_an_application_that_is_cancelled() -> None:
    """An ASGI server that cancels us ends the session, and is not held up."""
    server, _, serving = await _open_socket()

    serving.cancel()

    with pytest.raises(asyncio.CancelledError):
        await serving
    assert len(server.dispatcher.engine) == 0


async def _open_socket() -> tuple[Server, Visit, "asyncio.Task[None]"]:
    server = Server()
    visit = Visit("websocket", query=b"EIO=4&transport=websocket")
    visit.comes("connect")
    serving = asyncio.create_task(server.handle_request(visit.scope, visit.receive, visit.send))
    async with asyncio.timeout(SOON_S):
        while not visit.texts:
            await asyncio.sleep(0)
    return server, visit, serving


async def _leave(visit: Visit, serving: "asyncio.Task[None]") -> None:
    visit.comes("disconnect", code=1000)
    await asyncio.wait_for(serving, SOON_S)


async def test_uvicorn_does_not_wait_for_polls() -> None:
    """Its graceful end comes long before the next ping though a poll waits, whose client is told."""
    live = Server()
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(live.attach(), ws=UvicornWebSocket, log_config=None)  # type: ignore[arg-type] # as above
    server = UvicornServer(config, live)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    line = await Line.to(listener.getsockname()[1])
    opened = await line.ask("GET", "/engine.io/?EIO=4&transport=polling")
    sid = opened.text.split('"')[3]
    line.begin("GET", f"/engine.io/?EIO=4&transport=polling&sid={sid}")
    other = await Line.to(listener.getsockname()[1])
    await other.ask("GET", "/nowhere")

    server.should_exit = True
    told = await line.answer()
    await asyncio.to_thread(thread.join, SOON_S)

    assert (told.text, thread.is_alive()) == ("1", False)
    for one in (line, other):
        one.cut()
