"""A crowd of clients and their server in one process; prints how many bytes each pair takes while idle.

Run it as ``python -m tests.engineio.crowd 2000``.
"""

import asyncio
import gc
import resource
import sys
from pathlib import Path

from easyplayer.engineio.client import Client
from tests.engineio.peers import echoing

FILES_BESIDE = 200
AT_ONCE = 100


def resident_bytes() -> int:
    """Tell how much memory the process has."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


async def crowd(url: str, count: int) -> list[Client]:
    """Connect so many clients."""
    clients = [Client(url, transports=("websocket",)) for _ in range(count)]
    for first in range(0, count, AT_ONCE):
        await asyncio.gather(*(client.connect() for client in clients[first : first + AT_ONCE]))
    return clients


async def measured(count: int) -> float:
    """Give the bytes of each pair; a first lot of clients has warmed everything up before."""
    async with echoing() as peer:
        warm = await crowd(peer.url, AT_ONCE)
        before = resident_bytes()
        clients = await crowd(peer.url, count)
        taken = (resident_bytes() - before) / count
        assert all(client.transport == "websocket" for client in clients)
        await asyncio.gather(*(client.close() for client in warm + clients))
        return taken


def main(count: int) -> None:
    """Measure, and print it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * count + 2 * AT_ONCE + FILES_BESIDE, most), most))
    sys.stdout.write(f"{asyncio.run(measured(count)):.0f}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
