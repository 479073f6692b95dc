"""The veil: black that comes down over the picture when the venue closes, and what stays above it."""

from collections.abc import Callable, Mapping

from easyplayer.fade import Curve
from easyplayer.fader import Fader
from easyplayer.overlay.drawing import BLACK, everywhere
from easyplayer.ticker import Action, Ticker
from easyplayer.units import Linear, Seconds

VEIL = "v-veil"
"""Name of its layer; layers whose names sort later lie above it."""
ALWAYS_SEEN = "x-"
"""So begin the names of the layers that are seen even where nothing else is."""
STEPS = 32
"""In how many steps it comes down; a screen cannot draw as often as a fader moves."""

Layers = Mapping[str, str]


class Veil:
    """Draws the layers of a screen, with the veil among them.

    :param draw: takes the layers that have to be drawn.
    """

    def __init__(self, ticker: Ticker, draw: Callable[[Layers], object]) -> None:
        self._draw = draw
        self._layers: dict[str, str] = {}
        self._dark = True
        self._fader = Fader(ticker, lambda _gain: self._show(), Curve.LINEAR)

    def take(self, layers: Layers) -> None:
        """Draw these layers, in place of those of the same names."""
        self._layers.update(layers)
        self._show()

    def come_down(self, seconds: Seconds, then: Action) -> None:
        """Let it become dark."""
        self._fader.move(Linear(0.0), seconds, then)

    def lift(self) -> None:
        """Let everything be seen."""
        self._dark = False
        self._fader.set(Linear(1.0))

    def stay_dark(self) -> None:
        """Draw nothing any more but what is always seen: the picture behind it is taken away."""
        self._dark = True
        self._fader.set(Linear(1.0))

    def _show(self) -> None:
        hidden = {name: "" for name in self._layers if not name.startswith(ALWAYS_SEEN)}
        step = round(STEPS * self._fader.gain)
        veil = "" if step == STEPS else black(step / STEPS)
        self._draw({**self._layers, **(hidden if self._dark else {}), VEIL: veil})


def black(transparent: float) -> str:
    """Draw black all over the canvas.

    :param transparent: 0 hides everything, 1 hides nothing.
    """
    return everywhere(BLACK, round(255 * transparent))
