"""What a box does next to get its program and its media."""

import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from easyplayer.agenda import Adopt, Agenda, FetchMedium, FetchProgram, Left, LookUp, Moment, Step, refuses
from easyplayer.fetch_queue import FULL_FOR_S, IN_VAIN_MOST_S, REFUSED_FOR_S, Outcome
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


def step(agenda: Agenda, now: Monotonic = NOW, **fields: Any) -> Step | FetchMedium | None:
    """Ask for the next step, and where there is none for the next medium."""
    moment = Moment(now=now, **fields)
    return agenda.next_step(moment) or agenda.next_medium(moment)


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


def test_program_comes_beside_what_a_person_asked_for_and_before_other_media(agenda: Agenda) -> None:
    """The program is small, and nobody waits for it."""
    learn(agenda, demand(ONE, missing=[A]))
    agenda.offer(TWO)
    agenda.ask_for(B)
    moment = Moment(now=NOW)
    assert agenda.next_step(moment) == FetchProgram(TWO)
    assert agenda.next_medium(moment) == FetchMedium(B, None, announced=True)
    note(agenda, B, Outcome.FETCHED)
    note(agenda, TWO.digest, Outcome.FETCHED)
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
    """Unless nothing could be played for now."""
    learn(agenda, demand(ONE, TWO, missing=[A]))
    assert note(agenda, A, Outcome.REFUSED).given_up
    assert step(agenda) == LookUp()
    assert agenda.learn(demand(ONE, TWO, missing=[A])) is False
    assert learn(agenda, demand(ONE, TWO, missing=[A], can_begin=True)) is True


class TestLost:
    """Media of a staged program that cannot be had."""

    @pytest.mark.parametrize(
        ("lost", "of_all", "switches"),
        [(3, 4, True), (4, 5, False), (4, 39, False), (4, 40, True), (39, 40, False)],
    )
    def test_without_many_of_them_it_is_not_switched_to(
        self, agenda: Agenda, lost: int, of_all: int, switches: bool
    ) -> None:
        """What plays is whole; the hub's store may only be away."""
        names = [f"{number:064x}" for number in range(lost)]
        told = demand(ONE, TWO, missing=names, all_of_staged=of_all, can_begin=True)
        learn(agenda, told)
        for name in names:
            note(agenda, name, Outcome.REFUSED)
        assert step(agenda) == LookUp()
        assert agenda.learn(told) is switches
        assert (agenda.held_up == "") is switches
        if not switches:
            assert f"waits for {lost} of its {of_all} media" in agenda.held_up

    def test_what_the_current_one_lacks_as_well_is_no_reason_to_stay(self, agenda: Agenda) -> None:
        """It is no better without them."""
        names = [f"{number:064x}" for number in range(10)]
        told = demand(ONE, TWO, missing=names, of_current=frozenset(names), all_of_staged=10, can_begin=True)
        learn(agenda, told)
        for name in names:
            note(agenda, name, Outcome.REFUSED)
        assert learn(agenda, told) is True

    def test_a_box_without_another_program_begins_all_the_same(self, agenda: Agenda) -> None:
        """Anything is better than silence."""
        names = [f"{number:064x}" for number in range(10)]
        told = demand(None, TWO, missing=names, all_of_staged=10)
        learn(agenda, told)
        for name in names:
            note(agenda, name, Outcome.REFUSED)
        assert learn(agenda, told) is True
        assert agenda.held_up == ""

    def test_one_without_which_it_cannot_begin_now_is_waited_for_until_it_can(self, agenda: Agenda) -> None:
        """It may be all that there is for this hour, and another one comes."""
        learn(agenda, demand(ONE, TWO, missing=[A], all_of_staged=9))
        note(agenda, A, Outcome.REFUSED)
        assert step(agenda) == LookUp()
        assert agenda.learn(demand(ONE, TWO, missing=[A], all_of_staged=9)) is False
        assert "waits for 1 of its 9 media" in agenda.held_up
        note(agenda, A, Outcome.REFUSED)
        assert step(agenda) == LookUp()
        assert agenda.learn(demand(ONE, TWO, missing=[A], all_of_staged=9, can_begin=True)) is True

    def test_one_that_still_cannot_be_had_an_hour_later_is_no_news(self, agenda: Agenda) -> None:
        """The disk is not looked through for each of them."""
        learn(agenda, demand(ONE, missing=[A, B]))
        for name in (A, B):
            note(agenda, name, Outcome.REFUSED)
        assert step(agenda) == LookUp()
        agenda.learn(demand(ONE, missing=[A, B]))
        note(agenda, A, Outcome.REFUSED)
        assert step(agenda) is None


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


