"""The box behaves as if the hub were away, and tells how that went."""

from pathlib import Path

import pytest

from easyplayer.events import fallback_needed, item_left_out, silence_noticed, spot_missed
from easyplayer.player_events import item_failed, item_started
from easyplayer.protocol.commands import Name, Outcome
from easyplayer.units import Seconds
from tests.house import song
from tests.workbench import Workbench


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def test_it_counts_what_happens_meanwhile(bench: Workbench) -> None:
    """And nothing before or after."""
    bench.fire(item_started(song("before"), Seconds(0.0)))
    command = bench.order(Name.REHEARSE_OFFLINE, minutes=2)
    assert bench.told("go_offline") == [[120.0]]
    bench.fire(item_started(song("a"), Seconds(0.0)))
    bench.fire(item_started(song("b"), Seconds(0.0)))
    bench.fire(item_failed(song("b"), "broken"))
    bench.fire(item_left_out("/music/c.flac", "broken"))
    bench.fire(fallback_needed("nothing is left"))
    bench.fire(silence_noticed(Seconds(5.0)))
    bench.fire(spot_missed("chime", "its file is broken"))
    bench.run_for(121, step_s=0.5)

    result = bench.result_of(command)
    assert (result.outcome, result.text) == (Outcome.DONE, "there was trouble")
    assert result.data == {"played": 2, "failed": 2, "fallbacks": 1, "silences": 1, "spots_missed": 1}
    assert bench.told("go_offline") == [[120.0], [0.0]]


def test_one_that_goes_well_says_so(bench: Workbench) -> None:
    """That is what it is for."""
    command = bench.order(Name.REHEARSE_OFFLINE, minutes=1)
    bench.fire(item_started(song("a"), Seconds(0.0)))
    bench.run_for(61, step_s=0.5)

    assert bench.result_of(command).text == "it played on as if nothing were"


def test_a_box_that_ends_leaves_no_rehearsal_behind(bench: Workbench) -> None:
    """The hub is not away for the next one."""
    bench.order(Name.REHEARSE_OFFLINE, minutes=1)
    bench.workshop.close()
    bench.settle()

    assert bench.told("go_offline")[-1] == [0.0]
