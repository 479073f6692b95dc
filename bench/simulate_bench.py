"""How long a year of a venue takes to be simulated, and the engine to decide what comes next.

A hotel bar with all sorts of things in its program: dayparts for every part of the week, a show each
Friday, opening hours, spots between songs and on the hour, artists and titles kept apart.  Half a year
of it lies in summer time, so that the clocks are set twice.  Prints two Markdown tables: the year, and
single decisions in large libraries.  The exit code is 1 where the year takes a minute or more, where it
is ever silent in open hours, or where a decision takes a millisecond or more, at the 99th percentile.
"""

import argparse
import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock

from easyplayer.playout.calendar import instant_of, zone_of
from easyplayer.playout.catalogue import (
    Daypart,
    EachMinutes,
    EachSongs,
    Entry,
    Hours,
    Order,
    PastHour,
    Playlist,
    Program,
    Separation,
    Sharp,
    Show,
    Slot,
    Spot,
    Start,
    Weekday,
)
from easyplayer.playout.chronicle import Heard, Silence
from easyplayer.playout.engine import Engine
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.program_file import decode, encode
from easyplayer.playout.simulate import VirtualVenue, World
from easyplayer.playout.virtual_clock import scripted
from easyplayer.units import Instant, Milliseconds, Seconds

ZONE = "Europe/Paris"
FIRST = date(2027, 1, 1)
DAY_S = 86_400
TRACKS = 10_000
LIBRARIES = (10_000, 100_000)
DECISIONS = 2_000
SONGS_PER_ARTIST = 12
APART = Separation(artist_songs=8, title_songs=20, item_minutes=240)
AIM_S = 60.0
AIM_US = 1000.0
KIBIBYTE = 1024
WEEKEND = (Weekday.FRIDAY, Weekday.SATURDAY)
PARTS = {"breakfast": (6, 11), "lunch": (11, 15), "tea": (15, 18), "evening": (18, 23), "night": (23, 2)}


def main() -> int:
    options = arguments()
    missed = [*year(options.tracks, options.days), "", *decisions()]
    reading()
    for line in (one for one in missed if one.startswith("missed")):
        print(line, file=sys.stderr)
    return int(any(one.startswith("missed") for one in missed))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.simulate_bench", description="A year of a venue.")
    parser.add_argument("--tracks", type=int, default=TRACKS, help=f"how many there are ({TRACKS})")
    parser.add_argument("--days", type=float, default=365.0, help="for how long (365)")
    return parser.parse_args()


