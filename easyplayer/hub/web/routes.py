"""Makes routes of endpoints: one for each path, with all of its methods."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from easyplayer.errors import EasyplayerError, NotFoundError
from easyplayer.hub.hub import Hub
from easyplayer.hub.web.callers import Callers
from easyplayer.hub.web.endpoint import Call, Endpoint
from easyplayer.hub.web.errors import is_ours, problem
from easyplayer.hub.web.incoming import body_of, content_of, query_of
from easyplayer.hub.web.outgoing import written
from easyplayer.hub.web.path_parameters import fit

THREADS = 16
"""How many handlers run at once; the others wait their turn."""
TEMPLATE = "easyplayer.path"
"""Where the scope of a request holds its endpoint's path."""
NOT_ALLOWED = 405


def routes(hub: Hub, callers: Callers, endpoints: Iterable[Endpoint]) -> list[Route]:
    """Make the routes; a path of fixed words comes before one with parameters in their place."""
    limiter = CapacityLimiter(THREADS)
    by_path = sorted(endpoints, key=lambda one: (_rank(one.path), one.path))
    return [
        Route(path, _Path(path, {one.method: _Handler(hub, callers, one, limiter) for one in group}))
        for path, group in groupby(by_path, lambda one: one.path)
    ]


def _rank(path: str) -> list[tuple[bool, str]]:
    return [("{" in part, part) for part in path.split("/")]


class _Path:
    """Answers all methods of one path."""

    def __init__(self, path: str, handlers: Mapping[str, "_Handler"]) -> None:
        self._path = path
        self._handlers = dict(handlers)
        if "GET" in handlers:
            self._handlers.setdefault("HEAD", handlers["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[TEMPLATE] = self._path
        handler = self._handlers.get(scope["method"])
        if handler is None:
            allowed = ", ".join(sorted(self._handlers))
            detail = f"{scope['method']} makes no sense here; what does: {allowed}"
            response = problem(NOT_ALLOWED, "hub.bad-request", detail, headers={"Allow": allowed})
        else:
            response = await handler(Request(scope, receive))
        await response(scope, receive, send)


class _Handler:
    """Answers one endpoint."""

    def __init__(self, hub: Hub, callers: Callers, endpoint: Endpoint, limiter: CapacityLimiter) -> None:
        self._hub = hub
        self._callers = callers
        self._endpoint = endpoint
        self._limiter = limiter

    async def __call__(self, request: Request) -> Response:
        try:
            return await self._answered(request)
        except EasyplayerError as error:
            if self._endpoint.refuse is None or not is_ours(error):
                raise
            return self._endpoint.refuse(request, error)

    async def _answered(self, request: Request) -> Response:
        if not fit(request.path_params):
            raise nowhere(request.url.path)
        content = b""
        if self._endpoint.body is not None:
            content = await content_of(request, self._endpoint.most_bytes)
        if not inspect.iscoroutinefunction(self._endpoint.handle):
            response: Response = await self._in_thread(self._answer, request, content)
            return response
        call = await self._in_thread(self._checked, request, content)
        return written(await self._endpoint.handle(call), self._endpoint.status)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await to_thread.run_sync(work, *arguments, limiter=self._limiter)

    def _answer(self, request: Request, content: bytes) -> Response:
        return written(self._endpoint.handle(self._checked(request, content)), self._endpoint.status)

    def _checked(self, request: Request, content: bytes) -> Call[Any, Any]:
        """Check everything that has come in."""
        endpoint = self._endpoint
        return Call(
            hub=self._hub,
            caller=self._callers.find(request, endpoint.needs),
            path=dict(request.path_params),
            query=query_of(request, endpoint.query),
            body=body_of(endpoint, request.headers.get("content-type", ""), content),
            request=request,
        )


def nowhere(path: str) -> NotFoundError:
    """Say that a path leads nowhere."""
    return NotFoundError(f"there is nothing at {path[:200]}: /openapi.json lists all there is")


async def not_found(scope: Scope, _receive: Receive, _send: Send) -> None:
    """Answer where no route leads."""
    raise nowhere(str(scope["path"]))
