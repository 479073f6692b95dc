"""A short soak: what ``make soak`` does for half an hour, for one minute."""

import subprocess
import sys

import pytest

from tests.process.box_process import ROOT
from tests.sound.signals import Signals

pytestmark = [pytest.mark.process, pytest.mark.sound]


def test_a_minute_of_skips_and_turns_has_no_dropout_and_no_growth(signals: Signals) -> None:
    """Songs of many lengths, skipped and turned all the time, leave no hole in the sound."""
    songs = [str(signals.noise(seed, 5 + 7 * seed)) for seed in range(1, 4)]

    soak = subprocess.run(
        [sys.executable, "-m", "bench.soak", "--minutes", "1", "--music", *songs],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert soak.returncode == 0, soak.stdout + soak.stderr
    assert "dropouts              0" in soak.stdout
