"""The whole application: what comes in is checked, what goes out is safe, and nothing breaks it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from easyplayer.errors import (
    DatabaseError,
    MediaError,
    NotFoundError,
    ProgramError,
    SignatureError,
    TooManyError,
)
from easyplayer.hub.app import build_application, build_hub
from easyplayer.hub.hub import Hub
from easyplayer.hub.settings import HubSettings
from easyplayer.hub.web.application import Application
from easyplayer.hub.web.endpoint import Call, Endpoint, Needs, Nothing
from easyplayer.hub.web.endpoints import ENDPOINTS
from tests.hub.conftest import PUBLIC_URL

pytestmark = pytest.mark.slow

MOST = 1000
PARAMETER = re.compile(r"\{(\w+)\}")
EXAMPLES = {
    "box": "0" * 16,
    "digest": "0" * 64,
    "number": "1",
    "sha256": "0" * 64,
    "token": "0" * 16,
    "track": "0" * 20,
    "version": "1",
}

OPEN = {
    "/api/v1/hello",
    "/api/v1/login",
    "/api/v1/pairing",
    "/api/v1/session",
    "/api/v1/session/challenge",
    "/api/v1/time",
    "/healthz",
    "/media/{sha256}",
    "/metrics",
    "/openapi.json",
}
"""What needs no token: what boxes have none for yet, what is signed by itself, and what tells nothing."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What a test asks for."""

    number: Annotated[int, Meta(ge=1)] = 7
    loud: bool = False
    text: str = ""


class Thing(Struct, frozen=True, kw_only=True):
    """What a test sends."""

    name: str
    parts: list[Annotated[int, Meta(le=9)]] = []


ERRORS: dict[str, Exception] = {
    "not-found": NotFoundError("there is no bar: look elsewhere"),
    "too-many": TooManyError("too often", 12.3),
    "program": ProgramError(["a is wrong", "b is wrong"]),
    "signature": SignatureError("forged"),
    "media": MediaError("no sound in it"),
    "database": DatabaseError("postgresql://hub@secret-host/hub does not do it"),
    "bug": ZeroDivisionError("the secret password is 1234"),
}


def fail(call: Call[Nothing, None]) -> None:
    """Raise what the path names."""
    raise ERRORS[call.path["what"]]


def cut_off(_call: Call[Nothing, None]) -> StreamingResponse:
    """Break in the middle of an answer."""

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise ERRORS["bug"]

    return StreamingResponse(pieces())


async def count(call: Call[Nothing, None]) -> dict[str, int]:
    """Read the body as it comes."""
    return {"bytes": sum([len(piece) async for piece in call.request.stream()])}


def endpoint(path: str, handle: Callable[[Any], Any], method: str = "GET", **more: Any) -> Endpoint:
    """Make an endpoint that needs nobody."""
    return Endpoint(
        method=method, path=path, summary="Try", handle=handle, **{"needs": Needs.NOTHING, **more}
    )


TRIED = (
    endpoint("/query", lambda call: call.query, query=Wanted),
    endpoint("/things", lambda call: call.body, "POST", body=Thing, most_bytes=MOST, status=201),
    endpoint("/things", lambda _call: None, "DELETE"),
    endpoint("/raw", lambda call: {"bytes": len(call.body)}, "POST", body=bytes, most_bytes=MOST),
    endpoint("/streamed", count, "POST"),
    endpoint("/text", lambda _call: PlainTextResponse("as it is")),
    endpoint("/fails/{what}", fail),
    endpoint("/page/{what}", fail, refuse=lambda _request, error: PlainTextResponse(f"sorry: {error}", 418)),
    endpoint("/cut", cut_off),
    endpoint("/venues/{venue}", lambda call: call.path),
    endpoint("/venues/all", lambda _call: "all of them"),
    endpoint("/whose", lambda call: call.caller, needs=Needs.USER),
)


@pytest.fixture(name="hub")
def _hub(tmp_path: Path) -> Iterator[Hub]:
    """Give a hub on SQLite: nothing here is a matter of the database."""
    hub = build_hub(HubSettings(state=str(tmp_path)))
    yield hub
    hub.database.close()


@pytest.fixture(name="anyio_backend")
def _anyio_backend() -> str:
    """Run tests that are coroutines as the hub does."""
    return "asyncio"


