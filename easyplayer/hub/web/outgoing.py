"""How an answer is written."""

from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from easyplayer.hub.web.errors import JSON


def written(answer: Any, status: int) -> Response:
    """Write what a handler has returned: a response as it is, nothing as nothing, all else as JSON."""
    if isinstance(answer, Response):
        return answer
    if answer is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return Response(msgspec.json.encode(answer), status, media_type=JSON)
