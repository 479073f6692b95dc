"""Starts a server in a process of its own, and ends it."""

import os
import subprocess
import sys
from typing import Self

from tests.interop import node

ENDING_MAY_TAKE_S = 10.0
REFERENCE = "npm"
"""The reference server from npm; all other kinds are those of :mod:`tests.interop.serve`."""


class Peer:
    """A server that runs.

    :ivar port: where it listens, on the loopback.
    """

    def __init__(
        self,
        kind: str,
        *,
        port: int = 0,
        ping_interval_s: float = 25.0,
        ping_timeout_s: float = 20.0,
        loop: str = "uvloop",
        worker: str = "",
    ) -> None:
        if kind == REFERENCE:
            pings = (round(1000 * ping_interval_s), round(1000 * ping_timeout_s))
            command = [*node.script("server.mjs"), *map(str, (port, *pings))]
            env = node.environment()
        else:
            options: dict[str, object] = {
                "port": port,
                "ping-interval": ping_interval_s,
                "ping-timeout": ping_timeout_s,
            }
            options |= {"loop": loop, "worker": worker}
            given = [f"--{name}={value}" for name, value in options.items()]
            command = [sys.executable, "-m", "tests.interop.serve", kind, *given]
            env = dict(os.environ)
        self._process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said = self._process.stdout.readline().split()
        if said[:1] != ["listening"]:
            self.kill()
            msg = f"the server {kind} did not start"
            raise AssertionError(msg)
        self.port = int(said[1])

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    def end(self) -> None:
        """Let it end by itself, as a service manager does."""
        self._process.terminate()
        try:
            self._process.wait(ENDING_MAY_TAKE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()
