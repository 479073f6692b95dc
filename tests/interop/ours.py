"""Our server, by each of its drivers."""

import asyncio
import signal
from functools import partial
from typing import Any

from easyplayer.engineio import Options, Server
from easyplayer.engineio.uvicorn_server import UvicornServer
from easyplayer.engineio.uvicorn_websocket import UvicornWebSocket
from tests.interop.uvicorns import run
from tests.interop.words import Data, Wanted, Words, is_word, tell_port


class Voice:
    """What the words need of it."""

    def __init__(self, wanted: Wanted) -> None:
        options = Options(
            ping_interval_s=wanted.ping_interval_s, ping_timeout_s=wanted.ping_timeout_s, worker=wanted.worker
        )
        self.server = Server(options)
        self.send = self.server.send
        self.broadcast = self.server.broadcast
        self.disconnect = self.server.disconnect
        self.transport = self.server.transport
        self._words = Words(self)
        self.server.on("message", self._words.hear)

    def hear_at_once(self, sid: str, data: Data) -> object:
        """Do the same as the other handler, without a task for what is only said back."""
        if is_word(data):
            return self._words.hear(sid, data)
        return self.server.send_nowait(sid, data)

    def count(self) -> int:
        """Tell how many sessions there are."""
        return sum(self.server.figures().sessions.values())


async def raw(wanted: Wanted) -> None:
    """Listen on a port of its own."""
    await listen(wanted, Voice(wanted).server)


async def raw_plain(wanted: Wanted) -> None:
    """Listen on a port of its own, with a plain function as the handler."""
    voice = Voice(wanted)
    voice.server.on("message", voice.hear_at_once)
    await listen(wanted, voice.server)


async def listen(wanted: Wanted, live: Server) -> None:
    """Listen until it is ended."""
    from easyplayer.engineio.raw import RawServer

    server = RawServer(live)
    await server.start("127.0.0.1", wanted.port)
    tell_port(server.port)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    await live.shut_down()
    await server.stop()


async def asgi(wanted: Wanted) -> None:
    """Live within uvicorn, with our own WebSocket."""
    await serve(wanted, UvicornWebSocket)


async def asgi_websockets(wanted: Wanted) -> None:
    """Live within uvicorn, with the WebSocket that it takes by itself."""
    await serve(wanted, "auto")


async def serve(wanted: Wanted, ws: Any) -> None:
    """Live within uvicorn, beside an application that has nothing."""
    live = Voice(wanted).server
    await run(wanted, live.attach(), ws, partial(UvicornServer, live=live))
