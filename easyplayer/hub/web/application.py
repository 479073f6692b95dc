"""The hub as a web application: the routes of all endpoints, what stands around them, and what runs beside.

Paths whose every microsecond counts are answered ahead of all this, by applications of their own.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from easyplayer.hub.hub import Hub
from easyplayer.hub.web.callers import Callers
from easyplayer.hub.web.endpoint import Endpoint
from easyplayer.hub.web.routes import not_found, routes
from easyplayer.hub.web.shield import Shield


class Background(Protocol):
    """Something that runs for as long as the hub does."""

    async def start(self) -> None:
        """Begin; returns once it is ready."""

    async def stop(self) -> None:
        """End, and return when nothing of it runs any more."""


class Application:
    """The whole application.

    :param endpoints: all that it answers.
    :param raw_routes: applications by path that are called before anything else is looked at; they answer
        their errors themselves.
    :param lines: the same for those that take WebSockets beside requests; nothing else takes any.
    :param background: started in this order before the first request, and stopped in the reverse one.
    :param leave: tells those who hold a line open that the hub ends.
    :ivar paths: all that lead somewhere.
    """

    def __init__(
        self,
        hub: Hub,
        endpoints: Iterable[Endpoint],
        *,
        raw_routes: Mapping[str, ASGIApp] | None = None,
        lines: Mapping[str, ASGIApp] | None = None,
        background: Iterable[Background] = (),
        leave: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._lines = dict(lines or {})
        self._raw = dict(raw_routes or {}) | self._lines
        self._leave = leave
        self._background = tuple(background)
        leading = routes(hub, Callers(hub), endpoints)
        self.paths = tuple(route.path for route in leading)
        router = Router(
            leading,
            redirect_slashes=False,
            default=not_found,
            lifespan=self._lifespan,
        )
        self._rest = Shield(router, hub.metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await self._raw.get(scope["path"], self._rest)(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._lines.get(scope["path"], _no_line)(scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    async def leave(self) -> None:
        """Let go of whoever waits for something new; called first of all when the hub is to end."""
        if self._leave is not None:
            await self._leave()

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for one in self._background:
                running.push_async_callback(one.stop)
                await one.start()
            yield


async def _no_line(_scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket where none is taken."""
    await receive()
    await send({"type": "websocket.close"})
