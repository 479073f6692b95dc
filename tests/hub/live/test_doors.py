"""The further ways in: a port of the lines' own for each worker, and the socket between workers."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from easyplayer.engineio import Options, Server
from easyplayer.errors import UnavailableError
from easyplayer.hub.app import build_application, build_hub
from easyplayer.hub.hub import Hub
from easyplayer.hub.live.bus import LocalBus
from easyplayer.hub.live.buses import bus_for
from easyplayer.hub.live.doors import PATH, Doors
from easyplayer.hub.live.relay import socket_of
from easyplayer.hub.live.worker import Worker
from easyplayer.hub.settings import HubSettings
from tests.hub.live.buses import free_port

pytestmark = pytest.mark.anyio
POLL = f"{PATH}?EIO=4&transport=polling"
HubFactory = Callable[..., Hub]


@pytest.fixture(name="make_hub")
def _make_hub(tmp_path: Path) -> HubFactory:
    """Make hubs on SQLite: nothing here is a matter of the database."""

    def make(worker: Worker | None = None, **settings: object) -> Hub:
        hub = build_hub(HubSettings(state=str(tmp_path), **settings), worker=worker)  # type: ignore[arg-type]
        hub.database.close()
        return hub

    return make


@asynccontextmanager
async def opened(hub: Hub) -> AsyncIterator[Doors]:
    """Open the doors of a hub whose live channel lets everybody in."""
    server = Server(Options(worker=hub.worker.name))
    doors = Doors(hub, server)
    try:
        await doors.start()
        yield doors
    finally:
        await server.shut_down()
        await doors.stop()


async def ask(url: str, at: Path | None = None) -> str:
    """Open a session; gives what is answered."""
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=at and str(at))) as client:
        return (await client.get(url)).text


async def test_a_worker_has_a_port_of_its_own_and_a_socket(make_hub: HubFactory, tmp_path: Path) -> None:
    """The port is that of the settings, and one more for each worker."""
    port = free_port()
    worker = Worker(number=2, sockets=tmp_path)
    async with opened(make_hub(worker, live_port=port - 2)):
        assert '"sid":"w2-' in await ask(f"http://127.0.0.1:{port}{POLL}")
        assert '"sid":"w2-' in await ask(f"http://hub{POLL}", socket_of(tmp_path, "w2"))
    assert not socket_of(tmp_path, "w2").exists()
    with pytest.raises(httpx.ConnectError):
        await ask(f"http://127.0.0.1:{port}{POLL}")


async def test_a_hub_of_one_process_at_one_port_has_no_other_way_in(make_hub: HubFactory) -> None:
    """There is nothing to open, and nothing to close."""
    async with opened(make_hub()):
        pass


async def test_a_port_that_is_taken_is_told_in_words(make_hub: HubFactory) -> None:
    """With the setting that helps."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UnavailableError, match=rf"port {port} .* another live_port"):
            async with opened(make_hub(live_port=port)):
                pass


def test_the_bus_is_the_one_that_the_settings_name(make_hub: HubFactory) -> None:
    """None is needed in one process."""
    hub = make_hub()
    assert isinstance(bus_for(hub.settings, hub.database), LocalBus)
    named = make_hub(bus="nats://hub:secret@bus:4222/one")
    assert not isinstance(bus_for(named.settings, named.database), LocalBus)


@pytest.mark.parametrize(("live", "status"), [(True, 401), (False, 404)])
def test_lines_can_be_turned_off(make_hub: HubFactory, live: bool, status: int) -> None:
    """A hub without them answers as if there had never been any."""
    with TestClient(build_application(make_hub(live=live))) as client:
        assert client.get(POLL).status_code == status
        assert client.get("/healthz").status_code == 200
