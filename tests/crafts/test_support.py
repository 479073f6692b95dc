"""The way in for support: opened for a limited time, shown, and closed by itself."""

from pathlib import Path

import pytest

from easyplayer.protocol.commands import Name, Outcome, Reason
from tests.workbench import Workbench

WHY = "Anna, ticket 7: it hums"


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


def opened(bench: Workbench, minutes: int = 30) -> Workbench:
    """Have it open."""
    bench.order(Name.OPEN_SUPPORT, why=WHY, minutes=minutes)
    bench.fakes.tunnel.accept(40123)
    bench.settle()
    return bench


def test_the_result_says_where_support_finds_it(bench: Workbench) -> None:
    """And everybody at the venue is shown who it is for."""
    command = bench.order(Name.OPEN_SUPPORT, why=WHY)
    assert (bench.results_of(command), bench.told("support_opened")) == ([], [])
    bench.fakes.tunnel.accept(40123)
    bench.settle()

    result = bench.result_of(command)
    assert (result.outcome, result.data) == (Outcome.DONE, {"port": 40123})
    assert bench.told("support_opened") == [[WHY, 1800.0]]
    assert bench.fakes.tunnel.asked_s == [1800.0]


def test_it_is_closed_when_its_time_is_over(bench: Workbench) -> None:
    """Nobody has to remember it."""
    opened(bench, minutes=1).run_for(61, step_s=0.5)

    assert bench.fakes.tunnel.ticket == 0
    assert bench.told("support_closed") == [["its time is over"]]


def test_it_is_closed_on_command(bench: Workbench) -> None:
    """Once; what is closed stays closed."""
    result = opened(bench).result(Name.CLOSE_SUPPORT)
    bench.run_for(1900, step_s=5)

    assert WHY in result.text
    assert bench.told("support_closed") == [["closed from the hub"]]
    assert bench.result(Name.CLOSE_SUPPORT).text == "it was not open"


def test_it_is_told_when_it_breaks(bench: Workbench) -> None:
    """The server is gone, or has had enough."""
    opened(bench).fakes.tunnel.refuse("Timeout, server not responding.")
    bench.settle()

    assert bench.told("support_closed") == [["Timeout, server not responding."]]


def test_a_server_that_refuses_is_told_in_its_words(bench: Workbench) -> None:
    """Nothing was open, so nothing is closed."""
    command = bench.order(Name.OPEN_SUPPORT, why=WHY)
    bench.fakes.tunnel.refuse("Host key verification failed.")
    bench.settle()

    result = bench.result_of(command)
    assert (result.outcome, result.text) == (Outcome.FAILED, "Host key verification failed.")
    assert bench.told("support_closed") == []


def test_a_server_that_does_not_answer_is_not_waited_for_long(bench: Workbench) -> None:
    """The half-open tunnel is taken back."""
    command = bench.order(Name.OPEN_SUPPORT, why=WHY)
    bench.run_for(61, step_s=0.5)

    assert bench.result_of(command).outcome is Outcome.FAILED
    assert bench.fakes.tunnel.ticket == 0


def test_it_can_be_taken_back_before_it_is_open(bench: Workbench) -> None:
    """Then it never opens."""
    command = bench.order(Name.OPEN_SUPPORT, why=WHY)
    bench.order(Name.CLOSE_SUPPORT)

    assert bench.result_of(command).text == "closed from the hub"
    assert bench.fakes.tunnel.ticket == 0


def test_it_is_opened_once_at_a_time(bench: Workbench) -> None:
    """Whoever wants another closes the first."""
    opened(bench)

    result = bench.result(Name.OPEN_SUPPORT, why="another")
    assert (result.reason, WHY in result.text) == (Reason.NOT_NOW, True)


def test_a_box_without_a_server_says_so(bench: Workbench) -> None:
    """It is not available, and what to set is told."""
    bench.fakes.tunnel.missing = "no support server is set: set support.server"

    result = bench.result(Name.OPEN_SUPPORT, why=WHY)
    assert result.outcome is Outcome.UNAVAILABLE
    assert "support.server" in result.text


def test_it_is_closed_when_the_box_ends(bench: Workbench) -> None:
    """No way in outlives the box."""
    opened(bench).workshop.close()

    assert bench.fakes.tunnel.ticket == 0
