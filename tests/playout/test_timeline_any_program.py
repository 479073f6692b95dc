"""Whatever a program says, at each instant exactly one has the word, in every zone and every year."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from easyplayer.playout import calendar
from easyplayer.playout.catalogue import Hours, Program, Sharp
from easyplayer.playout.items import Layer
from easyplayer.playout.timeline import HORIZON_S, Claim, Segment, Timeline
from easyplayer.units import Instant
from tests.playout.programs import (
    DAY,
    DAY_S,
    HOUR_S,
    YEARS,
    ZONES,
    Night,
    at,
    bell,
    changes_in,
    dates_between,
    daypart,
    nights,
    program_in,
    shuffled,
    slot,
    utc,
)

pytestmark = pytest.mark.slow

HALF_HOURS = tuple(time(hour, minute) for hour in range(24) for minute in (0, 30))

One = TypeVar("One")
fewer = settings(max_examples=settings().max_examples // 3)
"""A night is a large example."""
cuts = st.lists(st.floats(0, 1), max_size=6)
seeds = st.integers(0, 1000)


def joined(segments: Iterable[Segment]) -> list[Segment]:
    """Put segments together that a cut has parted."""
    found: list[Segment] = []
    for one in segments:
        if found and (found[-1].claim, found[-1].open, found[-1].end) == (one.claim, one.open, one.start):
            found[-1] = replace(found[-1], end=one.end)
        else:
            found.append(one)
    return found


def windows(night: Night, parts: Sequence[float]) -> list[tuple[Instant, Instant]]:
    """Cut a night's window in pieces."""
    edges = sorted(Instant(night.start + part * (night.end - night.start)) for part in parts)
    return [*pairwise([night.start, *edges, night.end])]


