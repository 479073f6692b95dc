"""What a person wants said now is handed to the player, measured if that is quick."""

import pytest

from easyplayer.herald import BY_HAND, LOADING_TAKES_S, MEASURING_MAY_TAKE_S, Herald
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.playout.items import Item, Layer, Origin, PreparedItem
from tests.house import Stage

CALL = Item(id="call", location="/media/call.flac")
ORIGIN = Origin(layer=Layer.SHARP_SPOT, source=BY_HAND)
READY = PreparedItem(item=CALL, origin=ORIGIN)


class Hall(Stage):
    """A herald, with the test for the Preparer."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[Item, Origin]] = []
        self.herald = Herald(
            self.ticker, self.root.fire, lambda item, origin: self.asked.append((item, origin))
        )


@pytest.fixture(name="hall")
def _hall() -> Hall:
    hall = Hall()
    hall.herald.announce(CALL, Over.PAUSE)
    return hall


def test_what_is_measured_is_said_at_once(hall: Hall) -> None:
    """As soon as its deck can have loaded it."""
    assert hall.asked == [(CALL, ORIGIN)]
    assert hall.herald.ready(READY, Ducking(), measured=True)
    hall.settle()

    assert hall.told("cue_spot") == [[READY, hall.clock() + LOADING_TAKES_S, Over.PAUSE, Ducking()]]


def test_measuring_is_waited_for_for_a_moment(hall: Hall) -> None:
    """Then it is said as it is, once; what is found later changes nothing."""
    hall.herald.ready(READY, Ducking(), measured=False)
    hall.run_for(MEASURING_MAY_TAKE_S - 0.1)
    assert hall.told("cue_spot") == []

    hall.run_for(0.2)
    hall.herald.ready(READY, Ducking(), measured=True)
    hall.run_for(5)
    assert len(hall.told("cue_spot")) == 1


def test_what_is_measured_in_time_is_said_once(hall: Hall) -> None:
    """With what was found."""
    hall.herald.ready(READY, Ducking(), measured=False)
    hall.run_for(1)
    measured = PreparedItem(item=CALL, origin=ORIGIN, cue_out_s=4.0)  # type: ignore[arg-type]
    hall.herald.ready(measured, Ducking(), measured=True)
    hall.run_for(5)

    assert [args[0] for args in hall.told("cue_spot")] == [measured]


def test_what_cannot_be_played_is_left_out(hall: Hall) -> None:
    """Also while it is being measured."""
    hall.herald.ready(READY, Ducking(), measured=False)
    hall.herald.give_up(CALL.location)
    hall.run_for(5)

    assert hall.told("cue_spot") == []


def test_nothing_more_is_said_where_an_emergency_was_declared(hall: Hall) -> None:
    """Neither what is being measured, nor what is ready only then."""
    hall.herald.ready(READY, Ducking(), measured=False)
    hall.herald.announce(CALL, Over.DUCK)
    hall.herald.hush()
    hall.herald.ready(READY, Ducking(), measured=True)
    hall.run_for(5)

    assert hall.told("cue_spot") == []


def test_a_spot_of_the_programs_is_none_of_its_business(hall: Hall) -> None:
    """Somebody else hands that on."""
    chime = PreparedItem(item=CALL, origin=Origin(layer=Layer.SHARP_SPOT, source="chime"))

    assert not hall.herald.ready(chime, Ducking(), measured=True)
