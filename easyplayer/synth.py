"""A small synthesiser: tones, instruments, a room, and the WAV file they end up in.

It exists so that a box without any music can be heard all the same (see :mod:`easyplayer.demo`),
and needs nothing but the standard library.  Sound is worked out at :data:`RATE`, a quarter of what
the file has: all that it plays lies below 4 kHz, and it takes a quarter of the time.

Two tricks make it quick in plain Python.  A steady tone is one short stretch, a whole number of
cycles long, repeated; and sums run through ``map`` and slices of arrays, not sample by sample.
The same calls give the same bytes.
"""

import math
import re
import struct
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from itertools import accumulate, islice, repeat
from operator import add, mul, sub
from typing import NamedTuple, Self, TypeAlias, TypeVar

from easyplayer.units import Linear, Seconds

RATE = 11_025
"""Samples a second while sound is worked out."""

LEVEL = Linear(10 ** (-19 / 20))
"""The effective (RMS) level of a finished piece, which makes it about -16.5 LUFS."""

PEAK = Linear(10 ** (-3 / 20))
"""No finished piece goes above this: 3 dB below full scale."""

Samples: TypeAlias = "array[float]"
"""One channel at :data:`RATE`; full scale is 1.0."""

_SEMITONES = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}
_ACCIDENTALS = {"#": 1, "b": -1, "": 0}
_NOTE = re.compile(r"([A-G])([#b]?)([0-8])")
_LONGEST_STRETCH_S = Seconds(0.2)
_HIGHEST_HZ = 4000.0

_PAD_LEVELS = (1.0, 0.5, 0.32, 0.2, 0.12, 0.08, 0.05, 0.03)
_PAD_SIDE_LEVELS = tuple(0.45 * level for level in _PAD_LEVELS)
_PAD_DETUNE = 2 ** (2.5 / 1200)
_PAD_RISE_S, _PAD_FALL_S = Seconds(1.1), Seconds(1.7)

_SMEARS_LEFT_S = (Seconds(0.0297), Seconds(0.0437))
_SMEARS_RIGHT_S = (Seconds(0.0331), Seconds(0.0411))
_SMEAR = 0.6

_SIX_POINTS = (150 / 256, -25 / 256, 3 / 256)
_TWO_POINTS = (0.5,)
_LOUDEST = 32767.0
_AT_A_TIME = 8192

_Number = TypeVar("_Number", int, float)


class Partial(NamedTuple):
    """One sine within a struck note.

    :ivar ratio: its frequency over the note's.
    :ivar level: its amplitude when struck.
    :ivar decay_s: how long it takes to fall to 1/e of that.
    """

    ratio: float
    level: float
    decay_s: Seconds


class Instrument(NamedTuple):
    """How a struck note sounds.

    :ivar partials: what it is made of.
    :ivar attack_s: how long it takes to begin; a few milliseconds keep it from clicking.
    :ivar ring_s: how long it lasts; it fades away over the last two fifths.
    """

    partials: tuple[Partial, ...]
    attack_s: Seconds
    ring_s: Seconds


class Stereo:
    """Two channels of the same length that sounds are mixed into.

    :ivar left: what the left loudspeaker plays.
    :ivar right: what the right loudspeaker plays.
    """

    def __init__(self, left: Samples, right: Samples) -> None:
        self.left = left
        self.right = right

    @classmethod
    def silent(cls, length: int) -> Self:
        """Give ``length`` samples of silence."""
        return cls(_silence(length), _silence(length))

    def mix(self, sound: Samples, at: int, gain: float, pan: float = 0.0) -> None:
        """Add a sound from sample ``at`` on; ``pan`` goes from -1 (left) to 1 (right)."""
        angle = (pan + 1) * math.pi / 4
        _mix(self.left, sound, at, gain * math.cos(angle))
        _mix(self.right, sound, at, gain * math.sin(angle))

    def lay(self, sound: Self, at: int, gain: float) -> None:
        """Add a sound that is stereo itself."""
        _mix(self.left, sound.left, at, gain)
        _mix(self.right, sound.right, at, gain)

    def fade(self, rise_s: Seconds, fall_s: Seconds) -> None:
        """Fade both channels in and out, see :func:`fade`."""
        fade(self.left, rise_s, fall_s)
        fade(self.right, rise_s, fall_s)


