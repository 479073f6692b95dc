"""Our WebSocket protocol within uvicorn, at the end of a real socket."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvloop

from easyplayer.engineio import uvicorn_websocket
from easyplayer.engineio.core.frames import PING, frame
from easyplayer.engineio.core.websocket import Closed, Failed, Pong
from easyplayer.engineio.uvicorn_websocket import ClientGoneError, UvicornWebSocket
from tests.engineio.uvicorn_serving import Event, Receive, Send, echo, serving
from tests.engineio.wire import Wire
from tests.fakes.certificates import Authority

Run = Callable[[Coroutine[Any, Any, None]], None]
LONG_S = 10.0
NARROW_BYTES = 128 * 1024
MOST_READ_BYTES = 256 * 1024
"""So much the event loops read at once."""


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run a test in either event loop."""

    def run_to_its_end(story: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(asyncio.wait_for(story, LONG_S))

    return run_to_its_end


def narrow(wire: Wire, protocol: UvicornWebSocket) -> None:
    """Let the system keep little of what goes to a client that does not read."""
    wire.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BYTES)
    protocol._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, NARROW_BYTES)


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until something is so."""
    while not true():
        await asyncio.sleep(0)


class Told:
    """An application that accepts, and remembers what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.over = asyncio.Event()

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Serve a WebSocket."""
        await receive()
        await send({"type": "websocket.accept"})
        while not self.over.is_set():
            self.events.append(await receive())
            if self.events[-1]["type"] == "websocket.disconnect":
                self.over.set()

    async def last(self) -> Event:
        """Wait for the disconnect."""
        await self.over.wait()
        return self.events[-1]


# -- the opening handshake --------------------------------------------------------------------------------


def test_the_application_is_told_who_asks_for_what(run: Run) -> None:
    """The scope has all that ASGI promises."""
    scopes: list[Event] = []

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        assert await receive() == {"type": "websocket.connect"}
        await send({"type": "websocket.accept"})

    async def story() -> None:
        async with serving(app, root_path="/hub", proxy_headers=False) as one:
            wire = await one.wire()
            await wire.ask("/li%20ve/?a=1&b=%20", [("Cookie", "x=ü"), ("Sec-WebSocket-Protocol", "one, two")])
            (scope,) = scopes
            headers = dict(scope.pop("headers"))
            assert headers[b"host"] == b"%s:%d" % (scope["server"][0].encode(), scope["server"][1])
            assert headers[b"cookie"] == "x=ü".encode()
            assert scope["client"] == wire.writer.get_extra_info("sockname")
            assert scope["server"] == wire.writer.get_extra_info("peername")
            del scope["client"], scope["server"]
            assert scope == {
                "type": "websocket",
                "asgi": {"version": "3.0", "spec_version": "2.4"},
                "http_version": "1.1",
                "scheme": "ws",
                "root_path": "/hub",
                "path": "/hub/li ve/",
                "raw_path": b"/hub/li%20ve/",
                "query_string": b"a=1&b=%20",
                "subprotocols": ["one", "two"],
                "state": {},
                "extensions": {"websocket.http.response": {}},
            }

    run(story())


def test_the_application_chooses_subprotocol_and_headers(run: Run) -> None:
    """They stand in the answer, beside those that uvicorn adds to every one."""

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "two", "headers": [(b"set-cookie", b"io=1")]})

    async def story() -> None:
        async with serving(app, headers=[("x-hub", "h")]) as one:
            wire = await one.wire()
            await wire.ask(headers=[("sec-websocket-protocol", "one, two")])
            said = dict(wire.headers)
            assert (said["sec-websocket-protocol"], said["set-cookie"]) == ("two", "io=1")
            assert (said["x-hub"], "date" in said) == ("h", True)

    run(story())


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"without": "sec-websocket-version", "headers": [("sec-websocket-version", "8")]}, 426),
        ({"without": "sec-websocket-key"}, 400),
        ({"method": "POST"}, 400),
    ],
)
def test_a_wrong_handshake_is_refused_without_asking_the_application(
    run: Run, asked: dict[str, Any], status: int
) -> None:
    """It has a status and says why."""

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        raise AssertionError

    async def story() -> None:
        async with serving(app) as one:
            wire = await one.wire()
            assert await wire.ask(**asked) == status
            assert dict(wire.headers)["content-length"] == str(len(await wire.rest()))

    run(story())


def test_the_application_refuses_by_closing(run: Run) -> None:
    """The client gets 403."""

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close"})
        assert (await receive())["type"] == "websocket.disconnect"

    async def story() -> None:
        async with serving(app) as one:
            wire = await one.wire()
            assert await wire.ask() == 403
            assert await wire.rest() == b""

    run(story())


def test_the_application_refuses_with_a_response_of_its_own(run: Run) -> None:
    """Status, headers and a body in pieces."""

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        head = [(b"retry-after", b"9"), (b"content-length", b"8")]
        await send({"type": "websocket.http.response.start", "status": 503, "headers": head})
        await send({"type": "websocket.http.response.body", "body": b"not ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"now."})

    async def story() -> None:
        async with serving(app) as one:
            wire = await one.wire()
            assert await wire.ask() == 503
            assert dict(wire.headers)["retry-after"] == "9"
            assert await wire.rest() == b"not now."

    run(story())


def test_an_application_that_does_not_decide_is_an_error(run: Run) -> None:
    """The client gets 500."""

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()

    async def story() -> None:
        async with serving(app) as one:
            assert await (await one.wire()).ask() == 500

    run(story())


def test_a_client_that_does_not_wait_for_the_answer_is_cut(run: Run) -> None:
    """Nothing of what it says before is kept."""
    asked = asyncio.Event()
    told: list[Event] = []

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        asked.set()
        told.append(await receive())
        with pytest.raises(ClientGoneError):
            await send({"type": "websocket.accept"})

    async def story() -> None:
        async with serving(app) as one:
            wire = await one.wire()
            asking = asyncio.create_task(wire.ask())
            await asked.wait()
            wire.send("too early")
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await asking
            assert told[0]["type"] == "websocket.disconnect"

    run(story())


# -- messages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parser", ["httptools", "h11"])
def test_messages_go_both_ways(run: Run, parser: str) -> None:
    """Text and binary, empty and long, many at once, whichever parser of HTTP has read the request."""
    messages: list[str | bytes] = ["", b"", "grüße", b"\x00\xff", "x" * 70_000, *map(str, range(100))]

    async def story() -> None:
        async with serving(echo, http=parser) as one:
            wire = await one.opened()
            wire.send(*messages)
            assert [await wire.hear() for _ in messages] == messages

    run(story())


def test_messages_go_through_tls(run: Run, tmp_path: Path) -> None:
    """The scope says so, and a close and a violation are told as without it."""
    authority = Authority(tmp_path)
    now = datetime.now(UTC)
    tls = authority.context(now - timedelta(days=1), now + timedelta(days=1))
    trusting = ssl.create_default_context(cafile=str(authority.file))
    schemes: list[str] = []

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        schemes.append(scope["scheme"])
        await echo(scope, receive, send)

    async def story() -> None:
        async with serving(app, tls, proxy_headers=False) as one:
            wire, other = await one.wire(trusting), await one.wire(trusting)
            assert [await wire.ask(), await other.ask()] == [101, 101]
            wire.send("x" * 300_000)
            assert await wire.hear() == "x" * 300_000
            wire.close()
            other.writer.write(b"\xff\xff")
            assert [await wire.hear(), await other.hear()] == [
                Closed(1000, ""),
                Closed(1002, "reserved bits are set"),
            ]
            assert [await wire.rest(), await other.rest()] == [b"", b""]
            assert schemes == ["wss", "wss"]

    run(story())


def test_a_message_may_come_byte_by_byte(run: Run) -> None:
    """Each byte is a read of its own."""

    async def story() -> None:
        async with serving(echo) as one:
            wire = await one.opened()
            (protocol,) = one.connections
            for byte in wire.socket.send("byte by byte"):
                protocol.data_received(bytes((byte,)))
            assert await wire.hear() == "byte by byte"

    run(story())


def test_a_ping_is_answered_while_the_application_waits(run: Run) -> None:
    """It is not told of it."""

    async def story() -> None:
        async with serving(echo) as one:
            wire = await one.opened()
            wire.writer.write(wire.socket.ping(b"there?"))
            assert getattr(await wire.hear(), "payload", None) == b"there?"

    run(story())


def test_sending_does_not_suspend_where_it_need_not(run: Run) -> None:
    """So a message to thousands of clients costs no turn of the loop for each."""
    sent: list[bool] = []

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        step = send({"type": "websocket.send", "text": "at once"})
        with pytest.raises(StopIteration):
            step.send(None)
        sent.append(True)

    async def story() -> None:
        async with serving(app) as one:
            assert await (await one.opened()).hear() == "at once"
            assert sent

    run(story())


def test_sending_waits_for_a_client_that_does_not_read(run: Run) -> None:
    """No more is kept for it than the transport's buffer; once it reads, all comes."""
    count = 40
    stalled = asyncio.Event()
    start = asyncio.Event()

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await start.wait()
        for number in range(count):
            sending = asyncio.create_task(
                send({"type": "websocket.send", "bytes": bytes(65536) + b"%d" % number})
            )
            await asyncio.sleep(0)
            if not sending.done():
                stalled.set()
            await sending

    async def story() -> None:
        async with serving(app) as one:
            wire = await one.opened()
            (protocol,) = one.connections
            narrow(wire, protocol)
            start.set()
            await stalled.wait()
            assert protocol._transport.get_write_buffer_size() < 4 * 65536
            for number in range(count):
                assert await wire.hear() == bytes(65536) + b"%d" % number

    run(story())


