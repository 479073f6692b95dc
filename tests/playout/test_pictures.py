"""What the screens show: by the music's own law, without a word in what is heard."""

import doctest
from collections.abc import Iterable
from datetime import time
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.playout import pictures
from easyplayer.playout.catalogue import (
    Daypart,
    EachSongs,
    Entry,
    Hours,
    Order,
    Overlay,
    Pictures,
    Playlist,
    Program,
    Slot,
    Spot,
)
from easyplayer.playout.chronicle import Happening, Heard, Seen
from easyplayer.playout.engine import Engine
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item, ItemKind, Layer, PreparedItem, Sense
from easyplayer.playout.pictures import (
    in_turn,
    length_s,
    on_screen,
    prepare_picture,
    screened,
    shown_with,
    shows_anything,
)
from easyplayer.playout.screening import GUESSED_S, Projector, seen, virtual_screen
from easyplayer.playout.simulate import VirtualVenue, World
from easyplayer.playout.timeline import Timeline
from easyplayer.playout.transition import Rules
from easyplayer.playout.virtual_clock import scripted
from easyplayer.units import Instant, Milliseconds, Seconds
from tests.playout.good_programs import programs
from tests.playout.programs import DAY_S, HOUR_S, Night, at, nights

PARIS = "Europe/Paris"
fewer = settings(max_examples=settings().max_examples // 3)
instants = st.floats(1.77e9, 1.83e9)


def still(name: str, shown_s: float | None = None) -> Item:
    """Make an image."""
    shown_ms = None if shown_s is None else Milliseconds(round(1000 * shown_s))
    return Item(id=name, location=f"{name}.png", kind=ItemKind.STILL, duration_ms=shown_ms)


def clip(name: str, length_s: float = 60.0, **fields: Any) -> Item:
    """Make a video."""
    length_ms = Milliseconds(round(1000 * length_s))
    return Item(id=name, location=f"{name}.mp4", kind=ItemKind.CLIP, duration_ms=length_ms, **fields)


def listing(name: str, *items: str) -> Playlist:
    """Make a playlist whose items come as they are listed."""
    return Playlist(id=name, entries=tuple(Entry(item=one) for one in items), order=Order.SEQUENTIAL)


def slot(starts: str, ends: str) -> Slot:
    """Make a slot of every day."""
    return Slot(starts=time.fromisoformat(starts), ends=time.fromisoformat(ends))


SONG = Item(id="song", location="song.flac", duration_ms=Milliseconds(200_000))
WORD = Item(id="word", location="word.flac", duration_ms=Milliseconds(25_000))
CAMERA = Item(id="camera", location="rtsp://camera/1", kind=ItemKind.STREAM)
SHOP = Program(
    name="shop",
    zone=PARIS,
    items=(SONG, WORD, still("one"), still("two", 20), clip("film"), still("dish"), still("logo"), CAMERA),
    playlists=(
        listing("music", "song"),
        listing("offers", "one", "two", "film"),
        listing("menu", "dish"),
        listing("door", "camera"),
    ),
    dayparts=(
        Daypart(id="lunch", slot=slot("11:00", "14:00"), playlist="music", screen="menu"),
        Daypart(id="rush", slot=slot("12:00", "13:00"), playlist="music"),
        Daypart(id="watch", slot=slot("15:00", "15:30"), screen="door"),
    ),
    spots=(Spot(id="ad", items=("word",), when=EachSongs(songs=2), pictures=("logo", "two")),),
    fallback="music",
    screen=Pictures(fallback="offers", still_s=8),
)


def screen_of(program: Program) -> Program:
    """Give the screen's part of a program that has one."""
    screen = on_screen(program)
    assert screen is not None
    return screen


def eye(program: Program) -> Engine:
    """Decide for a program's screen."""
    return Engine(screen_of(program), sense=Sense.EYE)


def day(clock: str) -> Instant:
    """Give an instant of one day."""
    return at(PARIS, f"2027-03-05 {clock}")


def decided(program: Program, clock: str) -> Decision:
    """Decide what its screens show."""
    decision = eye(program).next(day(clock))
    assert decision is not None
    return decision


def shown(program: Program, since: str, until: str) -> list[str]:
    """Tell what its screens show, with the second at which each begins, and how it ends."""
    found = rows(program, since, until, ())
    return [f"{row.started - day(since):g} {row.item.id} {row.ended}" for row in found]


def rows(program: Program, since: str, until: str, happenings: Iterable[Happening]) -> list[Seen]:
    """Tell all that its screens show while something happens."""
    screen = virtual_screen(program, scripted(day(since), ()), Projector())
    return [] if screen is None else [*seen(program, screen, happenings, day(until), Projector())]


def soundless(program: Program) -> Program:
    """Take everything out of a program that has to do with screens."""
    return structs.replace(
        program,
        dayparts=tuple(structs.replace(one, screen="") for one in program.dayparts if one.playlist),
        shows=tuple(structs.replace(one, screen="") for one in program.shows if one.playlist),
        spots=tuple(structs.replace(one, pictures=()) for one in program.spots),
        screen=Pictures(),
    )


def is_spot(happening: Happening) -> bool:
    """Tell whether something is a spot between songs."""
    return isinstance(happening, Heard) and happening.origin.layer is Layer.SOFT_SPOT


def prepared(item: Item, _before: Item | None) -> PreparedItem:
    """Make an item ready that lasts for ten minutes, or has no end."""
    over = None if item.endless else Seconds(600.0)
    return PreparedItem(item=item, cue_out_s=over)


def heard(program: Program, since: Instant, until: Instant) -> list[Happening]:
    """Let a venue play."""
    world = World(clock=scripted(since, ()), prepare=prepared, rules=Rules(crossfade_s=Seconds(0.0)))
    return [*VirtualVenue(Engine(program), world).run(until)]


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(pictures).failed == 0


# -- a program for the eye -------------------------------------------------------------------------


def test_program_without_pictures_has_no_screen() -> None:
    """What is written over them may be all that there is to see."""
    bare = soundless(SHOP)
    assert on_screen(bare) is None
    assert not shows_anything(bare)
    clock = structs.replace(bare, screen=Pictures(overlay=Overlay(clock=True)))
    assert on_screen(clock) is None
    assert shows_anything(clock)


def test_screen_has_what_it_shows_and_nothing_else() -> None:
    """Also the pictures of spots, but not the spots: the music's decide when they come."""
    screen = screen_of(SHOP)
    assert {item.id for item in screen.items} == {"one", "two", "film", "dish", "logo", "camera"}
    assert [playlist.id for playlist in screen.playlists] == ["offers", "menu", "door"]
    assert screen.spots == ()
    assert (screen.zone, screen.hours, screen.seed) == (SHOP.zone, SHOP.hours, SHOP.seed)


def test_daypart_without_a_screen_leaves_it_to_the_layer_below() -> None:
    """In the rush of lunch other music plays, and the menu stays."""
    assert decided(SHOP, "12:30").item.id == "dish"
    assert decided(SHOP, "12:30").origin.source == "lunch"
    music = Engine(SHOP).next(day("12:30"))
    assert music is not None
    assert music.origin.source == "rush"


def test_daypart_with_nothing_but_a_screen_leaves_the_music_alone() -> None:
    """As if it were not there."""
    music = Engine(SHOP).next(day("15:10"))
    assert music is not None
    assert music.origin.layer is Layer.FALLBACK
    assert decided(SHOP, "15:10").item.id == "camera"


def test_screen_shows_nothing_that_was_not_planned_for_it() -> None:
    """While decks play whatever is there rather than nothing."""
    dark = structs.replace(SHOP, screen=Pictures(), fallback="")
    assert eye(dark).next(day("09:00")) is None
    music = Engine(dark).next(day("09:00"))
    assert music is not None
    assert music.origin.layer is Layer.STORAGE


def test_picture_that_cannot_be_shown_is_passed_over() -> None:
    """And where none of a playlist can be, the layer below it has the word."""
    decision = eye(SHOP).next(day("11:30"), lambda item: "it is broken" if item.id == "dish" else "")
    assert decision is not None
    assert (decision.item.id, decision.origin.layer) == ("one", Layer.FALLBACK)
    assert decision.beaten[0].source == "lunch"


# -- how long, and what follows --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "measured_s", "length"),
    [
        (still("still"), None, 10.0),
        (still("still", 4), 900.0, 4.0),
        (still("still", 0), None, 0.5),
        (clip("clip", 60), None, 60.0),
        (clip("clip", 60), Seconds(58.5), 58.5),
        (clip("clip", 60, cue_in_ms=5000, cue_out_ms=20_000), Seconds(58.5), 15.0),
        (clip("clip", 60, cue_out_ms=90_000), Seconds(58.5), 58.5),
        (clip("clip", 60, cue_in_ms=59_000), Seconds(58.5), 0.5),
        (structs.replace(clip("clip"), duration_ms=None), None, None),
        (CAMERA, Seconds(3.0), None),
    ],
)
def test_length_of_a_picture(item: Item, measured_s: Seconds | None, length: float | None) -> None:
    """A still lasts as long as somebody says, a clip as long as it is, and a stream for ever."""
    assert length_s(item, measured_s) == length
    ready = prepare_picture(item, measured_s)
    assert ready.cue_out_s == (None if length is None else ready.cue_in_s + length)
    assert (ready.fade_in_s, ready.fade_out_s) == (0.0, 0.0)


