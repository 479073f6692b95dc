"""The login page of a hotel's network: it answers whoever asks for anything, and lets nobody through."""

import datetime as dt
import ssl
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.venue.faculties.gate import Portal

NAME = "login.hotel.test"
LOGIN = f"http://{NAME}/login"
PAGE = b"<!doctype html><title>Welcome to our Wi-Fi</title><form><button>Accept</button></form>"
DAY = dt.timedelta(days=1)


class LoginPage:
    """Serves the page on two ports of the loopback, with and without TLS, as long as the context lasts.

    :param folder: where its certificate is kept.
    :ivar asked: what it was asked for: host and path.
    """

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self._folder = folder

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"asked": self.asked})
        self._servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2)]
        for server in self._servers:
            server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(self._folder))
        secure = self._servers[1]
        # Not at the accept: one who only connects would hold up all others there.
        secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
        self._threads = [threading.Thread(target=server.serve_forever) for server in self._servers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()

    @property
    def portal(self) -> Portal:
        """Where it answers."""
        http, https = (server.server_port for server in self._servers)
        return Portal(http, https)


class _Handler(BaseHTTPRequestHandler):
    asked: list[str]
    timeout = 10

    def do_GET(self) -> None:
        """Show the page to who is there already, and send all others to it."""
        self.asked.append(f"{self.headers.get('Host', '')}{self.path}")
        at_the_page = self.headers.get("Host") == NAME
        self.send_response(HTTPStatus.OK if at_the_page else HTTPStatus.FOUND)
        if not at_the_page:
            self.send_header("Location", LOGIN)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(PAGE)

    def do_HEAD(self) -> None:
        """As to a GET, without the page."""
        self.do_GET()

    def do_POST(self) -> None:
        """As to a GET: it looks at nothing that it is given."""
        self.do_GET()

    def do_PUT(self) -> None:
        """As to a GET: it looks at nothing that it is given."""
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Write nothing to the terminal."""


def certificate(folder: Path) -> Path:
    """Make a certificate that nobody trusts; give the file of it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 365 * DAY)
        .not_valid_after(now + 3650 * DAY)
        .sign(key, hashes.SHA256())
    )
    file = folder / "login-page.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file
