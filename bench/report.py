"""The benchmark's page: a table, whether the aims are met, and what the figures are worth."""

import math
import os
import platform
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bench.measure import Figures
from bench.players import Player, first_line

UNKNOWN = "n/a"


class Column(NamedTuple):
    """One figure of the table."""

    title: str
    pick: Callable[[Figures], float]
    digits: int = 0
    compared: bool = False
    """Whether it says something as a multiple of ours."""


PSS = Column("PSS MiB", lambda figures: figures.pss_mib, compared=True)
RSS = Column("RSS MiB", lambda figures: figures.rss_mib)
PLAYING = Column("CPU % playing", lambda figures: figures.cpu_playing, 1, compared=True)
FADING = Column("CPU % fading", lambda figures: figures.cpu_fading, 1, compared=True)
IN_ALL = Column("CPU % in all", lambda figures: figures.cpu_in_all, 1, compared=True)
FIRST_SOUND = Column("first sound ms", lambda figures: figures.cold_start_ms, compared=True)
LEVEL = Column("level dB", lambda figures: figures.level_db, 2)
BOTH = Column("both heard s", lambda figures: figures.both_s, 1)
SILENCE = Column("silence ms", lambda figures: figures.silent_ms)
COLUMNS = (PSS, RSS, PLAYING, FADING, IN_ALL, FIRST_SOUND, LEVEL, BOTH, SILENCE)


@dataclass
class Result:
    """What is known of one player after the rounds."""

    player: Player
    rounds: list[Figures] = field(default_factory=list)
    trouble: str = ""
    """Why there are no figures, or fewer than there should be."""

    def told(self, column: Column) -> list[float]:
        """Return a figure of every round in which it could be told."""
        return [value for value in map(column.pick, self.rounds) if not math.isnan(value)]

    def median(self, column: Column) -> float:
        """Return the median of a figure, or not a number."""
        return statistics.median(self.told(column) or [math.nan])

    def cell(self, column: Column) -> str:
        """Write a figure as its median and its range."""
        values = self.told(column)
        if not values:
            return UNKNOWN
        low, middle, high = (
            f"{value:.{column.digits}f}" for value in (min(values), statistics.median(values), max(values))
        )
        return middle if low == high else f"{middle} ({low} to {high})"


def table(results: list[Result]) -> str:
    """Write the figures of all players, as a Markdown table."""
    head = ["", *(column.title for column in COLUMNS)]
    rows = [[result.player.name, *map(result.cell, COLUMNS)] for result in results if result.rounds]
    return _markdown(head, rows)


def multiples(results: list[Result], ours: Result) -> str:
    """Write the figures of the others as multiples of ours, as a Markdown table."""
    compared = [column for column in COLUMNS if column.compared]
    rows = [
        [other.player.name, *(f"{other.median(column) / ours.median(column):.2f}" for column in compared)]
        for other in results
        if other.rounds and other is not ours
    ]
    return _markdown(["times ours", *(column.title for column in compared)], rows)


def aims(results: list[Result], ours: Result) -> Iterator[str]:
    """Tell for each aim of ours whether the medians meet it."""
    yield _aim(ours, PSS, 90, "MiB of memory (PSS)")
    yield _aim(ours, FIRST_SOUND, 600, "ms from execution to the first sound")
    for other in results:
        if other.player.name == "Liquidsoap" and other.rounds:
            for column, when in ((PLAYING, "while playing"), (FADING, "while fading"), (IN_ALL, "in all")):
                yield _aim(ours, column, other.median(column), f"% of a core {when} (what Liquidsoap uses)")


def machine() -> str:
    """Tell on what it was measured."""
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory_gib:.0f} GiB, {system}, "
        f"Linux {platform.release()}, {first_line('pulseaudio', '--version')}, "
        f"Python {platform.python_version()}"
    )


def page(results: list[Result], ours: Result, conditions: str) -> str:
    """Write the whole page, in Markdown."""
    parts = ["# Beside other players", conditions, f"Machine: {machine()}.", "## Figures", table(results)]
    if ours.rounds:
        parts += [multiples(results, ours), "## Aims", "\n".join(aims(results, ours))]
    parts += ["## Players", "\n".join(map(_player, results)), "## How to read it", NOTES]
    return "\n\n".join(parts) + "\n"


NOTES = """\
- Each figure is the median of the rounds, with the lowest and the highest where they differ.
- **PSS** counts a page that several processes share in equal parts, **RSS** counts it in full. The
  benchmark is a Python program itself, and its recorder uses the sound server's library: what a player
  shares with them lowers its PSS, and so does any other program on the machine that uses the same
  libraries. On a machine of its own a player of one process has a PSS between the two figures. The sound
  server is not counted.
- **CPU** is the time of all the player's processes, as percent of one core: while one track plays, three
  seconds after the start or later; while both tracks are heard; and in all, from three seconds after the
  start to some seconds after the crossfade. Liquidsoap decodes both sides of a crossfade ahead of it, so
  that it works before the fade and rests while it lasts: compare what is used in all.
- **First sound** is counted from the execution to the first sample at the sink that is not silent. The
  files of every player are in the page cache. The sink takes sound in blocks of 20 ms, finer it is not.
- **Level** is the level farthest from steady on the way from one track to the next. The tracks are two
  sines of different pitch and equal level, whose powers add up as those of unrelated music do; 0 dB is
  what a listener should hear, -3 dB is what curves give that add up to one. Rounds with silence in them
  do not count.
- **Both heard**: how long both tracks were louder than -60 dBFS; curves that begin flat give less than 6 s.
- **Silence** is what the sink heard as silence, in sum, from the first sound to the last. On a shared
  virtual machine it may be the machine that stood still.
- The players do not do the same work. Read the line of each above; the bare script is the lower bound of
  what two decks cost. Peers keep their default buffers and curves."""


def _aim(ours: Result, column: Column, limit: float, what: str) -> str:
    value = ours.median(column)
    verdict = "met" if value < limit else "**not met**"
    return f"- under {limit:.{column.digits}f} {what}: {value:.{column.digits}f}, {verdict}"


def _player(result: Result) -> str:
    version = f" {result.player.version()}" if result.player.is_there() else ""
    trouble = f" *{result.trouble}*" if result.trouble else ""
    return f"- {result.player.name}{version}: {result.player.note}.{trouble}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
