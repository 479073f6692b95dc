"""What comes in with a form of a page, checked before it is used."""

from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from easyplayer.errors import BadRequestError, WrongTypeError
from easyplayer.hub.web.errors import wrong

CONTENT_TYPE = "application/x-www-form-urlencoded"
MOST_FIELDS = 20

Form = TypeVar("Form", bound=Struct)


def form_of(content_type: str, content: bytes, kind: type[Form]) -> Form:
    """Read a form as browsers send it.

    :param kind: structure of its fields, all of them text.
    :raises WrongTypeError: it is no such form.
    :raises BadRequestError: a field is not known, given twice, or wrong.
    """
    if content_type.partition(";")[0].strip().lower() != CONTENT_TYPE:
        message = f"the body is {content_type or 'of no type'}: send a form, as Content-Type: {CONTENT_TYPE}"
        raise WrongTypeError(message)
    try:
        pairs = parse_qsl(
            content.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        message = "form: it is no text, or has too many fields"
        raise BadRequestError(message) from error
    given = dict(pairs)
    if len(given) < len(pairs):
        message = "form: a field is given twice: write it once"
        raise BadRequestError(message)
    if any("\0" in value for value in given.values()):
        message = "form: it has a character that is none: leave it out"
        raise BadRequestError(message)
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise wrong("form", error) from error