def test_program_that_the_disk_does_not_take_is_tried_after_a_minute(agenda: Agenda) -> None:
    """However often it is offered meanwhile."""
    learn(agenda, demand(ONE))
    agenda.offer(TWO)
    note(agenda, TWO.digest, Outcome.FULL)
    agenda.offer(TWO)
    assert step(agenda) is None
    assert agenda.wake_at(Moment(now=NOW)) == NOW + FULL_FOR_S
    assert step(agenda, Monotonic(NOW + FULL_FOR_S)) == FetchProgram(TWO)


def test_program_that_came_in_vain_is_fetched_more_and_more_seldom(agenda: Agenda) -> None:
    """It may be long, and the line may cost money."""
    learn(agenda, demand(ONE))
    agenda.offer(TWO)
    now, waits = NOW, []
    for _ in range(8):
        told = Fetched(digest=TWO.digest, outcome=Outcome.FULL, in_vain=True)
        agenda.note(told, now)
        agenda.offer(TWO)
        wake_at = agenda.wake_at(Moment(now=now))
        assert wake_at is not None
        waits.append(wake_at - now)
        now = wake_at
    assert waits == [60, 120, 240, 480, 960, 1920, IN_VAIN_MOST_S, IN_VAIN_MOST_S]


def test_head_that_the_disk_does_not_take_is_tried_after_a_minute(agenda: Agenda) -> None:
    """Not again and again at once."""
    learn(agenda, demand(ONE))
    newer = structs.replace(ONE, revision=5)
    agenda.offer(newer)
    assert step(agenda) == Adopt(newer)
    note(agenda, newer.digest, Outcome.FULL)
    agenda.offer(newer)
    assert step(agenda) is None
    assert step(agenda, Monotonic(NOW + FULL_FOR_S)) == Adopt(newer)


def test_medium_that_a_person_asked_for_in_vain_is_let_go(agenda: Agenda) -> None:
    """It has been told, and nobody else wants it."""
    learn(agenda, demand(ONE))
    agenda.ask_for(A)
    assert note(agenda, A, Outcome.REFUSED).given_up
    step(agenda)
    agenda.learn(demand(ONE))
    assert agenda.wake_at(Moment(now=NOW)) is None
    agenda.ask_for(A)
    assert step(agenda) == FetchMedium(A, None, announced=True)


def test_nothing_is_asked_of_a_hub_that_is_to_be_away(agenda: Agenda) -> None:
    """The disk is looked at all the same."""
    agenda.offer(TWO)
    assert step(agenda, offline=True) == LookUp()
    agenda.learn(demand(ONE, missing=[A]))
    assert step(agenda, offline=True) is None


def test_box_that_forgets_its_hub_forgets_what_was_to_come(agenda: Agenda) -> None:
    """And completes what it plays as soon as it may."""
    learn(agenda, demand(ONE, TWO, missing=[A]))
    agenda.offer(TWO)
    agenda.ask_for(C)
    agenda.forget()
    assert agenda.next_medium(Moment(now=NOW)) is None
    assert not agenda.wants(A, Moment(now=NOW))
    assert step(agenda) == LookUp()
    agenda.learn(demand(ONE))
    assert step(agenda) is None


def test_media_come_beside_each_other(agenda: Agenda) -> None:
    """In order, and none of them twice."""
    learn(agenda, demand(ONE, missing=[A, B]))
    assert agenda.next_medium(Moment(now=NOW, under_way=(A,))) == FetchMedium(B, 40, announced=False)
    assert agenda.next_medium(Moment(now=NOW, under_way=(A, B))) is None
    assert agenda.wake_at(Moment(now=NOW, under_way=(A, B))) is None


def test_what_is_under_way_is_wanted_until_a_look_says_otherwise(agenda: Agenda) -> None:
    """Or until the hub must not be asked."""
    learn(agenda, demand(ONE, TWO, missing=[A]))
    assert agenda.wants(A, Moment(now=NOW))
    assert not agenda.wants(A, Moment(now=NOW, offline=True))
    learn(agenda, demand(ONE))
    assert not agenda.wants(A, Moment(now=NOW))


def test_what_has_come_while_it_was_looked_is_not_fetched_again(agenda: Agenda) -> None:
    """The look had begun before; the next one will know."""
    learn(agenda, demand(ONE, missing=[A, B]))
    agenda.look_again()
    assert step(agenda) == LookUp()
    note(agenda, A, Outcome.FETCHED)
    agenda.learn(demand(ONE, missing=[A, B]))
    assert step(agenda) == FetchMedium(B, 40, announced=False)
    learn(agenda, demand(ONE, missing=[A, B]))
    assert step(agenda) == FetchMedium(A, 40, announced=False)


