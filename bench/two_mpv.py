"""The bare two-mpv script of the benchmark: crossfades tracks of one length, for ever.

It has no queue, no schedule, no log, and no way to be told anything: what such a player costs at
least.  ``python -m bench.two_mpv SINK SECONDS CROSSFADE_S TRACK...``
"""

import itertools
import sys
from pathlib import Path

from tests.sound.bare_decks import BareDecks


def main() -> None:
    sink, seconds, crossfade_s, *tracks = sys.argv[1:]
    queue = itertools.cycle(Path(track) for track in tracks)
    with BareDecks(sink, float(seconds), float(crossfade_s)) as decks:
        decks.play(next(queue))
        for track in queue:
            decks.prepare(track)
            decks.segue()


if __name__ == "__main__":
    main()
