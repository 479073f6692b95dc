"""Tracks: bringing files, looking at them, and saying more of them than they say themselves."""

import time
from enum import StrEnum
from typing import Annotated

import msgspec
from anyio import sleep, to_thread
from msgspec import Meta
from sqlalchemy import RowMapping
from starlette.responses import Response

from easyplayer.errors import ConflictError, NotFoundError
from easyplayer.hub.content_views import Track, TrackChange, TrackState
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import copies, tracks
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.holding import none_such, require_somewhere
from easyplayer.hub.services.incoming import incoming
from easyplayer.hub.services.slugs import END
from easyplayer.hub.services.uses import uses
from easyplayer.hub.web.contents import OF_MEDIA, OF_THUMBNAILS, medium, thumbnail
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.hub.web.errors import JSON
from easyplayer.hub.web.pages import page
from easyplayer.hub.web.uploads import Upload, received
from easyplayer.hub.web.views import Page, Paged
from easyplayer.playout.items import ItemKind

MIB = 1024 * 1024
LOOK_EVERY_S = 0.2
LONGEST_WAIT_S = 30.0
TOO_LONG = "compress it, or raise upload_mib"
"""What is said of a file that is too long."""
OK, CREATED = 200, 201


class UploadWanted(msgspec.Struct, frozen=True, kw_only=True):
    """What comes with a file.

    :ivar file_name: what it is called where it comes from: a label.
    """

    file_name: Annotated[str, Meta(max_length=1000)] = ""


class TrackKind(StrEnum):
    """What tracks there are."""

    FILE = ItemKind.FILE.value
    STILL = ItemKind.STILL.value
    CLIP = ItemKind.CLIP.value


class TracksWanted(Paged, frozen=True, kw_only=True):
    """Which tracks are wanted.

    :ivar text: words that stand in title, artist or file name.
    :ivar kind: only music (``file``), stills or clips.
    :ivar sha256: the one of this digest.
    """

    text: Annotated[str, Meta(max_length=200)] = ""
    state: TrackState | None = None
    kind: TrackKind | None = None
    sha256: Annotated[str, Meta(pattern=rf"^([0-9a-f]{{64}})?{END}")] = ""


class TrackWanted(msgspec.Struct, frozen=True, kw_only=True):
    """How to look at a track.

    :ivar wait_s: wait so long until it is analysed.
    """

    wait_s: Annotated[float, Meta(ge=0, le=LONGEST_WAIT_S)] = 0.0


async def upload(call: Call[UploadWanted, None]) -> Response:
    """Take a file; one that is there already is not taken twice."""
    hub = call.hub
    require_somewhere(call.caller, Role.PROGRAMMER)
    folder = await to_thread.run_sync(incoming, hub)
    async with received(call.request, folder, hub.settings.upload_mib * MIB, TOO_LONG) as file:
        track, is_new = await to_thread.run_sync(_keep, hub, call.caller, file, call.query.file_name)
    return Response(msgspec.json.encode(track), CREATED if is_new else OK, media_type=JSON)


def _keep(hub: Hub, caller: Caller, file: Upload, file_name: str) -> tuple[Track, bool]:
    key = tracks.media_key(file.sha256)
    if hub.media.size(key) != file.size:
        hub.media.put(key, file.path)
    with hub.database.write() as connection:
        kept = tracks.add(
            connection, caller, hub.now(), sha256=file.sha256, size=file.size, file_name=file_name
        )
    hub.tracks_came.set()
    return kept


def listed(call: Call[TracksWanted, None]) -> Page[Track]:
    """List tracks."""
    require_somewhere(call.caller, Role.VIEWER)
    wanted = call.query
    with call.hub.database.read() as connection:
        found = tracks.listed(
            connection,
            text=wanted.text,
            state=wanted.state,
            kind=None if wanted.kind is None else ItemKind(wanted.kind.value),
            sha256=wanted.sha256,
            after=wanted.after,
            limit=wanted.limit + 1,
        )
    return page(found, wanted, lambda track: track.id)


async def get(call: Call[TrackWanted, None]) -> Track:
    """Show a track, at once or as soon as it is analysed."""
    require_somewhere(call.caller, Role.VIEWER)
    until = time.monotonic() + call.query.wait_s
    while True:
        track = await to_thread.run_sync(_get, call.hub, call.path["track"])
        if track.state is not TrackState.ANALYSING or time.monotonic() >= until:
            return track
        await sleep(LOOK_EVERY_S)


