"""The synthesiser is in tune, never clicks, and writes files that every player reads."""

import io
import math
import wave
from array import array
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from easyplayer.synth import (
    LEVEL,
    PEAK,
    RATE,
    Instrument,
    Partial,
    Samples,
    Stereo,
    fade,
    frequency,
    master,
    pad,
    room,
    strike,
    tone,
    wav,
)
from easyplayer.units import Seconds

Signal = NDArray[np.float64]

BELL = Instrument(
    (Partial(1.0, 1.0, Seconds(0.5)), Partial(4.0, 0.3, Seconds(0.1))), Seconds(0.005), Seconds(1.5)
)


def signal(sound: Samples) -> Signal:
    return np.array(sound)


def sine(hz: float, seconds: float, level: float = 0.5) -> Samples:
    return array("d", [level * math.sin(math.tau * hz * n / RATE) for n in range(round(seconds * RATE))])


def spectrum(heard: Signal, rate: int = RATE) -> tuple[Signal, Signal]:
    """Give frequencies in Hz, and levels in dB below the strongest."""
    power = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 8 * len(heard))) ** 2
    levels: Signal = 10 * np.log10(power / power.max() + 1e-20)
    frequencies = np.fft.rfftfreq(8 * len(heard), 1 / rate).astype(np.float64)
    return frequencies, levels


def strongest(heard: Signal, rate: int = RATE) -> float:
    frequencies, levels = spectrum(heard, rate)
    return float(frequencies[levels.argmax()])


def cents(heard: float, wanted: float) -> float:
    return 1200 * math.log2(heard / wanted)


def rms(heard: Signal) -> float:
    return float(np.sqrt((heard**2).mean()))


def samples_of(content: bytes) -> Signal:
    """Read a WAV file as a table of two channels between -1 and 1."""
    with wave.open(io.BytesIO(content)) as file:
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames, "<i2").reshape(-1, 2) / 32768


class TestPitch:
    """Notes, and steady tones."""

    @pytest.mark.parametrize(
        ("note", "hz"),
        [("A4", 440.0), ("A3", 220.0), ("C4", 261.626), ("F#3", 184.997), ("Bb2", 116.541), ("B2", 123.471)],
    )
    def test_notes_are_equally_tempered(self, note: str, hz: float) -> None:
        """Notes have the frequencies that tuners have."""
        assert frequency(note) == pytest.approx(hz, abs=0.001)

    @pytest.mark.parametrize("note", ["", "H2", "a4", "C#", "C9", "Cb#3", "C4 "])
    def test_a_misspelt_note_is_told(self, note: str) -> None:
        """A slip in a score does not end as a wrong note."""
        with pytest.raises(ValueError, match="is not a note; write it like"):
            frequency(note)

    @pytest.mark.parametrize("note", ["D2", "Bb2", "C#4", "G4", "A5"])
    def test_a_tone_is_in_tune(self, note: str) -> None:
        """No ear hears the difference of a tenth of a cent."""
        hz = frequency(note)
        heard = signal(tone(hz, (1.0,), 10 * RATE))
        ticks = np.arange(len(heard)) * math.tau * hz / RATE
        phases = np.unwrap(np.angle((heard * np.exp(-1j * ticks)).reshape(10, RATE).sum(axis=1)))
        assert abs(cents(hz + (phases[-1] - phases[0]) / (math.tau * 9), hz)) < 0.1

    def test_harmonics_have_their_levels(self) -> None:
        """The levels given are those heard."""
        heard = signal(tone(200.0, (1.0, 0.5, 0.1), 2 * RATE))
        lines = np.abs(np.fft.rfft(heard))[[400, 800, 1200]] / RATE
        assert lines == pytest.approx([1.0, 0.5, 0.1], abs=0.001)

    def test_nothing_sounds_above_4_khz(self) -> None:
        """High harmonics are left out before they could sound harsh, or fold back."""
        frequencies, levels = spectrum(signal(tone(900.0, (1.0,) * 8, RATE)))
        assert levels[frequencies > 4100].max() < -60

    def test_a_tone_above_4_khz_keeps_its_fundamental(self) -> None:
        """The lowest harmonic is never left out."""
        assert strongest(signal(tone(4500.0, (1.0, 1.0), RATE))) == pytest.approx(4500, abs=1)

    def test_a_steady_tone_has_no_seam(self) -> None:
        """The stretch that is repeated joins up: no step is larger than a sine makes."""
        heard = signal(tone(330.0, (1.0,), RATE))
        assert np.abs(np.diff(heard)).max() < 1.01 * math.tau * 330 / RATE


