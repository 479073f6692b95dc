"""A short soak of the live channel: what ``make live-soak`` does for long, for half a minute."""

import subprocess
import sys

import pytest

from tests.process.box_process import ROOT

MOST_S = 400
SEED = 6


@pytest.mark.slow
def test_whoever_comes_and_goes_leaves_nothing_behind() -> None:
    """Lines are cut, stall, are watched and commanded; then every register is empty, and no command lost."""
    soak = subprocess.run(
        [sys.executable, "-m", "bench.live_soak", "--minutes", "0.5", "--boxes", "40", "--seed", str(SEED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=MOST_S,
        check=False,
    )

    assert soak.returncode == 0, soak.stdout + soak.stderr
    assert "without a result 0" in soak.stdout
