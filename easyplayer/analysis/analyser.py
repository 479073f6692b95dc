"""Analysis of one file: who it is, what its head says, what really decodes, and its tags."""

from pathlib import Path
from threading import Event

from easyplayer.analysis.content import Content, ensure_unchanged, identify
from easyplayer.analysis.cues import find_cues
from easyplayer.analysis.decoding import COPY_AGAIN, Measurement, Stream, look, measure
from easyplayer.analysis.facts import MediaFacts, Unplayable, Verdict
from easyplayer.analysis.ffmpeg import require_tools
from easyplayer.analysis.leash import Leash, time_limit
from easyplayer.analysis.tags import read_tags

__all__ = ["analyse", "examine", "require_tools"]


def analyse(path: Path, *, stop: Event | None = None) -> MediaFacts:
    """Find out what a media file really is, by decoding all of it; takes about 1 % of its duration.

    :param stop: set it from another thread to give up within a fraction of a second.
    :raises MediaError: the file cannot be played; the message names it, what is wrong and what to do.
    :raises AnalysisError: nothing can be said about the file: ffmpeg is missing, took too long, or
        was stopped.
    """
    stop = stop or Event()
    verdict = examine(path, identify(path, stop), stop)
    if isinstance(verdict, Unplayable):
        raise verdict.error(path)
    return verdict


def examine(path: Path, content: Content, stop: Event) -> Verdict:
    """Judge a file whose content is identified.

    :raises MediaError: the file changed meanwhile, so that there is no verdict.
    :raises AnalysisError: as for :func:`analyse`.
    """
    verdict = judge_sound(path, content, stop)
    ensure_unchanged(path, content.stamp)
    return verdict


def judge_sound(path: Path, content: Content, stop: Event) -> Verdict:
    """Judge a file by its first sound track; the file may change meanwhile.

    :raises AnalysisError: as for :func:`analyse`.
    """
    size_bytes = content.stamp.size_bytes
    if size_bytes == 0:
        return Unplayable("is empty", COPY_AGAIN)
    leash = Leash(path, stop, time_limit(size_bytes))
    stream = look(path, leash)
    if isinstance(stream, Unplayable):
        return stream
    measurement = measure(path, stream, leash)
    if isinstance(measurement, Unplayable):
        return measurement
    return _facts(path, content, stream, measurement)


def facts_of_sound(path: Path, content: Content, stop: Event) -> MediaFacts | None:
    """Measure a clip's own sound; ``None`` where it has none, or none that decodes.

    :raises AnalysisError: as for :func:`analyse`.
    """
    verdict = judge_sound(path, content, stop)
    return None if isinstance(verdict, Unplayable) else verdict


def _facts(path: Path, content: Content, stream: Stream, measurement: Measurement) -> MediaFacts:
    cues = find_cues(measurement.silences, begin_s=stream.begin_s, end_s=measurement.end_s)
    return MediaFacts(
        sha256=content.sha256,
        size_bytes=content.stamp.size_bytes,
        duration_s=measurement.end_s,
        loudness_lufs=measurement.loudness.integrated_lufs,
        true_peak_dbtp=measurement.loudness.true_peak_dbtp,
        cue_in_s=cues.in_s,
        cue_out_s=cues.out_s,
        sample_rate=stream.sample_rate,
        channels=stream.channels,
        codec=stream.codec,
        tags=read_tags(path),
    )
