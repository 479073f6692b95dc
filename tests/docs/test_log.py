"""The page of the log: every line that the box may write stands there."""

import ast
import inspect
import re
from collections.abc import Iterator

import pytest

from tests.docs.pages import tables, text

PLACEHOLDER = re.compile(r"%[-+ #0]*[\d.]*[a-z]")
TOLD = {"info", "warning", "error", "exception", "critical", "log"}


def messages() -> Iterator[str]:
    """Find what is logged for a technician, with an ellipsis for each thing that is filled in."""
    for module in tables.modules():
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "logger"), attr=level), args=args):
                    if level in TOLD:
                        yield from _texts(args)


def _texts(arguments: list[ast.expr]) -> Iterator[str]:
    for argument in arguments:
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                written = PLACEHOLDER.sub("…", node.value)
                if re.search(r"\w{3}", written):
                    yield written


def strings() -> Iterator[str]:
    """Give every text that stands in the code, with the same ellipsis."""
    for module in tables.modules():
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield PLACEHOLDER.sub("…", node.value)


@pytest.mark.parametrize("message", sorted(set(messages())))
def test_a_line_of_the_log_is_explained(message: str) -> None:
    """Who reads it finds it in the guide, word for word."""
    assert f"`{message}`" in text("guide/log.md")


def test_what_is_explained_is_still_said() -> None:
    """A line that the code no longer knows leaves the guide."""
    known = "\n".join(strings())
    for line in re.findall(r"^\| `(.+?)` \|", text("guide/log.md"), flags=re.MULTILINE):
        for words in line.split("…"):
            assert words.strip(" :()") in known, line
