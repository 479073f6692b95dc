"""A whole box whose program comes from a hub: never silent, and never held up by it."""

from easyplayer.events import music_gathered, program_refused, take_program
from easyplayer.player_events import start_playing
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.listing import listed
from easyplayer.scheduler import MUSIC_MAY_TAKE_S
from tests.fakes.deck import Medium
from tests.house import FakeBox, gathered, location_of

SONG_S = 30.0
SONGS = {name: Medium(length_s=SONG_S) for name in "abc"}
FIRMWARE = {"firmware": Medium(length_s=SONG_S)}


def program(*names: str):
    return listed([Item(id=name, location=location_of(name), kind=ItemKind.LOCAL) for name in names])


def test_kept_program_is_played_at_once() -> None:
    """Nothing else is heard before it."""
    with FakeBox(SONGS, fallback=FIRMWARE, from_hub=True) as box:
        box.fire(take_program(program("a", "b")))
        box.run_until_heard("a", within_s=3.0)
        assert box.names("item_started") == ["a"]
        assert box.told("fallback_needed") == []


def test_fresh_box_waits_for_a_moment_and_then_makes_a_sound_it_can_be_heard_by() -> None:
    """The hub may be away, or have nothing for it yet."""
    with FakeBox(SONGS, fallback=FIRMWARE, from_hub=True) as box:
        box.run_for(MUSIC_MAY_TAKE_S - 1)
        assert box.heard == []
        box.run_until_heard("firmware", within_s=5.0)
        box.run_for(3 * SONG_S)
        assert set(box.names("item_started")) == {"firmware"}


def test_hubs_program_takes_over_after_the_song_that_plays() -> None:
    """From then on nothing else is heard."""
    with FakeBox(SONGS, fallback=FIRMWARE, from_hub=True) as box:
        box.run_until_heard("firmware", within_s=MUSIC_MAY_TAKE_S + 5)
        box.fire(take_program(program("a", "b")))
        assert box.heard == ["firmware"]
        box.run_until_heard("a", within_s=SONG_S + 5)
        box.run_until_heard("b", within_s=SONG_S + 5)
        assert box.names("item_started") == ["firmware", "a", "b"]


def test_refused_first_program_is_not_waited_for() -> None:
    """What the firmware brings along plays at once then."""
    with FakeBox(SONGS, fallback=FIRMWARE, from_hub=True) as box:
        box.fire(program_refused("it is broken"))
        box.run_until_heard("firmware", within_s=5.0)


def test_more_of_the_same_program_interrupts_nothing() -> None:
    """As it comes while the first songs play already."""
    with FakeBox(SONGS, fallback=FIRMWARE, from_hub=True) as box:
        box.fire(take_program(program("a")))
        box.run_until_heard("a", within_s=3.0)
        box.run_for(10.0)
        box.fire(take_program(program("a", "b", "c")))
        box.fire(start_playing())
        box.run_until_heard("b", within_s=SONG_S + 5)
        box.run_until_heard("c", within_s=SONG_S + 5)
        assert box.names("item_started") == ["a", "b", "c"]


def test_music_that_is_found_late_does_not_take_the_place_of_the_hubs_program() -> None:
    """A fresh box makes its own pieces meanwhile, which takes its time."""
    with FakeBox(SONGS, fallback=FIRMWARE, from_hub=True) as box:
        box.fire(take_program(program("a", "b")))
        box.fire(music_gathered(gathered(FIRMWARE)))
        box.run_until_heard("a", within_s=3.0)
        box.run_until_heard("b", within_s=SONG_S + 5)
