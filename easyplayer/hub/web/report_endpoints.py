"""Reports that boxes have left on sticks: taken in, and the last one of each box to look at."""

from typing import Any

from anyio import to_thread
from starlette.responses import StreamingResponse

from easyplayer.hub.services import boxes, reports
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.holding import require_somewhere
from easyplayer.hub.services.incoming import incoming
from easyplayer.hub.services.sealed import MOST_REPORT_BYTES
from easyplayer.hub.stick_views import ReportKept, ReportTaken
from easyplayer.hub.web.endpoint import Call, Endpoint, Nothing
from easyplayer.hub.web.uploads import received

SUBJECT = "sticks"
TEXT = "text/plain; charset=utf-8"
TOO_LONG = "no box leaves a longer report: name the file that the box has left"
"""What is said of a report that is too long."""


async def take(call: Call[Nothing, None]) -> ReportTaken:
    """Take a report in."""
    hub, caller = call.hub, call.caller
    require_somewhere(caller, Role.PROGRAMMER)
    folder = await to_thread.run_sync(incoming, hub)
    async with received(call.request, folder, MOST_REPORT_BYTES, TOO_LONG) as file:
        return await to_thread.run_sync(reports.take, hub, caller, file.path, folder)


def last(call: Call[Nothing, None]) -> ReportKept:
    """Tell how a box was when it made its last report."""
    return reports.last(call.hub, _seen(call))


def log(call: Call[Nothing, None]) -> StreamingResponse:
    """Give the lines of log that came with it."""
    hub, box = call.hub, _seen(call)
    size, key = reports.last(hub, box).log_bytes, reports.log_key(box)
    headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{box}.txt"'}
    return StreamingResponse(hub.media.read(key, 0, size), headers=headers, media_type=TEXT)


def _seen(call: Call[Nothing, None]) -> str:
    with call.hub.database.read() as connection:
        return str(boxes.box(connection, call.path["box"], call.caller).id)


def _endpoint(method: str, path: str, summary: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(
        method=method, path=f"/api/v1{path}", summary=summary, handle=handle, subject=SUBJECT, **more
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint(
        "POST",
        "/reports",
        "Take in a report that a box has left on a stick",
        take,
        streams=True,
        answers=ReportTaken,
    ),
    _endpoint(
        "GET",
        "/boxes/{box}/report",
        "Tell how a box was when it made its last report on a stick",
        last,
        answers=ReportKept,
    ),
    _endpoint(
        "GET",
        "/boxes/{box}/report/log",
        "Give the lines of log that came with the last report on a stick",
        log,
        answers=bytes,
    ),
)
