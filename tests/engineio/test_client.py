"""The client on real sockets: with a server of this package, with proxies in the way, and with nobody."""

import asyncio
import base64
import doctest
import logging
import socket
import ssl
import subprocess
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
import uvloop

from easyplayer.engineio import ConnectionRefused, Options, client_http
from easyplayer.engineio import client as client_module
from easyplayer.engineio.client import Client, ConnectError, Ended, Forward, NotConnectedError
from easyplayer.engineio.client_http import address_of, dial_directly, retry_after_s
from easyplayer.engineio.core.client_effects import EndReason
from easyplayer.engineio.core.errors import PacketError
from easyplayer.engineio.core.frames import text_frame
from easyplayer.engineio.core.websocket import WebSocket
from tests.engineio.peers import HEAD_END, OPEN, answer, echoing, relay, scripted
from tests.fakes.certificates import Authority

LONG_S = 20.0
WAYS = [("websocket", "polling"), ("polling", "websocket"), ("polling",), ("websocket",)]
UPGRADE = b"upgrade: websocket"


def run(story: Coroutine[Any, Any, None], loop_factory: Any = None) -> None:
    """Run a story to its end, which must come."""
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(asyncio.wait_for(story, LONG_S))


class Ears:
    """What a client is told, and means to wait for it."""

    def __init__(self, client: Client) -> None:
        self.messages: list[str | bytes] = []
        self.told: list[str] = []
        self._news = asyncio.Event()
        client.on("message", self._hear)
        client.on("connect", lambda transport: self._note(f"connect {transport}"))
        client.on("upgrade", lambda transport: self._note(f"upgrade {transport}"))
        client.on("disconnect", lambda ended: self._note(f"disconnect {ended.reason.name}"))

    def _hear(self, data: str | bytes) -> None:
        self.messages.append(data)
        self._news.set()

    def _note(self, what: str) -> None:
        self.told.append(what)
        self._news.set()

    async def hear(self, count: int) -> list[str | bytes]:
        """Wait for so many messages in all."""
        while len(self.messages) < count:
            self._news.clear()
            await self._news.wait()
        return self.messages

    async def note(self, what: str) -> None:
        """Wait until something is told."""
        while what not in self.told:
            self._news.clear()
            await self._news.wait()


