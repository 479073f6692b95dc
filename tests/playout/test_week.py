"""The picture of a week shows all of it, once, and nothing in it is cut or covered."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from easyplayer.playout.calendar import local_time, zone_of
from easyplayer.playout.catalogue import Daypart, Hours, Program, Sharp, Show, Slot, Spot, Weekday
from easyplayer.playout.items import Layer
from easyplayer.playout.lettering import TO, luminance, width_of
from easyplayer.playout.timeline import Segment, Timeline
from easyplayer.playout.week import HEIGHT, WIDTH, week_svg
from easyplayer.playout.week_blocks import colours_of
from easyplayer.playout.week_grid import WeekGrid
from easyplayer.units import Instant
from tests.playout.programs import DAY_S, Night, at, nights, program_in, shuffled

PARIS = "Europe/Paris"
MONDAY = date(2026, 6, 1)
SVG = "{http://www.w3.org/2000/svg}"
HATCH = "url(#closed)"
CORNERS = 0.02
"""Coordinates are written to a hundredth of a pixel."""

fewer = settings(max_examples=settings().max_examples // 3)
"""A week is a large example."""


class Box(NamedTuple):
    """A rectangle on the picture."""

    x: float
    y: float
    width: float
    height: float

    def covers(self, other: "Box") -> bool:
        """Tell whether two lie over each other by more than their written corners may."""
        return (
            self.x + CORNERS < other.x + other.width
            and other.x + CORNERS < self.x + self.width
            and self.y + CORNERS < other.y + other.height
            and other.y + CORNERS < self.y + self.height
        )


class Drawn:
    """A picture, read back; long dashes are short ones here."""

    def __init__(self, svg: str) -> None:
        self.root = ET.fromstring(svg.replace(TO, "-"))  # noqa: S314 - it is our own

    def groups(self, kind: str) -> list[ET.Element]:
        """Give the groups of a kind, in the order in which they are drawn."""
        return [one for one in self.root.iter(f"{SVG}g") if kind in one.attrib["class"].split()]

    def titles(self, kind: str) -> list[str]:
        """Give what the groups of a kind are called."""
        return [one.findtext(f"{SVG}title", "") for one in self.groups(kind)]

    def texts(self) -> list[str]:
        """Give everything that is written."""
        return [one.text or "" for one in self.root.iter(f"{SVG}text")]

    def labels(self) -> list[ET.Element]:
        """Give what is written on the blocks."""
        (group,) = self.groups("labels")
        return [*group]

    @property
    def hour(self) -> float:
        """How high an hour is."""
        rules = [
            float(one.attrib["y1"]) for one in self.root.iter(f"{SVG}line") if one.get("class") == "rule"
        ]
        return (max(rules) - min(rules)) / 24


def boxes(group: ET.Element) -> list[Box]:
    """Give the boxes of a block without the frame that a show has."""
    return [box_of(one) for one in group.iter(f"{SVG}rect") if one.get("class") != "frame"]


def box_of(rect: ET.Element) -> Box:
    return Box(*(float(rect.attrib[name]) for name in ("x", "y", "width", "height")))


def place_of(text: ET.Element) -> Box:
    """Give the most room that a text can take."""
    size = float(text.attrib["font-size"])
    bold = "strong" in text.attrib["class"].split()
    width = width_of(text.text or "", size, bold=bold)
    return Box(float(text.attrib["x"]), float(text.attrib["y"]) - 0.8 * size, width, size)


def week_of(program: Program, first: date = MONDAY) -> Drawn:
    return Drawn(week_svg(program, first))


def daypart(name: str, starts: str, ends: str, title: str = "", colour: str = "") -> Daypart:
    slot = Slot(starts=time.fromisoformat(starts), ends=time.fromisoformat(ends))
    return Daypart(id=name, title=title, slot=slot, playlist="calm", colour=colour)


def bell(*times: str, **fields: object) -> Spot:
    at_times = tuple(time.fromisoformat(one) for one in times)
    return replace(Spot(id="bell", title="Bell", items=("calm",), when=Sharp(at=at_times)), **fields)


def segments(program: Program, first: date) -> list[Segment]:
    """Give what is seen of a week, with the times at which it really begins and ends."""
    grid = WeekGrid(first, zone_of(program.zone))
    around = Instant(grid.start - DAY_S), Instant(grid.end + DAY_S)
    found = Timeline(program).segments(*around)
    return [one for one in found if one.start < grid.end and one.end > grid.start]


def first_of(night: Night) -> date:
    return local_time(night.start, zone_of(night.program.zone)).date() - timedelta(3)


@st.composite
def worded_nights(draw: st.DrawFn) -> Night:
    """Draw a program whose titles were written by anybody."""
    night = draw(nights())
    words = st.text(max_size=40)
    dayparts = tuple(replace(one, title=draw(words)) for one in night.program.dayparts)
    spots = tuple(replace(one, title=draw(words)) for one in night.program.spots)
    program = replace(night.program, name=draw(words), dayparts=dayparts, spots=spots)
    return night._replace(program=program)


class TestBlocks:
    """What plays."""

    @fewer
    @given(worded_nights())
    def test_every_segment_is_drawn_once(self, night: Night) -> None:
        """One block for each, in their order, as long as it is and in the colour of what it is."""
        first = first_of(night)
        drawn, grid = week_of(night.program, first), WeekGrid(first, zone_of(night.program.zone))
        wanted = segments(night.program, first)
        groups = drawn.groups("block")
        assert len(groups) == len(wanted)
        for group, segment in zip(groups, wanted, strict=True):
            within = min(segment.end, grid.end) - max(segment.start, grid.start)
            height = sum(box.height for box in boxes(group))
            assert height / drawn.hour * 3600 == pytest.approx(within, abs=30)
            layer = segment.claim.layer.value if segment.claim else "nothing"
            assert group.attrib["class"] == f"block {layer if segment.open else 'closed'}"

    @fewer
    @given(worded_nights())
    def test_blocks_and_holes_fill_the_week(self, night: Night) -> None:
        """None lies over another, and together they are seven columns of 24 hours."""
        drawn = week_of(night.program, first_of(night))
        found = [box for group in drawn.groups("block") for box in boxes(group)]
        assert not any(one.covers(other) for one, other in combinations(found, 2))
        holes = [
            box._replace(x=box.x - 1, y=box.y - 1, width=box.width + 2, height=box.height + 2)
            for group in drawn.groups("hole")
            for box in boxes(group)
        ]
        column = max(box.width for box in (*found, *holes))
        filled = sum(box.width * box.height for box in (*found, *holes))
        assert filled == pytest.approx(7 * 24 * drawn.hour * column, rel=1e-3)

    @fewer
    @given(worded_nights())
    def test_nothing_that_is_written_is_cut_or_covered(self, night: Night) -> None:
        """Every label stays on its block, and none lies over another or under a mark."""
        drawn = week_of(night.program, first_of(night))
        blocks = [box for kind in ("block", "hole") for group in drawn.groups(kind) for box in boxes(group)]
        places = [place_of(label) for label in drawn.labels()]
        marks = [box for group in drawn.groups("spot") for box in boxes(group)]
        assert all(any(inside(place, block) for block in blocks) for place in places)
        assert not any(one.covers(other) for one, other in combinations((*places, *marks), 2))
        assert all(inside(place_of(text), Box(0, 0, WIDTH, HEIGHT)) for text in written(drawn))

    @fewer
    @given(worded_nights(), st.integers(0, 100))
    def test_the_order_of_listing_does_not_matter(self, night: Night, seed: int) -> None:
        """The same program is the same picture, to the byte."""
        first = first_of(night)
        assert week_svg(night.program, first) == week_svg(shuffled(night.program, seed), first)

    def test_a_block_says_what_it_is(self) -> None:
        """Title and times stand on it, and all about it is told to those who point at it."""
        program = program_in(PARIS, dayparts=(daypart("b", "06:30", "10:30", "Breakfast"),))
        drawn = week_of(program)
        assert drawn.titles("daypart")[0] == "Breakfast: Mon 1 Jun 06:30 - 10:30, plays calm"
        assert Counter(label.text for label in drawn.labels())["Breakfast"] == 7
        assert Counter(label.text for label in drawn.labels())["06:30-10:30"] == 7

    def test_what_goes_over_midnight_is_on_both_days(self) -> None:
        """It is one thing in two columns, with its own times in both, at the week's edges, too."""
        program = program_in(PARIS, dayparts=(daypart("n", "22:00", "04:00", "Night"),))
        drawn = week_of(program)
        assert [len(boxes(group)) for group in drawn.groups("daypart")] == [1, 2, 2, 2, 2, 2, 2, 1]
        assert drawn.titles("daypart")[0] == "Night: Sun 31 May 22:00 - Mon 1 Jun 04:00, plays calm"
        assert Counter(label.text for label in drawn.labels())["22:00-04:00"] == 14

    def test_what_lasts_for_days_has_no_times(self) -> None:
        """They would be read as hours of one day."""
        drawn = week_of(program_in(PARIS))
        assert {label.text for label in drawn.labels()} == {"house"}
        assert drawn.titles("fallback") == ["house: Mon 1 Jun 00:00 - Mon 8 Jun 00:00, plays house"]

    def test_a_long_title_is_cut_and_told_in_full(self) -> None:
        """The block has the beginning, and who points at it reads the rest."""
        title = "An Extraordinarily Long Afternoon Tea With Scones"
        drawn = week_of(program_in(PARIS, dayparts=(daypart("t", "13:00", "16:00", title),)))
        labels = {label.text or "" for label in drawn.labels()}
        assert any(label.startswith("An Extra") and label.endswith("…") for label in labels)
        assert drawn.titles("daypart")[0].startswith(title)

    @pytest.mark.parametrize("minutes", [1, 5, 15])
    def test_a_block_too_low_for_letters_is_still_seen(self, minutes: int) -> None:
        """It has its colour and its name, but nothing is written on it."""
        ends = f"13:{minutes:02}"
        short = daypart("s", "13:00", ends, "Short", colour="#123456")
        drawn = week_of(program_in(PARIS, dayparts=(short,)))
        assert {
            rect.get("fill") for group in drawn.groups("daypart") for rect in group.iter(f"{SVG}rect")
        } == {"#123456"}
        assert "Short" not in {label.text for label in drawn.labels()}
        assert drawn.titles("daypart")[0].startswith("Short")

    def test_shows_have_a_frame(self) -> None:
        """A show is told from a daypart without its colour."""
        show = Show(
            id="s",
            title="Gala",
            starts=datetime.fromisoformat("2026-06-03 20:00"),
            ends=datetime.fromisoformat("2026-06-04 02:00"),
            playlist="lively",
        )
        drawn = week_of(program_in(PARIS, shows=(show,)))
        (group,) = drawn.groups("show")
        assert len(boxes(group)) == 2
        assert [rect.get("class") for rect in group.iter(f"{SVG}rect")].count("frame") == 2
        assert drawn.titles("show") == ["Gala: Wed 3 Jun 20:00 - Thu 4 Jun 02:00, plays lively"]

    def test_closed_hours_are_hatched(self) -> None:
        """Silence on purpose looks like nothing else, whatever would play."""
        hours = Hours(slot=Slot(starts=time(7), ends=time(23)))
        drawn = week_of(program_in(PARIS, hours=(hours,)))
        fills = {
            (group.attrib["class"], rect.get("fill"))
            for group in drawn.groups("block")
            for rect in group.iter(f"{SVG}rect")
        }
        assert {kind for kind, fill in fills if fill == HATCH} == {"block closed"}
        assert {fill for kind, fill in fills if kind == "block closed"} == {HATCH}
        assert "Closed" in drawn.texts()

    def test_where_nothing_is_planned_that_is_said(self) -> None:
        """A program that was just begun is an empty picture, not a broken one."""
        drawn = week_of(program_in(PARIS, fallback=""))
        assert drawn.titles("nothing") == ["Nothing planned: Mon 1 Jun 00:00 - Mon 8 Jun 00:00"]


