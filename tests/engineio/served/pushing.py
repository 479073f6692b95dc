"""A server in a process of its own that pushes 200 MB at its first client, and tells what that cost it.

``python -m tests.engineio.served.pushing DRIVER POLICY`` writes its port, and then one line of JSON.
"""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from easyplayer.engineio import Options, Reason, Server, SlowClient
from tests.engineio.served.houses import Driver, served

PUSHED_BYTES = 200_000_000
PIECE = "x" * 65_000
KB = 1024
STATUS = Path("/proc/self/status")


async def push(driver: Driver, policy: SlowClient) -> None:
    """Serve one client."""
    server = Server(Options(slow_client=policy))
    came: asyncio.Queue[str] = asyncio.Queue()
    reasons: list[Reason] = []
    server.on("message", lambda sid, _data: came.put_nowait(sid))
    server.on("disconnect", lambda _sid, reason: reasons.append(reason))
    async with served(driver, server) as port:
        print(port, flush=True)  # noqa: T201 - for who has started us
        sid = await came.get()
        before = _resident_bytes("VmRSS")
        for _ in range(PUSHED_BYTES // len(PIECE)):
            await server.send(sid, PIECE)
            await asyncio.sleep(0)
        grown = _resident_bytes("VmHWM") - before
        dropped = server.figures().messages_dropped
        print(json.dumps({"grown": grown, "reasons": reasons, "dropped": dropped}), flush=True)  # noqa: T201 - as above
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def _resident_bytes(kind: str) -> int:
    """Tell the memory of this process: what it has now (VmRSS), or the most that it had (VmHWM)."""
    (line,) = [line for line in STATUS.read_text().splitlines() if line.startswith(kind)]
    return int(line.split()[1]) * KB


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(push(Driver(sys.argv[1]), SlowClient(sys.argv[2])))
