"""Commands to the storage: the program that is ready, and the media."""

from pathlib import Path

import pytest

from easyplayer.crafts.storing import MOST_NAMED
from easyplayer.events import program_refused
from easyplayer.protocol.commands import Name, Outcome, Reason
from easyplayer.protocol.heartbeat import Storage
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.storage_events import storage_switched, storage_told, storage_verified, switch_refused
from tests.workbench import Workbench

HEAD = ProgramHead(box="b" * 16, revision=7, digest="ab" * 32, size=9, name="bar", version=3)


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path)


class TestSwitch:
    """Play by the newest program."""

    def test_it_is_done_when_the_program_is_the_current_one(self, bench: Workbench) -> None:
        """What plays gives way."""
        bench.fire(storage_told(Storage(staged="bar, version 3"), None))
        command = bench.order(Name.SWITCH_PROGRAM)
        assert bench.told("switch_storage") == [[True]]

        bench.fire(storage_switched(HEAD))
        result = bench.result_of(command)
        assert (result.outcome, result.data["revision"]) == (Outcome.DONE, 7)

    @pytest.mark.parametrize("event", [switch_refused, program_refused])
    def test_it_fails_where_the_program_cannot_be_taken(
        self, bench: Workbench, event: type[switch_refused] | type[program_refused]
    ) -> None:
        """In the words of who refuses it."""
        bench.fire(storage_told(Storage(staged="bar, version 3"), None))
        command = bench.order(Name.SWITCH_PROGRAM)
        bench.fire(event("nothing of it is there"))

        result = bench.result_of(command)
        assert (result.outcome, result.text) == (Outcome.FAILED, "nothing of it is there")


class TestGoBack:
    """Play by the program before."""

    def test_it_is_done_when_that_is_the_current_one(self, bench: Workbench) -> None:
        """What plays gives way."""
        bench.fire(storage_told(Storage(previous="bar, version 3"), None))
        command = bench.order(Name.ROLLBACK)
        assert bench.told("roll_back") == [[]]

        bench.fire(storage_switched(HEAD))
        result = bench.result_of(command)
        assert (result.outcome, result.text) == (Outcome.DONE, "plays by bar, version 3")

    def test_it_fails_where_there_is_none(self, bench: Workbench) -> None:
        """In the words of the storage."""
        bench.fire(storage_told(Storage(), None))
        command = bench.order(Name.ROLLBACK, what="program")
        bench.fire(switch_refused("there is none"))
        assert bench.result_of(command).outcome is Outcome.FAILED

    def test_there_is_no_earlier_software(self, bench: Workbench) -> None:
        """Whoever has installed it keeps it."""
        bench.fire(storage_told(Storage(), None))
        result = bench.result(Name.ROLLBACK, what="software")
        assert (result.outcome, bench.told("roll_back")) == (Outcome.UNAVAILABLE, [])

    def test_one_change_at_a_time(self, bench: Workbench) -> None:
        """What is told could not be told apart."""
        bench.fire(storage_told(Storage(), None))
        bench.order(Name.SWITCH_PROGRAM)
        assert bench.result(Name.ROLLBACK).reason is Reason.BUSY


class TestVerify:
    """Look at the media."""

    @pytest.mark.parametrize(
        ("name", "thoroughly"), [(Name.RESCAN_STORAGE, False), (Name.VERIFY_STORAGE, True)]
    )
    def test_it_tells_what_was_found(self, bench: Workbench, name: Name, thoroughly: bool) -> None:
        """How many are right, and which are not."""
        bench.fire(storage_told(Storage(), None))
        command = bench.order(name)
        assert bench.told("verify_storage") == [[thoroughly]]

        bench.fire(storage_verified(12, ("ff" * 32,)))
        result = bench.result_of(command)
        assert (result.outcome, result.data) == (Outcome.DONE, {"good": 12, "bad": ["ff" * 32]})

    def test_a_disk_that_has_lost_everything_has_a_result_that_can_be_sent(self, bench: Workbench) -> None:
        """It names some, and tells how many."""
        bench.fire(storage_told(Storage(), None))
        command = bench.order(Name.RESCAN_STORAGE)
        bench.fire(storage_verified(0, ("ff" * 32,) * 5000))

        result = bench.result_of(command)
        assert len(result.data["bad"]) == MOST_NAMED
        assert "5000" in result.text

    def test_one_look_at_a_time(self, bench: Workbench) -> None:
        """What is told could not be told apart."""
        bench.fire(storage_told(Storage(), None))
        bench.order(Name.VERIFY_STORAGE)

        assert bench.result(Name.RESCAN_STORAGE).reason is Reason.BUSY
