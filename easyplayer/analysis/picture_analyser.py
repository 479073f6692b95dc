"""Analysis of a file that may be music, an image or a clip: which it is, and what it really is."""

from pathlib import Path
from threading import Event

from easyplayer.analysis.analyser import facts_of_sound, judge_sound
from easyplayer.analysis.content import Content, ensure_unchanged, identify, unreadable
from easyplayer.analysis.decoding import COPY_AGAIN
from easyplayer.analysis.facts import MediaFacts, Unplayable
from easyplayer.analysis.image_kinds import ImageKind, kind_of
from easyplayer.analysis.leash import LONGEST, Leash, time_limit
from easyplayer.analysis.picture_decoding import Decoded, decode
from easyplayer.analysis.picture_look import PictureStream, look_at_picture
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.analysis.tags import read_tags
from easyplayer.units import Seconds

DECODES_AS_SLOW_AS = 2.0
"""How much longer than a clip lasts its decoding may take."""


def analyse_any(path: Path, *, stop: Event | None = None) -> MediaFacts | PictureFacts:
    """Find out whether a file is music, an image or a clip, and what it really is, by decoding all of it.

    :param stop: set it from another thread to give up within a fraction of a second.
    :raises MediaError: it is none of them, or cannot be played at all; that boxes are too slow for it
        is another matter: :mod:`easyplayer.analysis.playable`.
    :raises AnalysisError: nothing can be said about the file.
    """
    stop = stop or Event()
    finding = examine_any(path, identify(path, stop), stop)
    if isinstance(finding, Unplayable):
        raise finding.error(path)
    return finding


def examine_any(path: Path, content: Content, stop: Event) -> Finding:
    """Judge a file whose content is identified.

    :raises MediaError: the file changed meanwhile, so that there is no verdict.
    :raises AnalysisError: as for :func:`analyse_any`.
    """
    finding = _judge(path, content, stop)
    ensure_unchanged(path, content.stamp)
    return finding


def _judge(path: Path, content: Content, stop: Event) -> Finding:
    if content.stamp.size_bytes == 0:
        return Unplayable("is empty", COPY_AGAIN)
    kind = _kind(path)
    if isinstance(kind, Unplayable):
        return kind
    stream = look_at_picture(path, kind, Leash(path, stop, time_limit(content.stamp.size_bytes)))
    match stream:
        case Unplayable():
            return stream
        case None:
            return judge_sound(path, content, stop)
        case _:
            return _judge_picture(path, content, stream, stop)


def _kind(path: Path) -> ImageKind | Unplayable | None:
    try:
        return kind_of(path)
    except OSError as error:
        raise unreadable(path, error) from error


def _judge_picture(path: Path, content: Content, stream: PictureStream, stop: Event) -> Finding:
    limit_s = min(time_limit(content.stamp.size_bytes) + DECODES_AS_SLOW_AS * stream.length_s, LONGEST)
    decoded = decode(path, stream, Leash(path, stop, Seconds(limit_s)))
    if isinstance(decoded, Unplayable):
        return decoded
    if stream.still:
        return _facts(path, content, stream)
    sound = facts_of_sound(path, content, stop)
    return _facts(path, content, stream, decoded, sound)


def _facts(
    path: Path,
    content: Content,
    stream: PictureStream,
    decoded: Decoded | None = None,
    sound: MediaFacts | None = None,
) -> PictureFacts:
    width, height = stream.shown_size
    frames, end_s = (decoded.frames, decoded.end_s) if decoded else (1, Seconds(0.0))
    return PictureFacts(
        sha256=content.sha256,
        size_bytes=content.stamp.size_bytes,
        still=stream.still,
        container=stream.container,
        codec=stream.codec,
        profile=stream.profile,
        pixel_format=stream.pixel_format,
        width=width,
        height=height,
        rotation=stream.rotation,
        frames=frames,
        frame_rate=round(frames / end_s, 3) if end_s > 0 else 0.0,
        duration_s=end_s,
        sound=sound,
        tags=sound.tags if sound else read_tags(path),
    )
