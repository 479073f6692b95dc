"""How long a picture was shown follows from what its player told, and from which screens were up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import ClipSound, Item, ItemKind, PreparedItem
from easyplayer.playout.viewing import Viewing, has_sound
from easyplayer.units import Monotonic, Seconds

START = Monotonic(1000.0)
TV = ("tv",)
TELL_EACH_S = 0.5


def viewing(*, aloud: bool = False, length_s: float = 30.0) -> Viewing:
    """Let a picture be shown on one screen."""
    item = Item(id="ad", location="/ad.mp4", kind=ItemKind.CLIP)
    one = Viewing(PreparedItem(item=item, cue_out_s=Seconds(length_s)), START, Seconds(0.0), aloud=aloud)
    one.light(TV)
    return one


def show(one: Viewing, since_s: float, until_s: float) -> None:
    """Let it tell its positions from one second to another, twice a second."""
    for half in range(round(since_s * 2) + 1, round(until_s * 2) + 1):
        one.advance(one.prepared, Seconds(half / 2), Monotonic(START + half / 2))


def at(seconds: float) -> Monotonic:
    """Give an instant."""
    return Monotonic(START + seconds)


def test_a_picture_that_is_shown_to_its_end_is_shown_whole() -> None:
    """It is silent, and so nothing of it was heard."""
    one = viewing()
    show(one, 0, 29.5)

    assert one.seen(at(30.0), Ended.PLAYED) == (at(30.0), 30.0, 0.0)


def test_what_runs_in_the_dark_was_not_shown() -> None:
    """The screen was pulled out for ten seconds, and the clip ran on."""
    one = viewing()
    show(one, 0, 10)
    one.light(())
    show(one, 10, 20)
    one.light(TV)
    show(one, 20, 29.5)

    assert one.seen(at(30.0), Ended.PLAYED) == (at(30.0), pytest.approx(20.0, abs=TELL_EACH_S), 0.0)


def test_a_picture_whose_screen_stays_dark_was_shown_until_then() -> None:
    """Nothing is known of it from then on."""
    one = viewing()
    show(one, 0, 10)
    one.light(())

    assert one.seen(at(3600), Ended.STOPPED) == (at(10), 10.0, 0.0)


def test_every_screen_that_was_up_is_named_once() -> None:
    """In the order in which they came."""
    one = viewing()
    one.light(("tv", "bar"))
    one.light(("bar",))
    one.light(("tv", "bar"))

    assert one.outputs == ("tv", "bar")


def test_a_clip_with_its_own_sound_is_heard_for_as_long_as_there_is_an_output() -> None:
    """The picture goes on when the sound is lost."""
    one = viewing(aloud=True)
    show(one, 0, 10)
    assert one.seen(at(10)) == (at(10), 10.0, 10.0)
    one.silence(at(10))
    show(one, 10, 29.5)

    assert not one.aloud
    assert one.seen(at(30.0), Ended.PLAYED) == (at(30.0), 30.0, 10.0)


@given(lights=st.lists(st.tuples(st.booleans(), st.floats(0.1, 10.0)), max_size=12))
def test_it_is_never_shown_for_longer_than_a_screen_was_up(lights: list[tuple[bool, float]]) -> None:
    """Whatever the screens do; what is not certain does not count."""
    one, now_s, up_s = viewing(length_s=1e6), 0.0, 0.0
    for up, lasting_s in lights:
        one.light(TV if up else ())
        now_s += lasting_s
        up_s += lasting_s if up else 0.0
        one.advance(one.prepared, Seconds(now_s), at(now_s))
    _, shown_s, heard_s = one.seen(at(now_s))

    assert shown_s <= up_s + 0.01
    assert heard_s == 0.0


@pytest.mark.parametrize(
    ("kind", "sound", "is_heard"),
    [
        (ItemKind.CLIP, ClipSound.MUTE, False),
        (ItemKind.CLIP, ClipSound.MIX, True),
        (ItemKind.CLIP, ClipSound.REPLACE, True),
        (ItemKind.STILL, ClipSound.MIX, False),
        (ItemKind.STREAM, ClipSound.REPLACE, True),
    ],
)
def test_a_picture_is_heard_where_its_sound_is_wanted(
    kind: ItemKind, sound: ClipSound, *, is_heard: bool
) -> None:
    """An image has none, whatever somebody has written down."""
    assert has_sound(Item(id="x", location="x", kind=kind, clip_sound=sound)) is is_heard
