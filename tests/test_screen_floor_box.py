"""The whole box, while a clip sounds in place of the music: the room is not silent by mistake."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.clip_loudness import Heard
from easyplayer.events import end_emergency, play_emergency, take_program
from easyplayer.player_events import fade_out, skip_item, start_playing
from easyplayer.playout.catalogue import Over, Pictures, Program, Sharp, Spot
from easyplayer.playout.items import ClipSound, Item
from easyplayer.playout.machine import PlayerState
from easyplayer.screen_events import clip_measured
from easyplayer.units import Decibels, Seconds
from tests.cinema import camera, clip, films_of, still
from tests.fakes.deck import Medium
from tests.fakes.fake_screen import FakeScreen, Footage
from tests.fakes.work import facts
from tests.house import FakeBox, item_of, location_of
from tests.test_pulse import Guardian
from tests.test_screen_box import CALL, bar, box_with, listed, seen

FILM = clip("film", 90, ClipSound.REPLACE)
BACK_WITHIN_S = 1.5
"""A fade of one second, and a moment to notice."""
KEPT_AND_BACK_S = 3.5
"""The same, where the floor is kept for a moment before."""
GUARDED_EVERY_S = 5.0


@pytest.fixture(name="guardian")
def _guardian() -> Iterator[Guardian]:
    """Give a guardian that listens."""
    guardian = Guardian()
    yield guardian
    guardian.close()


def guarded(guardian: Guardian, program: Program) -> FakeBox:
    """Make a box that a guardian listens to."""
    return box_with(program, watchdog={"port": guardian.address[1], "every_s": GUARDED_EVERY_S})


def in_the_film(box: FakeBox, after_s: float = 3.0) -> None:
    """Run until the film has been heard alone for a while."""
    box.run_until(lambda: seen(box) == {"film"})
    box.run_for(after_s)
    assert box.heard == []
    assert len(aloud(box)) == 1


def aloud(box: FakeBox) -> list[FakeScreen]:
    """Give the screens on which something is heard."""
    return [one for one in box.screens.open if one.up and one.shown is not None and not one.shown.mute]


class TestPulse:
    """The guardians of the box hear it, because something sounds."""

    def test_a_long_clip_is_no_reason_to_kill_the_box(self, guardian: Guardian) -> None:
        """It is heard as often as with music, from the clip's begin to its end."""
        with guarded(guardian, bar(FILM, still("menu"))) as box:
            in_the_film(box)
            guardian.heard()
            box.run_for(80, step_s=0.1)
            assert seen(box) == {"film"}
            assert len(guardian.heard()) >= 80 / GUARDED_EVERY_S - 1

    def test_a_long_spot_is_no_reason_to_kill_the_box(self, guardian: Guardian) -> None:
        """One that holds the music, for a minute."""
        with self.box_with_a_call(guardian, length_s=60.0) as box:
            box.run_until(lambda: box.heard == [CALL], within_s=40)
            guardian.heard()
            box.run_for(55, step_s=0.1)
            assert box.heard == [CALL]
            assert len(guardian.heard()) >= 55 / GUARDED_EVERY_S - 1

    def test_a_clip_that_stands_gives_the_music_back_before_it_is_missed(self, guardian: Guardian) -> None:
        """It counts for nothing; the music does."""
        with guarded(guardian, bar(FILM, still("menu"))) as box:
            in_the_film(box)
            guardian.heard()
            box.screens.made[0].hanging = True
            box.run_for(10)
            assert len(box.heard) == 1
            box.run_for(30, step_s=0.1)
            assert len(guardian.heard()) >= 40 / GUARDED_EVERY_S - 2

    def test_a_spot_that_stands_gives_the_music_back(self, guardian: Guardian) -> None:
        """After a few seconds."""
        with self.box_with_a_call(guardian, length_s=60.0) as box:
            box.run_until(lambda: box.heard == [CALL], within_s=40)
            box.run_for(3)
            box.decks.newest("S").standing = True
            box.run_for(5)
            assert box.heard == ["a"]

    @staticmethod
    def box_with_a_call(guardian: Guardian, length_s: float) -> FakeBox:
        """Make a box with a spot that pauses the music at half a minute past noon."""
        spot = Spot(id="noon", items=(CALL,), when=Sharp(at=(time(12, 0, 30),), over=Over.PAUSE))
        box = guarded(guardian, bar(still("menu", 50), spots=(spot,)))
        box.decks.media[location_of(CALL)] = Medium(length_s=length_s)
        box.facts.to_find[Path(location_of(CALL))] = facts(length_s)
        return box


