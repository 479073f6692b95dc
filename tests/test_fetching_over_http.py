"""Downloads over a real line: a real link, a real server on this machine, and a real disk."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from circuits.core.events import Event

from easyplayer.component import Background
from easyplayer.download import Manner
from easyplayer.drivers import web_link
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.web_link import WebLink
from easyplayer.events import BoxEvent
from easyplayer.fetch_queue import Outcome
from easyplayer.hub_events import forget_hub, go_offline, hub_reached
from easyplayer.playout.program_file import encode
from easyplayer.storage_events import fetch_media, program_offered
from easyplayer.throttle import BURST_LEAST_BYTES
from tests.fakes.hub_link import FakeHub, HeldKeychain
from tests.fakes.hub_media import content, digest_of, head_of, program_of
from tests.fakes.hub_server import Answer, HubServer
from tests.test_download import Yard

pytestmark = pytest.mark.slow

CHUNK, CUT = 5, 25


class Line(Yard):
    """A box, and a hub at the other end of a line."""

    def __init__(self, state: Path, server: HubServer, **given: Any) -> None:
        self.server = server
        self.links: list[WebLink] = []
        super().__init__(state, **given)

    @property
    def url(self) -> str:
        """Where the server is."""
        return self.server.url

    def make_link(self) -> WebLink:
        """Make a real link, and pair the box."""
        link = WebLink(Way(url=self.server.url), HeldKeychain(hub_keys=(self.server.hub.key,)))
        link.pair("m", "till", "1")
        self.links.append(link)
        return link

    def offer(self, *names: str) -> None:
        """Publish a program of some media, and offer it."""
        data = encode(program_of("one", *names))
        self.server.hub.programs[digest_of(data)] = data
        for name in names:
            self.server.hub.media[digest_of(content(name))] = content(name)
        self.fire(program_offered(head_of(data, "one", 1)))

    @property
    def ranges(self) -> list[str]:
        """What parts of media were asked for."""
        return [headers["range"] for headers in self.server.headers if "range" in headers]


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """Give a line to a hub that has claimed the box; it brings a few bytes at a time."""
    monkeypatch.setattr(web_link, "MEDIA_CHUNK_BYTES", CHUNK)
    hub = FakeHub()
    hub.claimed = True
    with HubServer(hub) as server:
        made = Line(tmp_path, server)
        made.begin()
        yield made
        for link in made.links:
            link.close()


def cut(path: str, data: bytes) -> Answer | None:
    """Send the first bytes of a medium, and let the line break."""
    if not path.startswith("/media/"):
        return None
    return (
        200,
        {"ETag": f'"{digest_of(data)}"', "Content-Length": str(len(data)), "Connection": "close"},
        data[:CUT],
    )


def test_program_and_media_come_over_the_line(line: Line) -> None:
    """Byte for byte."""
    line.offer("a", "b")
    assert line.taken[-1] == ("one", "ab")
    assert [line.store.media.path(digest_of(content(name))).read_bytes() for name in "ab"] == [
        content("a"),
        content("b"),
    ]


def test_line_that_breaks_is_gone_on_with_where_it_broke(line: Line) -> None:
    """The server is asked for the rest, as long as it is the rest of the same."""
    line.server.instead = lambda _method, path, _headers, _body: cut(path, content("a"))
    line.offer("a")
    assert line.taken == []
    line.server.instead = lambda *_request: None
    line.fire(hub_reached(line.server.url))
    assert line.ranges == [f"bytes={CUT}-"]
    assert line.taken == [("one", "a")]


def test_server_with_another_content_by_now_begins_from_the_start(line: Line) -> None:
    """It is told by If-Range what the box has a part of."""
    line.server.instead = lambda _method, path, _headers, _body: cut(path, b"x" * 40)
    line.offer("a")
    line.server.instead = lambda *_request: None
    line.fire(hub_reached(line.server.url))
    assert line.taken == [("one", "a")]


def test_medium_that_the_server_does_not_have_holds_nothing_up(line: Line) -> None:
    """The others are played."""
    sha256 = digest_of(content("b"))
    line.server.instead = lambda _method, path, _headers, _body: (
        (404, {}, b"") if path == f"/media/{sha256}" else None
    )
    line.offer("a", "b")
    assert line.taken == [("one", "a")]
    assert [one for one, _ in line.told("media_refused")] == [sha256]


class Throttled(Line):
    """The same with real threads for media, which come at a byte a second after the first ones."""

    def __init__(self, state: Path, server: HubServer) -> None:
        self.pause = threading.Event()
        self.threads = [Background(self._fire) for _ in range(3)]
        super().__init__(state, server, carriers=self.threads, manner=Manner(most_per_s=1))

    def _fire(self, event: Event) -> None:
        self.root.fire(event)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Let real time pass until something holds."""
        for _ in range(2000):
            self.settle()
            if condition():
                return
            self.pause.wait(0.005)
        pytest.fail("it did not come in 10 s")

    @property
    def come(self) -> int:
        """How much has come of what is under way."""
        return self.part._carriers.come


@pytest.fixture
def throttled(tmp_path: Path) -> Iterator[Throttled]:
    """Give such a line."""
    hub = FakeHub()
    hub.claimed = True
    with HubServer(hub) as server:
        made = Throttled(tmp_path, server)
        made.begin()
        yield made
        made.part.close()
        assert all(thread.close(5.0) for thread in made.threads)
        for link in made.links:
            link.close()


@pytest.mark.parametrize(
    "event", [go_offline(60.0), forget_hub("a person said so")], ids=lambda one: one.name
)
def test_media_that_come_slowly_are_broken_off_at_once(throttled: Throttled, event: BoxEvent) -> None:
    """Three at a time, over one link; what has come of them stays."""
    media = [throttled.server.hub.add_medium(bytes([name]) * 2 * BURST_LEAST_BYTES) for name in b"abc"]
    for sha256 in media:
        throttled.fire(fetch_media(sha256))
    throttled.wait_for(lambda: throttled.come >= BURST_LEAST_BYTES)
    assert len(throttled.part._carriers.under_way) == 3

    throttled.fire(event)

    throttled.wait_for(lambda: not throttled.part._carriers.under_way)
    outcomes = [fetched.outcome for (fetched,) in throttled.told("fetch_ended")]
    assert outcomes == [Outcome.CANCELLED] * 3
    assert sum(throttled.store.media.part_bytes(sha256) for sha256 in media) >= BURST_LEAST_BYTES
