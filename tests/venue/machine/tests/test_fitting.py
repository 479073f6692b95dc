"""As many machines at once as there is memory for, and processors."""

from pathlib import Path

import pytest

from tests.venue.machine import Spec
from tests.venue.machine.fitting import available_mib, how_many_fit


@pytest.mark.parametrize(
    ("memory_mib", "cpus", "fit"), [(16384, 4, 4), (4096, 8, 2), (500, 8, 1), (65536, 1, 1)]
)
def test_memory_and_processors_both_count(memory_mib: int, cpus: int, fit: int) -> None:
    """The scarcer one decides, a fifth of the memory is left alone, and one machine always runs."""
    assert how_many_fit(Spec(memory_mib=1024), memory_mib, cpus) == fit


def test_the_memory_is_that_which_is_to_be_had(tmp_path: Path) -> None:
    """It is read from the kernel; a file without it is told."""
    assert available_mib() > 0
    (tmp_path / "meminfo").write_text("MemTotal: 1 kB\n")
    with pytest.raises(ValueError, match="does not tell MemAvailable"):
        available_mib(tmp_path / "meminfo")