class TestEnd:
    """The music comes back when the clip is over, whatever is seen then."""

    def test_a_stream_that_is_slow_to_come_keeps_nobody_waiting(self) -> None:
        """The clip's last picture stays, and the music plays."""
        film, door = clip("film", 10, ClipSound.REPLACE), camera("door")
        with box_with(bar(film, door)) as box:
            box.screens.footage[door.location] = Footage(length_s=None, changing_s=9.0)
            box.run_until(lambda: seen(box) == {"film"})
            box.run_for(10 + BACK_WITHIN_S)
            assert box.heard == ["a"]
            assert seen(box) == {"film"}
            box.run_until(lambda: seen(box) == {"door"})
            assert box.music_db == 0.0

    def test_pictures_that_cannot_be_had_keep_nobody_waiting(self) -> None:
        """However many there are, and however long that takes."""
        film = clip("film", 10, ClipSound.REPLACE)
        dead = [still(f"dead {number}", 5) for number in range(4)]
        with box_with(bar(film, *dead)) as box:
            for one in dead:
                slow = Footage(opening_s=10.0, unreadable="it could not be read within 10 s")
                box.screens.footage[one.location] = slow
            box.run_until(lambda: seen(box) == {"film"})
            box.run_for(10 + BACK_WITHIN_S)
            for _ in range(30):
                assert len(box.heard) == 1
                box.run_for(1)

    def test_a_second_such_clip_that_is_late_takes_the_floor_anew(self) -> None:
        """The music comes up between the two, and goes again."""
        film, late = clip("film", 10, ClipSound.REPLACE), clip("late", 20, ClipSound.REPLACE)
        with box_with(bar(film, late)) as box:
            box.screens.footage[late.location] = Footage(length_s=20, changing_s=9.0)
            box.run_until(lambda: seen(box) == {"film"})
            box.run_for(13)
            assert len(box.heard) == 1
            box.run_until(lambda: seen(box) == {"late"})
            box.run_for(1.5)
            assert box.heard == []
            assert len(box.told("take_floor")) == 2


class TestSilentClip:
    """A clip in which nothing is to be heard sounds in nobody's place."""

    def test_the_music_plays_on(self) -> None:
        """Whatever the program wants."""
        box = box_with(bar(FILM))
        box.facts.to_find[Path(FILM.location)] = facts(90.0, loudness_lufs=None)
        with box:
            box.run_until(lambda: seen(box) == {"film"})
            box.run_for(5)
            assert box.heard == ["a"]
            assert box.told("take_floor") == []

    def test_one_that_is_measured_late_gives_the_music_back(self) -> None:
        """Within moments."""
        with box_with(bar(FILM)) as box:
            in_the_film(box)
            box.fire(clip_measured(FILM.id, Heard(Decibels(0.0), silent=True)))
            box.run_for(KEPT_AND_BACK_S)
            assert box.heard == ["a"]


class TestOtherThings:
    """What else may happen meanwhile."""

    def test_an_emergency_is_heard_at_once(self) -> None:
        """The clip goes; after it the music comes."""
        with box_with(bar(FILM, still("menu"))) as box:
            in_the_film(box)
            box.fire(play_emergency(item_of("f")))
            box.run_for(1.5)
            assert box.heard == ["f"]
            assert aloud(box) == []
            box.fire(end_emergency())
            box.run_for(4)
            assert len(box.heard) + len(aloud(box)) == 1

    def test_a_program_that_comes_at_once_is_heard_at_once(self) -> None:
        """It does not have the clip."""
        with box_with(bar(FILM)) as box:
            in_the_film(box)
            new = bar(still("new", 500), name="new")
            new = structs.replace(new, playlists=(listed("songs", item_of("e")), new.playlists[1]))
            box.screens.footage.update(films_of(item for item in new.items if item.showing))
            box.fire(take_program(new, at_once=True))
            box.run_for(3)
            assert box.heard == ["e"]
            assert seen(box) == {"new"}

    def test_a_program_without_pictures_gives_the_music_back(self) -> None:
        """Nothing is shown any more."""
        with box_with(bar(FILM)) as box:
            in_the_film(box)
            box.fire(take_program(bar(name="new", screen=Pictures()), at_once=True))
            box.run_for(3)
            assert len(box.heard) == 1

    @pytest.mark.parametrize("taken_back", [False, True])
    def test_a_venue_that_closes_is_silent_and_comes_back(self, taken_back: bool) -> None:
        """Also where that is taken back in the middle of the fade."""
        with box_with(bar(FILM, still("menu"))) as box:
            in_the_film(box)
            box.fire(fade_out(Seconds(2.0), "closed"))
            box.run_for(1 if taken_back else 4)
            assert box.heard == []
            box.fire(start_playing())
            box.run_for(5)
            assert len(box.heard) + len(aloud(box)) == 1

    def test_a_song_that_is_skipped_is_followed_by_another_after_the_clip(self) -> None:
        """The clip is heard to its end."""
        film = clip("film", 10, ClipSound.REPLACE)
        with box_with(bar(film, still("menu", 50))) as box:
            in_the_film(box)
            box.fire(skip_item())
            box.run_for(5)
            assert box.heard == []
            box.run_until_heard("b", within_s=5)

    def test_music_comes_to_a_silent_box_after_the_clip(self) -> None:
        """Where a program brings some in the middle of it."""
        film = clip("film", 10, ClipSound.REPLACE)
        with box_with(silent(film, still("menu", 50))) as box:
            in_the_film(box)
            assert box.state is PlayerState.STOPPED
            box.fire(take_program(bar(film, still("menu", 50)), at_once=False))
            box.run_for(3)
            assert box.heard == []
            box.run_until(lambda: len(box.heard) == 1, within_s=6)
            assert aloud(box) == []


def silent(*pictures: Item) -> Program:
    """Make a program that is only to be seen."""
    return Program(
        name="wall",
        zone="UTC",
        items=pictures,
        playlists=(listed("views", *pictures),),
        screen=Pictures(fallback="views"),
    )
