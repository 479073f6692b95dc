"""The program: every type that its JSON is made of, but for the items themselves.

::

    Program
    ├── items       Item        what there is to play, each with its own cues and fades
    ├── playlists   Playlist    some of them, and in what order they come
    ├── dayparts    Daypart     which playlist plays when, week after week
    ├── shows       Show        which playlist plays on one date
    ├── spots       Spot        what is said between the songs, or over them
    ├── hours       Hours       when the venue is open
    ├── volume      Volume      how loud it is, by the time of day
    ├── screen      Pictures    what its screens show
    └── fallback                the playlist for all other times

Times of day and dates are the venue's own, in the program's zone: what is written is what the
clock on its wall shows.  What they mean in nights that are an hour too long or too short stands in
:mod:`easyplayer.playout.calendar`.  JSON in and out, and every fault of a program at once, are in
:mod:`easyplayer.playout.program_file`.
"""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from easyplayer.playout.items import Item, Length
from easyplayer.units import Decibels, Milliseconds, Percent

MIDNIGHT = time(0)


class Weekday(StrEnum):
    """A day of the week."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"

    @classmethod
    def of(cls, day: date) -> "Weekday":
        """Tell the weekday of a date.

        >>> Weekday.of(date(2028, 2, 29))
        <Weekday.TUESDAY: 'tue'>
        """
        return _WEEK[day.weekday()]


_WEEK = tuple(Weekday)


class Slot(Struct, frozen=True, kw_only=True):
    """A span of local time that comes again: on which days, and from when to when.

    A slot that ends at or before its start goes over midnight, and one that ends at its start lasts
    a whole day.  It belongs to the day on which it starts.

    :ivar days: weekdays; none is every day.
    :ivar starts: its first instant.
    :ivar ends: the first instant after it.
    :ivar first: the first date on which it starts; ``None`` was always.
    :ivar last: the last date on which it starts; ``None`` is for ever.
    :ivar dates: the only dates on which it starts; none leaves that to the rest.
    :ivar exceptions: dates on which it does not start.
    """

    days: tuple[Weekday, ...] = ()
    starts: time = MIDNIGHT
    ends: time = MIDNIGHT
    first: date | None = None
    last: date | None = None
    dates: tuple[date, ...] = ()
    exceptions: tuple[date, ...] = ()


ALWAYS = Slot()
"""Every minute of every day."""


class Order(StrEnum):
    """In what order the items of a playlist come."""

    SEQUENTIAL = "sequential"
    """As they are listed, round and round."""

    SHUFFLE = "shuffle"
    """By chance, each once before any comes twice."""

    WEIGHTED = "weighted"
    """By chance, each as often as its weight says."""


class Entry(Struct, frozen=True, kw_only=True):
    """One place in a playlist.

    :ivar item: id of the item.
    :ivar weight: how often it comes, compared with the others; only a weighted playlist asks for it.
    """

    item: str
    weight: Annotated[float, Meta(gt=0, le=1000)] = 1.0


class Separation(Struct, frozen=True, kw_only=True):
    """What a playlist keeps apart; where that cannot be, artists give way first, then titles, then minutes.

    :ivar artist_songs: how many other songs lie between two of one artist.
    :ivar title_songs: how many other songs lie between two of one title, whoever plays it.
    :ivar item_minutes: how many minutes lie between two starts of one item.
    """

    artist_songs: Annotated[int, Meta(ge=0, le=100)] = 0
    title_songs: Annotated[int, Meta(ge=0, le=100)] = 0
    item_minutes: Annotated[int, Meta(ge=0, le=10_080)] = 0


class Playlist(Struct, frozen=True, kw_only=True):
    """Some items, and in what order they come.

    :ivar fade_in_ms: for those of its items that do not say it themselves; so is ``fade_out_ms``.
    """

    id: Annotated[str, Meta(min_length=1)]
    title: str = ""
    entries: tuple[Entry, ...]
    order: Order = Order.SHUFFLE
    separation: Separation = Separation()
    fade_in_ms: Length | None = None
    fade_out_ms: Length | None = None


class Daypart(Struct, frozen=True, kw_only=True):
    """A slot of the week, and the playlists that are heard and seen in it.

    Where two cover an instant, the more specific one wins: single dates before a season, a shorter season
    before a longer one, fewer weekdays before more, a shorter slot before a longer one.  Then the one
    that was revised last wins, and then the id that comes first in the alphabet.

    :ivar playlist: id of the one that is heard; empty leaves that to what would play without the daypart.
    :ivar screen: id of the one that the screens show; empty leaves that to what they would show otherwise.
    :ivar revised: counts up with every change of the daypart; the newer wins.
    :ivar colour: for pictures of the week, such as ``#d08020``; empty leaves it to them.
    """

    id: Annotated[str, Meta(min_length=1)]
    title: str = ""
    slot: Slot
    playlist: str = ""
    screen: str = ""
    revised: int = 0
    colour: Annotated[str, Meta(pattern=r"^$|^#[0-9a-fA-F]{6}$")] = ""


class Start(StrEnum):
    """How a show begins."""

    HARD = "hard"
    """On the second: what plays gives way."""

    SOFT = "soft"
    """When the song that plays is over, or has been waited for long enough."""


class Show(Struct, frozen=True, kw_only=True):
    """A dated span of local time, over the dayparts, and the playlists that are heard and seen in it.

    Where two cover an instant, the one that starts later wins, then the one that ends earlier, then
    the newer one, and then the id that comes first in the alphabet.  A sequential playlist begins at
    its top with every show.

    :ivar starts: the local date and time of its first instant.
    :ivar ends: those of the first instant after it.
    :ivar playlist: id of the one that is heard; empty leaves that to what would play without the show.
    :ivar screen: id of the one that the screens show; empty leaves that to what they would show otherwise.
    :ivar longest_wait_s: how long a soft start waits for the song that plays.
    """

    id: Annotated[str, Meta(min_length=1)]
    title: str = ""
    starts: Annotated[datetime, Meta(tz=False)]
    ends: Annotated[datetime, Meta(tz=False)]
    playlist: str = ""
    screen: str = ""
    start: Start = Start.SOFT
    longest_wait_s: Annotated[int, Meta(ge=0, le=86_400)] = 600
    revised: int = 0
    colour: Annotated[str, Meta(pattern=r"^$|^#[0-9a-fA-F]{6}$")] = ""


class Over(StrEnum):
    """What a spot that comes on the second does to the music."""

    DUCK = "duck"
    """The music goes on below it, turned down."""

    PAUSE = "pause"
    """The music is held meanwhile, and goes on where it was."""

    CUT = "cut"
    """The song is over; the next one follows the spot."""


class Sharp(Struct, frozen=True, kw_only=True, tag="sharp"):
    """A spot that comes at set times, to the second, over the music.

    :ivar at: local times of day.
    :ivar tolerance_s: how late it may still be played, where a clock was set or the box was off.
    """

    at: Annotated[tuple[time, ...], Meta(min_length=1)]
    over: Over = Over.DUCK
    tolerance_s: Annotated[int, Meta(ge=0, le=3600)] = 60


class EachSongs(Struct, frozen=True, kw_only=True, tag="songs"):
    """A spot that comes after so many songs."""

    songs: Annotated[int, Meta(ge=1, le=1000)]


class EachMinutes(Struct, frozen=True, kw_only=True, tag="minutes"):
    """A spot that comes, between two songs, when so many minutes have passed since it came last."""

    minutes: Annotated[int, Meta(ge=1, le=10_080)]


class PastHour(Struct, frozen=True, kw_only=True, tag="past-hour"):
    """A spot that comes once in each hour, between two songs, at a minute or as soon after it as can be.

    :ivar wait_minutes: how long after that minute it may come; then it waits for the next hour.
    """

    minute: Annotated[int, Meta(ge=0, le=59)]
    wait_minutes: Annotated[int, Meta(ge=1, le=59)] = 15


When: TypeAlias = Sharp | EachSongs | EachMinutes | PastHour


class Spot(Struct, frozen=True, kw_only=True):
    """An announcement or advertisement, and when it comes.

    :ivar items: ids of the items, which come in turn.
    :ivar slot: in which days and hours it may come at all; a campaign has a first and a last date there.
    :ivar apart_minutes: how far it keeps from every other spot; a sharp one does not ask.
    :ivar per_hour: how often it may come in one hour of the clock; ``None`` is as often as it is due.
    :ivar per_day: how often it may come on one date.
    :ivar priority: where several are due, the highest comes first.
    :ivar pictures: ids of the stills and clips that the screens show while it sounds, in turn.
    """

    id: Annotated[str, Meta(min_length=1)]
    title: str = ""
    items: Annotated[tuple[str, ...], Meta(min_length=1)]
    when: When
    slot: Slot = ALWAYS
    apart_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0
    per_hour: Annotated[int, Meta(ge=1)] | None = None
    per_day: Annotated[int, Meta(ge=1)] | None = None
    priority: int = 0
    pictures: tuple[str, ...] = ()


class Hours(Struct, frozen=True, kw_only=True):
    """A slot in which the venue is open, or closed on a holiday; the more specific wins, as in dayparts.

    Where two of one rank contradict each other, the venue is open.  A holiday that is closed all day
    is closed from midnight to midnight, and so ends the night before it at midnight.

    :ivar open: whether it is open then; a program that only says when it is closed is open otherwise.
    :ivar revised: counts up with every change; the newer wins.
    """

    slot: Slot
    open: bool = True
    revised: int = 0


class VolumePoint(Struct, frozen=True, kw_only=True):
    """How loud it is at one time of day; between two points it goes evenly from one to the other.

    :ivar days: the weekdays it counts for; none is every day, and points with days replace those without.
    """

    at: time
    volume: Annotated[Percent, Meta(ge=0, le=100)]
    days: tuple[Weekday, ...] = ()


class Volume(Struct, frozen=True, kw_only=True):
    """How loud the venue is.

    :ivar curve: by the local time of day; none leaves the volume to the box's settings.
    :ivar ceiling: nobody, and no point, goes above it.
    :ivar trim_most: how far staff may turn it from the curve, up or down.
    :ivar trim_minutes: after how long what staff turned is half gone.
    :ivar slew_per_s: how fast it goes, in percent of the full way a second.
    """

    curve: tuple[VolumePoint, ...] = ()
    ceiling: Annotated[Percent, Meta(ge=0, le=100)] = Percent(100)
    trim_most: Annotated[Percent, Meta(ge=0, le=100)] = Percent(20)
    trim_minutes: Annotated[int, Meta(ge=1, le=1440)] = 60
    slew_per_s: Annotated[float, Meta(gt=0, le=100)] = 2.0


class Ducking(Struct, frozen=True, kw_only=True):
    """How the music goes down under a spot, and comes back.

    :ivar depth_db: what is left of it, relative to before.
    :ivar attack_ms: how long it takes to go down; the spot begins when that is done.
    :ivar hold_ms: how long after the spot's end it stays down.
    :ivar release_ms: how long it takes to come back.
    """

    depth_db: Annotated[Decibels, Meta(ge=-60, le=0)] = Decibels(-15.0)
    attack_ms: Annotated[Milliseconds, Meta(ge=0, le=10_000)] = Milliseconds(400)
    hold_ms: Annotated[Milliseconds, Meta(ge=0, le=10_000)] = Milliseconds(200)
    release_ms: Annotated[Milliseconds, Meta(ge=0, le=30_000)] = Milliseconds(1500)


class Corner(StrEnum):
    """A corner of the screen."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


