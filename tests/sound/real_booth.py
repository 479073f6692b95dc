"""The audio player with real decks, on a real sound server; the test is the rest of the box."""

import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from circuits.core.events import Event
from circuits.core.pollers import EPoll

from easyplayer.audio import AudioPlayer
from easyplayer.component import BoxComponent
from easyplayer.drivers.mpv_deck import MpvDeck
from easyplayer.events import sound_found
from easyplayer.player import Handling
from easyplayer.player_events import cue_item, cue_spot, fade_out, start_playing
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.playout.items import Item, ItemKind, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.playout.transition import Rules
from easyplayer.ticker import Ticker
from easyplayer.units import Monotonic, Percent, Seconds
from tests.house import DUCKING, Supplier
from tests.sound.venue_sound import SINK
from tests.witness import Seen, Witness

ENDING_MAY_TAKE_S = 5.0
CLOSING_FADE_S = Seconds(0.1)


class RealBooth:
    """Plays the items it was given in their order, from start to end of a ``with`` block.

    Fails the test where a handler failed.

    :ivar items: what is still to be asked for.
    :ivar witness: has seen every event.
    """

    def __init__(self, *items: PreparedItem, crossfade_s: float = 1.0) -> None:
        self.witness = Witness()
        self._root = BoxComponent()
        self._ticker = ticker = Ticker()
        rules = Rules(crossfade_s=Seconds(crossfade_s))
        self._player = AudioPlayer(MpvDeck, rules, Handling(volume=Percent(100)), ticker)
        supplier = Supplier(items)
        self.items = supplier.items
        for part in (EPoll(), ticker, self._player, supplier, self.witness):
            part.register(self._root)

    def __enter__(self) -> Self:
        self._player.open()
        self._thread, _ = self._root.start()
        self.fire(sound_found(SINK, private=False))
        self.fire(start_playing())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        mark = self.witness.now
        if self._player.state is not PlayerState.STOPPED:
            self.fire(fade_out(CLOSING_FADE_S, "the test is over"))
            self.wait_for("player_changed", lambda state, _why: state is PlayerState.STOPPED, since=mark)
        self._root.stop()
        self._thread.join(ENDING_MAY_TAKE_S)
        self._player.close()
        assert not self._thread.is_alive(), "the booth did not end"
        if kind is None:
            assert self.witness.failures == []

    def fire(self, event: Event) -> None:
        """Fire an event."""
        self._root.fire(event)

    def cue(self, prepared: PreparedItem, in_s: float) -> Monotonic:
        """Cue an item for an instant; give that."""
        at = Monotonic(time.monotonic() + in_s)
        self.fire(cue_item(prepared, None, at))
        return at

    def call(
        self, prepared: PreparedItem, in_s: float, over: Over = Over.DUCK, ducking: Ducking = DUCKING
    ) -> Monotonic:
        """Cue a spot for an instant; give that."""
        at = Monotonic(time.monotonic() + in_s)
        self.fire(cue_spot(prepared, at, over, ducking))
        return at

    def wait_for(self, name: str, matches: Any = lambda *_args: True, **options: Any) -> Seen:
        """Wait for an event; see :meth:`tests.witness.Witness.wait_for`."""
        return self.witness.wait_for(name, matches, **options)

    def wait_for_item(self, name: str, prepared: PreparedItem, **options: Any) -> Seen:
        """Wait for an event about an item."""
        return self.wait_for(name, lambda one, *_more: one.item.id == prepared.item.id, **options)

    def last_end(self, prepared: PreparedItem) -> Ended:
        """Tell why an item was over, the last time."""
        over = [
            one.args for one in self.witness.all("item_finished") if one.args[0].item.id == prepared.item.id
        ]
        return Ended(over[-1][1])

    def play_until(self, prepared: PreparedItem, position_s: float) -> None:
        """Wait until an item has come to a position."""
        self.wait_for(
            "item_advanced", lambda one, at_s: one.item.id == prepared.item.id and at_s >= position_s
        )


def song(path: Path, length_s: float, **fields: Any) -> PreparedItem:
    """Make an item of a file of which the length is known."""
    return PreparedItem(item=Item(id=path.name, location=str(path)), **{"cue_out_s": length_s, **fields})


def radio(url: str, **fields: Any) -> PreparedItem:
    """Make an item of a stream."""
    return PreparedItem(item=Item(id=url, location=url, kind=ItemKind.STREAM), **fields)
