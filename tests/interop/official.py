"""The protocol's official test suite against our server, again and again.

``python -m tests.interop.official PATH_TO_SUITE`` names the folder that has its ``test-suite.js``. It lies in
the repository of the protocol, and is no part of ours: it is copied, and what it needs is had from npm.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.interop import node
from tests.interop.servers import Peer

KINDS = ("raw", "asgi")
PORT = 3000
"""Where the suite looks for a server, with these pings."""
PING_INTERVAL_S, PING_TIMEOUT_S = 0.3, 0.2
RUN_MAY_TAKE_S = 120.0


class Run(NamedTuple):
    """What one run of the suite gave."""

    passed: int
    failed: tuple[str, ...]


@contextmanager
def copied(suite: Path) -> Iterator[Path]:
    """Copy the suite to where it can be furnished with what it needs."""
    with tempfile.TemporaryDirectory(prefix="suite-") as folder:
        home = Path(folder)
        for file in (*suite.glob("*.js"), suite / "package.json"):
            shutil.copy(file, home)
        node.furnish(home, home / "package.json")
        yield home


def run(home: Path) -> Run:
    """Run the suite once against the server on its port."""
    command = ["node_modules/.bin/mocha", "--exit", "--reporter=json", "test-suite.js"]
    done = subprocess.run(
        command, cwd=home, capture_output=True, text=True, timeout=RUN_MAY_TAKE_S, check=False
    )
    told = json.loads(done.stdout[done.stdout.index("{") :])
    return Run(len(told["passes"]), tuple(one["fullTitle"] for one in told["failures"]))


def main() -> int:
    """Run it, and tell what passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--runs", type=int, default=10, help="for each kind of server")
    parser.add_argument("--kind", action="append", help="raw, asgi, library, npm; more than once for several")
    given = parser.parse_args()
    failures: Counter[str] = Counter()
    with copied(given.suite) as home:
        for kind in given.kind or KINDS:
            pings = {"ping_interval_s": PING_INTERVAL_S, "ping_timeout_s": PING_TIMEOUT_S}
            with Peer(kind, port=PORT, **pings) as _peer:
                runs = [run(home) for _ in range(given.runs)]
            failed = Counter(f"{kind}: {title}" for one in runs for title in one.failed)
            failures += failed
            sys.stdout.write(f"{kind}: passed {', '.join(str(one.passed) for one in runs)}\n")
    for title, times in failures.most_common():
        sys.stdout.write(f"failed {times} times: {title}\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
