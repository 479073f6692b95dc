"""Values from several places, put over each other into sections of typed settings.

Nothing here knows which settings there are.  Whatever is wrong is gathered and told all at once, each with
its place and, where a name was nearly right, with the name that was meant.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

Whole = TypeVar("Whole", bound=Struct)

LISTED = re.compile(r"[\w+.-]+://.*?(?=:(?:[~./]|[\w+.-]+://)|$)|[^:]+")
"""One entry of a list that is written as text; the colons of a URL belong to it."""


class Layer(Struct, frozen=True):
    """Values from one place; a later layer goes over an earlier one.

    :ivar values: value by section and key.
    :ivar where: names the place of a setting, given its section and key; no key is the section.
    """

    values: Mapping[str, Any]
    where: Callable[[str, str], str]


def merge(kind: type[Whole], layers: Sequence[Layer], problems: list[str]) -> Whole:
    """Put layers over each other.

    :param kind: a structure whose fields are the sections, each a structure of its own.
    :param problems: takes up all that is wrong; what is not is in what is given back.
    """
    sections: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        sections[field.name] = _section(field.name, field.type, layers, problems)
    for layer in layers:
        for name, content in layer.values.items():
            if name not in sections:
                place = layer.where(name, next(iter(content), "") if isinstance(content, Mapping) else "")
                problems.append(f"{place}: there is no section {name!r}{meant(name, sections)}")
    return kind(**sections)


def description(field: FieldInfo) -> str:
    """Tell what a setting is for, as the documentation prints it."""
    return next(meta.description or "" for meta in field.type.__metadata__ if isinstance(meta, Meta))


def meant(name: str, known: Iterable[str]) -> str:
    """Tell what a name that is not known may have meant, or else which names there are."""
    import difflib

    near = difflib.get_close_matches(name.lower(), known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(sorted(known))}"


def _section(name: str, kind: type[Struct], layers: Sequence[Layer], problems: list[str]) -> Struct:
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    for layer in layers:
        content = layer.values.get(name, {})
        if not isinstance(content, Mapping):
            problems.append(f"{layer.where(name, '')}: is a section: write [{name}] on a line of its own")
            continue
        for key, value in content.items():
            if key not in fields:
                problems.append(f"{layer.where(name, key)}: there is no such setting{meant(key, fields)}")
                continue
            try:
                values[key] = _converted(value, fields[key])
            except msgspec.ValidationError as error:
                about = description(fields[key])
                problems.append(f"{layer.where(name, key)}: {value!r} cannot be used ({error}): {about}")
    return kind(**values)


def _converted(value: Any, field: FieldInfo) -> Any:
    """Bring a value to its type; text from the environment may stand for a number or a list."""
    if isinstance(value, str) and isinstance(field.default, tuple):
        value = LISTED.findall(value)
    return msgspec.convert(value, field.type, strict=not isinstance(value, str))
