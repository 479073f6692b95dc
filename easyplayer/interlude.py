"""What the screen shows while a spot sounds, in place of the program's pictures, and what follows."""

from collections.abc import Callable

from msgspec import structs

from easyplayer.component import Clock
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import ClipSound, Item, Origin, PreparedItem
from easyplayer.playout.pictures import FORGOTTEN_AFTER_S, WORTH_GOING_ON_S, in_turn, prepare_picture
from easyplayer.repertoire import OnAir
from easyplayer.rundown import Coming
from easyplayer.units import Monotonic


class Interlude:
    """The pictures of one spot, which come in turn until it is over; none of them is heard.

    :param spot: the spot's item, made ready.
    :ivar at: the instant at which the first one is to be seen; ``None`` once one is.
    :ivar seen: whether any of them has been seen.
    """

    def __init__(self, spot: PreparedItem, pictures: tuple[Item, ...], at: Monotonic) -> None:
        self.spot = spot.item.id
        self.at: Monotonic | None = at
        self.seen = False
        self._origin = spot.origin
        self._pictures = pictures
        self._number = 0

    def next(self, unavailable: Callable[[Item], str]) -> PreparedItem | None:
        """Give the one whose turn it is; ``None`` where none can be shown."""
        item = in_turn(self._pictures, self._number, unavailable)
        if item is None:
            return None
        return prepare_picture(structs.replace(item, clip_sound=ClipSound.MUTE), None, self._origin)

    def start(self, prepared: PreparedItem, origin: Origin | None) -> bool:
        """Learn what is seen now; tell whether it is one of these."""
        if origin != self._origin or prepared.item.id not in {item.id for item in self._pictures}:
            return False
        self.at, self.seen = None, True
        self._number += 1
        return True


class BrokenOff:
    """A clip that a spot broke off, or an output that failed, and where it was."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._coming: Coming | None = None
        self._at = clock()

    def remember(self, on_air: OnAir) -> None:
        """Remember a clip, unless little of it is left; stills and streams have nothing to go on with."""
        item, end_s = on_air.decision.item, on_air.prepared.cue_out_s
        if item.still or item.endless:
            return
        if end_s is None or end_s - on_air.position_s >= WORTH_GOING_ON_S:
            self._coming = Coming(on_air.decision, start_s=on_air.position_s, resumed=True)
            self._at = self._clock()

    def forget(self) -> None:
        """Remember none."""
        self._coming = None

    def take(self, is_due: Callable[[Decision], bool]) -> Coming | None:
        """Give it, once, if it was broken off a moment ago and is still right."""
        coming, self._coming = self._coming, None
        if coming is None or self._clock() - self._at > FORGOTTEN_AFTER_S:
            return None
        return coming if is_due(coming.decision) else None
