"""Connections to the hub for asyncio: through an HTTP proxy where there is one, and with checked TLS.

Names are looked up, and the hub is asked for the time, in threads that die with the process: a name server
that hangs must not hold up its end.
"""

import asyncio
import base64
import errno
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import h11
from msgspec import Struct
from requests.utils import get_environ_proxies, select_proxy

from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.hub_route import HubTime
from easyplayer.drivers.hub_tls import TimelessContext, Trust, strict_context, timeless_context
from easyplayer.drivers.wall_clock import Reading
from easyplayer.drivers.web_transport import link_errors
from easyplayer.engineio.client_http import CHUNK_BYTES, Forward, LineError, Streams
from easyplayer.engineio.core.client_effects import Fault
from easyplayer.errors import EasyplayerError, LinkError

CONNECT_MAY_TAKE_S = 5.0
"""For so long each address of a host is tried."""
PROXY_MAY_TAKE_S = 10.0
"""How long a proxy may take to reach the hub."""
PORTS = {"http": 80, "https": 443}

Result = TypeVar("Result")


class Proxy(Struct, frozen=True):
    """An HTTP proxy.

    :ivar tls: whether it is spoken to with encryption.
    :ivar headers: what it wants to be let through: the name and password of its URL.
    """

    host: str
    port: int
    tls: bool
    headers: tuple[tuple[str, str], ...] = ()


def proxy_for(way: Way) -> Proxy | None:
    """Find the proxy on the way to the hub: the one that is set, or else that of the environment.

    :raises LinkError: it is none that the box can go by.
    """
    url = way.proxy or select_proxy(way.url, get_environ_proxies(way.url))
    if not url:
        return None
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in PORTS:
        message = "the proxy is no address that begins with http:// or https://: correct [hub] proxy"
        raise LinkError(message)
    headers: tuple[tuple[str, str], ...] = ()
    if parts.username is not None:
        known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers = (("proxy-authorization", f"Basic {base64.b64encode(known.encode()).decode()}"),)
    return Proxy(host, port or PORTS[parts.scheme], parts.scheme == "https", headers)


class HubDial:
    """Gives connections on the way to the hub; see :data:`~easyplayer.engineio.client_http.Dial`.

    :param hub_time: by which certificates are judged while the machine's clock is wrong.
    :param ask_time: asks the hub for the time; it may block.
    :raises LinkError: the proxy is none.
    :raises CertificateError: the file of certificates cannot be used.
    """

    def __init__(self, way: Way, hub_time: HubTime, ask_time: Callable[[], Reading]) -> None:
        self._proxy = proxy_for(way)
        self._trust = Trust(way.ca, machine=not way.ca)
        self._time = hub_time
        self._ask_time = ask_time
        self._contexts: dict[bool, ssl.SSLContext] = {}

    async def __call__(self, host: str, port: int, tls: bool) -> Streams:
        """Give a connection to a host; through a proxy, it is one that the proxy only passes on."""
        if not tls:
            return await self._plain(host, port)
        try:
            return await self._encrypted(host, port)
        except LineError as error:
            if not self._time.may_clear(error):
                raise
        with _line_errors(host):
            self._time.hear(await aside(self._ask_time))
        return await self._encrypted(host, port)

    @property
    def forward(self) -> Forward | None:
        """The proxy for requests with the whole address in them, as proxies want those to ``http://``."""
        proxy = self._proxy
        if proxy is None:
            return None
        return Forward(dial=lambda: self._to_proxy(proxy), headers=proxy.headers)

    async def _encrypted(self, host: str, port: int) -> Streams:
        streams = await self._plain(host, port)
        with _line_errors(host):
            await self._encrypt(streams[1], host)
        return streams

    async def _encrypt(self, writer: asyncio.StreamWriter, host: str) -> None:
        """Encrypt a connection, or cut it."""
        with ExitStack() as otherwise:
            otherwise.callback(writer.transport.abort)
            context = self._context(timeless=self._time.rules)
            await writer.start_tls(context, server_hostname=host)
            if isinstance(context, TimelessContext):
                context.judge(writer.get_extra_info("ssl_object"))
            otherwise.pop_all()

    def _context(self, *, timeless: bool) -> ssl.SSLContext:
        if timeless not in self._contexts:
            self._contexts[timeless] = (
                timeless_context(self._trust, self._time.now) if timeless else strict_context(self._trust)
            )
        return self._contexts[timeless]

    async def _plain(self, host: str, port: int) -> Streams:
        """Connect to a host, or to the proxy, which is asked for a tunnel to it."""
        if self._proxy is None:
            with _line_errors(host):
                return await _connected(host, port)
        proxy, goal = self._proxy, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        streams = await self._to_proxy(proxy)
        with ExitStack() as otherwise:
            otherwise.callback(streams[1].transport.abort)
            try:
                async with asyncio.timeout(PROXY_MAY_TAKE_S):
                    await _tunnel(streams, goal, proxy)
            except (OSError, h11.ProtocolError) as error:
                why = str(error) or "it does not answer in time"
                raise LineError(Fault(f"the proxy {proxy.host} leads to no way to {goal}: {why}")) from error
            otherwise.pop_all()
        return streams

    async def _to_proxy(self, proxy: Proxy) -> Streams:
        with _line_errors(f"the proxy {proxy.host}"):
            streams = await _connected(proxy.host, proxy.port)
            if proxy.tls:
                await self._encrypt(streams[1], proxy.host)
            return streams


async def aside(call: Callable[[], Result]) -> Result:
    """Wait for what blocks, in a thread of its own, which nobody waits for at the end of the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(take: Callable[[Any], None], outcome: object) -> None:
        if not done.done():
            take(outcome)

    def work() -> None:
        try:
            took: tuple[Callable[[Any], None], object] = done.set_result, call()
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            took = done.set_exception, error
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(settle, *took)

    threading.Thread(target=work, name="live-aside", daemon=True).start()
    return await done


async def _connected(host: str, port: int) -> Streams:
    """Connect to the first address of a host that can be reached."""
    found = await aside(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    trouble: OSError = OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
    for *_kind, address in found:
        try:
            async with asyncio.timeout(CONNECT_MAY_TAKE_S):
                return await asyncio.open_connection(str(address[0]), port)
        except TimeoutError:
            trouble = OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        except OSError as error:
            number = error.errno or errno.EHOSTUNREACH
            trouble = OSError(number, os.strerror(number))
    raise trouble


async def _tunnel(streams: Streams, goal: str, proxy: Proxy) -> None:
    """Ask a proxy for a tunnel.

    :raises LineError: it refuses.
    """
    reader, writer = streams
    http = h11.Connection(h11.CLIENT)
    asked = h11.Request(method="CONNECT", target=goal, headers=[("host", goal), *proxy.headers])
    writer.write((http.send(asked) or b"") + (http.send(h11.EndOfMessage()) or b""))
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(CHUNK_BYTES)
            if not data:
                raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
            http.receive_data(data)
        elif isinstance(event, h11.Response):
            break
    if http.their_state is not h11.SWITCHED_PROTOCOL:
        words = f"the proxy {proxy.host} answers {event.status_code} where it is asked for a way to {goal}"
        raise LineError(Fault(words, event.status_code))


@contextmanager
def _line_errors(host: str) -> Iterator[None]:
    """Tell whatever goes wrong on the way to a host in the words in which heartbeats tell it."""
    try:
        with link_errors(host):
            yield
    except EasyplayerError as error:
        raise LineError(Fault(str(error), reached=False)) from error
