"""Files come from a hub whole and true, whatever the line does to them, and nothing comes twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.errors import DeviceError, LinkError, NotFoundError
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.fetching import TRIES, Fetcher
from easyplayer.hub.cli.finding import Where
from easyplayer.hub.cli.stick import Stick, StickFile
from easyplayer.hub.web.ranges import wanted
from easyplayer.protocol.bundle import medium_path
from tests.hub.cli.through import Through

PIECE = 1000
SONGS = [bytes([number]) * (5 * PIECE + number) for number in range(1, 7)]
FIRST = SONGS[0]
URL = "http://hub.test"
Spoil = Callable[[int, httpx.Response], httpx.Response]


class Line(httpx.BaseTransport):
    """A hub that gives songs by their digest, at the end of a line on which things happen.

    :ivar spoil: takes the number of the request for a song and its answer, and gives what arrives.
    :ivar ranges: the parts that were asked for.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.ranges: list[str] = []
        self.spoil: Spoil = lambda _number, answer: answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the hub does."""
        digest = request.url.path.rpartition("/")[2]
        content, headers = by_digest(digest), request.headers
        self.asked[digest] += 1
        self.ranges += [headers["range"]] if "range" in headers else []
        part = wanted(headers.get("range", ""), headers.get("if-range", ""), f'"{digest}"', len(content))
        answer = httpx.Response(206, content=content[slice(*part)]) if part else whole(content)
        return self.spoil(self.asked[digest], answer)


class Sums:
    """A bar that adds up."""

    def __init__(self) -> None:
        self.total = self.done = 0

    def begin(self, what: str, total: int) -> None:
        """Begin."""
        self.total, self.done = total, 0

    def advance(self, done: int) -> None:
        """Add."""
        self.done += done


def by_digest(digest: str) -> bytes:
    """Find a song."""
    return next(song for song in SONGS if digest_of(song) == digest)


def digest_of(song: bytes) -> str:
    """Name a song."""
    return sha256(song).hexdigest()


def whole(content: bytes) -> httpx.Response:
    """Answer with all of something."""
    return httpx.Response(200, content=content)


def cut(answer: httpx.Response, after: int = PIECE) -> httpx.Response:
    """Break the line in the midst of an answer."""

    def pieces() -> Iterator[bytes]:
        yield answer.content[:after]
        message = "the line broke"
        raise httpx.ReadError(message)

    return httpx.Response(answer.status_code, content=pieces())


class Desk:
    """Fetches all songs to a stick."""

    def __init__(self, folder: Path) -> None:
        self.stick = Stick(folder)
        self.line = Line()
        self.bar = Sums()
        self.waited: list[float] = []

    def fetch(self, songs: list[bytes]) -> None:
        """Fetch some."""
        where = Where(url=URL, token="", known_from="the test")
        http = httpx.Client(transport=self.line, base_url=URL)
        with HubClient(where, Through(http), wait=self.waited.append) as hub:
            Fetcher(hub, self.stick, self.bar).fetch([file_of(song) for song in songs])

    def has(self, song: bytes) -> bool:
        """Tell whether a song is there."""
        path = self.stick.path(file_of(song))
        return path.exists() and path.read_bytes() == song

    def parts(self) -> list[Path]:
        """Give what is begun."""
        return [path for path in self.stick.folder.rglob("*.part") if path.stat().st_size]

    def lay_part(self, content: bytes) -> None:
        """Lay down what an earlier run has left of the first song."""
        part = self.stick.part(file_of(FIRST))
        part.parent.mkdir(parents=True)
        part.write_bytes(content)


def file_of(song: bytes) -> StickFile:
    """Say what is wanted of a song."""
    digest = digest_of(song)
    return StickFile(path=medium_path(digest), sha256=digest, size=len(song), source=f"/songs/{digest}")


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_all_of_them_come(desk: Desk) -> None:
    """Each is asked for once."""
    desk.fetch(SONGS)
    assert all(map(desk.has, SONGS))
    assert set(desk.line.asked.values()) == {1}
    assert desk.bar.done == desk.bar.total == sum(map(len, SONGS))
    assert not desk.parts()


def test_it_goes_on_where_it_was_cut_off(desk: Desk) -> None:
    """Each time, after a pause that grows, and nothing comes twice."""
    desk.line.spoil = lambda number, answer: cut(answer) if number < 3 else answer
    desk.fetch(SONGS)
    assert all(map(desk.has, SONGS))
    assert Counter(desk.line.ranges) == {"bytes=1000-": 6, "bytes=2000-": 6}
    assert sorted(desk.waited) == [1.0] * 6 + [2.0] * 6
    assert desk.bar.done == desk.bar.total


def test_the_next_run_goes_on_where_the_last_one_gave_up(desk: Desk) -> None:
    """What has come stays."""
    desk.line.spoil = lambda _number, answer: cut(answer, 100)
    with pytest.raises(LinkError, match="the line broke"):
        desk.fetch(SONGS)
    begun = desk.parts()
    assert begun

    desk.line.spoil = lambda _number, answer: answer
    desk.line.ranges.clear()
    desk.fetch(SONGS)

    assert len(desk.line.ranges) == len(begun)
    assert all(map(desk.has, SONGS))


@pytest.mark.parametrize("wrong", [bytes(len(FIRST)), FIRST * 2, b"<html>", b""])
def test_what_is_not_what_it_should_be_is_fetched_anew(desk: Desk, wrong: bytes) -> None:
    """Other bytes, too many, a page of the venue's portal, nothing."""
    desk.line.spoil = lambda number, answer: answer if number > 1 else whole(wrong)
    desk.fetch([FIRST])
    assert desk.has(FIRST)
    assert desk.bar.done == len(FIRST)


