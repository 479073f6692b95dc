"""A look at the head of a file that may be a picture, with ffprobe: what it declares, and whether it is safe.

What it declares decides whether it is decoded at all, so that nothing does harm: not more pixels than the
memory holds, not thousands of tracks, no other files.
"""

import re
from pathlib import Path

import msgspec
from msgspec import Struct

from easyplayer.analysis import ffmpeg
from easyplayer.analysis.decoding import COPY_AGAIN, ONLY_THIS_FILE, PLAYLIST_FORMATS, crash
from easyplayer.analysis.facts import Unplayable
from easyplayer.analysis.image_kinds import SAVE_AS, ImageKind
from easyplayer.analysis.leash import Leash
from easyplayer.analysis.naming import shown
from easyplayer.errors import AnalysisError
from easyplayer.units import Seconds

MOST_PIXELS = 100_000_000
"""Of one picture: 400 MB where each takes four bytes."""
MOST_STREAMS = 64
MOST_PICTURES = 4
"""Each track of pictures is decoded."""
SAFE = (*ONLY_THIS_FILE, "-max_streams", str(MOST_STREAMS), "-max_pixels", str(MOST_PIXELS))
"""Before the input of each of ffmpeg's tools."""

ONE_OF_EACH = "bring it with its picture and its sound alone"
_TOO_LARGE = re.compile(r"Picture size (\d+x\d+) (?:is invalid|exceeds)")
_TOO_MANY = "Number of streams exceeds max_streams"
_QUARTER = 90
_FULL_TURN = 360
_IMAGES = frozenset(kind.value for kind in ImageKind) - {ImageKind.GIF.value}


class PictureStream(Struct, frozen=True, kw_only=True):
    """One of a file's picture tracks, as the file declares it.

    :ivar reader: which of ffmpeg's readers takes the file; empty leaves that to ffmpeg.
    :ivar index: of the track in the file.
    :ivar width: in pixels, as it is stored; so is ``height``.
    :ivar rotation: clockwise, in degrees.
    :ivar begin_s: where its first picture stands from the medium's start: a film's picture may be late.
    :ivar length_s: how long the medium claims to be; 0 where it does not say.
    :ivar shown_s: how much of the track itself is to be shown, as it claims; 0 where it does not say.
    :ivar frames: how many it claims to have, with those that are not to be shown; 0 where it does not say.
    """

    reader: str
    container: str
    index: int
    still: bool
    codec: str
    profile: str
    pixel_format: str
    width: int
    height: int
    rotation: int
    begin_s: Seconds
    length_s: Seconds
    shown_s: Seconds
    frames: int

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as it is shown."""
        upright = self.rotation % (2 * _QUARTER) == 0
        return (self.width, self.height) if upright else (self.height, self.width)


class _Side(Struct, frozen=True):
    rotation: float = 0.0


class _Disposition(Struct, frozen=True):
    default: int = 0
    attached_pic: int = 0
    timed_thumbnails: int = 0


class _Track(Struct, frozen=True):
    index: int = 0
    codec_type: str = ""
    codec_name: str = "unknown"
    profile: str = ""
    width: int = 0
    height: int = 0
    pix_fmt: str = "unknown"
    start_time: float = 0.0
    duration: float = 0.0
    nb_frames: int = 0
    disposition: _Disposition = _Disposition()
    side_data_list: list[_Side] = []

    @property
    def is_picture(self) -> bool:
        """Whether it is one, and no cover of a song."""
        cover = self.disposition.attached_pic or self.disposition.timed_thumbnails
        return self.codec_type == "video" and not cover


class _Frame(Struct, frozen=True):
    side_data_list: list[_Side] = []


class _Container(Struct, frozen=True):
    format_name: str = "unknown"
    start_time: float = 0.0
    duration: float = 0.0


class _Problem(Struct, frozen=True):
    string: str


class _Probed(Struct, frozen=True):
    """ffprobe's answer, under its own names."""

    streams: list[_Track] = []
    frames: list[_Frame] = []
    format: _Container = _Container()
    error: _Problem | None = None


_WANTED = ":".join(
    (
        "stream=index,codec_type,codec_name,profile,width,height,pix_fmt,start_time,duration,nb_frames",
        "stream_disposition=default,attached_pic,timed_thumbnails",
        "stream_side_data=rotation",
        "format=format_name,start_time,duration",
    )
)


