"""Engine.IO v4: a server on asyncio, and a client, over a core without I/O.

The server answers as an ASGI application, or at a port of its own::

    from easyplayer.engineio import Server

    server = Server()

    @server.on("message")
    async def message(sid, data):
        await server.send(sid, data)

    app = server.attach()

Nothing here imports anything else of easyplayer: the package would stand alone. What it offers is loaded when
it is first asked for, so that a client does not load the server.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from easyplayer.engineio.client import Client
    from easyplayer.engineio.core.effects import Reason
    from easyplayer.engineio.core.errors import (
        ConnectError,
        EngineIoError,
        NotConnectedError,
        OptionsError,
        UnknownSessionError,
    )
    from easyplayer.engineio.core.http import Request
    from easyplayer.engineio.core.options import Cookie, Options, SlowClient
    from easyplayer.engineio.figures import Figures, openmetrics
    from easyplayer.engineio.handlers import ConnectionRefused
    from easyplayer.engineio.raw import RawServer
    from easyplayer.engineio.server import Server

__all__ = [
    "Client",
    "ConnectError",
    "ConnectionRefused",
    "Cookie",
    "EngineIoError",
    "Figures",
    "NotConnectedError",
    "Options",
    "OptionsError",
    "RawServer",
    "Reason",
    "Request",
    "Server",
    "SlowClient",
    "UnknownSessionError",
    "openmetrics",
]

MODULES = {
    "Client": "client",
    "ConnectError": "core.errors",
    "ConnectionRefused": "handlers",
    "Cookie": "core.options",
    "EngineIoError": "core.errors",
    "Figures": "figures",
    "NotConnectedError": "core.errors",
    "Options": "core.options",
    "OptionsError": "core.errors",
    "RawServer": "raw",
    "Reason": "core.effects",
    "Request": "core.http",
    "Server": "server",
    "SlowClient": "core.options",
    "UnknownSessionError": "core.errors",
    "openmetrics": "figures",
}
"""Where each name is."""


def __getattr__(name: str) -> object:
    """Load what is asked for."""
    if name not in MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
