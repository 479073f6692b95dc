"""What the box can play now: its program, without what has failed lately, and something below it."""

from collections.abc import Sequence

import pytest

from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item, ItemKind, Layer, PreparedItem
from easyplayer.playout.listing import listed
from easyplayer.playout.transition import Rules
from easyplayer.repertoire import OnAir, Repertoire
from easyplayer.units import Instant, Seconds
from tests.fakes.clock import HeldClock

NOW = Instant(1_800_000_000.0)
SONG_S = Seconds(180.0)
CROSSFADE_S = Seconds(4.0)


def item(name: str) -> Item:
    kind = ItemKind.STREAM if name.startswith("radio") else ItemKind.LOCAL
    return Item(id=name, location=f"/music/{name}.flac", kind=kind)


class Hall:
    """A repertoire of some items, and a clock that a test holds."""

    def __init__(self, *names: str, reserve: Sequence[str] = (), once: bool = False) -> None:
        self.clock = HeldClock()
        self.repertoire = Repertoire(Rules(crossfade_s=CROSSFADE_S), self.clock, once=once)
        self.repertoire.take_program(listed([item(name) for name in names]))
        if reserve:
            self.repertoire.take_reserve(tuple(item(name) for name in reserve))

    def next(self) -> str:
        """Tell what comes next, or nothing."""
        decision = self.repertoire.next(NOW)
        return decision.item.id if decision is not None else ""

    def play(self) -> OnAir:
        """Let what comes next begin."""
        decision = self.repertoire.next(NOW)
        assert decision is not None
        return self.begin(decision)

    def begin(self, decision: Decision) -> OnAir:
        prepared = PreparedItem(item=decision.item, cue_out_s=None if decision.item.endless else SONG_S)
        on_air = OnAir(decision, prepared, Seconds(0.0), self.clock())
        self.repertoire.take(on_air, NOW)
        return on_air


@pytest.mark.parametrize(
    ("name", "times", "rests_s"),
    [("a", 1, 60), ("a", 2, 600), ("a", 9, 600), ("radio", 1, 15), ("radio", 9, 15)],
)
def test_what_has_failed_rests_for_a_while(name: str, times: int, rests_s: int) -> None:
    """A file for longer if it has failed before; a stream is tried again sooner than that."""
    hall = Hall(name, "z")
    for _ in range(times):
        hall.repertoire.give_up(item(name))
    assert hall.next() == "z"

    hall.clock.advance(rests_s - 1)
    assert hall.repertoire.unavailable(item(name)) != ""

    hall.clock.advance(2)
    assert hall.repertoire.unavailable(item(name)) == ""


def test_a_failure_of_long_ago_counts_no_more() -> None:
    """The file rests for as long as after the first one."""
    hall = Hall("a", "z")
    hall.repertoire.give_up(item("a"))
    hall.clock.advance(3601)
    hall.repertoire.give_up(item("a"))
    hall.clock.advance(61)
    assert hall.repertoire.unavailable(item("a")) == ""


def test_another_program_is_tried_as_a_whole() -> None:
    """What had failed may have been mended with it."""
    hall = Hall("a")
    hall.repertoire.give_up(item("a"))
    hall.repertoire.take_program(listed([item("a")]))

    assert hall.next() == "a"


def test_where_nothing_of_the_program_can_be_played_the_reserve_plays() -> None:
    """And its decisions say so."""
    hall = Hall("a", reserve=("house",))
    hall.repertoire.give_up(item("a"))

    decision = hall.repertoire.next(NOW)

    assert decision is not None
    assert (decision.item.id, decision.origin.layer) == ("house", Layer.FIRMWARE)
    assert hall.repertoire.falling_back


def test_program_on_a_dead_disk_gives_way_before_all_of_it_was_tried() -> None:
    """Two failures in a row and four silent seconds are enough; what sounds puts an end to it."""
    hall = Hall(*"abcdefgh", reserve=("house",))
    for name in "ab":
        hall.repertoire.give_up(item(name), played=True)
    assert hall.next() == "c"

    hall.clock.advance(4.5)
    assert hall.next() == "house"

    hall.repertoire.hear()
    assert hall.next() == "c"


def test_list_that_is_played_once_ends() -> None:
    """Also where an item of it is passed over."""
    hall = Hall("a", "b", "c", once=True)
    hall.repertoire.give_up(item("b"))

    assert [hall.play().decision.item.id for _ in range(2)] == ["a", "c"]
    assert hall.next() == ""


def test_what_follows_is_chosen_for_the_instant_at_which_the_song_begins_to_leave() -> None:
    """However far it has come, and however long it is held."""
    hall = Hall("a", "b")
    on_air = hall.play()
    on_air.position_s, on_air.heard_at = Seconds(60.0), hall.clock()
    for held_s in (0.0, 30.0):
        hall.clock.advance(held_s)
        following = hall.repertoire.following(on_air, NOW)
        assert following is not None
        assert following.decision.item.id == "b"
        assert following.decision.at == pytest.approx(NOW + SONG_S - CROSSFADE_S - 60.0)


def test_nothing_follows_a_stream_of_a_list_by_itself() -> None:
    """It is left when somebody wants the next one."""
    hall = Hall("radio", "b")

    assert hall.repertoire.following(hall.play(), NOW) is None
    assert hall.next() == "b"


def test_what_goes_on_after_a_restart_is_not_counted_twice() -> None:
    """It was remembered when it began."""
    hall = Hall("a", "b")
    decision = hall.play().decision
    again = OnAir(decision, PreparedItem(item=decision.item), Seconds(20.0), hall.clock(), resumed=True)
    hall.repertoire.take(again, NOW)

    assert hall.repertoire.engine is not None
    assert [past.item for past in hall.repertoire.engine.past] == ["a"]
    assert hall.next() == "b"
