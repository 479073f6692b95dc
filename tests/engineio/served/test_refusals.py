"""What is refused, and with which status and body."""

import asyncio
import json

import pytest

from easyplayer.engineio import ConnectionRefused, Reason, Request
from tests.engineio.served.houses import PATH, Driver, House, hear, open_house

pytestmark = pytest.mark.anyio

POLLING = "&transport=polling"
REFUSED = [
    ("GET", "/engine.io/?transport=polling", 5, "Unsupported protocol version"),
    ("GET", "/engine.io/?EIO=abc&transport=polling", 5, "Unsupported protocol version"),
    ("GET", "/engine.io/?EIO=3&transport=polling", 5, "Unsupported protocol version"),
    ("GET", PATH, 0, "Transport unknown"),
    ("GET", PATH + "&transport=abc", 0, "Transport unknown"),
    ("POST", PATH + POLLING, 2, "Bad handshake method"),
    ("PUT", PATH + POLLING, 2, "Bad handshake method"),
    ("GET", PATH + POLLING + "&sid=nobody", 1, "Session ID unknown"),
    ("POST", PATH + POLLING + "&sid=nobody", 1, "Session ID unknown"),
    ("GET", PATH + "&transport=websocket", 3, "Bad request"),
]


@pytest.mark.parametrize(("method", "target", "code", "message"), REFUSED)
async def test_a_request_that_makes_no_sense(
    driver: Driver, method: str, target: str, code: int, message: str
) -> None:
    """It gets 400, and the code and words of the reference server."""
    async with open_house(driver) as house:
        answer = await house.ask(method, target)

        assert (answer.status, json.loads(answer.body)) == (400, {"code": code, "message": message})
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "query", ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"]
)
async def test_a_socket_that_makes_no_sense(driver: Driver, query: str) -> None:
    """Its opening handshake is answered with 400."""
    async with open_house(driver) as house:
        wire = await house.wire()
        other = await house.line()
        upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec_websocket_version": "13"}

        answer = await other.ask(
            "GET", f"/engine.io/?{query}", b"", sec_websocket_key="AAECAwQFBgcICQoLDA0ODw==", **upgrade
        )

        assert wire.status == 101
        assert answer.status == 400


async def test_refusals_are_counted(driver: Driver) -> None:
    """The figures know how many were refused, by kind."""
    async with open_house(driver) as house:
        for _ in range(3):
            await house.get("nobody")

        assert house.server.figures().refused == {"unknown_sid": 3}


@pytest.mark.parametrize("says", [False, "not today", ConnectionRefused("not today")])
async def test_the_application_refuses_a_client(driver: Driver, says: object) -> None:
    """It gets 403, with the reason where there is one, over either transport; no session is left."""
    async with open_house(driver) as house:
        _answer_with(house, says)

        answer = await house.ask()
        wire = await house.wire()

        message = "Forbidden" if says is False else "not today"
        assert (answer.status, json.loads(answer.body)) == (403, {"code": 4, "message": message})
        assert wire.status == 403
        assert not house.server.dispatcher.engine.sessions


async def test_the_application_refuses_with_a_status(driver: Driver) -> None:
    """A handler chooses status and headers, so that a client knows what to do."""
    async with open_house(driver) as house:
        _answer_with(house, ConnectionRefused("who are you?", 401, (("www-authenticate", "Bearer"),)))

        answer = await house.ask()
        wire = await house.wire()

        assert (answer.status, answer.headers["www-authenticate"]) == (401, "bearer")
        assert (wire.status, dict(wire.headers)["www-authenticate"]) == (401, "Bearer")


