"""Four short pieces that the box plays by itself, so that a blank box makes a sound.

They are what a technician hears from a box just unpacked, and what the firmware falls back on
when nothing else can be played.  Nothing is shipped: each piece is a score, synthesised once (about
two seconds of work each) and kept by :mod:`easyplayer.fallback`.

A bar of a score is written ``"bass | chord | melody"``, each note as :func:`easyplayer.synth.frequency`
reads it, the melody's with their beats: ``"D2 | F#3 A3 C#4 E4 | F#5:3 -:1"``.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import cycle
from typing import NamedTuple

from msgspec import Struct

from easyplayer.synth import (
    RATE,
    Instrument,
    Partial,
    Stereo,
    frequency,
    master,
    pad,
    room,
    strike,
)
from easyplayer.units import Seconds


def _instrument(attack_s: float, ring_s: float, *partials: tuple[float, float, float]) -> Instrument:
    made_of = tuple(Partial(ratio, level, Seconds(decay_s)) for ratio, level, decay_s in partials)
    return Instrument(made_of, Seconds(attack_s), Seconds(ring_s))


_BASS = _instrument(0.018, 3.6, (1, 1, 2.0), (2, 0.4, 1.2), (3, 0.2, 0.6), (4, 0.1, 0.3))
_HARP = _instrument(
    0.004, 1.7, (1, 1, 0.7), (2, 0.6, 0.4), (3, 0.35, 0.25), (4, 0.22, 0.17), (5, 0.12, 0.12), (6, 0.08, 0.08)
)
_PIANO = _instrument(
    0.005, 1.7, (1, 1, 0.7), (2, 0.35, 0.5), (3, 0.16, 0.35), (4, 0.07, 0.25), (7, 0.12, 0.1)
)
_MARIMBA = _instrument(0.003, 1.2, (1, 1, 0.4), (4, 0.3, 0.1), (10, 0.06, 0.03))
_VIBRAPHONE = _instrument(0.006, 2.4, (1, 1, 1.2), (4, 0.16, 0.3), (10, 0.05, 0.05))

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
    bars: tuple[str, ...]


DEMO_TRACKS = (
    Track(
        name="harbour-at-dawn",
        title="Harbour at Dawn",
        tempo=66,
        beats=4,
        arpeggio="0.243.52",
        plucked=_HARP,
        lead=_VIBRAPHONE,
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
        plucked=_PIANO,
        lead=_VIBRAPHONE,
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
        plucked=_MARIMBA,
        lead=_PIANO,
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
        plucked=_PIANO,
        lead=_VIBRAPHONE,
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
    for number, written in enumerate(track.bars, 1):
        bass, chord, melody = (part.split() for part in written.split("|"))
        yield _Bar(
            at=(number - 1) * length,
            length=length,
            bass=frequency(bass[0]),
            chord=tuple(map(frequency, chord)),
            melody=tuple(_melody(melody, _beat_s(track))),
            last=number == len(track.bars),
        )


def _melody(written: list[str], beat_s: Seconds) -> Iterator[tuple[int, float]]:
    elapsed = 0.0
    for note in written:
        name, _, beats = note.partition(":")
        if name != _REST:
            yield round(elapsed * beat_s * RATE), frequency(name)
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
        bass = _BASS._replace(ring_s=Seconds(bar.length / RATE + _RELEASE_S))
        stage.mix(strike(bass, bar.bass), bar.at, _BASS_GAIN)