def _silence(length: int) -> Samples:
    return array("d", bytes(8 * length))


def _mix(channel: Samples, sound: Samples, at: int, gain: float) -> None:
    """Add a sound to a channel; what reaches beyond the channel's end is dropped."""
    end = min(at + len(sound), len(channel))
    pairs = zip(channel[at:end], sound, strict=False)
    channel[at:end] = array("d", [here + gain * more for here, more in pairs])


def _total(layers: Iterable[Iterable[float]]) -> Samples:
    return _fill(array("d"), reduce(lambda one, other: map(add, one, other), layers))


def _fill(empty: "array[_Number]", values: Iterable[_Number]) -> "array[_Number]":
    """Put values into an array a few at a time, so that the box's other threads get their turns."""
    rest = iter(values)
    while few := list(islice(rest, _AT_A_TIME)):
        empty.fromlist(few)
    return empty


def frequency(note: str) -> float:
    """Give the pitch of a note such as ``"F#3"`` in Hz, equally tempered on A4 = 440 Hz.

    :raises ValueError: where the note is not written like that.

    >>> round(frequency("C4"), 2)
    261.63
    """
    match = _NOTE.fullmatch(note)
    if match is None:
        raise ValueError(f"{note!r} is not a note; write it like F#3, Bb2 or C4")
    name, accidental, octave = match.groups()
    return 440.0 * 2 ** ((_SEMITONES[name] + _ACCIDENTALS[accidental]) / 12 + int(octave) - 4)


