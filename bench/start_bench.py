"""``python -m bench.start_bench``: from the start of a process to the first sample, our box beside bare mpv.

Round by round each has its turn, on one fresh sound server without hardware: mpv with the same file and the
same output; the box with a list; the box with a hub that is away.  The first start of each only warms the
machine up.  Writes the page ``docs/benchmarks/start.md``, unless the run was a quick one.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.players import REPOSITORY
from bench.report import machine
from tests.sound.recorder import Recorder
from tests.sound.signals import Signals
from tests.sound.venue_sound import SINK, SoundServer

PAGE = REPOSITORY / "docs" / "benchmarks" / "start.md"
ROUNDS = 10
TONE_HZ, TONE_S = 440.0, 30.0
SOUND_MAY_TAKE_S = 30.0
ENDING_MAY_TAKE_S = 6.0
NOBODY = "http://127.0.0.1:9"
"""A hub that does not answer."""


class Start(NamedTuple):
    """How a start went, up to the first sample that is not silent."""

    wall_s: float
    cpu_s: float
    """Of all threads; what mpv or the box starts beside itself does not count."""


def main() -> int:
    options = arguments()
    rounds = 1 if options.quick else options.rounds
    starts: dict[str, list[Start]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-start-") as directory, SoundServer() as server:
        tone = Signals(Path(directory)).sine(TONE_HZ, TONE_S)
        for number in range(rounds + 1):
            for name, command, environment in players(tone, Path(directory)):
                start = begin(command, environment, server)
                print(f"{number:3} {name:24} {start.wall_s:6.2f} s, {start.cpu_s:6.3f} s of CPU", flush=True)
                if number:
                    starts.setdefault(name, []).append(start)
    told = page(starts, rounds)
    print(told)
    if not options.quick:
        PAGE.write_text(told, encoding="utf-8")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.start_bench", description="From a start to the first sample."
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each one starts ({ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="one round, and leave the page alone")
    return parser.parse_args()


def players(tone: Path, home: Path) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Give the name, the command and the variables of each."""
    mpv = ["mpv", "--no-config", "--ao=pulse", f"--audio-device=pulse/{SINK}", "--vid=no", "--really-quiet"]
    yield "mpv", [*mpv, str(tone)], {}
    box = [sys.executable, str(REPOSITORY / "run.py"), "--sink", SINK]
    alone = {"EASYPLAYER_WATCHDOG__PORT": "0"}
    yield "the box", [*box, "--state", str(home / "alone"), "--music", str(tone)], alone
    hub = alone | {"EASYPLAYER_HUB__URL": NOBODY}
    yield "the box, with a hub", [*box, "--state", str(home / "hub"), "--music", str(tone)], hub


def begin(command: list[str], environment: dict[str, str], server: SoundServer) -> Start:
    """Start a player, wait for its first sample, and end it."""
    with Recorder(server.env) as recorder:
        at = time.monotonic()
        player = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=os.environ | server.env | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            heard_at = recorder.wait_for_sound(SOUND_MAY_TAKE_S)
            cpu_s = time.clock_gettime(processor_clock(player.pid))
        finally:
            player.terminate()
            player.wait(ENDING_MAY_TAKE_S)
    return Start(heard_at - at, cpu_s)


def processor_clock(pid: int) -> int:
    """Give the clock of the processor time of a process: what ``clock_getcpuclockid(3)`` gives on Linux."""
    return ~pid << 3 | 2


def page(starts: dict[str, list[Start]], rounds: int) -> str:
    """Write the page."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    rows = [
        f"| {name} | {median(one.wall_s for one in some):.2f} | {median(one.cpu_s for one in some):.3f}"
        f" | {min(one.cpu_s for one in some):.3f} |"
        for name, some in starts.items()
    ]
    return "\n".join(
        [
            "# From a start to the first sample",
            "",
            f"Made in one run of `python -m bench.start_bench`: {rounds} rounds in which each had its turn,",
            "and one before them that does not count.",
            f"Machine: {machine()}. Load averages after it: {load}.",
            "",
            "| | s, median | CPU s, median | CPU s, least |",
            "|---|---:|---:|---:|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
