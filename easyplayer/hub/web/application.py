"""The hub as a web application: the routes of all endpoints, what stands around them, and what runs beside.

Paths whose every microsecond counts are answered ahead of all this, by applications of their own.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
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
    :param background: started in this order before the first request, and stopped in the reverse one.
    :ivar paths: all that lead somewhere.
    """

    def __init__(
        self,
        hub: Hub,
        endpoints: Iterable[Endpoint],
        *,
        raw_routes: Mapping[str, ASGIApp] | None = None,
        background: Iterable[Background] = (),
    ) -> None:
        self._raw = dict(raw_routes or {})
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
        raw = self._raw.get(scope["path"]) if scope["type"] == "http" else None
        await (raw or self._rest)(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        async with AsyncExitStack() as running:
            for one in self._background:
                running.push_async_callback(one.stop)
                await one.start()
            yield
