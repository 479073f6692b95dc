"""The Workshop carries out each command at most once, and tells its result until the hub has it."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from msgspec import structs

from easyplayer.clerk import WRITING_MAY_TAKE_S
from easyplayer.crafts import CRAFTS, Craft, Crafts
from easyplayer.crafts.ending import Ending, done
from easyplayer.drivers.precious_file import ASIDE
from easyplayer.events import BoxEvent, sound_lost
from easyplayer.hub_events import forget_hub, hub_answered
from easyplayer.protocol.arguments import Arguments
from easyplayer.protocol.commands import LONGEST_TEXT, WEB_COMMANDS, Name, Outcome, Reason
from easyplayer.protocol.heartbeat import Reply
from easyplayer.units import Instant, Seconds
from easyplayer.workshop import CONFIRMING_MAY_TAKE_S
from tests.fakes.commands import ISSUED, Hub
from tests.workbench import Workbench, journal_in


class Slow(Craft[Arguments]):
    """Goes on until a part tells that the sound is lost.

    :cvar log: what was done, in order.
    """

    limit_s: ClassVar[Seconds] = Seconds(20.0)
    log: ClassVar[list[str]] = []

    def begin(self) -> None:
        self.log.append("begun")

    def hear(self, fact: BoxEvent) -> None:
        if isinstance(fact, sound_lost):
            self.finish(done("x" * (LONGEST_TEXT + 10), heard=True))

    def stop(self) -> None:
        self.log.append("stopped")


class Hasty(Slow):
    """Shares its kind with another."""

    kind: ClassVar[str] = "hasty"

    def at_once(self) -> Ending | None:
        return None


SLOW: Crafts = {**CRAFTS, Name.SKIP: Slow, Name.PLAY: Hasty, Name.PAUSE: Hasty}


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    Slow.log.clear()
    yield
    Slow.log.clear()


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Workbench:
    return Workbench(tmp_path, crafts=SLOW)


def again(bench: Workbench, tmp_path: Path, **fields: str) -> Workbench:
    """Give the next run of the box, after a power cut."""
    return Workbench(tmp_path, crafts=SLOW, hub=bench.hub, **fields)  # type: ignore[arg-type]


class TestOnce:
    """A command is begun at most once."""

    def test_it_is_on_the_disk_before_it_is_begun(self, bench: Workbench, tmp_path: Path) -> None:
        """And its result is, before it is told."""
        bench.disk.busy = True
        command = bench.order(Name.SKIP)
        assert (Slow.log, journal_in(tmp_path).load().entries) == ([], ())  # type: ignore[union-attr]

        bench.disk.busy = False
        bench.settle()
        assert Slow.log == ["begun"]
        bench.disk.busy = True
        bench.fire(sound_lost("gone"))
        assert bench.results_of(command) == []

        bench.disk.busy = False
        bench.settle()
        kept = journal_in(tmp_path).load()
        assert kept is not None
        assert kept.entries[0].result == bench.result_of(command)

    def test_the_hub_asks_again_while_it_is_done(self, bench: Workbench) -> None:
        """It is not begun anew."""
        command = bench.order(Name.SKIP)
        bench.bring(command)

        assert (Slow.log, bench.results_of(command)) == (["begun"], [])

    def test_the_hub_asks_again_when_it_is_done(self, bench: Workbench) -> None:
        """It has the same result once more."""
        command = bench.order(Name.SKIP)
        bench.fire(sound_lost("gone"))
        bench.bring(command)

        first, second = bench.results_of(command)
        assert first == second
        assert Slow.log == ["begun"]

    def test_a_result_that_is_not_on_the_disk_is_not_told(self, bench: Workbench) -> None:
        """Though the hub asks for it: after a power cut it would be another one."""
        command = bench.order(Name.SKIP)
        bench.disk.busy = True
        bench.fire(sound_lost("gone"))
        bench.bring(command)
        assert bench.results_of(command) == []

        bench.disk.busy = False
        bench.settle()
        assert {one.outcome for one in bench.results_of(command)} == {Outcome.DONE}

    def test_the_hub_asks_again_when_it_has_the_result(self, bench: Workbench) -> None:
        """That is a replay."""
        command = bench.order(Name.SKIP)
        bench.fire(sound_lost("gone"))
        bench.confirm(command)
        bench.bring(command)

        assert bench.results_of(command)[-1].reason is Reason.REPLAYED
        assert Slow.log == ["begun"]

    def test_an_old_one_under_another_id_is_a_replay(self, bench: Workbench) -> None:
        """Its number has been used."""
        command = structs.replace(bench.order(Name.SKIP), id="command-x")
        bench.bring(command)

        assert bench.result_of(command).reason is Reason.REPLAYED

    def test_a_power_cut_in_the_middle_interrupts_it(self, bench: Workbench, tmp_path: Path) -> None:
        """The next run says so, again and again, and does not do it."""
        command = bench.order(Name.SKIP)

        after = again(bench, tmp_path)
        after.bring(command)
        assert [one.outcome for one in after.results_of(command)] == [Outcome.INTERRUPTED] * 2
        assert Slow.log == ["begun"]

    def test_a_power_cut_after_it_loses_no_result(self, bench: Workbench, tmp_path: Path) -> None:
        """Until the hub has it, each run tells it at its start."""
        command = bench.order(Name.SKIP)
        bench.fire(sound_lost("gone"))
        second = again(bench, tmp_path)
        third = again(bench, tmp_path)
        assert second.result_of(command) == third.result_of(command) == bench.result_of(command)

        third.confirm(command)
        assert again(bench, tmp_path).told("command_finished") == []

    def test_a_box_that_ends_leaves_what_it_does(self, bench: Workbench, tmp_path: Path) -> None:
        """It is told to stop, and the next run says that it was interrupted."""
        command = bench.order(Name.SKIP)
        bench.workshop.close()

        assert Slow.log == ["begun", "stopped"]
        assert again(bench, tmp_path).result_of(command).outcome is Outcome.INTERRUPTED


class TestRefused:
    """What is not begun at all."""

    def test_a_command_of_tomorrow_is_refused_by_its_name(self, bench: Workbench) -> None:
        """Newer software may know it."""
        result = bench.result("make_coffee")

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.NOT_KNOWN)
        assert "make_coffee" in result.text

    def test_wrong_arguments_are_refused_by_their_place(self, bench: Workbench) -> None:
        """The hub shows that to whoever gave them."""
        result = bench.result(Name.SET_VOLUME, volume=300)

        assert (result.outcome, result.reason) == (Outcome.REFUSED, Reason.BAD_ARGUMENTS)
        assert "volume" in result.text

    def test_two_of_a_kind_are_not_done_at_once(self, bench: Workbench) -> None:
        """One of another kind is."""
        bench.order(Name.SKIP)

        assert bench.result(Name.SKIP).reason is Reason.BUSY
        assert bench.results_of(bench.order(Name.PLAY)) == []
        assert bench.result(Name.PAUSE).reason is Reason.BUSY

    def test_a_refusal_is_remembered(self, bench: Workbench, tmp_path: Path) -> None:
        """What the hub has been told is refused does not happen later."""
        bench.order(Name.SKIP)
        command = bench.order(Name.SKIP)
        after = again(bench, tmp_path)
        after.bring(command)

        assert {one.reason for one in after.results_of(command)} == {Reason.BUSY}

    @pytest.mark.parametrize("name", sorted(WEB_COMMANDS))
    def test_web_commands_are_not_for_the_workshop(self, bench: Workbench, name: Name) -> None:
        """They are answered elsewhere."""
        assert bench.result(name).outcome is Outcome.UNAVAILABLE

    @pytest.mark.parametrize("name", sorted(set(Name) - WEB_COMMANDS - {Name.UNKNOWN}))
    def test_each_other_command_is_known(self, name: Name) -> None:
        """Be it to say that this box cannot do it."""
        assert name in CRAFTS


class TestLimits:
    """Each command has its time."""

    def test_one_that_takes_too_long_has_failed(self, bench: Workbench) -> None:
        """It is told to stop, and another of its kind may be begun."""
        command = bench.order(Name.SKIP)
        bench.run_for(Slow.limit_s + 0.1)

        result = bench.result_of(command)
        assert (result.outcome, result.text) == (Outcome.FAILED, "it took longer than 20 s")
        assert Slow.log == ["begun", "stopped"]
        assert bench.results_of(bench.order(Name.SKIP)) == []

    def test_what_comes_later_counts_no_more(self, bench: Workbench) -> None:
        """There is one result."""
        command = bench.order(Name.SKIP)
        bench.run_for(Slow.limit_s + 0.1)
        bench.fire(sound_lost("gone"))

        assert len(bench.results_of(command)) == 1

    def test_one_that_is_in_time_has_its_time_told(self, bench: Workbench) -> None:
        """And words that are too long are cut."""
        command = bench.order(Name.SKIP)
        bench.run_for(5)
        bench.fire(sound_lost("gone"))
        bench.run_for(60)

        result = bench.result_of(command)
        assert result.took_s == pytest.approx(5.0)
        assert (result.data, len(result.text)) == ({"heard": True}, LONGEST_TEXT)


class TestDisk:
    """What cannot be written down is not begun."""

    def test_a_full_disk_refuses_commands(self, bench: Workbench, tmp_path: Path) -> None:
        """In its own words; nothing is done, then or later."""
        (tmp_path / "commands.json.new").mkdir()
        command = bench.order(Name.SKIP)
        (tmp_path / "commands.json.new").rmdir()
        bench.bring(command)

        assert {one.reason for one in bench.results_of(command)} == {Reason.NOT_NOW}
        assert "cannot be written" in bench.results_of(command)[0].text
        assert Slow.log == []

    def test_a_disk_that_hangs_refuses_commands(self, bench: Workbench) -> None:
        """They are not begun when it comes back, long after."""
        bench.disk.busy = True
        command = bench.order(Name.SKIP)
        bench.run_for(2 * WRITING_MAY_TAKE_S + 0.1)
        result = bench.result_of(command)
        bench.disk.busy = False
        bench.run_for(1)

        assert (result.reason, Slow.log) == (Reason.NOT_NOW, [])
        assert "does not answer" in result.text

    def test_a_damaged_journal_is_set_aside(self, tmp_path: Path) -> None:
        """Whatever was given before the hub next told its time is not done; it may have been done."""
        (tmp_path / "commands.json").write_bytes(b'{"entries": [')
        bench = Workbench(tmp_path, crafts=SLOW)
        bench.fire(hub_answered(Reply(time=Instant(ISSUED + 5), next_s=Seconds(30))))
        old = bench.order(Name.SKIP)
        new = bench.hub.command(Name.SKIP, issued=ISSUED + 6)
        bench.bring(new)

        assert bench.result_of(old).outcome is Outcome.INTERRUPTED
        assert Slow.log == ["begun"]
        assert (tmp_path / f"commands.json{ASIDE}").read_bytes() == b'{"entries": ['

    def test_the_doubt_outlives_another_restart(self, tmp_path: Path) -> None:
        """It is on the disk."""
        (tmp_path / "commands.json").write_bytes(b"\0" * 100)
        Workbench(tmp_path)
        bench = Workbench(tmp_path, crafts=SLOW)

        assert bench.result(Name.SKIP).outcome is Outcome.INTERRUPTED


class TestForget:
    """The box is unpaired, once the hub knows that it will be."""

    def test_it_waits_for_the_hub_to_know(self, bench: Workbench) -> None:
        """Or else the hub would ask for ever."""
        command = bench.order(Name.FORGET)
        bench.run_for(10)
        assert (bench.result_of(command).outcome, bench.told("forget_hub")) == (Outcome.DONE, [])

        bench.confirm(command)
        bench.run_for(CONFIRMING_MAY_TAKE_S)
        assert len(bench.told("forget_hub")) == 1

    def test_it_does_not_wait_for_ever(self, bench: Workbench) -> None:
        """A hub that is gone must not keep it."""
        bench.order(Name.FORGET)
        bench.run_for(CONFIRMING_MAY_TAKE_S + 1)

        assert len(bench.told("forget_hub")) == 1

    def test_a_restart_in_between_changes_nothing(self, bench: Workbench, tmp_path: Path) -> None:
        """The next run sees to it."""
        bench.order(Name.FORGET)
        after = again(bench, tmp_path)
        after.run_for(CONFIRMING_MAY_TAKE_S + 1)

        assert len(after.told("forget_hub")) == 1

    def test_commands_count_anew_afterwards(self, bench: Workbench) -> None:
        """To the hub it is another box; what was being done for the old one is left."""
        left = bench.order(Name.SKIP)
        bench.fire(forget_hub("another machine has the same key"))
        bench.hub = Hub("c" * 16)
        bench.order(Name.SKIP)
        bench.fire(sound_lost("gone"))

        (of_the_new_one,) = bench.results_of(left)  # which has the same id
        assert Slow.log == ["begun", "stopped", "begun"]
        assert of_the_new_one.outcome is Outcome.DONE

    def test_the_new_hub_hears_of_no_old_command(self, bench: Workbench, tmp_path: Path) -> None:
        """Nor does a later run tell what the old one never confirmed."""
        bench.order("make_coffee")
        bench.fire(forget_hub("another machine has the same key"))

        assert again(bench, tmp_path).told("command_finished") == []

    def test_the_way_in_for_support_is_closed(self, bench: Workbench) -> None:
        """Whoever opened it has nothing to say here any more."""
        bench.order(Name.OPEN_SUPPORT, why="it hums")
        bench.fakes.tunnel.accept(40123)
        bench.settle()
        bench.fire(forget_hub("told so"))

        assert bench.fakes.tunnel.ticket == 0
        assert bench.told("support_closed") == [["the box is unpaired"]]
