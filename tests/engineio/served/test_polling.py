"""What the protocol demands of HTTP long-polling."""

import asyncio
import gzip
import json

import pytest

from easyplayer.engineio import Reason
from tests.engineio.served.houses import PATH, Driver, House, open_house
from tests.engineio.served.visitors import Answer, Line

pytestmark = pytest.mark.anyio


async def test_a_session_is_opened_with_what_the_client_must_know(driver: Driver) -> None:
    """The first answer names the session, its upgrades, the heartbeat in milliseconds, and the most bytes."""
    async with open_house(driver, ping_interval_s=0.3, ping_timeout_s=0.2) as house:
        answer = await house.ask()

        opening = json.loads(answer.text[1:])
        assert (answer.status, answer.text[0]) == (200, "0")
        assert opening.pop("sid")
        assert opening == {
            "upgrades": ["websocket"],
            "pingInterval": 300,
            "pingTimeout": 200,
            "maxPayload": 1_000_000,
        }


@pytest.mark.parametrize("body", ["4hello", "4one\x1e4two\x1e4three", "4hello\x1ebAQIDBA==", "4€ \U0001f3b5"])
async def test_what_is_posted_comes_back(driver: Driver, body: str) -> None:
    """Texts, several at once, and bytes as base64, in their order."""
    async with open_house(driver) as house:
        sid = await house.polling()

        posted = await house.post(sid, body)
        polled = await house.get(sid)
        while polled.text.count("\x1e") < body.count("\x1e"):
            more = await house.get(sid)
            polled = polled._replace(body=polled.body + b"\x1e" + more.body)

        assert (posted.status, posted.body) == (200, b"ok")
        assert (polled.status, polled.text) == (200, body)


async def test_a_poll_waits_until_there_is_something_to_say(driver: Driver) -> None:
    """A poll without a message is answered with the next one."""
    async with open_house(driver) as house:
        sid = await house.polling()
        poll = asyncio.ensure_future(house.get(sid))
        await house.until(lambda: house.heard)
        await house.post(sid, "4now")

        assert (await poll).text == "4now"


async def test_several_requests_over_one_connection(driver: Driver) -> None:
    """A connection is kept: polls and posts go over it one behind the other."""
    async with open_house(driver) as house:
        sid = await house.polling()
        line = await house.line()
        target = f"{PATH}&transport=polling&sid={sid}"

        for number in range(3):
            assert (await line.ask("POST", target, f"4{number}".encode())).text == "ok"
            assert (await line.ask("GET", target)).text == f"4{number}"


@pytest.mark.parametrize("body", ["abc", "", "4a\x1e", "b!!", "2probe", "4\udcff"])
async def test_a_body_that_is_no_payload(driver: Driver, body: str) -> None:
    """It is answered with 400, and the session is over."""
    async with open_house(driver) as house:
        sid = await house.polling()
        target = f"{PATH}&transport=polling&sid={sid}"

        posted = await house.ask("POST", target, body.encode(errors="surrogateescape"))

        assert (posted.status, (await house.get(sid)).status) == (400, 400)
        assert await house.goodbye(sid) is Reason.BAD_PACKET


async def test_two_polls_at_once(driver: Driver) -> None:
    """The first is told that it is over, the second is refused, and the session is closed."""
    async with open_house(driver) as house:
        sid = await house.polling()
        first, second = await house.line(), await house.line()
        target = f"{PATH}&transport=polling&sid={sid}"
        first.begin("GET", target)
        await first.writer.drain()

        answers = await asyncio.gather(first.answer(), _second(house, second, target))

        assert sorted((answer.status, answer.text == "1") for answer in answers) == [
            (200, True),
            (400, False),
        ]
        assert (await house.get(sid)).status == 400
        assert await house.goodbye(sid) is Reason.DUPLICATE_POLL


async def _second(house: House, line: Line, target: str) -> Answer:
    await house.ask(target="/nowhere")
    return await line.ask("GET", target)


async def test_two_posts_at_once(driver: Driver) -> None:
    """While the body of one is coming, another is refused, and the session is closed."""
    async with open_house(driver) as house:
        sid = await house.polling()
        target = f"{PATH}&transport=polling&sid={sid}"
        line = await house.line()
        line.writer.write(f"POST {target} HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\n4he".encode())
        await house.ask(target="/nowhere")

        second = await house.post(sid, "4other")

        assert second.status == 400
        assert await house.goodbye(sid) is Reason.DUPLICATE_POLL


async def test_a_post_that_is_cut(driver: Driver) -> None:
    """A body that ends half-way closes the session: nobody knows what was lost."""
    async with open_house(driver) as house:
        sid = await house.polling()
        line = await house.line()
        target = f"{PATH}&transport=polling&sid={sid}"
        line.writer.write(f"POST {target} HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\n4he".encode())
        await house.ask(target="/nowhere")
        line.cut()

        assert await house.goodbye(sid) is Reason.POLL_CUT


