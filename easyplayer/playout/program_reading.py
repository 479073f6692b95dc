"""A program's JSON as its types, field by field: whatever cannot be read is told, and the rest is read on.

What one part has to do with another is looked at afterwards, by :mod:`easyplayer.playout.program_rules`.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, Final

from msgspec import Struct, inspect

from easyplayer.playout.items import masked
from easyplayer.playout.program_schema import Type, fields_of, wanted
from easyplayer.playout.spelling import Names, cut, shown

BROKEN: Final = object()
"""Stands for a value that could not be read."""

FIRST_YEAR, LAST_YEAR = 1970, 2999
"""Other years are slips of the pen, and no calendar can reckon at the ends of time."""

_LARGEST = 2**63 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")
_TIME = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<part>\d{1,6}))?)?", re.ASCII)
_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII)
_DAY_LENGTH = len("2026-12-31")


class Part(Struct, frozen=True):
    """One object of the JSON, as far as it could be read.

    :ivar kind: its type.
    :ivar place: where it stands, as a person finds it.
    :ivar fields: what could be read of it, by name; what was left out has its default.
    """

    kind: type[Struct]
    place: str
    fields: dict[str, Any]


class Repeated(dict[str, Any]):
    """An object in which something is written twice.

    :ivar twice: the names.
    """

    twice: tuple[str, ...] = ()


class Reader:
    """Reads values as their types want them.

    :ivar parts: every object, also those that could not be read as a whole, in the order of the text.
    :ivar problems: what could not be read, each with its place and the way out.
    """

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.problems: list[str] = []
        self._names: dict[type[Struct], Names] = {}

    def struct(self, value: Any, kind: type[Struct], place: str = "") -> Any:
        """Read an object of a type.

        :returns: :data:`BROKEN` if anything in it could not be read.
        """
        part, fields = Part(kind, place, {}), fields_of(kind)
        self.parts.append(part)
        if not isinstance(value, dict):
            return self._refuse(value, f"write an object of the kind {kind.__name__}", place)
        self._look_for_strangers(value, kind, place)
        read = {field.name: self._field(value, field, place) for field in fields}
        part.fields.update((name, one) for name, one in read.items() if one is not BROKEN)
        return kind(**read) if len(part.fields) == len(fields) else BROKEN

    def _field(self, value: dict[str, Any], field: inspect.Field, place: str) -> Any:
        if field.name in value:
            return self._value(value[field.name], field.type, place, field.name)
        if field.required:
            self._tell(below(place, field.name), f"is missing; write {wanted(field.type)}")
            return BROKEN
        return field.default

    def _look_for_strangers(self, value: dict[str, Any], kind: type[Struct], place: str) -> None:
        """Tell names that nobody knows: a slip of the pen must not be lost without a word."""
        known = self._known(kind)
        for name in value:
            if name not in known:
                choice = known.instead_of(name)
                self._tell(below(place, shown_name(name)), f"there is no such field; {choice}")
        for name in value.twice if isinstance(value, Repeated) else ():
            self._tell(below(place, shown_name(name)), "is written twice; leave one of them")

    def _known(self, kind: type[Struct]) -> Names:
        if kind not in self._names:
            tag = kind.__struct_config__.tag_field
            self._names[kind] = Names([*(field.name for field in fields_of(kind)), *([tag] if tag else [])])
        return self._names[kind]

    def _value(self, value: Any, kind: Type, place: str, name: str) -> Any:
        match kind:
            case inspect.StructType(cls=cls):
                return self.struct(value, cls, below(place, name))
            case inspect.VarTupleType():
                return self._list(value, kind, below(place, name))
            case inspect.UnionType():
                return self._union(value, kind, place, name)
            case _:
                read = _SCALARS[type(kind)](value, kind)
                return read if read is not BROKEN else self._wrong(value, kind, below(place, name))

    def _list(self, value: Any, kind: inspect.VarTupleType, place: str) -> Any:
        if not isinstance(value, list) or len(value) < (kind.min_length or 0):
            return self._refuse(value, f"write {wanted(kind)}", place)
        read = tuple(
            self._value(one, kind.item_type, "", f"{place}[{at}]{_called(one)}")
            for at, one in enumerate(value)
        )
        return BROKEN if BROKEN in read else read

    def _union(self, value: Any, kind: inspect.UnionType, place: str, name: str) -> Any:
        inner = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        if value is None and len(inner) < len(kind.types):
            return None
        if len(inner) == 1:
            return self._value(value, inner[0], place, name)
        return self._tagged(value, kind, below(place, name))

    def _tagged(self, value: Any, kind: inspect.UnionType, place: str) -> Any:
        """Read an object whose ``type`` says which of several it is."""
        if not isinstance(value, dict):
            return self._refuse(value, f"write {wanted(kind)}", place)
        kinds = {str(one.tag): one.cls for one in kind.types if isinstance(one, inspect.StructType)}
        tag = value.get("type")
        if isinstance(tag, str) and tag in kinds:
            return self.struct(value, kinds[tag], place)
        told = f"{_shown(tag)} is none of them" if "type" in value else "is missing"
        self._tell(below(place, "type"), f"{told}; {Names(kinds).instead_of(str(tag))}")
        return BROKEN

    def _wrong(self, value: Any, kind: Type, place: str) -> Any:
        if isinstance(kind, inspect.EnumType) and isinstance(value, str):
            choice = Names(member.value for member in kind.cls).instead_of(value)
            self._tell(place, f"{_shown(value)} is none of them; {choice}")
            return BROKEN
        return self._refuse(value, f"write {wanted(kind)}", place)

    def _refuse(self, value: Any, remedy: str, place: str) -> Any:
        self._tell(place or "the file", f"{_shown(value)} cannot be used; {remedy}")
        return BROKEN

    def _tell(self, place: str, what: str) -> None:
        self.problems.append(masked(f"{place}: {what}"))


def below(place: str, name: str) -> str:
    """Name a place within another."""
    return f"{place} → {name}" if place else name


def shown_name(name: str) -> str:
    """Write a name so that it can be printed."""
    return cut(name if name.isprintable() and name else ascii(name))


def _called(value: Any) -> str:
    """Give the id of an object in a list, to be put behind its number."""
    name = value.get("id") if isinstance(value, dict) else None
    return f' "{shown_name(name)}"' if isinstance(name, str) and name else ""


def _shown(value: Any) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list" if value else "an empty list"
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case _:
            return shown(value)


def _text(value: Any, kind: inspect.StrType) -> Any:
    fits = (
        isinstance(value, str)
        and len(value) >= (kind.min_length or 0)
        and (kind.max_length is None or len(value) <= kind.max_length)
        and not _SURROGATE.search(value)
        and (kind.pattern is None or (re.search(kind.pattern, value) and value.isprintable()))
        and "\0" not in value
    )
    return value if fits else BROKEN


def _whole(value: Any, kind: inspect.IntType) -> Any:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and abs(value) <= _LARGEST and _within(value, kind) else BROKEN


def _number(value: Any, kind: inspect.FloatType) -> Any:
    fits = isinstance(value, int | float) and abs(value) <= _LARGEST and _within(value, kind)
    return float(value) if fits else BROKEN


def _within(value: float, kind: inspect.IntType | inspect.FloatType) -> bool:
    return (
        not isinstance(value, bool)
        and (kind.ge is None or value >= kind.ge)
        and (kind.gt is None or value > kind.gt)
        and (kind.le is None or value <= kind.le)
        and (kind.lt is None or value < kind.lt)
    )


def _member(value: Any, kind: inspect.EnumType) -> Any:
    return kind.cls(value) if isinstance(value, str) and value in kind.cls._value2member_map_ else BROKEN


def _time(value: Any, _kind: Type) -> Any:
    """Read ``18:00``, and any longer way of writing it."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return BROKEN
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    return _or_broken(time, hour, minute, second, int(f"{found['part'] or '':0<6}"))


def _day(value: Any, _kind: Type) -> Any:
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if not found or not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
        return BROKEN
    return _or_broken(date, *map(int, found.groups()))


def _moment(value: Any, kind: Type) -> Any:
    """Read ``2026-12-31T23:30``, and any longer way of writing it."""
    if not isinstance(value, str) or value[_DAY_LENGTH : _DAY_LENGTH + 1] not in {"T", " "}:
        return BROKEN
    day, clock = _day(value[:_DAY_LENGTH], kind), _time(value[_DAY_LENGTH + 1 :], kind)
    return BROKEN if BROKEN in (day, clock) else datetime.combine(day, clock)


def _or_broken(make: Callable[..., Any], *numbers: int) -> Any:
    try:
        return make(*numbers)
    except ValueError:
        return BROKEN


def _truth(value: Any, _kind: Type) -> Any:
    return value if isinstance(value, bool) else BROKEN


_SCALARS: dict[type[Type], Callable[[Any, Any], Any]] = {
    inspect.StrType: _text,
    inspect.IntType: _whole,
    inspect.FloatType: _number,
    inspect.BoolType: _truth,
    inspect.EnumType: _member,
    inspect.TimeType: _time,
    inspect.DateType: _day,
    inspect.DateTimeType: _moment,
}
