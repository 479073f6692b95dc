"""How long a rotation takes to say what comes next, beside two plain ways to choose a song.

Long playlists with everything to be kept apart, of which one song in ten is missing: one peek and one
take for each decision.  Beside it, in the same run and from the same songs: ``random.choice``, which
keeps nothing apart; and a choice among all that may come, for which every song is looked at.  Times are
those of the processor, so that it does not matter what else the machine does.  Prints two Markdown
tables: times, and what a rotation keeps in memory and on the disk.  The exit code is 1 where a rotation
needs more than a millisecond, at the 99th percentile.
"""

import argparse
import gc
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from easyplayer.playout.catalogue import Entry, Order, Playlist, Separation
from easyplayer.playout.items import Item
from easyplayer.playout.rotation import Rotation
from easyplayer.playout.separation import Apart, Past
from easyplayer.units import Instant

SIZES = (1_000, 10_000, 100_000)
DECISIONS = 3_000
WITH_EVERY_SONG_LOOKED_AT = 30
"""So few are enough where each takes long."""
SONGS_PER_ARTIST = 12
APART = Separation(artist_songs=8, title_songs=20, item_minutes=240)
SONG_S = 210.0
HISTORY = 200
AIM_US = 1000.0
KIBIBYTE = 1024
CHOICE, FILTERED = "random.choice", "choice among all that may come"

Decide = Callable[[Sequence[Past], Instant], Item]


@dataclass(frozen=True)
class Figures:
    """The times of one way to choose, in microseconds, over one playlist."""

    name: str
    size: int
    times_us: list[float]

    @property
    def median(self) -> float:
        """The time of an ordinary decision."""
        return statistics.median(self.times_us)

    @property
    def p99(self) -> float:
        """The time that one decision in a hundred exceeds."""
        return statistics.quantiles(self.times_us, n=100, method="inclusive")[-1]


def main() -> int:
    options = arguments()
    times: list[Figures] = []
    kept: list[str] = []
    for size in options.sizes:
        items = library(size)
        times += measured(items)
        kept += [weighed(order, items) for order in Order]
    print(table(times), "", kept_table(kept), sep="\n")
    ours = [figures for figures in times if figures.name not in {CHOICE, FILTERED}]
    slow = [figures for figures in ours if figures.p99 > AIM_US]
    for figures in slow:
        print(f"missed: {figures.name} at {figures.size:,} takes {figures.p99:.0f} us", file=sys.stderr)
    return 1 if slow else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench.rotation_bench", description="What comes next, and how soon."
    )
    parser.add_argument(
        "sizes", nargs="*", type=int, default=SIZES, help="how many songs (1000 10000 100000)"
    )
    return parser.parse_args()


def library(size: int) -> dict[str, Item]:
    """Make songs by artists of whom a few have much and most have little."""
    chance = random.Random(1)
    artists = size // SONGS_PER_ARTIST
    return {
        f"song-{number}": Item(
            id=f"song-{number}",
            location=f"{number}.flac",
            title=f"Title {chance.randrange(size)}",
            artist=f"Artist {int(artists * chance.random() ** 2)}",
        )
        for number in range(size)
    }


def playlist(items: dict[str, Item], order: Order) -> Playlist:
    entries = tuple(Entry(item=name, weight=1.0 + place % 5) for place, name in enumerate(items))
    return Playlist(id="bench", entries=entries, order=order, separation=APART)


def missing(item: Item) -> str:
    return "not on the disk" if item.id.endswith("7") else ""


def measured(items: dict[str, Item]) -> Iterator[Figures]:
    """Measure every way to choose, one after the other."""
    listed = tuple(items.values())
    yield timed(CHOICE, len(items), lambda _heard, _at: random.choice(listed), DECISIONS)
    yield timed(FILTERED, len(items), filtered(listed), WITH_EVERY_SONG_LOOKED_AT)
    for order in Order:
        yield timed(order, len(items), rotating(Rotation(playlist(items, order), items, 1)), DECISIONS)


def filtered(listed: Sequence[Item]) -> Decide:
    def decide(heard: Sequence[Past], at: Instant) -> Item:
        apart = Apart(APART, heard, at)
        return random.choice([one for one in listed if not any(apart.fault(one)) and not missing(one)])

    return decide


def rotating(rotation: Rotation) -> Decide:
    def decide(heard: Sequence[Past], at: Instant) -> Item:
        draw = rotation.peek(heard, at, missing)
        assert draw is not None, "not all of them are missing"
        rotation.take(draw)
        return draw.item

    return decide


def timed(name: str, size: int, decide: Decide, decisions: int) -> Figures:
    """Play a venue's songs, and time each decision; the collector of garbage has its turn between them."""
    heard: list[Past] = []
    times: list[float] = []
    gc.collect()
    gc.disable()
    for number in range(decisions):
        at = Instant(SONG_S * number)
        before = time.thread_time()
        item = decide(heard, at)
        times.append(1e6 * (time.thread_time() - before))
        heard = [*heard[1 - HISTORY :], Past.of(item, at)]
    gc.enable()
    return Figures(name, size, times)


def weighed(order: Order, items: dict[str, Item]) -> str:
    """Tell how long it takes to make a rotation, and what it holds besides the program's own items."""
    wanted = playlist(items, order)
    before = time.thread_time()
    Rotation(wanted, items, 1)
    made_ms = 1e3 * (time.thread_time() - before)
    tracemalloc.start()
    rotation = Rotation(wanted, items, 1)
    held, most = (octets / KIBIBYTE for octets in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    state = len(msgspec.json.encode(rotation.state))
    return f"| {order} | {len(items):,} | {made_ms:.0f} | {held:.0f} | {most:.0f} | {state:,} |"


def table(results: Sequence[Figures]) -> str:
    """Write the times, with each median as a multiple of the two plain ones at the same size."""
    head = f"| | songs | median us | p99 us | max us | times {CHOICE} | times {FILTERED} |"
    rows = [head, "|---|" + "---:|" * 6]
    for one in results:
        plain = [
            other.median for other in results if other.size == one.size and other.name in {CHOICE, FILTERED}
        ]
        ratios = (f"{one.median / median:.3g}" for median in plain)
        cells = (f"{one.size:,}", f"{one.median:.1f}", f"{one.p99:.1f}", f"{max(one.times_us):.1f}", *ratios)
        rows.append(f"| {one.name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def kept_table(rows: Sequence[str]) -> str:
    head = "| | songs | made in ms | held KiB | at most KiB | state octets |"
    return "\n".join([head, "|---|" + "---:|" * 5, *rows])


if __name__ == "__main__":
    sys.exit(main())
