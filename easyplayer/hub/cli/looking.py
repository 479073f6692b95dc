"""How a box is at this moment, by its live channel; its last heartbeat may be minutes old."""

import asyncio
from contextlib import suppress

import msgspec

from easyplayer.engineio.client import Client, ConnectError, NotConnectedError
from easyplayer.hub.cli.finding import Where
from easyplayer.hub.live_views import Report, ToOperator, Watch
from easyplayer.protocol.live import LIVE_PATH

ANSWER_MAY_TAKE_S = 1.5
"""A box reports twice a second; one without a line, never, and a person waits."""
MOST_BYTES = 4 * 1024 * 1024


def look(where: Where, box: str, within_s: float = ANSWER_MAY_TAKE_S) -> Report | None:
    """Give what a box says of itself, with its status; ``None`` where it has no line, or is too slow."""
    return asyncio.run(_look(where, box, within_s))


async def _look(where: Where, box: str, within_s: float) -> Report | None:
    found: asyncio.Future[Report] = asyncio.get_running_loop().create_future()

    def hear(data: str | bytes) -> None:
        with suppress(msgspec.MsgspecError):  # a newer hub may say what this software does not know
            message = msgspec.json.decode(data, type=ToOperator)
            fits = isinstance(message, Report) and message.box == box and message.live
            if fits and message.status is not None and not found.done():
                found.set_result(message)

    headers = {"Authorization": f"Bearer {where.token}"} if where.token else {}
    client = Client(where.url, path=LIVE_PATH, headers=headers, most_bytes=MOST_BYTES, leave_timeout_s=0.2)
    client.on("message", hear)
    try:
        async with asyncio.timeout(within_s):
            await client.connect()
            await client.send(msgspec.json.encode(Watch(box=box)).decode())
            return await found
    except (TimeoutError, ConnectError, NotConnectedError):
        return None
    finally:
        await client.close()
