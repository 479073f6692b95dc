"""The test music is what it says it is, and what is broken is broken."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.sound.broken import SECONDS, Broken
from tests.sound.ear import onset
from tests.sound.recording import Recording
from tests.sound.signals import FORMATS, LEVEL_DBFS, Signals, decode, noise

pytestmark = pytest.mark.slow


def probe(path: Path) -> dict[str, Any]:
    """Return what ffprobe says about the first audio stream, and the container's duration."""
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=channels,sample_rate,bits_per_raw_sample"]
    answer = subprocess.run(
        [*command, "-show_entries", "format=duration", "-of", "json", str(path)],
        capture_output=True,
        check=True,
    )
    told = json.loads(answer.stdout)
    return {**told["streams"][0], **told["format"]}


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_holds_the_same_music(signals: Signals, extension: str) -> None:
    """Encoded noise decodes to itself: its length, its place, nearly its level."""
    samples = decode(signals.noise(1, 2.0, extension))
    assert len(samples) / 44_100 == pytest.approx(2.0, abs=0.06)
    assert onset(Recording(samples), noise(1, 2.0)) == pytest.approx(0, abs=0.001)
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(LEVEL_DBFS, abs=6)


def test_file_is_made_once(signals: Signals) -> None:
    """A second wish for the same file does not write it again."""
    made = signals.sine(440, 1.0).stat().st_mtime_ns
    assert signals.sine(440, 1.0).stat().st_mtime_ns == made


def test_length_of_headerless_vbr_is_guessed_wrong(signals: Signals) -> None:
    """A prober believes the first frames' bit rate; decoding tells the truth."""
    path = signals.mp3_vbr_without_xing(20.0)
    assert float(probe(path)["duration"]) > 30
    assert len(decode(path)) / 44_100 == pytest.approx(20, abs=0.1)


def test_odd_formats_are_odd(signals: Signals) -> None:
    """One channel, six channels, 96 kHz at 24 bits."""
    assert probe(signals.mono(440, 1.0))["channels"] == 1
    assert probe(signals.surround(440, 1.0))["channels"] == 6
    high = probe(signals.high_resolution(440, 1.0))
    assert (high["sample_rate"], high["bits_per_raw_sample"]) == ("96000", "24")


def test_hopeless_files_hold_no_music(broken: Broken) -> None:
    """A decoder gives up on each of them."""
    hopeless = (broken.zero_byte(), broken.text(), broken.random_bytes(), broken.m4a_without_moov())
    for path in hopeless:
        with pytest.raises(subprocess.CalledProcessError):
            probe(path)


@pytest.mark.parametrize("extension", ["mp3", "flac", "ogg"])
def test_truncated_file_holds_half_the_music(broken: Broken, extension: str) -> None:
    """What has arrived can be played."""
    assert len(decode(broken.truncated(extension))) / 44_100 == pytest.approx(SECONDS / 2, abs=1)


@pytest.mark.parametrize("extension", ["mp3", "flac", "ogg", "m4a"])
def test_junk_in_the_middle_leaves_most_of_the_music(broken: Broken, extension: str) -> None:
    """Some of it is gone, not most."""
    left_s = len(decode(broken.junk_in_the_middle(extension))) / 44_100
    assert 0.75 * SECONDS < left_s < 1.05 * SECONDS


def test_wrong_extension_does_not_hide_the_music(broken: Broken) -> None:
    """A FLAC that is called MP3 is still a FLAC."""
    assert len(decode(broken.wrong_extension())) / 44_100 == pytest.approx(SECONDS, abs=0.01)


def test_header_alone_holds_no_sample(broken: Broken) -> None:
    """60 bytes of FLAC decode to nothing."""
    assert broken.header_only().stat().st_size == 60
