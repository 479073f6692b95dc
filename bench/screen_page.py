"""The page of the screen's benchmark: what showing costs, what a change costs, and how to read it."""

import math
import os
from itertools import chain
from statistics import median
from typing import NamedTuple

from bench.report import machine
from bench.screen_players import BARE, OURS, PYTHON, ScreenPlayer, versions

MOST = 1.10
"""So many times what bare mpv costs is the most that ours may cost."""


class Cost(NamedTuple):
    """What a player cost in one round.

    :ivar cpu: percent of one core, of all its processes.
    :ivar pss_mib: of all its processes.
    :ivar frames: how many pictures per second were seen.
    """

    cpu: float
    pss_mib: float
    frames: float


class Changes(NamedTuple):
    """How a player went from clip to clip in one round.

    :ivar added_ms: how much longer each clip was seen than it is.
    :ivar black_ms: for how long black was seen between clips, each time.
    :ivar other_ms: for how long something was seen that is neither black nor a clip.
    """

    added_ms: list[float]
    black_ms: list[float]
    other_ms: list[float]


Costs = dict[ScreenPlayer, list[Cost]]
AllChanges = dict[ScreenPlayer, list[Changes]]


def ratios(costs: Costs) -> tuple[float, float]:
    """Give processor time and memory of our screen, as multiples of those of bare mpv."""
    own, bare, alone = (_named(costs, name) for name in (OURS, BARE, PYTHON))
    cpu = _middle(own, "cpu") / _middle(bare, "cpu")
    memory = (_middle(own, "pss_mib") - _middle(alone, "pss_mib")) / _middle(bare, "pss_mib")
    return cpu, memory


def page(costs: Costs, changes: AllChanges, rounds: int) -> str:
    """Write the page."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    cpu, memory = ratios(costs)
    notes = {player.name: player.note for player in [*costs, *changes]}
    return PAGE_TEXT.format(
        rounds=rounds,
        machine=machine(),
        load=load,
        versions=versions(),
        costs="\n".join(_cost_row(player, some, costs) for player, some in costs.items()),
        changes="\n".join(_change_row(player, some) for player, some in changes.items()),
        cpu=cpu,
        most=MOST,
        memory=memory,
        verdict="met" if max(cpu, memory) <= MOST else "**not met**",
        players="\n".join(f"- {name}: {note}." for name, note in notes.items()),
    )


def _named(costs: Costs, name: str) -> list[Cost]:
    return next((some for player, some in costs.items() if player.name == name), [])


def _middle(some: list[Cost], figure: str) -> float:
    return median(getattr(one, figure) for one in some) if some else math.nan


def _cost_row(player: ScreenPlayer, some: list[Cost], costs: Costs) -> str:
    own, alone = _named(costs, OURS), _middle(_named(costs, PYTHON), "pss_mib")
    middles = [_middle(some, figure) for figure in Cost._fields]
    own_cpu, own_pss = _middle(own, "cpu"), _middle(own, "pss_mib") - alone
    pss_mib = middles[1] - alone if some is own else middles[1]
    is_shown = player.name != PYTHON
    times = f"{middles[0] / own_cpu:.2f} | {pss_mib / own_pss:.2f}" if is_shown else " | "
    return f"| {player.name} | {middles[0]:.1f} | {pss_mib:.0f} | {middles[2]:.1f} | {times} |"


def _change_row(player: ScreenPlayer, some: list[Changes]) -> str:
    added, black, other = ([*chain.from_iterable(rounds)] for rounds in zip(*some, strict=True))
    if not added:
        return f"| {player.name} | 0 | | | | | |"
    values = sorted(added)
    worst = values[-1]
    blacks = sum(one > 0 for one in black)
    return (
        f"| {player.name} | {len(values)} | {median(values):.0f} | {worst:.0f} | {blacks} | "
        f"{max(black):.0f} | {max(other):.0f} |"
    )


PAGE_TEXT = """\
# The screen beside bare mpv and VLC

Made by `make bench-screen` (`python -m bench.screen_bench`): rounds: {rounds}. In each, all had their turn,
one at a time, on a display in memory (Xvfb, 1920x1080), where the processor draws.

Machine: {machine}.
Load averages after it: {load}. Versions: {versions}.

## What showing costs

The same two clips of 10 s in a loop: 1920x1080, 25 frames per second, H.264 at 6 Mbit/s, without sound.

| | CPU % | PSS MiB | pictures seen per s | CPU, times ours | PSS, times ours |
|---|---:|---:|---:|---:|---:|
{costs}

Ours is {cpu:.2f} times bare mpv in processor time and {memory:.2f} times in memory; aimed at are
{most:.2f} times at the most: {verdict}.

## What a change costs

Three clips of 2 s in a loop, each of one colour, seen by a camera with 50 frames per second.

| | changes | added ms, median | most | changes with black | black ms, most | other ms, most |
|---|---:|---:|---:|---:|---:|---:|
{changes}

## Players

{players}

## How to read it

- Each figure is the median of the rounds. **CPU** is the time of all the player's processes, as percent of
  one core, from four seconds after the start. What the display's server does for it does not count.
- **PSS** counts a page that several processes share in equal parts. Of our screen it is mpv and what the
  interpreter has grown by: a box has an interpreter anyway, and the row *Python alone* is how large that is
  here.
- **Pictures seen** says whether frames were left out: 25 is all of them. The camera reads 50 times a second,
  and may miss an odd one.
- **Added** is how much longer a clip was seen than it is, that is what going to the next one took: 0 is a cut
  on the instant, less than 0 one that came early. The camera tells no better than 20 ms, and a clip's last
  frame stands for 40 ms.
- **Black** is how long black was seen between two clips, **other** how long something that is neither black
  nor a clip.
"""
