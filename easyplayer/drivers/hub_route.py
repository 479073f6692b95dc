"""The way to the hub, which stays open to a box whose clock is wrong.

Where a certificate is refused for its time alone, and nobody keeps the machine's clock right, the box asks
the hub for the time.  The answer is signed by the key that the box was paired with, and each certificate is
judged by it from then on, for as long as the clock is wrong.
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import requests
from msgspec import Struct

from easyplayer.drivers.breakable import OpenSockets
from easyplayer.drivers.hub_tls import (
    Trust,
    certificate_fault,
    is_out_of_time,
    strict_context,
    timeless_context,
)
from easyplayer.drivers.wall_clock import Reading, SystemClock
from easyplayer.drivers.web_transport import Request, Transport, read_body
from easyplayer.errors import CertificateError
from easyplayer.units import Instant, Monotonic

WRONG_S = 2.0
"""A clock that is further off is wrong."""
TOLD_HOLDS_S = 24 * 3600.0
"""For how long the time is not asked again."""


class Clocks(Struct, frozen=True, kw_only=True):
    """The clocks that a link goes by.

    :ivar machine: the one by which certificates are checked, in seconds since 1970.
    :ivar kept_right: whether somebody keeps that one right.
    """

    monotonic: Callable[[], Monotonic] = lambda: Monotonic(time.monotonic())
    machine: Callable[[], float] = time.time
    kept_right: Callable[[], bool] = SystemClock().synchronised


class HubTime:
    """What time it is by the hub's word, which has the say for as long as the machine's clock is wrong."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._told: Reading | None = None

    @property
    def rules(self) -> bool:
        """Whether the machine's clock shows another time than the hub has told, not long ago."""
        now = self.now()
        return now is not None and abs(now - self._clocks.machine()) > WRONG_S

    def now(self) -> Instant | None:
        """Tell what time it is; ``None`` where the hub has not said, or not for long."""
        if self._told is None:
            return None
        passed_s = self._clocks.monotonic() - self._told.at
        return Instant(self._told.wall + passed_s) if passed_s < TOLD_HOLDS_S else None

    def hear(self, told: Reading) -> None:
        """Take the hub's word."""
        self._told = told

    def may_clear(self, error: BaseException) -> bool:
        """Tell whether a certificate was refused for its time alone, by a clock that nobody keeps right."""
        fault = certificate_fault(error)
        return fault is not None and is_out_of_time(fault) and not self._clocks.kept_right()


class Route:
    """Sends requests by the ordinary way, or by that for a wrong clock.

    :param ask_time: asks the hub what time it is, by the way that it is given; it checks the signature.
    """

    def __init__(
        self,
        trust: Trust,
        proxy: str,
        sockets: OpenSockets,
        clocks: Clocks,
        ask_time: Callable[[Transport], Reading],
    ) -> None:
        self._trust = trust
        self._proxy = proxy
        self._sockets = sockets
        self._time = HubTime(clocks)
        self._ask_time = ask_time
        self._lock = threading.Lock()
        self._strict = self._transport(strict_context(trust))
        self._timeless: Transport | None = None

    def close(self) -> None:
        """Let go of the connections that wait for a next request."""
        for transport in filter(None, (self._strict, self._timeless)):
            transport.close()

    def ask(self, request: Request) -> bytes:
        """Send a request and give the whole answer; errors as with :meth:`Transport.open`."""
        with self.open(request) as response:
            return read_body(response, request.most_bytes)

    @contextmanager
    def open(self, request: Request) -> Iterator[requests.Response]:
        """Send a request and give the answer; errors as with :meth:`Transport.open`."""
        with ExitStack() as stack:
            yield self._entered(stack, request)

    def _entered(self, stack: ExitStack, request: Request) -> requests.Response:
        try:
            return stack.enter_context(self._chosen().open(request))
        except CertificateError as error:
            if not self._time.may_clear(error):
                raise
        return stack.enter_context(self._by_the_hubs_time().open(request))

    def _chosen(self) -> Transport:
        return self._timeless if self._timeless is not None and self._time.rules else self._strict

    def _by_the_hubs_time(self) -> Transport:
        """Ask for the time, and open the way on which certificates are judged by it."""
        with self._lock:
            if self._timeless is None or not self._time.rules:
                unjudged = self._transport(timeless_context(self._trust, lambda: None))
                try:
                    self._time.hear(self._ask_time(unjudged))
                finally:
                    unjudged.close()
                self._timeless = self._transport(timeless_context(self._trust, self._time.now))
            return self._timeless

    def _transport(self, context: ssl.SSLContext) -> Transport:
        return Transport(context, self._proxy, self._sockets)
