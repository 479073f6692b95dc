"""Tracks: the files that were uploaded, what is known of each, and what operators have said of it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, structs
from sqlalchemy import Connection, RowMapping, and_, or_, select, update

from easyplayer.analysis import MediaFacts
from easyplayer.analysis.facts import Unplayable, Verdict
from easyplayer.errors import ForbiddenError
from easyplayer.hub.content_views import Track, TrackChange, TrackState
from easyplayer.hub.db.schema import tracks
from easyplayer.hub.services import audit
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.holding import none_such, require_somewhere
from easyplayer.hub.services.parts import read_part
from easyplayer.playout.items import Item, Media
from easyplayer.playout.preparation import TAGGED
from easyplayer.units import Instant, Milliseconds

ID_DIGITS = 20
"""How many digits of a track's digest name it."""
LONGEST_NAME = 200
_SET_BY_HAND = ("cue_in_ms", "cue_out_ms", "fade_in_ms", "fade_out_ms", "gain_db")
_MS = 1000


def media_key(sha256: str) -> str:
    """Tell where a medium lies in the media store."""
    return f"media/{sha256}"


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


def track_of(row: RowMapping) -> Track:
    """Show a row as a track."""
    item, facts, changed = item_of(row), facts_of(row), changes_of(row)
    shown = {name: getattr(item, name) for name in (*TAGGED, *_SET_BY_HAND, "duration_ms")}
    return Track(
        **shown,
        id=row["id"],
        sha256=row["sha256"],
        size=row["size"],
        file_name=row["file_name"],
        state=TrackState(row["state"]),
        reason=row["reason"],
        loudness_lufs=facts.loudness_lufs if facts else None,
        changed=tuple(sorted(changed)),
        created=row["created"],
        by=row["by"],
    )


def facts_of(row: RowMapping) -> MediaFacts | None:
    """Give what was measured of a track; ``None`` where it is not analysed, or cannot be played."""
    if not row["facts"]:
        return None
    verdict = msgspec.json.decode(row["facts"], type=Verdict)
    return verdict if isinstance(verdict, MediaFacts) else None


def changes_of(row: RowMapping) -> dict[str, Any]:
    """Give what operators have set of a track."""
    changes: dict[str, Any] = msgspec.json.decode(row["item"])
    return changes


def item_of(row: RowMapping) -> Item:
    """Give the item of a program that a track is: what operators have set goes before its tags."""
    facts = facts_of(row)
    told = {name: getattr(facts.tags, name) for name in TAGGED} if facts else {}
    if facts:
        told["duration_ms"] = Milliseconds(round(facts.duration_s * _MS))
    return Item(
        id=row["id"],
        location=row["file_name"],
        media=Media(sha256=row["sha256"], size=row["size"]),
        **{**told, **changes_of(row)},
    )


# -- changing --------------------------------------------------------------------------------------


def add(
    connection: Connection, caller: Caller, now: Instant, *, sha256: str, size: int, file_name: str
) -> tuple[Track, bool]:
    """Note a file whose content is in the media store already.

    :returns: its track, and whether it is new.
    """
    require_somewhere(caller, Role.PROGRAMMER)
    track = sha256[:ID_DIGITS]
    known = connection.execute(select(tracks).where(tracks.c.sha256 == sha256)).mappings().first()
    if known is not None:
        return track_of(known), False
    label = label_of(file_name, track)
    values = {"id": track, "sha256": sha256, "size": size, "file_name": label, "by": caller.user}
    state = TrackState.ANALYSING.value
    connection.execute(tracks.insert().values(**values, state=state, created=now))
    audit.note(connection, caller, now, "track.add", f"track/{track}", file_name=label, size=size)
    return track_of(find(connection, track)), True


def change(connection: Connection, caller: Caller, now: Instant, track: str, wanted: TrackChange) -> Track:
    """Set something of a track, or take it back.

    :raises ProgramError: what comes of it cannot be, such as a cue out before its cue in.
    """
    row = find(connection, track)
    require_owner(caller, row)
    given = {name: value for name, value in structs.asdict(wanted).items() if value is not UNSET}
    changes = {name: value for name, value in (changes_of(row) | given).items() if value is not None}
    _keep(connection, row, changes)
    changed = track_of(find(connection, track))
    item = item_of(find(connection, track))
    read_part(msgspec.to_builtins(item), Item, f"track {track}")
    audit.note(connection, caller, now, "track.change", f"track/{track}", **given)
    return changed


def say(connection: Connection, row: RowMapping, told: dict[str, Any]) -> None:
    """Keep what a program's file says of a track, as far as nobody has set that here."""
    item = item_of(row)
    new = {name: value for name, value in told.items() if getattr(item, name) != value}
    if new:
        _keep(connection, row, new | changes_of(row))


def require_owner(caller: Caller, row: RowMapping) -> None:
    """Go on only for who may change a track: it is for all groups, so who brought it, or a programmer of all.

    :raises ForbiddenError: it is somebody else's.
    """
    require_somewhere(caller, Role.PROGRAMMER)
    if row["by"] != caller.user and not caller.may(Role.PROGRAMMER):
        message = f"track {row['id']} was brought by {row['by']}, and others play it: ask them, or an admin"
        raise ForbiddenError(message)


def delete(connection: Connection, caller: Caller, now: Instant, track: str) -> str:
    """Forget a track that nothing uses.

    :returns: its digest, for the media store.
    """
    row = find(connection, track)
    require_owner(caller, row)
    connection.execute(tracks.delete().where(tracks.c.id == track))
    audit.note(connection, caller, now, "track.delete", f"track/{track}", file_name=row["file_name"])
    return str(row["sha256"])


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


def waiting(connection: Connection, without: Sequence[str]) -> RowMapping | None:
    """Give the track that has waited longest to be analysed.

    :param without: ids of those that are being worked on.
    """
    state = tracks.c.state == TrackState.ANALYSING.value
    query = select(tracks).where(and_(state, tracks.c.id.not_in(without)))
    return connection.execute(query.order_by(tracks.c.created, tracks.c.id).limit(1)).mappings().first()


def judged(connection: Connection, track: str, verdict: Verdict) -> None:
    """Keep what an analysis has ended in; of a track that was deleted meanwhile, nothing."""
    if isinstance(verdict, Unplayable):
        state, reason = TrackState.UNPLAYABLE, f"it {verdict.reason}; {verdict.remedy}"
    elif verdict.is_silent:
        state, reason = TrackState.UNPLAYABLE, "there is nothing but silence in it; bring another file"
    else:
        state, reason = TrackState.READY, ""
    values = {"state": state.value, "reason": reason, "facts": msgspec.json.encode(verdict).decode()}
    done = connection.execute(update(tracks).where(tracks.c.id == track).values(**values))
    if done.rowcount:
        _name(connection, track)


def held_up(connection: Connection, track: str, reason: str) -> None:
    """Note why a track could not be analysed yet."""
    connection.execute(update(tracks).where(tracks.c.id == track).values(reason=reason))