def inside(place: Box, block: Box) -> bool:
    return (
        block.x - CORNERS <= place.x
        and place.x + place.width <= block.x + block.width + CORNERS
        and block.y - CORNERS <= place.y
        and place.y + place.height <= block.y + block.height + CORNERS
    )


def written(drawn: Drawn) -> Iterator[ET.Element]:
    """Give what is written from left to right."""
    return (text for text in drawn.root.iter(f"{SVG}text") if "text-anchor" not in text.attrib)


class TestMarks:
    """Spots that come on the second."""

    def test_each_has_its_time(self) -> None:
        """One mark a day, at its height."""
        drawn = week_of(program_in(PARIS, spots=(bell("12:00"),)))
        assert drawn.titles("spot") == [f"Bell: {day} Jun 12:00:00" for day in days("Mon 1")]
        assert Counter(drawn.texts())["12:00"] == 7 + 1 + 1  # the key and the hours have it once each

    def test_those_that_would_cover_each_other_share_one(self) -> None:
        """The first has its time on it, the others are counted, and all are told."""
        spot = bell("12:00", "12:05", "12:10", "15:00", slot=Slot(days=(Weekday.MONDAY,)))
        drawn = week_of(program_in(PARIS, spots=(spot,)))
        assert "12:00 +2" in drawn.texts()
        assert drawn.titles("spot") == [
            "Bell: Mon 1 Jun 12:00:00; Bell: Mon 1 Jun 12:05:00; Bell: Mon 1 Jun 12:10:00",
            "Bell: Mon 1 Jun 15:00:00",
        ]

    def test_at_midnight_it_stays_on_the_sheet(self) -> None:
        """Its mark is within the column, its tick where it belongs."""
        drawn = week_of(program_in(PARIS, spots=(bell("00:00"),)))
        blocks = [box for group in drawn.groups("block") for box in boxes(group)]
        marks = [box for group in drawn.groups("spot") for box in boxes(group)]
        assert all(any(inside(mark, block) for block in blocks) for mark in marks)

    def test_none_is_there_while_it_is_closed(self) -> None:
        """What nobody hears is not shown."""
        hours = Hours(slot=Slot(starts=time(7), ends=time(23)))
        assert week_of(program_in(PARIS, hours=(hours,), spots=(bell("03:00"),))).groups("spot") == []

    def test_now_is_marked(self) -> None:
        """A line at the time it is, and none in another week."""
        program, now = program_in(PARIS), at(PARIS, "2026-06-03 18:00")
        drawn = Drawn(week_svg(program, MONDAY, now))
        (line, _) = drawn.groups("now")[0].iter(f"{SVG}line")
        top = min(box.y for group in drawn.groups("block") for box in boxes(group))
        assert float(line.attrib["y1"]) == pytest.approx(top + 18 * drawn.hour, abs=0.1)
        assert Drawn(week_svg(program, MONDAY + timedelta(7), now)).groups("now") == []

    @pytest.mark.parametrize("hour", range(24))
    def test_a_label_gives_way_to_now(self, hour: int) -> None:
        """Where there is room, nothing is struck through."""
        program = program_in(PARIS, dayparts=(daypart("d", "00:00", "12:00"), daypart("e", "12:00", "00:00")))
        drawn = Drawn(week_svg(program, MONDAY, at(PARIS, f"2026-06-03 {hour:02}:20")))
        (line, _) = drawn.groups("now")[0].iter(f"{SVG}line")
        x, y, end = (float(line.attrib[name]) for name in ("x1", "y1", "x2"))
        hand = Box(x, y - 1, end - x, 2)
        assert not any(place_of(label).covers(hand) for label in drawn.labels())