def test_no_more_is_read_than_the_application_takes(run: Run) -> None:
    """A client that floods an application that is busy has to wait; nothing is lost, and order is kept."""
    count = 5_000
    go_on = asyncio.Event()
    numbers: list[str] = []

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await go_on.wait()
        while (event := await receive())["type"] == "websocket.receive":
            numbers.append(event["text"].lstrip("."))
        await send({"type": "websocket.close"})

    async def story() -> None:
        async with serving(app) as one:
            wire = await one.opened()
            (protocol,) = one.connections
            wire.send(*(f"{number:.>300}" for number in range(count)))
            await until(lambda: not protocol._transport.is_reading())
            assert protocol._socket is not None
            assert len(protocol._socket._reader._data) <= 2 * MOST_READ_BYTES
            go_on.set()
            wire.close()
            await wire.rest()
            assert numbers == [str(number) for number in range(count)]

    run(story())


def test_pongs_do_not_pile_up_for_a_client_that_does_not_read(run: Run) -> None:
    """A flood of pings is read no faster than the answers to it are."""
    count = 15_000

    async def story() -> None:
        async with serving(echo) as one:
            wire = await one.opened()
            (protocol,) = one.connections
            narrow(wire, protocol)
            wire.writer.write(frame(PING, bytes(125), mask=bytes(4)) * count)
            await until(lambda: not protocol._transport.is_reading())
            assert protocol._transport.get_write_buffer_size() < 2**20
            for _ in range(count):
                assert await wire.hear() == Pong(bytes(125))

    run(story())


