"""A hub for benchmarks, as a process of its own, and the databases that it is measured on."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.hub import postgres

CONSOLE = "from easyplayer.hub.main import console; console()"
START_MAY_TAKE_S = 60.0
LOOK_AGAIN_S = 0.1
SETTING = "EASYPLAYER_HUB_"
MEBIBYTE = 2**20


class Server:
    """A hub as a process of its own, and its workers.

    :param port: 0 takes a free one.
    :param program: what is run in the place of ``easyplayer-hub``: the options of Python's own.
    :param settings: of the hub, by name.
    :ivar url: where it answers.
    :ivar pid: of its first process.
    """

    def __init__(
        self,
        state: Path,
        database: str,
        port: int = 0,
        program: tuple[str, ...] = ("-c", CONSOLE),
        **settings: object,
    ) -> None:
        self.state = state
        command = [sys.executable, *program, "serve", "--state", str(state), "--port", str(port)]
        given = {f"{SETTING}{name.upper()}": str(value) for name, value in settings.items()}
        self._process = subprocess.Popen(
            [*command, "--database", database],
            stdout=(state / "log").open("ab"),
            stderr=subprocess.STDOUT,
            env=os.environ | given,
        )
        self.pid = self._process.pid
        self.url = self._await()
        self.port = int(self.url.rpartition(":")[2])

    def cpu_s(self) -> float:
        """Tell how much processor time it has used, with all its threads and processes."""
        times = [one.cpu_times() for one in self._processes()]
        return float(sum(one.user + one.system for one in times))

    def memory_mib(self) -> float:
        """Tell how much memory its processes have, as resident; what they share counts for each."""
        return float(sum(one.memory_info().rss for one in self._processes())) / MEBIBYTE

    def log(self) -> str:
        """Give what it has written."""
        return (self.state / "log").read_text()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its first process."""
        self._process.send_signal(number)

    def end(self) -> int:
        """End it; gives its exit code."""
        self._process.terminate()
        return self._process.wait()

    def kill(self) -> None:
        """End it as a power cut does, where it has not ended."""
        if self._process.poll() is not None:
            return
        for one in self._processes():
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self._process.wait()

    def _processes(self) -> list[psutil.Process]:
        first = psutil.Process(self.pid)
        return [first, *first.children(recursive=True)]

    def _await(self) -> str:
        deadline = time.monotonic() + START_MAY_TAKE_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                url = str(json.loads((self.state / "hub.json").read_text())["url"])
                urllib.request.urlopen(f"{url}/healthz").read()  # noqa: S310 - the hub's own
            except (OSError, ValueError, KeyError):
                time.sleep(LOOK_AGAIN_S)
            else:
                return url
        raise SystemExit(self.log())


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
