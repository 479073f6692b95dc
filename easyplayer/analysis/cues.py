"""Cue points from silences: where to start a medium, and where it is over."""

from collections.abc import Sequence

from msgspec import Struct

from easyplayer.units import Seconds

SHORTEST_SILENCE = Seconds(0.1)
"""A silence shorter than this belongs to the music."""

_SLACK = Seconds(0.01)
_PRINTED_PRECISION = 1e-5
"""ffmpeg 5 writes positions with six significant digits."""


class Silence(Struct, frozen=True):
    """A stretch in which every channel stays below the threshold.

    :ivar end_s: ``None`` where it lasts to the end of the medium.
    """

    start_s: Seconds
    end_s: Seconds | None = None


class Cues(Struct, frozen=True):
    """Where sound begins and where it is over, from the medium's start."""

    in_s: Seconds
    out_s: Seconds


def find_cues(silences: Sequence[Silence], *, begin_s: Seconds, end_s: Seconds) -> Cues:
    """Take the leading and the trailing silence off a medium; silence inside stays.

    :param silences: in the order in which they occur.
    :param begin_s: where the first decoded sample stands (a film's sound may begin late).
    :param end_s: where the last one is over.
    :return: cues within the medium; where all is silence, the whole of it.

    >>> find_cues([Silence(0.0, 1.5), Silence(60.0, 61.0), Silence(178.0)], begin_s=0.0, end_s=180.0)
    Cues(in_s=1.5, out_s=178.0)
    """
    slack = _SLACK + end_s * _PRINTED_PRECISION
    cue_in, cue_out = begin_s, end_s
    if silences and silences[0].start_s <= begin_s + slack:
        cue_in = _end_of(silences[0], end_s)
    if silences and _end_of(silences[-1], end_s) >= end_s - slack:
        cue_out = silences[-1].start_s
    if not 0 <= cue_in < cue_out <= end_s:
        return Cues(Seconds(0.0), end_s)
    return Cues(cue_in, cue_out)


def _end_of(silence: Silence, end_s: Seconds) -> Seconds:
    return end_s if silence.end_s is None else silence.end_s