def days(first: str) -> list[str]:
    """Give the seven days from a Monday on."""
    number = int(first.split()[1])
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return [f"{name} {number + later}" for later, name in enumerate(names)]


class TestOddDays:
    """Nights in which the clocks are set."""

    def test_a_short_day_says_so(self) -> None:
        """The hour that is not there is a hole with its times."""
        drawn = week_of(program_in(PARIS), date(2026, 3, 23))
        assert "23 hours" in drawn.texts()
        assert drawn.titles("hole") == ["left out 02:00-03:00"]

    def test_a_long_day_says_so(self) -> None:
        """The hour that comes twice is there twice, side by side."""
        drawn = week_of(program_in(PARIS), date(2026, 10, 19))
        assert "25 hours" in drawn.texts()
        assert {"first", "again"} <= set(drawn.texts())
        widths = sorted(box.width for group in drawn.groups("block") for box in boxes(group))
        assert widths[1] == pytest.approx(widths[-1] / 2, abs=CORNERS)

    def test_half_hours_are_told(self) -> None:
        """Lord Howe's clocks are set by thirty minutes."""
        program = program_in("Australia/Lord_Howe")
        assert "24.5 hours" in week_of(program, date(2026, 3, 30)).texts()

    def test_an_ordinary_day_says_nothing(self) -> None:
        """Everybody knows how many hours a day has."""
        assert not any(text.endswith("hours") for text in week_of(program_in(PARIS)).texts())


