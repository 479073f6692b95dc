"""An ASGI application within uvicorn, on a port that is known before it starts."""

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from tests.interop.words import Wanted, tell_port

BACKLOG = 4096


async def run(
    wanted: Wanted,
    app: Any,
    ws: Any,
    server: Callable[[uvicorn.Config], uvicorn.Server] = uvicorn.Server,
) -> None:
    """Serve until it is ended.

    :param ws: what uvicorn is to speak WebSocket with.
    :param server: makes uvicorn's server.
    """
    listening = socket.create_server(("127.0.0.1", wanted.port), backlog=BACKLOG)
    tell_port(listening.getsockname()[1])
    config = uvicorn.Config(
        app, ws=ws, log_level="warning", access_log=False, backlog=BACKLOG, timeout_graceful_shutdown=1
    )
    await server(config).serve(sockets=[listening])
