"""What an application can do: handlers in their order, sending, and what is kept of sessions."""

import asyncio
import json
import threading

import pytest

from easyplayer.engineio import Reason, Request, Server, UnknownSessionError
from easyplayer.engineio.core.websocket import Closed
from easyplayer.engineio.handlers import MOST_WAITING
from tests.engineio.served.houses import PATH, Driver, hear, open_house

pytestmark = pytest.mark.anyio

MOST_BEFORE_THE_SOCKET_IS_HELD = MOST_WAITING + 1


async def test_messages_are_heard_one_at_a_time_and_in_order(driver: Driver) -> None:
    """A slow handler is not overtaken by the next message."""
    heard: list[str] = []

    async def message(_sid: str, data: str) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        heard.append(data)
        if data == "9":
            done.set()

    done = asyncio.Event()
    async with open_house(driver) as house:
        house.server.on("message", message)
        wire, _ = await house.socket()
        wire.send(*[f"4{number}" for number in range(10)])
        await asyncio.wait_for(done.wait(), 10)

        assert heard == [str(number) for number in range(10)]


async def test_plain_functions_are_handlers_too(driver: Driver) -> None:
    """They are called in the loop, and answer by send_nowait."""
    server: Server

    async with open_house(driver) as house:
        server = house.server
        server.on("connect", lambda _sid, request: request.header("x-key") == "right")

        @server.on("message")
        def message(sid: str, data: str) -> None:
            server.send_nowait(sid, data[::-1])

        wire = await house.wire(x_key="right")
        await hear(wire)
        wire.send("4abc")
        refused = await house.wire(x_key="wrong")

        assert (await hear(wire), refused.status) == ("4cba", 403)


async def test_the_connect_handler_may_greet(driver: Driver) -> None:
    """What it sends comes behind the opening."""
    async with open_house(driver) as house:

        async def connect(sid: str, _request: Request) -> None:
            await house.server.send(sid, "welcome")

        house.server.on("connect", connect)
        wire = await house.wire()
        answer = await house.ask()

        assert [str(await hear(wire))[0], await hear(wire)] == ["0", "4welcome"]
        assert answer.text.split("\x1e")[1:] == ["4welcome"]


