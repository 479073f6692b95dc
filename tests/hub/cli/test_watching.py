"""``watch``: what happens to boxes is told at a terminal, over a real line."""

import argparse
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx2
import msgspec
import pytest

from easyplayer.errors import LinkError, NotFoundError, UnauthenticatedError
from easyplayer.hub.app import build_application
from easyplayer.hub.cli import telling, watching
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import Where
from easyplayer.hub.cli.watch_lines import WatchLines, happened
from easyplayer.hub.hub import Hub
from easyplayer.hub.live_views import BoxNews, CommandNews, News, Playing, Report
from easyplayer.protocol.heartbeat import Now, OnAir, Screen, Status
from easyplayer.units import Decibels, Instant, Seconds
from tests.hub.boxes import ABox, paired
from tests.hub.conftest import NOON
from tests.hub.served import served

pytestmark = pytest.mark.slow

MOST_S = 20.0
DAWN = OnAir(id="dawn", title="Dawn", artist="Ada", length_s=Seconds(225.0))
CLOCK = f"{datetime.fromtimestamp(NOON, UTC).astimezone():%H:%M:%S}"


def report(live: bool = True, status: Status | None = None, level_db: float = -23.4) -> Report:
    now = Now(uptime_s=Seconds(1.0), time=NOON, position_s=Seconds(83.0), level_db=Decibels(level_db))
    return Report(box="b1", at=NOON, live=live, now=now, status=status)


def box_news(*words: str, **more: object) -> BoxNews:
    said = {"box": "b1", "name": "bar box", "venue": "bar", "zone": "main", "happened": words, **more}
    return msgspec.convert(said, BoxNews)


class TestLines:
    """What is written."""

    def test_a_watched_box_is_a_line_each_time(self) -> None:
        """By the name that the operator has given; its title holds until another one comes."""
        lines = WatchLines({"b1": "corner"}, " | ")
        first = [*lines.of(report(status=Status(version="1", item=DAWN)), NOON)]
        assert first == [f"{CLOCK} | corner | -23.4 dB | 1:23 of 3:45 | Ada: Dawn"]
        assert [*lines.of(report(level_db=-120.0), NOON)] == [
            f"{CLOCK} | corner | silence | 1:23 of 3:45 | Ada: Dawn"
        ]
        assert [*lines.of(report(status=Status(version="1")), NOON)] == [f"{CLOCK} | corner | -23.4 dB"]

    def test_what_a_box_says_does_nothing_to_the_terminal(self) -> None:
        """It is one line, whatever stands in it, and however great its numbers are."""
        item = OnAir(id="x", title="\x1b]0;gone\x07\x1b[2J\r\nDawn\u202e\x9b", length_s=Seconds(1e308))
        now = Now(uptime_s=Seconds(1.0), time=NOON, position_s=Seconds(1e308), level_db=Decibels(-1e308))
        said = Report(box="b1", at=NOON, live=True, now=now, status=Status(version="1", item=item))
        (line,) = WatchLines({"b1": "\x1bcorner"}, " | ").of(said, NOON)
        assert line.isprintable()
        assert line.endswith("]0;gone [2J Dawn")
        assert "| corner |" in line

    def test_what_is_on_the_screen_is_told(self) -> None:
        """Beside what is heard."""
        now = Now(uptime_s=Seconds(1.0), time=NOON, picture="Menu\x1b")
        said = Report(box="b1", at=NOON, live=True, now=now)
        assert [*WatchLines({}, " | ").of(said, NOON)] == [f"{CLOCK} | b1 | silence | shows Menu"]

    def test_what_is_old_is_said_to_be(self) -> None:
        """It may be all that comes."""
        lines = WatchLines({}, " | ")
        assert [*lines.of(report(live=False), NOON)] == [f"{CLOCK} | b1 | -23.4 dB | by its last heartbeat"]
        never = Report(box="b1", at=Instant(0.0), live=False)
        assert [*lines.of(never, NOON)] == [f"{CLOCK} | b1 | it has never said anything"]

    def test_news_are_a_line_for_each_box(self) -> None:
        """With all that has happened."""
        lines = WatchLines({}, " | ")
        told = News(boxes=(box_news("live"), box_news("state", state="late")))
        assert [*lines.of(told, NOON)] == [
            f"{CLOCK} | bar box | bar/main | its live channel is open",
            f"{CLOCK} | bar box | bar/main | late",
        ]

    def test_what_happened_is_told_in_words(self) -> None:
        """All of it."""
        playing = Playing(
            state="stopped", reason="closed", item=DAWN, allowed=False, verdict="not paid", silent_sink=True,
            trouble=("no disk",), screen=Screen(wanted=True),
        )  # fmt: skip
        command = CommandNews(id="c1", name="skip", state="done", by="anna")
        news = msgspec.structs.replace(
            box_news("status", "command", "away", "unpaired"), playing=playing, commands=(command,)
        )
        assert [*happened(news)] == [
            "stopped (closed): Ada: Dawn",
            "may not play: not paid",
            "nothing is heard of it",
            "its screen is down",
            "no disk",
            "skip: done",
            "its live channel has ended",
            "unpaired",
        ]
        assert [*happened(box_news("status"))] == []


