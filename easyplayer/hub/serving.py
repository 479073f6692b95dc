"""Answers at a port, in this process, until it is told to end."""

import os
import resource
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import uvicorn

from easyplayer.engineio.uvicorn_websocket import UvicornWebSocket
from easyplayer.errors import UnavailableError
from easyplayer.hub.web.application import Application
from easyplayer.protocol.live import MOST_REPORT_BYTES

GRACE_S = 2
"""How long requests that are under way may still take once the hub is to end."""
BACKLOG = 2048
TRY_AGAIN_S = 5.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to be called by another name
"""Where this machine reaches a hub that listens at all of its addresses."""


def allow_open_files() -> None:
    """Let this process, and its workers, have as many files open as the machine lets them: each line is one.

    Most machines let a program have 1024 until it asks for more.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # some say that there is no limit, and do not mean it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listening(host: str, port: int) -> socket.socket:
    """Take a port.

    :param port: 0 takes a free one.
    :raises UnavailableError: it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        message = (
            f"the hub cannot listen at {host}, port {port} ({error.strerror}): "
            "end what listens there, or name another --port"
        )
        raise UnavailableError(message, TRY_AGAIN_S) from error


def url_of(listener: socket.socket) -> str:
    """Name a listener as this machine reaches it."""
    host, port = listener.getsockname()[:2]
    reached = ANYWHERE.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def serve(application: Application, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Answer until SIGTERM or SIGINT.

    :param ready: called once every request will be answered.
    """
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        ws=UvicornWebSocket,
        ws_max_size=MOST_REPORT_BYTES,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn ends well, and sends them once more
        signal.signal(number, lambda *_: None)
    _Server(config, ready, application.leave).run(sockets=[listener])


def tell_systemd(state: str) -> None:
    """Tell systemd how it goes, where it wants to know; see ``sd_notify(3)``."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if place:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.connect(f"\0{place[1:]}" if place.startswith("@") else place)
            line.sendall(state.encode())


class _Server(uvicorn.Server):
    """Says when it answers; and lets go of those who hold a line open, before it waits for them to end."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], leave: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._leave = leave

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._leave()
        await super().shutdown(sockets)
