"""What becomes of a track once it is known what it is: ready, unplayable, or waiting for a copy."""

from typing import Any

from msgspec import Struct

from easyplayer.analysis.facts import Unplayable
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.analysis.playable import Obstacle, obstacle
from easyplayer.hub.content_views import TrackState
from easyplayer.hub.services.track_items import taken_as_music
from easyplayer.hub.settings import Transcode
from easyplayer.playout.items import ItemKind

SILENT = Unplayable("holds nothing but silence", "bring another file")


class Outcome(Struct, frozen=True):
    """What becomes of a track."""

    state: TrackState
    reason: str = ""


READY = Outcome(TrackState.READY)


def outcome(found: Finding, changes: dict[str, Any], transcode: Transcode) -> Outcome:
    """Tell what becomes of a track.

    :param changes: what operators have set of it.
    """
    if isinstance(found, Unplayable):
        return refused(found)
    if not isinstance(found, PictureFacts):
        return refused(SILENT) if found.is_silent else READY
    if taken_as_music(found, changes) and found.sound is not None:
        return refused(SILENT) if found.sound.is_silent else READY
    trouble = obstacle(found)
    if trouble is None:
        return READY
    return waiting(trouble) if trouble.copies and transcode is Transcode.WHEN_NEEDED else in_the_way(trouble)


def kind_of(found: Finding, changes: dict[str, Any]) -> ItemKind:
    """Tell what a track is in a program."""
    if not isinstance(found, PictureFacts) or taken_as_music(found, changes):
        return ItemKind.FILE
    return ItemKind.STILL if found.still else ItemKind.CLIP


def refused(verdict: Unplayable) -> Outcome:
    """Say that a track cannot be played, why, and what to do."""
    return Outcome(TrackState.UNPLAYABLE, f"it {verdict.reason}; {verdict.remedy}")


def waiting(trouble: Obstacle) -> Outcome:
    """Say that a copy is to be made."""
    return Outcome(TrackState.CONVERTING, f"it {trouble.reason}")


def in_the_way(trouble: Obstacle, because: str = "") -> Outcome:
    """Say that a picture cannot be shown as it is, and that there is no copy.

    :param because: why there is none, if not by the settings.
    """
    remedy = f"{trouble.remedy}, or have a copy made" if trouble.copies and not because else trouble.remedy
    why = f"{trouble.reason}, and {because}" if because else trouble.reason
    return refused(Unplayable(why, remedy))