def test_stills_are_shown_as_long_as_the_program_says() -> None:
    """Unless one says it itself."""
    assert shown(SHOP, "09:00", "09:01:40") == [
        "0 one played",
        "8 two played",
        "28 film played",
        "88 one played",
        "96 two stopped",
    ]


def test_still_gives_way_on_the_second_and_a_clip_is_shown_to_its_end() -> None:
    """The menu is there at eleven sharp, and is gone at two; a film that runs then is seen first."""
    assert shown(SHOP, "10:59:57", "11:00:10")[:2] == ["0 one cut", "3 dish played"]
    assert shown(SHOP, "13:59:59", "14:00:05") == ["0 dish cut", "1 one stopped"]
    film = structs.replace(
        SHOP, playlists=(*SHOP.playlists[:1], listing("offers", "film"), *SHOP.playlists[2:])
    )
    assert shown(film, "10:59:30", "11:01:00")[:2] == ["0 film played", "60 dish played"]


def test_stream_ends_with_its_daypart_also_where_nothing_follows() -> None:
    """A screen is dark rather than to show what is not planned any more."""
    assert shown(SHOP, "15:29:50", "15:30:05") == ["0 camera cut", "10 one stopped"]
    dark = structs.replace(SHOP, screen=Pictures())
    assert shown(dark, "15:00", "16:00") == ["0 camera played"]
    decision = decided(dark, "15:10")
    assert eye(dark).gives_way_to_nothing_at(decision, day("15:10")) == day("15:30")
    assert eye(SHOP).gives_way_to_nothing_at(decision, day("15:10")) is None


