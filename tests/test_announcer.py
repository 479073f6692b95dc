"""Spots that come on the second: each is handed to the player in time, as well prepared as can be."""

from collections.abc import Sequence
from datetime import time

import pytest
from msgspec import structs

from easyplayer.announcer import AHEAD_S, BROKEN, EMERGENCY, HANDED_ON_S, Announcer
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over, Program, Sharp, Spot
from easyplayer.playout.items import Item, Layer, Origin, PreparedItem
from easyplayer.playout.transition import Rules
from easyplayer.repertoire import Repertoire
from tests.fakes.clock import HeldWall
from tests.house import WALL_NOON, Stage

EARLY_S = 30.0
"""How long before its time a test begins."""


def spot(name: str, *items: str, second: int = 30, and_at: int | None = None, over: Over = Over.DUCK) -> Spot:
    seconds = (second,) if and_at is None else (second, and_at)
    when = Sharp(at=tuple(time(12, 0, one) for one in seconds), over=over, tolerance_s=5)
    return Spot(id=name, items=items, when=when)


class Hall(Stage):
    """An announcer, with the test for the Preparer and the player.

    :ivar asked: what it wants made ready: the spot, and the item.
    """

    def __init__(self, *spots: Spot) -> None:
        super().__init__()
        names = dict.fromkeys(name for one in spots for name in one.items)
        items = tuple(Item(id=name, location=f"/media/{name}.flac") for name in names)
        repertoire = Repertoire(Rules(), self.clock, once=False)
        repertoire.take_program(Program(name="venue", zone="UTC", items=items, spots=spots))
        self.wall = HeldWall(self.clock, WALL_NOON)
        self.asked: list[tuple[str, str]] = []
        self.announcer = Announcer(repertoire, self.ticker, self.wall.now, self.root.fire, self._ask)
        self.ticker.every(0.5, lambda: self.announcer.look(""))

    def _ask(self, item: Item, origin: Origin) -> None:
        self.asked.append((origin.source, item.id))

    def run_to(self, second: float) -> None:
        """Let time pass until some seconds after twelve."""
        self.run_for(WALL_NOON + second - self.wall.now(), step_s=0.1)

    def ready(self, source: str, name: str, *, measured: bool = True) -> PreparedItem:
        """Let an item of a spot be ready."""
        prepared = made_ready(source, name)
        self.announcer.ready(prepared, Ducking(), measured=measured)
        self.settle()
        return prepared

    @property
    def cued(self) -> Sequence[tuple[str, Over, float]]:
        """Which spots the player has, how they come, and at which second."""
        began = self.clock() - (self.wall.now() - WALL_NOON)
        return [
            (prepared.origin.source, over, round(at - began, 1))
            for prepared, at, over, _ducking in self.told("cue_spot")
        ]

    @property
    def missed(self) -> list[list[str]]:
        """Which spots do not come, and why."""
        return self.told("spot_missed")


def made_ready(source: str, name: str) -> PreparedItem:
    item = Item(id=name, location=f"/media/{name}.flac")
    return PreparedItem(item=item, origin=Origin(layer=Layer.SHARP_SPOT, source=source))


def test_spot_is_asked_for_ahead_and_handed_on_as_soon_as_it_is_measured() -> None:
    """For its second."""
    hall = Hall(spot("chime", "bell"))
    hall.run_to(EARLY_S - AHEAD_S + 0.6)
    assert hall.asked == [("chime", "bell")]

    hall.ready("chime", "bell")

    assert hall.cued == [("chime", Over.DUCK, 30.0)]


def test_spot_that_is_not_measured_in_time_is_handed_on_as_it_is() -> None:
    """Once: what is found later comes too late."""
    hall = Hall(spot("chime", "bell"))
    hall.run_to(EARLY_S - 6)
    hall.ready("chime", "bell", measured=False)
    hall.run_to(EARLY_S - HANDED_ON_S - 0.2)
    assert hall.cued == []

    hall.run_to(EARLY_S - HANDED_ON_S + 0.2)
    hall.ready("chime", "bell")

    assert hall.cued == [("chime", Over.DUCK, 30.0)]


def test_spot_that_is_measured_in_time_is_handed_on_once() -> None:
    """It is not waited for any more then."""
    hall = Hall(spot("chime", "bell"))
    hall.run_to(EARLY_S - 6)
    hall.ready("chime", "bell", measured=False)
    hall.ready("chime", "bell")
    hall.run_to(EARLY_S + 1)

    assert hall.cued == [("chime", Over.DUCK, 30.0)]