@pytest.fixture(name="tried")
def _tried(hub: Hub) -> Iterator[TestClient]:
    """Give a client of an application of these endpoints only."""
    application = Application(hub, TRIED)
    with TestClient(application, base_url=PUBLIC_URL, raise_server_exceptions=False) as client:
        yield client


class TestQuery:
    """What stands behind the question mark."""

    def test_text_becomes_what_a_parameter_is(self, tried: TestClient) -> None:
        """Numbers and truths come as text, and are none to the handler."""
        answer = tried.get("/query?number=3&loud=true&text=3")
        assert answer.json() == {"number": 3, "loud": True, "text": "3"}

    @pytest.mark.parametrize(
        ("query", "told"),
        [
            ("nmber=3", "no parameter 'nmber'; there are: loud, number, text"),
            ("number=0", "query: Expected `int` >= 1 - at `$.number`"),
            ("number=x", "query: Expected `int`"),
            ("number=1&number=2", "'number' is given twice"),
            ("text=a%00b", "'text' has a character that is none"),
        ],
    )
    def test_what_makes_no_sense_is_told_with_its_place(
        self, tried: TestClient, query: str, told: str
    ) -> None:
        """A misspelt parameter is not taken for nothing."""
        answer = tried.get(f"/query?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "hub.bad-request")
        assert told in answer.json()["detail"]


class TestBody:
    """What is sent along."""

    def test_a_structure_is_decoded(self, tried: TestClient) -> None:
        """And answered with the endpoint's own status."""
        answer = tried.post("/things", json={"name": "bar", "parts": [1], "unknown": 1})
        assert (answer.status_code, answer.json()) == (201, {"name": "bar", "parts": [1]})

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"", "body: "),
            (b"{", "body: "),
            (b'{"name": 1}', "Expected `str`, got `int` - at `$.name`"),
            (b'{"name": "a", "parts": [1, 10]}', "at `$.parts[1]`"),
            (b'{"name": "\\u0000"}', "\\u0000"),
            (b'{"name": "\xff"}', "body: "),
            (b"[" * 900, "body: "),
        ],
    )
    def test_what_cannot_be_read_is_told_with_its_place(
        self, tried: TestClient, content: bytes, told: str
    ) -> None:
        """Whatever is sent: it is never the hub that breaks."""
        answer = tried.post("/things", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert told in answer.json()["detail"]

    def test_a_backslash_before_a_harmless_text_is_none(self, tried: TestClient) -> None:
        """A backslash that is written twice in JSON is one, and what follows is text."""
        answer = tried.post("/things", json={"name": "\\u0000"})
        assert answer.json()["name"] == "\\u0000"

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
    def test_only_json_is_taken_for_a_structure(self, tried: TestClient, kind: str) -> None:
        """A form of another site's page cannot send it."""
        answer = tried.post("/things", content=b'{"name": "bar"}', headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["code"]) == (415, "hub.wrong-type")
        assert "application/json" in answer.json()["detail"]

    @pytest.mark.parametrize("path", ["/things", "/raw"])
    def test_one_that_says_it_is_too_long_is_refused_before_it_is_read(
        self, tried: TestClient, path: str
    ) -> None:
        """With the length that is taken."""
        answer = tried.post(path, content=b"x" * (MOST + 1))
        assert (answer.status_code, answer.json()["code"]) == (413, "hub.too-large")
        assert str(MOST) in answer.json()["detail"]

    def test_one_that_does_not_say_so_is_cut_off(self, tried: TestClient) -> None:
        """No more than what is taken is ever kept in memory."""
        answer = tried.post("/raw", content=(b"x" * 100 for _ in range(11)))
        assert answer.status_code == 413

    def test_one_that_just_fits_is_taken(self, tried: TestClient) -> None:
        """To the byte."""
        assert tried.post("/raw", content=b"x" * MOST).json() == {"bytes": MOST}

    def test_a_handler_may_take_it_as_it_comes(self, tried: TestClient) -> None:
        """However long: it streams it by itself."""
        assert tried.post("/streamed", content=b"x" * 10 * MOST).json() == {"bytes": 10 * MOST}


class TestPaths:
    """Where requests lead."""

    def test_fixed_words_come_before_parameters(self, tried: TestClient) -> None:
        """In whichever order the endpoints are listed."""
        assert tried.get("/venues/all").json() == "all of them"
        assert tried.get("/venues/bar").json() == {"venue": "bar"}

    @pytest.mark.parametrize(
        "path", ["/nothing", "/venues/", "/venues/UPPER", "/venues/a%0a", "/venues/..%2f", "/venues/bar/"]
    )
    def test_what_leads_nowhere_is_told_as_a_problem(self, tried: TestClient, path: str) -> None:
        """Also where a parameter cannot be what it says."""
        answer = tried.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "hub.not-found")
        assert answer.headers["content-type"] == "application/problem+json"

    def test_a_method_that_makes_no_sense_is_told_with_those_that_do(self, tried: TestClient) -> None:
        """All of the path's, not only one endpoint's."""
        answer = tried.put("/things")
        assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, POST")
        assert answer.json()["code"] == "hub.bad-request"

    def test_head_is_answered_where_get_is(self, tried: TestClient) -> None:
        """As HTTP has it."""
        assert tried.head("/query").status_code == 200


