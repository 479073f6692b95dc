"""How long before an instant a picture has to be asked for, to be seen on the instant."""

import statistics
from collections import deque

from easyplayer.drivers.screen import Picture
from easyplayer.units import Seconds

FIRST_GUESS_S = Seconds(0.06)
"""What a file takes to be opened, decoded and drawn, on a machine of which nothing is known yet."""
LONGEST_S = Seconds(1.0)
"""More than that is no habit of the machine but a mishap."""
REMEMBERED = 5
GUESSES = 2
"""With how many changes the guess is outvoted: the first one on a graphics card is slower than all others."""


class PictureLead:
    """Learns from each change how long changes take here: stills and clips apart."""

    def __init__(self) -> None:
        guesses = [FIRST_GUESS_S] * GUESSES
        self._taken = {still: deque(guesses, maxlen=REMEMBERED) for still in (False, True)}

    def learn(self, picture: Picture, took_s: Seconds) -> None:
        """Note how long a change took; streams teach nothing about files."""
        if not picture.endless:
            self._taken[picture.still].append(min(took_s, LONGEST_S))

    def of(self, picture: Picture) -> Seconds:
        """Tell how long the change to a picture will take, probably."""
        return Seconds(statistics.median(self._taken[picture.still]))
