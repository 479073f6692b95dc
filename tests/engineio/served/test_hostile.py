"""Clients and networks that mean no good, or know no better."""

import pytest

from easyplayer.engineio import Reason
from easyplayer.engineio.core.websocket import Closed
from tests.engineio.served.houses import OPENING, PATH, Driver, end_of, hear, open_house

pytestmark = pytest.mark.anyio


async def test_requests_one_behind_the_other_without_waiting(driver: Driver) -> None:
    """Pipelined requests are answered in their order, and a poll that waits holds up those behind it."""
    async with open_house(driver) as house:
        sid = await house.polling()
        line = await house.line()
        target = f"{PATH}&transport=polling&sid={sid}"
        line.begin("POST", target, b"4one")
        line.begin("GET", target)
        line.begin("GET", target)
        line.begin("POST", target, b"4three")
        line.begin("GET", "/nowhere")

        first = [(await line.answer()).text for _ in range(2)]
        await house.server.send(sid, "two")
        rest = [await line.answer() for _ in range(3)]

        assert first == ["ok", "4one"]
        assert [answer.status for answer in rest] == [200, 200, 404]
        assert [answer.text for answer in rest[:2]] == ["4two", "ok"]


async def test_an_old_client(driver: Driver) -> None:
    """HTTP/1.0 is answered, and its connection closed."""
    async with open_house(driver) as house:
        answer = await end_of(house, f"GET {PATH}&transport=polling HTTP/1.0\r\nhost: a\r\n\r\n".encode())

        assert b" 200 OK\r\n" in answer
        assert b'"sid"' in answer


async def test_the_last_request_of_a_connection(driver: Driver) -> None:
    """Where the client wants the connection closed, it is, and what comes behind it is not answered."""
    async with open_house(driver) as house:
        asks = OPENING.replace(b"host: a", b"connection: close")

        answer = await end_of(house, asks + OPENING)

        assert answer.count(b" 200 OK\r\n") == 1


async def test_a_client_that_asks_whether_its_body_is_welcome(driver: Driver) -> None:
    """It is told to go on, or what is wrong, before it has sent the body."""
    async with open_house(driver, max_http_buffer_size=100) as house:
        sid = await house.polling()
        line = await house.line()
        target = f"{PATH}&transport=polling&sid={sid}"
        head = f"POST {target} HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: "

        line.writer.write(f"{head}2\r\n\r\n".encode())
        go_on = await line.answer()
        line.writer.write(b"4a")
        posted = await line.answer()

        assert (go_on.status, posted.text) == (100, "ok")


async def test_a_reader_that_stalls_is_told_and_closed(driver: Driver) -> None:
    """What is sent to it is bounded; then its session is over, and when it reads again it learns why."""
    async with open_house(driver, queue_bytes=100_000) as house:
        wire, sid = await house.socket()
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined] # of a stream

        sent = 0
        while await house.server.send(sid, "x" * 50_000):
            sent += 1
            await house.ask(target="/nowhere")
        wire.writer.transport.resume_reading()  # type: ignore[attr-defined] # as above
        heard = []
        while not isinstance(last := await hear(wire), Closed):
            heard.append(last)

        assert await house.goodbye(sid) is Reason.SLOW_CLIENT
        assert last == Closed(1008, "slow client")
        assert len(heard) <= sent


async def test_who_asks_behind_a_proxy(driver: Driver) -> None:
    """A trusted proxy is believed, a stranger is not; the connect handler sees the address."""
    addresses: list[str] = []
    for trusted in ((), ("127.0.0.0/8",)):
        async with open_house(driver, trusted=trusted) as house:
            house.server.on("connect", lambda _sid, request: addresses.append(request.address))

            await house.ask(x_forwarded_for="192.0.2.1, 192.0.2.7")

    assert addresses == ["127.0.0.1", "192.0.2.7"]
