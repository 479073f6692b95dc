"""Connections that another thread can break off, whatever they wait for.

``requests`` has no way to end a request that is under way.  So each connection leaves a second handle of its
socket here, and shutting that down ends both.
"""

import socket
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

HEAD_MAY_TAKE_S = 60.0
"""How long the head of an answer may take to its end; one byte now and then is not enough."""


class OpenSockets:
    """The sockets of all connections that are open."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._twins: dict[int, socket.socket] = {}
        self._broken = False

    def watch(self, owner: object, sock: socket.socket) -> None:
        """Remember the socket of a connection; where all have been broken off, break it off at once."""
        twin = sock.dup()
        with self._lock:
            before, self._twins[id(owner)] = self._twins.get(id(owner)), twin
            broken = self._broken
        _close(before)
        if broken:
            _shut([twin])

    def release(self, owner: object) -> None:
        """Forget the socket of a connection that was closed."""
        self._forget(id(owner))

    def hand_over(self, owner: object, heir: object) -> None:
        """Remember the socket of a connection that was closed for as long as there is what still reads it."""
        with self._lock:
            twin = self._twins.pop(id(owner), None)
            if twin is not None:
                self._twins[id(heir)] = twin
                weakref.finalize(heir, self._forget, id(heir)).atexit = False

    def _forget(self, key: int) -> None:
        with self._lock:
            twin = self._twins.pop(key, None)
        _close(twin)

    def break_off(self) -> None:
        """End all connections, and each that is opened from now on."""
        with self._lock:
            self._broken = True
            _shut([*self._twins.values()])

    @contextmanager
    def within(self, owner: object, seconds: float) -> Iterator[None]:
        """Break a connection off that is not done with something in time.

        :raises TimeoutError: it was not.
        """
        late = threading.Event()

        def break_it_off() -> None:
            late.set()
            with self._lock:
                _shut([twin for twin in [self._twins.get(id(owner))] if twin is not None])

        timer = threading.Timer(seconds, break_it_off)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, HTTPException) as error:
            if not late.is_set():
                raise
            raise TimeoutError from error
        finally:
            timer.cancel()
        if late.is_set():  # a head that is broken off may look like one that has ended
            raise TimeoutError


def connection_classes(sockets: OpenSockets) -> dict[str, type[HTTPConnection]]:
    """Make the kinds of connection, by scheme, whose sockets are remembered."""

    class Plain(HTTPConnection):
        _answering = False

        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            sockets.watch(self, sock)
            return sock

        def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # it is urllib3's own
            self._answering = True
            try:
                with sockets.within(self, HEAD_MAY_TAKE_S):
                    response = super().getresponse()
            finally:
                self._answering = False
            if self.sock is None:  # the server ends it with this answer, whose body is still to come
                sockets.hand_over(self, response)
            return response

        def close(self) -> None:
            if not self._answering:
                sockets.release(self)
            super().close()

    class Encrypted(Plain, HTTPSConnection):
        pass

    return {"http": Plain, "https": Encrypted}


def _shut(sockets: Iterable[socket.socket]) -> None:
    for sock in sockets:
        with suppress(OSError):  # it has ended by itself
            sock.shutdown(socket.SHUT_RDWR)


def _close(sock: socket.socket | None) -> None:
    if sock is not None:
        sock.close()
