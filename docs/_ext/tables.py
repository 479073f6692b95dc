"""What the tables of the documentation say, read from the code itself.

Nothing here needs Sphinx, so that the tests ask the same questions as the pages.
"""

import argparse
import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import Any, NamedTuple

import msgspec
from circuits import BaseComponent
from msgspec import Meta
from msgspec import inspect as inspect_types
from msgspec.structs import FieldInfo

import easyplayer
from easyplayer import (
    device_events,
    events,
    hub_events,
    layers,
    player_events,
    screen_events,
    settings,
    storage_events,
)
from easyplayer.errors import EasyplayerError
from easyplayer.main import COMMANDS, module_of
from easyplayer.playout.program_schema import about, fields_of, kinds, meanings, wanted
from easyplayer.protocol import schema as protocol
from easyplayer.protocol.arguments import ARGUMENTS

EVENT_MODULES = (events, player_events, hub_events, storage_events, device_events, screen_events)
"""Where the events are, in the order in which the page has them."""

_SECTION = re.compile(r"^# -- (?P<title>.+?) -+$", re.MULTILINE)
_FIRED = re.compile(r"(?:^|[;.]\s+)fired (?P<by>.+?)\.?$", re.IGNORECASE | re.DOTALL)
_PARAM = re.compile(r":param (?P<name>\w+):\s*(?P<meaning>.+?)(?=\n\s*:|\Z)", re.DOTALL)
_TYPES = {
    bool: "true or false",
    str: "text",
    int: "whole number",
    float: "number",
    tuple[str, ...]: "list of texts",
}


class Argument(NamedTuple):
    """One argument of an event."""

    name: str
    meaning: str


class EventRow(NamedTuple):
    """One event: what it means, who fires it and when, with what, and who takes it."""

    section: str
    name: str
    meaning: str
    fired: str
    arguments: tuple[Argument, ...]
    takers: tuple[str, ...]


class SettingRow(NamedTuple):
    """One setting."""

    section: str
    name: str
    kind: str
    default: str
    environment: str
    meaning: str


class FieldRow(NamedTuple):
    """One field of a part of a program, or one word that it can be."""

    name: str
    kind: str
    default: str
    meaning: str


class PartRow(NamedTuple):
    """One sort of part of a program: its fields, and the words that some of them can be."""

    name: str
    meaning: str
    fields: tuple[FieldRow, ...]


class ErrorRow(NamedTuple):
    """One kind of error."""

    code: str
    exit_code: int
    name: str
    meaning: str


def module_names() -> tuple[str, ...]:
    """Name every public module of the package, and the package itself."""
    found = pkgutil.walk_packages(easyplayer.__path__, "easyplayer.")
    names = sorted(module.name for module in found)
    return ("easyplayer", *(name for name in names if "._" not in name))


@cache
def modules() -> tuple[ModuleType, ...]:
    """Import every public module of the package."""
    return tuple(map(importlib.import_module, module_names()))


@cache
def components() -> tuple[type[BaseComponent], ...]:
    """Find every part of the box."""
    return tuple(
        thing
        for module in modules()
        for thing in vars(module).values()
        if inspect.isclass(thing) and issubclass(thing, BaseComponent) and thing.__module__ == module.__name__
    )


def event_rows() -> tuple[EventRow, ...]:
    """Read the events, in the order of their modules."""
    return tuple(row for module in EVENT_MODULES for row in _event_rows(module))


def _event_rows(module: ModuleType) -> tuple[EventRow, ...]:
    source = inspect.getsource(module)
    titles = [(source.count("\n", 0, found.start()), found["title"]) for found in _SECTION.finditer(source)]
    takers = _takers()
    return tuple(
        _event_row(
            next(title for line, title in reversed(titles) if line < node.lineno),
            getattr(module, node.name),
            takers.get(node.name, ()),
        )
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name != "BoxEvent"
    )


def setting_rows() -> tuple[SettingRow, ...]:
    """Read the settings, section by section."""
    return tuple(
        SettingRow(
            section.name,
            field.name,
            _kind(field),
            _written(field.default),
            f"{settings.PREFIX}{section.name}__{field.name}".upper(),
            layers.description(field),
        )
        for section in msgspec.structs.fields(settings.Settings)
        for field in msgspec.structs.fields(section.type)
    )


def part_rows() -> tuple[PartRow, ...]:
    """Read the parts of a program, each behind the one that first needs it."""
    return tuple(PartRow(kind.__name__, about(kind), tuple(_field_rows(kind))) for kind in kinds())


def word_rows() -> tuple[PartRow, ...]:
    """Read the fields of a program that can be one of a few words: a part for each, a field for each word."""
    return tuple(
        PartRow(kind.__name__, about(kind), tuple(_member_rows(kind)))
        for kind in dict.fromkeys(filter(None, map(_words_of, _all_fields())))
    )


def message_rows(topic: str) -> tuple[PartRow, ...]:
    """Read the messages of a topic and what they are made of, but for what an earlier topic has told."""
    told: dict[type[msgspec.Struct], str] = {}
    for name, messages in protocol.TOPICS.items():
        for kind in protocol.kinds(messages):
            told.setdefault(kind, name)
    return tuple(
        PartRow(kind.__name__, protocol.about(kind), tuple(_message_fields(kind)))
        for kind, where in told.items()
        if where == topic
    )


