"""How long a picture has really been shown, on which screens, and how much of its own sound was heard."""

from collections.abc import Iterable

from easyplayer.playout.asrun import Ended
from easyplayer.playout.hearing import Hearing
from easyplayer.playout.items import ClipSound, Item, PreparedItem
from easyplayer.units import Monotonic, Seconds

ALL_OF_IT = Seconds(float("inf"))


class Viewing(Hearing):
    """One picture on the screen.  While no screen is up it is dark, and what it tells does not count.

    :param aloud: whether its own sound is heard.
    :ivar outputs: the screens that were up meanwhile, in the order in which they came up.
    """

    def __init__(
        self, prepared: PreparedItem, started: Monotonic, position_s: Seconds, *, aloud: bool
    ) -> None:
        super().__init__(prepared, started, position_s)
        self.outputs: tuple[str, ...] = ()
        self._up = True
        self._heard_most_s = ALL_OF_IT if aloud else Seconds(0.0)

    @property
    def aloud(self) -> bool:
        """Whether its own sound is heard now."""
        return self._heard_most_s == ALL_OF_IT

    def light(self, outputs: Iterable[str]) -> None:
        """Learn which screens are up; with none it is dark, and stays so until it is told to go on."""
        up = tuple(outputs)
        self._up = bool(up)
        self.held = self.held or not up
        self.outputs += tuple(name for name in up if name not in self.outputs)

    def advance(self, prepared: PreparedItem, position_s: Seconds, at: Monotonic) -> None:
        """Have come to a position; in the dark that only moves it."""
        if self.held:
            self.prepared = prepared
            self.go_on(position_s, at)
            self.held = not self._up
        else:
            super().advance(prepared, position_s, at)

    def silence(self, at: Monotonic) -> None:
        """Lose the sound from now on; the picture goes on."""
        if self.aloud:
            self._heard_most_s = self.until(at)[1]

    def seen(self, at: Monotonic, ended: Ended | None = None) -> tuple[Monotonic, Seconds, Seconds]:
        """Tell until when it is known to have been shown, for how long, and how much of it was heard."""
        over, shown_s = self.until(at, ended)
        return over, shown_s, min(shown_s, self._heard_most_s)


def has_sound(item: Item) -> bool:
    """Tell whether a picture is to be heard as well.

    >>> has_sound(Item(id="1", location="/ad.mp4", clip_sound=ClipSound.MIX))
    True
    """
    return item.clip_sound is not ClipSound.MUTE and not item.still
