"""What a client that does not read costs the server, measured in a process of its own."""

import asyncio
import json
import sys
from typing import Any

import pytest

from easyplayer.engineio import Reason, SlowClient
from easyplayer.engineio.core.websocket import Closed
from tests.engineio.served.houses import PATH, Driver, hear
from tests.engineio.wire import Wire

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

MOST_GROWTH = 8_000_000
MAY_TAKE_S = 60.0


@pytest.fixture
def anyio_backend() -> str:
    """One loop is enough for the client."""
    return "asyncio"


@pytest.mark.parametrize("driver", Driver)
@pytest.mark.parametrize("policy", [SlowClient.CLOSE, SlowClient.DROP_OLDEST])
async def test_200_mb_for_a_client_that_does_not_read(driver: Driver, policy: SlowClient) -> None:
    """The server grows by less than 8 MB; the client is closed and told, or loses what it is too slow for."""
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.engineio.served.pushing",
        driver,
        policy,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdout is not None
    async with asyncio.timeout(MAY_TAKE_S):
        wire = await Wire.to(int(await server.stdout.readline()))
        await wire.ask(f"{PATH}&transport=websocket")
        await hear(wire)
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined] # of a stream
        wire.send("4push")
        cost: dict[str, Any] = json.loads(await server.stdout.readline())
        wire.writer.transport.resume_reading()  # type: ignore[attr-defined] # as above
        if policy is SlowClient.CLOSE:
            while not isinstance(last := await hear(wire), Closed):
                assert last is not None
            assert last == Closed(1008, "slow client")
        wire.cut()
        await server.communicate(b"")

    assert cost["grown"] < MOST_GROWTH
    assert cost["reasons"] == ([Reason.SLOW_CLIENT] if policy is SlowClient.CLOSE else [])
    assert (cost["dropped"] > 0) is (policy is SlowClient.DROP_OLDEST)
