"""The live channels of two workers: what comes to one reaches whoever has a line to the other."""

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.app import build_application
from easyplayer.hub.hub import Hub
from easyplayer.hub.live.watching import LEASE_S
from easyplayer.hub.live_views import Watch
from easyplayer.protocol.heartbeat import Status
from easyplayer.protocol.live import Report, Wake
from easyplayer.protocol.live import Watch as Watched
from easyplayer.units import Seconds
from tests.hub.boxes import API, ABox
from tests.hub.conftest import PUBLIC_URL, HubFactory
from tests.hub.live.talking import NOW, box_of, line_of, page_of
from tests.hub.live.test_channel import give, news

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


@pytest.fixture(name="elsewhere")
def _elsewhere(hub_factory: HubFactory) -> Iterator[TestClient]:
    """Give a client of another worker."""
    with TestClient(build_application(hub_factory()), base_url=PUBLIC_URL) as client:
        yield client


@pytest.fixture(name="box")
def _box(hub: Hub, elsewhere: TestClient) -> ABox:
    """Give a box that has its line to the other worker."""
    return box_of(hub, elsewhere)


def test_a_command_reaches_a_box_at_another_worker(box: ABox, admin: TestClient) -> None:
    """Whichever worker the operator has asked."""
    with line_of(box) as line:
        given = give(admin, box)
        assert [one.id for one in line.orders()] == [given]


def test_the_newer_line_wins_wherever_it_is(
    box: ABox, client: TestClient, clock: Callable[[], float]
) -> None:
    """The box has moved from one worker to another; the old line may not know yet."""
    with line_of(box) as older:
        clock.pass_s(1)  # type: ignore[attr-defined]
        box.client = client
        with line_of(box):
            assert isinstance(older.next(), Wake)
            assert older.is_over()


def test_a_box_that_is_forgotten_loses_its_line_everywhere(box: ABox, admin: TestClient) -> None:
    """At once."""
    with line_of(box) as line:
        admin.delete(f"{API}/boxes/{box.id}")
        assert line.is_over()


def test_a_box_is_watched_across_workers(
    box: ABox, client: TestClient, token_for: Callable[..., str]
) -> None:
    """It reports to its worker, and that to the one of the operator; the end is passed on likewise."""
    with line_of(box) as line, page_of(client, token_for("admin", {})) as page:
        page.say(Watch(box=box.id))
        assert page.hear()["live"] is False
        assert line.next() == Watched(seconds=LEASE_S)
        line.say(Report(now=NOW, status=Status(version="2.0")))
        assert page.hear()["status"]["version"] == "2.0"
        page.say({"kind": "unwatch", "box": box.id})
        assert line.next() == Watched(seconds=Seconds(0.0))


def test_news_reach_operators_at_all_workers(
    box: ABox, client: TestClient, token_for: Callable[..., str]
) -> None:
    """A line that is opened, and a status that a heartbeat brings, elsewhere."""
    with page_of(client, token_for("admin", {})) as page:
        page.say(Watch(box=box.id))
        page.hear()
        with line_of(box):
            assert news(page)["happened"] == ["live"]
