"""The page of programs: its example can be played, and its tables have every field."""

import inspect
import json
from enum import Enum
from typing import Any

import pytest
from msgspec import Struct

from easyplayer.errors import ProgramError
from easyplayer.playout import catalogue, items
from easyplayer.playout.catalogue import Program
from easyplayer.playout.program_file import decode, encode, remarks, schema
from tests.docs.pages import blocks, tables, text

PARTS = {row.name: row for row in tables.part_rows()}
WORDS = {row.name: row for row in tables.word_rows()}
INNER = {"PreparedItem", "Origin"}
"""What the box makes of a program, and no program holds."""


def example() -> Any:
    (block,) = blocks(text("guide/program.md"), "json")
    return json.loads(block)


def test_the_example_can_be_used_as_it_stands() -> None:
    """Who copies it has a program without a fault, and with nothing odd about it."""
    program = decode(json.dumps(example()).encode())
    assert remarks(program) == ()
    assert encode(program).decode().count("\n") > 50


def test_the_example_has_a_part_of_every_sort() -> None:
    """A reader sees each list of a program with something in it."""
    lists = {name for name, part in schema()["$defs"]["Program"]["properties"].items() if "items" in part}
    assert lists <= set(example())


def test_the_faults_on_the_page_are_those_that_are_told() -> None:
    """Word for word, for an example with these slips in it."""
    spoilt = example()
    spoilt["playlists"][0]["entires"] = spoilt["playlists"][0].pop("entries")
    spoilt["dayparts"][1]["slot"]["ends"] = "25:00"
    spoilt["dayparts"][1]["playlist"] = "livley"
    with pytest.raises(ProgramError) as refused:
        decode(json.dumps(spoilt).encode())
    (shown,) = blocks(text("guide/program.md"), "text")
    told = [line.removeprefix("  - bar.json: ") for line in shown.splitlines()[1:]]
    assert told == refused.value.problems


def test_the_page_has_the_tables_and_the_tables_every_type() -> None:
    """A type that is added to programs is in them."""
    kinds = {
        name: kind for name, kind in [*vars(catalogue).items(), *vars(items).items()] if inspect.isclass(kind)
    }
    structs = {name for name, kind in kinds.items() if issubclass(kind, Struct) and kind is not Struct}
    assert set(PARTS) == structs - INNER
    assert set(WORDS) == {name for name, kind in kinds.items() if issubclass(kind, Enum)} - {
        "StrEnum",
        "Layer",
        "Sense",
    }
    assert "{program-table}" in text("guide/program.md")


@pytest.mark.parametrize("row", PARTS.values(), ids=lambda row: row.name)
def test_every_field_tells_what_to_write_and_what_it_means(row: Any) -> None:
    """The fields are those of the schema that is published."""
    published = schema()["$defs"][row.name]
    assert row.meaning
    assert [field.name for field in row.fields] == list(published["properties"])
    for field in row.fields:
        assert field.kind
        assert field.meaning
        assert (field.name in published["required"]) == (not field.default)


@pytest.mark.parametrize("row", WORDS.values(), ids=lambda row: row.name)
def test_every_word_tells_what_it_means(row: Any) -> None:
    """The words are those of the schema."""
    assert sorted(field.name for field in row.fields) == schema()["$defs"][row.name]["enum"]
    assert all(field.meaning for field in row.fields)


def test_the_schema_is_published_with_the_pages() -> None:
    """The page leads to where the build writes it."""
    assert "../reference/program.schema.json" in text("guide/program.md")


def test_defaults_are_those_of_the_code() -> None:
    """What the table says of a field that is left out is what it then is."""
    program = Program(name="", zone="")
    for field in PARTS["Program"].fields:
        if field.default not in {"", "{}", "[]"}:
            assert json.loads(field.default) == getattr(program, field.name)
