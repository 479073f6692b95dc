"""What a program's JSON is made of, in words: for the pages, for error messages, and as a JSON Schema.

Types, limits and defaults are those of :mod:`easyplayer.playout.catalogue`, and so are the words: each
field is told by its line in the docstring, else by what its type is.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct, inspect

from easyplayer.playout.catalogue import Program

TIME = r"^\d{1,2}:\d\d(:\d\d(\.\d{1,6})?)?$"
"""How a time of day is written."""
MOMENT = rf"^\d{{4}}-\d\d-\d\d[T ]{TIME[1:]}"
"""How a local date and time are written."""

Type: TypeAlias = inspect.Type

_FIELD = re.compile(r":ivar (?P<name>\w+):\s*(?P<meaning>.+?)(?=\n\s*:|\Z)", re.DOTALL)
_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")
_FORMS = {
    r"^$|^#[0-9a-fA-F]{6}$": "a colour, such as #d08020",
    r"^[0-9a-f]{64}$": "64 hexadecimal digits, in lower case",
}
_PLAIN = {
    "id": "names it, and no other of its kind",
    "title": "what people call it",
    "artist": "who plays it",
    "album": "where it was released",
    "composer": "who wrote it",
    "label": "who released it",
    "fade_out_ms": "for those of its items that do not say it themselves",
    "songs": "after how many of them",
    "minutes": "after how many of them",
    "minute": "the minute of the hour",
    "at": "the local time of day",
    "volume": "how loud it is then",
    "open": "whether it is open then; false is closed",
    "revised": "counts up with every change; the newer wins",
    "colour": "for pictures of the week, such as #d08020; empty leaves it to them",
}
"""What a field is where its docstring does not tell."""


@cache
def fields_of(kind: type[Struct]) -> tuple[inspect.Field, ...]:
    """Give the fields of a type, as they are checked."""
    found = inspect.type_info(kind)
    return found.fields if isinstance(found, inspect.StructType) else ()


def kinds() -> tuple[type[Struct], ...]:
    """Give every type that a program is made of, each behind the one that first needs it."""
    return tuple(dict.fromkeys(_structs(inspect.type_info(Program))))


def wanted(kind: Type) -> str:
    """Tell what is to be written for a value of a type.

    >>> wanted(inspect.IntType(ge=0, le=100))
    'a whole number from 0 to 100'
    """
    match kind:
        case inspect.UnionType(types=types):
            return _one_of(types)
        case inspect.VarTupleType(item_type=inner, min_length=least):
            return f"a list{' that is not empty' if least else ''}; each entry is {wanted(inner)}"
        case inspect.StructType(cls=cls):
            return f"an object of the kind {cls.__name__}"
        case inspect.EnumType(cls=cls):
            return f"one of {', '.join(member.value for member in cls)}"
        case inspect.StrType() | inspect.IntType() | inspect.FloatType():
            return _text(kind) if isinstance(kind, inspect.StrType) else _number(kind)
        case _:
            return _OTHERS[type(kind)]


_OTHERS: dict[type[Type], str] = {
    inspect.BoolType: "true or false",
    inspect.DateType: "a date, such as 2026-12-31",
    inspect.TimeType: "a time of day from 00:00 to 23:59",
    inspect.DateTimeType: "a local date and time, such as 2026-12-31T23:30",
}


def about(kind: type) -> str:
    """Tell what a type is, in the words of its docstring."""
    return _clean((kind.__doc__ or "").partition(":ivar")[0])


def meanings(kind: type[Struct]) -> dict[str, str]:
    """Tell what each field of a type means."""
    told = {found["name"]: found["meaning"] for found in _FIELD.finditer(kind.__doc__ or "")}
    return {
        field.name: _clean(told.get(field.name) or _of_type(field.type) or _PLAIN[field.name]).rstrip(".")
        for field in fields_of(kind)
    }


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a program.

    It knows form and limits of each field; what one part must have to do with another, only
    :func:`easyplayer.playout.program_file.decode` knows.
    """
    made = msgspec.json.schema(Program)
    for kind in kinds():
        _describe(made["$defs"][kind.__name__], kind)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Program of a venue", **made}


def _describe(made: dict[str, Any], kind: type[Struct]) -> None:
    """Put words to the schema of a type, and close it: a field that is not known is a fault."""
    made["description"] = about(kind)
    made["additionalProperties"] = False
    if "type" in made["properties"]:
        made["properties"]["type"]["description"] = "which kind of it this is"
    told = meanings(kind)
    for field in fields_of(kind):
        written = made["properties"][field.name]
        _refine(written, field.type)
        written["description"] = told[field.name]


def _refine(written: dict[str, Any], kind: Type) -> None:
    match kind:
        case inspect.TimeType():
            written["pattern"] = TIME
        case inspect.DateTimeType():
            written["pattern"] = MOMENT
        case inspect.VarTupleType(item_type=inner):
            _refine(written["items"], inner)


def _structs(kind: Type) -> Iterator[type[Struct]]:
    match kind:
        case inspect.UnionType(types=types):
            for one in types:
                yield from _structs(one)
        case inspect.VarTupleType(item_type=inner):
            yield from _structs(inner)
        case inspect.StructType(cls=cls, fields=fields):
            yield cls
            for field in fields:
                yield from _structs(field.type)


def _one_of(types: tuple[Type, ...]) -> str:
    tags = [str(one.tag) for one in types if isinstance(one, inspect.StructType) and one.tag]
    if tags:
        return f"an object with a type: {', '.join(tags)}"
    return next(wanted(one) for one in types if not isinstance(one, inspect.NoneType))


def _text(kind: inspect.StrType) -> str:
    if kind.pattern:
        return _FORMS.get(kind.pattern, f"a text of the form {kind.pattern}")
    if kind.max_length is not None:
        return f"a text of {kind.max_length} letters at the most"
    return "a text that is not empty" if kind.min_length else "a text"


def _number(kind: inspect.IntType | inspect.FloatType) -> str:
    noun = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
    limits = {" above": kind.gt, " from": kind.ge, " below": kind.lt, " to": kind.le}
    told = "".join(f"{word} {limit:g}" for word, limit in limits.items() if limit is not None)
    return noun + (f"{told} on" if told and kind.le is None and kind.lt is None else told)


def _of_type(kind: Type) -> str:
    """Tell what a field is by what its type is."""
    match kind:
        case inspect.UnionType(types=(inner, inspect.NoneType())):
            return _of_type(inner)
        case inspect.UnionType():
            return "when it comes"
        case inspect.VarTupleType(item_type=inner):
            return _of_type(inner)
        case inspect.StructType(cls=cls) | inspect.EnumType(cls=cls):
            told = (cls.__doc__ or "").partition("\n\n")[0]
            return told[:1].lower() + told[1:]
        case _:
            return ""


def _clean(text: str) -> str:
    """Take what only documentation tools read out of a text."""
    plain = _ROLE.sub(r"\1", text).replace("``None``", "null").replace("``", "")
    return " ".join(plain.split())
