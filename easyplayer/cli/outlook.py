"""What comes next in a venue, so short that a person reads it: span by span, and what comes on the second."""

from collections.abc import Iterable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from easyplayer.cli.tally import SPOTS
from easyplayer.cli.times import iso
from easyplayer.playout.chronicle import Happening, Heard, Missed, Silence
from easyplayer.playout.items import Layer
from easyplayer.playout.timeline import Timeline
from easyplayer.status_view import whence
from easyplayer.units import Instant


class Stretch(Struct):
    """A span, or a moment, in which one thing has the word.

    :ivar what: such as ``daypart evening``.
    :ivar title: what people call it.
    :ivar songs: how many begin in it, and ``spots`` how many spots between them.
    """

    since: Instant
    until: Instant
    what: str
    title: str = ""
    songs: int = 0
    spots: int = 0
    relaxed: int = 0

    @property
    def content(self) -> str:
        """What it holds, in words."""
        relaxed = f"{self.relaxed} of them too soon again" if self.relaxed else ""
        counts = (_counted(self.songs, "song"), _counted(self.spots, "spot"), relaxed)
        return ", ".join(filter(None, counts))


def outlook(
    happenings: Iterable[Happening], timeline: Timeline, since: Instant, until: Instant
) -> list[Stretch]:
    """Join what happens to spans, in the order in which they begin."""
    stretches = [*_stretches(happenings), *_closed(timeline, since, until)]
    return sorted(stretches, key=lambda stretch: stretch.since)


def as_json(stretch: Stretch, zone: ZoneInfo) -> dict[str, Any]:
    """Tell a span to a script."""
    return {
        "since": iso(stretch.since, zone),
        "until": iso(stretch.until, zone),
        "what": stretch.what,
        "title": stretch.title,
        "songs": stretch.songs,
        "spots": stretch.spots,
        "relaxed": stretch.relaxed,
    }


def _stretches(happenings: Iterable[Happening]) -> Iterator[Stretch]:
    going: Stretch | None = None
    for happening in happenings:
        match happening:
            case Silence(started=started, over=over):
                yield Stretch(started, over, "SILENCE", "nothing of the program can be played")
            case Missed(started=started, event=event, reason=reason):
                yield Stretch(started, started, f"spot {event.spot.id}", f"MISSED: {reason}")
            case Heard(origin=origin) if origin.layer is Layer.SHARP_SPOT:
                row = happening
                yield Stretch(row.started, row.over, whence(origin), row.decision.title)
            case Heard():
                before, going = going, _gone_on(going, happening)
                if before is not None and going is not before:
                    yield before
    if going is not None:
        yield going


def _gone_on(going: Stretch | None, row: Heard) -> Stretch:
    """Count a row to the span that goes on, or begin another with it."""
    is_spot = row.origin.layer in SPOTS
    if going is None or not (is_spot or going.what == whence(row.origin)) or row.started > going.until + 1:
        going = Stretch(row.started, row.over, whence(row.origin), row.decision.title)
    going.until = row.over
    going.songs += not is_spot
    going.spots += is_spot
    going.relaxed += bool(row.decision.relaxed)
    return going


def _closed(timeline: Timeline, since: Instant, until: Instant) -> Iterator[Stretch]:
    closed: Stretch | None = None
    for segment in timeline.segments(since, until):
        if segment.open:
            closed = None
        elif closed is None:
            closed = Stretch(segment.start, segment.end, "closed")
            yield closed
        else:
            closed.until = segment.end


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}" if number else ""