def look_at_pictures(path: Path, kind: ImageKind | None, leash: Leash) -> list[PictureStream] | Unplayable:
    """Read the head of a file.

    :param kind: which image its first bytes say it is.
    :return: its picture tracks, the one first that a player shows: the first that is marked as the default.
        None where there is no picture in it, but perhaps sound.
    :raises AnalysisError: ffprobe could not do its work.
    """
    arguments = ["-v", "error", "-of", "json", "-show_error", *SAFE]
    wanted = _WANTED
    if kind in _IMAGES:  # how a photograph is turned stands with its picture
        arguments += ["-show_frames", "-read_intervals", "%+#1"]
        wanted += ":frame=width:frame_side_data=rotation"
    reader = ["-f", kind.value] if kind is not None else []
    finished = ffmpeg.run(
        "ffprobe",
        [*arguments, "-show_entries", wanted, *reader, "-i", f"file:{path}"],
        leash,
        keep=lambda line: _TOO_MANY in line or bool(_TOO_LARGE.search(line)),
    )
    if finished.crashed:
        return crash()
    try:
        probed = msgspec.json.decode(finished.output, type=_Probed, strict=False)
    except msgspec.DecodeError as error:
        raise AnalysisError(f"ffprobe gave no answer about {shown(path)} ({error}); try again") from error
    return _bomb(finished.lines) or _judge(probed, kind)


def _bomb(lines: list[str]) -> Unplayable | None:
    """Tell what the file was made, or broken, to do."""
    for line in lines:
        if _TOO_MANY in line:
            return Unplayable(f"has more than {MOST_STREAMS} tracks in it", ONE_OF_EACH)
        if match := _TOO_LARGE.search(line):
            most = MOST_PIXELS // 1_000_000
            reason = f"has {match[1]} pixels, and more than {most} million are never decoded"
            return Unplayable(reason, "save it smaller")
    return None


def _judge(probed: _Probed, kind: ImageKind | None) -> list[PictureStream] | Unplayable:
    container = probed.format.format_name
    if probed.error is not None:
        return Unplayable(f"is no music, film or image, or is damaged ({probed.error.string})", COPY_AGAIN)
    if container in PLAYLIST_FORMATS:
        return Unplayable("is a list of other files, not a medium", "name the files that it lists")
    if kind is None and (container.endswith("_pipe") or container.startswith("image2")):
        return Unplayable(
            f"is an image of a kind ({container.removesuffix('_pipe')}) that boxes do not show", SAVE_AS
        )
    tracks = [one for one in probed.streams if one.is_picture]
    if len(tracks) > MOST_PICTURES:
        return Unplayable(f"has more than {MOST_PICTURES} tracks of pictures in it", ONE_OF_EACH)
    if not all(track.width and track.height for track in tracks):
        return Unplayable("is damaged: it does not say how large its picture is", COPY_AGAIN)
    shown_first = sorted(tracks, key=lambda track: not track.disposition.default)
    return [_stream(track, probed, kind) for track in shown_first]


def _stream(track: _Track, probed: _Probed, kind: ImageKind | None) -> PictureStream:
    sides = [*track.side_data_list, *(side for frame in probed.frames[:1] for side in frame.side_data_list)]
    return PictureStream(
        reader=kind.value if kind else "",
        container=probed.format.format_name,
        index=track.index,
        still=kind in _IMAGES or (kind is ImageKind.GIF and track.nb_frames <= 1),
        codec=track.codec_name,
        profile=track.profile,
        pixel_format=track.pix_fmt,
        width=track.width,
        height=track.height,
        rotation=_clockwise(sides),
        begin_s=Seconds(max(track.start_time - probed.format.start_time, 0.0)),
        length_s=Seconds(max(track.duration, probed.format.duration, 0.0)),
        shown_s=Seconds(max(track.duration, 0.0)),
        frames=track.nb_frames,
    )


def _clockwise(sides: list[_Side]) -> int:
    """Round to quarters: ffmpeg counts the other way round."""
    angle = next((side.rotation for side in sides if side.rotation), 0.0)
    return round(-angle / _QUARTER) * _QUARTER % _FULL_TURN
