"""The units that quantities carry in their type.

Durations and positions are seconds as ``float`` while they are computed with, and whole
milliseconds where a person or a file writes them down.  Gain is decibels where people speak
of it and a linear factor where it is multiplied.
"""

import math
from typing import NewType

Seconds = NewType("Seconds", float)
"""A duration, or a position in a medium counted from its start."""

Milliseconds = NewType("Milliseconds", int)
"""A duration or position as it is written in playlists, programs and settings."""

Monotonic = NewType("Monotonic", float)
"""An instant on the machine's monotonic clock, in seconds; only differences mean anything."""

Instant = NewType("Instant", float)
"""An instant of world time, in seconds since 1970-01-01T00:00Z; every place on earth shares it."""

Decibels = NewType("Decibels", float)
"""A gain or a level relative to full scale, in dB."""

Lufs = NewType("Lufs", float)
"""Programme loudness after EBU R 128, in loudness units relative to full scale."""

Linear = NewType("Linear", float)
"""A gain as an amplitude factor: 0.0 is silence, 1.0 leaves the signal alone."""

Percent = NewType("Percent", int)
"""A volume as people turn it, 0 to 100, on the cubic scale that sound servers show."""

SILENCE = Decibels(-120.0)
"""The level that stands for "nothing at all"; below what 16 bits can carry."""


def to_seconds(milliseconds: Milliseconds) -> Seconds:
    """Turn whole milliseconds into seconds.

    >>> to_seconds(Milliseconds(1500))
    1.5
    """
    return Seconds(milliseconds / 1000)


def to_decibels(gain: Linear) -> Decibels:
    """Turn an amplitude factor into dB, never below :data:`SILENCE`.

    >>> to_decibels(Linear(1.0))
    0.0
    """
    return Decibels(max(20 * math.log10(gain), SILENCE)) if gain > 0 else SILENCE


def to_linear(gain: Decibels) -> Linear:
    """Turn dB into an amplitude factor; :data:`SILENCE` and below become 0.

    >>> round(to_linear(Decibels(-6.0)), 3)
    0.501
    """
    return Linear(10 ** (gain / 20)) if gain > SILENCE else Linear(0.0)


def volume_to_linear(volume: float) -> Linear:
    """Turn a volume of 0 to 100 into the amplitude factor that sound servers give it (cubic).

    Source: PulseAudio, ``pa_sw_volume_to_linear``.

    >>> volume_to_linear(Percent(50))
    0.125
    """
    return Linear((volume / 100) ** 3)
