"""Playlists and streams."""

from easyplayer.hub.content_views import PlaylistGiven, PlaylistHead, PlaylistKept, Stream, StreamGiven
from easyplayer.hub.services import playlists, streams
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.holding import require_somewhere
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.hub.web.pages import page
from easyplayer.hub.web.views import Page, Paged

MIB = 1024 * 1024
MOST_PLAYLIST_BYTES = 8 * MIB


def list_playlists(call: Call[Paged, None]) -> Page[PlaylistHead]:
    """List the playlists that the caller sees."""
    require_somewhere(call.caller, Role.VIEWER)
    wanted = call.query
    with call.hub.database.read() as connection:
        found = playlists.listed(connection, call.caller, after=wanted.after, limit=wanted.limit + 1)
    return page(found, wanted, lambda playlist: playlist.id)


def get_playlist(call: Call[Nothing, None]) -> PlaylistKept:
    """Show a playlist."""
    with call.hub.database.read() as connection:
        return playlists.get(connection, call.caller, call.path["playlist"])


def put_playlist(call: Call[Nothing, PlaylistGiven]) -> PlaylistKept:
    """Keep a playlist."""
    hub = call.hub
    with hub.database.write() as connection:
        return playlists.put(connection, call.caller, hub.now(), call.path["playlist"], call.body)


def delete_playlist(call: Call[Nothing, None]) -> None:
    """Forget a playlist."""
    hub = call.hub
    with hub.database.write() as connection:
        playlists.delete(connection, call.caller, hub.now(), call.path["playlist"])


def list_streams(call: Call[Paged, None]) -> Page[Stream]:
    """List the streams that the caller sees."""
    require_somewhere(call.caller, Role.VIEWER)
    wanted = call.query
    with call.hub.database.read() as connection:
        found = streams.listed(connection, call.caller, after=wanted.after, limit=wanted.limit + 1)
    return page(found, wanted, lambda stream: stream.id)


def get_stream(call: Call[Nothing, None]) -> Stream:
    """Show a stream."""
    with call.hub.database.read() as connection:
        return streams.get(connection, call.caller, call.path["stream"])


def put_stream(call: Call[Nothing, StreamGiven]) -> Stream:
    """Keep a stream."""
    hub = call.hub
    with hub.database.write() as connection:
        return streams.put(connection, call.caller, hub.now(), call.path["stream"], call.body)


def delete_stream(call: Call[Nothing, None]) -> None:
    """Forget a stream."""
    hub = call.hub
    with hub.database.write() as connection:
        streams.delete(connection, call.caller, hub.now(), call.path["stream"])


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/playlists",
        summary="List playlists",
        handle=list_playlists,
        query=Paged,
        answers=Page[PlaylistHead],
        subject="playlists",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/playlists/{playlist}",
        summary="Show a playlist, and what its items are called",
        handle=get_playlist,
        answers=PlaylistKept,
        subject="playlists",
    ),
    Endpoint(
        method="PUT",
        path="/api/v1/playlists/{playlist}",
        summary="Make a playlist, or replace it",
        handle=put_playlist,
        body=PlaylistGiven,
        answers=PlaylistKept,
        most_bytes=MOST_PLAYLIST_BYTES,
        subject="playlists",
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/playlists/{playlist}",
        summary="Delete a playlist that no program uses",
        handle=delete_playlist,
        status=204,
        subject="playlists",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/streams",
        summary="List streams",
        handle=list_streams,
        query=Paged,
        answers=Page[Stream],
        subject="playlists",
    ),
    Endpoint(
        method="GET",
        path="/api/v1/streams/{stream}",
        summary="Show a stream",
        handle=get_stream,
        answers=Stream,
        subject="playlists",
    ),
    Endpoint(
        method="PUT",
        path="/api/v1/streams/{stream}",
        summary="Make a stream, or replace it",
        handle=put_stream,
        body=StreamGiven,
        answers=Stream,
        subject="playlists",
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/streams/{stream}",
        summary="Delete a stream that nothing uses",
        handle=delete_stream,
        status=204,
        subject="playlists",
    ),
)
