"""Room on the disks: no more goes than has to, in its turn, and what is lacking is told to the byte."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from easyplayer.space_plan import Coming, Lying, Plan, plan
from easyplayer.units import Instant

CARD, STICK = "/card", "/stick"

sizes = st.integers(1, 60)
disks = st.sampled_from([CARD, STICK])
comings = st.lists(st.builds(Coming, sha256=st.just(""), size=sizes), max_size=8).map(
    lambda many: [Coming(sha256=f"c{number}", size=one.size) for number, one in enumerate(many)]
)
lyings = st.lists(st.tuples(sizes, disks, st.integers(0, 9), st.booleans()), max_size=10).map(
    lambda many: [
        Lying(sha256=f"l{number}", size=size, disk=disk, since=Instant(since), is_last=is_last)
        for number, (size, disk, since, is_last) in enumerate(many)
    ]
)
rooms = st.dictionaries(disks, st.integers(-20, 150), min_size=1)


def new(name: str, size: int, here: int = 0, disk: str = "") -> Coming:
    return Coming(sha256=name, size=size, here=here, disk=disk)


def old(name: str, size: int, since: float = 0.0, disk: str = CARD, *, is_last: bool = False) -> Lying:
    return Lying(sha256=name, size=size, disk=disk, since=Instant(since), is_last=is_last)


def names(made: Plan) -> list[str]:
    """Name what goes."""
    return [one.sha256 for one in made.goes]


def test_what_nobody_has_needed_for_longest_goes_first() -> None:
    """And nothing once there is room enough."""
    lying = [old("new", 10, 3.0), old("old", 10, 1.0), old("older", 10, 0.0)]
    made = plan([new("a", 25)], lying, {CARD: 10})
    assert {*names(made)} == {"older", "old"}
    assert (made.fits, made.lacking) == (("a",), 0)


def test_what_should_be_the_last_to_go_is() -> None:
    """However long ago it was needed: there is a way back to it."""
    lying = [old("before", 30, 0.0, is_last=True), old("nobody's", 10, 9.0)]
    assert names(plan([new("a", 10)], lying, {CARD: 0})) == ["nobody's"]
    assert {*names(plan([new("a", 11)], lying, {CARD: 0}))} == {"before"}


def test_what_need_not_go_after_all_stays() -> None:
    """A small one that came before a large one, which alone is enough."""
    lying = [old("small", 5, 0.0), old("large", 50, 1.0)]
    assert names(plan([new("a", 50)], lying, {CARD: 0})) == ["large"]


def test_part_that_has_come_is_gone_on_with() -> None:
    """On its own disk, where only the rest of it needs room; on another one it would begin anew."""
    part = new("a", 40, here=30, disk=STICK)
    assert plan([part], [], {CARD: 30, STICK: 10}).lacking == 0
    assert plan([part], [], {CARD: 40, STICK: 9}).lacking == 0
    assert plan([part], [], {CARD: 39, STICK: 9}).lacking > 0


def test_one_that_does_not_fit_does_not_hold_up_the_others() -> None:
    """What is lacking is what all of them need."""
    made = plan([new("huge", 100), new("a", 10)], [], {CARD: 50})
    assert (made.fits, made.lacking) == (("a",), 60)


def test_box_without_any_disk_lacks_everything() -> None:
    """Where the last one was pulled out."""
    assert plan([new("a", 10)], [old("x", 50)], {}) == Plan(goes=(), fits=(), lacking=10)


@settings(max_examples=80)
@given(comings, lyings, rooms)
def test_no_disk_is_given_more_than_it_takes(
    coming: list[Coming], lying: list[Lying], room: dict[str, int]
) -> None:
    """What fits is what there is room for when that is gone that goes; nothing goes twice."""
    made = plan(coming, lying, room)
    by_name = {one.sha256: one for one in coming}
    taken = sum(by_name[name].size for name in made.fits)
    freed = Counter({one.disk: 0 for one in lying})
    for one in made.goes:
        freed[one.disk] += one.size
    assert taken <= sum(max(left + freed[disk], 0) for disk, left in room.items())
    assert len({*names(made)}) == len(made.goes)
    assert {one.disk for one in made.goes} <= room.keys()
    assert (made.lacking > 0) is (len(made.fits) < len(coming))


@settings(max_examples=80)
@given(comings, lyings, st.integers(-20, 150))
def test_on_one_disk_it_is_exact(coming: list[Coming], lying: list[Lying], left: int) -> None:
    """Nothing goes where all fits; none of what goes could stay; what is lacking is lacking to the byte."""
    lying = [one for one in lying if one.disk == CARD]
    made = plan(coming, lying, {CARD: left})
    needed = sum(one.size for one in coming)
    if needed <= max(left, 0):
        assert made == Plan(goes=(), fits=tuple(one.sha256 for one in coming), lacking=0)
    most = left + sum(one.size for one in lying)
    assert made.lacking == (max(needed - most, 0) if coming else 0)
    assert (made.lacking == 0) is (len(made.fits) == len(coming))
    by_name = {one.sha256: one.size for one in coming}
    spare = left + sum(one.size for one in made.goes) - sum(by_name[name] for name in made.fits)
    assert all(one.size > spare for one in made.goes)
