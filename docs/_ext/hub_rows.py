"""What the tables about the hub say, read from the code itself; nothing here needs Sphinx."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from msgspec import Meta
from msgspec.structs import FieldInfo

from easyplayer.hub import settings
from easyplayer.hub.web.endpoint import Endpoint, Needs, Nothing
from easyplayer.hub.web.endpoints import ENDPOINTS

_TYPES = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    tuple[str, ...]: "list of texts",
}
_NEEDS = {
    Needs.NOTHING: "everyone",
    Needs.VISITOR: "everyone; some of it users only",
    Needs.BOX: "boxes",
    Needs.USER: "users",
}


class HubSettingRow(NamedTuple):
    """One setting of the hub."""

    name: str
    kind: str
    default: str
    environment: str
    meaning: str


class EndpointRow(NamedTuple):
    """One endpoint of the hub's API."""

    subject: str
    method: str
    path: str
    summary: str
    callers: str
    takes: str
    answers: str


def hub_setting_rows() -> tuple[HubSettingRow, ...]:
    """Read the settings, in their order."""
    return tuple(
        HubSettingRow(
            field.name,
            _kind(field),
            "[]" if field.default == () else msgspec.json.encode(field.default).decode(),
            f"{settings.PREFIX}{field.name}".upper(),
            settings.description(field),
        )
        for field in msgspec.structs.fields(settings.HubSettings)
    )


def endpoint_rows() -> dict[str, tuple[EndpointRow, ...]]:
    """Read the endpoints, by subject."""
    return {
        subject: tuple(_endpoint_row(one) for one in group)
        for subject, group in groupby(ENDPOINTS, lambda one: one.subject)
    }


def _endpoint_row(one: Endpoint) -> EndpointRow:
    return EndpointRow(
        one.subject,
        one.method,
        one.path,
        one.summary,
        _NEEDS[one.needs],
        ", ".join(_taken(one)) or "nothing",
        "nothing" if one.answers is None else "content" if one.answers is bytes else _named(one.answers),
    )


def _taken(one: Endpoint) -> Iterator[str]:
    if one.query is not Nothing:
        yield from (f"?{field.encode_name}" for field in msgspec.structs.fields(one.query))
    if one.body is not None or one.streams:
        yield "content" if one.body in {None, bytes} else _named(one.body)


def _named(kind: Any) -> str:
    """Name a type as a reader of the document would."""
    text = getattr(kind, "__name__", str(kind)) if not getattr(kind, "__args__", None) else str(kind)
    return ".".join(text.split(".")[-1:]) if "[" not in text else _short(text)


def _short(text: str) -> str:
    inner = text.partition("[")
    names = ", ".join(part.rpartition(".")[2] for part in inner[2].removesuffix("]").split(", "))
    return f"{inner[0].rpartition('.')[2]}[{names}]"


def _kind(field: FieldInfo) -> str:
    origin = field.type.__origin__
    kind = _words(origin) if isinstance(origin, type) and issubclass(origin, StrEnum) else _TYPES[origin]
    limits: Any = next(meta for meta in field.type.__metadata__ if isinstance(meta, Meta))
    if limits.ge is not None:
        return f"{kind}, {limits.ge} to {limits.le}"
    return f"{kind}, written like the example" if limits.pattern else kind


def _words(kind: type[StrEnum]) -> str:
    return " or ".join(kind)
