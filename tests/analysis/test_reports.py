"""ffmpeg's reports are read line by line, and nothing else in its chatter is mistaken for one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.analysis.cues import Silence
from easyplayer.analysis.reports import (
    Loudness,
    is_measurement,
    read_loudness,
    read_position,
    read_silences,
)
from easyplayer.units import Decibels, Lufs, Seconds

FFMPEG_5 = """\
[silencedetect @ 0x557513d816c0] silence_start: 0
[silencedetect @ 0x557513d816c0] silence_end: 0.99678 | silence_duration: 0.99678
[flac @ 0x557513d81ec0] invalid sync code
[silencedetect @ 0x557513d816c0] silence_start: 18.0031
[silencedetect @ 0x557513d816c0] silence_end: 20 | silence_duration: 1.99685
[Parsed_ebur128_1 @ 0x557513d81ec0] Summary:

  Integrated loudness:
    I:         -14.6 LUFS
    Threshold: -24.6 LUFS

  Loudness range:
    LRA:         0.9 LU
    Threshold: -34.7 LUFS
    LRA low:   -15.7 LUFS
    LRA high:  -14.5 LUFS

  True peak:
    Peak:       -6.1 dBFS
"""
FFMPEG_9 = FFMPEG_5.replace("[silencedetect @", "[Parsed_silencedetect_2 @")


@pytest.mark.parametrize("text", [FFMPEG_5, FFMPEG_9], ids=["ffmpeg 5", "ffmpeg 9"])
def test_a_report_is_read_whichever_ffmpeg_wrote_it(text):
    """The filters' names in the log differ, the measurements are the same."""
    lines = [line for line in text.splitlines() if is_measurement(line)]

    assert read_loudness(lines) == Loudness(Lufs(-14.6), Decibels(-6.1))
    assert read_silences(lines) == [
        Silence(Seconds(0.0), Seconds(0.99678)),
        Silence(Seconds(18.0031), Seconds(20.0)),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "    title           : silence_start: 5",
        "    comment         : one",
        "                    :     I:         -5.0 LUFS",
        "                    : [silencedetect @ 0x5] silence_start: 5",
        "  Integrated loudness:",
        "    LRA low:   -15.7 LUFS",
        "",
    ],
)
def test_a_tag_cannot_pass_for_a_measurement(line):
    """A file's tags are shown in the same text, but never at the start of a line."""
    assert not is_measurement(line)


def summary(integrated: str, peak: str) -> list[str]:
    return [f"    I: {integrated:>13} LUFS", f"    Peak: {peak:>10} dBFS"]


def test_silence_has_no_loudness_and_a_finite_peak():
    """Minus infinity cannot stand in a JSON file, and no gain can be reckoned from it."""
    assert read_loudness(summary("-70.0", "-inf")) == Loudness(None, Decibels(-120.0))


@pytest.mark.parametrize("peak", ["inf", "nan"])
def test_a_peak_beyond_all_bounds_is_bounded(peak):
    """A float file may hold samples that are no numbers."""
    assert read_loudness(summary("-70.0", peak)) == Loudness(None, Decibels(120.0))


def test_the_loudest_part_speaks_for_a_file_that_changes_midway():
    """Each change of sample rate or channels begins a summary of its own."""
    lines = [*summary("-14.5", "-6.0"), *summary("-21.3", "-1.8")]
    assert read_loudness(lines) == Loudness(Lufs(-14.5), Decibels(-1.8))


def test_an_empty_part_is_not_asked():
    """The filter of ffmpeg 9 gives a part without samples a peak of 0 dBFS."""
    lines = [*summary("-14.5", "-6.0"), *summary("-70.0", "0.0")]
    assert read_loudness(lines) == Loudness(Lufs(-14.5), Decibels(-6.0))


@pytest.mark.parametrize("lines", [[], summary("-14.5", "-6.0")[:1]], ids=["nothing", "half"])
def test_without_a_whole_summary_there_is_no_loudness(lines):
    """Such a run did not come to its end."""
    assert read_loudness(lines) is None


def test_a_position_before_the_start_counts_as_the_start():
    """Some codecs begin a sample early."""
    assert read_silences(["[silencedetect @ 0x5] silence_start: -2.26757e-05"]) == [Silence(Seconds(0.0))]


def test_an_end_without_a_start_is_passed_over():
    """It would belong to nothing."""
    assert read_silences(["[silencedetect @ 0x5] silence_end: 3 | silence_duration: 1"]) == []


@pytest.mark.parametrize("progress", [b"", b"out_time_us=N/A\nprogress=end", b"total_size=N/A\n"])
def test_a_decoder_that_never_began_is_at_zero(progress):
    """Its report says N/A, or nothing at all."""
    assert read_position(progress) == 0


@given(st.lists(st.integers(min_value=0, max_value=10**12), min_size=1))
def test_the_last_position_counts_to_the_microsecond(positions):
    """A progress report has many; only the last one is the end."""
    progress = "".join(f"frame=0\nout_time_us={position}\nprogress=continue\n" for position in positions)
    assert round(read_position(progress.encode()) * 1_000_000) == positions[-1]


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5))))
def test_silences_survive_being_written_and_read(pairs):
    """Nothing is lost or added but digits."""
    lines = []
    for start, end in pairs:
        lines.append(f"[silencedetect @ 0x5] silence_start: {start:.6g}")
        lines.append(f"[silencedetect @ 0x5] silence_end: {end:.6g} | silence_duration: 1")

    found = read_silences(lines)

    assert len(found) == len(pairs)
    for silence, (start, end) in zip(found, pairs, strict=True):
        assert math.isclose(silence.start_s, start, rel_tol=1e-5)
        assert silence.end_s is not None
        assert math.isclose(silence.end_s, end, rel_tol=1e-5)
