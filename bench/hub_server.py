"""A hub for benchmarks, as a process of its own, and the databases that it is measured on."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.hub import postgres

CONSOLE = "from easyplayer.hub.main import console; console()"
START_MAY_TAKE_S = 60.0
LOOK_AGAIN_S = 0.1


class Server:
    """A hub as a process of its own.

    :param port: 0 takes a free one.
    """

    def __init__(self, state: Path, database: str, port: int = 0) -> None:
        self.state = state
        command = [sys.executable, "-c", CONSOLE, "serve", "--state", str(state), "--port", str(port)]
        self._process = subprocess.Popen(
            [*command, "--database", database], stdout=(state / "log").open("ab"), stderr=subprocess.STDOUT
        )
        self.port = self._await()

    def cpu_s(self) -> float:
        """Tell how much processor time it has used, with all its threads."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._process.wait()

    def _await(self) -> int:
        deadline = time.monotonic() + START_MAY_TAKE_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                url = json.loads((self.state / "hub.json").read_text())["url"]
                urllib.request.urlopen(f"{url}/healthz").read()  # noqa: S310 - the hub's own
            except (OSError, ValueError, KeyError):
                time.sleep(LOOK_AGAIN_S)
            else:
                return int(url.rpartition(":")[2])
        raise SystemExit((self.state / "log").read_text())


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Name the databases to measure: their URLs, by what they are."""
    found = {"SQLite": f"sqlite:///{folder / 'hub.sqlite'}"}
    if not postgres.is_there():
        yield found
        return
    with postgres.cluster() as cluster:
        postgres.run(cluster, "CREATE DATABASE bench")
        yield found | {"PostgreSQL": postgres.url(cluster, "bench")}
