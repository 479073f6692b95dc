"""A box that somebody fiddles with all the time: skips, volume, pauses, by a fixed seed."""

import random
import sys
from functools import partial
from pathlib import Path

from easyplayer import settings
from easyplayer.backstage import Music
from easyplayer.cli.process import run_box
from easyplayer.component import BoxComponent
from easyplayer.player_events import set_volume, skip_item
from easyplayer.sources import Gathered, gather
from easyplayer.ticker import Ticker, monotonic
from easyplayer.units import Percent

SKIPS_EVERY_S = (8.0, 40.0)
TURNS_EVERY_S = (3.0, 10.0)
VOLUMES = (40, 100)


class Restless(BoxComponent):
    """Skips and turns the volume at moments nobody can foresee but everybody can repeat."""

    def __init__(self) -> None:
        super().__init__()
        self._random = random.Random(1)
        self._ticker = Ticker(monotonic).register(self)

    def open(self) -> None:
        """Begin to fiddle."""
        self._later(SKIPS_EVERY_S, self._skip)
        self._later(TURNS_EVERY_S, self._turn)

    def _later(self, span_s: tuple[float, float], action: object) -> None:
        self._ticker.after(self._random.uniform(*span_s), action)

    def _skip(self) -> None:
        self.fire(skip_item())
        self._later(SKIPS_EVERY_S, self._skip)

    def _turn(self) -> None:
        self.fire(set_volume(Percent(self._random.randint(*VOLUMES))))
        self._later(TURNS_EVERY_S, self._turn)


def main() -> int:
    """Run the box: ``python -m bench.restless_box STATE PLACE...``."""
    state, *places = sys.argv[1:]
    Path(state).mkdir(exist_ok=True)
    wanted = settings.load(environment={}, command_line={"box": {"state": state}, "watchdog": {"port": 0}})
    music = Music(places=tuple(places), gather=(partial(gather, places),), fallback=partial(Gathered, (), ()))
    return run_box(wanted, music, verbosity=0, extra=(Restless(),))


if __name__ == "__main__":
    sys.exit(main())
