"""What an analysis finds out about a picture: a still image, or a clip that moves."""

import re
from typing import TypeAlias

from msgspec import Struct

from easyplayer.analysis.facts import MediaFacts, Tags, Unplayable
from easyplayer.units import Seconds

_DEPTH = re.compile(r"^(?:.*p|p0|gray|rgb|bgr)(?P<bits>10|12|14|16|48|64)(?:le|be)?$")
_PER_SAMPLE = {48: 16, 64: 16}
_USUAL_DEPTH = 8


class PictureFacts(Struct, frozen=True, kw_only=True, tag="picture", tag_field="verdict"):
    """What a file's picture really is, found by decoding all of it.

    :ivar sha256: hash of the file's content, in hexadecimal.
    :ivar still: whether it is an image, which does not move.
    :ivar container: ffmpeg's name of the file's format, such as ``png_pipe`` or ``matroska,webm``.
    :ivar track: its number among the file's tracks, from 0; ``None`` is the first picture that is no cover.
    :ivar codec: ffmpeg's name of the codec, such as ``png`` or ``h264``.
    :ivar profile: which of the codec's tools it uses, such as ``High 10``; empty where it does not say.
    :ivar pixel_format: ffmpeg's name of how a pixel is written, such as ``yuv420p10le``.
    :ivar width: in pixels, as it is shown; so is ``height``.
    :ivar rotation: by how many degrees, clockwise, what is stored is turned to be shown: 0, 90, 180 or 270.
    :ivar frames: how many decode; one, of a still.
    :ivar frame_rate: how many come in a second, on average, from the first to the last; 0 of a still.
    :ivar duration_s: where the last one is over; 0 of a still.
    :ivar sound: what the clip's own sound is; ``None`` where it has none.
    """

    sha256: str
    size_bytes: int
    still: bool
    container: str
    track: int | None = None
    codec: str
    profile: str = ""
    pixel_format: str
    width: int
    height: int
    rotation: int = 0
    frames: int = 1
    frame_rate: float = 0.0
    duration_s: Seconds = Seconds(0.0)
    sound: MediaFacts | None = None
    tags: Tags = Tags()

    @property
    def bit_depth(self) -> int:
        """How many bits one sample of a pixel has."""
        return depth_of(self.pixel_format)

    @property
    def specifier(self) -> str:
        """How ffmpeg is told which track it is."""
        return "0:V:0" if self.track is None else f"0:{self.track}"

    @property
    def form(self) -> str:
        """What it is, in a few words.

        >>> PictureFacts(sha256="", size_bytes=1, still=True, container="png_pipe", codec="png",
        ...              pixel_format="rgb24", width=640, height=480).form
        'png, 640x480'
        """
        size = f"{self.codec}, {self.width}x{self.height}"
        return size if self.still else f"{size}, {self.frame_rate:.4g} pictures a second"


def depth_of(pixel_format: str) -> int:
    """Tell how many bits one sample has.

    >>> depth_of("yuv420p"), depth_of("yuv422p10le"), depth_of("p010le"), depth_of("rgba64be")
    (8, 10, 10, 16)
    """
    plain = pixel_format.replace("rgba", "rgb").replace("bgra", "bgr")
    match = _DEPTH.match(plain)
    bits = int(match["bits"]) if match else _USUAL_DEPTH
    return _PER_SAMPLE.get(bits, bits)


PictureVerdict: TypeAlias = PictureFacts | Unplayable
Finding: TypeAlias = MediaFacts | PictureFacts | Unplayable
"""What an analysis ends in that takes any medium: music, or a picture."""
