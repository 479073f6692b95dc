"""What comes in with a request, checked before a handler sees it."""

import re
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request

from easyplayer.errors import BadRequestError, TooLargeError, WrongTypeError
from easyplayer.hub.web.endpoint import Endpoint
from easyplayer.hub.web.errors import wrong

NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A character that no database keeps as text."""


class GoneError(Exception):
    """Who asked has gone before all was said."""


def query_of(request: Request, kind: type[Struct]) -> Any:
    """Read the parameters of a query.

    :raises BadRequestError: one is not known, given twice, or wrong.
    """
    fields = {one.encode_name: one for one in msgspec.structs.fields(kind)}
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in fields:
            known = ", ".join(sorted(fields)) or "none"
            message = f"query: there is no parameter {name!r}; there are: {known}"
            raise BadRequestError(message)
        if name in given:
            message = f"query: {name!r} is given twice: write it once"
            raise BadRequestError(message)
        if "\0" in value:
            message = f"query: {name!r} has a character that is none"
            raise BadRequestError(message)
        given[name] = value
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise wrong("query", error) from error


async def content_of(request: Request, most_bytes: int) -> bytes:
    """Read the body of a request, as long as it is not too long.

    :raises TooLargeError: it is.
    :raises GoneError: the line broke.
    """
    said = request.headers.get("content-length", "0")
    if said.isascii() and said.isdigit() and int(said) > most_bytes:
        raise _too_large(most_bytes)
    pieces = bytearray()
    try:
        async for piece in request.stream():
            pieces += piece
            if len(pieces) > most_bytes:
                raise _too_large(most_bytes)
    except ClientDisconnect as error:
        raise GoneError from error
    return bytes(pieces)


def body_of(endpoint: Endpoint, content_type: str, content: bytes) -> Any:
    """Read the body that an endpoint takes.

    :raises WrongTypeError: it is not JSON where it has to be.
    :raises BadRequestError: it is wrong; says where.
    """
    if endpoint.body is None:
        return None
    if endpoint.body is bytes:
        return content
    if not _is_json(content_type):
        message = f"the body is {content_type or 'of no type'}: send JSON, as Content-Type: application/json"
        raise WrongTypeError(message)
    if NUL.search(content):
        message = "body: has the character \\u0000, which is none: leave it out"
        raise BadRequestError(message)
    try:
        return msgspec.json.decode(content, type=endpoint.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise wrong("body", error) from error


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _too_large(most_bytes: int) -> TooLargeError:
    return TooLargeError(f"the body may have {most_bytes} bytes at the most: send less at once")
