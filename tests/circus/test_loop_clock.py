"""The loop of circusd counts by a clock that nobody sets."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WITHIN_S = 60.0

AS_CIRCUSD_BEGINS = """
import time
from circus.arbiter import Arbiter
arbiter = Arbiter.load_from_config("circus.ini")
assert arbiter.ctrl.caller is None, "it has begun to look after its processes"
print(abs(arbiter.loop.time() - time.monotonic()) < 60)
"""

LOOP_OF_A_STEPPED_CLOCK = """
import asyncio, time
from circus.util import AsyncPeriodicCallback
from easyplayer.circus.loop_clock import count_by_monotonic_clock
count_by_monotonic_clock()
real, back_s, strikes = time.time, 0.0, []
time.time = lambda: real() - back_s
async def run():
    global back_s
    done = asyncio.Event()
    def strike():
        global back_s
        strikes.append(1)
        back_s = 7200.0
        if len(strikes) == 5:
            done.set()
    AsyncPeriodicCallback(strike, 10).start()
    await asyncio.wait_for(done.wait(), 20)
asyncio.run(run())
print(len(strikes))
"""


def told_by(script: str) -> str:
    """Run a program of its own, for a loop's clock is that of the whole process."""
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=WITHIN_S
    ).stdout.strip()


def test_circusd_has_that_clock_before_it_looks_after_its_processes() -> None:
    """By our circus.ini alone, whoever starts it: the plugin's module is loaded to see that it is there."""
    assert told_by(AS_CIRCUSD_BEGINS) == "True"


def test_a_clock_that_is_set_back_stops_no_callback() -> None:
    """As circusd's own, by which it starts anew what has ended."""
    assert told_by(LOOP_OF_A_STEPPED_CLOCK) == "5"
