"""Who is silent for too long is killed, and nobody else, in whatever order things happen."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from easyplayer.circus.roll import Roll, Stage, Step

MAX, START = 3, 5


def steps(roll: Roll) -> list[tuple[int, Step]]:
    """End a round, and tell what is to be done with whom."""
    return [(blow.ward.pid, blow.step) for blow in roll.look()]


def heard_once() -> Roll:
    """Give a roll with one process that has been heard."""
    roll = Roll(MAX, START)
    roll.take_in(7, "box", 1)
    roll.hear(7)
    roll.look()
    return roll


def test_one_that_speaks_each_round_lives() -> None:
    """For as long as it does."""
    roll = heard_once()

    for _ in range(100):
        roll.hear(7)
        assert steps(roll) == []


def test_one_that_is_silent_for_three_rounds_is_killed() -> None:
    """By circusd at first; a round later without it; and then there is nothing left to try."""
    roll = heard_once()

    assert [steps(roll) for _ in range(6)] == [
        [],
        [],
        [(7, Step.ASK)],
        [(7, Step.FORCE)],
        [(7, Step.DESPAIR)],
        [(7, Step.DESPAIR)],
    ]


def test_one_that_has_never_spoken_has_more_time() -> None:
    """A slow machine takes its time to start a box."""
    roll = Roll(MAX, START)
    roll.take_in(7, "box")

    assert [steps(roll) for _ in range(START)] == [[]] * (START - 1) + [[(7, Step.ASK)]]


def test_a_word_in_time_makes_up_for_all_silence() -> None:
    """Rounds count in a row."""
    roll = heard_once()
    roll.look()
    roll.look()
    roll.hear(7)

    assert [steps(roll) for _ in range(3)] == [[], [], []]


def test_one_of_several_is_killed_and_the_others_are_not() -> None:
    """Each counts for itself, whatever watcher it is of."""
    roll = Roll(1, 1)
    for pid, watcher in ((1, "box"), (2, "box"), (3, "other")):
        roll.take_in(pid, watcher)
    roll.hear(1)
    roll.hear(3)

    assert steps(roll) == [(2, Step.ASK)]


def test_a_number_that_is_used_anew_is_another_process() -> None:
    """The silence of the one before is not its own."""
    roll = heard_once()
    for _ in range(MAX):
        roll.look()

    assert roll.take_in(7, "box", 2)
    assert steps(roll) == []


def test_the_same_process_is_no_news() -> None:
    """It is told of more than once."""
    roll = heard_once()
    roll.look()
    roll.look()

    assert not roll.take_in(7, "box", 1)
    assert steps(roll) == [(7, Step.ASK)]


def test_one_that_is_told_to_end_may_be_silent() -> None:
    """A box that fades out on purpose is let go; where it never does, it is a silent one after all."""
    roll = heard_once()
    roll.leaving(7)

    assert [steps(roll) for _ in range(START)] == [[]] * START
    assert steps(roll) == [(7, Step.ASK)]


def test_words_of_strangers_count_for_nobody() -> None:
    """A number that is not guarded is not taken in by speaking."""
    roll = heard_once()

    assert not roll.hear(8)
    assert 8 not in roll
    assert len(roll) == 1


class AnyOrder(RuleBasedStateMachine):
    """Everything that can happen, in any order."""

    @initialize()
    def begin(self) -> None:
        """Guard nobody."""
        self.roll = Roll(MAX, START)
        self.silent: dict[int, int] = {}
        self.spoke: set[int] = set()
        self.born = 0

    @rule(pid=st.integers(1, 4))
    def spawn(self, pid: int) -> None:
        """Start a process."""
        self.born += 1
        self.roll.take_in(pid, "box", self.born)
        self.silent[pid] = 0
        self.spoke.discard(pid)

    @rule(pid=st.integers(1, 4))
    def reap(self, pid: int) -> None:
        """End one."""
        self.roll.strike_off(pid)
        self.silent.pop(pid, None)

    @rule(pid=st.integers(1, 6))
    def speak(self, pid: int) -> None:
        """Say that one is well."""
        if self.roll.hear(pid):
            self.spoke.add(pid)

    @rule()
    def look(self) -> None:
        """End a round."""
        for pid in self.silent:
            self.silent[pid] = 0 if pid in self.spoke else self.silent[pid] + 1
        stages = {ward.pid: ward.stage for ward in self.roll}
        for pid, step in steps(self.roll):
            assert self.silent[pid] >= MAX or stages[pid] is not Stage.GUARDED
            assert (stages[pid], step) in {
                (Stage.GUARDED, Step.ASK),
                (Stage.ASKED, Step.FORCE),
                (Stage.FORCED, Step.DESPAIR),
            }
        for ward in self.roll:
            if self.silent[ward.pid] >= START:
                assert ward.stage is not Stage.GUARDED
        self.spoke.clear()

    @invariant()
    def everybody_is_known(self) -> None:
        """Those are guarded that run, and no others."""
        assert {ward.pid for ward in self.roll} == set(self.silent)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
