"""A story in a venue, as data: what was heard, what was done to the venue, and whether it held."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Verdict(StrEnum):
    """How a story ended."""

    HELD = "held"
    """All that was stated is true."""

    TOO_QUIET = "too quiet"
    """It was silent for longer than stated."""

    BROKEN = "broken"
    """It did not come to its end."""


@dataclass(frozen=True)
class Fault:
    """Something that was done to the venue, or that happened there.

    :ivar at_s: when, in seconds since the story's begin; so are all instants here.
    """

    at_s: float
    label: str


@dataclass(frozen=True)
class Limit:
    """From an instant on, it may be silent for so long; up to the next limit.

    :ivar longest_s: None: it may be silent for as long as it is.
    """

    at_s: float
    longest_s: float | None


@dataclass(frozen=True)
class Quiet:
    """A silence that was heard.

    :ivar limit_s: how long it might have been; None: it was no failure, such as before the first music.
    """

    begin_s: float
    end_s: float
    limit_s: float | None

    @property
    def length_s(self) -> float:
        """How long it was."""
        return self.end_s - self.begin_s

    @property
    def is_too_long(self) -> bool:
        """Whether it was longer than it might be."""
        return self.limit_s is not None and self.length_s > self.limit_s


@dataclass(frozen=True)
class Playing:
    """A track that was heard; its name is empty where it was none of the known ones."""

    begin_s: float
    end_s: float
    track: str


@dataclass(frozen=True)
class Shot:
    """A picture of the screen.

    :ivar png: the picture's file, in base64.
    """

    at_s: float
    label: str
    png: str


@dataclass(frozen=True)
class Story:
    """A story, and what was heard in it.

    :ivar name: its short name, and the folder of its report.
    :ivar sentence: what it shows, in one sentence.
    :ivar began: when, such as ``2026-11-22 03:04 UTC``.
    :ivar level: (instant, dBFS) of what was heard, in order and at equal distances.
    :ivar machine: what it ran on, by name.
    :ivar reason: why it did not hold; empty where it did.
    :ivar console: the end of what the machine said.
    """

    name: str
    sentence: str
    began: str
    length_s: float
    verdict: Verdict
    reason: str = ""
    level: tuple[tuple[float, float], ...] = ()
    silences: tuple[Quiet, ...] = ()
    faults: tuple[Fault, ...] = ()
    limits: tuple[Limit, ...] = ()
    tracks: tuple[Playing, ...] = ()
    shots: tuple[Shot, ...] = ()
    machine: tuple[tuple[str, str], ...] = ()
    console: str = ""

    @property
    def longest(self) -> Quiet | None:
        """The silence that came the nearest to its limit, or went the farthest beyond."""
        limited = [quiet for quiet in self.silences if quiet.limit_s]
        return max(limited, key=lambda quiet: quiet.length_s / (quiet.limit_s or 1.0), default=None)

    def silence_after(self, fault: Fault) -> float:
        """Give the length of the longest silence between a fault and the next one."""
        end_s = min((other.at_s for other in self.faults if other.at_s > fault.at_s), default=self.length_s)
        parts = (min(quiet.end_s, end_s) - max(quiet.begin_s, fault.at_s) for quiet in self.silences)
        return max(0.0, *parts, 0.0)

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(dataclasses.asdict(self), ensure_ascii=False), encoding="utf-8")


def judge(silences: list[tuple[float, float]], limits: tuple[Limit, ...]) -> tuple[Quiet, ...]:
    """Give each silence the limit that it is held to.

    Where a limit changes within a silence, the more generous of both holds for all of it, unless it was too
    long by then: what is over cannot be allowed later.  Where it was without any limit, what lasts behind the
    change is judged alone.
    """
    return tuple(quiet for begin_s, end_s in silences for quiet in _judged(begin_s, end_s, limits))


def _judged(begin_s: float, end_s: float, limits: tuple[Limit, ...]) -> Iterator[Quiet]:
    held_s = next((one.longest_s for one in reversed(limits) if one.at_s <= begin_s), None)
    for change in limits:
        if not begin_s < change.at_s < end_s:
            continue
        if held_s is None:
            if change.longest_s is not None:
                yield Quiet(begin_s, change.at_s, None)
                begin_s, held_s = change.at_s, change.longest_s
        elif change.at_s - begin_s > held_s:
            break
        else:
            held_s = None if change.longest_s is None else max(held_s, change.longest_s)
    yield Quiet(begin_s, end_s, held_s)


def read_story(path: Path) -> Story:
    """Read a story that was saved."""
    data = json.loads(path.read_text(encoding="utf-8"))
    parts = {"silences": Quiet, "faults": Fault, "limits": Limit, "tracks": Playing, "shots": Shot}
    made = {name: tuple(kind(**part) for part in data[name]) for name, kind in parts.items()}
    pairs = {name: tuple(tuple(pair) for pair in data[name]) for name in ("level", "machine")}
    return Story(**{**data, **made, **pairs, "verdict": Verdict(data["verdict"])})
