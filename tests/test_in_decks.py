"""What a player holds: what sounds for as long as it does, and what it was given last."""

from pathlib import Path

from easyplayer.in_decks import HELD_MOST, InDecks
from easyplayer.playout.items import Item, ItemKind
from tests.fakes.hub_media import item


def lying(number: int) -> Item:
    """Make an item that is a medium of the library, though nothing but its place says so."""
    return Item(id=str(number), location=str(Path("/media/aa") / f"{number:064x}"))


def test_what_sounds_is_held_however_much_is_given_meanwhile() -> None:
    """A long recording, and an announcement every few minutes."""
    decks = InDecks()
    mix = item("mix")
    assert mix.media is not None
    decks.give(mix)
    decks.start(mix)
    for number in range(2 * HELD_MOST):
        held = decks.give(lying(number))
    assert mix.media.sha256 in held
    assert len(held) == HELD_MOST + 1
    assert mix.media.sha256 not in decks.finish(mix)


def test_what_is_no_medium_of_the_library_is_not_held() -> None:
    """A radio, or a file of the venue's own."""
    decks = InDecks()
    radio = Item(id="r", location="http://radio/fm", kind=ItemKind.STREAM)
    for one in (radio, Item(id="f", location="/music/f.flac")):
        decks.give(one)
        assert decks.start(one) == decks.finish(one) == frozenset()
