"""The client: asks a hub, and turns what goes wrong into the errors of the house."""

import inspect
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec import Struct

from easyplayer import errors
from easyplayer.errors import (
    ConflictError,
    EasyplayerError,
    HubError,
    LinkError,
    LinkRefusedError,
    ProgramError,
    ProtocolError,
    StateError,
    TooManyError,
    UnauthenticatedError,
    UnavailableError,
)
from easyplayer.hub.cli.client import MOST_WAIT_S, HubClient
from easyplayer.hub.cli.finding import Where
from easyplayer.hub.web.views import Page
from easyplayer.protocol.problem import Problem
from tests.hub.cli.through import Through

URL = "https://hub.example"
Answers = Callable[[httpx.Request], httpx.Response]


class Thing(Struct, frozen=True):
    """Something to ask for."""

    name: str


class Counter:
    """Answers with what is next, and keeps what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = [*answers]
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        request.read()
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def _hub_errors() -> list[type[HubError]]:
    """Give the kinds that the house has."""
    return [one for one in vars(errors).values() if inspect.isclass(one) and issubclass(one, HubError)]


def client(hub: Answers, token: str = "t", waited: list[float] | None = None) -> HubClient:
    http = httpx.Client(base_url=URL, transport=httpx.MockTransport(hub))
    where = Where(url=URL, token=token, known_from="the test")
    return HubClient(where, Through(http), wait=([] if waited is None else waited).append)


def problem(status: int, code: str, *problems: str, after: str = "") -> httpx.Response:
    content = msgspec.json.encode(Problem(code=code, detail="because", problems=problems))
    return httpx.Response(status, content=content, headers={"Retry-After": after} if after else {})


def fine(thing: object) -> httpx.Response:
    return httpx.Response(200, content=msgspec.json.encode(thing))


def test_each_request_says_who_asks() -> None:
    """By the token, and below the API's path; what is None is left out of the query."""
    hub = Counter(fine(Thing("a")))
    assert client(hub).get("/things/a", Thing, {"deep": True, "text": None, "most": 5}) == Thing("a")
    (request,) = hub.asked
    assert str(request.url) == f"{URL}/api/v1/things/a?deep=true&most=5"
    assert request.headers["Authorization"] == "Bearer t"


def test_without_a_token_nobody_is_claimed() -> None:
    """And the way out of a refusal is to log in."""
    hub = Counter(problem(401, UnauthenticatedError.code))
    with pytest.raises(UnauthenticatedError, match=f"easyplayer-hub login {URL}"):
        client(hub, token="").get("/me", Thing)
    assert "Authorization" not in hub.asked[0].headers


def test_a_token_that_is_not_taken_is_told_with_where_it_is_from() -> None:
    """So that the right one is mended."""
    with pytest.raises(UnauthenticatedError, match="does not take the token of the test: log in anew"):
        client(Counter(problem(401, UnauthenticatedError.code))).get("/me", Thing)


@pytest.mark.parametrize(
    "kind",
    [one for one in _hub_errors() if one is not UnauthenticatedError],
    ids=lambda one: one.code,
)
def test_an_error_of_the_hub_is_the_same_here(kind: type[HubError]) -> None:
    """With its exit code, its words and all that was wrong."""
    answers = [problem(kind.status, kind.code, "one", "two") for _ in range(2)]
    with pytest.raises(HubError, match="because") as raised:
        client(Counter(*answers)).get("/things", Thing)
    assert type(raised.value) is kind
    if not issubclass(kind, TooManyError):
        assert raised.value.problems == ("one", "two")


def test_a_program_that_is_refused_is_told_with_each_fault() -> None:
    """As the box's own commands tell it."""
    with pytest.raises(ProgramError) as raised:
        client(Counter(problem(400, ProgramError.code, "a", "b"))).post("/programs/x/check", None, Thing)
    assert raised.value.problems == ["a", "b"]


def test_what_cannot_be_understood_is_told_as_such() -> None:
    """Such as a claim code that can be none."""
    with pytest.raises(ProtocolError, match="because"):
        client(Counter(problem(400, ProtocolError.code))).post("/claims", None, Thing)


def test_an_error_of_a_newer_hub_is_told_as_it_says() -> None:
    """Its code is kept."""
    with pytest.raises(LinkRefusedError, match="because") as raised:
        client(Counter(problem(418, "hub.teapot"))).get("/tea", Thing)
    assert (raised.value.status, raised.value.hub_code) == (418, "hub.teapot")


def test_what_a_refusal_quotes_does_nothing_to_the_terminal() -> None:
    """Names that strangers have given stand in it; and what is no hub may say anything."""
    content = msgspec.json.encode(Problem(code=ConflictError.code, detail="\x1b[2Jbox", problems=("\x9bm",)))
    with pytest.raises(ConflictError) as raised:
        client(Counter(httpx.Response(409, content=content))).get("/things", Thing)
    assert (raised.value.message, raised.value.problems) == ("[2Jbox", ("m",))
    with pytest.raises(LinkError, match=r"cannot be reached \(no \[2J line\)"):
        client(Counter(httpx.ConnectError("no \x1b[2J\nline"))).get("/things", Thing)
    with pytest.raises(ProtocolError) as other:
        client(Counter(fine({"name": 1, "\x1b": 2}))).get("/things", Thing)
    assert str(other.value).isprintable()


