"""``easyplayer-hub try``: a hub and a box on this machine, paired, and the sample venue by way of them.

The box has the terminal, as when it runs alone: it begins to play at once, and all else happens beside it.
"""

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from easyplayer.errors import EasyplayerError
from easyplayer.hub.cli.finding import local
from easyplayer.hub.cli.setting_up import BOX, SetUp

DEFAULT_STATE = Path("~/.local/state/easyplayer")
HUB, LOG = "hub", "hub.log"
"""What belongs to the hub, below the state directory of the box."""
HOST, USUAL_PORT = "127.0.0.1", 8080
ENDING_MAY_TAKE_S = 3.5
"""From the end of the box to that of the hub, whatever hangs."""
PR_SET_PDEATHSIG = 1
"""What Linux calls it; see ``prctl(2)``."""
HEARTBEAT = {"EASYPLAYER_HUB_HEARTBEAT_S": "5"}
"""So that what a person types at the hub is soon done."""
SERVE = (sys.executable, "-c", "from easyplayer.hub.main import console; console()", "serve")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument(
        "--state",
        type=Path,
        default=DEFAULT_STATE,
        metavar="DIR",
        help="directory for the box, and in it the hub",
    )
    parser.add_argument("--port", type=int, metavar="N", help="port of the hub; 8080 if it is free")
    parser.add_argument("--sink", metavar="NAME", help="output to play on; null is a silent one")


def run(arguments: argparse.Namespace) -> int:
    """Run both until the box ends, and give its exit code."""
    state: Path = arguments.state.expanduser().absolute()
    home = state / HUB
    state.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    url = f"http://{HOST}:{arguments.port or port_for(home)}"
    tell_legend(url, home, state)
    with _hub(home, url) as hub, _box(state, url, arguments.sink) as box:
        ended = threading.Event()
        setting_up = threading.Thread(target=_set_up, args=(SetUp(home, state, url), ended), daemon=True)
        with _signals_for(hub, box):
            setting_up.start()
            code = box.wait()
        ended.set()
    return code


def port_for(home: Path) -> int:
    """Choose a port: the one that the hub had before, for that is where the box looks; else the usual one.

    One that is taken gives way to any that is free.
    """
    before = local(home)
    for port in (urlsplit(before.url).port if before else None, USUAL_PORT):
        if port is not None and is_free(port):
            return port
    with closing(socket.create_server((HOST, 0))) as any_port:
        number: int = any_port.getsockname()[1]
        return number


def is_free(port: int) -> bool:
    """Tell whether nobody listens at a port of this machine."""
    try:
        with closing(socket.create_server((HOST, port))):
            return True
    except OSError:
        return False


def tell_legend(url: str, home: Path, state: Path) -> None:
    """Say where everything is, before the box takes the terminal."""
    ask = f"{Path(sys.argv[0]).with_name('easyplayer-hub')}"
    shown = home.relative_to(Path.cwd()) if home.is_relative_to(Path.cwd()) else home
    print(
        f"hub      {url}, its log in {shown / LOG}\n"
        f"box      {state}, paired by itself; it has the terminal from here on\n"
        f"look     {ask} box list --state {shown}\n"
        f"tell it  {ask} command give --venue sample skip --wait --state {shown}",
        flush=True,
    )


@contextmanager
def _hub(home: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a hub out of the reach of the terminal's Ctrl-C, which the box ends by."""
    words = [*SERVE, "--state", str(home), "--host", HOST, "--port", str(urlsplit(url).port)]
    with (home / LOG).open("ab") as log:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, **HEARTBEAT},
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - no thread has been started yet
        )
    try:
        yield process
    finally:
        _end(process)


@contextmanager
def _box(state: Path, url: str, sink: str | None) -> Iterator[subprocess.Popen[bytes]]:
    words = [*BOX, "run", "--state", str(state), *(["--sink", sink] if sink else [])]
    process = subprocess.Popen(words, env={**os.environ, "EASYPLAYER_HUB__URL": url})
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(ENDING_MAY_TAKE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _signals_for(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    """Hand every wish to end on to both, so that they end at the same time."""

    def end(number: int, _frame: FrameType | None) -> None:
        for process in processes:
            process.send_signal(signal.SIGTERM if number != signal.SIGINT else signal.SIGINT)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_with_parent() -> None:
    """Have the kernel end this process with the one that has started it, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _set_up(work: SetUp, ended: threading.Event) -> None:
    try:
        work.run(ended)
    except EasyplayerError as error:
        if not ended.is_set():
            print(f"easyplayer-hub: the sample venue is not at the hub: {error}", file=sys.stderr)
