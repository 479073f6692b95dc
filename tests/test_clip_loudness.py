"""How loud clips are: measured aside, and what has no sound in it is found out there, too."""

from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.clip_loudness import ClipLoudness, Heard
from easyplayer.errors import AnalysisError
from easyplayer.playout.items import ClipSound, Item
from easyplayer.playout.transition import Rules, loudness_gain
from easyplayer.units import Seconds
from tests.cinema import clip
from tests.fakes.work import FakeFacts, HeldWorker, facts
from tests.house import Stage

LOUD = clip("loud", 5, ClipSound.REPLACE)
UNMEASURED_DB = loudness_gain(None, None, Rules())


class Bench(Stage):
    """The measuring of clips, and what it tells."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = FakeFacts()
        worker = HeldWorker(self.root.fire, "clips")
        self.surround(worker.pump)
        self.loudness = ClipLoudness(self.facts, Rules(), worker)

    def measure(self, item: Item) -> list[Heard]:
        """Have a clip measured; give what is told of it."""
        before = len(self.told("clip_measured"))
        self.loudness.measure([item])
        self.settle()
        told = self.told("clip_measured")[before:]
        for name, heard in told:
            self.loudness.learn(name, heard)
        return [heard for _, heard in told]


def test_a_clip_is_made_as_loud_as_the_music() -> None:
    """And its length is known then."""
    bench = Bench()
    bench.facts.to_find[Path(LOUD.location)] = facts(5.0, loudness_lufs=-9.0)
    assert bench.measure(LOUD) == [Heard(loudness_gain(-9.0, -3.0, Rules()), Seconds(5.0))]
    assert bench.measure(LOUD) == []  # once is enough


def test_a_clip_that_lies_elsewhere_by_now_is_another_one() -> None:
    """What was known of it under that name is forgotten, and it is measured."""
    bench = Bench()
    other = structs.replace(LOUD, location="/pictures/other.mp4")
    bench.facts.to_find[Path(LOUD.location)] = facts(5.0)
    bench.facts.to_find[Path(other.location)] = facts(60.0)
    bench.measure(LOUD)
    assert [one.length_s for one in bench.measure(other)] == [60.0]
    assert bench.loudness.of(other).length_s == 60.0


def test_what_was_measured_too_late_is_not_told() -> None:
    """Another clip has the name by then."""
    bench = Bench()
    bench.facts.to_find[Path(LOUD.location)] = facts(5.0)
    bench.loudness.measure([LOUD])
    assert bench.measure(structs.replace(LOUD, location="/pictures/gone.mp4")) == []


def test_a_sound_track_on_which_nothing_is_heard_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    """It is told to who reads the log, for it was meant to be heard."""
    bench = Bench()
    bench.facts.to_find[Path(LOUD.location)] = facts(5.0, loudness_lufs=None)
    assert [one.silent for one in bench.measure(LOUD)] == [True]
    assert "loud.mp4 is to sound in place of the music" in caplog.text


@pytest.mark.parametrize("there", [True, False])
def test_a_clip_without_a_sound_track_is_silent(there: bool, tmp_path: Path) -> None:
    """Where there is a file at all; of one that is not there nothing is known."""
    path = tmp_path / "film.mp4"
    if there:
        path.write_bytes(b"pictures only")
    film = structs.replace(LOUD, location=str(path))
    assert Bench().measure(film) == [Heard(UNMEASURED_DB, silent=True)] * there


def test_an_analyser_that_cannot_run_says_nothing_of_the_clip(tmp_path: Path) -> None:
    """It is heard at the gain of a song that nobody has measured."""
    path = tmp_path / "film.mp4"
    path.write_bytes(b"with sound")
    film = structs.replace(LOUD, location=str(path))
    bench = Bench()
    bench.facts.to_find[path] = facts(5.0)
    bench.facts.error = AnalysisError("ffmpeg is missing")
    assert bench.measure(film) == []
    assert bench.loudness.of(film) == Heard(UNMEASURED_DB)


def test_a_silent_clip_is_looked_at_again_with_the_next_program() -> None:
    """It may be another file by then."""
    bench = Bench()
    bench.facts.to_find[Path(LOUD.location)] = facts(5.0, loudness_lufs=None)
    bench.measure(LOUD)
    bench.facts.known.clear()
    bench.facts.to_find[Path(LOUD.location)] = facts(5.0)
    assert [one.silent for one in bench.measure(LOUD)] == [False]
