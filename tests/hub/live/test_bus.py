"""Every bus does what its contract says: the same tests for each, with real servers."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from easyplayer.hub.live.bus import MOST_CONTENT_BYTES, Bus, LocalBus
from easyplayer.hub.live.bus_nats import NatsCarrier
from easyplayer.hub.live.bus_postgres import PostgresCarrier
from easyplayer.hub.live.bus_remote import RemoteBus
from tests.hub import postgres
from tests.hub.live.buses import MOST_S, REST_S, free_port, joined, nats_is_there, nats_server, worker

pytestmark = pytest.mark.anyio
REMOTE = [pytest.param(one, marks=pytest.mark.slow) for one in ("postgresql", "nats")]
MakeBus = Callable[[], Bus]
LONG = bytes(range(256)) * (MOST_CONTENT_BYTES // 256)


@pytest.fixture(name="nats_url", scope="module")
def _nats_url() -> Iterator[str]:
    """Run a NATS server for the tests of this module."""
    if not nats_is_there():
        pytest.skip("this machine has no NATS: apt-get install nats-server")
    with nats_server(free_port()) as url:
        yield url


def maker(request: pytest.FixtureRequest) -> MakeBus:
    """Give what makes one more worker's bus of the kind that a fixture is to be of."""
    if request.param == "local":
        return LocalBus
    if request.param == "nats":
        url = f"{request.getfixturevalue('nats_url')}/hub-1"
        return lambda: RemoteBus(NatsCarrier(url), REST_S)
    folder: Path = request.getfixturevalue("postgres_cluster")
    return lambda: RemoteBus(PostgresCarrier(postgres.url(folder, "postgres"), "the database"), REST_S)


@pytest.fixture(name="make_bus", params=["local", *REMOTE])
def _make_bus(request: pytest.FixtureRequest) -> MakeBus:
    """Make one more worker's bus."""
    return maker(request)


@pytest.fixture(name="make_remote_bus", params=REMOTE)
def _make_remote_bus(request: pytest.FixtureRequest) -> MakeBus:
    """Make one more worker's bus, of a hub that has several."""
    return maker(request)


async def test_a_worker_hears_itself_at_once_and_only_what_it_has_asked_for(make_bus: MakeBus) -> None:
    """Also where its bus is still away."""
    bus = make_bus()
    async with worker(bus, "news", "box/1", "box/1") as ear:
        bus.publish("news", b"1")
        bus.publish("box/2", b"2")
        bus.unsubscribe("news")
        bus.publish("news", b"3")
        bus.publish("box/1", b"4")
        assert ear.heard == [("news", b"1"), ("box/1", b"4")]
    bus.publish("box/1", b"after the end")
    assert ear.heard == [("news", b"1"), ("box/1", b"4")]


async def test_what_cannot_be_understood_or_is_too_long_harms_nobody(
    make_bus: MakeBus, caplog: pytest.LogCaptureFixture
) -> None:
    """Who publishes is not told; the log is."""
    bus = make_bus()

    def fail(_topic: str, _content: bytes) -> None:
        raise ZeroDivisionError

    bus.subscribe("news")
    await bus.start(fail)
    bus.publish("news", b"")
    bus.publish("news", bytes(MOST_CONTENT_BYTES + 1))
    await bus.stop()
    assert caplog.text.count("was not understood") == 1
    assert "too long for one message" in caplog.text


async def test_the_others_hear_it_once_whole_and_in_order(make_remote_bus: MakeBus) -> None:
    """From nothing at all to the longest; and nobody hears what is none of its business."""
    speaker = make_remote_bus()
    said = [("box/1", b""), ("box/2", b"\0"), ("box/1", LONG), *(("news", b"%d" % one) for one in range(500))]
    async with (
        worker(speaker, "hello", "box/1") as self_heard,
        worker(make_remote_bus(), "hello", "box/1", "news") as one,
        worker(make_remote_bus(), "hello", "box/2") as other,
    ):
        await joined(speaker, one, other)
        for topic, content in said:
            speaker.publish(topic, content)
        await one.until(lambda heard: heard[-1] == said[-1])
        await other.until(lambda heard: heard[-1] == ("box/2", b"\0"))
    for ear, topics in ((one, {"box/1", "news"}), (other, {"box/2"}), (self_heard, {"box/1"})):
        heard = [message for message in ear.heard if message[0] != "hello"]
        assert heard == [message for message in said if message[0] in topics]


async def test_what_is_published_last_still_goes_out(make_remote_bus: MakeBus) -> None:
    """A worker that ends tells what it has said before."""
    async with worker(make_remote_bus(), "hello", "news") as ear:
        speaker = make_remote_bus()
        async with worker(speaker):
            await joined(speaker, ear)
            speaker.publish("news", b"bye")
        await ear.until(lambda heard: heard[-1] == ("news", b"bye"))


@pytest.mark.slow
async def test_a_nats_server_that_restarts_is_found_again(caplog: pytest.LogCaptureFixture) -> None:
    """It is told once that it is away, and that it is back; publishing goes on all the while."""
    if not nats_is_there():
        pytest.skip("this machine has no NATS: apt-get install nats-server")
    caplog.set_level(logging.INFO)
    port = free_port()
    speaker, listener = (RemoteBus(NatsCarrier(f"nats://127.0.0.1:{port}"), REST_S) for _ in range(2))
    async with worker(speaker, "news") as self_heard, worker(listener, "hello", "news") as ear:
        with nats_server(port):
            await joined(speaker, ear)
        speaker.publish("news", b"lost")
        await _until_logged(caplog, "is away")
        ear.heard.clear()
        with nats_server(port):
            await joined(speaker, ear)
            speaker.publish("news", b"heard")
            await ear.until(lambda heard: heard[-1] == ("news", b"heard"))
    assert [content for _, content in self_heard.heard] == [b"lost", b"heard"]
    assert caplog.text.count("is away") <= 4, "each of two: before the server is there, and while it is gone"


@pytest.mark.slow
async def test_a_database_that_ends_the_connection_is_found_again(
    postgres_cluster: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as at a restart of it; no word of its password."""
    url = postgres.url(postgres_cluster, "postgres")
    speaker, listener = (RemoteBus(PostgresCarrier(url, "the database"), REST_S) for _ in range(2))
    async with worker(speaker), worker(listener, "hello", "news") as ear:
        await joined(speaker, ear)
        postgres.run(
            postgres_cluster,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        )
        await _until_logged(caplog, "is away")
        ear.heard.clear()
        await joined(speaker, ear)
    assert caplog.text.count("the database is away") == 2, "once for each worker"


async def _until_logged(caplog: pytest.LogCaptureFixture, text: str) -> None:
    async with asyncio.timeout(MOST_S):
        while text not in caplog.text:
            await asyncio.sleep(REST_S)
