"""The page of the package, tried out: its servers, its client, and its proxy with two workers."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.pages import blocks, sections
from tests.interop import node
from tests.interop.scenes import POLLING, UPGRADE, WEBSOCKET, Scene
from tests.interop.servers import Peer

pytestmark = pytest.mark.slow
SECTIONS = sections("guide/engineio.md")
ASGI, RAW = blocks(SECTIONS["A first server"], "python")
(HANDLERS,) = blocks(SECTIONS["Handlers"], "python")
(CLIENT,) = blocks(SECTIONS["A client"], "python")
(NGINX,) = blocks(SECTIONS["Behind nginx"], "nginx")
PORT = "8000"
START_MAY_TAKE_S = RUN_MAY_TAKE_S = 30.0
LOOK_EVERY_S = 0.02


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """Run something that listens at a port."""
    process = subprocess.Popen(command, cwd=folder)
    try:
        deadline = time.monotonic() + START_MAY_TAKE_S
        while not listens(port):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(LOOK_EVERY_S)
        yield
    finally:
        process.terminate()
        process.wait(RUN_MAY_TAKE_S)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def run(program: str, port: int, folder: Path) -> str:
    """Run a client's program of the page."""
    command = [sys.executable, "-c", program.replace(PORT, str(port))]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=RUN_MAY_TAKE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("server", [ASGI, RAW], ids=["ASGI", "own port"])
def test_the_servers_of_the_page_answer_its_client(server: str, tmp_path: Path) -> None:
    """Copied as they stand."""
    port = free_port()
    with running([sys.executable, "-c", server.replace(PORT, str(port))], port, tmp_path):
        assert run(CLIENT, port, tmp_path) == "hello\n"


def test_the_handlers_of_the_page_let_in_who_has_the_word(tmp_path: Path) -> None:
    """The handlers go in where the page has the first one; the client of the page knows nothing of a word."""
    first = ASGI[ASGI.index("@server.on") : ASGI.index("app =")]
    port = free_port()
    server = ASGI.replace(first, HANDLERS).replace(PORT, str(port))
    with running([sys.executable, "-c", server], port, tmp_path):
        with pytest.raises(AssertionError, match="who are you"):
            run(CLIENT, port, tmp_path)
        with_word = 'headers={"authorization": "Bearer let-me-in"}, transports'
        program = CLIENT.replace("transports", with_word).replace("await answered.wait()", "answered.clear()")
        assert run(program, port, tmp_path) == ""


@pytest.mark.skipif(shutil.which("nginx") is None or not node.is_there(), reason="needs nginx, Node and npm")
def test_the_proxy_of_the_page_finds_the_worker_of_a_session(tmp_path: Path) -> None:
    """Two workers, clients of npm by each transport, and twenty upgrades with messages under way."""
    with Peer("raw", worker="w0") as first, Peer("raw", worker="w1") as second:
        port = free_port()
        page = NGINX.replace("listen 80", f"listen 127.0.0.1:{port}")
        page = page.replace(f":{PORT};", f":{first.port};").replace(":8001;", f":{second.port};")
        conf = tmp_path / "nginx.conf"
        conf.write_text(NGINX_AROUND.format(folder=tmp_path, page=page))
        with running(["nginx", "-c", str(conf), "-e", str(tmp_path / "log")], port, tmp_path):
            for scene in (Scene("echo", POLLING), Scene("echo", WEBSOCKET), Scene("bursts", UPGRADE)):
                node.play(scene.name, f"http://127.0.0.1:{port}", scene.transports)


NGINX_AROUND = """\
daemon off;
pid {folder}/pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{page}
}}
"""