async def test_a_body_over_the_limit(driver: Driver) -> None:
    """It is answered with 413, whether it says its length or not, and the session goes on."""
    async with open_house(driver, max_http_buffer_size=1000) as house:
        sid = await house.polling()
        target = f"{PATH}&transport=polling&sid={sid}"
        chunked = await house.line()
        piece = b"1ff\r\n4" + b"x" * 510 + b"\r\n"
        chunked.writer.write(
            f"POST {target} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n".encode()
        )
        chunked.writer.write(piece * 3)

        at_length = await house.post(sid, "4" + "x" * 1000)
        by_chunks = await chunked.answer()
        fits = await house.post(sid, "4" + "x" * 999)

        assert (at_length.status, by_chunks.status, fits.status) == (413, 413, 200)


async def test_a_body_in_chunks(driver: Driver) -> None:
    """Chunks are put together."""
    async with open_house(driver) as house:
        sid = await house.polling()
        line = await house.line()
        target = f"{PATH}&transport=polling&sid={sid}"
        line.writer.write(f"POST {target} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        line.writer.write(b"3\r\n4he\r\n3\r\nllo\r\n0\r\n\r\n")

        assert (await line.answer()).text == "ok"
        assert (await house.get(sid)).text == "4hello"


async def test_a_client_that_leaves(driver: Driver) -> None:
    """Its close packet ends the poll that waits with a noop, and then the session."""
    async with open_house(driver) as house:
        sid = await house.polling()
        line = await house.line()
        line.begin("GET", f"{PATH}&transport=polling&sid={sid}")
        await house.ask(target="/nowhere")

        posted = await house.post(sid, "1")

        assert (posted.text, (await line.answer()).text) == ("ok", "6")
        assert (await house.get(sid)).status == 400
        assert await house.goodbye(sid) is Reason.CLIENT_LEFT


async def test_no_message_is_lost_with_a_poll_that_was_cut(driver: Driver) -> None:
    """Twenty times: a proxy cuts a poll, and a message follows. The session is over; the client knows it."""
    async with open_house(driver) as house:
        for _ in range(20):
            sid = await house.polling()
            line = await house.line()
            line.begin("GET", f"{PATH}&transport=polling&sid={sid}")
            await house.ask(target="/nowhere")
            line.cut()

            assert await house.goodbye(sid) is Reason.POLL_CUT
            assert not await house.server.send(sid, "lost?")
            assert (await house.get(sid)).status == 400


async def test_pings_are_answered(driver: Driver) -> None:
    """A ping comes each interval, and the session lives for as long as pongs come back."""
    async with open_house(driver, ping_interval_s=0.02, ping_timeout_s=10.0) as house:
        sid = await house.polling()

        for _ in range(3):
            assert (await house.get(sid)).text == "2"
            assert (await house.post(sid, "3")).text == "ok"


async def test_a_ping_that_is_not_answered(driver: Driver) -> None:
    """A session without a pong, or without any poll, is over."""
    async with open_house(driver, ping_interval_s=0.02, ping_timeout_s=0.03) as house:
        sid = await house.polling()

        assert await house.goodbye(sid) is Reason.PING_TIMEOUT
        assert (await house.get(sid)).status == 400


async def test_a_long_answer_is_compressed(driver: Driver) -> None:
    """Above the threshold, for a client that takes it."""
    async with open_house(driver, compression_threshold=100) as house:
        sid = await house.polling()
        target = f"{PATH}&transport=polling&sid={sid}"
        await house.post(sid, "4" + "la" * 100)
        long = await house.ask("GET", target, accept_encoding="gzip, br")
        await house.post(sid, "4la")
        short = await house.ask("GET", target, accept_encoding="gzip")

        assert long.headers["content-encoding"] == "gzip"
        assert gzip.decompress(long.body) == b"4" + b"la" * 100
        assert ("content-encoding" in short.headers, short.text) == (False, "4la")


async def test_a_cookie_names_the_session(driver: Driver) -> None:
    """Where the options have one, for a proxy that routes by it."""
    async with open_house(driver, cookie="io", worker="w1") as house:
        answer = await house.ask()
        wire = await house.wire()

        sid = json.loads(answer.text[1:])["sid"]
        assert sid.startswith("w1-")
        assert answer.headers["set-cookie"] == f"io={sid}; path=/; httponly; samesite=lax".lower()
        assert dict(wire.headers)["set-cookie"].startswith("io=w1-")


async def test_the_head_of_an_answer_only(driver: Driver) -> None:
    """HEAD is no way to ask for anything here; its answer has no body."""
    async with open_house(driver) as house:
        line = await house.line()

        answer = await line.ask("HEAD", PATH + "&transport=polling")
        behind = await line.ask("GET", PATH + "&transport=polling")

        assert (answer.status, answer.body, behind.status) == (400, b"", 200)
