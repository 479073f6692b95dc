"""What a track's row says: the item of a program that it is, and what people are shown of it."""

from typing import Any

import msgspec
from sqlalchemy import RowMapping

from easyplayer.analysis import MediaFacts
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.hub.content_views import CopyForBoxes, PictureForm, Track, TrackState
from easyplayer.playout.items import ClipSound, Item, ItemKind, Media
from easyplayer.playout.preparation import TAGGED
from easyplayer.units import Milliseconds

ID_DIGITS = 20
"""How many digits of a track's digest name it."""
SET_BY_HAND = ("cue_in_ms", "cue_out_ms", "fade_in_ms", "fade_out_ms", "gain_db", "clip_sound")
_MS = 1000


def media_key(sha256: str) -> str:
    """Tell where a medium lies in the media store."""
    return f"media/{sha256}"


def thumbnail_key(sha256: str) -> str:
    """Tell where the small image of a medium lies in the media store."""
    return f"thumbnails/{sha256}"


def found_in(row: RowMapping) -> Finding | None:
    """Give what an analysis has ended in; ``None`` where there was none yet."""
    if not row["facts"]:
        return None
    found: Finding = msgspec.json.decode(row["facts"], type=Finding)
    return found


def picture_of(row: RowMapping) -> PictureFacts | None:
    """Give what was found of a track's picture; ``None`` where it is music, or not known."""
    found = found_in(row)
    return found if isinstance(found, PictureFacts) else None


def heard_of(row: RowMapping) -> MediaFacts | None:
    """Give what was measured of a track that is heard; ``None`` of stills and clips."""
    found = found_in(row)
    if isinstance(found, PictureFacts):
        return found.sound if taken_as_music(found, changes_of(row)) else None
    return found if isinstance(found, MediaFacts) else None


def changes_of(row: RowMapping) -> dict[str, Any]:
    """Give what operators have set of a track."""
    changes: dict[str, Any] = msgspec.json.decode(row["item"])
    return changes


def taken_as_music(facts: PictureFacts, changes: dict[str, Any]) -> bool:
    """Tell whether operators want nothing of a clip but its sound."""
    return changes.get("kind") == ItemKind.FILE and facts.sound is not None


def item_of(row: RowMapping) -> Item:
    """Give the item of a program that a track is: what operators have set goes before its tags."""
    found, changes = found_in(row), changes_of(row)
    told: dict[str, Any] = {"media": Media(sha256=row["sha256"], size=row["size"])}
    if isinstance(found, PictureFacts):
        told |= _seen(found, changes) | _copied(row, found, changes)
    elif isinstance(found, MediaFacts):
        told |= {name: getattr(found.tags, name) for name in TAGGED}
        told["duration_ms"] = Milliseconds(round(found.duration_s * _MS))
    return Item(**{"id": row["id"], "location": row["file_name"], **told, **_fitting(found, changes)})


def _seen(found: PictureFacts, changes: dict[str, Any]) -> dict[str, Any]:
    tags: dict[str, Any] = {name: getattr(found.tags, name) for name in TAGGED}
    if found.still:
        return {**tags, "kind": ItemKind.STILL}
    if found.sound is not None and taken_as_music(found, changes):
        return {**tags, "duration_ms": Milliseconds(round(found.sound.duration_s * _MS))}
    return {**tags, "kind": ItemKind.CLIP, "duration_ms": Milliseconds(round(found.duration_s * _MS))}


def _copied(row: RowMapping, found: PictureFacts, changes: dict[str, Any]) -> dict[str, Any]:
    if not row["copy_sha256"] or taken_as_music(found, changes):
        return {}
    return {"media": Media(sha256=row["copy_sha256"], size=row["copy_size"])}


def _fitting(found: Finding | None, changes: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was said of it before it was known what it is."""
    fitting = {name: value for name, value in changes.items() if name != "kind"}
    if not (isinstance(found, PictureFacts) and found.still):
        fitting.pop("duration_ms", None)
    clip = isinstance(found, PictureFacts) and not found.still and not taken_as_music(found, changes)
    sound = fitting.pop("clip_sound", None)
    return {**fitting, "clip_sound": ClipSound(sound)} if clip and sound else fitting


def track_of(row: RowMapping) -> Track:
    """Show a row as a track."""
    item, found = item_of(row), found_in(row)
    shown = {name: getattr(item, name) for name in (*TAGGED, *SET_BY_HAND, "duration_ms", "kind")}
    sound = found.sound if isinstance(found, PictureFacts) else found
    copied = CopyForBoxes(sha256=row["copy_sha256"], size=row["copy_size"]) if row["copy_sha256"] else None
    return Track(
        **shown,
        id=row["id"],
        sha256=row["sha256"],
        size=row["size"],
        file_name=row["file_name"],
        state=TrackState(row["state"]),
        reason=row["reason"],
        loudness_lufs=sound.loudness_lufs if isinstance(sound, MediaFacts) else None,
        picture=_form(found) if isinstance(found, PictureFacts) else None,
        thumbnail=row["thumbnail"],
        copy=copied,
        progress=row["progress"] if row["state"] == TrackState.CONVERTING else None,
        changed=tuple(sorted(changes_of(row))),
        created=row["created"],
        by=row["by"],
    )


def _form(facts: PictureFacts) -> PictureForm:
    alike = ("container", "codec", "profile", "pixel_format", "bit_depth", "width", "height", "rotation")
    told = {name: getattr(facts, name) for name in (*alike, "frame_rate")}
    return PictureForm(**told, sounds=facts.sound is not None)
