"""Programs without fault, with parts of every sort, for tests of what reads and writes them."""

from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from easyplayer.playout.catalogue import (
    Corner,
    Daypart,
    Ducking,
    EachMinutes,
    EachSongs,
    Entry,
    Hours,
    Order,
    Over,
    Overlay,
    PastHour,
    Pictures,
    Playlist,
    Program,
    Separation,
    Sharp,
    Show,
    Slot,
    Spot,
    Start,
    Volume,
    VolumePoint,
    Weekday,
)
from easyplayer.playout.items import ClipSound, Item, ItemKind, Media
from easyplayer.playout.program_rules import never_starts

words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8)
ids = st.text("abcé-1 /:", min_size=1, max_size=6).filter(lambda name: name == name.strip())
lengths = st.none() | st.integers(0, 400_000)
dates = st.dates(date(2026, 1, 1), date(2027, 12, 31))
clocks = st.times().map(lambda clock: clock.replace(microsecond=0)) | st.builds(time, st.integers(0, 23))
weekdays = st.lists(st.sampled_from(Weekday), unique=True).map(tuple)
colours = st.sampled_from(["", "#d08020", "#ABCDEF"])
some_dates = st.just(()) | st.lists(dates, unique=True, max_size=3).map(tuple)

slots = st.builds(
    Slot,
    days=weekdays,
    starts=clocks,
    ends=clocks,
    first=st.none() | dates,
    last=st.none() | dates,
    dates=some_dates,
    exceptions=some_dates,
).filter(lambda slot: not never_starts(slot))

medias = st.builds(Media, sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True), size=st.integers(1, 2**40))
spans = st.tuples(lengths, lengths).filter(lambda cues: None in cues or cues[0] < cues[1])


@st.composite
def items(draw: st.DrawFn) -> Item:
    """Draw an item with a location that suits its kind."""
    kind = draw(st.sampled_from(ItemKind))
    url = Item(id="x", location="", kind=kind).endless
    cue_in, cue_out = draw(spans.filter(lambda cues: cues[1] != 0))
    return Item(
        id=draw(ids),
        location="https://radio.example/" if url else f"/music/{draw(words)}",
        kind=kind,
        **{name: draw(words) for name in ("title", "artist", "album", "composer", "label", "isrc")},
        media=draw(st.none() | medias),
        duration_ms=draw(st.just(None) | st.integers(400_001, 900_000)),
        cue_in_ms=cue_in,
        cue_out_ms=cue_out,
        fade_in_ms=draw(lengths),
        fade_out_ms=draw(lengths),
        gain_db=draw(st.none() | st.floats(-60, 20)),
        clip_sound=draw(st.sampled_from(ClipSound)) if url or kind is ItemKind.CLIP else ClipSound.MUTE,
    )


@st.composite
def playlists(draw: st.DrawFn, known: list[str]) -> Playlist:
    """Draw a playlist of known items."""
    order = draw(st.sampled_from(Order))
    weights = st.floats(0.5, 9) if order is Order.WEIGHTED else st.just(1.0)
    entry = st.builds(Entry, item=st.sampled_from(known), weight=weights)
    separation = st.builds(Separation, artist_songs=st.integers(0, 9), item_minutes=st.integers(0, 99))
    return Playlist(
        id=draw(ids),
        title=draw(words),
        entries=tuple(draw(st.lists(entry, min_size=1, max_size=4))),
        order=order,
        separation=Separation() if order is Order.SEQUENTIAL else draw(separation),
        fade_in_ms=draw(lengths),
    )