class TestSheet:
    """The picture as a whole."""

    def test_it_says_what_it_is(self) -> None:
        """A picture with a name, for those who cannot see it, too."""
        drawn = week_of(replace(program_in(PARIS), name="Hotel Bar"))
        assert drawn.root.attrib["role"] == "img"
        assert drawn.root.attrib["viewBox"] == "0 0 1200 800"
        assert drawn.root.findtext(f"{SVG}title") == "Hotel Bar: 1 - 7 June 2026"

    @pytest.mark.parametrize(
        ("first", "told"),
        [
            (date(2026, 6, 1), "1 - 7 June 2026"),
            (date(2026, 6, 29), "29 June - 5 July 2026"),
            (date(2026, 12, 28), "28 December 2026 - 3 January 2027"),
            (date(2028, 2, 28), "28 February - 5 March 2028"),
        ],
    )
    def test_the_dates_are_told_as_people_do(self, first: date, told: str) -> None:
        """Month and year are not said twice where they are the same."""
        assert f"{told} · {PARIS}" in week_of(program_in(PARIS), first).texts()

    def test_titles_from_strange_files_do_no_harm(self) -> None:
        """Signs that XML does not know are left out, and those that it uses are kept apart."""
        strange = daypart("x", "10:00", "14:00", 'A <b>\x00\ud800 & "C"')
        drawn = week_of(program_in(PARIS, dayparts=(strange,)))
        assert drawn.titles("daypart")[0].startswith('A <b> & "C": ')

    def test_the_key_names_all_that_is_there(self) -> None:
        """Colours, closed hours and marks, and nothing that this week does not have."""
        program = program_in(
            PARIS,
            dayparts=(daypart("a", "08:00", "12:00", "Morning"), daypart("b", "12:00", "18:00", "Afternoon")),
            hours=(Hours(slot=Slot(starts=time(7), ends=time(23))),),
            spots=(bell("09:00", "10:00"),),
        )
        assert key(week_of(program)) == [
            "Morning",
            "Afternoon",
            "house",
            "Closed",
            "09:00",
            "Bell, and 1 more",
        ]

    def test_one_entry_for_what_looks_the_same(self) -> None:
        """Two dayparts with one title and colour are one thing to whoever looks."""
        same = (
            daypart("a", "08:00", "10:00", "Late", colour="#123456"),
            daypart("b", "12:00", "14:00", "Late", colour="#123456"),
        )
        assert key(week_of(program_in(PARIS, dayparts=same))) == ["Late", "house"]

    def test_a_key_too_long_is_counted(self) -> None:
        """Sixty dayparts leave room for the week; what the key does not name is counted."""
        many = tuple(
            daypart(f"d{number}", f"{number // 3:02}:{number % 3 * 20:02}", "23:59", f"Daypart {number}")
            for number in range(60)
        )
        drawn = week_of(program_in(PARIS, dayparts=many))
        assert re.fullmatch(r"and \d+ more", key(drawn)[-1])
        assert drawn.hour > 24

    @pytest.mark.parametrize("ground", ["paper", "table"])
    @pytest.mark.parametrize("dark", [False, True])
    def test_letters_beside_the_blocks_can_be_read(self, ground: str, dark: bool) -> None:
        """In light rooms and dark ones the contrast is 4.5 at least."""
        fills = style_of(week_of(program_in(PARIS)), dark=dark)
        for ink in ("quiet", "loud"):
            lights = sorted(luminance(fills[name]) + 0.05 for name in (ink, ground))
            assert lights[1] / lights[0] >= 4.5
        lights = sorted(luminance(fills[name]) + 0.05 for name in ("time", "pill"))
        assert lights[1] / lights[0] >= 4.5


