"""Draws what was heard in a story: its level over time, its silences and its faults, as one SVG. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from tests.venue.story import Fault, Quiet, Story

WIDTH = 1120
LEFT, RIGHT = 12, 12
WAVE_HEIGHT = 150
TRACK_HEIGHT = 22
AXIS_HEIGHT = 26
FLAG_HEIGHT = 24
GAP = 10
LETTER = 7.9
"""How wide a letter of a flag is, about."""

FLAG_PADDING = 8
QUIETEST_DBFS = -60.0
TICKS_S = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
TICKS_AT_MOST = 14
SHORTEST_SHOWN_S = 0.1
TRACK_COLOURS = 6
LABEL_REACH = 24
"""Half of what the longest label of a silence takes."""

MINUTE_S = 60


@dataclass(frozen=True)
class Scale:
    """Where an instant lies in the picture."""

    length_s: float
    width: float = WIDTH

    def x(self, at_s: float) -> float:
        """Give the place of an instant."""
        share = min(1.0, max(0.0, at_s / max(self.length_s, 0.001)))
        return round(LEFT + share * (self.width - LEFT - RIGHT), 1)


@dataclass(frozen=True)
class Flag:
    """The label of a fault, and in which row it stands."""

    fault: Fault
    x: float
    width: float
    row: int
    leans_left: bool


def draw(story: Story) -> str:
    """Draw a whole story."""
    scale = Scale(story.length_s)
    flags = place_flags(story.faults, scale)
    top = GAP + FLAG_HEIGHT * (max((flag.row for flag in flags), default=-1) + 1)
    wave_end = top + WAVE_HEIGHT
    tracks_at = wave_end + GAP
    axis_at = tracks_at + (TRACK_HEIGHT + GAP if story.tracks else 0)
    parts = [
        *_axis(story, scale, top, axis_at),
        *(_silence(quiet, scale, top) for quiet in story.silences if quiet.length_s >= SHORTEST_SHOWN_S),
        wave(story, scale, top + WAVE_HEIGHT / 2, WAVE_HEIGHT / 2),
        *_tracks(story, scale, tracks_at),
        *_limits(story, scale, top),
        *(_pole(flag, wave_end) for flag in flags),
        *(_flag(flag) for flag in flags),
        *(_label(quiet, scale, top) for quiet in story.silences),
    ]
    height = axis_at + AXIS_HEIGHT
    words = f"Level over {story.length_s:.0f} s, with {len(story.faults)} faults"
    return (
        f'<svg class="picture" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{words}">'
        + "".join(parts)
        + "</svg>"
    )


def draw_small(story: Story, width: int = 300, height: int = 34) -> str:
    """Draw a story as small as a word, for a list."""
    scale = Scale(story.length_s, width)
    silences = (
        f'<rect class="{_class(quiet)}" x="{scale.x(quiet.begin_s)}" y="0" height="{height}" '
        f'width="{max(1.5, scale.x(quiet.end_s) - scale.x(quiet.begin_s)):.1f}"/>'
        for quiet in story.silences
    )
    faults = (
        f'<line class="pole" x1="{scale.x(one.at_s)}" x2="{scale.x(one.at_s)}" y1="0" y2="{height}"/>'
        for one in story.faults
    )
    inner = "".join([*silences, wave(story, scale, height / 2, height / 2 - 2), *faults])
    return f'<svg class="small" viewBox="0 0 {width} {height}" aria-hidden="true">{inner}</svg>'


def wave(story: Story, scale: Scale, middle: float, reach: float) -> str:
    """Draw the level, as wide above the middle as below."""
    if not story.level:
        return ""
    points = [(scale.x(at_s), round(reach * share(dbfs), 1)) for at_s, dbfs in story.level]
    over = [f"{x},{middle - high:.1f}" for x, high in points]
    under = [f"{x},{middle + high:.1f}" for x, high in reversed(points)]
    return f'<polygon class="wave" points="{" ".join([*over, *under])}"/>'


def share(dbfs: float) -> float:
    """Give how much of the height a level takes, 0 to 1."""
    return min(1.0, max(0.0, 1 - dbfs / QUIETEST_DBFS))


def place_flags(faults: tuple[Fault, ...], scale: Scale) -> list[Flag]:
    """Give each fault's label a row in which it covers no other one."""
    ends: list[float] = []
    placed = []
    for fault in sorted(faults, key=lambda one: one.at_s):
        width = len(fault.label) * LETTER + 2 * FLAG_PADDING
        x = scale.x(fault.at_s)
        leans_left = x + width > scale.width
        begin = x - width if leans_left else x
        row = next((n for n, end in enumerate(ends) if end + 2 <= begin), len(ends))
        ends[row : row + 1] = [begin + width]
        placed.append(Flag(fault, x, width, row, leans_left))
    return placed