# -- closing ----------------------------------------------------------------------------------------------


def test_a_clients_close_is_told_and_answered(run: Run) -> None:
    """With code and reason; what it has said before comes first."""

    async def story() -> None:
        told = Told()
        async with serving(told) as one:
            wire = await one.opened()
            wire.send("last words")
            wire.close(4000, "done")
            assert await wire.hear() == Closed(4000, "")
            assert await told.last() == {"type": "websocket.disconnect", "code": 4000, "reason": "done"}
            assert told.events[0]["text"] == "last words"
            assert await wire.rest() == b""

    run(story())


def test_the_application_closes(run: Run) -> None:
    """Its code and reason go to the client, and it is itself told that it is over."""
    told: list[Event] = []

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4001, "reason": "enough"})
        told.extend([await receive(), await receive()])
        with pytest.raises(ClientGoneError):
            await send({"type": "websocket.send", "text": "too late"})

    async def story() -> None:
        async with serving(app) as one:
            wire = await one.opened()
            assert await wire.hear() == Closed(4001, "enough")
            assert await wire.rest() == b""
            assert [event["code"] for event in told] == [4001, 4001]

    run(story())


def test_a_client_that_does_not_answer_a_close_is_cut(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it fetches nothing of what was sent to it."""
    monkeypatch.setattr(uvicorn_websocket, "CLOSE_TIMEOUT_S", 0.05)

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "bytes": bytes(2**24)})
        step = send({"type": "websocket.close"})
        with contextlib.suppress(ClientGoneError):
            await step

    async def story() -> None:
        async with serving(app) as one:
            wire = await one.opened()
            (protocol,) = one.connections
            protocol.resume_writing()
            await until(lambda: not one.connections)
            wire.cut()

    run(story())


@pytest.mark.parametrize(
    ("error", "code"), [(None, 1000), (RuntimeError("a mistake"), 1011), (ClientGoneError(), 1011)]
)
def test_the_connection_ends_with_the_application(
    run: Run, error: Exception | None, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The client is told whether that was meant to be."""

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        if error is not None:
            raise error

    async def story() -> None:
        async with serving(app) as one:
            assert await (await one.opened()).hear() == Closed(code, "")

    run(story())
    assert ("the application has failed" in caplog.text) == isinstance(error, RuntimeError)


def test_a_lost_connection_is_told(run: Run) -> None:
    """As abnormal; who sends then hears of it, as an error of the system."""
    told = asyncio.Event()

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        assert await receive() == {"type": "websocket.disconnect", "code": 1006, "reason": ""}
        with pytest.raises(OSError, match="closed"):
            await send({"type": "websocket.send", "text": "hello?"})
        told.set()

    async def story() -> None:
        async with serving(app) as one:
            (await one.opened()).cut()
            await told.wait()

    run(story())


def test_who_waits_to_send_hears_of_a_lost_connection(run: Run) -> None:
    """It does not wait for ever."""
    told = asyncio.Event()
    stalled = asyncio.Event()

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "bytes": bytes(2**24)})
        stalled.set()
        with pytest.raises(ClientGoneError):
            await send({"type": "websocket.send", "text": "more"})
        told.set()

    async def story() -> None:
        async with serving(app) as one:
            wire = await one.opened()
            await stalled.wait()
            wire.cut()
            await told.wait()

    run(story())