async def test_a_handler_that_fails(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the session goes on."""
    async with open_house(driver) as house:

        async def message(sid: str, data: str) -> None:
            if data == "bad":
                raise ValueError(data)
            await house.server.send(sid, data)

        house.server.on("message", message)
        wire, _ = await house.socket()
        wire.send("4bad", "4good")

        assert await hear(wire) == "4good"
        assert "ValueError: bad" in caplog.text


async def test_no_more_is_read_than_can_be_heard(driver: Driver) -> None:
    """Where the handler lags behind, its client has to wait; then all is heard in order."""
    heard: list[str] = []
    most = 0
    may = asyncio.Event()

    async with open_house(driver) as house:

        async def message(sid: str, data: str) -> None:
            nonlocal most
            await may.wait()
            most = max(most, house.server.figures().handlers_behind)
            heard.append(data)
            if data == "last":
                await house.server.send(sid, data)

        house.server.on("message", message)
        wire, _ = await house.socket()
        texts = [str(number) for number in range(1000)]
        wire.send(*[f"4{text}" for text in texts], "4last")
        for _ in range(3):
            await house.ask(target="/nowhere")
        may.set()

        assert await hear(wire) == "4last"
        assert heard == [*texts, "last"]
        assert MOST_WAITING <= most <= MOST_BEFORE_THE_SOCKET_IS_HELD


@pytest.mark.parametrize("pieces", [[b"4y"], [b"4", b"y"]])
async def test_a_post_waits_for_the_handler_that_lags_behind(driver: Driver, pieces: list[bytes]) -> None:
    """Polling clients have to wait too: a post, in one piece or in two, is answered once there is room."""
    may = asyncio.Event()
    heard = 0

    async with open_house(driver) as house:

        async def message(_sid: str, _data: str) -> None:
            nonlocal heard
            await may.wait()
            heard += 1

        house.server.on("message", message)
        sid = await house.polling()
        await house.post(sid, "\x1e".join(["4x"] * (MOST_WAITING + 1)))
        line = await house.line()
        target = f"{PATH}&transport=polling&sid={sid}"
        line.writer.write(f"POST {target} HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n".encode())
        for piece in pieces:
            line.writer.write(piece)
            await house.ask(target="/nowhere")
        before = house.server.figures().messages_in
        may.set()

        assert (before, (await line.answer()).text) == (MOST_WAITING + 1, "ok")
        assert house.server.figures().messages_in == MOST_WAITING + 2


async def test_a_client_that_changes_its_way_while_the_handler_lags_behind(driver: Driver) -> None:
    """The WebSocket that it goes over to has to wait as well."""
    may = asyncio.Event()
    heard: list[str] = []
    most = 0

    async with open_house(driver) as house:

        async def message(_sid: str, data: str) -> None:
            nonlocal most
            await may.wait()
            most = max(most, house.server.figures().handlers_behind)
            heard.append(data)
            if data == "last":
                all_heard.set()

        all_heard = asyncio.Event()
        house.server.on("message", message)
        sid = await house.polling()
        await house.post(sid, "\x1e".join(["4x"] * (MOST_WAITING + 1)))
        wire = await house.upgraded(sid)
        wire.send(*["4z"] * 1000, "4last")
        for _ in range(3):
            await house.ask(target="/nowhere")
        may.set()
        await asyncio.wait_for(all_heard.wait(), 10)

        assert heard == [*["x"] * (MOST_WAITING + 1), *["z"] * 1000, "last"]
        assert most <= 2 * MOST_BEFORE_THE_SOCKET_IS_HELD


async def test_the_goodbye_comes_behind_all_messages(driver: Driver) -> None:
    """And it comes once."""
    async with open_house(driver) as house:
        wire, sid = await house.socket()
        wire.send("4one", "4two", "1")
        await house.goodbye(sid)

        assert house.heard == [
            ("connect", sid),
            ("message", sid, "one"),
            ("message", sid, "two"),
            ("disconnect", sid, Reason.CLIENT_LEFT),
        ]


async def test_sending_to_one_to_many_and_to_nobody(driver: Driver) -> None:
    """Texts, bytes, and what JSON can hold; a session that is over is passed over."""
    async with open_house(driver) as house:
        wire, sid = await house.socket()
        polling = await house.polling()
        server = house.server

        assert await server.send(sid, {"a": [1]})
        assert await server.send(sid, bytearray(b"bytes"))
        assert not await server.send("nobody", "hello")
        assert await server.broadcast("all") == 2
        assert await server.broadcast("some", [sid, "nobody"]) == 1

        assert [await hear(wire) for _ in range(4)] == ['4{"a":[1]}', b"bytes", "4all", "4some"]
        assert (await house.get(polling)).text == "4all"


async def test_json_of_ones_own(driver: Driver) -> None:
    """Whatever has dumps writes messages; the module json does."""
    server = Server(json=json)
    async with open_house(driver) as house:
        house.server._json = server._json
        wire, sid = await house.socket()

        await house.server.send(sid, {"a": 1})

        assert await hear(wire) == '4{"a": 1}'


async def test_what_is_kept_of_a_session(driver: Driver) -> None:
    """It is there from the connect handler to the disconnect handler, and gone behind that."""
    found: list[object] = []
    over = asyncio.Event()

    async with open_house(driver) as house:
        server = house.server

        async def connect(sid: str, _request: Request) -> None:
            await server.save_session(sid, {"name": "bar"})

        async def disconnect(sid: str, _reason: Reason) -> None:
            await asyncio.sleep(0)
            found.append(dict(await server.get_session(sid)))
            over.set()

        server.on("connect", connect)
        server.on("disconnect", disconnect)
        wire, sid = await house.socket()
        async with server.session(sid) as session:
            session["volume"] = 7
        wire.close()
        await asyncio.wait_for(over.wait(), 10)
        await house.ask(target="/nowhere")

        assert found == [{"name": "bar", "volume": 7}]
        with pytest.raises(UnknownSessionError):
            await server.get_session(sid)
        with pytest.raises(UnknownSessionError):
            server.transport(sid)


async def test_closing_one_and_all(driver: Driver) -> None:
    """Clients are told, by whatever transport; what is over is passed over."""
    async with open_house(driver) as house:
        first, one = await house.socket()
        second, two = await house.socket()
        three = await house.polling()

        await house.server.disconnect(one)
        await house.server.disconnect("nobody")
        await house.server.disconnect()

        assert [(await hear(wire)).__class__ for wire in (first, second)] == [Closed, Closed]
        assert (await house.get(three)).text == "1"
        for sid in (one, two, three):
            assert await house.goodbye(sid) is Reason.SERVER_CLOSED


async def test_background_tasks(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    """Coroutines run in the loop, functions in a thread; failures are logged; the end cancels what runs."""
    async with open_house(driver) as house:

        async def fail() -> None:
            raise ValueError("broken")

        async def last() -> None:
            await asyncio.get_running_loop().create_future()

        where = await house.server.start_background_task(threading.current_thread)
        failing = house.server.start_background_task(fail)
        lasting = house.server.start_background_task(last)
        await asyncio.wait([failing])
        await house.server.shut_down()

        assert where is not threading.current_thread()
        assert "ValueError: broken" in caplog.text
        assert lasting.cancelled()


async def test_no_such_event(driver: Driver) -> None:
    """A handler for one is an error at once."""
    async with open_house(driver) as house:
        with pytest.raises(ValueError, match="connect, message, disconnect"):
            house.server.on("mesage", print)
