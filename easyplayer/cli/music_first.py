"""Music first: what takes long to load, and plays nothing, is loaded when music sounds.

On a small machine the libraries for the way to the hub take as long to load as all that the music needs.
"""

import threading
from importlib import import_module
from typing import TYPE_CHECKING

from circuits import handler

from easyplayer.component import BoxComponent
from easyplayer.errors import LinkError
from easyplayer.playout.items import PreparedItem
from easyplayer.units import Seconds

if TYPE_CHECKING:
    from easyplayer.drivers.hub_link import HubLink, Keychain, Way
    from easyplayer.drivers.live_line import LineSpec, LiveLine, Report

MUSIC_MAY_TAKE_S = Seconds(10.0)
"""How long music is waited for; there may be none, or the venue is closed."""


class MusicFirst(BoxComponent):
    """Knows whether music has sounded, and makes the ways to the hub after that."""

    def __init__(self) -> None:
        super().__init__()
        self._heard = threading.Event()
        self._closed = False

    def close(self) -> None:
        """Hold nobody up any more."""
        self._closed = True
        self._heard.set()

    @handler("item_started")
    def _on_started(self, _prepared: PreparedItem, _position_s: Seconds) -> None:
        self._heard.set()

    def make_link(self, way: "Way", keychain: "Keychain") -> "HubLink":
        """Make the way to the hub; for a worker's thread, as it may wait for the music.

        :raises LinkError: the box ends.
        """
        self._heard.wait(MUSIC_MAY_TAKE_S)
        if self._closed:
            message = "the box ends"
            raise LinkError(message)
        import_module("easyplayer.drivers.engine_line")  # the loop makes the line, and must not wait
        from easyplayer.drivers.web_link import WebLink

        return WebLink(way, keychain)

    def make_line(self, spec: "LineSpec", report: "Report") -> "LiveLine":
        """Make the line of the live channel; it comes after the first answer, so all is loaded by then."""
        from easyplayer.drivers.engine_line import EngineLine

        return EngineLine(spec, report)
