"""Tracks: the files that were uploaded, what is known of each, and what operators have said of it."""

from typing import Any

import msgspec
from msgspec import UNSET, structs
from sqlalchemy import Connection, RowMapping, and_, or_, select, update

from easyplayer.analysis.facts import Unplayable
from easyplayer.analysis.pictures import Finding, PictureFacts
from easyplayer.errors import ForbiddenError, ProgramError
from easyplayer.hub.content_views import Track, TrackChange, TrackState
from easyplayer.hub.db.schema import tracks
from easyplayer.hub.services import audit
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.holding import none_such, require_somewhere
from easyplayer.hub.services.judging import kind_of, outcome
from easyplayer.hub.services.parts import read_part
from easyplayer.hub.services.track_items import (
    ID_DIGITS,
    changes_of,
    found_in,
    item_of,
    media_key,
    thumbnail_key,
    track_of,
)
from easyplayer.hub.settings import Transcode
from easyplayer.playout.items import Item, ItemKind
from easyplayer.units import Instant

__all__ = ["ID_DIGITS", "item_of", "media_key", "thumbnail_key", "track_of"]
"""What of :mod:`easyplayer.hub.services.track_items` is found here, too, beside what is made here."""

LONGEST_NAME = 200


def label_of(file_name: str, track: str) -> str:
    """Make of what a file was called a label that can do no harm, wherever it is shown.

    >>> label_of("../../etc/Dawn.flac", "0f"), label_of("  ", "0f")
    ('Dawn.flac', '0f')
    """
    last = file_name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(letter for letter in last if letter.isprintable()).strip()
    return plain[:LONGEST_NAME] or track


# -- reading ---------------------------------------------------------------------------------------


def listed(
    connection: Connection,
    *,
    text: str = "",
    state: TrackState | None = None,
    kind: ItemKind | None = None,
    sha256: str = "",
    after: str = "",
    limit: int,
) -> list[Track]:
    """Give tracks in the order of their ids.

    :param text: what stands somewhere in title, artist or file name, whatever the case.
    """
    query = select(tracks).order_by(tracks.c.id).limit(limit).where(tracks.c.id > after)
    for word in text.split():
        columns = (tracks.c.title, tracks.c.artist, tracks.c.file_name)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if state is not None:
        query = query.where(tracks.c.state == state.value)
    if kind is not None:
        query = query.where(tracks.c.kind == kind.value)
    if sha256:
        query = query.where(tracks.c.sha256 == sha256)
    return [track_of(row) for row in connection.execute(query).mappings()]


def find(connection: Connection, track: str) -> RowMapping:
    """Find a track's row.

    :raises NotFoundError: there is none.
    """
    row = connection.execute(select(tracks).where(tracks.c.id == track)).mappings().first()
    if row is None:
        raise none_such("track", track)
    return row


def size_of(connection: Connection, sha256: str) -> int | None:
    """Tell how long a medium is that boxes play, by its digest; ``None`` where there is none."""
    query = select(tracks.c.sha256, tracks.c.size, tracks.c.copy_size)
    query = query.where(or_(tracks.c.sha256 == sha256, tracks.c.copy_sha256 == sha256))
    row = connection.execute(query.limit(1)).first()
    if row is None:
        return None
    whole: int = row.size if row.sha256 == sha256 else row.copy_size
    return whole


# -- changing --------------------------------------------------------------------------------------


def add(
    connection: Connection, caller: Caller, now: Instant, *, sha256: str, size: int, file_name: str
) -> tuple[Track, bool]:
    """Note a file whose content is in the media store already; one that was refused is analysed anew.

    :returns: its track, and whether it is new.
    """
    require_somewhere(caller, Role.PROGRAMMER)
    track = sha256[:ID_DIGITS]
    known = connection.execute(select(tracks).where(tracks.c.sha256 == sha256)).mappings().first()
    if known is not None:
        return _again(connection, caller, now, known), False
    label = label_of(file_name, track)
    values = {"id": track, "sha256": sha256, "size": size, "file_name": label, "by": caller.user}
    state = TrackState.ANALYSING.value
    connection.execute(tracks.insert().values(**values, state=state, created=now))
    audit.note(connection, caller, now, "track.add", f"track/{track}", file_name=label, size=size)
    return track_of(find(connection, track)), True


