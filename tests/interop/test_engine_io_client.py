"""The client from npm, which browsers use, against our server by both drivers, and against its own server."""

import subprocess
from collections.abc import Iterator

import pytest

from tests.interop import node
from tests.interop.scenes import POLLING, SCENES, UPGRADE, WEBSOCKET, Scene
from tests.interop.servers import REFERENCE, Peer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not node.is_there(), reason="needs Node and npm")]
KINDS = ("raw", "asgi", REFERENCE)
"""The reference server shows that the scenes ask for nothing but what it gives."""
PING_INTERVAL_S, PING_TIMEOUT_S = 0.5, 10.0


@pytest.fixture(scope="module", params=KINDS)
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    with Peer(request.param, ping_interval_s=PING_INTERVAL_S, ping_timeout_s=PING_TIMEOUT_S) as one:
        yield one


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_client_of_npm_is_served(peer: Peer, scene: Scene) -> None:
    """Every message, in order, once; limits, pings and ends as the reference server has them."""
    node.play(scene.name, peer.url, scene.transports)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transports", [POLLING, WEBSOCKET, UPGRADE], ids=" then ".join)
def test_a_client_of_npm_sees_a_server_end_and_comes_back(kind: str, transports: tuple[str, ...]) -> None:
    """A server that ends tells its clients; one that starts again on the same port is a new one to them."""
    with Peer(kind) as first:
        client = subprocess.Popen(
            [*node.script("client.mjs"), "restart", first.url, *transports],
            env=node.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with client:
            assert client.stdout is not None
            assert client.stdout.readline() == "here\n"
            first.end()
            assert client.stdout.readline() == "gone\n"
            with Peer(kind, port=first.port):
                said, _ = client.communicate("\n", node.SCENE_MAY_TAKE_S)
                assert client.returncode == 0, said
