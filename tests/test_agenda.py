"""What a box does next to get its program and its media."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from easyplayer.agenda import Adopt, Agenda, FetchMedium, FetchProgram, LookUp, Step
from easyplayer.fetch_queue import FULL_FOR_S, REFUSED_FOR_S, Outcome
from easyplayer.fetching import Fetched
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import Demand
from easyplayer.units import Monotonic
from tests.fakes.hub_media import head_of

NOW = Monotonic(1000.0)
ONE, TWO = head_of(b"one", "one", 1), head_of(b"two", "two", 2)
A, B, C = "a" * 64, "b" * 64, "c" * 64


def demand(current: ProgramHead | None = None, staged: ProgramHead | None = None, **fields: Any) -> Demand:
    """Make a demand; all that is missing is the staged program's, and it can be played."""
    missing = dict.fromkeys(fields.pop("missing", ()), 40)
    of_staged = frozenset(missing) if staged else frozenset()
    given = {"of_staged": of_staged, "playable": staged is not None, **fields}
    return Demand(current=current, staged=staged, missing=missing, **given)


@pytest.fixture
def agenda() -> Agenda:
    """Give an agenda that has just been begun."""
    return Agenda(lambda: 0.0)


def step(agenda: Agenda, now: Monotonic = NOW) -> Step | None:
    return agenda.next_step(now, offline=False)


def learn(agenda: Agenda, told: Demand) -> bool:
    """Have it look, and tell it what there is."""
    agenda.look_again()
    assert step(agenda) == LookUp()
    return agenda.learn(told)


def note(agenda: Agenda, digest: str, outcome: Outcome) -> Any:
    path = Path(digest) if outcome is Outcome.FETCHED else None
    return agenda.note(Fetched(digest=digest, outcome=outcome, path=path), NOW)


def test_it_looks_first(agenda: Agenda) -> None:
    """Once; a failed look is repeated with the next heartbeat, not again and again."""
    assert step(agenda) == LookUp()
    assert step(agenda) is None
    agenda.offer(ONE)
    assert step(agenda) == LookUp()


def test_person_comes_before_the_program_and_that_before_the_media(agenda: Agenda) -> None:
    """In this order."""
    learn(agenda, demand(ONE, missing=[A]))
    agenda.offer(TWO)
    agenda.ask_for(B)
    steps = []
    for digest in (B, TWO.digest):
        steps.append(step(agenda))
        note(agenda, digest, Outcome.FETCHED)
    assert steps == [FetchMedium(B, None, announced=True), FetchProgram(TWO)]
    assert learn(agenda, demand(ONE, TWO, missing=[A])) is False
    assert step(agenda) == FetchMedium(A, 40, announced=False)


def test_program_that_is_here_is_not_fetched(agenda: Agenda) -> None:
    """Whether it plays or is staged."""
    learn(agenda, demand(ONE))
    agenda.offer(ONE)
    assert step(agenda) is None
    learn(agenda, demand(ONE, TWO, missing=[A]))
    agenda.offer(TWO)
    assert step(agenda) == FetchMedium(A, 40, announced=False)


@pytest.mark.parametrize(
    ("here", "offered"),
    [
        (demand(ONE), structs.replace(ONE, revision=5)),
        (demand(ONE, TWO), structs.replace(ONE, revision=5)),
        (demand(ONE, TWO), ONE),
        (demand(ONE, TWO), structs.replace(TWO, revision=5)),
    ],
    ids=["published anew", "gone back to", "staged one withdrawn", "staged one published anew"],
)
def test_newer_head_of_what_is_here_is_adopted(agenda: Agenda, here: Demand, offered: ProgramHead) -> None:
    """Nothing is fetched for that."""
    learn(agenda, here)
    agenda.offer(offered)
    assert step(agenda) == Adopt(offered)


