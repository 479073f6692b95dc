"""What the protocol demands of WebSockets."""

import json

import pytest

from easyplayer.engineio import Reason
from easyplayer.engineio.core.frames import TEXT, frame
from easyplayer.engineio.core.websocket import Closed
from tests.engineio.served.houses import Driver, hear, open_house

pytestmark = pytest.mark.anyio


async def test_a_session_is_opened(driver: Driver) -> None:
    """The first message names it; there is nothing to upgrade to."""
    async with open_house(driver, ping_interval_s=0.3, ping_timeout_s=0.2) as house:
        wire = await house.wire()

        opening = json.loads(str(await hear(wire))[1:])

        sid = opening.pop("sid")
        assert house.server.transport(sid) == "websocket"
        assert opening == {"upgrades": [], "pingInterval": 300, "pingTimeout": 200, "maxPayload": 1_000_000}


@pytest.mark.parametrize(
    "message", ["4hello", "4", "4€ \U0001f3b5", b"\x01\x02\x03\x04", b"", "4" + "x" * 70_000]
)
async def test_what_is_sent_comes_back(driver: Driver, message: str | bytes) -> None:
    """Text with its type before it, bytes as they are."""
    async with open_house(driver) as house:
        wire, _ = await house.socket()

        wire.send(message)

        assert await hear(wire) == message


async def test_many_messages_in_one_piece(driver: Driver) -> None:
    """They come back in their order."""
    async with open_house(driver) as house:
        wire, _ = await house.socket()

        wire.send(*[f"4{number}" for number in range(300)])

        assert [await hear(wire) for _ in range(300)] == [f"4{number}" for number in range(300)]


async def test_frames_split_at_every_byte(driver: Driver) -> None:
    """However a frame is cut on its way, it is read."""
    async with open_house(driver) as house:
        wire, _ = await house.socket()
        whole = wire.socket.send("4" + "long" * 40) + wire.socket.send(b"short")

        for at in range(len(whole)):
            wire.writer.write(whole[at : at + 1])
            await wire.writer.drain()
            await house.server.send("nobody", "")

        assert [await hear(wire), await hear(wire)] == ["4" + "long" * 40, b"short"]


@pytest.mark.parametrize("message", ["abc", "", "2", "b!"])
async def test_a_message_that_is_no_packet(driver: Driver, message: str) -> None:
    """It closes the session."""
    async with open_house(driver) as house:
        wire, sid = await house.socket()

        wire.send(message)

        assert isinstance(await hear(wire), Closed)
        assert await house.goodbye(sid) is Reason.BAD_PACKET


async def test_a_client_that_leaves(driver: Driver) -> None:
    """Its close packet closes the socket."""
    async with open_house(driver) as house:
        wire, sid = await house.socket()

        wire.send("1")

        assert isinstance(await hear(wire), Closed)
        assert await house.goodbye(sid) is Reason.CLIENT_LEFT
        assert await hear(wire) is None


async def test_a_socket_that_is_closed(driver: Driver) -> None:
    """A close frame is answered, and ends the session."""
    async with open_house(driver) as house:
        wire, sid = await house.socket()

        wire.close(1000)

        assert await hear(wire) == Closed(1000, "")
        assert await house.goodbye(sid) is Reason.SOCKET_CLOSED
        assert await hear(wire) is None


async def test_a_socket_that_is_cut(driver: Driver) -> None:
    """A connection that is lost ends the session."""
    async with open_house(driver) as house:
        wire, sid = await house.socket()

        wire.cut()

        assert await house.goodbye(sid) is Reason.SOCKET_CLOSED


async def test_bytes_that_are_no_frames(driver: Driver) -> None:
    """A frame without a mask closes the connection with 1002, behind what was asked before."""
    async with open_house(driver) as house:
        wire, sid = await house.socket()

        wire.writer.write(wire.socket.send("4before") + frame(TEXT, b"4no mask"))

        heard = [await hear(wire)]
        if heard == ["4before"]:
            heard.append(await hear(wire))
        closed = heard[-1]
        assert isinstance(closed, Closed)
        assert closed.code == 1002
        assert await house.goodbye(sid) in {Reason.SOCKET_FAILED, Reason.SOCKET_CLOSED}


async def test_a_message_over_the_limit(driver: Driver) -> None:
    """It closes the session with 1009; one that just fits does not."""
    async with open_house(driver, max_http_buffer_size=1000) as house:
        wire, sid = await house.socket()

        wire.send("4" + "x" * 999)
        fits = await hear(wire)
        wire.send("4" + "x" * 1000)
        closed = await hear(wire)

        assert (fits, closed.__class__) == ("4" + "x" * 999, Closed)
        assert closed.code == 1009  # type: ignore[attr-defined]
        assert await house.goodbye(sid) is Reason.TOO_LARGE


async def test_pings_are_answered(driver: Driver) -> None:
    """A ping comes each interval, and the session lives for as long as pongs come back."""
    async with open_house(driver, ping_interval_s=0.02, ping_timeout_s=10.0) as house:
        wire, _ = await house.socket()

        for _ in range(3):
            assert await hear(wire) == "2"
            wire.send("3")


async def test_a_client_that_has_vanished(driver: Driver) -> None:
    """Where no pong comes the session is over and the socket closed, though the connection seems to stand."""
    async with open_house(driver, ping_interval_s=0.02, ping_timeout_s=0.03) as house:
        wire, sid = await house.socket()

        assert await house.goodbye(sid) is Reason.PING_TIMEOUT
        assert [await hear(wire), (await hear(wire)).__class__] == ["2", Closed]
