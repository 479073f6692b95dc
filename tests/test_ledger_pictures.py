"""The as-run log says what was really shown: on which screens, for how long, and what of it was heard."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from circuits.core.events import Event
from hypothesis import given, settings
from hypothesis import strategies as st

from easyplayer.asrun_log import LogRow
from easyplayer.drivers.asrun_facts import RowBegun, RowTold
from easyplayer.drivers.monitor import Level
from easyplayer.events import level_heard, sound_found, sound_lost
from easyplayer.ledger import Ledger
from easyplayer.log_keeping import TOGETHER_S
from easyplayer.player_events import item_finished, item_started, player_changed
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import ClipSound, Item, ItemKind, Layer, Origin, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.screen_events import (
    picture_advanced,
    picture_finished,
    picture_started,
    screen_told,
)
from easyplayer.screen_view import OutputView, ScreenView
from easyplayer.units import Decibels, Monotonic, Seconds
from tests.drivers.killing import played_in
from tests.fakes.clock import HeldWall
from tests.fakes.work import HeldWorker
from tests.house import Stage, song
from tests.test_ledger import NOW, TELL_EACH_S, Notes, Study

SHOW = Origin(layer=Layer.SHOW, source="menu", playlist="boards")


def picture(name: str, sound: ClipSound = ClipSound.MUTE, length_s: float = 10.0) -> PreparedItem:
    """Make a still, or a clip with a sound of its own."""
    kind = ItemKind.STILL if sound is ClipSound.MUTE else ItemKind.CLIP
    item = Item(id=name, location=f"/pictures/{name}", kind=kind, clip_sound=sound)
    return PreparedItem(item=item, cue_out_s=Seconds(length_s), origin=SHOW)


def view(*up: str, down: Iterable[str] = (), on: bool = True) -> ScreenView:
    """Tell which screens are up."""
    outputs = [OutputView(name=name, up=True) for name in up]
    return ScreenView(outputs=(*outputs, *(OutputView(name=name) for name in down)), on=on)


class Gallery(Study):
    """A ledger of a box with a screen; the test is the one that shows."""

    def show(self, prepared: PreparedItem, seconds: float = 10.0, why: Ended | None = Ended.PLAYED) -> None:
        """Show a picture for a while; without a reason it stays."""
        self.fire(picture_started(prepared, Seconds(0.0)))
        self.stay(prepared, seconds)
        if why is not None:
            self.fire(picture_finished(prepared, why))

    def stay(self, prepared: PreparedItem, seconds: float, position_s: float = 0.0) -> None:
        """Let what is shown tell its positions."""
        for number in range(1, round(seconds / TELL_EACH_S) + 1):
            self.clock.advance(TELL_EACH_S)
            self.fire(picture_advanced(prepared, Seconds(position_s + number * TELL_EACH_S)))

    def write_down(self) -> None:
        """Let what is jotted down be written."""
        self.run_for(TOGETHER_S + 0.5, step_s=0.25)

    @property
    def shown(self) -> list[tuple[str, float | None, float, Ended | None]]:
        """Of all rows: the item, how long it was shown, how much was heard, and why it ended."""
        self.write_down()
        return [
            (
                row.item.id,
                None if row.shown_s is None else round(row.shown_s, 1),
                round(row.heard_s, 1),
                row.ended,
            )
            for row in self.rows
        ]


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    """Give the place of a log that is not there yet."""
    return tmp_path / "asrun.db"


@pytest.fixture(name="gallery")
def _gallery(path: Path) -> Iterator[Gallery]:
    """Give a ledger with a screen and a sound that are up."""
    gallery = Gallery(path)
    gallery.fire(screen_told(view("tv")))
    gallery.fire(sound_found("bar", private=False))
    yield gallery
    gallery.store.close()


class TestRows:
    """One row for each showing."""

    def test_a_picture_has_a_row_that_says_where_it_was_seen(self, gallery: Gallery) -> None:
        """Its time, its screens, and why it was shown."""
        gallery.show(picture("menu"))
        gallery.write_down()

        (row,) = gallery.rows
        assert isinstance(row, LogRow)
        assert (row.item.id, row.started, row.over, row.ended) == ("menu", NOW, NOW + 10, Ended.PLAYED)
        assert (row.shown_s, row.outputs, row.heard_s, row.level_db) == (10.0, ("tv",), 0.0, None)
        assert row.origin == SHOW

    def test_pictures_and_music_are_counted_together_as_they_begin(self, gallery: Gallery) -> None:
        """However the two are written down; no number is missing."""
        gallery.start(song("a"))
        gallery.show(picture("one"))
        gallery.show(picture("two"))
        gallery.finish(song("a"), Ended.SKIPPED)
        gallery.start(song("b"))
        gallery.show(picture("one"))
        gallery.finish(song("b"), Ended.SKIPPED)

        assert [name for name, *_ in gallery.shown] == ["a", "one", "two", "b", "one"]
        assert [row.sequence for row in gallery.rows] == [1, 2, 3, 4, 5]
        assert len(played_in(gallery.store.path)) == 5

    def test_a_screen_that_changes_often_is_kind_to_its_disk(self, gallery: Gallery) -> None:
        """Each change is one write, and not one for each thing that is known of it."""
        gallery.write_down()
        before = gallery.store.tries
        for number in range(10):
            gallery.show(picture(f"{number}"), 10.0)
            gallery.run_for(0.1, step_s=0.05)

        assert gallery.store.tries - before <= 10 + 100 / 30 + 1

    def test_a_hard_change_leaves_two_rows(self, gallery: Gallery) -> None:
        """The next one is shown before the one before is told to be over."""
        gallery.show(picture("one"), 4.0, None)
        gallery.fire(picture_started(picture("two"), Seconds(0.0)))
        gallery.fire(picture_finished(picture("one"), Ended.CUT))
        gallery.stay(picture("two"), 10.0)
        gallery.fire(picture_finished(picture("two"), Ended.PLAYED))

        assert gallery.shown == [("one", 4.0, 0.0, Ended.CUT), ("two", 10.0, 0.0, Ended.PLAYED)]

    def test_the_end_of_the_music_is_not_the_end_of_the_picture(self, gallery: Gallery) -> None:
        """A screen may be without music."""
        gallery.show(picture("one"), 4.0, None)
        gallery.be(PlayerState.STOPPED)
        gallery.stay(picture("one"), 6.0, 4.0)
        gallery.fire(picture_finished(picture("one"), Ended.PLAYED))

        assert gallery.shown == [("one", 10.0, 0.0, Ended.PLAYED)]

    def test_an_end_of_the_box_ends_what_is_shown(self, gallery: Gallery) -> None:
        """As softly as the music."""
        gallery.show(picture("one"), 4.0, None)
        gallery.part.close()
        gallery.settle()

        assert [(row.item.id, row.ended, row.shown_s) for row in gallery.rows] == [
            ("one", Ended.STOPPED, 4.0)
        ]

    def test_a_power_cut_leaves_it_shown_until_it_was_last_known_to_be(self, path: Path) -> None:
        """Never for longer; half a minute may be lost."""
        gallery = Gallery(path)
        gallery.fire(screen_told(view("tv")))
        gallery.show(picture("long", length_s=600.0), 100.0, None)
        gallery.run_for(0.1, step_s=0.1)
        gallery.cut_power()
        after = Gallery(path, boot="boot-2")

        ((name, shown_s, _, ended),) = after.shown
        assert (name, ended) == ("long", Ended.STOPPED)
        assert shown_s is not None
        assert 70.0 <= shown_s <= 100.0
        after.store.close()


class TestScreens:
    """What nobody can see is not shown."""

    def test_what_runs_while_no_screen_is_up_is_not_shown(self, gallery: Gallery) -> None:
        """It keeps its number, and is not read out."""
        gallery.fire(screen_told(view(down=["tv"])))
        gallery.show(picture("one"))
        gallery.fire(screen_told(view("tv")))
        gallery.show(picture("two"))

        assert gallery.shown == [("two", 10.0, 0.0, Ended.PLAYED)]
        assert [row.shown_s for row in played_in(gallery.store.path)] == [0.0, 10.0]

    def test_what_runs_while_the_displays_sleep_is_not_shown(self, gallery: Gallery) -> None:
        """Even where their cables are plugged in."""
        gallery.show(picture("one"), 4.0, None)
        gallery.fire(screen_told(view("tv", on=False)))
        gallery.stay(picture("one"), 6.0, 4.0)
        gallery.fire(picture_finished(picture("one"), Ended.PLAYED))

        assert gallery.shown == [("one", 4.0, 0.0, Ended.PLAYED)]

    def test_a_picture_that_comes_back_with_its_screen_goes_on_in_its_row(self, gallery: Gallery) -> None:
        """It was shown once, with a break."""
        gallery.show(picture("one"), 4.0, None)
        gallery.fire(screen_told(view(down=["tv"])))
        gallery.wait(60)
        gallery.fire(screen_told(view("tv", "bar")))
        gallery.fire(picture_started(picture("one"), Seconds(4.0)))
        gallery.stay(picture("one"), 6.0, 4.0)
        gallery.fire(picture_finished(picture("one"), Ended.PLAYED))

        assert gallery.shown == [("one", 10.0, 0.0, Ended.PLAYED)]
        assert gallery.rows[0].outputs == ("tv", "bar")

    def test_another_one_than_was_in_the_dark_ends_that(self, gallery: Gallery) -> None:
        """It was last seen when the screen went."""
        gallery.show(picture("one"), 4.0, None)
        gallery.fire(screen_told(view()))
        gallery.wait(60)
        gallery.fire(screen_told(view("tv")))
        gallery.show(picture("two"))

        assert gallery.shown == [("one", 4.0, 0.0, Ended.STOPPED), ("two", 10.0, 0.0, Ended.PLAYED)]


class TestSound:
    """A clip with a sound of its own is heard as well."""

    def test_it_is_shown_and_heard(self, gallery: Gallery) -> None:
        """With how loud it was, for who wrote its music."""
        gallery.fire(picture_started(picture("ad", ClipSound.REPLACE), Seconds(0.0)))
        gallery.fire(level_heard(Level(Decibels(0.0), Decibels(-18.0))))
        gallery.stay(picture("ad", ClipSound.REPLACE), 10.0)
        gallery.fire(picture_finished(picture("ad", ClipSound.REPLACE), Ended.PLAYED))

        assert gallery.shown == [("ad", 10.0, 10.0, Ended.PLAYED)]
        assert gallery.rows[0].level_db == -18.0
        (row,) = played_in(gallery.store.path)
        assert (row.heard_s, row.shown_s, row.item.kind, row.item.clip_sound) == (
            10.0,
            10.0,
            "clip",
            "replace",
        )

    def test_it_is_not_heard_where_there_is_no_output(self, gallery: Gallery) -> None:
        """Lost before, or in the middle."""
        gallery.show(picture("ad", ClipSound.MIX), 4.0, None)
        gallery.fire(sound_lost("pulled out"))
        gallery.stay(picture("ad", ClipSound.MIX), 6.0, 4.0)
        gallery.fire(picture_finished(picture("ad", ClipSound.MIX), Ended.PLAYED))
        gallery.show(picture("ad", ClipSound.MIX))

        assert gallery.shown == [("ad", 10.0, 4.0, Ended.PLAYED), ("ad", 10.0, 0.0, Ended.PLAYED)]

    def test_the_level_of_the_music_is_not_that_of_a_silent_picture(self, gallery: Gallery) -> None:
        """Nobody listens to an image."""
        gallery.fire(picture_started(picture("one"), Seconds(0.0)))
        gallery.fire(level_heard(Level(Decibels(0.0), Decibels(-18.0))))
        gallery.stay(picture("one"), 10.0)
        gallery.fire(picture_finished(picture("one"), Ended.PLAYED))

        gallery.write_down()
        assert [row.level_db for row in gallery.rows] == [None]


songs = st.sampled_from([song("a"), song("b", None)])
pictures = st.sampled_from([picture("p"), picture("q"), picture("ad", ClipSound.MIX)])
whatever_is_told = st.one_of(
    st.builds(item_started, songs, st.floats(0, 30)),
    st.builds(item_finished, songs, st.sampled_from(Ended)),
    st.builds(player_changed, st.sampled_from(PlayerState), st.just("")),
    st.builds(picture_started, pictures, st.floats(0, 30)),
    st.builds(picture_advanced, pictures, st.floats(0, 30)),
    st.builds(picture_finished, pictures, st.sampled_from(Ended)),
    st.builds(screen_told, st.sampled_from([view(), view("tv"), view("tv", "bar"), view("tv", on=False)])),
    st.builds(sound_found, st.just("bar"), private=st.just(False)),
    st.builds(sound_lost, st.just("")),
)


@settings(max_examples=60)
@given(story=st.lists(st.tuples(whatever_is_told, st.floats(0, 40)), max_size=30))
def test_whatever_players_and_screen_tell_each_row_begins_once_and_ends_once(
    story: list[tuple[Event, float]],
) -> None:
    """They are told as they begin; nothing is open in the end, and nothing was shown before it began."""
    stage, store = Stage(), Notes()
    disk = HeldWorker(stage.root.fire)
    stage.surround(disk.pump)
    ledger = Ledger(store, HeldWall(stage.clock, NOW), stage.ticker, disk)
    stage.open(ledger)
    for event, passed_s in story:
        stage.clock.advance(passed_s)
        stage.fire(event)
    ledger.close()
    stage.settle()

    begun = store.told(RowBegun)
    known = store.told(RowTold)
    assert [row.started for row in begun] == sorted({row.started for row in begun})
    assert sorted(row.started for row in known if row.ended) == [row.started for row in begun]
    of_pictures = {row.started for row in begun if row.shown_s is not None}
    for row in known:
        assert row.started <= row.over <= Monotonic(stage.clock() + 0.001)
        assert (row.shown_s is not None) == (row.started in of_pictures)
        if row.shown_s is not None:
            assert 0.0 <= row.heard_s <= row.shown_s <= row.over - row.started + 0.6