def key(drawn: Drawn) -> list[str]:
    """Give what is written in the key, colours first."""
    (group,) = drawn.groups("key")
    return [text.text or "" for text in group.iter(f"{SVG}text")]


def style_of(drawn: Drawn, *, dark: bool) -> dict[str, str]:
    """Give the fill of each class; in the dark those for light are what is not said anew."""
    style = drawn.root.findtext(f"{SVG}style", "")
    light, _, rest = style.partition("@media")
    found: dict[str, str] = {}
    for part in (light, rest) if dark else (light,):
        for names, fill in re.findall(r"([.\w, ]+) \{[^}]*fill: (#\w{6})", part):
            found |= {name.strip(" ."): fill for name in names.split(",")}
    return found


class TestColours:
    """Colours that nobody chose."""

    def test_a_chosen_colour_is_kept(self) -> None:
        """The palette is only for the rest."""
        program = program_in(PARIS, dayparts=(daypart("a", "08:00", "10:00", colour="#abcdef"),))
        assert colours_of(program) == {(Layer.DAYPART, "a"): "#abcdef"}

    @given(st.sets(st.text(min_size=1), min_size=1, max_size=12))
    def test_no_two_get_the_same_while_there_are_others(self, names: set[str]) -> None:
        """A dozen dayparts can be told apart."""
        program = program_in(PARIS, dayparts=tuple(daypart(name, "08:00", "10:00") for name in names))
        assert len(set(colours_of(program).values())) == len(names)

    @given(st.sets(st.text(min_size=1), min_size=20, max_size=40))
    def test_there_are_enough_for_everybody(self, names: set[str]) -> None:
        """When all are given away they are given again."""
        program = program_in(PARIS, dayparts=tuple(daypart(name, "08:00", "10:00") for name in names))
        assert len(colours_of(program)) == len(names)

    def test_an_id_has_the_same_colour_in_every_picture(self) -> None:
        """Next week's picture looks like this week's."""
        alone = colours_of(program_in(PARIS, dayparts=(daypart("brunch", "08:00", "10:00"),)))
        assert colours_of(program_in("Asia/Tokyo", dayparts=(daypart("brunch", "10:00", "11:00"),))) == alone
