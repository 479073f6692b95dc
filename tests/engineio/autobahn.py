"""Autobahn's fuzzers: its client against both of our servers, and its server against our client.

As a command, ``python -m tests.engineio.autobahn [CASE ...]`` runs all cases and tells their verdicts: all
but those of compression, which we do not have.  The suite needs a Python 2.7: the one that ``PYTHON2`` names,
or one that is found.  The suite itself is installed once, into the user's cache.
"""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.engineio import echo_server
from tests.engineio.uvicorn_serving import echo, serving
from tests.engineio.wire import Wire

VERSION = "25.10.1"
ALL = ["*"]
WITHOUT_LARGE = [f"{number}.*" for number in (1, 2, 3, 4, 5, 6, 7, 10)]
"""All but the ones with large messages and many of them."""
COMPRESSION = ["12.*", "13.*"]
FINE = frozenset({"OK", "INFORMATIONAL"})
MOST_BYTES = 2**26
INSTALL_S = 300.0
CONNECT_TRIES = 200
CONNECT_WAIT_S = 0.1


class NotHereError(Exception):
    """The suite cannot be had on this machine."""


class Suite:
    """The suite, installed.

    :raises NotHereError: there is no Python 2.7, or no package.
    """

    def __init__(self) -> None:
        self._python = _python2()
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "easyplayer"
        self._place = cache / f"autobahn-{VERSION}"
        if not self._place.exists():
            self._install()

    def _install(self) -> None:
        self._place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._place.parent) as fresh:
            done = subprocess.run(
                [self._python, "-m", "pip", "install", "--quiet", "--user", f"autobahntestsuite=={VERSION}"],
                env=self._environment(Path(fresh)),
                capture_output=True,
                text=True,
                timeout=INSTALL_S,
                check=False,
            )
            if done.returncode:
                raise NotHereError(f"the package cannot be installed: {done.stderr[-500:]}")
            shutil.copytree(fresh, self._place)

    async def start(self, mode: str, spec: dict[str, Any], directory: Path) -> asyncio.subprocess.Process:
        """Start it.

        :param directory: where it writes what it says.
        """
        path = directory / f"{mode}.json"
        path.write_text(json.dumps(spec), encoding="utf-8")
        arguments = ["--mode", mode, "--spec", str(path), "--webport", "0"]
        with (directory / f"{mode}.log").open("wb") as log:
            return await asyncio.create_subprocess_exec(
                self._python,
                "-m",
                "autobahntestsuite.wstest",
                *arguments,
                env=self._environment(self._place),
                stdout=log,
                stderr=log,
            )

    def _environment(self, place: Path) -> dict[str, str]:
        return os.environ | {"PYTHONUSERBASE": str(place)}


def _python2() -> str:
    """Find a Python 2.7 that has pip."""
    named = [os.environ.get("PYTHON2"), shutil.which("python2.7"), shutil.which("python2")]
    kept = sorted(Path.home().glob(".pyenv/versions/2.7*/bin/python2.7"))
    for each in [*filter(None, named), *map(str, kept)]:
        tried = subprocess.run([each, "-c", "import pip"], capture_output=True, check=False)
        if tried.returncode == 0:
            return each
    raise NotHereError("there is no Python 2.7 with pip; PYTHON2 may name one")


class Verdicts:
    """What the suite says of one of ours.

    :ivar cases: the verdict on each case, and on how its connection was closed.
    """

    def __init__(self, who: str, report: dict[str, dict[str, Any]]) -> None:
        self.who = who
        self.cases = {case: (said["behavior"], said["behaviorClose"]) for case, said in report.items()}

    @property
    def bad(self) -> dict[str, tuple[str, str]]:
        """The cases that are not as they should be."""
        return {case: said for case, said in self.cases.items() if not FINE.issuperset(said)}

    def __str__(self) -> str:
        counts = Counter(verdict for verdict, _ in self.cases.values())
        closed = Counter(verdict for _, verdict in self.cases.values())
        lines = [f"{self.who}: {len(self.cases)} cases, {dict(counts)}, closed {dict(closed)}"]
        return "\n".join([*lines, *(f"  {case}: {said}" for case, said in self.bad.items())])


