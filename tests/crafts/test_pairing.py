"""Commands about the hub itself, and those that no box can carry out yet."""

from pathlib import Path

import pytest

from easyplayer.hub_events import hub_answered
from easyplayer.protocol.commands import Name, Outcome
from easyplayer.protocol.heartbeat import Reply
from easyplayer.units import Instant, Seconds
from tests.workbench import Workbench


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def test_sync_is_done_when_the_hub_has_answered(bench: Workbench) -> None:
    """A heartbeat is sent, whatever the interval."""
    command = bench.order(Name.SYNC_NOW)
    assert (bench.told("sync_with_hub"), bench.results_of(command)) == ([[]], [])

    bench.fire(hub_answered(Reply(time=Instant(1.0), next_s=Seconds(30.0))))
    assert bench.result_of(command).outcome is Outcome.DONE


@pytest.mark.parametrize("name", [Name.SCREENSHOT, Name.UPDATE])
def test_what_no_box_can_do_yet_is_answered(bench: Workbench, name: Name) -> None:
    """With the reason, and not with silence."""
    result = bench.result(name)

    assert result.outcome is Outcome.UNAVAILABLE
    assert result.text.startswith("not available on this box: ")