def year(tracks: int, days: float) -> Iterator[str]:
    """Simulate, and tell how long it took and what came of it."""
    before_kib = peak_kib()
    began, began_cpu = time.perf_counter(), time.process_time()
    venue = VirtualVenue(Engine(program(tracks)), World(clock=scripted(start(), ()), prepare=ready))
    items, spots, silences = 0, 0, 0
    for happening in venue.run(Instant(start() + days * DAY_S)):
        items += isinstance(happening, Heard)
        spots += isinstance(happening, Heard) and not happening.decision.course
        silences += isinstance(happening, Silence)
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    print("| tracks | days | items | of them spots | s | s of CPU | us an item | MiB at most | more by |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    most, more = peak_kib() / KIBIBYTE, (peak_kib() - before_kib) / KIBIBYTE
    times = f"{took_s:.1f} | {cpu_s:.1f} | {1e6 * cpu_s / items:.0f}"
    print(f"| {tracks:,} | {days:g} | {items:,} | {spots:,} | {times} | {most:.0f} | {more:.0f} |\n")
    if cpu_s >= AIM_S:
        yield f"missed: {days:g} days take {cpu_s:.1f} s of CPU"
    if silences:
        yield f"missed: {silences} times it is silent in open hours"


def decisions() -> Iterator[str]:
    """Time the engine's decisions in libraries of several sizes."""
    print("| library | made in ms | median us | p99 us | max us | MiB at most |")
    print("|---:|---:|---:|---:|---:|---:|")
    for tracks in LIBRARIES:
        wanted = program(tracks)
        began = time.process_time()
        engine = Engine(wanted)
        first = engine.next(start())
        made_ms = 1e3 * (time.process_time() - began)
        assert first is not None
        times = sorted(timed(engine))
        median, p99 = statistics.median(times), statistics.quantiles(times, n=100, method="inclusive")[-1]
        memory = f"{peak_kib() / KIBIBYTE:.0f}"
        print(f"| {tracks:,} | {made_ms:.0f} | {median:.0f} | {p99:.0f} | {times[-1]:.0f} | {memory} |")
        if p99 >= AIM_US:
            yield f"missed: a decision in {tracks:,} tracks takes {p99:.0f} us"


def reading() -> None:
    """Time the reading of program files, with all their checks, beside a plain reading of their JSON."""
    print("\n| items | JSON alone ms | program ms | times |")
    print("|---:|---:|---:|---:|")
    for tracks in LIBRARIES:
        data = encode(program(tracks))
        alone_ms, all_ms = (spent_ms(read, data) for read in (json.loads, decode))
        print(f"| {tracks:,} | {alone_ms:.0f} | {all_ms:.0f} | {all_ms / alone_ms:.1f} |")


def spent_ms(read: Callable[[bytes], object], data: bytes) -> float:
    began = time.process_time()
    read(data)
    return 1e3 * (time.process_time() - began)


def timed(engine: Engine) -> Iterator[float]:
    """Tell how many microseconds each decision takes, and what it takes to remember it."""
    for number in range(DECISIONS):
        at = Instant(start() + 12 * 3600 + 200 * number)
        began = time.thread_time()
        decision = engine.next(at)
        if decision is not None:
            engine.take(decision, at)
        yield 1e6 * (time.thread_time() - began)


def start() -> Instant:
    return instant_of(datetime.combine(FIRST, clock(6)), zone_of(ZONE))


def peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def ready(item: Item, _before: Item | None) -> PreparedItem:
    return PreparedItem(item=item, cue_out_s=Seconds((item.duration_ms or 0) / 1000))


def program(tracks: int) -> Program:
    """Make the venue; every playlist has a fifth of the tracks, but for the fallback, which has all."""
    songs = tuple(library(tracks))
    calls = tuple(song(f"call-{number}", 15_000 + 1000 * number) for number in range(5))
    lists = [
        Playlist(
            id=name,
            entries=tuple(Entry(item=one.id) for one in songs[at::5]),
            order=Order.SHUFFLE,
            separation=APART,
        )
        for at, name in enumerate(PARTS)
    ]
    weighted = tuple(Entry(item=one.id, weight=1.0 + at % 5) for at, one in enumerate(songs[::5]))
    lists.append(Playlist(id="party", entries=weighted, order=Order.WEIGHTED, separation=APART))
    everything = Playlist(id="all", entries=tuple(Entry(item=one.id) for one in songs), separation=APART)
    return Program(
        name="bench",
        zone=ZONE,
        items=(*songs, *calls),
        playlists=(*lists, everything),
        dayparts=tuple(dayparts()),
        shows=tuple(parties()),
        spots=tuple(spots()),
        hours=(Hours(slot=Slot(starts=clock(6), ends=clock(2))),),
        fallback="all",
    )


def library(tracks: int) -> Iterator[Item]:
    """Make songs by artists of whom a few have much and most have little."""
    chance = random.Random(1)
    artists = tracks // SONGS_PER_ARTIST
    for number in range(tracks):
        artist = f"Artist {int(artists * chance.random() ** 2)}"
        title = f"Title {chance.randrange(tracks)}"
        yield song(f"song-{number}", chance.randrange(120_000, 300_000), artist=artist, title=title)


def song(name: str, length_ms: int, **fields: str) -> Item:
    return Item(id=name, location=f"/music/{name}.flac", duration_ms=Milliseconds(length_ms), **fields)


def dayparts() -> Iterator[Daypart]:
    for name, (starts, ends) in PARTS.items():
        yield Daypart(id=name, slot=Slot(starts=clock(starts), ends=clock(ends)), playlist=name)
    late = Slot(days=WEEKEND, starts=clock(21), ends=clock(2))
    yield Daypart(id="weekend", slot=late, playlist="night")


def parties() -> Iterator[Show]:
    for week in range(60):
        begins = datetime.combine(FIRST + timedelta(weeks=week), clock(22))
        hard = Start.HARD if week % 2 else Start.SOFT
        ends = begins + timedelta(hours=2)
        yield Show(id=f"party-{week}", starts=begins, ends=ends, playlist="party", start=hard)


def spots() -> Iterator[Spot]:
    evening = Slot(starts=clock(17), ends=clock(23))
    yield Spot(id="hour", items=("call-0",), when=Sharp(at=tuple(clock(hour) for hour in range(7, 24))))
    yield Spot(id="songs", items=("call-1", "call-2"), when=EachSongs(songs=5), apart_minutes=5)
    yield Spot(id="minutes", items=("call-3",), when=EachMinutes(minutes=45), slot=evening, per_hour=1)
    yield Spot(id="half", items=("call-4",), when=PastHour(minute=30), slot=evening, priority=1, per_day=4)


if __name__ == "__main__":
    sys.exit(main())
