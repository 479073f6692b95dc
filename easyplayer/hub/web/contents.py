"""Contents of the media store as answers: whole or in part, and never twice what somebody has already."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from easyplayer.hub.hub import Hub
from easyplayer.hub.services.holding import none_such
from easyplayer.hub.services.track_items import media_key, thumbnail_key
from easyplayer.hub.web.errors import problem
from easyplayer.hub.web.ranges import UnsatisfiableError, wanted

UNTYPED = "application/octet-stream"
SMALL = "image/jpeg"
KEEP = "private, max-age=31536000, immutable"
"""A digest never names another content."""
OF_MEDIA = (206, 304)
"""The statuses with which a medium is answered beside 200: a part of it, or nothing that is not there yet."""
OF_THUMBNAILS = (304,)


def medium(hub: Hub, request: Request, sha256: str) -> Response:
    """Answer with a medium, or the part of it that is wanted.

    :raises NotFoundError: the store has it not.
    :raises UnavailableError: the store does not answer.
    """
    key, etag = media_key(sha256), f'"{sha256}"'
    size = hub.media.size(key)
    if size is None:
        raise none_such("medium", sha256)
    headers = {"ETag": etag, "Accept-Ranges": "bytes", "Cache-Control": KEEP}
    asked = request.headers
    if etag in [one.strip() for one in asked.get("if-none-match", "").split(",")]:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        part = wanted(asked.get("range", ""), asked.get("if-range", ""), etag, size)
    except UnsatisfiableError:
        headers["Content-Range"] = f"bytes */{size}"
        detail = f"the medium has {size} bytes, and none of those: begin anew"
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        return problem(status, "hub.bad-request", detail, headers=headers)
    start, end = part or (0, size)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    status = HTTPStatus.OK if part is None else HTTPStatus.PARTIAL_CONTENT
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=UNTYPED)
    return StreamingResponse(hub.media.read(key, start, end), status, headers, media_type=UNTYPED)


def thumbnail(hub: Hub, request: Request, sha256: str) -> Response:
    """Answer with the small image of a medium.

    :raises NotFoundError: the store has it not.
    :raises UnavailableError: the store does not answer.
    """
    key, etag = thumbnail_key(sha256), f'"{sha256}-small"'
    size = hub.media.size(key)
    if size is None:
        raise none_such("thumbnail", sha256)
    headers = {"ETag": etag, "Cache-Control": KEEP, "Content-Length": str(size)}
    if etag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]:
        del headers["Content-Length"]
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if request.method == "HEAD":
        return Response(headers=headers, media_type=SMALL)
    return StreamingResponse(hub.media.read(key, 0, size), headers=headers, media_type=SMALL)