def test_a_message_that_is_too_large_is_refused_while_it_is_being_sent(run: Run) -> None:
    """The client can still read why, though it goes on sending."""

    async def story() -> None:
        told = Told()
        async with serving(told, ws_max_size=1000) as one:
            wire = await one.opened()
            wire.send("x" * 2**24)
            assert await wire.hear() == Closed(1009, "a message over 1000 bytes")
            assert (await told.last())["code"] == 1009
            wire.cut()

    run(story())


def test_a_broken_frame_ends_the_connection(run: Run) -> None:
    """Messages before it are delivered; the close says what is wrong."""

    async def story() -> None:
        told = Told()
        async with serving(told) as one:
            wire = await one.opened()
            wire.writer.write(wire.socket.send("good") + b"\xc1\x80abcd" + wire.socket.send("never read"))
            assert await wire.hear() == Closed(1002, "reserved bits are set")
            assert (await told.last())["code"] == 1002
            assert [event.get("text") for event in told.events] == ["good", None]

    run(story())


def test_uvicorns_end_is_told_to_both_sides(run: Run) -> None:
    """The client learns that it is a restart; one that is not yet accepted gets 503."""
    deciding = asyncio.Event()

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        if scope["path"] == "/undecided":
            await receive()
            deciding.set()
            assert (await receive())["type"] == "websocket.disconnect"
        else:
            await told(scope, receive, send)

    told = Told()

    async def story() -> None:
        async with serving(app) as one:
            wire, other = await one.opened(), await one.wire()
            asking = asyncio.create_task(other.ask("/undecided"))
            await deciding.wait()
            ending = asyncio.create_task(one.server.shutdown(sockets=[one.socket]))
            assert await wire.hear() == Closed(1012, "")
            assert (await told.last())["code"] == 1012
            assert await asking == 503
            await ending
            assert not one.server.server_state.connections

    run(story())


@pytest.mark.parametrize(
    "messages",
    [
        ["websocket.send"],
        ["websocket.accept", "websocket.accept"],
        ["websocket.accept", "websocket.http.response.start"],
        ["websocket.http.response.body"],
    ],
)
def test_messages_that_make_no_sense_are_an_error(run: Run, messages: list[str]) -> None:
    """The application is told that it is wrong."""
    wrong: list[str] = []

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        await receive()
        *before, last = messages
        for kind in before:
            await send({"type": kind})
        with pytest.raises(RuntimeError, match=last) as error:
            await send({"type": last})
        wrong.append(str(error.value))

    async def story() -> None:
        async with serving(app) as one:
            await (await one.wire()).ask()
            assert wrong

    run(story())


def test_a_failure_leaves_nothing_behind(run: Run) -> None:
    """Whatever a client sends, uvicorn's lists of connections and tasks are empty at the end."""

    async def story() -> None:
        async with serving(echo) as one:
            for nonsense in (b"\xff\xff", b"\x81\xfe\x00\x01", b"\x88\x81abcdx"):
                wire = await one.opened()
                wire.writer.write(nonsense)
                assert isinstance(await wire.hear(), Closed | Failed)
                wire.cut()
            await until(lambda: not one.connections and not one.server.server_state.tasks)

    run(story())
