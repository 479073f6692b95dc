"""One picture on its way over the screen: what it is, when it comes, and how far it has been shown."""

from easyplayer.drivers.screen import Picture
from easyplayer.pane import Wanted
from easyplayer.playout.deckclock import DeckClock
from easyplayer.playout.items import ClipSound, PreparedItem
from easyplayer.units import Monotonic, Seconds

SHORTEST_S = Seconds(0.1)


class Exhibit:
    """A picture that was cued.

    :param ticket: number of its load; each has another one.
    :param start_s: position to start at.
    :param at: instant at which it is shown; ``None`` when what is shown is over.
    :ivar seen: whether it is, or was, seen.
    :ivar ended: whether it was shown to its end.
    """

    def __init__(self, ticket: int, prepared: PreparedItem, start_s: Seconds, at: Monotonic | None) -> None:
        self.ticket = ticket
        self.prepared = prepared
        self.at = at
        self.seen = False
        self.ended = False
        self._held_s = start_s
        self._clock = DeckClock()

    def be_seen(self, at: Monotonic, *, held: bool) -> None:
        """Learn that it is seen from now on, or from an instant that was a moment ago."""
        self.seen = True
        if not held:
            self._clock.read(self._held_s, at)

    def advance(self, position_s: Seconds, at: Monotonic) -> None:
        """Learn where it is; what was under way when it was held does not count."""
        if self._clock.known:
            self._clock.read(position_s, at)

    def hold(self, now: Monotonic) -> None:
        """Stand where it is."""
        self._held_s = self.position_s(now)
        self._clock.forget()

    def go_on(self, now: Monotonic) -> None:
        """Go on from there."""
        if self.seen:
            self._clock.read(self._held_s, now)

    def position_s(self, now: Monotonic) -> Seconds:
        """Tell where in the medium it is; of a still, for how long it was shown."""
        return self._clock.position_s(now) if self._clock.known else self._held_s

    @property
    def ends_at(self) -> Monotonic | None:
        """When it will be over; ``None`` where nobody knows."""
        end_s = self.prepared.cue_out_s
        return self._clock.when(end_s) if end_s is not None and self._clock.known else None

    def is_over(self, now: Monotonic) -> bool:
        """Tell whether it was shown to its end, whoever has noticed that."""
        return self.ended or (self.ends_at is not None and self.ends_at <= now)

    @property
    def endless(self) -> bool:
        """Whether it goes on until something else is wanted."""
        return self.prepared.item.endless

    @property
    def replaces(self) -> bool:
        """Whether it sounds in place of the music."""
        return self.prepared.item.clip_sound is ClipSound.REPLACE

    @property
    def caption(self) -> str:
        """What a person calls it."""
        return self.prepared.item.caption

    def wanted(self, now: Monotonic, sink: str) -> Wanted:
        """Tell what an output is to load, so as to show it from where it is now."""
        item, position_s = self.prepared.item, self.position_s(now)
        end_s = self.prepared.cue_out_s
        picture = Picture(
            ticket=self.ticket,
            location=item.location,
            start_s=Seconds(0.0) if item.still else position_s,
            length_s=None if end_s is None else Seconds(max(end_s - position_s, SHORTEST_S)),
            still=item.still,
            endless=item.endless,
            sink=sink,
            gain_db=self.prepared.gain_db,
        )
        heard = item.clip_sound is not ClipSound.MUTE and not self.ended
        return Wanted(picture, audible=heard, passed_s=position_s if item.still else Seconds(0.0))
