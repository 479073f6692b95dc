"""What a box shows in time, as a table, and why it does not show something.  Pure.

A box decodes on small cores, without the help of its graphics chip, and plays music beside it.  How the
figures came about stands in decision 0068.
"""

from collections.abc import Mapping

from msgspec import Struct

from easyplayer.analysis.facts import Unplayable
from easyplayer.analysis.pictures import PictureFacts
from easyplayer.units import Seconds

FULL_HD = 1920 * 1088
"""Pixels of the largest clip: codecs count in blocks of 16, so that 1080 rows may be 1088."""
LONGEST_SIDE = 1920
FASTEST = 60.0
"""Pictures a second."""
_ROUNDING = 1.02
"""Frame rates are measured, and a recording is never exactly as fast as it says."""
LARGEST_STILL_SIDE = 4096
"""Pixels: what the graphics chips of small boxes take as one picture."""
SHORTEST = Seconds(0.2)
"""A clip that is shorter is over before the next one can be made ready."""
LONGEST = Seconds(4 * 3600.0)

PLAIN = frozenset({"yuv420p", "yuvj420p", "nv12"})
DEEP = frozenset({"yuv420p10le", "p010le"})


class Codec(Struct, frozen=True, kw_only=True):
    """How much of a codec a box decodes in time.

    :ivar name: what people call it.
    :ivar fastest: pictures a second, at Full HD; smaller ones may come faster, up to :data:`FASTEST`.
    :ivar pixels: the pixel formats in which it is played.
    """

    name: str
    fastest: float
    pixels: frozenset[str] = PLAIN


CLIPS: Mapping[str, Codec] = {
    "h264": Codec(name="H.264", fastest=60, pixels=PLAIN | DEEP),
    "hevc": Codec(name="HEVC (H.265)", fastest=30, pixels=PLAIN | DEEP),
    "av1": Codec(name="AV1", fastest=30, pixels=PLAIN | DEEP),
    "vp9": Codec(name="VP9", fastest=30, pixels=PLAIN | DEEP),
    "vp8": Codec(name="VP8", fastest=60),
    "mpeg4": Codec(name="MPEG-4 part 2 (DivX, Xvid)", fastest=60),
    "mpeg2video": Codec(name="MPEG-2", fastest=60),
    "mpeg1video": Codec(name="MPEG-1", fastest=60),
    "theora": Codec(name="Theora", fastest=60),
    "vc1": Codec(name="VC-1", fastest=30),
    "wmv3": Codec(name="Windows Media Video 9", fastest=30),
    "mjpeg": Codec(name="Motion JPEG", fastest=30, pixels=PLAIN | {"yuvj422p", "yuv422p"}),
    "gif": Codec(name="GIF that moves", fastest=30, pixels=frozenset({"bgra", "pal8"})),
}
"""The codecs of clips that are played, by ffmpeg's names."""

STILLS: Mapping[str, str] = {"png": "PNG", "mjpeg": "JPEG", "webp": "WebP", "gif": "GIF"}
"""The codecs of stills that are shown, by ffmpeg's names."""

DEEP_FASTEST = 30.0
"""Pictures a second, at Full HD, of clips with 10 bits."""

BRING_CLIP = "bring it as MP4 with H.264, of 1920x1080 pixels and 60 pictures a second at the most"
BRING_STILL = f"save it with {LARGEST_STILL_SIDE} pixels on its longer side at the most"
CUT = "cut it into parts"


class Obstacle(Struct, frozen=True):
    """Why boxes do not show a picture as it is.

    :ivar reason: to be read after the file's name.
    :ivar remedy: what to do about it.
    :ivar copies: whether a copy could be made that they do show.
    """

    reason: str
    remedy: str
    copies: bool = True

    @property
    def verdict(self) -> Unplayable:
        """Say that it cannot be played."""
        return Unplayable(self.reason, self.remedy)


def obstacle(facts: PictureFacts) -> Obstacle | None:
    """Tell what is in the way of showing a picture; ``None`` where nothing is."""
    return _still(facts) if facts.still else _clip(facts)


def _still(facts: PictureFacts) -> Obstacle | None:
    if facts.codec not in STILLS:
        return Obstacle(
            f"is an image of a kind ({facts.codec}) that boxes do not show", "save it as PNG or JPEG"
        )
    if max(facts.width, facts.height) > LARGEST_STILL_SIDE:
        return Obstacle(f"is too large for boxes, with {_size(facts)} pixels", BRING_STILL)
    return None


def _clip(facts: PictureFacts) -> Obstacle | None:
    if facts.duration_s < SHORTEST:
        reason = f"lasts {facts.duration_s:.2f} s, which is too short for a clip"
        return Obstacle(reason, "bring it as an image", copies=False)
    if facts.duration_s > LONGEST:
        return too_long()
    codec = CLIPS.get(facts.codec)
    if codec is None:
        return Obstacle(f"is coded in a way ({facts.codec}) that boxes do not decode in time", BRING_CLIP)
    if facts.pixel_format not in codec.pixels:
        return Obstacle(
            f"has a kind of pixels ({facts.pixel_format}) that boxes do not decode in time", BRING_CLIP
        )
    if facts.width * facts.height > FULL_HD or max(facts.width, facts.height) > LONGEST_SIDE:
        return Obstacle(f"is too large for boxes to decode in time, with {_size(facts)} pixels", BRING_CLIP)
    return _fast(facts, codec)


def _fast(facts: PictureFacts, codec: Codec) -> Obstacle | None:
    most = fastest(codec, facts.width * facts.height, deep=facts.pixel_format in DEEP)
    if facts.frame_rate <= most * _ROUNDING:
        return None
    reason = (
        f"is too fast for boxes, with {facts.frame_rate:.4g} pictures a second "
        f"(of {codec.name}, at this size, {most:.0f} are the most)"
    )
    return Obstacle(reason, BRING_CLIP)


def fastest(codec: Codec, pixels: int, *, deep: bool) -> float:
    """Tell how many pictures of a size a box decodes in a second.

    >>> round(fastest(CLIPS["hevc"], 1920 * 1080, deep=False)), fastest(CLIPS["hevc"], 1280 * 720, deep=False)
    (30, 60.0)
    """
    at_full = min(codec.fastest, DEEP_FASTEST) if deep else codec.fastest
    return min(FASTEST, at_full * FULL_HD / pixels)


def too_long() -> Obstacle:
    """Say that a clip lasts too long, or for ever."""
    return Obstacle(f"lasts longer than {LONGEST / 3600:.0f} hours", CUT, copies=False)


def _size(facts: PictureFacts) -> str:
    return f"{facts.width}x{facts.height}"
