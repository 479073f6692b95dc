"""What Sphinx has to know of the box: tables that are read from the code, and how parts are made."""

import inspect
import json
import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import tables
from circuits import BaseComponent
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.inspect import stringify_signature

from easyplayer.playout.program_file import schema
from easyplayer.protocol import schema as protocol_schema

_EVENT_HEADS = ("Event", "Fired by whom, and when", "Arguments", "Taken by")
_FIELD_HEADS = ("Field", "What to write", "Default", "Meaning")
_ROLE = re.compile(r":(?P<role>\w+):`(?P<target>[^`]+)`")


class EventTable(SphinxDirective):
    """All events, in one table for each part of their module."""

    def run(self) -> list[nodes.Node]:
        """Write the tables."""
        texts = (
            _table(title.capitalize(), "32 24 28 16", _EVENT_HEADS, map(_event, rows))
            for title, rows in groupby(tables.event_rows(), lambda row: row.section)
        )
        return self.parse_text_to_nodes("\n".join(texts))


class SettingTable(SphinxDirective):
    """All settings, in one table for each section."""

    def run(self) -> list[nodes.Node]:
        """Write the tables."""
        texts = (
            _table(f"`[{title}]`", "42 43 15", ("Setting", "Meaning", "Default"), map(_setting, rows))
            for title, rows in groupby(tables.setting_rows(), lambda row: row.section)
        )
        return self.parse_text_to_nodes("\n".join(texts))


class ProgramTable(SphinxDirective):
    """All parts of a program, and the words in it, in one table each."""

    def run(self) -> list[nodes.Node]:
        """Write the tables."""
        words = "\n".join(map(_words, tables.word_rows()))
        return self.parse_text_to_nodes(f"{_parts(tables.part_rows())}\n{words}")


class MessageTable(SphinxDirective):
    """The messages about one thing, in one table each."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Write the tables."""
        return self.parse_text_to_nodes(_parts(tables.message_rows(self.arguments[0])))


class ArgumentTable(SphinxDirective):
    """What commands take, in one table each."""

    def run(self) -> list[nodes.Node]:
        """Write the tables."""
        return self.parse_text_to_nodes(_parts(tables.argument_rows()))


class ProtocolWordTable(SphinxDirective):
    """The words that fields of messages can be, in one table for each kind."""

    def run(self) -> list[nodes.Node]:
        """Write the tables."""
        return self.parse_text_to_nodes("\n".join(map(_words, tables.protocol_word_rows())))


class ErrorTable(SphinxDirective):
    """All errors."""

    def run(self) -> list[nodes.Node]:
        """Write the table."""
        rows = (
            (f"`{row.code}`", str(row.exit_code), row.meaning, f"{{py:exc}}`~easyplayer.errors.{row.name}`")
            for row in tables.error_rows()
        )
        titles = ("Code", "Exit code", "Meaning", "Class")
        return self.parse_text_to_nodes(_table("", "25 12 38 25", titles, rows))


def _parts(rows: Iterable[tables.PartRow]) -> str:
    return "\n".join(
        f"{row.meaning}\n\n" + _table(f"`{row.name}`", "22 34 14 30", _FIELD_HEADS, map(_field, row.fields))
        for row in rows
    )


def _words(row: tables.PartRow) -> str:
    return _table(f"`{row.name}`", "25 75", ("Word", "Meaning"), map(_word, row.fields))


def _event(row: tables.EventRow) -> Sequence[str]:
    name = f"{{py:class}}`{_full(row.name)}`\n\n{_markdown(row.meaning)}"
    arguments = "\n".join(f"- `{one.name}`: {_markdown(one.meaning)}" for one in row.arguments)
    return name, _markdown(row.fired), arguments or "none", ", ".join(row.takers) or "nobody yet"


def _setting(row: tables.SettingRow) -> Sequence[str]:
    return f"`{row.name}`\n\n`{row.environment}`", f"{row.meaning}\n\n*{row.kind}*", f"`{row.default}`"


def _field(row: tables.FieldRow) -> Sequence[str]:
    return f"`{row.name}`", row.kind, f"`{row.default}`" if row.default else "must be written", row.meaning


def _word(row: tables.FieldRow) -> Sequence[str]:
    return f"`{row.name}`", row.meaning


def _publish_schemas(app: Sphinx, failure: Exception | None) -> None:
    """Write the JSON Schemas of programs and of messages beside the pages."""
    if failure is None and app.builder.format == "html":
        place = Path(app.outdir) / "reference"
        place.mkdir(parents=True, exist_ok=True)
        for name, made in (("program", schema()), ("protocol", protocol_schema.schema())):
            text = json.dumps(made, indent=2) + "\n"
            (place / f"{name}.schema.json").write_text(text, encoding="utf-8")


def _markdown(text: str) -> str:
    """Turn the roles of a docstring of the events into those of MyST."""
    return _ROLE.sub(lambda found: f"{{py:{found['role']}}}`{_full(found['target'])}`", text)


def _full(target: str) -> str:
    """Name a target so that it is found from any page: short names are those of events."""
    if "." in target:
        return target
    home = next(module for module in tables.EVENT_MODULES if hasattr(module, target))
    return f"~{home.__name__}.{target}"


def _table(title: str, widths: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"```{{list-table}} {title}".rstrip(), ":header-rows: 1", f":widths: {widths}", ""]
    for row in (heads, *rows):
        for number, cell in enumerate(row):
            first, *others = cell.splitlines()
            lines.append(f"{'- ' if number else '* - '}{first}".rjust(len(first) + 4))
            lines += [f"    {line}".rstrip() for line in others]
    return "\n".join([*lines, "```", ""])


def _signature(
    _app: Sphinx, what: str, _name: str, thing: object, *_options: object
) -> tuple[str, None] | None:
    """Tell how a part is made; circuits hides it behind a ``__new__`` that takes anything."""
    if what != "class" or not isinstance(thing, type) or not issubclass(thing, BaseComponent):
        return None
    signature = inspect.signature(thing.__init__)
    own = [one for one in signature.parameters.values() if one.name != "self"]
    made = signature.replace(parameters=own, return_annotation=inspect.Signature.empty)
    return stringify_signature(made, unqualified_typehints=True, short_literals=True), None


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directives known."""
    app.add_directive("events-table", EventTable)
    app.add_directive("settings-table", SettingTable)
    app.add_directive("errors-table", ErrorTable)
    app.add_directive("program-table", ProgramTable)
    app.add_directive("messages-table", MessageTable)
    app.add_directive("arguments-table", ArgumentTable)
    app.add_directive("protocol-words-table", ProtocolWordTable)
    app.connect("autodoc-process-signature", _signature)
    app.connect("build-finished", _publish_schemas)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
