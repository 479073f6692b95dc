"""What the commands foresee from the state directory is what the box plays then."""

from pathlib import Path

import pytest

from easyplayer.cli import venue as venues
from easyplayer.cli.venue import Venue
from easyplayer.keeping import Keeping
from easyplayer.playout.chronicle import Heard
from easyplayer.playout.engine import Engine
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.preparation import Measured, prepare
from easyplayer.playout.simulate import VirtualVenue, World
from easyplayer.playout.transition import Rules
from easyplayer.playout.virtual_clock import VirtualClock
from easyplayer.units import Instant
from tests.fakes.deck import Medium
from tests.fakes.work import facts
from tests.house import CROSSFADE_S, FakeBox, settings_of
from tests.test_program_box import wall
from tests.test_program_day import BEGUN, LENGTHS, let_pass, played, venue

RULES = Rules(crossfade_s=CROSSFADE_S)
MINUTE_S = 60


def ready(item: Item, _before: Item | None) -> PreparedItem:
    """Make an item ready as the fake analysis does."""
    return prepare(Measured(item, facts(LENGTHS[item.id])), None, RULES)


def foreseen(state: Path, now: Instant, end: Instant) -> list[Heard]:
    """Tell what will be heard, going by what lies on the disk."""
    place = Keeping(state).place
    memory, bookmark = place.memory.load(), place.bookmark.load()
    assert memory is not None
    engine = Engine(venue(), memory.engine)
    simulated = VirtualVenue(engine, World(clock=VirtualClock(starts=now), prepare=ready, rules=RULES))
    found = Venue(
        settings=settings_of({}, state), program=venue(), source="", state=memory.engine, bookmark=bookmark
    )
    venues.go_on(found, simulated, engine, now)
    return [row for row in simulated.run(end) if isinstance(row, Heard)]


@pytest.mark.slow
@pytest.mark.parametrize("begins", ["2027-03-01T11:30", "2027-03-01T16:40"])
def test_box_plays_on_as_was_foreseen_from_its_state_directory(tmp_path: Path, begins: str) -> None:
    """What is on air at its position, and all that follows: songs, and spots between them and over them."""
    start = wall(begins)
    media = {name: Medium(length_s=length) for name, length in LENGTHS.items()}
    with FakeBox(media, state=tmp_path, program=venue(), wall=start) as box:
        let_pass(box, 11 * MINUTE_S + 7)
        now = Instant(start + box.clock() - BEGUN)
        told = foreseen(tmp_path, now, Instant(now + 45 * MINUTE_S))
        let_pass(box, 45 * MINUTE_S)
        heard = [one for one in played(box, start) if one[3] > now]
    foretold = [(row.item.id, row.origin.layer, row.origin.source) for row in told]
    assert told[0].started < now
    assert [one[:3] for one in heard] == foretold[1:]
    assert [one[3] for one in heard] == pytest.approx([row.started for row in told[1:]], abs=2.0)
