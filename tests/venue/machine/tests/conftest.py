"""A tiny machine for each test, and a look for what it leaves behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.venue.machine import Machine, tiny


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Make a tiny machine that was not launched yet."""
    with Machine(tiny.spec(tmp_path), folder=tmp_path / "machine") as one:
        yield one


@pytest.fixture
def running(machine: Machine) -> Machine:
    """Bring a tiny machine up."""
    machine.launch()
    machine.console.wait("tiny: up", 5)
    return machine