class TestAnswers:
    """What goes out."""

    def test_nothing_is_answered_with_nothing(self, tried: TestClient) -> None:
        """As 204."""
        answer = tried.delete("/things")
        assert (answer.status_code, answer.content) == (204, b"")

    def test_a_response_goes_out_as_it_is(self, tried: TestClient) -> None:
        """But for what goes with every answer."""
        answer = tried.get("/text")
        assert answer.text == "as it is"
        assert answer.headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize("path", ["/query", "/nothing", "/fails/bug", "/whose"])
    def test_every_answer_is_kept_from_caches_frames_and_guesses(self, tried: TestClient, path: str) -> None:
        """Errors as well."""
        headers = tried.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"


class TestErrors:
    """What is told of an error, and what is not."""

    @pytest.mark.parametrize(
        ("what", "status", "code"),
        [
            ("not-found", 404, "hub.not-found"),
            ("too-many", 429, "hub.too-many"),
            ("program", 400, "program.bad"),
            ("signature", 400, "protocol.signature"),
            ("media", 400, "media.unplayable"),
            ("database", 503, "hub.database"),
            ("bug", 500, "hub.failed"),
        ],
    )
    def test_each_kind_has_its_status_and_its_code(
        self, tried: TestClient, what: str, status: int, code: str
    ) -> None:
        """Scripts go by them."""
        answer = tried.get(f"/fails/{what}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_when_to_try_again_is_told_in_whole_seconds(self, tried: TestClient) -> None:
        """Rounded up: too early would be refused once more."""
        assert tried.get("/fails/too-many").headers["retry-after"] == "13"
        assert int(tried.get("/fails/database").headers["retry-after"]) > 0

    def test_all_problems_are_told_at_once(self, tried: TestClient) -> None:
        """Whoever mends a program does not want them one by one."""
        assert tried.get("/fails/program").json()["problems"] == ["a is wrong", "b is wrong"]

    @pytest.mark.parametrize("what", ["bug", "database"])
    def test_what_went_wrong_inside_is_written_down_and_not_told(
        self, tried: TestClient, caplog: pytest.LogCaptureFixture, what: str
    ) -> None:
        """The log has all of it; who asks learns nothing of hosts, words and lines."""
        answer = tried.get(f"/fails/{what}")
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert "secret" in caplog.text
        assert f"GET /fails/{what}" in caplog.text

    def test_a_page_tells_people_in_its_own_way(self, tried: TestClient) -> None:
        """All but what went wrong inside: that is written down, and not told."""
        answer = tried.get("/page/not-found")
        assert (answer.status_code, answer.text) == (418, "sorry: there is no bar: look elsewhere")
        assert tried.get("/page/not-found?colour=red").text.startswith("sorry: query:")
        assert tried.get("/page/bug").status_code == 500
        assert tried.get("/page/database").status_code == 503

    def test_a_bug_is_logged_with_where_it_happened(
        self, tried: TestClient, hub: Hub, caplog: pytest.LogCaptureFixture
    ) -> None:
        """And counted."""
        tried.get("/fails/bug")
        assert "in fail" in caplog.text
        assert b'easyplayer_hub_failures_total{kind="other"} 1.0' in hub.metrics.text()

    def test_an_answer_that_has_begun_is_cut_off(self, tried: TestClient) -> None:
        """Nobody takes half of it for the whole."""
        with pytest.raises(ZeroDivisionError):
            TestClient(tried.app, base_url=PUBLIC_URL).get("/cut")

    def test_the_hub_answers_on_after_all_that(self, tried: TestClient) -> None:
        """One request cannot harm another."""
        for what in ERRORS:
            tried.get(f"/fails/{what}")
        assert tried.get("/venues/bar").status_code == 200


class TestAround:
    """What stands in front of the routes, and beside them."""

    def test_a_raw_route_is_called_before_anything_else(self, hub: Hub) -> None:
        """It gets the request untouched, and its answer goes out untouched."""

        async def raw(scope, receive, send) -> None:
            await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)

        client = TestClient(Application(hub, TRIED, raw_routes={"/api/v1/heartbeat": raw}))
        answer = client.post("/api/v1/heartbeat", content=b"as it comes")
        assert answer.content == b"as it comes"
        assert "x-content-type-options" not in answer.headers
        assert client.get("/api/v1/heartbeats").status_code == 404

    def test_a_line_takes_websockets_and_requests_and_nothing_else_takes_any(self, hub: Hub) -> None:
        """What is not asked for is refused, and the hub answers on."""

        async def line(scope, receive, send) -> None:
            if scope["type"] == "http":
                await PlainTextResponse("a poll")(scope, receive, send)
                return
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": "hello"})

        async def raw(_scope, _receive, _send) -> None:
            raise AssertionError

        client = TestClient(Application(hub, TRIED, raw_routes={"/raw": raw}, lines={"/live/": line}))
        assert client.get("/live/").text == "a poll"
        with client.websocket_connect("/live/") as socket:
            assert socket.receive_text() == "hello"
        for path in ("/raw", "/venues/bar", "/nowhere"):
            with pytest.raises(WebSocketDisconnect), client.websocket_connect(path):
                pass

    @pytest.mark.anyio
    async def test_who_holds_a_line_is_told_when_the_hub_is_to_end(self, hub: Hub) -> None:
        """Where there are such at all."""
        told: list[str] = []

        async def leave() -> None:
            told.append("bye")

        await Application(hub, TRIED, leave=leave).leave()
        await Application(hub, TRIED).leave()
        assert told == ["bye"]

    def test_what_runs_beside_is_started_in_order_and_stopped_in_reverse(self, hub: Hub) -> None:
        """The later may need the earlier to the very end."""
        happened: list[str] = []

        class Beside:
            def __init__(self, name: str) -> None:
                self.name = name

            async def start(self) -> None:
                happened.append(f"start {self.name}")

            async def stop(self) -> None:
                happened.append(f"stop {self.name}")

        with TestClient(Application(hub, TRIED, background=(Beside("a"), Beside("b")))) as client:
            client.get("/venues/bar")
            happened.append("request")
        assert happened == ["start a", "start b", "request", "stop b", "stop a"]

    def test_requests_are_counted_by_their_template_not_by_their_path(
        self, tried: TestClient, hub: Hub
    ) -> None:
        """Who asks for a million paths does not fill the memory."""
        for number in range(5):
            tried.get(f"/venues/bar-{number}")
            tried.get(f"/nothing/{number}")
        tried.request("SHOUT", "/venues/bar")
        told = hub.metrics.text().decode()
        labels = 'path="/venues/{venue}",status="200"'
        assert f'easyplayer_hub_request_seconds_count{{method="GET",{labels}}} 5.0' in told
        assert 'method="GET",path="nowhere",status="404"} 5.0' in told
        assert 'method="other"' in told
        assert "SHOUT" not in told


def test_every_endpoint_answers_nobody_with_a_problem(hub: Hub) -> None:
    """None is left open by accident: those that need nobody are named here."""
    assert {one.path for one in ENDPOINTS if one.needs in {Needs.NOTHING, Needs.VISITOR}} == OPEN
    client = TestClient(build_application(hub), base_url=PUBLIC_URL, raise_server_exceptions=False)
    for one in ENDPOINTS:
        if one.needs is not Needs.USER:
            continue
        path = PARAMETER.sub(lambda found: EXAMPLES.get(found[1], "a"), one.path)
        answer = client.request(one.method, path)
        assert answer.status_code == 401, (one.method, path, answer.text)
