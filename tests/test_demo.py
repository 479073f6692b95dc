"""The demo pieces are pleasant by measure."""

import math
import re
import subprocess
import wave
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from easyplayer.demo import DEMO_TRACKS, VARIATIONS, Track
from easyplayer.fallback import render
from easyplayer.synth import LEVEL, PEAK, frequency

FILE_RATE = 44_100

Signal = NDArray[np.float64]

TRACKS = DEMO_TRACKS + VARIATIONS


def excerpt(track: Track, bars: int) -> Track:
    """Cut a piece down to its first bars; it is played and mastered as the whole is."""
    return replace(track, bars=track.bars[:bars])


def by_name(track: Track) -> str:
    return track.name


def hear(path: Path) -> Signal:
    """Read a file as a table of two channels between -1 and 1."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (FILE_RATE, 2, 2)
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames, "<i2").reshape(-1, 2) / 32768


def decibels(level: float) -> float:
    return 20 * float(np.log10(level + 1e-9))


def semitones(note: str) -> int:
    return round(12 * math.log2(frequency(note) / 440))


def power_in(heard: Signal, low_hz: float, high_hz: float) -> float:
    """Give the level between two frequencies in dB relative to all."""
    power = np.abs(np.fft.rfft(heard.mean(axis=1))) ** 2
    frequencies = np.fft.rfftfreq(len(heard), 1 / FILE_RATE)
    return 10 * float(
        np.log10(power[(frequencies >= low_hz) & (frequencies < high_hz)].sum() / power.sum() + 1e-12)
    )


@pytest.fixture(scope="module", params=TRACKS, ids=by_name)
def heard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Signal:
    """Give the first two bars of a piece, as they come out of the file."""
    return hear(render(excerpt(request.param, 2), tmp_path_factory.mktemp("demo")))


@pytest.mark.parametrize("track", TRACKS, ids=by_name)
class TestScores:
    """The pieces as they are written."""

    def test_a_piece_is_half_a_minute_long(self, track: Track) -> None:
        """It is long enough to listen to, and short enough to be made at once."""
        assert 30 <= len(track.bars) * track.beats * 60 / track.tempo + 1.5 <= 45

    def test_chords_are_consonant(self, track: Track) -> None:
        """No two notes of a chord lie a semitone or a minor ninth apart."""
        for bar in track.bars:
            chord = [semitones(note) for note in bar.split("|")[1].split()]
            assert len(chord) == 4
            assert chord == sorted(chord)
            assert all(high - low not in {1, 13} for low, high in combinations(chord, 2)), bar

    def test_the_bass_carries_its_chord(self, track: Track) -> None:
        """The bass lies below the chord, and none of its notes a semitone over it in any octave."""
        for bar in track.bars:
            bass, chord, _ = (part.split() for part in bar.split("|"))
            above = [semitones(note) - semitones(bass[0]) for note in chord]
            assert min(above) > 0, bar
            assert all(distance % 12 != 1 for distance in above), bar

    def test_the_melody_avoids_harsh_notes(self, track: Track) -> None:
        """No note of the melody lies a semitone over a note of the harmony in any octave."""
        for bar in track.bars:
            bass, chord, melody = (part.split() for part in bar.split("|"))
            for note in (name for name, _, _ in (one.partition(":") for one in melody) if name != "-"):
                assert all((semitones(note) - semitones(tone)) % 12 != 1 for tone in bass + chord), bar

    def test_each_melody_fills_its_bar(self, track: Track) -> None:
        """The beats of a melody add up."""
        for bar in track.bars:
            beats = [float(note.partition(":")[2]) for note in bar.split("|")[2].split()]
            assert sum(beats) == track.beats, bar

    def test_the_arpeggio_has_only_steps_and_rests(self, track: Track) -> None:
        """A slip in it would be found here and not in a venue."""
        assert re.fullmatch(r"[0-7.]+", track.arpeggio)


class TestTogether:
    """The pieces beside each other."""

    def test_the_pieces_differ(self) -> None:
        """Names, titles, tempi together with bars, and keys are not the same twice."""
        assert len({track.name for track in TRACKS}) == len(TRACKS)
        assert len({track.title for track in TRACKS}) == len(TRACKS)
        assert len({(track.tempo, track.beats) for track in DEMO_TRACKS}) == len(DEMO_TRACKS)
        assert len({track.bars[-1].split()[0] for track in DEMO_TRACKS}) == len(DEMO_TRACKS)

    def test_a_variation_is_another_colour_of_its_piece(self) -> None:
        """Each piece has one, and tempo, key, figure and an instrument are others in it."""
        originals = {track.bars: track for track in DEMO_TRACKS}
        assert {track.bars for track in VARIATIONS} == set(originals)
        for track in VARIATIONS:
            original = originals[track.bars]
            assert abs(track.tempo / original.tempo - 1) > 0.1
            assert track.raised % 12
            assert track.arpeggio != original.arpeggio
            assert (track.plucked, track.lead) != (original.plucked, original.lead)


@pytest.mark.slow
class TestSound:
    """What is heard."""

    def test_nothing_clips(self, heard: Signal) -> None:
        """The peak stays 3 dB below full scale, but for what interpolation adds."""
        assert 0.35 < np.abs(heard).max() < 1.02 * PEAK

    def test_the_level_is_even(self, heard: Signal) -> None:
        """No piece is much louder than another, even where it begins."""
        level = float(np.sqrt((heard**2).mean()))
        assert decibels(level) == pytest.approx(decibels(LEVEL), abs=2.5)

    def test_nothing_clicks(self, heard: Signal) -> None:
        """No sample jumps, and no moment has a burst above 6 kHz, where a click would show."""
        assert np.abs(np.diff(heard, axis=0)).max() < 0.12
        lines = np.fft.rfft(heard, axis=0)
        lines[np.fft.rfftfreq(len(heard), 1 / FILE_RATE) < 6000] = 0
        high = np.fft.irfft(lines, len(heard), axis=0)
        moments = np.array_split(high, len(high) // 132)
        assert decibels(max(float(np.sqrt((moment**2).mean())) for moment in moments)) < -50

    def test_it_comes_and_goes_gently(self, heard: Signal) -> None:
        """It begins and ends with nothing, and takes a second to come and two to go."""
        assert not heard[0].any()
        assert not heard[-1].any()
        starting, ending = np.abs(heard[: FILE_RATE // 10]), np.abs(heard[-FILE_RATE // 5 :])
        assert max(starting.max(), ending.max()) < 0.03

    def test_it_is_never_silent_in_between(self, heard: Signal) -> None:
        """No half second without music, so that a silence in the venue is always a fault."""
        inside = heard[FILE_RATE // 2 : -FILE_RATE]
        halves = np.array_split(inside, 2 * len(inside) // FILE_RATE)
        assert min(decibels(float(np.sqrt((half**2).mean()))) for half in halves) > -40

    def test_it_is_warm(self, heard: Signal) -> None:
        """No DC, no rumble, most below 1 kHz, little above 2 kHz and next to nothing above 4 kHz."""
        assert np.abs(heard.mean(axis=0)).max() < 1e-3
        assert power_in(heard, 0, 40) < -30
        assert power_in(heard, 60, 1000) > -1
        assert -45 < power_in(heard, 2000, 4000) < -18
        assert power_in(heard, 4100, 22050) < -40

    def test_it_is_stereo_and_survives_mono(self, heard: Signal) -> None:
        """Left and right differ, and a venue with one loudspeaker loses no more than 1 dB."""
        left, right = heard.T
        assert 0.6 < np.corrcoef(left, right)[0, 1] < 0.98
        mono = float((((left + right) / 2) ** 2).mean())
        assert 10 * np.log10(mono / float((heard**2).mean())) > -1

    @pytest.mark.parametrize("track", TRACKS, ids=by_name)
    def test_the_notes_are_those_of_the_score(self, track: Track, tmp_path: Path) -> None:
        """The strongest low tone is the bass, and nearly all of the sound lies on notes of the score."""
        (bar,) = excerpt(track, 1).bars
        sound = hear(render(excerpt(track, 1), tmp_path))
        bass, chord, melody = (part.split() for part in bar.split("|"))
        power = np.abs(np.fft.rfft(sound.mean(axis=1), 2**19)) ** 2
        frequencies = np.fft.rfftfreq(2**19, 1 / FILE_RATE)
        higher = 2 ** (track.raised / 12)
        low = (frequencies > 40) & (frequencies < higher * frequency(chord[0]) * 0.95)
        assert frequencies[low][power[low].argmax()] == pytest.approx(higher * frequency(bass[0]), rel=0.01)
        names = {name for name in bass + chord + [one.partition(":")[0] for one in melody] if name != "-"}
        on_notes = np.zeros_like(power, dtype=bool)
        for hz in (higher * frequency(name) * ratio for name in names for ratio in (1, 2, 3, 4)):
            on_notes |= np.abs(frequencies - hz) < 0.015 * hz
        assert power[on_notes].sum() > 0.9 * power.sum()


@pytest.mark.slow
@pytest.mark.parametrize("track", TRACKS, ids=by_name)
def test_a_whole_piece_has_the_loudness_of_background_music(track: Track, tmp_path: Path) -> None:
    """Measured after EBU R 128, each piece is at -17 LUFS within 1 LU, calm, and half a minute long."""
    path = render(track, tmp_path)
    meter = ["-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    told = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), *meter],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    loudness, loudness_range, peak = (
        float(re.findall(rf"{name}:\s+(-?[\d.]+) [LUd]", told)[-1]) for name in ("I", "LRA", "Peak")
    )
    assert -18 < loudness < -16
    assert loudness_range < 6
    assert -6 < peak <= -3
    assert 30 < len(hear(path)) / FILE_RATE < 45
