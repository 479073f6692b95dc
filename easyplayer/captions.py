"""What is written over the pictures: what sounds, the time, messages, codes, and cards in place of pictures.

How it looks stands in :mod:`easyplayer.overlay`; this part only knows what there is to tell.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from circuits import handler
from msgspec import structs

from easyplayer.component import BoxComponent
from easyplayer.overlay.cards import card, claim_card
from easyplayer.overlay.corners import Words, layers
from easyplayer.playout.calendar import zone_of
from easyplayer.playout.catalogue import Overlay, Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Layer, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.screen_events import draw_overlay
from easyplayer.ticker import Deadline, Ticker
from easyplayer.units import Instant, Seconds
from easyplayer.veil import ALWAYS_SEEN

log = logging.getLogger(__name__)

CARD = "b-card"
CLAIM = f"{ALWAYS_SEEN}claim"
"""Names of their layers; those of the corners lie between them."""
MINUTE_S = Seconds(60.0)
SPOTS = {Layer.SHARP_SPOT, Layer.SOFT_SPOT}
SILENT = {PlayerState.STOPPED, PlayerState.NO_SOUND}


class Captions(BoxComponent):
    """Draws the layers over the picture, each when it changes.

    :param hub: base URL of the hub as the settings name it; empty where there is none.
    :param percent: how large the letters are, compared with what suits most screens.
    :param wall: tells the wall clock's time.
    """

    def __init__(self, hub: str, percent: int, ticker: Ticker, wall: Callable[[], Instant]) -> None:
        super().__init__()
        self._hub = hub
        self._percent = percent
        self._ticker = ticker
        self._wall = wall
        self._overlay = Overlay()
        self._zone = ""
        self._knows_time = True
        self._words = Words()
        self._message: str | None = None
        self._message_ends: Deadline | None = None
        self._minute: Deadline | None = None
        self._card = self._code = ""
        self._drawn: dict[str, str] = {}

    # -- what there is to tell -----------------------------------------------------------------

    @handler("program_taken")
    def _on_program(self, program: Program) -> None:
        self._overlay, self._zone = program.screen.overlay, program.zone
        self._tick()

    @handler("item_started", "item_advanced")
    def _on_item(self, prepared: PreparedItem, _position_s: Seconds) -> None:
        """Tell what sounds; its tags may be read only while it does."""
        item, origin = prepared.item, prepared.origin
        if origin is not None and origin.layer in SPOTS:
            return
        title, artist = (item.title, item.artist) if item.title else (item.caption, "")
        if (title, artist) != (self._words.title, self._words.artist):
            self._words = structs.replace(self._words, title=title, artist=artist)
            self._draw()

    @handler("player_changed")
    def _on_player(self, state: PlayerState, _reason: str) -> None:
        if state in SILENT:
            self._words = structs.replace(self._words, title="", artist="")
            self._draw()

    @handler("show_message")
    def _on_message(self, text: str, seconds: Seconds) -> None:
        """Write a message in place of the program's; that comes back afterwards."""
        if self._message_ends is not None:
            self._message_ends.cancel()
        self._message = text or None
        if text and seconds > 0:
            self._message_ends = self._ticker.after(seconds, self._end_message)
        self._draw()

    def _end_message(self) -> None:
        self._message = None
        self._draw()

    @handler("show_card")
    def _on_card(self, name: str) -> None:
        self._card = name
        self._draw()

    @handler("claim_code_shown")
    def _on_claim_code(self, code: str) -> None:
        self._code = code
        self._draw()

    @handler("hub_reached")
    def _on_hub(self, hub: str) -> None:
        self._hub = hub
        self._draw()

    # -- the time ------------------------------------------------------------------------------

    @handler("clock_judged")
    def _on_clock_judged(self, trust: ClockTrust) -> None:
        self._knows_time = trust is not ClockTrust.UNKNOWN
        self._tick()

    @handler("clock_stepped")
    def _on_clock_stepped(self, _by_s: Seconds) -> None:
        self._tick()

    def _tick(self) -> None:
        """Tell the time, and again when the next minute begins."""
        if self._minute is not None:
            self._minute.cancel()
        shown = self._overlay.clock and self._knows_time
        self._words = structs.replace(self._words, clock=self._local_time() if shown else "")
        if shown:
            self._minute = self._ticker.after(MINUTE_S - self._wall() % MINUTE_S, self._tick)
        self._draw()

    def _local_time(self) -> str:
        return datetime.fromtimestamp(self._wall(), zone_of(self._zone)).strftime("%H:%M")

    # -- drawing -------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Draw what has changed."""
        overlay, words = self._overlay, self._words
        if not overlay.now_playing:
            words = structs.replace(words, title="", artist="")
        message = overlay.message if self._message is None else self._message
        words = structs.replace(words, message=message, qr=overlay.qr)
        wanted = {
            **layers(words, overlay.corner, self._percent),
            CARD: card(self._card),
            CLAIM: claim_card(self._code, f"{self._hub.rstrip('/')}/claim?code={self._code}"),
        }
        changed = {name: ass for name, ass in wanted.items() if ass != self._drawn.get(name, "")}
        if changed:
            self._drawn.update(changed)
            self.fire(draw_overlay(changed))