def _get(hub: Hub, track: str) -> Track:
    with hub.database.read() as connection:
        return tracks.track_of(tracks.find(connection, track))


def change(call: Call[Nothing, TrackChange]) -> Track:
    """Set something of a track, or take it back."""
    hub = call.hub
    with hub.database.write() as connection:
        changed = tracks.change(
            connection,
            call.caller,
            hub.now(),
            call.path["track"],
            call.body,
            transcode=hub.settings.transcode,
        )
    hub.copies_wanted.set()
    return changed


def delete(call: Call[Nothing, None]) -> None:
    """Forget a track that nothing uses, and throw its file away."""
    hub, track = call.hub, call.path["track"]
    with hub.database.write() as connection:
        tracks.require_owner(call.caller, tracks.find(connection, track))
        if used := uses(connection, track):
            message = f"track {track} is still used: take it out there first"
            raise ConflictError(message, used)
        keys = tracks.delete(connection, call.caller, hub.now(), track)
    for key in keys:
        hub.media.delete(key)


def listen(call: Call[Nothing, None]) -> Response:
    """Give a track's file, or the part of it that is wanted."""
    return medium(call.hub, call.request, _row(call)["sha256"])


def copied(call: Call[Nothing, None]) -> Response:
    """Give the copy that boxes play of a track, or the part of it that is wanted.

    :raises NotFoundError: there is none.
    """
    row = _row(call)
    if not row["copy_sha256"]:
        message = f"track {row['id']}, which is {row['state']}, has no copy for boxes: its file is its media"
        raise NotFoundError(message)
    return medium(call.hub, call.request, row["copy_sha256"])


def look(call: Call[Nothing, None]) -> Response:
    """Give the small image of a track."""
    row = _row(call)
    if not row["thumbnail"]:
        raise none_such("thumbnail", row["id"])
    return thumbnail(call.hub, call.request, row["sha256"])


def _row(call: Call[Nothing, None]) -> RowMapping:
    require_somewhere(call.caller, Role.VIEWER)
    with call.hub.database.read() as connection:
        return tracks.find(connection, call.path["track"])


def copy(call: Call[Nothing, None]) -> Track:
    """Have a copy made that boxes can play."""
    hub = call.hub
    with hub.database.write() as connection:
        asked = copies.ask(
            connection, call.caller, hub.now(), call.path["track"], transcode=hub.settings.transcode
        )
    hub.copies_wanted.set()
    return asked


def cancel_copy(call: Call[Nothing, None]) -> Track:
    """Have it made no further."""
    with call.hub.database.write() as connection:
        return copies.cancel(connection, call.caller, call.hub.now(), call.path["track"])


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/v1/tracks",
        summary="Upload a file, as the body; its analysis follows by itself",
        handle=upload,
        query=UploadWanted,
        streams=True,
        answers=Track,
        status=CREATED,
        also=(OK,),
        subject="tracks",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tracks",
        summary="List tracks, or search them",
        handle=listed,
        query=TracksWanted,
        answers=Page[Track],
        subject="tracks",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tracks/{track}",
        summary="Show a track; with wait_s, as soon as it is analysed",
        handle=get,
        query=TrackWanted,
        answers=Track,
        subject="tracks",
    ),
    Endpoint(
        method="PATCH",
        path="/api/v1/tracks/{track}",
        summary="Set title, cues, fades or gain of a track, or take back what was set",
        handle=change,
        body=TrackChange,
        answers=Track,
        subject="tracks",
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/tracks/{track}",
        summary="Delete a track that nothing uses",
        handle=delete,
        status=204,
        subject="tracks",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tracks/{track}/media",
        summary="Listen to a track: its file, or a range of it",
        handle=listen,
        answers=bytes,
        also=OF_MEDIA,
        subject="tracks",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tracks/{track}/thumbnail",
        summary="Look at a still or a clip: a small JPEG of it",
        handle=look,
        answers=bytes,
        also=OF_THUMBNAILS,
        subject="tracks",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/tracks/{track}/copy",
        summary="Look at the copy that boxes play of a still or a clip, or a range of it",
        handle=copied,
        answers=bytes,
        also=OF_MEDIA,
        subject="tracks",
    ),
    Endpoint(
        method="POST",
        path="/api/v1/tracks/{track}/copy",
        summary="Have a copy made, that boxes can play, of a still or a clip that they cannot",
        handle=copy,
        answers=Track,
        subject="tracks",
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/tracks/{track}/copy",
        summary="Have the copy of a still or a clip made no further",
        handle=cancel_copy,
        answers=Track,
        subject="tracks",
    ),
)
