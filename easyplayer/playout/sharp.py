"""The spots that come on the second: each exactly once, whatever the clock does.

An event is claimed before it sounds, and what is claimed never sounds again: not after a restart, and
not after the clock was set back.  One that was missed by less than its tolerance comes late; by more,
it is told as missed.
"""

from msgspec import Struct

from easyplayer.playout.catalogue import Sharp
from easyplayer.playout.timeline import SharpEvent, Timeline
from easyplayer.units import Instant, Seconds

KEPT = 300
"""How many claimed events are remembered: some days of a busy venue."""
LONGEST_GAP_S = Seconds(7 * 86_400.0)
"""What was missed before that is not told."""
LONGEST_TOLERANCE_S = Seconds(3600.0)
DAY_S = Seconds(86_400.0)


class SharpState(Struct, frozen=True, kw_only=True):
    """What is remembered of the spots that come on the second.

    :ivar looked: until when events have been looked for; ``None`` before the first look.
    :ivar claimed: keys of those that have come, the latest at the end.
    """

    looked: Instant | None = None
    claimed: tuple[str, ...] = ()


class Look(Struct, frozen=True):
    """What a look at the clock found.

    :ivar due: what comes now or soon, in order; the late ones first.
    :ivar missed: what comes no more.
    """

    due: tuple[SharpEvent, ...]
    missed: tuple[SharpEvent, ...]


class SharpWatch:
    """Watches for the events of a timeline.

    :param state: what was remembered.
    """

    def __init__(self, timeline: Timeline, state: SharpState) -> None:
        self._timeline = timeline
        self._looked = state.looked
        self._claimed = dict.fromkeys(state.claimed)
        self._known: tuple[SharpEvent, ...] = ()
        self._known_from = self._known_until = Instant(0.0)

    @property
    def state(self) -> SharpState:
        """What is to be remembered."""
        return SharpState(looked=self._looked, claimed=tuple(self._claimed)[-KEPT:])

    def look(self, now: Instant, ahead_s: float = 0.0) -> Look:
        """Find what comes until some seconds after an instant, and what was missed since the last look."""
        earliest = now - LONGEST_TOLERANCE_S
        if self._looked is not None:
            earliest = min(max(self._looked, now - LONGEST_GAP_S), earliest)
        events = [
            event
            for event in self._timeline.sharp(Instant(earliest), Instant(now + ahead_s + 1e-6))
            if event.key not in self._claimed
        ]
        due = tuple(event for event in events if event.at >= now - tolerance_s(event))
        since = now if self._looked is None else self._looked
        missed = tuple(event for event in events if event not in due and self._is_new(event, since, now))
        self._looked = now
        return Look(due, missed)

    def claim(self, event: SharpEvent) -> None:
        """Have an event come: it never does again."""
        self._claimed[event.key] = None
        if len(self._claimed) > 2 * KEPT:
            self._claimed = dict.fromkeys(tuple(self._claimed)[-KEPT:])

    def next_after(self, now: Instant) -> Instant | None:
        """Tell when the next event comes that has not been claimed, within a day."""
        if not self._known_from <= now < self._known_until:
            self._known_from, self._known_until = now, Instant(now + DAY_S)
            self._known = self._timeline.sharp(now, Instant(now + 2 * DAY_S))
        coming = (event.at for event in self._known if event.at >= now and event.key not in self._claimed)
        return next((at for at in coming if at < now + DAY_S), None)

    @staticmethod
    def _is_new(event: SharpEvent, since: Instant, now: Instant) -> bool:
        """Tell whether an event has passed its tolerance since the last look, so that it is told once."""
        return since <= event.at + tolerance_s(event) < now


def tolerance_s(event: SharpEvent) -> int:
    """Tell how late an event may come."""
    return event.spot.when.tolerance_s if isinstance(event.spot.when, Sharp) else 0
