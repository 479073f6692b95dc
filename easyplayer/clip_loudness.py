"""How loud the clips that are heard are to be: measured aside, as songs are, and never waited for."""

import logging
import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from msgspec import Struct, structs

from easyplayer.analysis import FactsCache
from easyplayer.component import Background
from easyplayer.errors import AnalysisError, MediaError
from easyplayer.playout.items import ClipSound, Item
from easyplayer.playout.transition import Rules, loudness_gain
from easyplayer.screen_events import clip_measured
from easyplayer.units import Decibels, Seconds

log = logging.getLogger(__name__)


class Heard(Struct, frozen=True):
    """What is known of the sound of a clip.

    :ivar gain_db: gain at which it is as loud as the music.
    :ivar length_s: how long it is; ``None`` where nobody has measured it.
    :ivar silent: whether there is nothing in it to be heard, so that it sounds in place of nothing.
    """

    gain_db: Decibels
    length_s: Seconds | None = None
    silent: bool = False


class ClipLoudness:
    """Knows how loud clips are; one that nobody has measured yet is as loud as a song of which that is true.

    :param worker: a thread of its own, for it may take long; what it has found is told by ``clip_measured``.
    """

    def __init__(self, facts: FactsCache, rules: Rules, worker: Background) -> None:
        self._facts = facts
        self._rules = rules
        self._worker = worker
        self._unmeasured = Heard(loudness_gain(None, None, rules))
        self._known: dict[str, Heard] = {}
        self._locations: dict[str, str] = {}
        self._ending = threading.Event()

    def measure(self, items: Iterable[Item]) -> None:
        """Measure those that are heard, and forget all others; what was silent may be another file by now.

        So may one in another place, whatever it is called.
        """
        heard = {
            item.id: item for item in items if item.clip_sound is not ClipSound.MUTE and not item.endless
        }
        before, self._locations = self._locations, {name: item.location for name, item in heard.items()}
        stays = {name for name, location in self._locations.items() if before.get(name) == location}
        self._known = {name: one for name, one in self._known.items() if name in stays and not one.silent}
        for name, item in heard.items():
            if name not in self._known:
                self._worker.do(partial(self._look_at, item))

    def learn(self, name: str, heard: Heard) -> None:
        """Learn what was measured."""
        self._known[name] = heard

    def of(self, item: Item) -> Heard:
        """Tell what is known of a clip; what the item itself says goes first."""
        known = self._known.get(item.id, self._unmeasured)
        return known if item.gain_db is None else Heard(item.gain_db, known.length_s)

    def close(self) -> None:
        """Leave what is being measured."""
        self._ending.set()
        self._worker.close(0.0)

    def _look_at(self, item: Item) -> clip_measured | None:
        """Measure one; runs on the worker's thread."""
        path = Path(item.location)
        try:
            facts = self._facts.lookup(path) or self._facts.analyse(path, stop=self._ending)
        except AnalysisError as error:
            log.debug("%s cannot be measured: %s", item.caption, error)
            return None
        except MediaError as error:
            log.debug("%s cannot be measured: %s", item.caption, error)
            silent = structs.replace(self._unmeasured, silent=True)
            return self._told(item, silent) if self._is_silent(path) else None
        gain_db = loudness_gain(facts.loudness_lufs, facts.true_peak_dbtp, self._rules)
        return self._told(item, Heard(gain_db, facts.duration_s, silent=facts.loudness_lufs is None))

    def _told(self, item: Item, heard: Heard) -> clip_measured | None:
        if self._locations.get(item.id) != item.location:
            return None  # another one is called so by now
        if heard.silent and item.clip_sound is ClipSound.REPLACE:
            log.warning("%s is to sound in place of the music, and is silent: that plays on", item.caption)
        return clip_measured(item.id, heard)

    def _is_silent(self, path: Path) -> bool:
        """Tell whether there is a file without any sound, and no doubt of it: that is kept as its verdict."""
        try:
            if path.is_file():
                self._facts.lookup(path)
        except MediaError:
            return True
        except OSError:
            return False
        return False
