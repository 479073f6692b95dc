"""What was played: page by page, as files, and how whole the logs of the boxes are."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field
from starlette.responses import StreamingResponse

from easyplayer.errors import BadRequestError
from easyplayer.hub.services import boxes, played_export, played_log
from easyplayer.hub.services.played_export import PlayedRow
from easyplayer.hub.services.played_log import LogState, Span, What
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.hub.web.views import Limit, Page
from easyplayer.units import Instant

SUBJECT = "log"
CSV = "text/csv; charset=utf-8"
JSON_LINES = "application/x-ndjson"
LONGEST_PLACE = 500


class PlayedWanted(Struct, frozen=True, kw_only=True):
    """What is wanted of the log; what is left out chooses all.

    :ivar what: ``music``, ``sound`` (clips with a sound of their own, too), ``pictures`` or ``all``.
    :ivar source: only of this show, daypart or spot.
    :ivar playlist: only out of this playlist.
    :ivar start: seconds since 1970, and so is ``end``, which does not belong to it any more.
    :ivar unheard: also what nothing was heard of, or seen.
    """

    venue: str = ""
    box: str = ""
    group: str = ""
    what: What = What.MUSIC
    source: str = ""
    playlist: str = ""
    start: float | None = field(name="from", default=None)
    end: float | None = field(name="to", default=None)
    unheard: bool = False


class PlayedPaged(PlayedWanted, frozen=True, kw_only=True):
    """Which part of it.

    :ivar after: what the part before has told as ``next``; empty begins at the front.
    """

    limit: Limit = 100
    after: Annotated[str, Meta(max_length=LONGEST_PLACE)] = ""


def rows(call: Call[PlayedPaged, None]) -> Page[PlayedRow]:
    """List what was played, venue by venue in the order in which it began."""
    wanted = call.query
    with call.hub.database.read() as connection:
        found = played_log.page(connection, call.caller, _span(wanted), wanted.after, wanted.limit + 1)
    some = found[: wanted.limit]
    following = played_log.place_of(some[-1]) if len(found) > wanted.limit else ""
    return Page(items=[played_export.told(row) for row in some], next=following)


def as_csv(call: Call[PlayedWanted, None]) -> StreamingResponse:
    """Write what was played as comma-separated values."""
    found = played_log.stream(call.hub.database, call.caller, _span(call.query))
    return _file(played_export.as_csv(map(played_export.told, found)), CSV, "as-run.csv")


def as_json_lines(call: Call[PlayedWanted, None]) -> StreamingResponse:
    """Write what was played as lines of JSON."""
    found = played_log.stream(call.hub.database, call.caller, _span(call.query))
    return _file(played_export.as_json_lines(map(played_export.told, found)), JSON_LINES, "as-run.jsonl")


def logs(call: Call[Nothing, None]) -> list[LogState]:
    """Tell how whole the logs of a box are."""
    with call.hub.database.read() as connection:
        return played_log.logs_of(connection, boxes.box(connection, call.path["box"], call.caller).id)


def _span(wanted: PlayedWanted) -> Span:
    start, end = (None if one is None else Instant(one) for one in (wanted.start, wanted.end))
    if start is not None and end is not None and end < start:
        message = "query: 'to' lies before 'from'"
        raise BadRequestError(message)
    return Span(
        venue=wanted.venue,
        box=wanted.box,
        group=wanted.group,
        what=wanted.what,
        source=wanted.source,
        playlist=wanted.playlist,
        start=start,
        end=end,
        unheard=wanted.unheard,
    )


def _file(pieces: Any, media_type: str, name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, headers=headers, media_type=media_type)


def _endpoint(path: str, summary: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(
        method="GET", path=f"/api/v1{path}", summary=summary, handle=handle, subject=SUBJECT, **more
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint("/played", "List what was played", rows, query=PlayedPaged, answers=Page[PlayedRow]),
    _endpoint("/played.csv", "Write what was played as CSV", as_csv, query=PlayedWanted, answers=bytes),
    _endpoint(
        "/played.jsonl",
        "Write what was played as lines of JSON",
        as_json_lines,
        query=PlayedWanted,
        answers=bytes,
    ),
    _endpoint("/boxes/{box}/logs", "Tell how whole the logs of a box are", logs, answers=list[LogState]),
)