def protocol_word_rows() -> tuple[PartRow, ...]:
    """Read the words that fields of messages can be."""
    return tuple(
        PartRow(kind.__name__, protocol.about(kind), tuple(_member_rows(kind))) for kind in protocol.enums()
    )


def argument_rows() -> tuple[PartRow, ...]:
    """Read what each command takes, for those that take anything."""
    rows = (
        PartRow(name, protocol.about(kind).partition(": ")[2], tuple(_message_fields(kind)))
        for name, kind in ARGUMENTS.items()
    )
    return tuple(row for row in rows if row.fields)


def error_rows() -> tuple[ErrorRow, ...]:
    """Read the errors, each below the one that it is a kind of."""
    return tuple(
        ErrorRow(kind.code, kind.exit_code, kind.__name__, _first_sentence(inspect.getdoc(kind) or ""))
        for kind in _tree(EasyplayerError)
    )


def command_options() -> dict[str, tuple[str, ...]]:
    """Give what each command takes: its options by all their names, its places as they are shown."""
    return {name: tuple(_words(name)) for name in COMMANDS}


def _field_rows(kind: type[msgspec.Struct]) -> Iterator[FieldRow]:
    told = meanings(kind)
    tag = kind.__struct_config__.tag
    if tag is not None:
        yield FieldRow("type", f'"{tag}"', "", "which sort of it this is")
    for field in fields_of(kind):
        yield FieldRow(field.name, wanted(field.type), _default(field), told[field.name])


def _message_fields(kind: type[msgspec.Struct]) -> Iterator[FieldRow]:
    told = protocol.meanings(kind)
    config = kind.__struct_config__
    if config.tag is not None:
        yield FieldRow(config.tag_field, f'"{config.tag}"', "", "which kind it is")
    for field in protocol.fields_of(kind):
        default = "{}" if field.default_factory is dict else _default(field)
        yield FieldRow(field.encode_name, _sort(field.type), default, told[field.name])


def _sort(kind: inspect_types.Type) -> str:
    """Tell what a field of a message is, also where no field of a program is such a one."""
    match kind:
        case inspect_types.DictType():
            return "an object"
        case inspect_types.LiteralType(values=words):
            return f"one of {', '.join(map(str, words))}"
        case _:
            return wanted(kind)


def _default(field: inspect_types.Field) -> str:
    """Write what a field is where nothing is written; the empty string where something must be."""
    if field.required:
        return ""
    if isinstance(field.default, msgspec.Struct):
        return "{}"
    return re.sub(r"(\d\d:\d\d):00", r"\1", msgspec.json.encode(field.default).decode())


def _all_fields() -> Iterator[inspect_types.Field]:
    for kind in kinds():
        yield from fields_of(kind)


def _words_of(field: inspect_types.Field) -> type[Enum] | None:
    inner = field.type.item_type if isinstance(field.type, inspect_types.VarTupleType) else field.type
    return inner.cls if isinstance(inner, inspect_types.EnumType) else None


def _member_rows(kind: type[Enum]) -> Iterator[FieldRow]:
    """Read the words of an enumeration, and what stands below each in the source."""
    body = ast.parse(inspect.getsource(kind)).body[0].body
    for node, below in pairwise([*body, ast.Pass()]):
        if isinstance(node, ast.Assign):
            name = ast.unparse(node.targets[0]).capitalize().replace("_", " ")
            told = ast.literal_eval(below.value) if isinstance(below, ast.Expr) else name
            yield FieldRow(ast.literal_eval(node.value), "", "", _line(told))


def _event_row(section: str, event: type[events.BoxEvent], takers: tuple[str, ...]) -> EventRow:
    text, _, fields = (inspect.getdoc(event) or "").partition("\n\n:param ")
    fired = _FIRED.search(text)
    if fired is None:
        message = f"{event.__name__}: its docstring does not say 'fired by' whom"
        raise ValueError(message)
    arguments = _PARAM.finditer(f":param {fields}") if fields else ()
    return EventRow(
        section=section,
        name=event.__name__,
        meaning=_line(text[: fired.start()]),
        fired=_line(fired["by"]),
        arguments=tuple(Argument(found["name"], _line(found["meaning"])) for found in arguments),
        takers=takers,
    )


@cache
def _takers() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for component in components():
        for method in vars(component).values():
            for name in getattr(method, "names", ()) if getattr(method, "handler", False) else ():
                found[name] = (*found.get(name, ()), component.__name__)
    return found


def _kind(field: FieldInfo) -> str:
    kind = _TYPES[field.type.__origin__]
    limits: Any = next(meta for meta in field.type.__metadata__ if isinstance(meta, Meta))
    if limits.ge is not None:
        return f"{kind}, {limits.ge} to {limits.le}"
    return f"{kind}, written like the example" if limits.pattern else kind


def _written(default: Any) -> str:
    """Write a default as TOML does."""
    return "[]" if default == () else msgspec.json.encode(default).decode()


def _tree(kind: type[EasyplayerError]) -> Iterator[type[EasyplayerError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _tree(below)


def _words(command: str) -> Iterator[str]:
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(module_of(command)).configure(parser)
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to ask
        yield from action.option_strings or (action.metavar,)


def _first_sentence(text: str) -> str:
    return _line(text.partition("\n\n")[0])


def _line(text: str) -> str:
    return " ".join(text.split()).rstrip(".;")