class Overlay(Struct, frozen=True, kw_only=True):
    """What is written over the pictures.

    :ivar now_playing: whether title and artist of what sounds are told.
    :ivar clock: whether the venue's time of day is told.
    :ivar message: a line of text.
    :ivar qr: what a QR code says, such as the address of a page.
    :ivar corner: where the QR code, the title and the message stand; the clock stands across from them.
    """

    now_playing: bool = False
    clock: bool = False
    message: Annotated[str, Meta(max_length=500)] = ""
    qr: Annotated[str, Meta(max_length=500)] = ""
    corner: Corner = Corner.BOTTOM_LEFT


class Pictures(Struct, frozen=True, kw_only=True):
    """What the screens show.

    :ivar fallback: id of the playlist for all times that nothing else covers; empty where there is none.
    :ivar still_s: how long a still is shown that does not say it itself.
    """

    fallback: str = ""
    still_s: Annotated[int, Meta(ge=1, le=86_400)] = 10
    overlay: Overlay = Overlay()


FORMAT = 1
"""The version of the format that this software writes, and the newest that it reads."""


class Program(Struct, frozen=True, kw_only=True):
    """All that a venue needs to know what to play at any instant.

    :ivar format: version of the format; see :data:`FORMAT`.
    :ivar name: what people call it.
    :ivar version: counts up with every change.
    :ivar zone: the venue's time zone, after the IANA database, such as ``Europe/Paris``.
    :ivar tzdata: the version of that database that it was made with; empty where nobody knows.
    :ivar seed: what all chance in it grows from: the same seed and history give the same music.
    :ivar fallback: id of the playlist for all times that nothing else covers; empty where there is none.
    :ivar crossfade_ms: length of a crossfade; ``None`` leaves it to the box's settings.
    :ivar screen: what the screens show.
    """

    format: Annotated[int, Meta(ge=1)] = FORMAT
    name: str
    version: Annotated[int, Meta(ge=0)] = 1
    zone: str
    tzdata: str = ""
    seed: int = 0
    items: tuple[Item, ...] = ()
    playlists: tuple[Playlist, ...] = ()
    dayparts: tuple[Daypart, ...] = ()
    shows: tuple[Show, ...] = ()
    spots: tuple[Spot, ...] = ()
    hours: tuple[Hours, ...] = ()
    volume: Volume = Volume()
    ducking: Ducking = Ducking()
    fallback: str = ""
    crossfade_ms: Annotated[Milliseconds, Meta(ge=0, le=30_000)] | None = None
    screen: Pictures = Pictures()
