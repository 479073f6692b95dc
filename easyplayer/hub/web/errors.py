"""What is answered where something is not done: a :class:`~easyplayer.protocol.problem.Problem`.

What went wrong inside is written to the log, and never told to who asks.
"""

from collections.abc import Mapping
from http import HTTPStatus
from logging import getLogger
from math import ceil

import msgspec
from msgspec import Struct
from starlette.responses import Response

from easyplayer.errors import (
    BadRequestError,
    DatabaseError,
    EasyplayerError,
    HubError,
    MediaError,
    ProgramError,
    ProtocolError,
    TooManyError,
)
from easyplayer.protocol.problem import Problem

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
DATABASE_AGAIN_S = 5.0
"""When to try again where the database does not answer."""

log = getLogger(__name__)


class Refusal(Struct, frozen=True):
    """What is said of an error, and how.

    :ivar status: the HTTP status.
    :ivar headers: what the answer is to carry beside it.
    """

    status: int
    code: str
    detail: str
    problems: tuple[str, ...] = ()
    headers: Mapping[str, str] = {}


def answer_for(error: Exception, what: str) -> Response:
    """Answer an error, for programs.

    :param what: was being done, for the log, such as ``GET /api/v1/me``.
    """
    told = refusal_for(error, what)
    return problem(told.status, told.code, told.detail, told.problems, told.headers)


def refusal_for(error: Exception, what: str) -> Refusal:
    """Find the words for an error.

    :param what: was being done, for the log, such as ``GET /api/v1/me``.
    """
    match error:
        case DatabaseError():
            log.error("%s: %s", what, error)
            detail = "the hub's database cannot be used at the moment: try again"
            return Refusal(error.status, error.code, detail, headers=_again(DATABASE_AGAIN_S))
        case TooManyError():
            return Refusal(error.status, error.code, error.message, headers=_again(error.retry_after_s))
        case HubError():
            headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
            return Refusal(error.status, error.code, error.message, error.problems, headers)
        case ProgramError():
            summary = "the program cannot be used"
            return Refusal(HTTPStatus.BAD_REQUEST, error.code, summary, tuple(error.problems))
        case ProtocolError() | MediaError():
            return Refusal(HTTPStatus.BAD_REQUEST, error.code, str(error))
        case _:
            log.error("%s failed", what, exc_info=error)
            detail = "the hub could not do that, and has written down why: ask whoever runs it"
            return Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, HubError.code, detail)


def is_ours(error: Exception) -> bool:
    """Tell whether an error was raised on purpose, because of what was asked."""
    return isinstance(error, EasyplayerError) and not isinstance(error, DatabaseError)


def problem(
    status: int,
    code: str,
    detail: str,
    problems: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write a problem."""
    content = msgspec.json.encode(Problem(code=code, detail=detail, problems=problems))
    return Response(content, status, headers, media_type=PROBLEM_JSON)


def wrong(place: str, error: Exception) -> BadRequestError:
    """Turn what the decoder found wrong into an error that names the place."""
    return BadRequestError(f"{place}: {error}")


def _again(after_s: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, ceil(after_s)))}
