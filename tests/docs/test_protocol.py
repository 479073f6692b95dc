"""The page of the protocol: every message with every field, and numbers that are those of the code."""

import inspect
import re
from hashlib import sha256
from types import ModuleType
from typing import Any

import pytest
from msgspec import Struct
from msgspec.json import decode

from easyplayer.hub.services import sealed
from easyplayer.protocol import (
    arguments,
    asrun,
    bundle,
    codec,
    commands,
    heartbeat,
    identity,
    live,
    media,
    pairing,
    problem,
    program_head,
    signed,
    signing,
    versions,
)
from easyplayer.protocol.schema import TOPICS, schema
from tests.docs.pages import sections, tables, text

PAGE = "guide/protocol.md"
MODULES = (
    asrun,
    bundle,
    commands,
    heartbeat,
    identity,
    live,
    media,
    pairing,
    problem,
    program_head,
    signed,
    signing,
    versions,
)
ROWS = {row.name: row for topic in TOPICS for row in tables.message_rows(topic)}
SHOWN = re.findall(r"^```\{messages-table\} (.+)$", text(PAGE), flags=re.MULTILINE)


def structs(module: ModuleType) -> set[str]:
    """Name the structures that a module defines."""
    found = (kind for kind in vars(module).values() if inspect.isclass(kind) and issubclass(kind, Struct))
    return {kind.__name__ for kind in found if kind.__module__ == module.__name__}


def test_every_structure_of_the_protocol_is_in_one_table() -> None:
    """A message that is added is in them, and none is told twice."""
    assert set(ROWS) == set().union(*map(structs, MODULES))
    assert sum(len(tables.message_rows(topic)) for topic in TOPICS) == len(ROWS)


def test_every_topic_stands_on_the_page_once() -> None:
    """And no topic that there is none of."""
    assert sorted(SHOWN) == sorted(TOPICS)


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
def test_every_field_tells_what_to_write_and_what_it_means(row: Any) -> None:
    """The fields are those of the schema that is published."""
    published = schema()["$defs"][row.name]
    assert row.meaning
    assert [field.name for field in row.fields] == list(published["properties"])
    for field in row.fields:
        assert field.kind
        assert field.meaning
        assert (field.name in published["required"]) == (not field.default)


def test_what_commands_take_is_on_the_page() -> None:
    """Each command that takes anything, with each argument."""
    rows = {row.name: [field.name for field in row.fields] for row in tables.argument_rows()}
    taking = {name: kind for name, kind in arguments.ARGUMENTS.items() if kind.__struct_fields__}
    assert rows == {str(name): list(kind.__struct_fields__) for name, kind in taking.items()}
    assert "{arguments-table}" in text(PAGE)


def test_every_word_is_on_the_page() -> None:
    """Of each field that is one of a few words, and the one that stands for all others among them."""
    rows = {row.name: [field.name for field in row.fields] for row in tables.protocol_word_rows()}
    assert rows == {
        kind.__name__: [member.value for member in kind]
        for kind in (commands.Outcome, commands.Reason, heartbeat.Health, heartbeat.Identity)
    }
    assert "{protocol-words-table}" in text(PAGE)


def test_the_sizes_are_those_of_the_code() -> None:
    """Whoever writes another box can rely on them."""
    told = " ".join(sections(PAGE)["What holds for every message"].split())
    kib, mib = 1024, 1024 * 1024
    for said in (
        f"heartbeat has {heartbeat.MOST_HEARTBEAT_BYTES // kib} KiB",
        f"log {asrun.MOST_BATCH_BYTES // mib} MiB and {asrun.MOST_ENTRIES} entries",
        f"program {program_head.MOST_PROGRAM_BYTES // mib} MiB",
        f"attaches {commands.MOST_ATTACHED_BYTES // mib} MiB",
        f"live channel {live.MOST_LIVE_BYTES // kib} KiB from the hub"
        f" and {live.MOST_REPORT_BYTES // kib} KiB to it",
    ):
        assert said in told
    page = " ".join(sections(PAGE)["Sticks"].split())
    assert f"signed message has {codec.MOST_BYTES // kib} KiB" in page
    for name, most in sealed.MOST.items():
        size = f"{most // mib} MiB" if most >= mib else f"{most // kib} KiB"
        assert re.search(rf"\| `{re.escape(name)}[^|]*\|[^|]*\| {size}", page), name


def test_the_example_of_the_log_comes_out_by_the_rule_of_the_page() -> None:
    """Whoever writes another box by it writes a chain that the hub takes."""
    rows = re.findall(r"^\| ([^|]+) \| `(.+)` \|$", sections(PAGE)["As-run log"], flags=re.MULTILINE)
    before, number, body, digest, found, aside = (told for _, told in rows)

    assert digest == sha256(body.encode()).hexdigest()
    assert found == sha256(f"{before}\n{number}\n{digest}".encode()).hexdigest()
    for said in (body, aside):
        entry = asrun.Entry(number=int(number), hash=found, body=said)
        assert asrun.broken_at(asrun.GENESIS, (entry,)) is None
    assert before == asrun.GENESIS
    assert isinstance(decode(body, type=asrun.Body), asrun.ClockRead)
    assert decode(aside, type=asrun.Body) == asrun.SetAside(digest=digest, reason="too long")
    assert f"`{asrun.SET_ASIDE_BEGINS}`" in sections(PAGE)["As-run log"]


def test_the_purposes_of_signatures_are_told() -> None:
    """Each of them, for a signature is worth nothing under another."""
    told = sections(PAGE)["What holds for every message"]
    assert all(f"`{purpose}`" in told for purpose in signing.Purpose)


def test_the_version_of_today_is_told() -> None:
    """The page is changed together with it."""
    assert f"there\nis version {versions.CURRENT}." in sections(PAGE)["Versions"]


def test_the_schema_is_published_with_the_page() -> None:
    """The page leads to where the build writes it."""
    assert "../reference/protocol.schema.json" in text(PAGE)