def test_complete_program_is_switched_to_once(agenda: Agenda) -> None:
    """What has come is looked at before."""
    assert learn(agenda, demand(ONE, TWO, missing=[A])) is False
    note(agenda, A, Outcome.FETCHED)
    assert step(agenda) == LookUp()
    assert agenda.learn(demand(ONE, TWO)) is True
    assert agenda.learn(demand(ONE, TWO)) is False
    assert learn(agenda, demand(ONE, TWO)) is True


def test_what_cannot_be_had_does_not_hold_the_switch_up(agenda: Agenda) -> None:
    """Unless nothing at all could be played."""
    learn(agenda, demand(ONE, TWO, missing=[A]))
    assert note(agenda, A, Outcome.REFUSED).given_up
    assert step(agenda) == LookUp()
    assert agenda.learn(demand(ONE, TWO, missing=[A], playable=False)) is False
    assert learn(agenda, demand(ONE, TWO, missing=[A])) is True


def test_box_without_program_begins_as_soon_as_it_can(agenda: Agenda) -> None:
    """It looks after each medium that has come, and fetches the rest afterwards."""
    assert learn(agenda, demand(None, TWO, missing=[A, B])) is False
    note(agenda, A, Outcome.FETCHED)
    assert step(agenda) == LookUp()
    assert agenda.learn(demand(None, TWO, missing=[B], can_begin=True)) is True
    assert learn(agenda, demand(TWO, missing=[B])) is False
    assert step(agenda) == FetchMedium(B, 40, announced=False)


def test_box_with_program_waits_for_all_of_the_next(agenda: Agenda) -> None:
    """What it plays is good."""
    assert learn(agenda, demand(ONE, TWO, missing=[A, B], can_begin=True)) is False


def test_program_that_cannot_be_used_is_not_fetched_again(agenda: Agenda) -> None:
    """Another one is."""
    learn(agenda, demand(ONE))
    agenda.offer(TWO)
    assert note(agenda, TWO.digest, Outcome.WRONG).program == TWO
    for _ in range(3):
        agenda.offer(TWO)
    assert step(agenda, Monotonic(NOW + REFUSED_FOR_S)) in {None, LookUp()}
    three = head_of(b"three", "three", 3)
    agenda.offer(three)
    assert step(agenda) == FetchProgram(three)


def test_program_without_room_is_offered_again(agenda: Agenda) -> None:
    """And is not taken for a medium meanwhile."""
    learn(agenda, demand(ONE))
    agenda.offer(TWO)
    note(agenda, TWO.digest, Outcome.FULL)
    later = Monotonic(NOW + FULL_FOR_S)
    assert step(agenda, later) is None
    agenda.offer(TWO)
    assert step(agenda, later) == FetchProgram(TWO)


def test_medium_that_a_person_asked_for_in_vain_is_let_go(agenda: Agenda) -> None:
    """It has been told, and nobody else wants it."""
    learn(agenda, demand(ONE))
    agenda.ask_for(A)
    assert note(agenda, A, Outcome.REFUSED).given_up
    step(agenda)
    agenda.learn(demand(ONE))
    assert agenda.wake_at() is None
    agenda.ask_for(A)
    assert step(agenda) == FetchMedium(A, None, announced=True)


def test_nothing_is_asked_of_a_hub_that_is_to_be_away(agenda: Agenda) -> None:
    """The disk is looked at all the same."""
    agenda.offer(TWO)
    assert agenda.next_step(NOW, offline=True) == LookUp()
    agenda.learn(demand(ONE, missing=[A]))
    assert agenda.next_step(NOW, offline=True) is None


def test_box_that_forgets_its_hub_forgets_what_was_to_come(agenda: Agenda) -> None:
    """And completes what it plays as soon as it may."""
    learn(agenda, demand(ONE, TWO, missing=[A]))
    agenda.offer(TWO)
    agenda.ask_for(C)
    agenda.forget()
    assert step(agenda) == LookUp()
    agenda.learn(demand(ONE))
    assert step(agenda) is None
