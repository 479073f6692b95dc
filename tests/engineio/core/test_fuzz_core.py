"""What the fuzzer does, for a moment each time the tests run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engineio.core.fuzz_input import SEEDS, one_input

ROOT = Path(__file__).parents[3]
APART = ("/bin/sh", "-c", '"$@"; exit $?', "sh")
"""The fuzzer judges by the most memory that its process has ever had, and a process that is made of a large
one begins with that one's: so a small one makes it."""


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_what_the_fuzzer_begins_with_is_well(seed: int) -> None:
    """Each of its seeds."""
    one_input(SEEDS[seed])


@settings(max_examples=50)
@given(data=st.binary(max_size=200) | st.sampled_from(SEEDS).flatmap(lambda one: st.just(one[::-1])))
def test_any_input_is_well(data: bytes) -> None:
    """Whatever comes, there is no unexpected exception."""
    one_input(data)


@pytest.mark.slow
def test_the_fuzzer_finds_nothing_in_a_moment(tmp_path: Path) -> None:
    """With its eye on coverage; ``make fuzz`` looks for longer."""
    run = subprocess.run(
        [*APART, sys.executable, "-m", "tests.engineio.core.fuzz_core", "--seconds", "8"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert "stat::number_of_executed_units" in run.stderr
    assert list(tmp_path.iterdir()) == []