async def test_a_connect_handler_that_fails(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    """Its client gets 500; what went wrong is in the log, and not in the answer."""
    async with open_house(driver) as house:
        _answer_with(house, ValueError("secret"))

        answer = await house.ask()

        assert (answer.status, "secret" in answer.text) == (500, False)
        assert "the connect handler has failed" in caplog.text


async def test_a_connect_handler_that_does_not_answer(driver: Driver) -> None:
    """Its client is told to come again, and the handler is cancelled."""
    cancelled = asyncio.Event()

    async def connect(_sid: str, _request: Request) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with open_house(driver, connect_timeout_s=0.05) as house:
        house.server.on("connect", connect)

        answer = await house.ask()

        assert (answer.status, answer.headers["retry-after"]) == (503, "10")
        await asyncio.wait_for(cancelled.wait(), 10)


async def test_a_client_that_leaves_before_the_handler_said_yes(driver: Driver) -> None:
    """A handler that says yes nevertheless hears of the goodbye, so that nothing is left behind."""
    asked = asyncio.Event()

    async def connect(sid: str, _request: Request) -> None:
        house.heard.append(("connect", sid))
        asked.set()
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            return

    async with open_house(driver) as house:
        house.server.on("connect", connect)
        line = await house.line()
        line.begin("GET", PATH + POLLING)
        await asked.wait()
        line.cut()

        assert await house.goodbye(house.heard[0][1]) is Reason.POLL_CUT


async def test_a_page_of_another_origin(driver: Driver) -> None:
    """By default only pages of the same origin may ask."""
    async with open_house(driver) as house:
        ours = await house.ask(origin="http://venue.example")
        other = await house.ask(origin="http://evil.example")
        wire = await house.wire(origin="http://evil.example")

        assert (ours.status, other.status, wire.status) == (200, 403, 403)


async def test_a_page_of_an_origin_that_is_allowed(driver: Driver) -> None:
    """It may ask, is told so, and so is its preflight."""
    async with open_house(driver, cors_allowed_origins=("http://shop.example",)) as house:
        preflight = await house.ask(
            "OPTIONS", origin="http://shop.example", access_control_request_method="POST"
        )
        answer = await house.ask(origin="http://shop.example")

        assert preflight.status == 204
        for said in (preflight, answer):
            assert said.headers["access-control-allow-origin"] == "http://shop.example"
            assert said.headers["access-control-allow-credentials"] == "true"


async def test_no_more_clients_than_may_be(driver: Driver) -> None:
    """In all, and from one address: the next is told to come again."""
    async with open_house(driver, most_sessions_per_address=2) as house:
        wire, _ = await house.socket()
        await house.polling()

        refused = await house.ask()
        wire.close()
        await hear(wire)
        await house.until(lambda: [what for what in house.heard if what[0] == "disconnect"])
        again = await house.ask()

        assert (refused.status, refused.headers["retry-after"], again.status) == (503, "10", 200)


async def test_another_path(driver: Driver) -> None:
    """There is nothing."""
    async with open_house(driver) as house:
        answers = [await house.ask(method, "/other") for method in ("GET", "POST")]
        socket = await house.line()
        upgraded = await socket.ask(
            "GET",
            "/other",
            connection="Upgrade",
            upgrade="websocket",
            sec_websocket_version="13",
            sec_websocket_key="AAECAwQFBgcICQoLDA0ODw==",
        )

        assert [answer.status for answer in answers] == [404, 404]
        assert upgraded.status in (403, 404)


async def test_the_path_without_its_slash(driver: Driver) -> None:
    """It is ours too."""
    async with open_house(driver) as house:
        assert (await house.ask(target="/engine.io?EIO=4&transport=polling")).status == 200


async def test_only_one_transport(driver: Driver) -> None:
    """What is not among the transports is unknown."""
    async with open_house(driver, transports=("websocket",)) as house:
        answer = await house.ask()
        wire = await house.wire()

        assert (answer.status, wire.status) == (400, 101)


def _answer_with(house: House, says: object) -> None:
    async def connect(_sid: str, _request: Request) -> object:
        if isinstance(says, Exception):
            raise says
        return says

    house.server.on("connect", connect)