def _again(connection: Connection, caller: Caller, now: Instant, row: RowMapping) -> Track:
    """Have a track that was refused analysed once more: the hub may know better now, or was at fault."""
    if row["state"] != TrackState.UNPLAYABLE:
        return track_of(row)
    values = {"state": TrackState.ANALYSING.value, "reason": "", "facts": "", "lease": 0.0, "tries": 0}
    connection.execute(update(tracks).where(tracks.c.id == row["id"]).values(**values))
    audit.note(connection, caller, now, "track.again", f"track/{row['id']}", file_name=row["file_name"])
    return track_of(find(connection, row["id"]))


def change(
    connection: Connection,
    caller: Caller,
    now: Instant,
    track: str,
    wanted: TrackChange,
    *,
    transcode: Transcode = Transcode.OFF,
) -> Track:
    """Set something of a track, or take it back.

    :raises ProgramError: what comes of it cannot be, such as a cue out before its cue in.
    """
    row = find(connection, track)
    require_owner(caller, row)
    given = {name: value for name, value in structs.asdict(wanted).items() if value is not UNSET}
    _require_fitting(row, given)
    changes = {name: value for name, value in (changes_of(row) | given).items() if value is not None}
    _keep(connection, row, changes)
    if "kind" in given:
        _take_as(connection, row, changes, transcode)
    changed = _valid(connection, track)
    audit.note(connection, caller, now, "track.change", f"track/{track}", **given)
    return track_of(changed)


def _valid(connection: Connection, track: str) -> RowMapping:
    """Give a track that was changed.

    :raises ProgramError: what has come of it cannot be.
    """
    changed = find(connection, track)
    read_part(msgspec.to_builtins(item_of(changed)), Item, f"track {track}")
    return changed


def _require_fitting(row: RowMapping, given: dict[str, Any]) -> None:
    """Go on only where what is given can be said of what the track is.

    :raises ProgramError: it cannot.
    """
    found = found_in(row)
    still = isinstance(found, PictureFacts) and found.still
    clip = isinstance(found, PictureFacts) and not found.still
    sounds = isinstance(found, PictureFacts) and found.sound is not None
    rules = (
        ("duration_ms", still, "only of a still can it be said how long it is shown"),
        ("clip_sound", clip, "only a clip has a sound beside its picture"),
        ("kind", clip and sounds, "only a clip that has a sound can be taken as music"),
    )
    problems = [f"{name}: {why}" for name, fits, why in rules if given.get(name) is not None and not fits]
    if problems:
        raise ProgramError(problems)


def _take_as(connection: Connection, row: RowMapping, changes: dict[str, Any], transcode: Transcode) -> None:
    """Find out anew what becomes of a clip that is taken as music, or as a clip again."""
    found = found_in(row)
    if found is None:
        return
    kind = kind_of(found, changes)
    values: dict[str, Any] = {"kind": kind.value, "lease": 0.0, "tries": 0}
    if kind is ItemKind.FILE or not row["copy_sha256"]:
        become = outcome(found, changes, transcode)
        values |= {"state": become.state.value, "reason": become.reason}
    else:
        values |= {"state": TrackState.READY.value, "reason": ""}
    connection.execute(update(tracks).where(tracks.c.id == row["id"]).values(**values))


