"""What a wall clock is worth, when it was set, and what time it was in a run of the machine."""

from datetime import UTC, date, datetime
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.clock import (
    LONGEST_LIFE_S,
    RAN_FAST_S,
    STEP_S,
    ZONES_APART_S,
    Anchor,
    ClockTrust,
    ClockWatch,
    Era,
    anchor_of,
    era_at,
    eras,
    judge_clock,
)
from easyplayer.units import Instant, Monotonic

MADE_ON = date(2026, 11, 1)
MADE_AT = Instant(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
NOW = Instant(datetime(2027, 3, 1, 12, tzinfo=UTC).timestamp())
HOUR = 3600.0
UNKNOWN, ESTIMATED, TRUSTED = ClockTrust

walls = st.floats(0.0, 2 * MADE_AT).map(Instant)
instants = st.integers(0, 10**6).map(Monotonic)
offsets = st.integers(-(10**9), 2 * 10**9).map(float)
trusts = st.sampled_from(ClockTrust)


def judged(wall: float, *, kept: float | None = None, synchronised: bool = False) -> ClockTrust:
    """Judge a clock that this firmware reads."""
    return judge_clock(
        Instant(wall),
        made_on=MADE_ON,
        kept=None if kept is None else Instant(kept),
        synchronised=synchronised,
    )


@pytest.mark.parametrize("trust", ClockTrust)
def test_a_reading_that_was_written_down_is_an_anchor(trust: ClockTrust) -> None:
    """With the trust that it names."""
    assert anchor_of(Monotonic(1.0), NOW, str(trust)) == Anchor(at=Monotonic(1.0), wall=NOW, trust=trust)


def test_a_trust_that_only_a_newer_software_knows_counts_as_none() -> None:
    """The hub goes on working out times."""
    assert anchor_of(Monotonic(1.0), NOW, "atomic").trust is UNKNOWN


def anchor(at: float, offset_s: float, trust: ClockTrust) -> Anchor:
    """Make an anchor at which the wall clock is so far ahead of the monotonic one."""
    return Anchor(at=Monotonic(at), wall=Instant(at + offset_s), trust=trust)


anchors = st.lists(st.builds(anchor, instants, offsets, trusts), unique_by=lambda one: one.at, max_size=12)


class TestJudge:
    """How far a wall clock can be trusted."""

    @pytest.mark.parametrize("wall", [0.0, 60.0, MADE_AT - 1, MADE_AT + LONGEST_LIFE_S])
    @pytest.mark.parametrize("synchronised", [False, True])
    def test_a_time_that_cannot_be_is_believed_from_nobody(self, wall: float, synchronised: bool) -> None:
        """Before the firmware was made, or when it has long been replaced, no clock is right."""
        assert judged(wall, synchronised=synchronised) is UNKNOWN

    @pytest.mark.parametrize("wall", [MADE_AT, NOW])
    def test_a_time_that_can_be_is_an_estimate_until_somebody_keeps_it_right(self, wall: float) -> None:
        """A box that was never on a network plays by its own clock."""
        assert judged(wall) is ESTIMATED
        assert judged(wall, synchronised=True) is TRUSTED

    @pytest.mark.parametrize(
        ("back_s", "trust"),
        [
            (-HOUR, ESTIMATED),
            (HOUR, ESTIMATED),
            (14 * HOUR, ESTIMATED),
            (ZONES_APART_S, ESTIMATED),
            (ZONES_APART_S + 1, UNKNOWN),
            (90 * 24 * HOUR, UNKNOWN),
        ],
    )
    def test_a_clock_that_lost_more_than_all_zones_lost_its_battery(
        self, back_s: float, trust: ClockTrust
    ) -> None:
        """Summer time and another zone are corrections; months are not."""
        assert judged(NOW - back_s, kept=NOW) is trust

    def test_who_keeps_a_clock_right_knows_better_than_what_was_kept(self) -> None:
        """A box that once stood in the year 2036 is believed again as soon as NTP tells it the time."""
        assert judged(NOW, kept=NOW + 9 * 365 * 24 * HOUR, synchronised=True) is TRUSTED

    @given(walls, walls, st.booleans())
    def test_a_judgement_follows_from_what_can_be_and_who_says_so(
        self, wall: Instant, kept: Instant, synchronised: bool
    ) -> None:
        """A clock that is kept right is never an estimate, and one that is not is never trusted."""
        possible = {UNKNOWN, TRUSTED} if synchronised else {UNKNOWN, ESTIMATED}
        assert judged(wall, kept=kept, synchronised=synchronised) in possible


class TestWatch:
    """When somebody has set the clock."""

    def test_a_first_reading_tells_nothing(self) -> None:
        """There is nothing to compare it with."""
        assert ClockWatch().read(Monotonic(5.0), NOW) == 0.0

    @pytest.mark.parametrize("by_s", [NOW, HOUR, -HOUR, STEP_S, -STEP_S])
    def test_a_clock_that_was_set_is_noticed_once(self, by_s: float) -> None:
        """The difference is told, and from then on the new time holds."""
        watch = ClockWatch()
        watch.read(Monotonic(100.0), Instant(1000.0))

        first = watch.read(Monotonic(110.0), Instant(1010.0 + by_s))
        second = watch.read(Monotonic(120.0), Instant(1020.0 + by_s))

        assert (first, second) == (by_s, 0.0)

    @given(st.lists(st.floats(-0.49, 0.49), max_size=50))
    def test_a_clock_that_goes_slowly_astray_is_followed(self, slews: list[float]) -> None:
        """NTP that slews a clock by minutes in the end has not set it."""
        watch = ClockWatch()
        wall = 1000.0
        for number, slew in enumerate(slews):
            wall += 1.0 + slew
            assert watch.read(Monotonic(number), Instant(wall)) == 0.0


class TestEras:
    """What time it was in one run of the machine."""

    def test_without_any_reading_it_is_1970_and_nobody_knows(self) -> None:
        """There is always an answer."""
        (era,) = eras(())
        assert (era.trust, era.instant(Monotonic(7.0))) == (UNKNOWN, 7.0)

    def test_a_clock_that_is_right_at_last_was_right_all_the_time(self) -> None:
        """From 1970 by way of somebody's watch to NTP: every instant gets NTP's time."""
        story = (
            anchor(10, 0.0, UNKNOWN),
            anchor(100, NOW + HOUR, ESTIMATED),
            anchor(200, NOW, ESTIMATED),
            anchor(300, NOW + 5, TRUSTED),
        )
        (era,) = eras(story)
        assert (era.trust, era.offset_s) == (TRUSTED, NOW + 5)

    def test_trust_that_is_lost_was_there(self) -> None:
        """What somebody does to the clock after NTP has gone changes nothing."""
        (era,) = eras((anchor(10, NOW, TRUSTED), anchor(20, NOW - HOUR, ESTIMATED)))
        assert (era.trust, era.offset_s) == (TRUSTED, NOW)

    def test_of_two_estimates_the_later_is_the_better(self) -> None:
        """Whoever sets a clock has looked at a better one."""
        (era,) = eras((anchor(10, NOW + HOUR, ESTIMATED), anchor(20, NOW, ESTIMATED)))
        assert (era.trust, era.offset_s) == (ESTIMATED, NOW)

    def test_a_machine_that_slept_keeps_the_time_before(self) -> None:
        """The monotonic clock stands still meanwhile; what was played before was played when it was."""
        before, after = eras((anchor(10, NOW, TRUSTED), anchor(500, NOW + 8 * HOUR, TRUSTED)))
        assert before == Era(
            since=Monotonic(float("-inf")), until=Monotonic(500), offset_s=NOW, trust=TRUSTED
        )
        assert after.offset_s == NOW + 8 * HOUR

    @pytest.mark.parametrize(("back_s", "count"), [(RAN_FAST_S, 2), (RAN_FAST_S + 1, 1), (HOUR, 1)])
    def test_a_time_that_is_taken_back_was_wrong(self, back_s: float, count: int) -> None:
        """A server that was an hour ahead is corrected; a clock that ran fast keeps what it was."""
        partition = eras((anchor(10, NOW, TRUSTED), anchor(500, NOW - back_s, TRUSTED)))
        assert len(partition) == count
        assert partition[-1].offset_s == NOW - back_s

    @given(anchors, instants)
    def test_every_instant_has_one_time(self, some: list[Anchor], at: Monotonic) -> None:
        """The eras join without gap, from the beginning to the end."""
        partition = eras(some)
        assert (partition[0].since, partition[-1].until) == (float("-inf"), float("inf"))
        assert all(one.until == other.since for one, other in pairwise(partition))
        assert [era for era in partition if era.since <= at < era.until] == [era_at(partition, at)]

    @given(anchors)
    def test_only_the_best_trust_counts(self, some: list[Anchor]) -> None:
        """Estimates beside a trusted reading change nothing."""
        best = max((one.trust for one in some), key=tuple(ClockTrust).index, default=UNKNOWN)
        assert eras(some) == eras([one for one in some if one.trust is best])

    @given(anchors, st.randoms(use_true_random=False))
    def test_order_does_not_matter(self, some: list[Anchor], chance: Random) -> None:
        """Readings are of instants, however they are handed in."""
        shuffled = sorted(some, key=lambda _: chance.random())
        assert eras(shuffled) == eras(some)

    @given(anchors, instants)
    def test_time_does_not_go_back(self, some: list[Anchor], at: Monotonic) -> None:
        """But for the little by which a clock ran fast."""
        partition = eras(some)
        for one, other in pairwise(partition):
            assert other.instant(other.since) >= one.instant(one.until) - RAN_FAST_S

    @given(anchors, offsets, st.integers(1, 10**6))
    def test_what_is_trusted_stays_as_it_is_when_the_machine_sleeps(
        self, some: list[Anchor], offset_s: float, slept_s: int
    ) -> None:
        """A row that has been told to somebody keeps its time."""
        known = [*some, anchor(2 * 10**6, offset_s, TRUSTED)]
        later = [*known, anchor(3 * 10**6, offset_s + slept_s, TRUSTED)]
        for at in (Monotonic(0.0), *(one.at for one in known)):
            assert era_at(eras(later), at).offset_s == era_at(eras(known), at).offset_s
