"""The journal knows which commands have been begun, and lets none be begun twice."""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import json, structs

from easyplayer.journal import MOST_ENTRIES, Content, Entry, Journal, Standing, doubtful, left_over
from easyplayer.protocol.commands import Command, CommandResult, Name, Outcome
from easyplayer.units import Instant
from tests.fakes.commands import ISSUED, Hub

BOOT, OTHER_BOOT = "boot-1", "boot-2"


def result_of(command: Command) -> CommandResult:
    """Make the result of a command that went well."""
    return CommandResult(command=command.id, outcome=Outcome.DONE)


def journal_with(*commands: Command) -> Journal:
    """Give a journal in which commands have been begun."""
    journal = Journal(Content())
    for command in commands:
        journal.begin(command, BOOT)
    return journal


class TestStanding:
    """How it stands with a command that has come."""

    def test_a_command_is_new_once(self) -> None:
        """Then it is under way, then finished, and then answered."""
        command = Hub().command(Name.PLAY)
        journal = Journal(Content())
        seen = [journal.standing(command)]
        journal.begin(command, BOOT)
        seen.append(journal.standing(command))
        journal.finish(result_of(command))
        seen.append(journal.standing(command))
        journal.confirm([command.id])
        seen.append(journal.standing(command))

        assert seen == [Standing.NEW, Standing.UNDER_WAY, Standing.FINISHED, Standing.REPLAYED]

    def test_a_number_counts_once(self) -> None:
        """A command under another id is still that command."""
        command = Hub().command(Name.PLAY)
        journal = journal_with(command)

        assert journal.standing(structs.replace(command, id="another id")) is Standing.REPLAYED

    def test_commands_may_come_in_any_order(self) -> None:
        """One that was overtaken is no old one."""
        hub = Hub()
        first, second = hub.command(Name.PLAY), hub.command(Name.PAUSE)

        assert journal_with(second).standing(first) is Standing.NEW

    def test_another_box_has_other_commands(self) -> None:
        """After it was unpaired and paired anew its commands count from 1."""
        journal = journal_with(Hub().command(Name.PLAY))
        other = Hub("c" * 16).command(Name.PLAY)

        assert journal.standing(other) is Standing.NEW
        journal.begin(other, BOOT)
        assert [one.id for one in journal.content.entries] == [other.id]

    def test_a_result_is_given_until_it_is_confirmed(self) -> None:
        """It is told to the hub again and again."""
        command = Hub().command(Name.PLAY)
        journal = journal_with(command)
        journal.finish(result_of(command))
        before = journal.result(command.id)
        news = journal.confirm([command.id, "nobody's"])

        assert (before, journal.result(command.id)) == (result_of(command), None)
        assert [one.id for one in news] == [command.id]
        assert journal.confirm([command.id]) == ()

    def test_it_can_begin_anew(self) -> None:
        """Nothing is known then."""
        command = Hub().command(Name.PLAY)
        journal = journal_with(command)
        journal.begin_anew()

        assert journal.standing(command) is Standing.NEW
        assert not journal.knows(command.id)


class TestBounds:
    """How much is remembered."""

    def test_what_is_forgotten_is_old(self) -> None:
        """The oldest go, and whatever has a number as small does not come back."""
        hub = Hub()
        commands = [hub.command(Name.PLAY) for _ in range(MOST_ENTRIES + 5)]
        journal = Journal(Content())
        for command in commands:
            journal.begin(command, BOOT)
            journal.finish(result_of(command))
            journal.confirm([command.id])

        assert len(journal.content.entries) == MOST_ENTRIES
        assert {journal.standing(command) for command in commands} == {Standing.REPLAYED}
        assert journal.content.forgotten == 5

    def test_what_the_hub_has_not_confirmed_stays_longer(self) -> None:
        """And what is being done stays longest."""
        hub = Hub()
        under_way, finished = hub.command(Name.LISTEN), hub.command(Name.PLAY)
        journal = journal_with(under_way, finished)
        journal.finish(result_of(finished))
        for _ in range(MOST_ENTRIES):
            command = hub.command(Name.PLAY)
            journal.begin(command, BOOT)
            journal.finish(result_of(command))
            journal.confirm([command.id])

        assert journal.standing(under_way) is Standing.UNDER_WAY
        assert journal.standing(finished) is Standing.FINISHED


