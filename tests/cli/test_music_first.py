"""The ways to the hub are made when music sounds."""

import sys
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from easyplayer.cli import music_first
from easyplayer.cli.music_first import MusicFirst
from easyplayer.drivers.hub_link import HubLink, Keychain, Way
from easyplayer.errors import LinkError
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.units import Seconds

HUB = Way(url="http://127.0.0.1:9")
KEYS = cast(Keychain, None)
SONG = PreparedItem(item=Item(id="a", location="/a"))
LONG_S, SHORT_S = 30.0, 0.01


class Asking:
    """A thread that wants a way to the hub.

    :ivar link: what it was given.
    :ivar refused: why it was given none.
    """

    def __init__(self, first: MusicFirst) -> None:
        self.link: HubLink | None = None
        self.refused = ""
        self._first = first
        self.thread = threading.Thread(target=self._ask)
        self.thread.start()

    def _ask(self) -> None:
        try:
            self.link = self._first.make_link(HUB, KEYS)
        except LinkError as error:
            self.refused = str(error)


@pytest.fixture
def first() -> Iterator[MusicFirst]:
    """Hand out one that lets nobody wait when the test is over."""
    part = MusicFirst()
    yield part
    part.close()


def test_a_way_is_made_when_the_first_item_sounds(first: MusicFirst) -> None:
    """Until then whoever asks for it waits."""
    asking = Asking(first)
    assert asking.thread.is_alive()
    cast(Any, first)._on_started(SONG, Seconds(0.0))
    asking.thread.join(LONG_S)
    assert asking.link is not None
    asking.link.close()


def test_a_box_that_does_not_play_asks_its_hub_too(
    first: MusicFirst, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its venue may be closed, or it may have nothing to play."""
    monkeypatch.setattr(music_first, "MUSIC_MAY_TAKE_S", SHORT_S)
    first.make_link(HUB, KEYS).close()


def test_nobody_waits_for_music_when_the_box_ends(first: MusicFirst) -> None:
    """Who asks is told so, and nothing is loaded any more."""
    asking = Asking(first)
    first.close()
    asking.thread.join(LONG_S)
    assert (asking.link, asking.refused) == (None, "the box ends")


def test_with_the_way_comes_what_the_live_channel_needs(first: MusicFirst) -> None:
    """The line is made on the loop's thread, which must not wait for a library."""
    cast(Any, first)._on_started(SONG, Seconds(0.0))
    first.make_link(HUB, KEYS).close()
    assert "easyplayer.drivers.engine_line" in sys.modules