@pytest.mark.parametrize("kind", [TooManyError, UnavailableError])
def test_a_hub_that_asks_to_come_back_soon_is_asked_once_more(kind: type[TooManyError]) -> None:
    """After the time that it names."""
    waited: list[float] = []
    hub = Counter(problem(kind.status, kind.code, after="3"), fine(Thing("a")))
    assert client(hub, waited=waited).post("/things", {"a": 1}, Thing) == Thing("a")
    assert waited == [3.0]
    assert hub.asked[0].content == hub.asked[1].content == b'{"a":1}'


def test_but_only_once() -> None:
    """Then the person is told."""
    waited: list[float] = []
    busy = [problem(429, TooManyError.code, after="3") for _ in range(2)]
    with pytest.raises(TooManyError) as raised:
        client(Counter(*busy), waited=waited).get("/things", Thing)
    assert (waited, raised.value.retry_after_s) == ([3.0], 3.0)


@pytest.mark.parametrize("after", [f"{MOST_WAIT_S + 1:.0f}", "86400"])
def test_nobody_waits_for_long(after: str) -> None:
    """A command that seems to hang is worse than an error."""
    waited: list[float] = []
    with pytest.raises(TooManyError):
        client(Counter(problem(429, TooManyError.code, after=after)), waited=waited).get("/things", Thing)
    assert waited == []


def test_content_is_made_anew_for_the_second_try() -> None:
    """A file that was read to its end is read from its beginning."""
    hub = Counter(problem(503, UnavailableError.code, after="1"), fine(Thing("a")))
    client(hub).send("POST", "/tracks", content=lambda: iter([b"ab", b"c"]))
    assert [request.content for request in hub.asked] == [b"abc", b"abc"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("refused"), "named by the test, cannot be reached .refused.: is it running"),
        (httpx.ReadTimeout("slow"), "takes too long"),
        (httpx.RemoteProtocolError(""), "RemoteProtocolError"),
    ],
)
def test_a_hub_that_is_away_is_told_in_words(error: httpx.HTTPError, words: str) -> None:
    """With its address, and where that was named."""
    with pytest.raises(LinkError, match=words) as raised:
        client(Counter(error)).get("/things", Thing)
    assert URL in str(raised.value)


@pytest.mark.parametrize(
    "answer", [httpx.Response(502, text="<html>bad gateway</html>"), httpx.Response(302, text="elsewhere")]
)
def test_something_on_the_way_that_answers_is_no_hub(answer: httpx.Response) -> None:
    """A proxy's page is told as what it is."""
    with pytest.raises(LinkError, match=r"is no hub, or something on the way to it: it answers \d{3}"):
        client(Counter(answer)).get("/things", Thing)


@pytest.mark.parametrize("content", [b"<html>", b'{"title": 1}', b""])
def test_an_answer_of_another_kind_is_told(content: bytes) -> None:
    """Perhaps the hub is of another version."""
    with pytest.raises(ProtocolError, match="something else than expected"):
        client(Counter(httpx.Response(200, content=content))).get("/things", Thing)


def test_a_long_list_is_asked_for_page_by_page() -> None:
    """Each with the end of the one before."""
    pages = [Page(items=[Thing("a"), Thing("b")], next="b"), Page(items=[Thing("c")])]
    hub = Counter(*map(fine, pages))
    assert [one.name for one in client(hub).pages("/things", Thing, {"text": "x"})] == ["a", "b", "c"]
    assert [request.url.params.get("after") for request in hub.asked] == [None, "b"]
    assert all(request.url.params["text"] == "x" for request in hub.asked)


def test_no_more_is_asked_for_than_is_wanted() -> None:
    """Of a list without an end."""
    hub = Counter(fine(Page(items=[Thing("a"), Thing("b")], next="b")))
    assert len([*client(hub).pages("/things", Thing, most=2)]) == 2
    assert hub.asked[0].url.params["limit"] == "2"


def test_what_is_saved_is_there_whole(tmp_path: Path) -> None:
    """And nothing else is left beside it."""
    file = tmp_path / "log.csv"
    assert client(Counter(httpx.Response(200, content=b"a,b\n" * 1000))).save("/played.csv", file) == 4000
    assert file.read_bytes() == b"a,b\n" * 1000
    assert [*tmp_path.iterdir()] == [file]


class Breaking(httpx.SyncByteStream):
    """A line that breaks in the middle."""

    def __iter__(self):  # type: ignore[no-untyped-def]
        """Give half of it."""
        yield b"half"
        message = "gone"
        raise httpx.ReadError(message)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(200, stream=Breaking()), LinkError),
        (problem(409, ConflictError.code), ConflictError),
    ],
)
def test_what_fails_leaves_the_file_as_it_was(
    tmp_path: Path, answer: httpx.Response, kind: type[EasyplayerError]
) -> None:
    """The one that was there is still there, and no half of another."""
    file = tmp_path / "log.csv"
    file.write_text("old")
    with pytest.raises(kind):
        client(Counter(answer)).save("/played.csv", file)
    assert [(one, one.read_text()) for one in tmp_path.iterdir()] == [(file, "old")]


def test_a_folder_is_no_file_to_save_in(tmp_path: Path) -> None:
    """It is told before anything is asked for."""
    hub = Counter()
    for folder in (tmp_path, Path()):
        with pytest.raises(StateError, match="is a folder: name a file in it"):
            client(hub).save("/played.csv", folder)
    assert hub.asked == []


def test_a_disk_that_does_not_take_it_is_told(tmp_path: Path) -> None:
    """With the file's name."""
    with pytest.raises(StateError, match=r"x\.csv: cannot be written"):
        client(Counter(httpx.Response(200, content=b"a"))).save("/played.csv", tmp_path / "no" / "x.csv")
