"""Starts a real hub, asks it by its own command line, and ends it; kills and starts it again at will."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import httpx
from sqlalchemy import select

from easyplayer.hub.db import schema
from easyplayer.hub.db.database import Database

ROOT = Path(__file__).parents[2]
LOOK_EVERY_S = 0.02
STARTING_MAY_TAKE_S = 30.0
ENDING_MAY_TAKE_S = 10.0


class HubProcess:
    """One hub, which has its port and its state for as long as the context lasts.

    :param state: its state directory; its log is kept there, too.
    :param database: URL of its database; empty is SQLite.
    :param settings: other settings, by name.
    :ivar ahead_s: how far its clock, and its operator's, is ahead of this machine's, from the next start on.
    """

    def __init__(self, state: Path, database: str = "", **settings: object) -> None:
        self.state = state
        self.port = _free_port()
        self.ahead_s = 0.0
        self._settings = {"heartbeat_s": 1, "database": database, **settings}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """All that it has written, in all its runs."""
        return (self.state / "hub.log").read_text(errors="replace")

    def __enter__(self) -> Self:
        self.state.mkdir(parents=True, exist_ok=True)
        self.start()
        self.await_health()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill()

    def set(self, **settings: object) -> None:
        """Change settings, by name; they count when it is started."""
        self._settings |= settings

    def start(self) -> None:
        """Start it; it answers somewhat later."""
        with (self.state / "hub.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._hub, "serve", "--state", str(self.state), "--port", str(self.port)],
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def await_health(self, within_s: float = STARTING_MAY_TAKE_S) -> None:
        """Wait until it answers that all is well."""
        deadline = time.monotonic() + within_s
        while not self.healthy:
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the hub does not answer:\n{self.log[-4000:]}")
            time.sleep(LOOK_EVERY_S)

    @property
    def healthy(self) -> bool:
        """Whether it answers that all is well."""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """Take the power from it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(ENDING_MAY_TAKE_S)
        self._process = None

    def end(self) -> tuple[int, float]:
        """End it softly; give the exit code and the seconds it took."""
        assert self._process is not None
        before = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(ENDING_MAY_TAKE_S)
        self._process = None
        return code, time.monotonic() - before

    def stored(self) -> dict[int, str]:
        """Read from its database what it has of the one log that there is: hash by number."""
        database = Database(str(self._settings["database"]) or f"sqlite:///{self.state / 'hub.sqlite'}")
        tables = (schema.played, schema.clock_reads, schema.set_aside)
        with database.read() as connection:
            found = [
                (int(number), str(digest))
                for table in tables
                for number, digest in connection.execute(select(table.c.number, table.c.hash))
            ]
        database.close()
        assert len(found) == len(dict(found)), "there are entries that are stored twice"
        return dict(found)

    # -- its own command line ------------------------------------------------------------------

    def run(self, *arguments: str | Path, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run one of the operator's commands to its end."""
        noun, *rest = map(str, arguments)
        return subprocess.run(
            [*self._hub, noun, *rest, "--state", str(self.state)],
            cwd=ROOT,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def tell(self, *arguments: str | Path, timeout_s: float = 60) -> str:
        """Run a command that must succeed; give what it says."""
        done = self.run(*arguments, timeout_s=timeout_s)
        said = f"{done.stdout}{done.stderr}"
        assert done.returncode == 0, f"{' '.join(map(str, arguments))}: {done.returncode}\n{said}"
        return done.stdout

    def ask(self, *arguments: str | Path, timeout_s: float = 60) -> Any:
        """Run a command that must succeed, and give its answer."""
        return json.loads(self.tell(*arguments, "--json", timeout_s=timeout_s))

    @property
    def _hub(self) -> list[str]:
        ahead = AHEAD.format(self.ahead_s) if self.ahead_s else ""
        return [sys.executable, "-c", f"{ahead}{HUB}"]

    @property
    def _env(self) -> dict[str, str]:
        given = {
            f"EASYPLAYER_HUB_{name.upper()}": str(value) for name, value in self._settings.items() if value
        }
        return os.environ | given


HUB = "from easyplayer.hub.main import console; console()"
AHEAD = "import time; real = time.time; time.time = lambda: real() + {}; "


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
