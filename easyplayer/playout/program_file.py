"""A program as a file: read with every fault told at once, and written so that a person finds what changed.

A file that a person wrote may be a little careless: ``18:00`` is as good as ``18:00:00``.  A name that is
not known is a fault nevertheless, for what it was meant to say would be lost without a word.

>>> program = decode(b'{"name": "Bar", "zone": "Europe/Paris"}')
>>> program.zone
'Europe/Paris'
>>> print(encode(program).decode(), end="")
{
  "format": 1,
  "name": "Bar",
  "zone": "Europe/Paris"
}
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from enum import Enum
from json import JSONDecodeError, dumps, loads
from typing import Any, NoReturn

from msgspec import Struct

from easyplayer.errors import ProgramError
from easyplayer.playout.catalogue import FORMAT, Program
from easyplayer.playout.program_reading import Reader, Repeated
from easyplayer.playout.program_remarks import remarks
from easyplayer.playout.program_rules import faults
from easyplayer.playout.program_schema import fields_of, schema

__all__ = ["decode", "encode", "remarks", "schema"]

_WIDEST_LINE = 100
_STEP = "  "
_NO_SECONDS = re.compile(r"(\d\d:\d\d):00")


def decode(data: bytes) -> Program:
    """Read a program.

    :raises ProgramError: it cannot be used; names all that is wrong with it, each with its place.
    """
    raw = _parse(data)
    if isinstance(raw, dict) and isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
        newer = f"format: {raw['format']} is newer than {FORMAT}, the newest that is known here"
        raise ProgramError([f"{newer}; update the software"])
    reader = Reader()
    program: Program = reader.struct(raw, Program)
    problems = [*reader.problems, *faults(reader.parts)]
    if problems:
        raise ProgramError(problems)
    return program


def encode(program: Program) -> bytes:
    """Write a program: what is as it always is, is left out, and each part has a line of its own."""
    return f"{_written({'format': program.format, **_plain(program)}, '')}\n".encode()


def _parse(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
        return loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ProgramError([f"line {line}: this is not UTF-8; save the file as UTF-8"]) from error
    except JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ProgramError([f"{place}: this is not JSON ({error.msg}); see what stands before it"]) from error
    except RecursionError as error:
        raise ProgramError(["the file: lists within lists without an end; this is no program"]) from error
    except ValueError as error:
        message = "the file: it holds NaN, Infinity or a number of thousands of digits; write plain numbers"
        raise ProgramError([message]) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeated = Repeated(plain)
    names = [name for name, _ in pairs]
    repeated.twice = tuple(name for name in plain if names.count(name) > 1)
    return repeated


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _plain(value: Any) -> Any:
    """Turn a value into what JSON has."""
    match value:
        case Struct():
            return dict(_told(value))
        case tuple():
            return [_plain(one) for one in value]
        case Enum():
            return value.value
        case datetime() | time():
            return _NO_SECONDS.sub(r"\1", value.isoformat())
        case date():
            return value.isoformat()
        case _:
            return value


def _told(struct: Struct) -> Iterator[tuple[str, Any]]:
    """Give what a structure says beyond its defaults."""
    config = struct.__struct_config__
    if config.tag_field:
        yield config.tag_field, config.tag
    for field in fields_of(type(struct)):
        value = getattr(struct, field.name)
        if field.required or value != field.default:
            yield field.name, _plain(value)


def _written(value: Any, indent: str) -> str:
    """Write a value on one line where it is short, and else line by line."""
    match value:
        case dict() if value and (not indent or not _is_short(value, indent)):
            lines = (f"{dumps(name)}: {_written(one, indent + _STEP)}" for name, one in value.items())
            return _block("{", lines, "}", indent)
        case list() if value and (isinstance(value[0], dict) or not _is_short(value, indent)):
            return _block("[", (_written(one, indent + _STEP) for one in value), "]", indent)
        case _:
            return dumps(value, ensure_ascii=False)


def _block(begin: str, lines: Iterator[str], end: str, indent: str) -> str:
    inner = f",\n{indent}{_STEP}".join(lines)
    return f"{begin}\n{indent}{_STEP}{inner}\n{indent}{end}"


def _is_short(value: Any, indent: str) -> bool:
    return not _holds_parts(value) and len(indent) + len(dumps(value, ensure_ascii=False)) <= _WIDEST_LINE


def _holds_parts(value: Any) -> bool:
    """Tell whether there is a list of objects in a value, each of which wants a line of its own."""
    inner = value.values() if isinstance(value, dict) else value
    return any(
        _holds_parts(one) or (isinstance(one, list) and one[:1] and isinstance(one[0], dict))
        for one in inner
        if isinstance(one, dict | list)
    )