def tone(hz: float, levels: Sequence[float], length: int) -> Samples:
    """Give ``length`` samples of a steady tone; ``levels`` are those of its harmonics, lowest first.

    Harmonics that would lie above 4 kHz are left out.  The pitch is right within 0.1 cent.
    """
    sine = _stretch(hz)
    audible = levels[: max(1, int(_HIGHEST_HZ / hz))]
    cycles = _total(map(mul, repeat(level), (sine * k)[::k]) for k, level in enumerate(audible, 1))
    return (cycles * (length // len(cycles) + 1))[:length]


def _stretch(hz: float) -> Samples:
    """Give a sine that is a whole number of cycles long and, all but exactly, of samples."""
    period = RATE / hz
    most = math.ceil(_LONGEST_STRETCH_S * hz)
    cycles = min(range(1, most + 1), key=lambda n: abs(n * period - round(n * period)) / n)
    length = round(cycles * period)
    return array("d", [math.sin(math.tau * cycles * n / length) for n in range(length)])


def fade(sound: Samples, rise_s: Seconds, fall_s: Seconds) -> None:
    """Let a sound swell from nothing and fall to nothing, in place, without a corner anywhere."""
    rise, fall = round(rise_s * RATE), round(fall_s * RATE)
    sound[:rise] = array("d", map(mul, sound[:rise], _rise(rise)))
    sound[-fall:] = array("d", map(mul, sound[-fall:], reversed(_rise(fall))))


@lru_cache(maxsize=8)
def _rise(length: int) -> Samples:
    return array("d", [0.5 - 0.5 * math.cos(math.pi * n / length) for n in range(length)])


def strike(instrument: Instrument, hz: float) -> Samples:
    """Give one struck note, from its soft start until it has rung out."""
    length = round(instrument.ring_s * RATE)
    layers = (
        map(mul, tone(hz * ratio, (level,), length), _decay(decay_s))
        for ratio, level, decay_s in instrument.partials
        if hz * ratio <= _HIGHEST_HZ
    )
    note = _total(layers)
    fade(note, instrument.attack_s, Seconds(0.4 * instrument.ring_s))
    return note


def _decay(decay_s: Seconds) -> Iterable[float]:
    return accumulate(repeat(math.exp(-1 / (decay_s * RATE))), mul, initial=1.0)


def pad(chord: Sequence[float], length: int) -> Stereo:
    """Give a warm chord that swells and fades; a soft voice a hair off pitch on each side widens it.

    :param chord: its pitches in Hz.
    :param length: in samples, 2.8 s at least: what swelling and fading take.
    """
    middle, low, high = (
        _total(tone(hz * factor, levels, length) for hz in chord)
        for factor, levels in (
            (1.0, _PAD_LEVELS),
            (1 / _PAD_DETUNE, _PAD_SIDE_LEVELS),
            (_PAD_DETUNE, _PAD_SIDE_LEVELS),
        )
    )
    chorus = Stereo(_total((middle, low)), _total((middle, high)))
    chorus.fade(_PAD_RISE_S, _PAD_FALL_S)
    return chorus


def room(dry: Stereo, delay_s: Seconds, feedback: float) -> Stereo:
    """Give what a room answers: smeared, then thrown from side to side, softer and duller each time."""
    echo = Stereo(reduce(_smear, _SMEARS_LEFT_S, dry.left), reduce(_smear, _SMEARS_RIGHT_S, dry.right))
    step = round(delay_s * RATE)
    for at in range(step + 1, len(dry.left), step):
        past = slice(at - step - 1, at)
        left, right = echo.left[past], echo.right[past]
        for channel, other in ((echo.left, right), (echo.right, left)):
            _mix(channel, array("d", map(add, other, other[1:])), at, feedback / 2)
    return echo


def _smear(sound: Samples, delay_s: Seconds) -> Samples:
    """Spread a sound over a moment and leave its spectrum alone.

    Source: M. R. Schroeder, Natural Sounding Artificial Reverberation (1962), the all-pass.
    """
    step = round(delay_s * RATE)
    late = _silence(step) + sound
    out = _silence(step)
    for at in range(0, len(sound), step):
        now = slice(at, at + step)
        out.extend(map(add, late[now], map(mul, repeat(_SMEAR), map(sub, out[now], sound[now]))))
    return out[step:]


def master(sound: Stereo, fade_in_s: Seconds, fade_out_s: Seconds) -> Stereo:
    """Give a sound at :data:`LEVEL`, or as near as :data:`PEAK` lets it, faded in and out."""
    left, right = sound.left, sound.right
    power = (sum(map(mul, left, left)) + sum(map(mul, right, right))) / (2 * len(left))
    peak = max(abs(extreme) for side in (left, right) for extreme in (min(side), max(side)))
    gain = min(LEVEL / math.sqrt(power), PEAK / peak)
    finished = Stereo(*(_fill(array("d"), map(mul, repeat(gain), side)) for side in (left, right)))
    finished.fade(fade_in_s, fade_out_s)
    return finished


def wav(sound: Stereo, title: str, artist: str) -> bytes:
    """Give a WAV file: 44.1 kHz, stereo, 16 bits, with title and artist as RIFF INFO tags."""
    frames = array("h", bytes(16 * len(sound.left)))
    for side, channel in enumerate((sound.left, sound.right)):
        steps = array("d", [_LOUDEST * level + 0.5 for level in channel])  # half a step: floor then rounds
        doubled_twice = _double(_double(steps, _SIX_POINTS), _TWO_POINTS)
        frames[side::2] = _fill(array("h"), map(math.floor, doubled_twice))
    rate = 4 * RATE
    layout = struct.pack("<HHIIHH", 1, 2, rate, 4 * rate, 4, 16)
    tags = _chunk(b"INAM", title.encode() + b"\0") + _chunk(b"IART", artist.encode() + b"\0")
    chunks = (_chunk(b"fmt ", layout), _chunk(b"LIST", b"INFO" + tags), _chunk(b"data", frames.tobytes()))
    return _chunk(b"RIFF", b"WAVE" + b"".join(chunks))


def _double(sound: Samples, weights: Sequence[float]) -> Samples:
    """Give twice as many samples; each new one weighs its neighbours on both sides, nearest first."""
    reach = len(weights)
    padded = _silence(reach - 1) + sound + _silence(reach)
    pairs = (
        map(mul, repeat(weight), map(add, padded[reach - 1 - k :], padded[reach + k :]))
        for k, weight in enumerate(weights)
    )
    out = _silence(2 * len(sound))
    out[::2] = sound
    out[1::2] = _total(pairs)[: len(sound)]
    return out


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
