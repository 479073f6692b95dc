"""Reading what ffmpeg's filters and its progress report write.  Pure.

Written after ffmpeg 5.1 and checked against 9.0.  A file's own tags stand in the same text, but
ffmpeg indents and pads them so that none can pass for a measurement.
"""

import math
import re
from collections.abc import Iterable

from msgspec import Struct

from easyplayer.analysis.cues import Silence
from easyplayer.units import SILENCE, Decibels, Lufs, Seconds

ABSOLUTE_GATE = Lufs(-70.0)
"""ITU-R BS.1770-4: quieter blocks do not count; ebur128 says so when none is left."""

_SILENCE = re.compile(r"\[\w*silencedetect\w* @ \w+\] silence_(?P<side>start|end): (?P<at>\S+)")
_INTEGRATED = re.compile(r" {4}I: +(\S+) LUFS")
_PEAK = re.compile(r" {4}Peak: +(\S+) dBFS")
_POSITION = re.compile(rb"^out_time_us=(\d+)$", re.MULTILINE)
_MICROSECONDS_PER_S = 1_000_000


class Loudness(Struct, frozen=True):
    """How loud a sound is.

    :ivar integrated_lufs: ``None`` where nothing passes the gate.
    :ivar true_peak_dbtp: within ±120 dB, whatever the samples are.
    """

    integrated_lufs: Lufs | None
    true_peak_dbtp: Decibels


def is_measurement(line: str) -> bool:
    """Tell the lines that hold a measurement from everything else that ffmpeg says."""
    return any(pattern.match(line) for pattern in (_SILENCE, _INTEGRATED, _PEAK))


def read_silences(lines: Iterable[str]) -> list[Silence]:
    """Collect what the filter ``silencedetect`` reported, in order of time.

    >>> read_silences(["[silencedetect @ 0x5] silence_start: 178.5"])
    [Silence(start_s=178.5, end_s=None)]
    """
    silences: list[Silence] = []
    for match in filter(None, map(_SILENCE.match, lines)):
        at = Seconds(max(float(match["at"]), 0.0))
        if match["side"] == "start":
            silences.append(Silence(at))
        elif silences:
            silences[-1] = Silence(silences[-1].start_s, at)
    return silences


def read_loudness(lines: Iterable[str]) -> Loudness | None:
    """Read the summaries of the filter ``ebur128``; ``None`` if there is none.

    ffmpeg starts the filter anew where a file changes its sample rate or channels midway, and
    sums up each part.  Then the loudest part speaks for the whole, so that no part is too loud.
    """
    integrated: list[float] = []
    peaks: list[float] = []
    for line in lines:
        if match := _INTEGRATED.match(line):
            integrated.append(float(match[1]))
        elif match := _PEAK.match(line):
            peaks.append(float(match[1]))
    parts = list(zip(integrated, peaks, strict=False))
    if not parts:
        return None
    loud = [part for part in parts if part[0] > ABSOLUTE_GATE]
    peak = max(peak for _, peak in loud or parts[-1:])
    return Loudness(Lufs(max(loud)[0]) if loud else None, _bounded(peak))


def read_position(progress: bytes) -> Seconds:
    r"""Read from a progress report how far decoding came; 0 if it never began.

    >>> read_position(b"out_time_us=500000\nprogress=continue\nout_time_us=1250000\nprogress=end")
    1.25
    """
    positions = _POSITION.findall(progress)
    return Seconds(int(positions[-1]) / _MICROSECONDS_PER_S) if positions else Seconds(0.0)


def _bounded(peak: float) -> Decibels:
    """Keep a peak finite: digital silence is minus infinity, a broken float sample may be anything."""
    return Decibels(-SILENCE if math.isnan(peak) else max(SILENCE, min(peak, -SILENCE)))