def looks(night: Night) -> list[Instant]:
    """Choose instants to look at: every half hour, and close to everything that may change."""
    edges = {one.start for one in Timeline(night.program).segments(night.start, night.end)}
    edges |= {*changes_in(night.program.zone, year_of(night.start))}
    close = {edge + shift for edge in edges for shift in (-1, -0.001, 0, 1)}
    regular = {night.start + step for step in range(0, int(night.end - night.start), HOUR_S // 2)}
    return [Instant(look) for look in sorted(close | regular) if night.start <= look < night.end]


def year_of(instant: Instant) -> int:
    """Tell the year of an instant."""
    return (calendar.EPOCH + timedelta(seconds=instant)).year


def best(found: Iterable[One], *keys: Callable[[One], Any]) -> One | None:
    """Choose one by the first rule, then among equals by the next."""
    left = [*found]
    for key in keys:
        top = min(map(key, left), default=None)
        left = [one for one in left if key(one) == top]
    return left[0] if left else None


class Law:
    """The rules once more, asked instant by instant and as slow as they read."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.zone = calendar.zone_of(program.zone)

    def winner(self, instant: Instant) -> str | None:
        """Tell the source of the claim that has the word; empty for the fallback."""
        running = (
            one
            for one in self.program.shows
            if calendar.instant_of(one.starts, self.zone)
            <= instant
            < calendar.instant_of(one.ends, self.zone)
        )
        first_show = best(
            running,
            lambda one: -one.starts.replace(tzinfo=UTC).timestamp(),
            lambda one: one.ends,
            lambda one: -one.revised,
            lambda one: one.id,
        )
        local = calendar.local_time(instant, self.zone)
        first = first_show or best(
            (one for one in self.program.dayparts if calendar.covering_day(one.slot, local)),
            lambda one: calendar.vagueness(one.slot),
            lambda one: -one.revised,
            lambda one: one.id,
        )
        if first:
            return first.id
        return "" if self.program.fallback else None

    def is_open(self, instant: Instant) -> bool:
        """Tell whether the venue is open."""
        local = calendar.local_time(instant, self.zone)
        entry = best(
            (one for one in self.program.hours if calendar.covering_day(one.slot, local)),
            lambda one: calendar.vagueness(one.slot),
            lambda one: -one.revised,
            lambda one: not one.open,
        )
        return entry.open if entry else not any(one.open for one in self.program.hours)


class TestAnyProgram:
    """What holds for every program in every zone, above all in the nights in which clocks are set."""

    @fewer
    @given(nights())
    def test_segments_cover_a_window_without_gap_or_overlap(self, night: Night) -> None:
        """They follow each other, and each is as long as can be."""
        found = [*Timeline(night.program).segments(night.start, night.end)]
        edges = [one.start for one in found] + [night.end]
        assert edges == [night.start] + [one.end for one in found]
        assert edges == sorted(set(edges))
        assert joined(found) == found

    @fewer
    @given(nights())
    def test_exactly_one_has_the_word_and_the_law_says_who(self, night: Night) -> None:
        """Segment, claims and the law, read off the clock on the wall, agree at every instant."""
        timeline, law = Timeline(night.program), Law(night.program)
        segments = [*timeline.segments(night.start, night.end)]
        for look in looks(night):
            (segment,) = (one for one in segments if one.start <= look < one.end)
            claims = timeline.claims(look)
            assert segment.claim == (claims[0] if claims else None)
            assert segment.open == timeline.is_open(look) == law.is_open(look)
            assert (segment.claim and segment.claim.source) == law.winner(look)

    @fewer
    @given(nights())
    def test_claims_stand_in_the_order_in_which_they_would_win(self, night: Night) -> None:
        """Were the winner not in the program, the next would have the word."""
        timeline = Timeline(night.program)
        for look in looks(night)[::10]:
            claims = timeline.claims(look)
            if claims and claims[0].source:
                assert Timeline(without(night.program, claims[0])).claims(look) == claims[1:]

    @fewer
    @given(nights())
    def test_a_claim_tells_for_how_long_it_wants_the_word(self, night: Night) -> None:
        """At every instant of its span it is among the claims, and just outside it is not."""
        timeline = Timeline(night.program)
        for look in looks(night)[::5]:
            for claim in timeline.claims(look):
                assert claim.since <= look < claim.until
                if claim.layer is not Layer.FALLBACK:
                    within = (claim.since, (claim.since + claim.until) / 2, claim.until - 0.001)
                    assert all(claim in timeline.claims(Instant(one)) for one in within)
                    outside = (claim.since - 0.001, claim.until)
                    assert not any(
                        other.occurrence == claim.occurrence
                        for one in outside
                        for other in timeline.claims(Instant(one))
                    )

    @fewer
    @given(nights(), cuts)
    def test_splitting_a_window_changes_nothing(self, night: Night, parts: list[float]) -> None:
        """Segments, sharp spots and shows of the parts are those of the whole."""
        timeline, pieces = Timeline(night.program), windows(night, parts)
        whole = [*timeline.segments(night.start, night.end)]
        assert joined(one for piece in pieces for one in timeline.segments(*piece)) == whole
        for ask in (timeline.sharp, timeline.shows):
            assert [one for piece in pieces for one in ask(*piece)] == [*ask(night.start, night.end)]

    @fewer
    @given(nights(), seeds)
    def test_the_order_of_listing_does_not_matter(self, night: Night, seed: int) -> None:
        """Two programs that list the same say the same."""
        assert told(shuffled(night.program, seed), night) == told(night.program, night)

    @fewer
    @given(nights())
    def test_a_program_says_the_same_after_a_journey(self, night: Night) -> None:
        """As JSON from the hub to the box."""
        arrived = msgspec.json.decode(msgspec.json.encode(night.program), type=Program)
        assert told(arrived, night) == told(night.program, night)

    @fewer
    @given(nights())
    def test_it_does_not_matter_what_was_asked_before(self, night: Night) -> None:
        """Forwards, backwards, or far away first."""
        timeline, forwards = Timeline(night.program), looks(night)[::5]
        timeline.claims(Instant(0.0))
        backwards = [timeline.claims(look) for look in reversed(forwards)]
        assert [Timeline(night.program).claims(look) for look in forwards] == backwards[::-1]

    @fewer
    @given(nights())
    def test_the_next_change_is_the_end_of_the_segment(self, night: Night) -> None:
        """It lies ahead, within the horizon, and nothing changes before it."""
        timeline = Timeline(night.program)
        segments = [*timeline.segments(night.start, Instant(night.end + HORIZON_S))]
        for look in looks(night):
            (segment,) = (one for one in segments if one.start <= look < one.end)
            change = timeline.change_after(look)
            assert look < change <= look + HORIZON_S
            assert change == segment.end or (change == look + HORIZON_S and segment.end >= change)

    @fewer
    @given(nights())
    def test_opening_is_the_next_instant_at_which_the_door_opens(self, night: Night) -> None:
        """It is found wherever it lies within the horizon."""
        timeline = Timeline(night.program)
        for look in looks(night)[::5]:
            opens = timeline.opens_after(look)
            ahead = timeline.segments(look, Instant(look + HORIZON_S))
            doors = [after.start for before, after in pairwise(ahead) if after.open > before.open]
            assert opens == (doors[0] if doors else None)

    @fewer
    @given(nights())
    def test_sharp_spots_come_exactly_once(self, night: Night) -> None:
        """On every date each of the times that lies in the slot; in a gap as soon as it is over."""
        zone = calendar.zone_of(night.program.zone)
        found = Timeline(night.program).sharp(
            Instant(night.start - 3 * DAY_S), Instant(night.end + 3 * DAY_S)
        )
        assert [*found] == sorted(found)
        assert len({event.key for event in found}) == len(found)
        first, last = (calendar.local_time(edge, zone).date() for edge in (night.start, night.end))
        for day in dates_between(first, last + DAY):
            came = sorted(event.key for event in found if event.key.partition("@")[2].startswith(str(day)))
            assert came == sorted(wanted_on(day, night.program))
        for event in found:
            label = datetime.fromisoformat(event.key.partition("@")[2])
            assert event.at == calendar.instant_of(label, zone)

    @fewer
    @given(nights())
    def test_shows_begin_where_they_claim_to(self, night: Night) -> None:
        """In order, and a show that begins is among the claims."""
        timeline = Timeline(night.program)
        runs = timeline.shows(night.start, night.end)
        assert [run.starts for run in runs] == sorted(run.starts for run in runs)
        for run in runs:
            (claim,) = (one for one in timeline.claims(run.starts) if one.source == run.show.id)
            assert (claim.since, claim.until) == (run.starts, run.ends)
            assert claim.occurrence == f"{run.show.id}@{run.show.starts.date()}"

    @fewer
    @given(nights())
    def test_the_blind_are_told_what_the_program_has(self, night: Night) -> None:
        """Some daypart if there is any, then the fallback."""
        layers = [claim.layer for claim in Timeline(night.program).blind()]
        expected = [Layer.DAYPART] * bool(night.program.dayparts) + [Layer.FALLBACK] * bool(
            night.program.fallback
        )
        assert layers == expected


def without(program: Program, claim: Claim) -> Program:
    """Strike a show or a daypart out of a program."""
    return replace(
        program,
        shows=tuple(one for one in program.shows if one.id != claim.source),
        dayparts=tuple(one for one in program.dayparts if one.id != claim.source),
    )


def told(program: Program, night: Night) -> tuple[Any, ...]:
    """Collect all that a timeline tells of a night."""
    timeline = Timeline(program)
    looked = [(timeline.claims(look), timeline.change_after(look)) for look in looks(night)[::5]]
    sharp = [(event.at, event.key) for event in timeline.sharp(night.start, night.end)]
    segments = [*timeline.segments(night.start, night.end)]
    return segments, looked, sharp, timeline.shows(night.start, night.end), timeline.blind()


def wanted_on(day: date, program: Program) -> Iterator[str]:
    """Tell the keys of the sharp spots that a program wants on a date."""
    for spot in program.spots:
        assert isinstance(spot.when, Sharp)
        for clock in set(spot.when.at):
            if calendar.covering_day(spot.slot, datetime.combine(day, clock)):
                yield f"{spot.id}@{datetime.combine(day, clock).isoformat()}"


@pytest.mark.slow
class TestAllZones:
    """Every zone in every year, one after the other."""

    PROGRAM = program_in(
        "UTC",
        dayparts=(
            daypart("late", "22:00", "04:00"),
            daypart("small-hours", "01:15", "02:45"),
            daypart("day"),
        ),
        spots=(bell("clock", *map(str, HALF_HOURS)),),
        hours=(Hours(slot=slot("06:00", "02:30")),),
    )

    @pytest.mark.parametrize("year", YEARS)
    def test_every_night_in_which_clocks_are_set(self, year: int) -> None:
        """One winner, no seam where a window is split, and each sharp spot once, in all zones."""
        for zone in ZONES:
            program = replace(self.PROGRAM, zone=zone)
            for change in changes_in(zone, year) or (utc(f"{year}-12-31"),):
                night = Night(program, Instant(change - 1.5 * DAY_S), Instant(change + 1.5 * DAY_S))
                hold_one_winner(night)
                hold_each_bell_once(night, change)

    @pytest.mark.parametrize("year", YEARS)
    def test_a_call_in_the_small_hours_comes_on_every_date(self, year: int) -> None:
        """Asked week by week, each date of the year has it once, in all zones."""
        call = bell("call", "02:15")
        dates = [*dates_between(date(year, 1, 1), date(year + 1, 1, 1))]
        expected = [f"call@{day}T02:15:00" for day in dates]
        for zone in ZONES:
            timeline = Timeline(program_in(zone, spots=(call,)))
            weeks = pairwise([*(f"{day}" for day in dates[::7]), f"{year + 1}-01-01"])
            edges = [(at(zone, first), at(zone, last)) for first, last in weeks]
            assert [event.key for week in edges for event in timeline.sharp(*week)] == expected


def hold_one_winner(night: Night) -> None:
    """Hold that a night is parted without gap or overlap, by the law, wherever it is cut."""
    timeline, law = Timeline(night.program), Law(night.program)
    found = [*timeline.segments(night.start, night.end)]
    assert [one.end for one in found] == [one.start for one in found[1:]] + [night.end]
    for one in found:
        for look in (one.start, Instant((one.start + one.end) / 2), Instant(one.end - 0.001)):
            assert timeline.claims(look)[0] == one.claim
            assert one.claim is not None
            assert (one.claim.source, one.open) == (law.winner(look), law.is_open(look))
    pieces = windows(night, (0.5, 0.51))
    assert joined(one for piece in pieces for one in timeline.segments(*piece)) == found


def hold_each_bell_once(night: Night, change: Instant) -> None:
    """Hold that the bell strikes once for each half hour of each date around a change, wherever it is cut."""
    timeline, zone = Timeline(night.program), calendar.zone_of(night.program.zone)
    middle = calendar.local_time(change, zone).date()
    dates = [middle - DAY, middle, middle + DAY]
    edges = [calendar.instant_of(datetime.combine(day, time()), zone) for day in (*dates, middle + 2 * DAY)]
    cut_at_the_change = [edges[0], *sorted({*edges[1:-1], change}), edges[-1]]
    keys = [event.key for piece in pairwise(cut_at_the_change) for event in timeline.sharp(*piece)]
    assert sorted(keys) == sorted(
        f"clock@{datetime.combine(day, clock).isoformat()}" for day in dates for clock in HALF_HOURS
    )
