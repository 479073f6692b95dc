"""One file over HTTP/1.1, as fast as the kernel can: ``python -m bench.file_server FILE`` tells its port."""

import os
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Answers every request with the file, or the rest of it."""

    protocol_version = "HTTP/1.1"
    file = Path()

    def do_GET(self) -> None:
        """Hand the file to the kernel."""
        size = self.file.stat().st_size
        wanted = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        begins = int(wanted[1]) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(size - begins))
        self.send_header("ETag", '"the-file"')
        if wanted:
            self.send_header("Content-Range", f"bytes {begins}-{size - 1}/{size}")
        self.end_headers()
        self.wfile.flush()
        with self.file.open("rb") as file:
            while begins < size:
                begins += os.sendfile(self.connection.fileno(), file.fileno(), begins, size - begins)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    Handler.file = Path(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
