"""A few power cuts of box and hub; ``make kills`` takes a thousand."""

from pathlib import Path
from random import Random

import pytest

from bench.kills import judged, run
from tests.hub import postgres

pytestmark = [pytest.mark.process, pytest.mark.sound]
KILLS = 12


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_was_heard_the_ledger_and_the_hubs_log_agree_after_power_cuts(
    database: str, tmp_path: Path
) -> None:
    """Row for row: nothing that was heard is missing, and nothing is there twice."""
    if database == "sqlite":
        course = run(tmp_path, "", KILLS, Random(1))
    else:
        with postgres.cluster() as folder:
            postgres.run(folder, "CREATE DATABASE kills")
            course = run(tmp_path, postgres.url(folder, "kills"), KILLS, Random(2))

    assert list(judged(course)) == []
    assert course.acknowledged > KILLS / 2
    assert len(course.heard) > KILLS / 4
