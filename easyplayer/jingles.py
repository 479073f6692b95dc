"""Four short calls for spots: noon, happy hour, last orders, and the bells of New Year's night.

They are written like the melodies of :mod:`easyplayer.demo`, one line for each instrument, in which
notes that sound together are joined: ``"C4+E4+G4:1.5 -:0.5"``.  Each begins at once, so that a call
for twelve o'clock is heard at twelve o'clock, and has rung out when it ends.
"""

import math

from msgspec import Struct

from easyplayer.demo import melody
from easyplayer.instruments import BASS, BELL, CHIME, HARP, MARIMBA, PIANO, VIBRAPHONE
from easyplayer.synth import RATE, Instrument, Stereo, master, room, strike
from easyplayer.units import Seconds

_AT_ONCE_S, _FADE_OUT_S = Seconds(0.0), Seconds(1.0)
_ECHO_S = Seconds(0.17)
_FEEDBACK, _ROOM_GAIN = 0.45, 0.28
_MIDDLE_HZ = 440.0
_WIDTH, _WIDEST = 0.6, 0.7


class Line(Struct, frozen=True):
    """What one instrument plays.

    :ivar gain: how loud it is beside the others.
    :ivar notes: each with its beats; a rest is a dash.
    """

    instrument: Instrument
    gain: float
    notes: str


class Jingle(Struct, frozen=True, kw_only=True):
    """The score of one call.

    :ivar name: names its file and its item.
    :ivar tempo: beats a minute.
    :ivar lines: all of them are as long as the jingle, and the last notes long enough to ring out.
    """

    name: str
    title: str
    artist: str = "easyplayer"
    tempo: float
    lines: tuple[Line, ...]

    @property
    def length_s(self) -> Seconds:
        """How long it is."""
        beats = max(sum(float(note.partition(":")[2]) for note in line.notes.split()) for line in self.lines)
        return Seconds(beats * 60 / self.tempo)


_FANFARE = (
    "G4:0.5 C5:0.5 E5:0.5 G5:1 E5:0.5 G5:1  A5:0.5 G5:0.5 F5:0.5 A5:1.5 C6:1  B5:0.5 A5:0.5 G5:0.5 C6:5"
)

JINGLES = (
    Jingle(
        name="noon-chime",
        title="Noon Chime",
        tempo=72,
        lines=(
            Line(CHIME, 0.5, "E5:1 B4:1 C#5:1 A4:4"),
            Line(CHIME, 0.35, "-:3 A3:4"),
        ),
    ),
    Jingle(
        name="happy-hour",
        title="Happy Hour",
        tempo=138,
        lines=(
            Line(VIBRAPHONE, 0.5, _FANFARE),
            Line(MARIMBA, 0.35, _FANFARE),
            Line(
                PIANO,
                0.2,
                "C4+E4+A4:1.5 C4+E4+G4:2.5  C4+F4+A4:1.5 F4+A4+C5:2.5  D4+G4+B4:1.5 E4+G4+C5:5",
            ),
            Line(BASS, 0.3, "C3:1.5 G3:1 C3:1.5  F2:1.5 C3:1 F2:1.5  G2:1.5 C3:5"),
        ),
    ),
    Jingle(
        name="last-orders",
        title="Last Orders",
        tempo=80,
        lines=(
            Line(VIBRAPHONE, 0.5, "F#5:1 D5:1 B4:1.5 A4:0.5  G4:1 E4:1 F#4:4"),
            Line(
                HARP,
                0.25,
                "G3:0.5 D4:0.5 F#4:0.5 B4:0.5 G3:0.5 D4:0.5 F#4:0.5 B4:0.5"
                " A3:0.5 D4:0.5 E4:0.5 G4:0.5 D3+A3:0.5 D4:0.5 A4:3",
            ),
            Line(BASS, 0.3, "G2:4  A2:2 D2:4"),
        ),
    ),
    Jingle(
        name="midnight-bells",
        title="Midnight Bells",
        tempo=250,
        lines=(
            Line(
                BELL,
                0.4,
                "D5:1 C#5:1 B4:1 A4:1 G4:1 F#4:1 E4:1 D4:1"
                " D5:1 B4:1 G4:1 E4:1 C#5:1 A4:1 F#4:1 D4:2"
                " D5:1 G4:1 C#5:1 F#4:1 B4:1 E4:1 A4:1 D4:1"
                " D5:1 C#5:1 B4:1 A4:1 G4:1 F#4:1 E4:1 D4:2"
                " D4+A4+D5:16",
            ),
            Line(BELL, 0.4, "D3:16 -:1 D3:16 -:1 D3:16"),
        ),
    ),
)
"""The calls, the shortest work first."""


def compose(jingle: Jingle) -> Stereo:
    """Play a call within a room.

    :raises ValueError: where a note of the score cannot be read.
    """
    stage = Stereo.silent(round(jingle.length_s * RATE))
    for line in jingle.lines:
        for at, hz in melody(line.notes.split(), Seconds(60 / jingle.tempo)):
            stage.mix(strike(line.instrument, hz), at, line.gain, _pan(hz))
    stage.lay(room(stage, _ECHO_S, _FEEDBACK), 0, _ROOM_GAIN)
    return master(stage, _AT_ONCE_S, _FADE_OUT_S)


def _pan(hz: float) -> float:
    """Spread the notes as they lie before a player: low ones left, high ones right."""
    return max(-_WIDEST, min(_WIDEST, _WIDTH * math.log2(hz / _MIDDLE_HZ)))