async def judge_servers(suite: Suite, cases: Sequence[str], directory: Path) -> list[Verdicts]:
    """Let its client fuzz the bare core, and the core within uvicorn."""
    bare = await echo_server.serve(MOST_BYTES)
    async with bare, serving(echo, ws_max_size=MOST_BYTES) as within:
        ports = {"core": bare.sockets[0].getsockname()[1], "uvicorn": within.socket.getsockname()[1]}
        servers = [{"agent": who, "url": f"ws://127.0.0.1:{port}"} for who, port in ports.items()]
        process = await suite.start(
            "fuzzingclient", _spec(cases, directory) | {"servers": servers}, directory
        )
        await process.wait()
    return [Verdicts(who, report) for who, report in _report(directory).items()]


async def judge_client(suite: Suite, cases: Sequence[str], directory: Path) -> Verdicts:
    """Let our client be fuzzed by its server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    spec = _spec(cases, directory) | {"url": f"ws://127.0.0.1:{port}"}
    process = await suite.start("fuzzingserver", spec, directory)
    try:
        for number in range(1, await _count(port) + 1):
            await _echo_at(port, f"/runCase?case={number}&agent=client")
        await _echo_at(port, "/updateReports?agent=client")
    finally:
        process.terminate()
        await process.wait()
    return Verdicts("client", _report(directory)["client"])


async def _count(port: int) -> int:
    """Ask how many cases there are, as soon as there is somebody to ask."""
    for _ in range(CONNECT_TRIES):
        try:
            wire = await Wire.to(port)
        except OSError:
            await asyncio.sleep(CONNECT_WAIT_S)
            continue
        await wire.ask("/getCaseCount")
        count = await wire.hear()
        wire.cut()
        return int(str(count))
    raise NotHereError("the fuzzing server does not start")


async def _echo_at(port: int, target: str) -> None:
    """Echo every message, to the end of the connection."""
    wire = await Wire.to(port)
    await wire.ask(target)
    with contextlib.suppress(ConnectionError):  # the fuzzer may end it with a reset
        while data := await wire.reader.read(2**16):
            for event in wire.socket.receive(data):
                wire.writer.write(wire.socket.to_send())
                if isinstance(event, str | bytes):
                    wire.writer.write(wire.socket.send(event))
            wire.writer.write(wire.socket.to_send())
            await wire.writer.drain()
    wire.cut()


def _spec(cases: Sequence[str], directory: Path) -> dict[str, Any]:
    return {
        "outdir": str(directory / "reports"),
        "cases": list(cases),
        "exclude-cases": COMPRESSION,
        "exclude-agent-cases": {},
    }


def _report(directory: Path) -> dict[str, dict[str, Any]]:
    written: dict[str, dict[str, Any]] = json.loads(
        (directory / "reports" / "index.json").read_text(encoding="utf-8")
    )
    return written


async def judge(suite: Suite, cases: Sequence[str]) -> list[Verdicts]:
    """Judge all of ours, one after the other."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        servers = await judge_servers(suite, cases, Path(first))
        return [*servers, await judge_client(suite, cases, Path(second))]


def main() -> int:
    """Judge, and tell; give 1 where something is not as it should be, 69 where there is no suite."""
    try:
        suite = Suite()
    except NotHereError as error:
        sys.stderr.write(f"{error}\n")
        return 69
    verdicts = asyncio.run(judge(suite, sys.argv[1:] or ALL))
    sys.stdout.write("\n".join(map(str, verdicts)) + "\n")
    return int(any(each.bad for each in verdicts))


if __name__ == "__main__":
    sys.exit(main())
