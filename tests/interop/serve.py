"""One server in a process of its own: ``python -m tests.interop.serve KIND``.

It writes ``listening PORT`` when it can be reached.
"""

import argparse
import asyncio
import importlib

import uvloop

from tests.interop.words import Wanted

LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
KINDS = {
    "raw": "tests.interop.ours",
    "raw_plain": "tests.interop.ours",
    "asgi": "tests.interop.ours",
    "asgi_websockets": "tests.interop.ours",
    "library": "tests.interop.library",
}
"""What can be served, and the module that has it: a server loads nothing of another."""


def main() -> None:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ping-interval", type=float, default=25.0)
    parser.add_argument("--ping-timeout", type=float, default=20.0)
    parser.add_argument("--worker", default="", help="begins the sessions' names; ours only")
    parser.add_argument("--loop", choices=LOOPS, default="uvloop")
    given = parser.parse_args()
    serve = getattr(importlib.import_module(KINDS[given.kind]), given.kind)
    with asyncio.Runner(loop_factory=LOOPS[given.loop]) as runner:
        runner.run(serve(Wanted(given.port, given.ping_interval, given.ping_timeout, given.worker)))


if __name__ == "__main__":
    main()
