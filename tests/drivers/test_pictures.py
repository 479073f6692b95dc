"""The small judgements about pictures: how early to ask, what is there, whether it moves, what lies above."""

import os
from pathlib import Path

import pytest

from easyplayer.drivers.mpv_layers import MpvLayers
from easyplayer.drivers.mpv_showing import NEVER, Showing, options_of
from easyplayer.drivers.picture_lead import FIRST_GUESS_S, LONGEST_S, PictureLead
from easyplayer.drivers.picture_preload import EMPTY, NO_FILE, TEXT, preload
from easyplayer.drivers.picture_watch import STUCK_AFTER_S, PictureWatch
from easyplayer.drivers.screen import Picture
from easyplayer.units import Decibels, Monotonic, Seconds

CLIP = Picture(ticket=1, location="/a.mp4")
STILL = Picture(ticket=2, location="/a.png", still=True, length_s=Seconds(5.0))
STREAM = Picture(ticket=3, location="http://a", endless=True, length_s=Seconds(9.0))


class TestLead:
    """How early a change is asked for."""

    def test_it_is_guessed_at_first(self) -> None:
        """Before anything is known of the machine."""
        assert PictureLead().of(CLIP) == FIRST_GUESS_S

    def test_it_is_learned_for_stills_and_clips_apart(self) -> None:
        """A large still may take longer than a clip; one slow change counts for little."""
        lead = PictureLead()
        for took_s in (5.0, 0.02, 0.03, 0.02, 0.03):
            lead.learn(CLIP, Seconds(took_s))
        for _ in range(3):
            lead.learn(STILL, Seconds(0.2))
            lead.learn(STREAM, Seconds(4.0))

        assert lead.of(CLIP) == 0.03
        assert lead.of(STILL) == 0.2

    def test_first_change_alone_teaches_little(self) -> None:
        """It is the slowest of all."""
        lead = PictureLead()
        lead.learn(CLIP, Seconds(0.3))
        assert lead.of(CLIP) == FIRST_GUESS_S

    def test_it_is_never_long(self) -> None:
        """However long changes took."""
        lead = PictureLead()
        for _ in range(3):
            lead.learn(CLIP, Seconds(30.0))
        assert lead.of(CLIP) == LONGEST_S