class Typed:
    """Types ``watch`` at a terminal, of a hub at a real port.

    :ivar out: the lines that were told, as they come.
    """

    def __init__(self, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.out: queue.Queue[str] = queue.Queue()
        self._token = token
        for module in (watching, telling):
            monkeypatch.setattr(module, "print", self._print, raising=False)
        self.errors: list[str] = []

    def __call__(self, url: str, line: str, token: str | None = None) -> int:
        """Type it; gives the exit code."""
        parser = argparse.ArgumentParser()
        watching.configure(parser)
        where = Where(url=url, token=self._token if token is None else token, known_from="the test")
        with HubClient(where) as hub:
            return watching.tell(hub, parser.parse_args(line.split()))

    def _print(self, text: str, *, file: object = None, flush: bool = False) -> None:
        if file is None:
            assert flush
            self.out.put(text)
        else:
            self.errors.append(text)

    def line(self) -> str:
        """Wait for the next line."""
        return self.out.get(timeout=MOST_S)


@pytest.fixture(name="watch")
def _watch(token_for: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    return Typed(token_for("admin", {}), monkeypatch)


@pytest.fixture(name="url")
def _url(hub: Hub) -> Iterator[str]:
    """Run the hub at a real port."""
    with served(build_application(hub)) as url:
        yield url


@contextmanager
def box_at(url: str, token_for: Callable[..., str]) -> Iterator[ABox]:
    """Give a box that has said how it is."""
    headers = {"Authorization": f"Bearer {token_for('admin', {})}"}
    with httpx2.Client(base_url=url) as client, httpx2.Client(base_url=url, headers=headers) as admin:
        box = paired(client, admin)  # type: ignore[arg-type]
        box.reply(status=Status(version="1.0", item=DAWN))
        yield box


@pytest.fixture(name="box")
def _box(url: str, token_for: Callable[..., str]) -> Iterator[ABox]:
    with box_at(url, token_for) as box:
        yield box


class TestCommand:
    """What is typed."""

    def test_a_box_is_watched(self, watch: Typed, url: str, box: ABox) -> None:
        """What is known of it comes at once."""
        assert watch(url, f"{box.id} --most 1") == 0
        assert watch.line().split("\t")[1:] == [
            box.id, "silence", "0:00 of 3:45", "Ada: Dawn", "by its last heartbeat",
        ]  # fmt: skip

    def test_a_script_gets_the_messages_as_they_are(self, watch: Typed, url: str, box: ABox) -> None:
        """One in a line."""
        watch(url, f"{box.id} --most 1 --json")
        told = msgspec.json.decode(watch.line(), type=Report)
        assert (told.box, told.live) == (box.id, False)

    def test_without_boxes_the_news_of_all_are_told(self, watch: Typed, url: str, box: ABox) -> None:
        """As they happen."""
        over = threading.Event()

        def beat() -> None:
            while not over.is_set():
                box.reply(digest=f"d{box.sequence}", status=Status(version="1", state="playing", item=DAWN))

        beating = threading.Thread(target=beat)
        beating.start()
        try:
            assert watch(url, "--most 1") == 0
        finally:
            over.set()
            beating.join()
        assert watch.line().split("\t")[1:] == ["bar box", "bar/main", "playing: Ada: Dawn"]

    def test_it_comes_back_to_a_hub_that_was_away(
        self,
        watch: Typed,
        hub_factory: Callable[..., Hub],
        token_for: Callable[..., str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """And watches what it has watched."""
        monkeypatch.setattr(watching, "RESTS_S", (0.05,))
        with ThreadPoolExecutor(1) as terminal:
            with served(build_application(hub_factory())) as url, box_at(url, token_for) as box:
                code = terminal.submit(watch, url, f"{box.id} --most 2")
                first = watch.line()
            with served(build_application(hub_factory()), int(url.rpartition(":")[2])):
                assert watch.line() == first
                assert code.result(MOST_S) == 0
        assert [one.partition(": ")[2] for one in watch.errors] == [
            "the hub has ended the line: trying again",
            "the line is there again",
        ]


class TestWhatGoesWrong:
    """Each with what to do about it."""

    def test_a_box_that_is_not_there(self, watch: Typed, url: str, box: ABox) -> None:
        """By its name, or by an id; another one that was named is watched on."""
        with pytest.raises(NotFoundError):
            watch(url, "nowhere")
        assert watch(url, "0000000000000000") == 1
        assert watch.errors == ["easyplayer-hub: there is no box 0000000000000000"]
        assert watch(url, f"0000000000000000 {box.id} --most 1") == 0

    def test_a_token_that_holds_no_more(self, watch: Typed, url: str) -> None:
        """One has to log in anew."""
        with pytest.raises(UnauthenticatedError, match="log in anew"):
            watch(url, "", token="nonsense")

    def test_a_hub_without_a_live_channel(self, watch: Typed, hub_factory: Callable[..., Hub]) -> None:
        """It says so, and not merely that something is not found."""
        with (
            served(build_application(hub_factory(live=False))) as url,
            pytest.raises(LinkError, match="has no live channel"),
        ):
            watch(url, "")

    def test_no_hub_at_all(self, watch: Typed) -> None:
        """With the address that was tried."""
        with pytest.raises(LinkError, match=r"gives no line"):
            watch("http://127.0.0.1:9", "")

    def test_a_reader_who_has_gone(
        self, watch: Typed, url: str, box: ABox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As with ``head``: it ends, and does not go on for nobody."""

        def gone(_text: str, **_how: object) -> None:
            raise BrokenPipeError

        monkeypatch.setattr(watching, "print", gone)
        with pytest.raises(BrokenPipeError):
            watch(url, box.id)
