"""Every message in words and as a JSON Schema: for the pages, and for whoever writes another box or hub.

Types, limits and defaults are those of the messages themselves, and so are the words: each field is told by
its line in the docstring, or by what fields of its name are anywhere.
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct, inspect

from easyplayer.protocol import (
    asrun,
    bundle,
    commands,
    heartbeat,
    live,
    media,
    pairing,
    problem,
    program_head,
    signed,
)
from easyplayer.protocol.arguments import ARGUMENTS, Arguments

TOPICS: dict[str, tuple[type[Struct], ...]] = {
    "Around every message": (signed.Signed, problem.Problem),
    "Getting to know each other": (
        pairing.Hello,
        pairing.TimeAsked,
        pairing.TimeTold,
        pairing.PairingAsked,
        pairing.Pairing,
    ),
    "Session": (pairing.ChallengeAsked, pairing.Challenge, pairing.SessionAsked, pairing.Session),
    "Commands": (commands.Command, commands.CommandResult),
    "Heartbeat": (heartbeat.Heartbeat, heartbeat.Reply),
    "Live channel": (live.Welcome, live.Orders, live.Wake, live.Watch, live.Report),
    "Programs and media": (program_head.ProgramHead, media.MediaTicket),
    "Sticks": (bundle.Bundle, bundle.StickReport),
    "As-run log": (asrun.Batch, asrun.Receipt, asrun.Played, asrun.ClockRead, asrun.SetAside),
}
"""The messages, each below what it is about, in the order in which they are met."""

MESSAGES = tuple(message for messages in TOPICS.values() for message in messages)

Type: TypeAlias = inspect.Type

_FIELD = re.compile(r":ivar (?P<name>\w+):\s*(?P<meaning>.+?)(?=\n\s*:|\Z)", re.DOTALL)
_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")
_ANYWHERE = {
    "album": "where it was released",
    "artist": "who plays it",
    "at": "when, by the monotonic clock",
    "autonomy": "for how long it plays on by itself",
    "blind": "whether it was chosen while nobody knew the time",
    "boot": "names the run of the machine",
    "box": "names the box",
    "bytes_left": "how much of them is still to come",
    "challenge": "the challenge, as a signed message",
    "composer": "who wrote it",
    "current": "the newest",
    "digest": "SHA-256 of what it names",
    "download": "how far the downloads are",
    "duration_ms": "how long it is as a whole",
    "entries": "the entries",
    "failures": "how often a part of the box has failed",
    "free_bytes": "what is free of it",
    "health": "how it is",
    "heard_s": "for how long it was heard",
    "id": "names it",
    "identity": "whether the box is who it says it is",
    "isrc": "its International Standard Recording Code",
    "item": "the item",
    "key": "the public key",
    "kind": "`file`, `stream` or another sort of item",
    "label": "who released it",
    "length_s": "how long it is; null for a stream",
    "level": "how much is told: `debug`, `info`, `warning` or `error`",
    "level_db": "what the output carries, in dBFS",
    "lines": "how many",
    "load": "the load average of the last minute",
    "location": "where it came from, without passwords",
    "log": "the log",
    "lowest": "the oldest",
    "machine": "how the machine is",
    "made": "when it was made, by the clock of who has made it",
    "media": "SHA-256 of a medium that the box fetches first; empty where it has the item",
    "memory_free_bytes": "what is free of it",
    "memory_total_bytes": "how much there is",
    "minutes": "for how long",
    "missing": "how many of them are not there",
    "name": "what people call it",
    "next": "the item that comes next",
    "nonce": "made for this question alone",
    "now": "what is another at every heartbeat",
    "number": "its number in the log",
    "over": "when it sounded no more, by the monotonic clock",
    "place": "where the box is, as the hub has it",
    "playlist": "id of the playlist it was drawn from",
    "product": "what software it is",
    "protocol": "which versions of the protocol it speaks",
    "reason": "why, in a word or in a sentence",
    "receipts": "up to where the hub has the logs of these boxes",
    "revision": "of the program that came from the hub; 0 where none has",
    "seconds": "for how long",
    "set_aside": "how many entries could not be delivered, and were set aside",
    "sha256": "SHA-256 of the content",
    "silent_sink": "whether that output is one that nobody hears",
    "sink": "the output it plays on",
    "size": "its length in bytes",
    "source": "id of the show, daypart or spot that it belongs to",
    "started": "when its first sound came, by the monotonic clock",
    "status": "how the box is",
    "storage": "what is on its disk",
    "support": "the way in for support that is open; null where none is",
    "system": "its operating system",
    "text": "the same for people",
    "time": "what time it is there",
    "title": "what it is called",
    "to_fetch_bytes": "how much is to come in all",
    "total_bytes": "how large the disk is",
    "trust": "how far the clock could be trusted",
    "uptime_s": "for how long the software has been running",
    "venue": "id of the venue",
    "venue_name": "what people call the venue",
    "verdict": "why it may play, or may not",
    "version": "its version",
    "volume": "how loud, in percent",
    "wall": "what the wall clock showed",
    "why": "why, in words",
    "zone": "id of the zone",
}
"""What a field is where its docstring does not tell."""


@cache
def fields_of(kind: type[Struct]) -> tuple[inspect.Field, ...]:
    """Give the fields of a message, as they are checked."""
    found = inspect.type_info(kind)
    return found.fields if isinstance(found, inspect.StructType) else ()


def kinds(messages: tuple[type[Struct], ...] = MESSAGES) -> tuple[type[Struct], ...]:
    """Give every structure that messages are made of, each behind the one that first needs it."""
    return tuple(dict.fromkeys(one for message in messages for one in _within(inspect.type_info(message))))


def about(kind: type) -> str:
    """Tell what a message or a word is, as its docstring does."""
    return _clean((kind.__doc__ or "").partition(":ivar")[0])


def meanings(kind: type[Struct]) -> dict[str, str]:
    """Tell what each field of a message means."""
    told = {found["name"]: found["meaning"] for found in _FIELD.finditer(kind.__doc__ or "")}
    return {
        field.name: _clean(told.get(field.name) or _ANYWHERE[field.name]).rstrip(".")
        for field in fields_of(kind)
    }


def schema() -> dict[str, Any]:
    """Give the JSON Schema of all messages, each below its name in ``$defs``.

    It is open: a field, or a word, that only a newer side knows is no fault.  What a command takes stands
    there as ``Arguments.NAME``, and is closed.
    """
    references, definitions = msgspec.json.schema_components(MESSAGES, ref_template="#/$defs/{name}")
    for kind in kinds():
        _describe(definitions[kind.__name__], kind)
    for written in definitions.values():
        _open(written)
    for name, kind in ARGUMENTS.items():
        definitions[f"Arguments.{name}"] = _arguments(kind)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Messages between a box and a hub",
        "anyOf": list(references),
        "$defs": definitions,
    }


def _arguments(kind: type[Arguments]) -> dict[str, Any]:
    _, definitions = msgspec.json.schema_components([kind])
    written: dict[str, Any] = definitions[kind.__name__]
    _describe(written, kind)
    return written


def _describe(written: dict[str, Any], kind: type[Struct]) -> None:
    written["description"] = about(kind)
    told = meanings(kind)
    for field in fields_of(kind):
        written["properties"][field.encode_name]["description"] = told[field.name]
    if tag := kind.__struct_config__.tag_field:
        written["properties"][tag]["description"] = "which kind it is"


def _open(written: dict[str, Any]) -> None:
    """Let a list of words be one of those that are known so far, where one of them stands for all others."""
    words = written.get("enum", ())
    if "unknown" in words:
        written["anyOf"] = [{"enum": written.pop("enum")}, {"type": "string"}]


def enums() -> tuple[type[Enum], ...]:
    """Give every enumeration that a message can carry."""
    found = (kind for one in kinds() for field in fields_of(one) for kind in _enums(field.type))
    return tuple(dict.fromkeys(found))


def _enums(kind: Type) -> Iterator[type[Enum]]:
    match kind:
        case inspect.EnumType(cls=cls):
            yield cls
        case inspect.UnionType(types=types):
            for one in types:
                yield from _enums(one)
        case inspect.VarTupleType(item_type=inner):
            yield from _enums(inner)


def _within(kind: Type) -> Iterator[type[Struct]]:
    match kind:
        case inspect.UnionType(types=types):
            for one in types:
                yield from _within(one)
        case inspect.VarTupleType(item_type=inner):
            yield from _within(inner)
        case inspect.StructType(cls=cls, fields=fields):
            yield cls
            for field in fields:
                yield from _within(field.type)


def _clean(text: str) -> str:
    """Take what only documentation tools read out of a text."""
    plain = _ROLE.sub(r"\1", text).replace("``None``", "null").replace("``", "`")
    return " ".join(plain.split())