def plans(known: list[str], screens: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Draw what a show or a daypart is for: to be heard, to be seen, or both."""
    heard, seen = st.sampled_from(known), st.sampled_from(screens or [""])
    both = st.fixed_dictionaries({"playlist": heard, "screen": seen})
    only_seen = st.fixed_dictionaries({"playlist": st.just(""), "screen": seen})
    return st.one_of(st.fixed_dictionaries({"playlist": heard}), both, *([only_seen] if screens else []))


@st.composite
def shows(draw: st.DrawFn, known: list[str], screens: list[str]) -> Show:
    """Draw a show of a known playlist."""
    starts = datetime.combine(draw(dates), draw(clocks))
    return Show(
        id=draw(ids),
        title=draw(words),
        starts=starts,
        ends=starts + timedelta(minutes=draw(st.integers(1, 3000))),
        **draw(plans(known, screens)),
        start=draw(st.sampled_from(Start)),
        longest_wait_s=draw(st.integers(0, 86_400)),
        revised=draw(st.integers(0, 9)),
        colour=draw(colours),
    )


@st.composite
def dayparts(draw: st.DrawFn, known: list[str], screens: list[str]) -> Daypart:
    """Draw a daypart of a known playlist."""
    return Daypart(
        id=draw(ids),
        title=draw(words),
        slot=draw(slots),
        **draw(plans(known, screens)),
        revised=draw(st.integers(0, 9)),
        colour=draw(colours),
    )


soft = st.one_of(
    st.builds(EachSongs, songs=st.integers(1, 9)),
    st.builds(EachMinutes, minutes=st.integers(1, 99)),
    st.builds(PastHour, minute=st.integers(0, 59), wait_minutes=st.integers(1, 59)),
)


@st.composite
def spots(draw: st.DrawFn, known: list[str], pictures: list[str]) -> Spot:
    """Draw a spot of known items."""
    slot = draw(slots)
    sharp = st.builds(Sharp, at=st.just((slot.starts,)), over=st.sampled_from(Over))
    return Spot(
        id=draw(ids),
        title=draw(words),
        items=tuple(draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))),
        when=draw(soft | sharp),
        slot=slot,
        per_hour=draw(st.none() | st.integers(1, 9)),
        priority=draw(st.integers(-9, 9)),
        pictures=tuple(draw(st.lists(st.sampled_from(pictures), max_size=3))) if pictures else (),
    )


overlays = st.builds(
    Overlay,
    now_playing=st.booleans(),
    clock=st.booleans(),
    message=words,
    qr=words,
    corner=st.sampled_from(Corner),
)


points = st.builds(VolumePoint, at=clocks, volume=st.integers(0, 100))
volumes = st.builds(
    Volume,
    curve=st.lists(points, unique_by=lambda point: point.at, max_size=3).map(tuple),
    ceiling=st.integers(0, 100),
)


def _some(strategy: st.SearchStrategy, least: int = 0) -> st.SearchStrategy:
    return st.lists(strategy, min_size=least, max_size=3, unique_by=lambda one: one.id).map(tuple)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Draw a program without fault."""
    things = draw(_some(items(), least=1))
    listed = draw(_some(playlists([item.id for item in things]), least=1))
    known = [playlist.id for playlist in listed]
    screens = [one.id for one in listed if _can_be_seen(one, things)]
    pictures = [item.id for item in things if item.kind in {ItemKind.STILL, ItemKind.CLIP}]
    sounds = [item.id for item in things if item.kind in {ItemKind.FILE, ItemKind.LOCAL}]
    return Program(
        name=draw(words),
        version=draw(st.integers(0, 99)),
        zone=draw(st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kathmandu"])),
        tzdata=draw(words),
        seed=draw(st.integers(-(2**62), 2**62)),
        items=things,
        playlists=listed,
        dayparts=draw(_some(dayparts(known, screens))),
        shows=draw(_some(shows(known, screens))),
        spots=draw(_some(spots(sounds, pictures))) if sounds else (),
        hours=tuple(draw(st.lists(st.builds(Hours, slot=slots, open=st.booleans()), max_size=2))),
        volume=draw(volumes),
        ducking=draw(st.builds(Ducking, depth_db=st.floats(-60, 0))),
        fallback=draw(st.sampled_from(["", *known])),
        crossfade_ms=draw(st.none() | st.integers(0, 30_000)),
        screen=Pictures(
            fallback=draw(st.sampled_from(["", *screens])),
            still_s=draw(st.integers(1, 86_400)),
            overlay=draw(overlays),
        ),
    )


def _can_be_seen(playlist: Playlist, things: tuple[Item, ...]) -> bool:
    sounds = {item.id for item in things if item.kind in {ItemKind.FILE, ItemKind.LOCAL}}
    return sounds.isdisjoint(entry.item for entry in playlist.entries)