def accepted(head: bytes) -> bytes:
    """Agree to open a WebSocket."""
    key = head.lower().partition(b"sec-websocket-key: ")[2].partition(b"\r\n")[0]
    key = head[head.lower().index(b"sec-websocket-key: ") + 19 :][: len(key)]
    accept = base64.b64encode(sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324 - RFC 6455
    return (
        b"HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept
        + HEAD_END
    )


class TestTalking:
    """Messages both ways."""

    @pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
    @pytest.mark.parametrize("transports", WAYS)
    def test_messages_come_back_in_their_order(self, transports: tuple[str, ...], loop_factory: Any) -> None:
        """Text and bytes, small and large, while the transport changes."""

        async def story() -> None:
            async with echoing() as peer:
                client = Client(peer.url, transports=transports)
                ears = Ears(client)
                await client.connect()
                sent: list[str | bytes] = [f"text {number} ö" for number in range(50)]
                sent += [bytes(range(256)) * (number + 1) for number in range(50)]
                for number, data in enumerate(sent):
                    await client.send(data)
                    if number % 10 == 0:
                        await asyncio.sleep(0)
                assert await ears.hear(len(sent)) == sent
                if transports == ("polling", "websocket"):
                    await ears.note("upgrade websocket")
                await client.close()
                await peer.gone.wait()
            first = transports[0]
            upgraded = ["upgrade websocket"] if transports == ("polling", "websocket") else []
            assert ears.told == [f"connect {first}", *upgraded, "disconnect LEFT"]

        run(story(), loop_factory)

    def test_twenty_bursts_both_ways_during_the_upgrade(self) -> None:
        """None is lost, doubled or overtaken."""

        async def story() -> None:
            async with echoing() as peer:
                client = Client(peer.url, transports=("polling", "websocket"))
                ears = Ears(client)
                await client.connect()
                served = []
                for burst in range(20):
                    for number in range(10):
                        await client.send(f"up {burst}.{number}")
                        served.append(f"down {burst}.{number}")
                        await peer.server.send(client.sid, served[-1])
                    await asyncio.sleep(0.002)
                await ears.note("upgrade websocket")
                messages = await ears.hear(400)
                assert [one for one in messages if str(one).startswith("down")] == served
                assert [one for one in messages if str(one).startswith("up")] == peer.heard
                assert len(peer.heard) == 200
                await client.close()

        run(story())

    @pytest.mark.parametrize("transports", [("websocket",), ("polling",)])
    def test_a_message_may_be_as_long_as_the_server_takes(self, transports: tuple[str, ...]) -> None:
        """One that is longer is not sent, and the session lasts."""

        async def story() -> None:
            async with echoing(Options(max_http_buffer_size=100_000)) as peer:
                client = Client(peer.url, transports=transports)
                ears = Ears(client)
                await client.connect()
                await client.send("x" * 99_999)
                assert len((await ears.hear(1))[0]) == 99_999
                with pytest.raises(PacketError, match="100001 bytes"):
                    await client.send("x" * 100_000)
                with pytest.raises(PacketError):
                    client.send_nowait("x" * 100_000)
                assert client.send_nowait("y")
                assert (await ears.hear(2))[1] == "y"
                await client.close()

        run(story())

    @pytest.mark.parametrize("transports", [("websocket",), ("polling",)])
    def test_pings_are_answered(self, transports: tuple[str, ...]) -> None:
        """By the way on which they came."""

        async def story() -> None:
            answered: asyncio.Future[str | bytes] = asyncio.get_running_loop().create_future()

            async def ping(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                if UPGRADE in head.lower():
                    writer.write(accepted(head) + text_frame(OPEN.decode()) + text_frame("2"))
                    pong = WebSocket(client=False, most_bytes=1000).receive(await reader.read(1000))
                    answered.set_result(str(next(iter(pong))))
                elif head.startswith(b"POST"):
                    answered.set_result((await reader.readexactly(1)).decode())
                    writer.write(answer(200, b"ok"))
                else:
                    writer.write(answer(200, b"2" if b"sid=" in head and not answered.done() else OPEN))
                    await asyncio.sleep(0)

            async with scripted(ping) as url:
                client = Client(url, transports=transports, leave_timeout_s=0.05)
                await client.connect()
                assert await answered == "3"
                await client.close()

        run(story())

    def test_over_tls(self, tmp_path: Path) -> None:
        """With a certificate that is checked."""
        authority, now, day = Authority(tmp_path), datetime.now(UTC), timedelta(days=1)

        async def story() -> None:
            async with echoing(context=authority.context(now - day, now + day)) as peer:
                trusting = ssl.create_default_context(cafile=authority.file)
                for transports in WAYS:
                    client = Client(
                        peer.url,
                        transports=transports,
                        dial=lambda host, port, tls: dial_directly(host, port, tls, trusting),
                    )
                    ears = Ears(client)
                    await client.connect()
                    await client.send("a" * 100_000)
                    assert await ears.hear(1) == ["a" * 100_000]
                    await client.close()
                with pytest.raises(ConnectError, match="certificate verify failed"):
                    await Client(peer.url).connect()

        run(story())


class TestInTheWay:
    """Proxies that let no WebSocket through."""

    @staticmethod
    async def goes_by_polls(url: str, open_timeout_s: float = 10.0) -> None:
        client = Client(url, open_timeout_s=open_timeout_s)
        ears = Ears(client)
        await client.connect()
        await client.send("through")
        assert (client.transport, await ears.hear(1)) == ("polling", ["through"])
        await client.close()

    @pytest.mark.parametrize(
        "instead", [answer(403, b"<html>"), answer(400), answer(501), answer(200, b"hm")]
    )
    def test_one_that_refuses(self, instead: bytes) -> None:
        """In whatever words."""

        async def story() -> None:
            refusing = lambda head: instead if UPGRADE in head.lower() else None  # noqa: E731
            async with echoing() as peer, scripted(relay(peer.port, refusing)) as url:
                await self.goes_by_polls(url)

        run(story())

    def test_one_that_cuts_the_line(self) -> None:
        """Without a word."""

        async def story() -> None:
            async with echoing() as peer:
                passing = relay(peer.port, lambda _head: None)

                async def cut(head: bytes, *streams: Any) -> None:
                    if UPGRADE in head.lower():
                        raise asyncio.IncompleteReadError(b"", None)
                    await passing(head, *streams)

                async with scripted(cut) as url:
                    await self.goes_by_polls(url)

        run(story())

    def test_one_that_agrees_and_passes_nothing_on(self) -> None:
        """It is waited for so long, and no longer."""

        async def story() -> None:
            async with echoing() as peer:
                agreeing = relay(peer.port, lambda head: accepted(head) if UPGRADE in head.lower() else None)
                async with scripted(agreeing) as url:
                    await self.goes_by_polls(url, open_timeout_s=0.2)

        run(story())

    def test_one_whose_upgrade_leads_nowhere(self) -> None:
        """The session that polls goes on, and nothing of it is lost."""

        async def story() -> None:
            async with echoing() as peer:
                agreeing = relay(peer.port, lambda head: accepted(head) if UPGRADE in head.lower() else None)
                async with scripted(agreeing) as url:
                    client = Client(url, transports=("polling", "websocket"), upgrade_timeout_s=0.1)
                    ears = Ears(client)
                    await client.connect()
                    for number in range(20):
                        await client.send(f"{number}")
                        await asyncio.sleep(0.01)
                    assert await ears.hear(20) == [f"{number}" for number in range(20)]
                    assert client.transport == "polling"
                    await client.close()

        run(story())

    def test_one_that_polls_are_handed_to_as_a_whole(self) -> None:
        """As proxies want requests to http addresses; its name and password go along."""
        heads: list[bytes] = []

        async def story() -> None:
            async with echoing() as peer:

                def seen(head: bytes) -> None:
                    heads.append(head)

                async def whole(head: bytes, *streams: Any) -> None:
                    seen(head)
                    line, _, rest = head.partition(b"\r\n")
                    method, target, version = line.split()
                    path = target.removeprefix(peer.url.encode())
                    assert path != target
                    await relay(peer.port, lambda _head: None)(
                        b"%b %b %b\r\n%b" % (method, path, version, rest), *streams
                    )

                async with scripted(whole) as url:
                    forward = Forward(
                        dial=lambda: dial_directly("localhost", address_of(url, "").port, False),
                        headers=(("proxy-authorization", "Basic eDp5"),),
                    )
                    client = Client(peer.url, transports=("polling",), forward=forward)
                    ears = Ears(client)
                    await client.connect()
                    await client.send("through")
                    assert await ears.hear(1) == ["through"]
                    await client.close()

        run(story())
        assert heads
        assert all(b"proxy-authorization: Basic eDp5" in head for head in heads)


class TestRefused:
    """Who is not let in."""

    @pytest.mark.parametrize("transports", [("websocket", "polling"), ("polling",)])
    @pytest.mark.parametrize(
        ("refusal", "status", "rest_s"),
        [
            (ConnectionRefused("nobody knows this box"), 403, None),
            (ConnectionRefused("another token", status=401), 401, None),
            (ConnectionRefused("later", status=503, headers=(("retry-after", "12"),)), 503, 12.0),
        ],
    )
    def test_the_application_says_why(
        self, refusal: ConnectionRefused, status: int, rest_s: float | None, transports: tuple[str, ...]
    ) -> None:
        """In its words, and asked once."""
        asked: list[str] = []

        async def story() -> None:
            async with echoing() as peer:

                @peer.server.on("connect")
                def refuse(sid: str, _request: object) -> None:
                    asked.append(sid)
                    raise refusal

                client = Client(peer.url, transports=transports)
                ears = Ears(client)
                with pytest.raises(ConnectError, match=str(refusal)) as told:
                    await client.connect()
                assert (told.value.status, told.value.retry_after_s, ears.told) == (status, rest_s, [])
                assert str(refusal).encode() in told.value.body
                await client.close()

        run(story())
        assert len(asked) == 1

    def test_nobody_is_there(self) -> None:
        """It is told at once, and polls are not tried."""

        async def story() -> None:
            for url in ("http://127.0.0.1:1", "http://hub..example"):
                with pytest.raises(ConnectError, match="cannot be reached") as told:
                    await Client(url).connect()
                assert told.value.status == 0

        run(story())

    def test_somebody_else_is_there(self) -> None:
        """A portal, a wrong path, or no HTTP at all."""

        async def story() -> None:
            for said, words in [
                (answer(200, b"<html>log in"), "no packet"),
                (answer(404, b"not here"), "status 404"),
                (b"220 mail.example ESMTP" + HEAD_END, "no HTTP"),
                (answer(302, b"", "Location: /login"), "status 302"),
                (answer(200, b"x" * 2_000_001), "longer than"),
            ]:

                async def story_of(
                    _head: bytes, _reader: object, writer: asyncio.StreamWriter, said: bytes = said
                ) -> None:
                    writer.write(said)

                async with scripted(story_of) as url:
                    with pytest.raises(ConnectError, match=words):
                        await Client(url).connect()

        run(story())

    def test_one_that_never_answers_is_not_waited_for_long(self) -> None:
        """By either transport."""

        async def story() -> None:
            with socket.create_server(("127.0.0.1", 0)) as silent:
                client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}", open_timeout_s=0.05)
                with pytest.raises(ConnectError, match="not let us in within"):
                    await client.connect()

        run(story())

    def test_what_is_no_address_is_refused_at_once(self) -> None:
        """With what one looks like."""
        for url in ("hub.example", "ftp://hub.example", "http://"):
            with pytest.raises(ValueError, match="begins with http"):
                Client(url)
        with pytest.raises(ValueError, match="no event"):
            Client("http://hub.example").on("packet", print)

    def test_a_connect_that_is_broken_off_leaves_nothing_open(self) -> None:
        """And another one may follow."""

        async def story() -> None:
            async with echoing() as peer:
                let_in = asyncio.Event()

                @peer.server.on("connect")
                async def wait(_sid: str, _request: object) -> None:
                    await let_in.wait()

                client = Client(peer.url)
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(client.connect(), 0.05)
                with pytest.raises(NotConnectedError):
                    await client.send("a")
                let_in.set()
                await client.connect()
                with pytest.raises(ConnectError, match="already"):
                    await client.connect()
                await client.close()

        run(story())

    @pytest.mark.parametrize(
        ("headers", "rest_s"),
        [
            ((), None),
            ((("retry-after", "7200"),), 3600.0),
            ((("retry-after", "soon"),), None),
            (
                (("retry-after", "Fri, 01 Jan 2027 00:01:00 GMT"), ("date", "Fri, 01 Jan 2027 00:00:00 GMT")),
                60.0,
            ),
        ],
    )
    def test_a_server_says_for_how_long_it_wants_to_be_left_alone(
        self, headers: tuple[tuple[str, str], ...], rest_s: float | None
    ) -> None:
        """In seconds, or until a time of its own clock."""
        assert retry_after_s(headers) == rest_s

    def test_headers_are_made_anew_for_each_attempt(self) -> None:
        """A token may have changed."""
        tokens = iter(["old", "new"])
        seen: list[str] = []

        async def story() -> None:
            async with echoing() as peer:

                @peer.server.on("connect")
                def look(_sid: str, request: Any) -> None:
                    seen.append(request.header("authorization"))
                    if seen[-1] == "old":
                        raise ConnectionRefused("another token", status=401)

                client = Client(peer.url, headers=lambda: {"Authorization": next(tokens)})
                with pytest.raises(ConnectError):
                    await client.connect()
                await client.connect()
                await client.close()

        run(story())
        assert seen == ["old", "new"]


class TestEnding:
    """How a session ends."""

    @pytest.mark.parametrize("transports", [("websocket",), ("polling",)])
    def test_the_server_may_end_it(self, transports: tuple[str, ...]) -> None:
        """What it has sent before has come."""

        async def story() -> None:
            async with echoing() as peer:
                client = Client(peer.url, transports=transports)
                ears = Ears(client)
                await client.connect()
                await peer.server.send(client.sid, "last")
                await peer.server.disconnect(client.sid)
                ended = await client.wait()
                assert (ended.reason, ears.messages) == (EndReason.SERVER_CLOSED, ["last"])
                assert ears.told[-1] == "disconnect SERVER_CLOSED"
                assert not client.send_nowait("a")
                await client.close()

        run(story())

    @pytest.mark.parametrize("transports", [("websocket",), ("polling",)])
    def test_the_client_may_end_it(self, transports: tuple[str, ...]) -> None:
        """The server has all that was sent, and knows at once."""

        async def story() -> None:
            async with echoing() as peer:
                client = Client(peer.url, transports=transports)
                await client.connect()
                for number in range(100):
                    await client.send(f"{number}")
                await client.close()
                await peer.gone.wait()
                assert peer.heard == [f"{number}" for number in range(100)]
                assert (await client.wait()).reason is EndReason.LEFT

        run(story())

    @pytest.mark.parametrize("transports", [("websocket",), ("polling",)])
    def test_a_server_that_goes_is_noticed_and_can_be_connected_to_again(
        self, transports: tuple[str, ...]
    ) -> None:
        """With a session of its own."""

        async def story() -> None:
            async with echoing() as peer:
                client = Client(peer.url, transports=transports)
                ears = Ears(client)
                await client.connect()
                first = client.sid
            await client.wait()
            async with echoing(port=peer.port) as peer:
                await client.connect()
                await client.send("again")
                assert await ears.hear(1) == ["again"]
                assert client.sid != first
                await client.close()

        run(story())

    @pytest.mark.parametrize("transports", [("websocket",), ("polling",)])
    def test_a_server_that_falls_silent_is_noticed(self, transports: tuple[str, ...]) -> None:
        """By the times that it told."""
        hello = OPEN.replace(b"25000", b"50").replace(b"20000", b"50")

        async def story_of(head: bytes, _reader: object, writer: asyncio.StreamWriter) -> None:
            if UPGRADE in head.lower():
                writer.write(accepted(head) + text_frame(hello.decode()))
            elif b"sid=" not in head:
                writer.write(answer(200, hello))

        async def story() -> None:
            async with scripted(story_of) as url:
                client = Client(url, transports=transports)
                await client.connect()
                assert (await client.wait()).reason is EndReason.SERVER_SILENT

        run(story())

    @pytest.mark.parametrize(
        "said", [b"\xff\xff", b"\x81\x05hello", text_frame("x"), b"", text_frame("4" + "x" * 2_000_000)]
    )
    def test_a_server_that_breaks_the_rules_is_left(self, said: bytes) -> None:
        """Whatever it says, or if it cuts the line."""

        async def story_of(head: bytes, _reader: object, writer: asyncio.StreamWriter) -> None:
            writer.write(accepted(head) + text_frame(OPEN.decode()) + said)
            raise asyncio.IncompleteReadError(b"", None)

        async def story() -> None:
            async with scripted(story_of) as url:
                client = Client(url)
                await client.connect()
                assert (await client.wait()).reason in {EndReason.BROKEN, EndReason.NONSENSE}

        run(story())

    @pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
    @pytest.mark.parametrize("transports", [("websocket",), ("polling",)])
    def test_it_can_be_closed_where_all_tasks_have_been_cancelled(
        self, transports: tuple[str, ...], loop_factory: Any
    ) -> None:
        """As at the end of a program."""

        async def story() -> None:
            async with echoing() as peer:
                client = Client(peer.url, transports=transports, leave_timeout_s=0.05)
                await client.connect()
                for task in [*client._lines._tasks]:  # type: ignore[union-attr]
                    task.cancel()
                await asyncio.sleep(0)
                await client.close()
                assert (await client.wait()).reason is EndReason.LEFT

        run(story(), loop_factory)

    def test_there_is_no_end_of_what_never_began(self) -> None:
        """It is told."""

        async def story() -> None:
            client = Client("http://127.0.0.1:1")
            with pytest.raises(NotConnectedError):
                await client.wait()
            await client.close()

        run(story())


class TestHandlers:
    """What an application does about it."""

    @pytest.mark.parametrize("transports", [("websocket",), ("polling",)])
    def test_they_may_wait_and_still_run_one_after_the_other(self, transports: tuple[str, ...]) -> None:
        """The end comes last."""
        order: list[str] = []

        async def story() -> None:
            async with echoing() as peer:
                client = Client(peer.url, transports=transports)
                over = asyncio.Event()

                @client.on("message")
                async def slow(data: str) -> None:
                    order.append(f"begin {data}")
                    await asyncio.sleep(0.005)
                    order.append(f"end {data}")

                @client.on("disconnect")
                async def end(_ended: Ended) -> None:
                    order.append("over")
                    over.set()

                await client.connect()
                for number in range(5):
                    await peer.server.send(client.sid, f"{number}")
                await peer.server.disconnect(client.sid)
                await over.wait()

        run(story())
        steps = [f"{step} {number}" for number in range(5) for step in ("begin", "end")]
        assert order == [*steps, "over"]

    def test_one_that_fails_does_not_cut_the_line(self, caplog: pytest.LogCaptureFixture) -> None:
        """It is logged, whether it waits or not."""

        async def story() -> None:
            async with echoing() as peer:
                client = Client(peer.url)
                heard = asyncio.Event()

                @client.on("connect")
                def fail(_transport: str) -> None:
                    raise RuntimeError("at once")

                @client.on("message")
                async def fail_later(data: str) -> None:
                    if data == "fail":
                        raise RuntimeError("later")
                    heard.set()

                await client.connect()
                await client.send("fail")
                await client.send("go on")
                await heard.wait()
                await client.close()

        with caplog.at_level(logging.ERROR, client_module.__name__):
            run(story())
        assert [str(one.exc_info[1]) for one in caplog.records if one.exc_info] == ["at once", "later"]

    def test_one_may_send_and_close(self) -> None:
        """From within, and is told nothing more."""
        heard: list[str] = []

        async def story() -> None:
            async with echoing() as peer:
                client = Client(peer.url, transports=("polling",))

                @client.on("message")
                async def leave(data: str) -> None:
                    heard.append(data)
                    assert client.send_nowait("bye")
                    await client.close()

                await client.connect()
                for number in range(3):
                    await peer.server.send(client.sid, f"{number}")
                await peer.gone.wait()
                assert peer.heard == ["bye"]
                await client.wait()

        run(story())
        assert heard == ["0"]


class TestFull:
    """More is sent than goes out."""

    @pytest.mark.parametrize("transports", [("websocket",), ("polling",)])
    def test_a_server_that_takes_nothing_makes_the_sender_wait(
        self, transports: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is sent without waiting is not taken any more."""
        monkeypatch.setattr(client_module, "MOST_UNSENT_BYTES", 10_000)

        async def stall(head: bytes, _reader: object, writer: asyncio.StreamWriter) -> None:
            if UPGRADE in head.lower():
                writer.write(accepted(head) + text_frame(OPEN.decode()))
            elif head.startswith(b"GET") and b"sid=" not in head:
                writer.write(answer(200, OPEN))
            else:
                await asyncio.Event().wait()
            if UPGRADE in head.lower():
                await asyncio.Event().wait()

        async def story() -> None:
            async with scripted(stall) as url:
                client = Client(url, transports=transports, leave_timeout_s=0.05)
                await client.connect()
                waited = False
                while not waited:
                    sending = asyncio.create_task(client.send("x" * 100_000))
                    waited = bool((await asyncio.wait({sending}, timeout=0.1))[1])
                sending.cancel()
                while client.send_nowait("x" * 100_000):
                    await asyncio.sleep(0)
                await client.close()

        run(story())


@pytest.mark.slow
def test_two_thousand_have_room_in_one_process() -> None:
    """With their server, and connected at once: a hub's tests need that."""
    command = [sys.executable, "-m", "tests.engineio.crowd", "2000"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)

    assert int(told.stdout) < 20_000


def test_the_examples_are_true() -> None:
    """Those in the docstrings."""
    assert doctest.testmod(client_http) == (0, 2)
