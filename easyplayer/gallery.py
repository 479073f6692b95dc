"""What the screen can show: the pictures of its program, and what of them has failed lately."""

from easyplayer.component import Clock
from easyplayer.playout.engine import Following
from easyplayer.playout.items import Item, Sense
from easyplayer.playout.transition import Rules
from easyplayer.repertoire import OnAir, Repertoire
from easyplayer.units import Instant, Seconds


class Gallery(Repertoire):
    """Decides by the screen's part of a program.

    Below it there is nothing: where a program has no picture for an instant, none is shown.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(Rules(crossfade_s=Seconds(0.0)), clock, once=False, sense=Sense.EYE)

    def close(self) -> None:
        """Know of no picture any more."""
        self.engine = None

    def has(self, item: Item) -> bool:
        """Tell whether an item is one of the program's; in another place it is another one."""
        known = self.engine.courses.items.get(item.id) if self.engine is not None else None
        return known is not None and known.location == item.location

    def following(self, on_air: OnAir, now: Instant) -> Following | None:
        """Decide what follows a picture; what follows a clip of unknown length is chosen for now."""
        following = super().following(on_air, now)
        if following is not None or not _is_unmeasured(on_air):
            return following
        decision = self.next(now)
        return None if decision is None else Following(decision, None)

    def over_at(self, on_air: OnAir, now: Instant) -> Instant | None:
        """Tell when a picture will be over; one of unknown length may be over at any moment."""
        return now if _is_unmeasured(on_air) else super().over_at(on_air, now)

    def nothing_due(self, now: Instant) -> bool:
        """Tell whether nothing is to be shown, even if everything could be."""
        return self.engine is None or self.engine.next(now, blind=self.blind) is None

    def _course_of(self, on_air: OnAir) -> tuple[Seconds, Seconds | None]:
        played_s, left_s = super()._course_of(on_air)
        return played_s, None if _is_unmeasured(on_air) else left_s

    def _tried_in_vain(self) -> bool:
        return False  # there is nothing from elsewhere that a screen could show first


def _is_unmeasured(on_air: OnAir) -> bool:
    return on_air.prepared.cue_out_s is None and not on_air.prepared.item.endless