class TestHours:
    """Outside of the hours in which all may come."""

    @pytest.mark.parametrize(
        ("here", "due"),
        [
            (demand(ONE, missing=[A, B], soon=frozenset([B])), B),
            (demand(ONE, missing=[A, B]), None),
            (demand(None, TWO, missing=[A, B]), A),
        ],
        ids=["needed soon", "not needed soon", "nothing else to play"],
    )
    def test_only_what_is_needed_soon_comes(self, agenda: Agenda, here: Demand, due: str | None) -> None:
        """And all of the first program."""
        learn(agenda, here)
        moment = Moment(now=NOW, soon_only=True)
        medium = agenda.next_medium(moment)
        assert (medium and medium.sha256) == due
        assert (agenda.wake_at(moment) is None) is (due is None)

    def test_programs_and_what_a_person_asked_for_come(self, agenda: Agenda) -> None:
        """The one is small, and the other is waited for."""
        learn(agenda, demand(ONE, missing=[A]))
        agenda.offer(TWO)
        agenda.ask_for(C)
        moment = Moment(now=NOW, soon_only=True)
        assert agenda.next_step(moment) == FetchProgram(TWO)
        assert agenda.next_medium(moment) == FetchMedium(C, None, announced=True)


class TestRoom:
    """A program for which there is no room."""

    def test_it_waits_while_another_one_plays(self, agenda: Agenda) -> None:
        """However much of it could be played."""
        lacking = demand(ONE, TWO, of_staged=frozenset([A]), lacking_bytes=1, can_begin=True)
        assert refuses(lacking)
        assert learn(agenda, lacking) is False
        assert learn(agenda, demand(ONE, TWO)) is True

    def test_the_only_one_is_played_when_all_that_fits_is_there(self, agenda: Agenda) -> None:
        """Also where nothing of that is for the hour."""
        some = demand(None, TWO, missing=[A], of_staged=frozenset([A, B]), lacking_bytes=40)
        assert not refuses(some)
        assert learn(agenda, some) is False
        assert learn(agenda, demand(None, TWO, of_staged=frozenset([B]), lacking_bytes=40)) is True


def test_program_that_is_not_wanted_is_left_until_it_is_published_anew(agenda: Agenda) -> None:
    """A person has gone back from it."""
    learn(agenda, demand(ONE))
    agenda.offer(TWO)
    assert note(agenda, TWO.digest, Outcome.DECLINED).program == TWO
    step(agenda)
    agenda.learn(demand(ONE))
    agenda.offer(TWO)
    assert step(agenda) is None
    newer = structs.replace(TWO, revision=5)
    agenda.offer(newer)
    assert step(agenda) == FetchProgram(newer)


def test_program_that_comes_when_another_one_is_offered_already_is_looked_at(agenda: Agenda) -> None:
    """It is staged by now, and the hub has gone back to what plays."""
    learn(agenda, demand(ONE))
    agenda.offer(TWO)
    assert step(agenda) == FetchProgram(TWO)
    agenda.offer(ONE)
    agenda.note(Fetched(digest=TWO.digest, outcome=Outcome.FETCHED), NOW)
    assert step(agenda) == LookUp()
    agenda.learn(demand(ONE, TWO))
    assert step(agenda) == Adopt(ONE)


def test_it_knows_what_is_left(agenda: Agenda) -> None:
    """Without programs, and without what cannot be had."""
    learn(agenda, demand(ONE, missing=[A, B, C]))
    agenda.offer(TWO)
    assert agenda.left == Left(3, 120)
    note(agenda, A, Outcome.FETCHED)
    assert agenda.left == Left(2, 80)
    note(agenda, B, Outcome.REFUSED)
    assert agenda.left == Left(1, 40)
    note(agenda, C, Outcome.FAILED)
    assert agenda.left == Left(1, 40)
    assert agenda.waits(NOW)


@pytest.mark.parametrize("outcome", [Outcome.FETCHED, Outcome.REFUSED])
def test_medium_among_many_is_no_more_work_than_among_few(outcome: Outcome) -> None:
    """All of it is done on the loop's thread, between one song and the next."""
    few, many = (calls_for(count, outcome) / count for count in (50, 500))
    assert many < 1.5 * few


def calls_for(count: int, outcome: Outcome) -> int:
    """Let so many media come out as is said, one after the other; tell how many calls that takes."""
    agenda = Agenda(lambda: 0.0)
    agenda.offer(ONE)
    learn(agenda, demand(current=ONE, missing=[f"{number:064x}" for number in range(count)]))
    calls = 0

    def count_call(_frame: object, what: str, _about: object) -> None:
        nonlocal calls
        calls += what == "call"

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        while isinstance(medium := step(agenda), FetchMedium):
            note(agenda, medium.sha256, outcome)
            agenda.wake_at(Moment(now=NOW))
    finally:
        sys.setprofile(before)
    assert agenda.left == Left()
    return calls
