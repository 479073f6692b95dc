"""Four short pieces that the box plays by itself, so that a blank box makes a sound, and variations.

They are what a technician hears from a box just unpacked, and what the firmware falls back on
when nothing else can be played.  Each has a variation for another hour of the day, which the sample
program plays.  Nothing is shipped: each piece is a score, synthesised once (about two seconds of work
each) and kept by :mod:`easyplayer.fallback`.

A bar of a score is written ``"bass | chord | melody"``, each note as :func:`easyplayer.synth.frequency`
reads it, the melody's with their beats: ``"D2 | F#3 A3 C#4 E4 | F#5:3 -:1"``.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import cycle
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from easyplayer.instruments import BASS, HARP, MARIMBA, PIANO, VIBRAPHONE
from easyplayer.synth import RATE, Instrument, Stereo, frequency, master, pad, room, strike
from easyplayer.units import Seconds

_PAD_GAIN, _BASS_GAIN, _PLUCKED_GAIN, _LEAD_GAIN, _ROOM_GAIN = 0.075, 0.33, 0.42, 0.55, 0.3
_ACCENTS = (1.0, 0.7, 0.85, 0.75)
_FEEDBACK = 0.42
_ECHO_BEATS = 0.75
_STEPS_ROLLED = 5
_ROLL_S = Seconds(0.11)
_OVERLAP_S = Seconds(1.7)
_RELEASE_S = Seconds(0.25)
_RINGING_S = Seconds(1.5)
_REST, _NO_STEP = "-", "."
_FADE_IN_S, _FADE_OUT_S = Seconds(1.0), Seconds(2.0)


class Track(Struct, frozen=True, kw_only=True):
    """The score of one piece.

    :ivar name: names its file and its item.
    :ivar tempo: beats a minute.
    :ivar beats: beats in a bar.
    :ivar arpeggio: the plucked notes of each bar but the last, evenly spread over it: 0 to 3 are the
        notes of the chord from below, 4 to 7 those an octave higher, a dot is a rest.
    :ivar plucked: what plays the arpeggio.
    :ivar lead: what plays the melody.
    :ivar raised: by how many semitones it sounds above what is written.
    :ivar bars: bass, chord of four notes, and melody of each bar.
    """

    name: str
    title: str
    artist: str = "easyplayer"
    tempo: float
    beats: int
    arpeggio: str
    plucked: Instrument
    lead: Instrument
    raised: int = 0
    bars: tuple[str, ...]

    @property
    def length_s(self) -> Seconds:
        """How long it is."""
        return Seconds(len(self.bars) * self.beats * _beat_s(self) + _RINGING_S)


DEMO_TRACKS = (
    Track(
        name="harbour-at-dawn",
        title="Harbour at Dawn",
        tempo=66,
        beats=4,
        arpeggio="0.243.52",
        plucked=HARP,
        lead=VIBRAPHONE,
        bars=(
            "D2  | F#3 A3 C#4 E4  | -:4",
            "B2  | A3 B3 D4 F#4   | F#5:2 E5:1 D5:1",
            "E2  | G3 B3 D4 F#4   | B4:3 D5:1",
            "A2  | G3 B3 D4 E4    | E5:2 -:2",
            "D2  | F#3 A3 C#4 E4  | A5:2 F#5:1 E5:1",
            "F#2 | E3 A3 C#4 F#4  | C#5:3 A4:1",
            "G2  | D3 B3 D4 F#4   | D5:1 F#5:2 A5:1",
            "A2  | G3 B3 D4 F#4   | B4:2 E5:2",
            "D2  | F#3 A3 B3 E4   | F#5:4",
        ),
    ),
    Track(
        name="lanterns-on-the-water",
        title="Lanterns on the Water",
        tempo=92,
        beats=6,
        arpeggio="0.2.341.4.32",
        plucked=PIANO,
        lead=VIBRAPHONE,
        bars=(
            "F2  | A3 C4 E4 G4    | C5:3 A4:3",
            "A2  | G3 C4 E4 A4    | G5:2 E5:1 C5:3",
            "Bb2 | F3 A3 C4 D4    | D5:3 F5:2 C5:1",
            "G2  | F3 Bb3 D4 F4   | Bb4:5 -:1",
            "D3  | F3 A3 C4 E4    | A5:2 G5:1 E5:3",
            "G2  | F3 Bb3 D4 G4   | D5:3 G5:2 F5:1",
            "C3  | G3 Bb3 D4 F4   | D5:4 G4:2",
            "F2  | A3 C4 D4 G4    | A4:6",
        ),
    ),
    Track(
        name="paper-boats",
        title="Paper Boats",
        tempo=92,
        beats=4,
        arpeggio="0.2431.5",
        plucked=MARIMBA,
        lead=PIANO,
        bars=(
            "C3  | G3 B3 D4 E4    | -:4",
            "B2  | A3 B3 D4 F#4   | D5:1.5 F#5:2.5",
            "A2  | G3 A3 C4 E4    | E5:1.5 G5:1.5 C5:1",
            "G2  | F#3 A3 B3 D4   | B4:3 -:1",
            "C3  | G3 B3 D4 E4    | G5:1.5 E5:1.5 D5:1",
            "B2  | A3 B3 D4 F#4   | F#5:1.5 D5:2.5",
            "E2  | G3 B3 D4 F#4   | B4:1.5 E5:1.5 F#5:1",
            "D3  | G3 A3 C4 E4    | A5:2.5 E5:1.5",
            "C3  | G3 B3 D4 E4    | G5:1.5 E5:1.5 D5:1",
            "B2  | A3 B3 D4 F#4   | F#5:2.5 B4:1.5",
            "A2  | G3 A3 C4 E4    | C5:1.5 E5:2.5",
            "G2  | F#3 A3 B3 D4   | D5:4",
            "G2  | G3 A3 B3 E4    | B4:4",
        ),
    ),
    Track(
        name="last-tram-home",
        title="Last Tram Home",
        tempo=58,
        beats=4,
        arpeggio="0.2.3.42",
        plucked=PIANO,
        lead=VIBRAPHONE,
        bars=(
            "F2  | Ab3 C4 Eb4 G4  | C5:2 Eb5:1 G5:1",
            "Bb2 | Ab3 C4 D4 G4   | F5:2 D5:2",
            "Eb2 | G3 Bb3 D4 F4   | D5:1 Bb4:3",
            "C3  | Eb3 G3 Bb3 D4  | -:1 G4:1 Bb4:1 D5:1",
            "Ab2 | G3 Bb3 C4 Eb4  | Eb5:3 C5:1",
            "G2  | F3 Bb3 D4 F4   | D5:2 F5:2",
            "F2  | Ab3 C4 Eb4 G4  | G5:2 Eb5:1 C5:1",
            "Bb2 | Ab3 C4 Eb4 G4  | Bb4:2 C5:2",
            "Eb2 | G3 C4 F4 Bb4   | Bb4:4",
        ),
    ),
)
"""The pieces, in the order in which they are made and played."""

_HARBOUR, _LANTERNS, _BOATS, _TRAM = DEMO_TRACKS

VARIATIONS = (
    replace(
        _TRAM,
        name="first-tram-out",
        title="First Tram Out",
        tempo=70,
        arpeggio="0.425.3.",
        plucked=HARP,
        raised=4,
    ),
    replace(
        _BOATS,
        name="paper-kites",
        title="Paper Kites",
        tempo=104,
        arpeggio="02.4.135",
        plucked=HARP,
        lead=VIBRAPHONE,
        raised=2,
    ),
    replace(
        _LANTERNS,
        name="lanterns-going-out",
        title="Lanterns Going Out",
        tempo=74,
        arpeggio="0...3.1.4.2.",
        plucked=MARIMBA,
        raised=-3,
    ),
    replace(
        _HARBOUR,
        name="harbour-at-midnight",
        title="Harbour at Midnight",
        tempo=58,
        arpeggio="0..2.4..",
        plucked=PIANO,
        raised=-2,
    ),
)
"""Each of the pieces once more, for another hour: other instruments, another tempo, another key."""


class _Bar(NamedTuple):
    """One bar of a score, read.

    :ivar at: where it begins, in samples.
    :ivar length: how long it is, in samples.
    :ivar bass: pitch in Hz.
    :ivar chord: pitches in Hz.
    :ivar melody: each note's start within the bar, in samples, and its pitch in Hz.
    :ivar last: whether the piece ends with it.
    """

    at: int
    length: int
    bass: float
    chord: tuple[float, ...]
    melody: tuple[tuple[int, float], ...]
    last: bool


def compose(track: Track) -> Stereo:
    """Play a score: the arpeggio and the melody within a room, then pad and bass under them.

    :raises ValueError: where a note of the score cannot be read.
    """
    bars = tuple(_bars(track))
    length = bars[-1].at + bars[-1].length + round(_RINGING_S * RATE)
    stage = Stereo.silent(length)
    _play_bells(track, bars, stage)
    stage.lay(room(stage, Seconds(_ECHO_BEATS * _beat_s(track)), _FEEDBACK), 0, _ROOM_GAIN)
    _play_ground(bars, stage)
    return master(stage, _FADE_IN_S, _FADE_OUT_S)


def _beat_s(track: Track) -> Seconds:
    return Seconds(60 / track.tempo)


def _bars(track: Track) -> Iterator[_Bar]:
    length = round(track.beats * _beat_s(track) * RATE)
    higher = 2 ** (track.raised / 12)
    for number, written in enumerate(track.bars, 1):
        bass, chord, tune = (part.split() for part in written.split("|"))
        yield _Bar(
            at=(number - 1) * length,
            length=length,
            bass=higher * frequency(bass[0]),
            chord=tuple(higher * frequency(note) for note in chord),
            melody=tuple((at, higher * hz) for at, hz in melody(tune, _beat_s(track))),
            last=number == len(track.bars),
        )


def melody(written: Sequence[str], beat_s: Seconds) -> Iterator[tuple[int, float]]:
    """Read notes with their beats, such as ``A5:2``: the start of each, in samples, and its pitch in Hz.

    Notes that sound together are joined with a plus sign; a dash is a rest.
    """
    elapsed = 0.0
    for note in written:
        names, _, beats = note.partition(":")
        if names != _REST:
            yield from ((round(elapsed * beat_s * RATE), frequency(name)) for name in names.split("+"))
        elapsed += float(beats)


def _play_bells(track: Track, bars: Sequence[_Bar], stage: Stereo) -> None:
    play = lru_cache(maxsize=None)(strike)
    for bar in bars:
        steps = _rolled(bar) if bar.last else _arpeggio(track.arpeggio, bar)
        for (at, step), accent in zip(steps, cycle(_ACCENTS), strict=False):
            hz = bar.chord[step % 4] * 2 ** (step // 4)
            stage.mix(play(track.plucked, hz), at, _PLUCKED_GAIN * accent, _pan(step))
        for start, hz in bar.melody:
            stage.mix(play(track.lead, hz), bar.at + start, _LEAD_GAIN)


def _arpeggio(arpeggio: str, bar: _Bar) -> Iterator[tuple[int, int]]:
    for place, step in enumerate(arpeggio):
        if step != _NO_STEP:
            yield bar.at + round(place * bar.length / len(arpeggio)), int(step)


def _rolled(bar: _Bar) -> Iterator[tuple[int, int]]:
    return ((bar.at + round(step * _ROLL_S * RATE), step) for step in range(_STEPS_ROLLED))


def _pan(step: int) -> float:
    """Spread the plucked notes as they lie before a harpist: low ones left, high ones right."""
    return (step - 2.5) / 5


def _play_ground(bars: Sequence[_Bar], stage: Stereo) -> None:
    overlap, end = round(_OVERLAP_S * RATE), len(stage.left)
    for bar in bars:
        stage.lay(pad(bar.chord, min(bar.length + overlap, end - bar.at)), bar.at, _PAD_GAIN)
        bass = BASS._replace(ring_s=Seconds(bar.length / RATE + _RELEASE_S))
        stage.mix(strike(bass, bar.bass), bar.at, _BASS_GAIN)
