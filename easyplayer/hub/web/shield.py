"""Stands around everything: no error leaves it raw, every answer carries what keeps browsers safe."""

import time
from logging import getLogger

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from easyplayer.hub.metrics import Metrics
from easyplayer.hub.web.errors import answer_for, is_ours
from easyplayer.hub.web.incoming import GoneError
from easyplayer.hub.web.routes import TEMPLATE

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Go with every answer that does not say another thing itself."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOWHERE = "nowhere"
GONE = 499
"""Stands in the metrics for an answer that nobody has waited for."""

log = getLogger(__name__)


class Shield:
    """Wraps an application.

    :param app: what answers; whatever it raises is answered here.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        sending = _Sending(send)
        try:
            await self._answer(scope, receive, sending)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            taken = self._metrics.requests.labels(scope.get(TEMPLATE, NOWHERE), method, str(sending.status))
            taken.observe(time.perf_counter() - begun)

    async def _answer(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        try:
            await self._app(scope, receive, sending)
        except GoneError:
            log.debug("%s: who asked has gone", scope["path"])
        except Exception as error:
            if not is_ours(error):
                self._metrics.failures.labels("other").inc()
            if sending.status != GONE:  # half of the answer is out: the line can only be cut
                raise
            answer = answer_for(error, f"{scope['method']} {scope['path']}")
            await answer(scope, receive, sending)


class _Sending:
    """Sends an answer with the headers that each has.

    :ivar status: of the answer, once it has begun.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = GONE

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)
