"""What ffmpeg finds in a file: a look at its head, then one pass over all of its sound."""

from pathlib import Path

import msgspec
from msgspec import Struct

from easyplayer.analysis import ffmpeg
from easyplayer.analysis.cues import SHORTEST_SILENCE, Silence
from easyplayer.analysis.facts import SILENCE_THRESHOLD, Unplayable
from easyplayer.analysis.leash import Leash
from easyplayer.analysis.naming import shown
from easyplayer.analysis.reports import Loudness, is_measurement, read_loudness, read_position, read_silences
from easyplayer.errors import AnalysisError
from easyplayer.units import Seconds

PLAYLIST_FORMATS = frozenset({"hls", "concat", "dash", "sdp", "imf"})
"""What ffmpeg would follow to other files: their sound is not this file's content."""

COPY_AGAIN = "copy it again from its source, or leave it out"

ONLY_THIS_FILE = ("-protocol_whitelist", "file")
"""Before the input of each of ffmpeg's tools: no file is to lead to another one."""
_MEASURING = ",".join(
    (
        # Count samples instead of believing timestamps; only the first one's position is kept.
        r"asetpts=round(max(STARTPTS\,0)+N/SR/TB)",
        # One channel is played by two loudspeakers, and measured as it is heard.
        "ebur128=framelog=verbose:peak=true:dualmono=true",
        f"silencedetect=noise={SILENCE_THRESHOLD}dB:duration={SHORTEST_SILENCE}",
    )
)


class Stream(Struct, frozen=True):
    """A file's first sound track, as the file declares it.

    :ivar layout: which channels they are, such as ``stereo``; empty if it does not say.
    :ivar begin_s: where its first sample stands from the medium's start: a film's sound may be late.
    """

    codec: str
    sample_rate: int
    channels: int
    layout: str
    begin_s: Seconds


class Measurement(Struct, frozen=True):
    """What came out of decoding a sound track from end to end."""

    end_s: Seconds
    loudness: Loudness
    silences: list[Silence]


class _Track(Struct, frozen=True):
    codec_name: str = "unknown"
    sample_rate: int = 0
    channels: int = 0
    channel_layout: str = ""
    start_time: float = 0.0


class _Container(Struct, frozen=True):
    format_name: str = "unknown"
    start_time: float = 0.0


class _Problem(Struct, frozen=True):
    string: str


class _Probed(Struct, frozen=True):
    """ffprobe's answer, under its own names."""

    streams: list[_Track] = []
    format: _Container = _Container()
    error: _Problem | None = None


def look(path: Path, leash: Leash) -> Stream | Unplayable:
    """Read the file's head with ffprobe, which answers in JSON where ffmpeg only chats.

    :raises AnalysisError: ffprobe could not do its work.
    """
    wanted = "stream=codec_name,sample_rate,channels,channel_layout,start_time:format=format_name,start_time"
    arguments = ["-v", "error", "-of", "json", "-show_error", *ONLY_THIS_FILE, "-select_streams", "a:0"]
    arguments += ["-show_entries", wanted, "-i", f"file:{path}"]
    finished = ffmpeg.run("ffprobe", arguments, leash)
    if finished.crashed:
        return crash()
    try:
        probed = msgspec.json.decode(finished.output, type=_Probed, strict=False)
    except msgspec.DecodeError as error:
        raise AnalysisError(f"ffprobe gave no answer about {shown(path)} ({error}); try again") from error
    return _judge(probed)


def measure(path: Path, stream: Stream, leash: Leash) -> Measurement | Unplayable:
    """Decode the first sound track once: loudness, true peak, silences, and where it ends.

    A track that is damaged in parts is measured by what decodes.

    :raises AnalysisError: ffmpeg could not do its work.
    """
    arguments = ["-nostdin", "-hide_banner", "-nostats", "-loglevel", "info", "-progress", "pipe:1"]
    arguments += [*ONLY_THIS_FILE, "-threads", "1", "-i", f"file:{path}"]
    arguments += ["-map", "0:a:0", "-af", _filters(stream), "-f", "null", "-"]
    finished = ffmpeg.run("ffmpeg", arguments, leash, keep=is_measurement)
    if finished.crashed:
        return crash()
    end_s, loudness = read_position(finished.output), read_loudness(finished.lines)
    if end_s <= 0 or loudness is None:
        return Unplayable("is damaged: not one sample of its sound can be decoded", COPY_AGAIN)
    return Measurement(end_s, loudness, read_silences(finished.lines))


def _judge(probed: _Probed) -> Stream | Unplayable:
    container = probed.format
    if probed.error is not None:
        return Unplayable(f"is no music or film, or is damaged ({probed.error.string})", COPY_AGAIN)
    if container.format_name in PLAYLIST_FORMATS:
        return Unplayable("is a list of other files, not a medium", "name the files that it lists")
    if not probed.streams:
        return Unplayable(f"has no sound in it (format {container.format_name})", "leave it out")
    track = probed.streams[0]
    begin_s = Seconds(max(track.start_time - container.start_time, 0.0))
    return Stream(track.codec_name, track.sample_rate, track.channels, track.channel_layout, begin_s)


def _filters(stream: Stream) -> str:
    """Chain the filters; ebur128 weighs channels by their place, so each must have one."""
    if stream.layout or not stream.channels:
        return _MEASURING
    return f"aformat=channel_layouts={stream.channels}c,{_MEASURING}"


def crash() -> Unplayable:
    """Say of a file that ffmpeg does not survive it."""
    return Unplayable("crashes the decoder, and would crash the player", COPY_AGAIN)
