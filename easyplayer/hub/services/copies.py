"""Copies for boxes: which pictures wait for one, how far it is, and what came of it.

Who makes a copy holds a lease on its track: :mod:`easyplayer.hub.services.leases`.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from easyplayer.analysis.pictures import PictureFacts
from easyplayer.analysis.playable import Obstacle, obstacle
from easyplayer.errors import ConflictError
from easyplayer.hub.content_views import Track, TrackState
from easyplayer.hub.db.schema import tracks as track_rows
from easyplayer.hub.services import audit, leases, tracks
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.judging import READY, Outcome, in_the_way, waiting
from easyplayer.hub.services.track_items import changes_of, picture_of, taken_as_music
from easyplayer.hub.settings import Transcode
from easyplayer.units import Instant

OFF = "the hub's setting transcode is off"
_OVER = {"lease": 0.0, "tries": 0}
_CONVERTING = track_rows.c.state == TrackState.CONVERTING.value

# -- those who make them ---------------------------------------------------------------------------


def take(connection: Connection, now: Instant, without: Collection[str] = ()) -> RowMapping | None:
    """Take on a track that waits for its copy, where no other copy is being made.

    :param without: ids of those that are to wait longer.
    """
    query = select(track_rows.c.lease).where(_CONVERTING).with_for_update()
    if any(leases.is_held(lease, now) for lease in connection.scalars(query).all()):
        return None
    return leases.take(connection, now, TrackState.CONVERTING, without)


def made(connection: Connection, row: RowMapping, lease: float, sha256: str, size: int) -> bool:
    """Keep a copy that lies in the media store; tell whether it is wanted still."""
    values = _become(READY) | {"copy_sha256": sha256, "copy_size": size, "progress": 1.0}
    return leases.keep(connection, row, lease, **_OVER, **values)


def failed(connection: Connection, row: RowMapping, lease: float, because: str) -> bool:
    """Keep that there will be no copy, and why: to be read after what is in the way."""
    trouble = _trouble(row)
    values = {} if trouble is None else _become(in_the_way(trouble, because))
    return leases.keep(connection, row, lease, **_OVER, **values)


def settle(connection: Connection) -> int:
    """Say of all that wait that there will be no copies, where the hub makes none any more; tell how many."""
    rows = connection.execute(select(track_rows).where(_CONVERTING)).mappings().all()
    return sum(failed(connection, row, row["lease"], OFF) for row in rows)


# -- operators -------------------------------------------------------------------------------------


def ask(connection: Connection, caller: Caller, now: Instant, track: str, *, transcode: Transcode) -> Track:
    """Have a copy made that boxes can play.

    :raises ConflictError: there is no need of one, none can be made, or this hub makes none.
    """
    row = tracks.find(connection, track)
    tracks.require_owner(caller, row)
    if row["state"] == TrackState.CONVERTING:
        return tracks.track_of(row)
    trouble = _trouble(row)
    if trouble is None or row["copy_sha256"]:
        message = f"track {track} needs no copy, or is no picture that one can be made of"
        raise ConflictError(message)
    if transcode is Transcode.OFF:
        message = f"{OFF}: set it to when-needed, or {trouble.remedy}"
        raise ConflictError(message)
    values = _become(waiting(trouble)) | _OVER | {"progress": 0.0}
    connection.execute(update(track_rows).where(track_rows.c.id == track).values(**values))
    audit.note(connection, caller, now, "track.copy", f"track/{track}", file_name=row["file_name"])
    return tracks.track_of(tracks.find(connection, track))


def cancel(connection: Connection, caller: Caller, now: Instant, track: str) -> Track:
    """Have a copy made no further; whoever makes it sees that within seconds.

    :raises ConflictError: none is being made.
    """
    row = tracks.find(connection, track)
    tracks.require_owner(caller, row)
    trouble = _trouble(row)
    if row["state"] != TrackState.CONVERTING or trouble is None:
        message = f"no copy of track {track} is being made"
        raise ConflictError(message)
    values = _become(in_the_way(trouble)) | _OVER | {"progress": 0.0}
    connection.execute(update(track_rows).where(track_rows.c.id == track).values(**values))
    audit.note(connection, caller, now, "track.copy.cancel", f"track/{track}", file_name=row["file_name"])
    return tracks.track_of(tracks.find(connection, track))


def _trouble(row: RowMapping) -> Obstacle | None:
    """Tell what a copy would be for; ``None`` where none is needed, or none can be made."""
    facts: PictureFacts | None = picture_of(row)
    if facts is None or taken_as_music(facts, changes_of(row)):
        return None
    trouble = obstacle(facts)
    return trouble if trouble is not None and trouble.copies else None


def _become(outcome: Outcome) -> dict[str, Any]:
    return {"state": outcome.state.value, "reason": outcome.reason}