class TestPreload:
    """A look at a file before it is its turn."""

    def test_what_is_there_is_no_trouble(self, tmp_path: Path) -> None:
        """However short it is; of a stream nothing is known."""
        (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\r")
        assert preload(str(tmp_path / "a.png")) == ""
        assert preload("http://nowhere/at/all") == ""

    @pytest.mark.parametrize("location", ["/nowhere/at/all.mp4", "/", "/a\0b"])
    def test_what_cannot_be_read_is_told(self, location: str) -> None:
        """In words."""
        assert preload(location).startswith("the file cannot be read (")

    def test_pipe_that_nobody_writes_to_is_no_file(self, tmp_path: Path) -> None:
        """Nobody waits for what will never come."""
        os.mkfifo(tmp_path / "a.mp4")
        assert preload(str(tmp_path / "a.mp4")) == NO_FILE

    def test_device_is_no_file(self) -> None:
        """It has no end."""
        assert preload("/dev/zero") == NO_FILE

    def test_empty_file_is_told(self, tmp_path: Path) -> None:
        """It would only fail later."""
        (tmp_path / "a.png").touch()
        assert preload(str(tmp_path / "a.png")) == EMPTY

    def test_text_is_told(self, tmp_path: Path) -> None:
        """A login page that was saved as a clip would show black before it fails."""
        (tmp_path / "a.mp4").write_text("<html>\n\tPlease log in — s'il vous plaît.</html>\r\n")
        assert preload(str(tmp_path / "a.mp4")) == TEXT


class TestWatch:
    """Whether a picture moves."""

    def test_picture_that_moves_stands_for_no_time(self) -> None:
        """Each new position is a sign of life."""
        watch = PictureWatch(Monotonic(10.0))
        assert watch.look(Seconds(0.5), Monotonic(10.5)) == 0.0
        assert watch.look(Seconds(1.0), Monotonic(11.0)) == 0.0

    def test_picture_that_stands_is_timed(self) -> None:
        """From its last new position; no position is none; what was held is excused."""
        watch = PictureWatch(Monotonic(10.0))
        watch.look(Seconds(0.5), Monotonic(10.5))
        assert watch.look(Seconds(0.5), Monotonic(12.0)) == 1.5
        assert watch.look(None, Monotonic(12.5)) == 2.0
        watch.excuse(Monotonic(13.0))
        assert watch.look(Seconds(0.5), Monotonic(13.5)) == 0.5

    @pytest.mark.parametrize(
        ("frames_per_s", "patience_s"), [(25.0, 4.12), (0.2, 19.0), (0.001, 184.0), (0.0, STUCK_AFTER_S)]
    )
    def test_slide_show_may_stand_for_as_long_as_its_frames(
        self, frames_per_s: float, patience_s: float
    ) -> None:
        """Three of them beside what all may; never for ever, and no less where nobody knows."""
        watch = PictureWatch(Monotonic(0.0))
        watch.pace(frames_per_s)
        assert watch.patience_s == pytest.approx(patience_s)


class TestShowing:
    """How long a picture is shown."""

    def test_only_what_has_no_end_of_its_own_is_over_by_the_clock(self) -> None:
        """A still and a cut stream; not a clip, which tells its end itself; and not while it is held."""
        at = Monotonic(100.0)
        for picture, over_at in ((STILL, 105.0), (STREAM, 109.0), (CLIP, NEVER)):
            showing = Showing(picture=picture, asked_at=at, until=at, since=at)
            assert showing.over_at(held=False) == over_at
            assert showing.over_at(held=True) == NEVER

    def test_time_that_it_was_held_does_not_count(self) -> None:
        """It was shown for two seconds, held, and goes on since 110."""
        at = Monotonic(110.0)
        showing = Showing(picture=STILL, asked_at=at, until=at, shown_s=2.0, since=at)
        assert showing.over_at(held=False) == 113.0
        assert showing.time_shown(Monotonic(111.0), held=False) == 3.0
        assert showing.time_shown(Monotonic(111.0), held=True) == 2.0

    def test_options_say_what_part_of_it_is_played_and_heard(self) -> None:
        """A muted one is not even decoded; one that is heard has its gain and its place."""
        cut = Picture(ticket=1, location="/a", start_s=Seconds(2.0), length_s=Seconds(3.0))
        loud = Picture(ticket=1, location="/a", mute=False, gain_db=Decibels(-3.0), sink="venue")
        assert options_of(cut) == {"start": "2.000", "end": "5.000", "aid": "no"}
        assert options_of(STILL) == {"start": "0.000", "aid": "no"}
        assert options_of(loud) == {
            "start": "0.000",
            "aid": "auto",
            "af": "lavfi=[volume=-3.00dB]",
            "audio-device": "pulse/venue",
        }


class TestLayers:
    """What lies above what."""

    def test_later_names_lie_above(self) -> None:
        """A layer that comes between two others moves them."""
        layers = MpvLayers()
        first = layers.put("b", "B")
        both = layers.put("a", "A")
        again = layers.put("b", "C")

        assert [(one["data"], one["z"]) for one in first] == [("B", 0)]
        assert [(one["data"], one["z"]) for one in both] == [("A", 0), ("B", 1)]
        assert [(one["data"], one["z"], one["id"]) for one in again] == [("C", 1, first[0]["id"])]

    def test_layer_is_taken_off_once(self) -> None:
        """And is not drawn again for the next player."""
        layers = MpvLayers()
        layers.put("a", "A")

        off = layers.put("a", "")

        assert [(one["format"], one["data"]) for one in off] == [("none", "")]
        assert layers.put("a", "") == []
        assert layers.all == []
