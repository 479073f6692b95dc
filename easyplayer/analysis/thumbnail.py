"""Thumbnails: a small JPEG of an image or a clip, for people who look through many."""

from pathlib import Path

from easyplayer.analysis import ffmpeg
from easyplayer.analysis.leash import Leash
from easyplayer.analysis.picture_look import SAFE
from easyplayer.analysis.pictures import PictureFacts

WIDTH, HEIGHT = 320, 180
"""Pixels that it fits into."""
MOST_BYTES = 200_000
_INTO = 0.1
"""A clip is shown as it is after this part of it: many begin in black."""
_BLACK = f"color=black:size={WIDTH}x{HEIGHT}"


def make_thumbnail(path: Path, facts: PictureFacts, leash: Leash) -> bytes:
    """Make a small JPEG of a picture as it is shown, upright and on black; empty where none can be made.

    :raises AnalysisError: ffmpeg could not do its work.
    """
    at_s = facts.duration_s * _INTO
    return _made(path, facts, at_s, leash) or (_made(path, facts, 0.0, leash) if at_s else b"")


def _made(path: Path, facts: PictureFacts, at_s: float, leash: Leash) -> bytes:
    reader = ["-f", facts.container] if facts.container.endswith("_pipe") or facts.container == "gif" else []
    seek = ["-ss", f"{at_s:.3f}"] if at_s else []
    arguments = [
        *("-nostdin", "-v", "error", *SAFE, "-threads", "1", *seek, *reader, "-i", f"file:{path}"),
        *("-filter_complex", _filters(facts.specifier), "-map", "[small]", "-frames:v", "1"),
        *("-c:v", "mjpeg", "-q:v", "4", "-map_metadata", "-1", "-f", "image2pipe", "pipe:1"),
    ]
    made = ffmpeg.run("ffmpeg", arguments, leash)
    return b"" if made.crashed or len(made.output) > MOST_BYTES else made.output


def _filters(track: str) -> str:
    """Scale within the frame, keep the shape, and lay what is transparent on black."""
    fit = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=decrease,format=rgba"
    return (
        f"[{track}]{fit}[picture];{_BLACK}:rate=1[black];[black][picture]scale2ref[ground][top];"
        "[ground][top]overlay=format=rgb:shortest=1,setsar=1,format=yuvj420p[small]"
    )
