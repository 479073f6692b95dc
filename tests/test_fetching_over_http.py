"""Downloads over a real line: a real link, a real server on this machine, and a real disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.drivers import web_link
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.web_link import WebLink
from easyplayer.hub_events import hub_reached, program_offered
from easyplayer.playout.program_file import encode
from tests.fakes.hub_link import FakeHub, HeldKeychain
from tests.fakes.hub_media import content, digest_of, head_of, program_of
from tests.fakes.hub_server import Answer, HubServer
from tests.test_download import Yard

CHUNK, CUT = 5, 25


class Line(Yard):
    """A box, and a hub at the other end of a line."""

    def __init__(self, state: Path, server: HubServer) -> None:
        super().__init__(state)
        self.server = server
        self.part._make_link = self._link
        self.part._hub = server.url
        self.links: list[WebLink] = []

    def _link(self) -> WebLink:
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
