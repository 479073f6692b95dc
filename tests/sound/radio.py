"""A radio station: an HTTP server that sends music in real time, and stalls, hangs up or falls as told."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

CHUNK_S = 0.1
TYPES = {
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ts": "video/mp2t",
}


class Radio:
    """Sends a file of a known length to each listener from its start, as fast as it is heard.

    :param music: what it sends; long enough for a test.
    :param seconds: how long that is.
    :param burst_s: how much of it a listener gets at once, as stations do.
    :ivar stalled_at: the monotonic instant since which no listener has got anything.
    """

    def __init__(self, music: Path, seconds: float, burst_s: float = 0.0) -> None:
        self._music = music.read_bytes()
        self._type = TYPES[music.suffix[1:]]
        self._rate = len(self._music) / seconds
        self._burst_s = burst_s
        self._sends = threading.Event()
        self._sends.set()
        self._ended = threading.Event()
        self._generation = 0
        self.stalled_at = 0.0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_listener())
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, name="radio", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._sends.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it can be heard."""
        return f"http://127.0.0.1:{self._server.server_port}/radio"

    def stall(self) -> None:
        """Send nothing more, to old listeners and new ones, and hang up on none."""
        self._sends.clear()
        self.stalled_at = time.monotonic()

    def hang_up(self) -> None:
        """End the connection to every listener there is; new ones are welcome."""
        self._generation += 1

    def go_on(self) -> None:
        """Send to new listeners, and to old ones that are still there."""
        self._sends.set()

    def _make_listener(self) -> type[BaseHTTPRequestHandler]:
        radio = self

        class Listener(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", radio._type)
                self.end_headers()
                radio._serve(self.wfile)

            def log_message(self, *_: Any) -> None:
                """Tell nobody."""

        return Listener

    def _serve(self, line: Any) -> None:
        began, sent, generation = time.monotonic() - self._burst_s, 0, self._generation
        while sent < len(self._music) and not self._ended.wait(CHUNK_S):
            if generation != self._generation:
                return
            if not self._sends.is_set():
                began += CHUNK_S
                continue
            due = min(int((time.monotonic() - began) * self._rate), len(self._music))
            try:
                line.write(self._music[sent:due])
            except OSError:
                return
            sent = due
