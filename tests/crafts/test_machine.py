"""Commands to the machine: start anew, power off, and how much the log tells."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.crafts.machine import ANEW
from easyplayer.drivers.power import Deed
from easyplayer.protocol.commands import Name, Outcome, Reason
from tests.workbench import Workbench

OURS = "easyplayer.audio"


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Iterator[Workbench]:
    bench = Workbench(tmp_path)
    yield bench
    bench.workshop.close()


class TestRestart:
    """The box ends, and is started anew."""

    def test_the_next_run_tells_that_it_is_done(self, bench: Workbench, tmp_path: Path) -> None:
        """This one ends with a code that says what it wants."""
        command = bench.order(Name.RESTART_PLAYER)
        assert (bench.told("shut_down"), bench.results_of(command)) == ([[ANEW]], [])

        assert Workbench(tmp_path).result_of(command).outcome is Outcome.DONE

    def test_one_that_nobody_would_start_again_plays_on(self, bench: Workbench) -> None:
        """It would be lost to the hub."""
        bench.fakes.guardian = ""

        result = bench.result(Name.RESTART_PLAYER)
        assert result.outcome is Outcome.UNAVAILABLE
        assert "circus" in result.text
        assert bench.told("shut_down") == []


class TestPower:
    """The machine is started anew, or switched off."""

    @pytest.mark.parametrize(("name", "deed"), [(Name.REBOOT, Deed.REBOOT), (Name.POWER_OFF, Deed.POWER_OFF)])
    def test_the_next_run_of_the_machine_tells_that_it_is_done(
        self, bench: Workbench, tmp_path: Path, name: Name, deed: Deed
    ) -> None:
        """A run of the box in between tells that it was not."""
        command = bench.order(name)
        assert (bench.fakes.power.deeds, bench.results_of(command)) == ([deed], [])

        assert Workbench(tmp_path, boot="boot-2").result_of(command).outcome is Outcome.DONE

    def test_a_box_that_only_crashed_has_not_rebooted(self, bench: Workbench, tmp_path: Path) -> None:
        """Nobody is told what is not so."""
        command = bench.order(Name.REBOOT)

        assert Workbench(tmp_path).result_of(command).outcome is Outcome.INTERRUPTED

    def test_a_machine_that_cannot_be_told_is_not_told(self, bench: Workbench) -> None:
        """The reason is in the result."""
        bench.fakes.power.missing = "systemd does not run this machine"

        result = bench.result(Name.POWER_OFF)
        assert result.outcome is Outcome.UNAVAILABLE
        assert "systemd does not run" in result.text

    def test_a_machine_that_refuses_has_failed(self, bench: Workbench) -> None:
        """In its own words."""
        bench.fakes.power.refusal = "access denied"

        result = bench.result(Name.REBOOT)
        assert (result.outcome, result.text) == (Outcome.FAILED, "access denied")

    def test_a_machine_that_does_nothing_has_failed(self, bench: Workbench) -> None:
        """After its time."""
        command = bench.order(Name.REBOOT)
        bench.run_for(121, step_s=0.5)

        assert bench.result_of(command).outcome is Outcome.FAILED

    def test_it_is_not_rebooted_while_it_powers_off(self, bench: Workbench) -> None:
        """They are of one kind."""
        bench.order(Name.POWER_OFF)

        assert bench.result(Name.REBOOT).reason is Reason.BUSY


class TestLog:
    """The log tells more, or less, for a while."""

    def test_it_goes_back_by_itself(self, bench: Workbench) -> None:
        """A box that is forgotten does not fill its disk."""
        before = logging.getLogger("easyplayer").level
        result = bench.result(Name.SET_LOG_LEVEL, level="debug", minutes=2)
        assert result.outcome is Outcome.DONE
        assert logging.getLogger(OURS).isEnabledFor(logging.DEBUG)

        bench.run_for(121, step_s=0.5)
        assert logging.getLogger("easyplayer").level == before

    def test_the_last_wish_counts(self, bench: Workbench) -> None:
        """It goes back to where it was before the first."""
        before = logging.getLogger(OURS).level
        bench.result(Name.SET_LOG_LEVEL, level="debug", logger=OURS, minutes=1)
        bench.result(Name.SET_LOG_LEVEL, level="error", logger=OURS, minutes=3)
        bench.run_for(100, step_s=0.5)
        assert logging.getLogger(OURS).level == logging.ERROR

        bench.run_for(100, step_s=0.5)
        assert logging.getLogger(OURS).level == before

    @pytest.mark.parametrize("logger", ["easyplayer.nonsense", "urllib3", "root"])
    def test_only_the_boxs_own_are_turned(self, bench: Workbench, logger: str) -> None:
        """Libraries would tell what is secret."""
        result = bench.result(Name.SET_LOG_LEVEL, level="debug", logger=logger)

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.BAD_ARGUMENTS)
        assert logger in result.text
