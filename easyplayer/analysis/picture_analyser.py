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
from easyplayer.analysis.picture_look import PictureStream, look_at_pictures
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.analysis.playable import obstacle
from easyplayer.analysis.tags import read_tags
from easyplayer.units import Seconds

DECODES_AS_SLOW_AS = 2.0
"""How much longer than a clip lasts its decoding may take."""
LATE_S = Seconds(0.2)
"""A picture that begins sooner than this behind the sound is not late: positions are rounded to pictures."""


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
    streams = look_at_pictures(path, kind, Leash(path, stop, time_limit(content.stamp.size_bytes)))
    if isinstance(streams, Unplayable):
        return streams
    return _judge_pictures(path, content, streams, stop) if streams else judge_sound(path, content, stop)


def _kind(path: Path) -> ImageKind | Unplayable | None:
    try:
        return kind_of(path)
    except OSError as error:
        raise unreadable(path, error) from error


def _judge_pictures(path: Path, content: Content, streams: list[PictureStream], stop: Event) -> Finding:
    """Judge a file by the picture track that a player shows; or by one that boxes could not, if there is any.

    Which of several tracks is shown may be chosen anew, with another player or by a person.
    """
    passes: list[tuple[PictureStream, Decoded]] = []
    for stream in streams:
        limit_s = min(time_limit(content.stamp.size_bytes) + DECODES_AS_SLOW_AS * stream.length_s, LONGEST)
        decoded = decode(path, stream, Leash(path, stop, Seconds(limit_s)))
        if isinstance(decoded, Unplayable):
            return decoded
        passes.append((stream, decoded))
    sound = None if streams[0].still else facts_of_sound(path, content, stop)
    facts = [_facts(path, content, stream, decoded, sound) for stream, decoded in passes]
    return facts[0] if obstacle(facts[0]) else next(filter(_too_much, facts), facts[0])


def _too_much(facts: PictureFacts) -> bool:
    """Tell whether boxes could not decode a picture in time; that a preview is short does no harm."""
    trouble = obstacle(facts)
    return trouble is not None and trouble.copies


def _facts(
    path: Path,
    content: Content,
    stream: PictureStream,
    decoded: Decoded,
    sound: MediaFacts | None,
) -> PictureFacts:
    width, height = stream.shown_size
    frames, end_s = (1, Seconds(0.0)) if stream.still else (decoded.frames, decoded.end_s)
    return PictureFacts(
        sha256=content.sha256,
        size_bytes=content.stamp.size_bytes,
        still=stream.still,
        container=stream.container,
        track=stream.index,
        codec=stream.codec,
        profile=stream.profile,
        pixel_format=stream.pixel_format,
        width=width,
        height=height,
        rotation=stream.rotation,
        frames=frames,
        frame_rate=_rate(frames, stream.begin_s, end_s),
        duration_s=end_s,
        sound=sound,
        tags=sound.tags if sound else read_tags(path),
    )


def _rate(frames: int, begin_s: Seconds, end_s: Seconds) -> float:
    """Tell how many pictures come in a second, from where the first one stands."""
    length_s = end_s - begin_s if LATE_S <= begin_s < end_s else end_s
    return round(frames / length_s, 3) if length_s > 0 else 0.0
