"""Copies that boxes play, of pictures that they do not: what ffmpeg is told, and how far it is.

A clip becomes H.264 and AAC in an MP4; an image a JPEG, or a PNG where it lets something shine through.
"""

import re
from collections.abc import Callable
from pathlib import Path

from easyplayer.analysis import ffmpeg
from easyplayer.analysis.leash import Leash
from easyplayer.analysis.picture_look import SAFE
from easyplayer.analysis.pictures import PictureFacts
from easyplayer.analysis.playable import FASTEST, LARGEST_STILL_SIDE, LONGEST_SIDE
from easyplayer.units import Seconds

Progress = Callable[[float], object]
"""Told again and again which part of the work is done, from 0 to 1."""

THREADS = "2"
SHORTER_SIDE = 1080
MAY_TAKE = 30.0
"""How many times as long as a clip lasts its copy may take to make."""
PATIENCE_S = Seconds(120.0)
_STEADY = 30.0
"""Pictures a second of a copy of a clip that has too many."""
_SEEN_THROUGH = re.compile(r"rgba|bgra|argb|abgr|yuva|gbrap|^ya|pal8")
_MICROSECONDS_PER_S = 1_000_000
_POSITION = re.compile(rb"^out_time_us=(\d+)$", re.MULTILINE)


def may_take(facts: PictureFacts) -> Seconds:
    """Say how long making a copy may take."""
    return Seconds(PATIENCE_S + MAY_TAKE * facts.duration_s)


def make_copy(
    path: Path,
    facts: PictureFacts,
    target: Path,
    leash: Leash,
    progress: Progress,
    *,
    most_bytes: int,
) -> None:
    """Make a copy of a picture that boxes play; whether it came out well is told by analysing it.

    :param target: where to write it; what is there is written over.
    :param most_bytes: where it grows larger, it is cut off there.
    :raises AnalysisError: ffmpeg could not do its work, or the leash says to stop.
    """
    arguments = [
        *("-nostdin", "-v", "error", "-nostats", "-progress", "pipe:1", "-y", *SAFE),
        *("-threads", THREADS, *_reader(facts), "-i", f"file:{path}"),
        *(_still(facts) if facts.still else _clip(facts)),
        *(
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
            "-threads",
            THREADS,
            "-fs",
            str(most_bytes),
            f"file:{target}",
        ),
    ]
    ffmpeg.run("ffmpeg", arguments, leash, hear=_Gauge(facts.duration_s, progress).hear)


def _reader(facts: PictureFacts) -> list[str]:
    return ["-f", facts.container] if facts.container.endswith("_pipe") or facts.container == "gif" else []


def _still(facts: PictureFacts) -> list[str]:
    fit = _fit(LARGEST_STILL_SIDE, LARGEST_STILL_SIDE, even=False)
    coding = ["-c:v", "png"] if _SEEN_THROUGH.search(facts.pixel_format) else ["-c:v", "mjpeg", "-q:v", "2"]
    return ["-map", facts.specifier, "-frames:v", "1", "-vf", fit, *coding, "-f", "image2pipe"]


def _clip(facts: PictureFacts) -> list[str]:
    lying = facts.width >= facts.height
    width, height = (LONGEST_SIDE, SHORTER_SIDE) if lying else (SHORTER_SIDE, LONGEST_SIDE)
    steady = [f"fps={_steady(facts.frame_rate):g}"] if facts.frame_rate > FASTEST else []
    filters = ",".join([*steady, _fit(width, height, even=True), "format=yuv420p"])
    sound = (
        ["-map", "0:a:0", "-c:a", "aac", "-b:a", "192k", "-ac", "2", "-ar", "48000"] if facts.sound else []
    )
    return [
        *("-map", facts.specifier, "-vf", filters, *sound),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-profile:v", "high", "-g", "120"),
        *("-maxrate", "12M", "-bufsize", "24M", "-movflags", "+faststart", "-f", "mp4"),
    ]


def _fit(width: int, height: int, *, even: bool) -> str:
    """Scale down to fit, never up; codecs want even numbers of pixels."""
    wanted = f"scale='min({width},iw)':'min({height},ih)':force_original_aspect_ratio=decrease"
    return f"{wanted}:force_divisible_by=2" if even else wanted


def _steady(rate: float) -> float:
    """Give the half, the third and so on of a rate that is too high, so that every picture stands as long.

    >>> _steady(120), _steady(100), _steady(144)
    (60.0, 50.0, 48.0)
    """
    parts = next(part for part in range(2, round(rate) + 2) if rate / part <= FASTEST)
    return rate / parts if rate / parts >= _STEADY else _STEADY


class _Gauge:
    """Reads from ffmpeg's progress report how far it is."""

    def __init__(self, duration_s: Seconds, progress: Progress) -> None:
        self._duration_s = duration_s
        self._progress = progress
        self._rest = b""

    def hear(self, chunk: bytes) -> None:
        """Take the next bytes, which may end amid a line."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        positions = _POSITION.findall(b"\n".join(whole))
        if positions and self._duration_s > 0:
            self._progress(min(int(positions[-1]) / _MICROSECONDS_PER_S / self._duration_s, 1.0))
