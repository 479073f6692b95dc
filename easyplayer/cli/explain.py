"""``easyplayer explain``: what plays at some time, and why; or what played, and why it ended."""

import argparse
from collections.abc import Iterator
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from easyplayer.asrun_log import AsRunLog, LogRow
from easyplayer.cli import venue as venues
from easyplayer.cli.machine_zone import machine_zone
from easyplayer.cli.rehearsal import Rehearsal, doubts, projector, rehearsal
from easyplayer.cli.telling import WIDTHS, Lines, row_json, tell_happening, tell_json, tell_pairs, warn
from easyplayer.cli.times import instant, iso, moment, wall, written
from easyplayer.cli.venue import Venue
from easyplayer.playout.asrun import Ended
from easyplayer.playout.calendar import local_time, zone_of
from easyplayer.playout.chronicle import Heard, Sounding
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.explain import Decision, explained
from easyplayer.playout.pictures import only_seen
from easyplayer.playout.screening import shown_over, virtual_screen
from easyplayer.playout.standing import VenueHours, judge
from easyplayer.playout.virtual_clock import scripted
from easyplayer.status_view import whence
from easyplayer.units import Instant
from easyplayer.wishes import standing

NEXT = 5
"""So many of the items that follow are told."""
NEXT_WITHIN_S = 86_400.0
LONGEST_S = 8 * 86_400.0
"""What plays has begun within this; only a stream can go on for so long."""
SCREEN_S = 3600.0
"""A screen counts as switched on so long before."""
JUST_AFTER_S = 0.001
"""What begins at an instant is heard just after it."""

STILL_OPEN_S = 60.0
"""A row that is open sounds for so long after it was written down last."""

ENDINGS = {
    None: "it has not been told yet: it goes on, or the power went",
    Ended.PLAYED: "it was over",
    Ended.SKIPPED: "somebody wanted the next one",
    Ended.CUT: "something that was due on the second took its place",
    Ended.FAILED: "it could not go on",
    Ended.STOPPED: "the box might not play any more, or was ended",
}


class Answer(Struct, frozen=True):
    """What plays at an instant, and what comes then.

    :ivar sounding: the music, and the spot over it, each if there is one.
    :ivar silence: why nothing sounds; empty where something does.
    """

    sounding: tuple[Sounding, ...]
    silence: str
    following: tuple[Heard, ...]


