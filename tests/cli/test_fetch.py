"""``easyplayer fetch``: what is missing comes over a real line, from a server on this machine."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest

from easyplayer.cli import fetch
from easyplayer.drivers.box_key import BoxKey
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.drivers.state_file import StateFile
from easyplayer.drivers.status_socket import StatusSocket
from easyplayer.drivers.web_link import WebLink
from easyplayer.errors import BoxBusyError, DiskFullError, UnpairedError
from easyplayer.main import main
from easyplayer.membership import Kept, Membership
from easyplayer.program_store import Store, store_in
from easyplayer.ticker import monotonic
from tests.fakes.hub_link import FakeHub
from tests.fakes.hub_media import content, digest_of, program_of
from tests.fakes.hub_server import Answer, HubServer
from tests.test_stocktaking import bring, play, stage


class Line:
    """A claimed box that does not run, and its hub at the other end of a line."""

    def __init__(self, state: Path, server: HubServer, capsys: pytest.CaptureFixture[str]) -> None:
        self.state, self.server, self.store = state, server, store_in(state)
        self._capsys = capsys
        self.told: dict[str, Any] = {}
        self.said = self.warned = ""

    def claim(self) -> None:
        """Let the box be claimed."""
        file = StateFile(self.state / "hub.json", Kept)
        key = BoxKey(self.state / "box.key")
        membership = Membership(self.server.url, file, key, boot="boot", clock=monotonic)
        link = WebLink(Way(url=self.server.url), membership)
        link.pair("m", "till", "1")
        link.close()
        membership.claim((self.server.hub.key,))

    def upload(self, *names: str) -> None:
        """Let the hub have media."""
        for name in names:
            self.server.hub.media[digest_of(content(name))] = content(name)

    def fetch(self, *words: str) -> int:
        """Run the command; give its exit code."""
        code = main(["fetch", "--state", str(self.state), *words])
        self.said, self.warned = self._capsys.readouterr()
        if "--json" in words and self.said:
            self.told = json.loads(self.said)
        return code

    def has(self, *names: str) -> bool:
        """Tell whether media are there, byte for byte."""
        paths = [self.store.media.path(digest_of(content(name))) for name in names]
        return all(
            path.exists() and path.read_bytes() == content(name)
            for name, path in zip(names, paths, strict=True)
        )


@pytest.fixture
def line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Line]:
    """Give a line to a hub that has claimed the box; the box wants three media, and has one."""
    hub = FakeHub(time)
    hub.claimed = True
    monkeypatch.setattr(fetch, "LOOK_EVERY_S", 0.01)
    with HubServer(hub) as server:
        monkeypatch.setenv("EASYPLAYER_HUB__URL", server.url)
        made = Line(tmp_path, server, capsys)
        made.claim()
        wants(made.store)
        yield made
        made.store.media.close()


def wants(store: Store) -> None:
    """Keep a program, and stage another one."""
    play(store, program_of("one", "a", "b"))
    stage(store, program_of("two", "b", "c"), 2)
    bring(store, "a")


def test_all_that_is_missing_comes(line: Line) -> None:
    """Of the program that plays, and of the one that comes next; nothing comes twice."""
    line.upload("a", "b", "c")
    assert line.fetch("--json") == 0
    assert line.has("a", "b", "c")
    assert (line.told["media"], line.told["bytes"], line.told["missing"]) == (2, 80, {})
    assert line.fetch() == 0
    assert line.said.startswith("fetched\t0 media")
    assert "complete\tnothing is missing" in line.said


def test_what_the_hub_does_not_have_is_told_and_holds_nothing_up(line: Line) -> None:
    """With the reason, and an exit code for a script."""
    line.upload("c")
    line.server.instead = lambda _method, path, _headers, _body: (
        (404, {}, b"") if path == f"/media/{digest_of(content('b'))}" else None
    )
    line.upload("b")
    assert line.fetch() == 1
    assert line.has("a", "c")
    assert "missing\t1 media" in line.said
    assert digest_of(content("b")) in line.warned


def test_line_that_breaks_is_gone_on_with(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has come stays."""
    monkeypatch.setattr("easyplayer.fetch_queue.BACKOFF_S", 0.01)
    line.upload("b", "c")
    broken: list[str] = []

    def cut(_method: str, path: str, _headers: dict[str, str], _body: bytes) -> Answer | None:
        if not path.startswith("/media/") or path in broken:
            return None
        broken.append(path)
        data = line.server.hub.media[path.rpartition("/")[2]]
        headers = {"ETag": f'"{digest_of(data)}"', "Content-Length": "40", "Connection": "close"}
        return 200, headers, data[:25]

    line.server.instead = cut
    assert line.fetch("--json") == 0
    assert line.has("b", "c")
    assert [one["range"] for one in line.server.headers if "range" in one] == ["bytes=25-"] * 2


def test_hub_that_gives_nothing_is_left_after_a_while(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person waits before it."""
    monkeypatch.setattr(fetch, "PATIENCE_S", 0.2)
    line.server.instead = lambda _method, path, _headers, _body: (503, {}, b"") if "media" in path else None
    assert line.fetch("--json") == 1
    assert set(line.told["missing"]) == {digest_of(content(name)) for name in "bc"}
    assert all(line.told["missing"].values())


def test_full_disk_ends_it_at_once(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is lacking is told."""
    line.upload("b", "c")

    def refuse(_library: MediaLibrary, _sha256: str, _size: int) -> None:
        message = "there is no room"
        raise DiskFullError(message)

    monkeypatch.setattr(MediaLibrary, "draft", refuse)
    assert line.fetch("--json") == 1
    assert "there is no room" in line.told["missing"].values()


def test_running_box_fetches_by_itself(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    """Two would only be in each other's way."""
    socket = StatusSocket(line.state)
    socket.open()
    assert line.fetch() == BoxBusyError.exit_code
    socket.close()
    assert "fetches what it needs itself" in line.warned


def test_box_that_nobody_has_claimed_has_nobody_to_ask(line: Line) -> None:
    """With the way out."""
    (line.state / "hub.json").unlink()
    assert line.fetch() == UnpairedError.exit_code
    assert "claim it at the hub" in line.warned


def test_bars_are_drawn_where_a_person_sees_them(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for all, and one for each medium on its way."""
    line.upload("b", "c")
    monkeypatch.setattr("easyplayer.cli.progress.has_bar", lambda: True)
    assert line.fetch() == 0
    assert line.has("b", "c")
    assert line.warned