def test_a_hub_that_never_gives_the_right_thing_is_told(desk: Desk) -> None:
    """After a few tries; nothing wrong is left on the stick."""
    desk.line.spoil = lambda _number, _answer: whole(bytes(len(FIRST)))
    with pytest.raises(LinkError, match="is something on the way"):
        desk.fetch([FIRST])
    assert desk.line.asked[digest_of(FIRST)] == TRIES
    assert [path for path in desk.stick.folder.rglob("*") if path.is_file()] == []


def test_a_hub_that_says_no_is_not_asked_again(desk: Desk) -> None:
    """And the others are not waited for."""
    problem = b'{"code": "hub.not-found", "detail": "there is no track"}'
    desk.line.spoil = lambda _number, _answer: httpx.Response(404, content=problem)
    with pytest.raises(NotFoundError, match="there is no track"):
        desk.fetch(SONGS)
    assert set(desk.line.asked.values()) == {1}
    assert desk.waited == []


def test_a_hub_that_asks_for_patience_has_it(desk: Desk) -> None:
    """As long as it has said."""
    problem = b'{"code": "hub.too-many", "detail": "not so fast"}'
    busy = httpx.Response(429, content=problem, headers={"Retry-After": "7"})
    desk.line.spoil = lambda number, answer: answer if number > 1 else busy
    desk.fetch([FIRST])
    assert desk.has(FIRST)
    assert desk.waited == [7.0]


def test_a_server_without_ranges_is_listened_to_from_the_start(desk: Desk) -> None:
    """What came before is dropped."""
    desk.line.spoil = lambda number, _answer: cut(whole(FIRST)) if number == 1 else whole(FIRST)
    desk.fetch([FIRST])
    assert desk.has(FIRST)
    assert desk.bar.done == len(FIRST)


@given(left=st.binary(max_size=20) | st.integers(0, len(FIRST)).map(lambda end: FIRST[:end]))
def test_whatever_an_earlier_run_has_left_the_song_is_right(
    left: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The right beginning is gone on from, any other is dropped."""
    desk = Desk(tmp_path_factory.mktemp("stick"))
    desk.lay_part(left)
    desk.fetch([FIRST])
    assert desk.has(FIRST)
    assert desk.line.asked[digest_of(FIRST)] == (0 if left == FIRST else 1 if FIRST.startswith(left) else 2)


def test_a_rest_that_is_longer_than_the_song_is_dropped(desk: Desk) -> None:
    """It is somebody else's."""
    desk.lay_part(FIRST + b"more")
    desk.fetch([FIRST])
    assert desk.has(FIRST)


def test_a_stick_that_takes_nothing_is_told(desk: Desk) -> None:
    """By its name, and with the way out."""
    (desk.stick.folder / "easyplayer").write_text("in the way")
    with pytest.raises(DeviceError, match=f"{desk.stick.folder}.*the next run goes on"):
        desk.fetch(SONGS)