class Shown(Struct, frozen=True):
    """What the screens show, since when, and until when."""

    decision: Decision
    began: Instant
    over: Instant


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.epilog = "It goes on from what the box remembers, and changes nothing; what is past is in the log."
    parser.add_argument(
        "when",
        metavar="WHEN",
        nargs="?",
        type=moment,
        default="now",
        help="local time, such as 2026-12-24T18:07, or 18:07 for the next one; now if it is left out",
    )
    parser.add_argument("--screen", action="store_true", help="tell what the screens show, too")
    venues.add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Explain."""
    now = wall()
    venue = venues.load(arguments, now)
    when = instant(arguments.when, zone_of(venue.program.zone), now)
    if when < now:
        _tell_past(venue, when, as_json=arguments.json, screens=arguments.screen)
    else:
        made = rehearsal(venue, scripted(now, ()))
        venues.go_on(venue, made.simulated, made.engine, now)
        warn(doubts(venue, made.stock))
        answer = foresee(venue, made, when)
        shown = on_view(venue, answer, now, when) if arguments.screen else None
        (_tell_json if arguments.json else _tell)(venue, answer, when, shown)
    return 0


# -- what will be ----------------------------------------------------------------------------------


def foresee(venue: Venue, made: Rehearsal, when: Instant) -> Answer:
    """Let the time go on until an instant, and look."""
    simulated = made.simulated
    for _ in simulated.go_on(Instant(when + JUST_AFTER_S)):
        pass
    sounding = tuple(one for one in (simulated.music, simulated.spot) if one is not None)
    silence = "" if sounding else silence_at(venue, when)
    later = (one for one in simulated.go_on(Instant(when + NEXT_WITHIN_S)) if isinstance(one, Heard))
    following = tuple(islice((row for row in later if row.started > when + JUST_AFTER_S), NEXT))
    return Answer(tuple(map(msgspec.structs.replace, sounding)), silence, following)


def on_view(venue: Venue, answer: Answer, now: Instant, when: Instant) -> tuple[Shown, ...]:
    """Tell what the screens show at an instant.

    Who has the word is certain; which picture of a playlist it is, is what a screen would show that was
    switched on an hour before.
    """
    beside = projector(venue)
    spots = (shown_over(venue.program, one, when, beside) for one in answer.sounding)
    over = [Shown(row.decision, row.started, row.over) for row in spots if row is not None]
    screen = virtual_screen(venue.program, scripted(max(now, Instant(when - SCREEN_S)), ()), beside)
    if screen is None or over:
        return tuple(over)
    for _ in screen.go_on(Instant(when + JUST_AFTER_S)):
        pass
    shown = screen.music
    return () if shown is None else (Shown(shown.decision, shown.began, shown.next_at),)


def silence_at(venue: Venue, when: Instant) -> str:
    """Say why nothing plays at an instant."""
    verdict = VenueHours(venue.program).judge(when)
    if not verdict.allowed:
        return verdict.reason
    if only_seen(venue.program):
        return "the program is only to be seen: the box is silent"
    return "nothing of the program can be played: the box plays what it brings along"


def held_back(venue: Venue, when: Instant) -> str:
    """Say what in the settings keeps the box silent at an instant; empty where nothing does."""
    local = local_time(when, zone_of(machine_zone()))
    verdict = judge(standing(venue.settings), local)
    return "" if verdict.allowed else verdict.reason


def _tell(venue: Venue, answer: Answer, when: Instant, shown: tuple[Shown, ...] | None) -> None:
    zone = zone_of(venue.program.zone)
    tell_pairs([("at", written(when, zone)), ("program", venue.caption)])
    for sounding in answer.sounding:
        print()
        tell_pairs([*_explained(sounding, venue.program.zone)])
    if shown is not None:
        print()
        tell_pairs([*_seen(shown, venue.program.zone)])
    if answer.silence:
        print()
        tell_pairs([("silence", answer.silence)])
    if reason := held_back(venue, when):
        tell_pairs([("but", f"by its settings the box is silent then: {reason}")])
    if answer.following:
        print()
        lines = Lines(*WIDTHS)
        for row in answer.following:
            tell_happening(lines, row, zone)


def _explained(sounding: Sounding, zone: str) -> Iterator[tuple[str, str]]:
    yield from explained(sounding.decision, zone)
    yield "heard", _span(sounding.began, sounding.next_at, zone)


def _seen(shown: tuple[Shown, ...], zone: str) -> Iterator[tuple[str, str]]:
    if not shown:
        yield "shows", "nothing: none of its pictures has the word"
    for one in shown:
        (_, caption), *others = explained(one.decision, zone)
        yield from (("shows", caption), *others, ("seen", _span(one.began, one.over, zone)))


def _span(began: Instant, over: Instant, zone: str) -> str:
    ends = "" if over == float("inf") else f" until {written(over, zone_of(zone))}"
    return f"from {written(began, zone_of(zone))}{ends}"


def _tell_json(venue: Venue, answer: Answer, when: Instant, shown: tuple[Shown, ...] | None) -> None:
    zone = zone_of(venue.program.zone)
    content = {
        "at": iso(when, zone),
        "program": {"name": venue.program.name, "version": venue.program.version},
        "plays": [_decision_json(one.decision, one.began, zone) for one in answer.sounding],
        "silence": answer.silence,
        "held_back": held_back(venue, when),
        "next": [row_json(row, zone) for row in answer.following],
    }
    if shown is not None:
        content["shows"] = [_decision_json(one.decision, one.began, zone) for one in shown]
    tell_json(content, indent=2)


def _decision_json(decision: Decision, began: Instant, zone: ZoneInfo) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(decision),
        "began": iso(began, zone),
        "words": [list(pair) for pair in explained(decision, zone.key)],
    }


# -- what has been ---------------------------------------------------------------------------------


def _tell_past(venue: Venue, when: Instant, *, as_json: bool, screens: bool) -> None:
    zone = zone_of(venue.program.zone)
    log = AsRunLog(venue.keeping.as_run)
    logged = log.rows(Instant(when - LONGEST_S), Instant(when + JUST_AFTER_S))
    found = [row for row in logged if screens or row.shown_s is None]
    rows = [row for row in found if when < row.over + (0.0 if row.ended else STILL_OPEN_S)]
    if as_json:
        played = [{**row_json(row, zone), "trust": row.trust, "heard_s": row.heard_s} for row in rows]
        tell_json({"at": iso(when, zone), "played": played}, indent=2)
        return
    tell_pairs([("at", written(when, zone))])
    for row in rows:
        print()
        tell_pairs([*_told(row, zone)])
    if not rows:
        before = f"; the last item before that was over at {written(found[-1].over, zone)}" if found else ""
        tell_pairs([("silence", f"the as-run log has nothing for this time{before}")])


def _told(row: LogRow, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "played" if row.shown_s is None else "shown", row.item.caption
    yield "because", "a person asked for it" if row.origin is None else whence(row.origin)
    if row.origin is not None and row.origin.playlist:
        yield "out of", f"playlist {row.origin.playlist!r}"
    span = f"from {written(row.started, zone)} to {written(row.over, zone)}"
    if row.shown_s is not None:
        yield "seen", f"{span}, {row.shown_s:.0f} s of it, on {' and '.join(row.outputs) or 'no screen'}"
    if row.shown_s is None or row.heard_s:
        yield "heard", f"{span}, {row.heard_s:.0f} s of it"
    yield "ended", ENDINGS[row.ended]
    if row.trust is not ClockTrust.TRUSTED:
        yield "clock", f"{row.trust}: nobody has confirmed the times"
