"""An HTTP proxy that passes on requests and tunnels, as a test wants it."""

import socket
import socketserver
import ssl
import threading
from contextlib import suppress

CHUNK = 65536
HEAD_END = b"\r\n\r\n"
REFUSED = b"HTTP/1.1 %d Refused\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"


class HttpProxy(socketserver.ThreadingTCPServer):
    """Passes requests on from a free port of this machine.

    :param tunnels: whether it passes on more than requests to http addresses.
    :param context: with which it is spoken to; ``None`` for no encryption.
    :param wants: what it wants to read in Proxy-Authorization; empty lets everybody through.
    :ivar seen: the first line of each request.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self, *, tunnels: bool = True, wants: str = "", context: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.tunnels = tunnels
        self.wants = wants
        self.seen: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def __enter__(self) -> "HttpProxy":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Passing(socketserver.BaseRequestHandler):
    server: HttpProxy
    request: socket.socket

    def handle(self) -> None:
        """Pass on what comes by one connection, until either end closes it."""
        with suppress(OSError, ValueError):
            head = self._head()
            line = head.partition(b"\r\n")[0].decode()
            self.server.seen.append(line)
            method, target, _ = line.split()
            status = self._status(method, head)
            if status:
                self.request.sendall(REFUSED % status)
            elif method == "CONNECT":
                self._pass(target, b"HTTP/1.1 200 Go\r\n\r\n", b"")
            else:
                goal, _, path = target.removeprefix("http://").partition("/")
                assert b"connection: close" in head
                self._pass(goal, b"", head.replace(target.encode(), f"/{path}".encode(), 1))

    def _status(self, method: str, head: bytes) -> int:
        if self.server.wants and f"proxy-authorization: {self.server.wants}".encode() not in head:
            return 407
        return 403 if method == "CONNECT" and not self.server.tunnels else 0

    def _head(self) -> bytes:
        head = b""
        while HEAD_END not in head:
            head += self.request.recv(CHUNK)
        return head

    def _pass(self, goal: str, said: bytes, onward: bytes) -> None:
        host, _, port = goal.rpartition(":")
        with socket.create_connection((host, int(port))) as other:
            self.request.sendall(said)
            other.sendall(onward)
            back = threading.Thread(target=_pump, args=(other, self.request), daemon=True)
            back.start()
            _pump(self.request, other)
            back.join()


def _pump(source: socket.socket, goal: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            goal.sendall(data)
    with suppress(OSError):
        goal.shutdown(socket.SHUT_WR)