def test_sound_that_has_no_end_goes_on_where_nothing_follows() -> None:
    """It is better than silence."""
    radio = Program(
        name="radio",
        zone=PARIS,
        items=(CAMERA,),
        playlists=(listing("door", "camera"),),
        dayparts=(Daypart(id="watch", slot=slot("15:00", "15:30"), playlist="door"),),
    )
    engine = Engine(radio)
    decision = engine.next(day("15:10"))
    assert decision is not None
    assert engine.gives_way_to_nothing_at(decision, day("15:10")) is None


def test_screen_is_dark_while_the_venue_is_closed() -> None:
    """The hours are those of the music."""
    closed = structs.replace(SHOP, hours=(Hours(slot=slot("09:00", "09:00:20")),))
    assert shown(closed, "08:59:50", "09:01") == ["10 one played", "18 two stopped"]


# -- what a spot shows -----------------------------------------------------------------------------


def test_pictures_of_a_spot_come_in_turn() -> None:
    """Each for its own length, and round again; what cannot be shown is passed over."""
    found = shown_with(SHOP, "ad")
    assert [(item.id, length_s(item, None)) for item in found] == [("logo", 8.0), ("two", 20.0)]
    names = [in_turn(found, number, lambda _item: "") for number in range(3)]
    assert [item.id for item in names if item] == ["logo", "two", "logo"]
    only = in_turn(found, 1, lambda item: "it is broken" if item.id == "logo" else "")
    assert only == found[1]
    assert in_turn(found, 0, lambda _item: "it is broken") is None
    assert shown_with(SHOP, "nobody") == ()


def test_screens_show_a_spot_while_it_sounds() -> None:
    """From its first instant to its last."""
    found = rows(SHOP, "09:00", "09:31", heard(SHOP, day("09:00"), day("09:31")))
    spoken = [row for row in found if row.origin.source == "ad"]
    assert [(row.item.id, row.started - day("09:20"), str(row.ended)) for row in spoken][:3] == [
        ("logo", 0.0, "played"),
        ("two", 8.0, "played"),
        ("logo", 28.0, "played"),
    ]
    assert spoken[-1].over == day("09:30")
    assert all(before.over == after.started for before, after in pairwise(found))


@pytest.mark.parametrize(
    ("since", "shown"),
    [
        ("09:00:40", ["film 12 cut", "logo 10 played", "film 48 played", "one 8 played"]),
        ("09:01:26", ["film 58 cut", "logo 10 played", "one 8 played"]),
        ("09:00:04", ["one 4 cut", "logo 10 played", "two 20 played", "film 60 played"]),
    ],
)
def test_clip_goes_on_where_a_spot_has_broken_it_off(since: str, shown: list[str]) -> None:
    """If there is something left of it; a still that was broken off gives way to the next."""
    short = structs.replace(SHOP, spots=(structs.replace(SHOP.spots[0], pictures=("logo",)),))
    (spot, *_) = (one for one in heard(SHOP, day("09:00"), day("09:31")) if is_spot(one))
    said = structs.replace(spot, started=day(since), over=Instant(day(since) + 10))
    found = [
        f"{row.item.id} {row.over - row.started:g} {row.ended}"
        for row in rows(short, "09:00", "09:05", [said])
    ]
    logo = found.index("logo 10 played")
    assert found[logo - 1 : logo + len(shown) - 1] == shown


