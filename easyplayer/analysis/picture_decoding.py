"""One pass over all pictures of a file: how many really decode, and where the last one is over."""

import re
from pathlib import Path

from msgspec import Struct

from easyplayer.analysis import ffmpeg
from easyplayer.analysis.decoding import COPY_AGAIN, crash
from easyplayer.analysis.facts import Unplayable
from easyplayer.analysis.leash import Leash
from easyplayer.analysis.picture_look import SAFE, PictureStream
from easyplayer.analysis.playable import FASTEST, LONGEST, too_long
from easyplayer.analysis.reports import read_position
from easyplayer.units import Seconds

MOST_FRAMES = round(2 * FASTEST * LONGEST)
"""After so many a clip counts as one that never ends."""
_LEAST_PART = 0.5
"""Which part of the pictures that a file claims to show must decode."""
_HIDDEN = b"D"
_FRAMES = re.compile(rb"^frame=\s*(\d+)$", re.MULTILINE)


class Decoded(Struct, frozen=True):
    """What came out of decoding all pictures.

    :ivar end_s: where the last one is over.
    """

    frames: int
    end_s: Seconds


def decode(path: Path, stream: PictureStream, leash: Leash) -> Decoded | Unplayable:
    """Decode a file's pictures once; a clip that is damaged in parts is as long as what decodes.

    :raises AnalysisError: ffmpeg could not do its work.
    """
    if stream.length_s > LONGEST:
        return too_long().verdict
    finished = ffmpeg.run("ffmpeg", _arguments(path, stream), leash)
    if finished.crashed:
        return crash()
    decoded = Decoded(_last_frame(finished.output), read_position(finished.output))
    if decoded.frames == 0 or (
        _lacks_many(decoded, stream) and not _others_are_hidden(path, stream, decoded, leash)
    ):
        which = (
            f"of its {stream.frames} pictures only {decoded.frames}"
            if decoded.frames
            else "none of its pictures"
        )
        return Unplayable(f"is damaged, or protected against copying: {which} can be decoded", COPY_AGAIN)
    if decoded.frames >= MOST_FRAMES or decoded.end_s > LONGEST:
        return too_long().verdict
    return decoded


def _lacks_many(decoded: Decoded, stream: PictureStream) -> bool:
    return decoded.frames < stream.frames * _LEAST_PART


def _others_are_hidden(path: Path, stream: PictureStream, decoded: Decoded, leash: Leash) -> bool:
    """Tell whether the pictures that did not decode are none that the file shows.

    Who cuts a clip without coding it anew keeps its pictures from the last whole one on, and has the file say
    (by its edit list) where it begins; its head counts them all.  What was cut off by accident ends earlier
    than it says.

    :raises AnalysisError: ffprobe could not do its work.
    """
    if decoded.end_s < stream.shown_s * _LEAST_PART:
        return False
    reader = ["-f", stream.reader] if stream.reader else []
    arguments = ["-v", "error", *SAFE, *reader, "-select_streams", str(stream.index)]
    arguments += ["-show_entries", "packet=flags", "-of", "csv=p=0", "-i", f"file:{path}"]
    packets = ffmpeg.run("ffprobe", arguments, leash).output.splitlines()
    shown = sum(_HIDDEN not in flags for flags in packets)
    return decoded.frames >= shown * _LEAST_PART


def _arguments(path: Path, stream: PictureStream) -> list[str]:
    reader = ["-f", stream.reader] if stream.reader else []
    most = ["-t", str(LONGEST + 1), "-frames:v", str(MOST_FRAMES)]
    return [
        *("-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-progress", "pipe:1"),
        *(*SAFE, "-threads", "1", *reader, "-i", f"file:{path}"),
        *("-map", f"0:{stream.index}", *most, "-fps_mode", "passthrough", "-f", "null", "-"),
    ]


def _last_frame(progress: bytes) -> int:
    found = _FRAMES.findall(progress)
    return int(found[-1]) if found else 0
