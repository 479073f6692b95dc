"""The calls are short, begin at once, ring out, and are as loud as the music they go over."""

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from easyplayer.fallback import render
from easyplayer.jingles import JINGLES, Jingle, Line
from easyplayer.synth import LEVEL, PEAK, frequency
from tests.test_demo import FILE_RATE, Signal, decibels, hear

CHIME, HAPPY_HOUR, LAST_ORDERS, BELLS = JINGLES


def beats_of(line: Line) -> float:
    return sum(float(note.partition(":")[2]) for note in line.notes.split())


def names_in(line: Line) -> list[str]:
    """Give the notes of a line one after the other, without rests."""
    written = (note.partition(":")[0] for note in line.notes.split())
    return [name for notes in written if notes != "-" for name in notes.split("+")]


def by_title(jingle: Jingle) -> str:
    return jingle.name


@pytest.fixture(scope="module", params=JINGLES, ids=by_title)
def heard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Signal:
    return hear(render(request.param, tmp_path_factory.mktemp("jingles")))


class TestScores:
    """The calls as they are written."""

    @pytest.mark.parametrize("jingle", [CHIME, HAPPY_HOUR, LAST_ORDERS], ids=by_title)
    def test_a_call_takes_a_few_seconds(self, jingle: Jingle) -> None:
        """Long enough to be noticed, and short enough to be liked the tenth time."""
        assert 3 <= jingle.length_s <= 8

    def test_the_bells_may_take_longer(self) -> None:
        """They ring once a year."""
        assert 10 <= BELLS.length_s <= 13

    @pytest.mark.parametrize("jingle", JINGLES, ids=by_title)
    def test_all_lines_end_together(self, jingle: Jingle) -> None:
        """A slip in the beats would be found here, and not in a venue."""
        assert {beats_of(line) for line in jingle.lines} == {beats_of(jingle.lines[0])}

    def test_noon_has_four_strokes(self) -> None:
        """Four notes evenly spread, and the last one is left to ring."""
        strokes = CHIME.lines[0].notes.split()
        assert [stroke.partition(":")[2] for stroke in strokes[:3]] == ["1", "1", "1"]
        assert len(strokes) == 4

    def test_happy_hour_rises_and_last_orders_falls(self) -> None:
        """Nobody has to know the tune to know what it means."""
        rising, falling = (names_in(jingle.lines[0]) for jingle in (HAPPY_HOUR, LAST_ORDERS))
        assert frequency(rising[-1]) == max(map(frequency, rising))
        assert frequency(rising[0]) == min(map(frequency, rising))
        assert frequency(falling[0]) == max(map(frequency, falling))
        assert frequency(falling[-1]) < frequency(falling[0]) * 0.51

    def test_every_round_of_the_peal_rings_every_bell_once(self) -> None:
        """Eight bells, and in each row another order, as ringers do it, until they are back in rounds."""
        rung = names_in(BELLS.lines[0])
        rows = [tuple(rung[start : start + 8]) for start in range(0, 32, 8)]
        assert {frozenset(row) for row in rows} == {frozenset(rows[0])}
        assert rows[0] == rows[3]
        assert len(set(rows)) == 3


@pytest.mark.slow
class TestSound:
    """What is heard."""

    def test_it_begins_at_once(self, heard: Signal) -> None:
        """What is played at twelve is heard at twelve: it is there within 20 ms, and from nothing."""
        assert np.abs(heard[0]).max() < 0.001
        assert np.abs(heard[: FILE_RATE // 50]).max() > 0.1

    def test_it_rings_out(self, heard: Signal) -> None:
        """Its end is silence, reached gently, so that nothing has to fade it."""
        assert not heard[-1].any()
        assert np.abs(heard[-FILE_RATE // 10 :]).max() < 0.01

    def test_it_is_as_loud_as_the_music(self, heard: Signal) -> None:
        """It has the level of the pieces, and its peaks stay 3 dB below full scale."""
        level = float(np.sqrt((heard**2).mean()))
        assert decibels(level) == pytest.approx(decibels(LEVEL), abs=1.5)
        assert np.abs(heard).max() < 1.02 * PEAK

    def test_nothing_clicks(self, heard: Signal) -> None:
        """Strokes are sudden, but no moment has a burst above 6 kHz, where a click would show."""
        lines = np.fft.rfft(heard, axis=0)
        lines[np.fft.rfftfreq(len(heard), 1 / FILE_RATE) < 6000] = 0
        high = np.fft.irfft(lines, len(heard), axis=0)
        moments = np.array_split(high, len(high) // 132)
        assert decibels(max(float(np.sqrt((moment**2).mean())) for moment in moments)) < -50

    def test_it_survives_mono(self, heard: Signal) -> None:
        """A venue with one loudspeaker loses no more than 1 dB."""
        mono = float((heard.mean(axis=1) ** 2).mean())
        assert 10 * np.log10(mono / float((heard**2).mean())) > -1

    def test_each_stroke_of_noon_is_its_note(self, tmp_path: Path) -> None:
        """Just after each stroke, nothing near its pitch is stronger than it."""
        sound = hear(render(CHIME, tmp_path)).mean(axis=1)
        for number, name in enumerate(names_in(CHIME.lines[0])):
            start = round((number * 60 / CHIME.tempo + 0.02) * FILE_RATE)
            after = sound[start : start + FILE_RATE // 4]
            power = np.abs(np.fft.rfft(after * np.hanning(len(after)), 2**17)) ** 2
            frequencies = np.fft.rfftfreq(2**17, 1 / FILE_RATE)
            octave = (frequencies > 0.75 * frequency(name)) & (frequencies < 1.4 * frequency(name))
            assert frequencies[octave][power[octave].argmax()] == pytest.approx(frequency(name), rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("jingle", JINGLES, ids=by_title)
def test_a_call_has_the_loudness_of_the_music(jingle: Jingle, tmp_path: Path) -> None:
    """Measured after EBU R 128, each is within 1 LU of the pieces' -16.5 LUFS."""
    meter = ["-af", "ebur128=framelog=verbose", "-f", "null", "-"]
    told = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-i", str(render(jingle, tmp_path)), *meter],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1]) == pytest.approx(-16.5, abs=1)