class TestLost:
    """A journal that was damaged."""

    def test_nothing_is_begun_that_may_have_stood_there(self) -> None:
        """Until the hub has said what time it is, that is everything."""
        hub = Hub()
        old, new = hub.command(Name.PLAY), hub.command(Name.PLAY, issued=ISSUED + 61)
        journal = Journal(Content(doubtful=True))
        assert journal.standing(new) is Standing.DOUBTFUL

        assert journal.tell_time(Instant(ISSUED + 60))
        assert (journal.standing(old), journal.standing(new)) == (Standing.DOUBTFUL, Standing.NEW)

    def test_the_first_time_counts(self) -> None:
        """A later one would cast doubt on what has been given since."""
        journal = Journal(Content(doubtful=True))
        journal.tell_time(Instant(ISSUED))

        assert not journal.tell_time(Instant(ISSUED + 600))
        assert journal.standing(Hub().command(Name.PLAY, issued=ISSUED + 1)) is Standing.NEW

    def test_a_sound_one_asks_for_no_time(self) -> None:
        """There is no doubt."""
        assert not Journal(Content()).tell_time(Instant(ISSUED))

    def test_the_hub_is_told_that_nobody_knows(self) -> None:
        """Whoever gave it decides whether to give it again."""
        assert doubtful(Hub().command(Name.PLAY)).outcome is Outcome.INTERRUPTED


@pytest.mark.parametrize(
    ("name", "boot", "outcome"),
    [
        (Name.LISTEN, BOOT, Outcome.INTERRUPTED),
        (Name.LISTEN, OTHER_BOOT, Outcome.INTERRUPTED),
        (Name.RESTART_PLAYER, BOOT, Outcome.DONE),
        (Name.RESTART_PLAYER, OTHER_BOOT, Outcome.DONE),
        (Name.REBOOT, BOOT, Outcome.INTERRUPTED),
        (Name.REBOOT, OTHER_BOOT, Outcome.DONE),
        (Name.POWER_OFF, BOOT, Outcome.INTERRUPTED),
        (Name.POWER_OFF, OTHER_BOOT, Outcome.DONE),
        ("tomorrow", BOOT, Outcome.INTERRUPTED),
    ],
)
def test_the_next_run_tells_what_came_of_it(name: str, boot: str, outcome: Outcome) -> None:
    """A restart is done by being restarted; all else was interrupted."""
    entry = Entry(id="command-1", number=1, name=str(name), boot=BOOT)
    assert left_over(entry, boot).outcome is outcome


class AnyOrder(RuleBasedStateMachine):
    """Commands come in any order, again and again, and the box is restarted in between."""

    def __init__(self) -> None:
        super().__init__()
        hub = Hub()
        self.commands = [hub.command(Name.SKIP) for _ in range(12)]
        self.journal = Journal(Content())
        self.begun: list[str] = []

    def pick(self, index: int) -> Command:
        return self.commands[index]

    @rule(index=st.integers(0, 11))
    def come(self, index: int) -> None:
        command = self.pick(index)
        if self.journal.standing(command) is Standing.NEW:
            self.begun.append(command.id)
            self.journal.begin(command, BOOT)

    @rule(index=st.integers(0, 11))
    def finish(self, index: int) -> None:
        command = self.pick(index)
        if self.journal.standing(command) is Standing.UNDER_WAY:
            self.journal.finish(result_of(command))

    @rule(indices=st.lists(st.integers(0, 11)))
    def confirm(self, indices: list[int]) -> None:
        self.journal.confirm([self.pick(index).id for index in indices])

    @rule()
    def restart(self) -> None:
        self.journal = Journal(json.decode(json.encode(self.journal.content), type=Content))
        for entry in self.journal.under_way:
            self.journal.finish(left_over(entry, BOOT))

    @invariant()
    def none_is_begun_twice(self) -> None:
        assert len(self.begun) == len(set(self.begun))

    @invariant()
    def each_that_was_begun_is_known(self) -> None:
        assert all(self.journal.knows(one) for one in self.begun)


TestAnyOrder: Any = AnyOrder.TestCase