class TestNotes:
    """Struck notes and pads."""

    def test_a_struck_note_begins_and_ends_in_silence(self) -> None:
        """Neither end of a note clicks."""
        heard = signal(strike(BELL, 440.0))
        assert len(heard) == round(1.5 * RATE)
        assert heard[0] == 0.0
        assert abs(heard[-1]) < 1e-6
        assert np.abs(heard[:10]).max() < 0.1

    def test_a_struck_note_fades_by_its_decay(self) -> None:
        """After the time given it has fallen to 1/e."""
        heard = signal(strike(BELL, 440.0))
        early, late = (rms(heard[round(at * RATE) :][:500]) for at in (0.3, 0.8))
        assert late / early == pytest.approx(math.exp(-1), rel=0.05)

    def test_high_partials_die_first(self) -> None:
        """A note grows softer as it rings, like a string's."""
        heard = signal(strike(BELL, 440.0))

        def brightness(at: float) -> float:
            lines = np.abs(np.fft.rfft(heard[round(at * RATE) :][: RATE // 4]))
            return float(lines[440] / lines[110])

        assert brightness(0.01) > 5 * brightness(0.4)

    def test_partials_out_of_range_are_left_out(self) -> None:
        """A bell's overtone above 4 kHz is not played at all."""
        frequencies, levels = spectrum(signal(strike(BELL, 1200.0)))
        assert levels[frequencies > 4100].max() < -60

    def test_a_pad_swells_and_fades(self) -> None:
        """A chord comes and goes without a beginning or an end that could be heard."""
        chord = pad([220.0, 277.2], 4 * RATE)
        for side in (signal(chord.left), signal(chord.right)):
            assert side[0] == 0.0
            assert abs(side[-1]) < 1e-5
            assert rms(side[: RATE // 10]) < 0.05 * rms(side[RATE : 2 * RATE])

    def test_a_pad_is_wide_and_survives_mono(self) -> None:
        """Left and right differ, and one loudspeaker alone never goes quiet by that."""
        chord = pad([220.0], 6 * RATE)
        left, right = signal(chord.left), signal(chord.right)
        assert 0.5 < np.corrcoef(left, right)[0, 1] < 0.99
        levels = [rms(part) for part in np.array_split((left + right)[2 * RATE : 4 * RATE], 20)]
        assert min(levels) > 0.3 * max(levels)

    def test_fading_has_no_corner(self) -> None:
        """The gain starts and arrives with a slope of nothing."""
        flat = array("d", [1.0] * RATE)
        fade(flat, Seconds(0.25), Seconds(0.5))
        gain = signal(flat)
        assert gain[0] == gain[-1] == 0.0
        assert set(gain[round(0.26 * RATE) : round(0.49 * RATE)]) == {1.0}
        assert np.abs(np.diff(gain, 2)).max() < 1e-5


class TestStereo:
    """Mixing, room and master."""

    @pytest.mark.parametrize(
        ("pan", "left", "right"), [(-1, 1.0, 0.0), (0, 0.7071, 0.7071), (1, 0.0, 1.0), (0.5, 0.3827, 0.9239)]
    )
    def test_panning_keeps_the_power(self, pan: float, left: float, right: float) -> None:
        """A sound is equally loud wherever it stands."""
        stage = Stereo.silent(3)
        stage.mix(array("d", [1.0]), 1, 1.0, pan)
        assert list(stage.left) == pytest.approx([0.0, left, 0.0], abs=1e-4)
        assert list(stage.right) == pytest.approx([0.0, right, 0.0], abs=1e-4)

    def test_sounds_add_up_and_end_with_the_piece(self) -> None:
        """What would reach beyond the end is cut, and the piece keeps its length."""
        stage = Stereo.silent(3)
        ones = Stereo(array("d", [1.0, 1.0]), array("d", [2.0, 2.0]))
        stage.lay(ones, 0, 1.0)
        stage.lay(ones, 1, 0.5)
        stage.lay(ones, 2, 1.0)
        assert list(stage.left) == [1.0, 1.5, 1.5]
        assert list(stage.right) == [2.0, 3.0, 3.0]

    def test_a_room_throws_the_sound_from_side_to_side(self) -> None:
        """A clap on the left comes back on the right, then on the left, each time softer and duller."""
        clap = Stereo.silent(2 * RATE)
        clap.left[0] = 1.0
        answer = room(clap, Seconds(0.5), 0.5)
        left, right = (
            [rms(signal(side)[round(at * RATE) :][: RATE // 4]) for at in (0.0, 0.52, 1.02)]
            for side in (answer.left, answer.right)
        )
        assert right[0] < 0.1 * left[0]
        assert left[1] < right[1] < 0.6 * left[0]
        assert right[2] < left[2] < 0.6 * right[1]

    def test_a_room_leaves_the_dry_sound_alone(self) -> None:
        """The caller mixes the answer to what it already has."""
        dry = Stereo(sine(440, 1.0), sine(330, 1.0))
        before = dry.left[:], dry.right[:]
        room(dry, Seconds(0.3), 0.4)
        assert (dry.left, dry.right) == before

    def test_a_room_keeps_the_balance_of_the_spectrum(self) -> None:
        """Smearing does not colour the sound: high and low come back as strong as each other."""
        answers = []
        for hz in (150.0, 700.0, 1500.0):
            answer = room(Stereo(sine(hz, 1.0), sine(hz, 1.0)), Seconds(2.0), 0.4)
            answers.append(rms(signal(answer.left)[RATE // 2 :]))
        assert max(answers) == pytest.approx(min(answers), rel=0.05)

    def test_a_master_has_the_level_wanted(self) -> None:
        """Quiet and loud pieces come out equally loud, faded in and out."""
        for level in (0.01, 3.0):
            side = sine(440, 10.0, level)
            done = master(Stereo(side, side), Seconds(0.1), Seconds(0.1))
            assert rms(signal(done.left)) == pytest.approx(LEVEL, rel=0.01)
            assert done.left[0] == done.left[-1] == 0.0

    def test_a_master_stays_below_its_peak(self) -> None:
        """A piece with one loud moment is kept quieter rather than clipped."""
        side = sine(440, 2.0, 0.01)
        side[RATE] = 1.0
        done = master(Stereo(side, side), Seconds(0.1), Seconds(0.1))
        assert max(done.left) == pytest.approx(PEAK)


class TestWav:
    """The finished file."""

    def test_the_file_is_cd_quality(self) -> None:
        """Every player, old or new, takes 44.1 kHz, stereo, 16 bits."""
        content = wav(Stereo(sine(440, 0.5), sine(440, 0.5)), "Tide", "Ada")
        with wave.open(io.BytesIO(content)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (44100, 2, 2)
            assert file.getnframes() == 4 * round(0.5 * RATE)

    @pytest.mark.parametrize(("title", "artist"), [("Tide", "Ada"), ("Flüsse", "Ada & Co")])
    def test_title_and_artist_are_in_it(self, title: str, artist: str) -> None:
        """The RIFF INFO chunk tells both, padded to whole words."""
        content = wav(Stereo.silent(10), title, artist)
        tags = content[content.index(b"INFO") + 4 : content.index(b"data")]
        for name, text in ((b"INAM", title), (b"IART", artist)):
            at = tags.index(name)
            length = int.from_bytes(tags[at + 4 : at + 8], "little")
            assert tags[at + 8 : at + 8 + length] == text.encode() + b"\0"
        assert len(tags) % 2 == 0
        assert int.from_bytes(content[4:8], "little") == len(content) - 8

    @pytest.mark.parametrize("hz", [100.0, 440.0, 1500.0])
    def test_the_sound_arrives_unchanged(self, hz: float) -> None:
        """Four times as many samples a second hold the same sine, and nothing else that an ear hears."""
        heard = samples_of(wav(Stereo(sine(hz, 1.0), sine(hz, 1.0)), "", ""))[4000:-4000, 0]
        frequencies, levels = spectrum(heard, 4 * RATE)
        assert strongest(heard, 4 * RATE) == pytest.approx(hz, abs=0.5)
        assert rms(heard) == pytest.approx(0.5 / math.sqrt(2), rel=0.015)
        assert levels[(np.abs(frequencies - hz) > 50) & (frequencies < 18000)].max() < -55

    def test_channels_are_not_swapped(self) -> None:
        """What is left is first."""
        heard = samples_of(wav(Stereo(sine(440, 0.1), Stereo.silent(round(0.1 * RATE)).right), "", ""))
        assert rms(heard[:, 0]) > 0.3
        assert not heard[:, 1].any()

    def test_silence_is_nothing_but_zeros(self) -> None:
        """Rounding does not leave a bias."""
        assert not samples_of(wav(Stereo.silent(100), "", "")).any()

    def test_full_scale_does_not_wrap(self) -> None:
        """The loudest sample there is stays on its side of zero."""
        loud = array("d", [1.0, -1.0] * 8)
        heard = samples_of(wav(Stereo(loud, loud), "", ""))[::4, 0]
        assert all(one > 0.99 > -0.99 > other for one, other in pairwise(heard) if one > 0)