def test_still_alone_stays_as_long_as_its_spot() -> None:
    """It is not shown anew every few seconds."""
    alone = structs.replace(SHOP, spots=(structs.replace(SHOP.spots[0], pictures=("logo",)),))
    happened = heard(alone, day("09:00"), day("09:35"))
    (row,) = (one for one in rows(alone, "09:00", "09:35", happened) if one.origin.source == "ad")
    assert (row.started, row.over) == (day("09:20"), day("09:30"))


def test_clip_of_which_nobody_knows_how_long_it_is_counts_for_a_while() -> None:
    """So that a rehearsal goes on."""
    film = structs.replace(clip("film"), duration_ms=None)
    assert Projector().prepare(film).cue_out_s == GUESSED_S
    assert Projector().prepare(CAMERA).cue_out_s is None


# -- whatever the program --------------------------------------------------------------------------


@fewer
@given(programs(), instants)
def test_music_is_decided_as_if_there_were_no_screen(program: Program, since: float) -> None:
    """The same happens at the same time, for the same reasons."""
    window = Instant(since), Instant(since + 3 * HOUR_S)
    assert heard(program, *window) == heard(soundless(program), *window)


@fewer
@given(programs(), instants)
def test_screen_is_decided_whatever_the_program(program: Program, since: float) -> None:
    """At each instant there is one picture of one of its playlists, or none at all; nothing overlaps."""
    screen = on_screen(program)
    if screen is None:
        assert not any(screened(program))
        return
    assert on_screen(screen) is None
    window = Instant(since), Instant(since + HOUR_S)
    venue = virtual_screen(program, scripted(window[0], ()), Projector())
    assert venue is not None
    found = [*islice(seen(program, venue, heard(program, *window), window[1], Projector()), 200)]
    pictures_of = {spot.id: spot.pictures for spot in program.spots}
    for row in found:
        assert row.item.showing
        if row.origin.playlist:
            assert row.origin.playlist in {*screened(program)}
        else:
            assert row.item.id in pictures_of[row.origin.source]
    for before, after in pairwise(found):
        assert before.over <= after.started


@fewer
@given(nights(), st.lists(st.sampled_from(("", "calm", "lively")), min_size=10, max_size=10))
def test_each_instant_of_a_screen_has_one_winner(night: Night, screens: list[str]) -> None:
    """The spans of its timeline are without a gap, in every zone and every night."""
    parts = iter(screens)
    items = tuple(structs.replace(item, kind=ItemKind.STILL) for item in night.program.items)
    program = structs.replace(
        night.program,
        items=items,
        dayparts=tuple(structs.replace(one, screen=next(parts)) for one in night.program.dayparts),
        shows=tuple(structs.replace(one, screen=next(parts)) for one in night.program.shows),
        spots=(),
        screen=Pictures(fallback="house"),
    )
    segments = [*Timeline(screen_of(program)).segments(night.start, night.end)]
    assert (segments[0].start, segments[-1].end) == (night.start, night.end)
    assert all(before.end == after.start for before, after in pairwise(segments))
    screens_of = {one.id: one.screen for one in (*program.dayparts, *program.shows)}
    for segment in segments:
        assert segment.claim is not None
        assert segment.claim.playlist == screens_of.get(segment.claim.source, "house")
        decision = eye(program).next(segment.start)
        assert decision is not None
        assert decision.origin.source == segment.claim.source


@fewer
@given(nights())
def test_screen_that_shows_the_playlists_of_the_music_follows_its_times(night: Night) -> None:
    """One law decides for both: with the same parts, the same has the word at each instant."""
    program = structs.replace(
        night.program,
        items=tuple(structs.replace(item, kind=ItemKind.STREAM) for item in night.program.items),
        dayparts=tuple(structs.replace(one, screen=one.playlist) for one in night.program.dayparts),
        shows=tuple(structs.replace(one, screen=one.playlist) for one in night.program.shows),
        spots=(),
        screen=Pictures(fallback=night.program.fallback),
    )
    screen = on_screen(program)
    window = night.start, min(night.end, Instant(night.start + 2 * DAY_S))
    segments = [*Timeline(program).segments(*window)]
    assert segments == ([*Timeline(screen).segments(*window)] if screen is not None else segments)