def say(connection: Connection, caller: Caller, row: RowMapping, told: dict[str, Any]) -> str:
    """Keep what a program's file says of a track, as far as nobody has set that here.

    :param row: as it was before the file said anything.
    :param told: what fits what the track is, if that is known.
    :returns: why it stays as it was; empty where it does not.
    """
    if not _news(row, told):
        return ""
    if not may_change(caller, row):
        return f"it was brought by {row['by']}; ask them, or an admin, for it"
    row = find(connection, row["id"])
    before = changes_of(row)
    _keep(connection, row, _news(row, told) | before)
    try:
        _valid(connection, row["id"])
    except ProgramError as error:
        _keep(connection, row, before)
        return f"together with what is set here that cannot be ({'; '.join(error.problems)})"
    return ""


def _news(row: RowMapping, told: dict[str, Any]) -> dict[str, Any]:
    """Give what is new of what is told of a track, and not set here."""
    item, before = item_of(row), changes_of(row)
    return {
        name: value for name, value in told.items() if name not in before and getattr(item, name) != value
    }


def may_change(caller: Caller, row: RowMapping) -> bool:
    """Tell who may change a track: it is for all groups, so who brought it, or a programmer of all."""
    return row["by"] == caller.user or caller.may(Role.PROGRAMMER)


def require_owner(caller: Caller, row: RowMapping) -> None:
    """Go on only for who may change a track.

    :raises ForbiddenError: it is somebody else's.
    """
    require_somewhere(caller, Role.PROGRAMMER)
    if not may_change(caller, row):
        message = f"track {row['id']} was brought by {row['by']}, and others play it: ask them, or an admin"
        raise ForbiddenError(message)


def delete(connection: Connection, caller: Caller, now: Instant, track: str) -> list[str]:
    """Forget a track that nothing uses.

    :returns: what to throw away of the media store, by its keys.
    """
    row = find(connection, track)
    require_owner(caller, row)
    connection.execute(tracks.delete().where(tracks.c.id == track))
    audit.note(connection, caller, now, "track.delete", f"track/{track}", file_name=row["file_name"])
    contents = [sha256 for sha256 in (row["sha256"], row["copy_sha256"]) if sha256]
    gone = [media_key(sha256) for sha256 in contents if size_of(connection, sha256) is None]
    return [*gone, *([thumbnail_key(row["sha256"])] if row["thumbnail"] else [])]


def _keep(connection: Connection, row: RowMapping, changes: dict[str, Any]) -> None:
    kept = msgspec.json.encode(changes).decode()
    connection.execute(update(tracks).where(tracks.c.id == row["id"]).values(item=kept))
    _name(connection, row["id"])


def _name(connection: Connection, track: str) -> None:
    """Keep title and artist where a search finds them."""
    item = item_of(find(connection, track))
    named = {"title": item.title, "artist": item.artist}
    connection.execute(update(tracks).where(tracks.c.id == track).values(**named))


# -- analysis --------------------------------------------------------------------------------------


def judged(
    connection: Connection,
    track: str,
    found: Finding,
    transcode: Transcode = Transcode.OFF,
    *,
    thumbnail: bool = False,
    lease: float | None = None,
) -> bool:
    """Keep what an analysis has ended in; of a track that is not being analysed any more, nothing.

    :param lease: the one that is held; ``None`` does not mind whose it is.
    :returns: whether it was kept.
    """
    mine = and_(tracks.c.id == track, tracks.c.state == TrackState.ANALYSING.value)
    if lease is not None:
        mine = and_(mine, tracks.c.lease == lease)
    row = connection.execute(select(tracks.c.item).where(mine).with_for_update()).mappings().first()
    if row is None:
        return False
    changes = changes_of(row)
    become = outcome(found, changes, transcode)
    values = {
        "state": become.state.value,
        "reason": become.reason,
        "facts": msgspec.json.encode(found).decode(),
        "kind": kind_of(found, changes).value,
        "thumbnail": thumbnail,
        "lease": 0.0,
        "tries": 0,
    }
    connection.execute(update(tracks).where(tracks.c.id == track).values(**values))
    if not isinstance(found, Unplayable):
        _name(connection, track)
    return True