def clock(at_s: float) -> str:
    """Write an instant of a story: seconds, or minutes and seconds."""
    if at_s < MINUTE_S:
        return f"{at_s:g} s"
    minutes, seconds = divmod(round(at_s), MINUTE_S)
    return f"{minutes}:{seconds:02d}"


def _class(quiet: Quiet) -> str:
    if quiet.limit_s is None:
        return "quiet"
    return "too-long" if quiet.is_too_long else "short"


def _silence(quiet: Quiet, scale: Scale, top: float) -> str:
    x, end = scale.x(quiet.begin_s), scale.x(quiet.end_s)
    words = f"silent for {quiet.length_s:.2f} s"
    words += f", {quiet.limit_s:g} s allowed" if quiet.limit_s is not None else ""
    return (
        f'<rect class="{_class(quiet)}" x="{x}" y="{top:g}" width="{max(1.5, end - x):.1f}" '
        f'height="{WAVE_HEIGHT}"><title>{words}</title></rect>'
    )


def _label(quiet: Quiet, scale: Scale, top: float) -> str:
    """Write how long a silence was, where there is room for it, or where it was too long."""
    words = f"{quiet.length_s:.1f} s"
    begin, end = scale.x(quiet.begin_s), scale.x(quiet.end_s)
    if not quiet.is_too_long and end - begin < len(words) * LETTER:
        return ""
    middle = min(max((begin + end) / 2, LABEL_REACH), WIDTH - LABEL_REACH)
    kind = "label loud" if quiet.is_too_long else "label"
    return f'<text class="{kind}" x="{middle:.1f}" y="{top + WAVE_HEIGHT / 2 + 5:g}">{words}</text>'


def _limits(story: Story, scale: Scale, top: float) -> Iterator[str]:
    """Draw each limit as a bar of its length, to be held against the silences."""
    for limit in story.limits:
        if limit.longest_s:
            x, end = scale.x(limit.at_s), scale.x(limit.at_s + limit.longest_s)
            yield (
                f'<rect class="limit" x="{x}" y="{top + WAVE_HEIGHT - 3:g}" height="3" '
                f'width="{max(1.0, end - x):.1f}"><title>{limit.longest_s:g} s allowed</title></rect>'
            )


def _tracks(story: Story, scale: Scale, at: float) -> Iterator[str]:
    names = sorted({one.track for one in story.tracks if one.track})
    for one in story.tracks:
        if not one.track:
            continue
        x, width = scale.x(one.begin_s), scale.x(one.end_s) - scale.x(one.begin_s)
        colour = names.index(one.track) % TRACK_COLOURS
        yield (
            f'<rect class="track track{colour}" x="{x}" y="{at:g}" width="{max(1.0, width - 1):.1f}" '
            f'height="{TRACK_HEIGHT}" rx="3"><title>{escape(one.track)}</title></rect>'
        )
        if width > len(one.track) * LETTER + FLAG_PADDING:
            yield f'<text class="track-name" x="{x + 6:.1f}" y="{at + 15:g}">{escape(one.track)}</text>'


def _axis(story: Story, scale: Scale, top: float, at: float) -> Iterator[str]:
    every_s = next((step for step in TICKS_S if story.length_s / step <= TICKS_AT_MOST), TICKS_S[-1])
    for number in range(int(story.length_s / every_s) + 1):
        x = scale.x(number * every_s)
        anchor = "start" if number == 0 else "end" if x > WIDTH - 2 * LEFT - RIGHT else "middle"
        yield f'<line class="tick" x1="{x}" x2="{x}" y1="{top:g}" y2="{at + 6:g}"/>'
        words = clock(number * every_s)
        yield f'<text class="time" x="{x}" y="{at + 20:g}" text-anchor="{anchor}">{words}</text>'


def _pole(flag: Flag, wave_end: float) -> str:
    top = _flag_top(flag)
    return f'<line class="pole" x1="{flag.x}" x2="{flag.x}" y1="{top:g}" y2="{wave_end:g}"/>'


def _flag(flag: Flag) -> str:
    y = _flag_top(flag)
    begin = flag.x - flag.width if flag.leans_left else flag.x
    box = f'x="{begin:.1f}" y="{y:g}" width="{flag.width:.1f}" height="{FLAG_HEIGHT - 5}"'
    middle, words = begin + flag.width / 2, escape(flag.fault.label)
    return (
        f'<rect class="flag" {box} rx="3"/>'
        f'<text class="flag-name" x="{middle:.1f}" y="{y + 13.5:g}">{words}</text>'
    )


def _flag_top(flag: Flag) -> float:
    return GAP / 2 + flag.row * FLAG_HEIGHT