def test_two_spots_with_the_same_recording_come_each_in_its_own_way() -> None:
    """Though the later one is ready first."""
    hall = Hall(spot("call", "bell", over=Over.PAUSE), spot("chime", "bell", second=32))
    hall.run_to(EARLY_S - 4)
    hall.ready("chime", "bell")
    hall.ready("call", "bell")

    assert hall.cued == [("chime", Over.DUCK, 32.0), ("call", Over.PAUSE, 30.0)]


def test_another_item_comes_in_place_of_one_that_is_missing() -> None:
    """And where none is left, the spot is told as missed, with the last reason."""
    hall = Hall(spot("chime", "bell", "gong"))
    hall.run_to(EARLY_S - 6)
    hall.announcer.give_up("/media/bell.flac", "it is not there")
    assert hall.asked == [("chime", "bell"), ("chime", "gong")]

    hall.announcer.give_up("/media/gong.flac", "it is not there either")
    hall.settle()

    assert hall.missed == [["chime", "it is not there either"]]


@pytest.mark.parametrize(("second", "comes"), [(24, True), (34, True), (36, False)])
def test_another_item_comes_only_within_the_tolerance(second: int, comes: bool) -> None:
    """It may come late, but not later than the spot itself might."""
    hall = Hall(spot("chime", "bell", "gong"))
    hall.run_to(EARLY_S - 6)
    prepared = hall.ready("chime", "bell")
    hall.run_to(second)
    hall.announcer.finish(prepared, Ended.FAILED, "")
    hall.settle()

    assert (("chime", "gong") in hall.asked) is comes
    assert hall.missed == ([] if comes else [["chime", BROKEN]])


def test_spot_that_has_been_heard_is_never_told_as_missed() -> None:
    """However it ended."""
    hall = Hall(spot("chime", "bell", "gong"))
    hall.run_to(EARLY_S - 6)
    prepared = hall.ready("chime", "bell")
    hall.announcer.start(prepared)
    hall.announcer.finish(prepared, Ended.FAILED, "")
    hall.settle()

    assert (hall.missed, hall.asked) == ([], [("chime", "bell")])


def test_spot_that_did_not_come_about_is_told_with_what_kept_it_from_it() -> None:
    """A person has paused the music, say."""
    hall = Hall(spot("chime", "bell", "gong"))
    hall.run_to(EARLY_S - 6)
    prepared = hall.ready("chime", "bell")
    hall.announcer.finish(prepared, Ended.STOPPED, "paused by a person")
    hall.settle()

    assert hall.missed == [["chime", "paused by a person"]]


def test_what_is_said_by_hand_is_none_of_its_business() -> None:
    """Though it is the same recording, and does not come about."""
    hall = Hall(spot("chime", "bell"))
    hall.run_to(EARLY_S - 6)
    hall.ready("chime", "bell")
    hall.announcer.finish(made_ready("by hand", "bell"), Ended.FAILED, "")
    hall.settle()

    assert hall.missed == []


def test_spot_comes_no_more_often_than_it_may() -> None:
    """With the one that is on its way; that is claimed all the same, and not looked for again."""
    hall = Hall(structs.replace(spot("chime", "bell", second=30, and_at=34), per_hour=1))
    hall.run_to(EARLY_S + 6)
    hall.ready("chime", "bell")

    assert hall.asked == [("chime", "bell")]
    assert hall.missed == [["chime", "it has come as often as it may in this hour"]]


def test_spot_that_did_not_come_leaves_room_for_the_next_time() -> None:
    """Only what is heard, or on its way, counts."""
    hall = Hall(structs.replace(spot("chime", "bell", "gong", second=30, and_at=59), per_day=1))
    hall.run_to(EARLY_S - 6)
    prepared = hall.ready("chime", "bell")
    hall.announcer.finish(prepared, Ended.STOPPED, "paused by a person")
    hall.run_to(55)

    assert len(hall.asked) == 2
    assert hall.missed == [["chime", "paused by a person"]]


def test_emergency_goes_before_what_the_player_does_not_have_yet() -> None:
    """Whatever of it becomes ready later; what the player has is the player's to drop."""
    hall = Hall(spot("call", "bell"), spot("chime", "bell", second=31), spot("late", "gong", second=32))
    hall.run_to(EARLY_S - 4)
    hall.ready("call", "bell")
    hall.ready("chime", "bell", measured=False)
    hall.announcer.hush()
    hall.ready("late", "gong")
    hall.run_to(EARLY_S + 1)

    assert hall.cued == [("call", Over.DUCK, 30.0)]
    assert sorted(hall.missed) == [["chime", EMERGENCY], ["late", EMERGENCY]]
