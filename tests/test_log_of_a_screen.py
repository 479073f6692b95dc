"""The real video player and the real ledger: what the log says is what was seen on the screens."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from easyplayer.asrun_log import AsRunLog, LogRow
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.ledger import Ledger
from easyplayer.log_keeping import TOGETHER_S
from easyplayer.player_events import fade_out, pause_playing, resume_playing
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import ClipSound, Item
from easyplayer.screen_events import outputs_found, turn_screen
from easyplayer.units import Seconds
from tests.cinema import LEFT, RIGHT, WINDOW, Cinema, clip, still
from tests.fakes.clock import HeldWall
from tests.fakes.fake_screen import Footage
from tests.fakes.work import HeldWorker

NOON = 1_800_000_000.0
EXACT_S = 0.6
"""A change of pictures, and what lies between two positions that are told."""

MakeCinema = Callable[..., "LoggedCinema"]


class LoggedCinema(Cinema):
    """A cinema that keeps a log.

    :param path: the log.
    """

    def __init__(self, path: Path, *items: Item, **more: object) -> None:
        super().__init__(*items, **more)  # type: ignore[arg-type]  # as the cinema takes them
        self.store = AsRunStore(path, "boot-1")
        disk = HeldWorker(self.root.fire)
        self.surround(disk.pump)
        self.open(Ledger(self.store, HeldWall(self.clock, NOON), self.ticker, disk))

    @property
    def rows(self) -> list[LogRow]:
        """All rows that are read out."""
        self.run_for(TOGETHER_S + 0.1)
        return AsRunLog(self.store).tail(99)


@pytest.fixture(name="cinema")
def _cinema(tmp_path: Path) -> Iterator[MakeCinema]:
    """Make a cinema, and let go of its log."""
    made: list[LoggedCinema] = []

    def make(*items: Item, **more: object) -> LoggedCinema:
        made.append(LoggedCinema(tmp_path / "asrun.db", *items, **more))
        return made[-1]

    yield make
    for one in made:
        one.store.close()


def shown(row: LogRow) -> Seconds:
    """Give for how long a row's picture was shown."""
    assert row.shown_s is not None
    return row.shown_s


def test_each_picture_has_its_row_with_its_length_and_its_screens(cinema: MakeCinema) -> None:
    """Stills and clips, on two outputs at once."""
    both = cinema(still("a", 4), clip("b", 3), still("c", 60), outputs=(LEFT, RIGHT)).play_until_seen("c")

    assert [(row.item.id, row.ended, set(row.outputs)) for row in both.rows] == [
        ("a", Ended.PLAYED, {LEFT.name, RIGHT.name}),
        ("b", Ended.PLAYED, {LEFT.name, RIGHT.name}),
        ("c", None, {LEFT.name, RIGHT.name}),
    ]
    assert [shown(row) for row in both.rows[:2]] == pytest.approx([4.0, 3.0], abs=EXACT_S)
    assert [row.heard_s for row in both.rows] == [0.0] * 3


def test_a_display_that_is_pulled_out_was_not_seen_from_then_on(cinema: MakeCinema) -> None:
    """And one that is plugged in later has a row of its own."""
    one = cinema(still("a", 60), still("b", 60)).play_until_seen("a")
    one.run_for(10)
    one.fire(outputs_found((), "the display is unplugged"))
    one.run_for(100)
    one.fire(outputs_found((WINDOW,), ""))
    one.run_for(10)
    rows = one.rows

    assert rows[0].item.id == "a"
    assert shown(rows[0]) == pytest.approx(10.0, abs=EXACT_S)
    assert rows[0].ended is not None
    assert sum(shown(row) for row in rows) < 25.0


def test_displays_that_are_put_to_sleep_show_nothing(cinema: MakeCinema) -> None:
    """However long the night is."""
    one = cinema(still("a", 600), still("b", 600)).play_until_seen("a")
    one.run_for(10)
    one.fire(turn_screen(on=False, reason="the venue is closed"))
    one.run_for(600)

    assert sum(shown(row) for row in one.rows) == pytest.approx(10.0, abs=EXACT_S)


def test_one_of_two_screens_that_falls_is_no_end(cinema: MakeCinema) -> None:
    """The other one shows on, and the row goes on with it."""
    one = cinema(clip("a", 30), still("b", 60), outputs=(LEFT, RIGHT)).play_until_seen("a")
    one.run_for(5)
    one.fire(outputs_found((RIGHT,), ""))
    one.run_until_seen("b")

    assert (one.rows[0].item.id, one.rows[0].ended) == ("a", Ended.PLAYED)
    assert shown(one.rows[0]) == pytest.approx(30.0, abs=EXACT_S)


def test_what_is_held_is_not_shown_for_longer_than_it_goes_on(cinema: MakeCinema) -> None:
    """A clip that a person has paused; it is one row all the same."""
    one = cinema(clip("a", 20), still("b", 60)).play_until_seen("a")
    one.run_for(5)
    one.fire(pause_playing())
    one.run_for(60)
    one.fire(resume_playing())
    one.run_until_seen("b")

    assert [row.item.id for row in one.rows] == ["a", "b"]
    assert shown(one.rows[0]) == pytest.approx(20.0, abs=2.0)


def test_a_picture_that_cannot_go_on_was_shown_until_then(cinema: MakeCinema) -> None:
    """The next one comes, and the log says why."""
    films = {"a": Footage(length_s=20.0, breaks_at_s=5.0)}
    one = cinema(clip("a", 20), still("b", 60), films=films).play_until_seen("b")

    assert [(row.item.id, row.ended) for row in one.rows] == [("a", Ended.FAILED), ("b", None)]
    assert shown(one.rows[0]) == pytest.approx(5.0, abs=EXACT_S)


def test_a_box_that_may_not_play_ends_what_is_shown(cinema: MakeCinema) -> None:
    """As softly as the music; a picture that fades is told of no more, and may count or not."""
    one = cinema(still("a", 60)).play_until_seen("a")
    one.run_for(5)
    one.fire(fade_out(Seconds(2.0), "closed"))
    one.run_for(10)

    (row,) = one.rows
    assert (row.item.id, row.ended) == ("a", Ended.STOPPED)
    assert 5.0 - EXACT_S <= shown(row) <= 7.0 + EXACT_S


def test_a_clip_with_its_own_sound_is_heard_for_as_long_as_it_is_shown(cinema: MakeCinema) -> None:
    """By that it is told from the silent ones."""
    one = cinema(clip("a", 6, ClipSound.MIX), clip("b", 6), still("c", 60)).play_until_seen("c")

    assert [row.item.id for row in one.rows[:2]] == ["a", "b"]
    assert [row.heard_s for row in one.rows[:2]] == pytest.approx([6.0, 0.0], abs=EXACT_S)
