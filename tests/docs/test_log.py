"""The pages of the logs: every line that the box, or the hub, may write stands on its page."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.docs.pages import text
from tests.package_source import found

PLACEHOLDER = re.compile(r"%[-+ #0]*[\d.]*[a-z]")
TOLD = {"info", "warning", "error", "exception", "critical", "log"}


PAGES = ("guide/log.md", "guide/hub-log.md")


def page_of(module: str) -> str:
    """Name the page that explains what a module logs; of the live channel's, a box logs only the client's."""
    of_hub = module.startswith(("easyplayer.hub", "easyplayer.engineio"))
    return PAGES[of_hub and not module.startswith("easyplayer.engineio.client")]


def messages() -> Iterator[tuple[str, str]]:
    """Find what is logged, and its page, with an ellipsis for each thing that is filled in."""
    for module, node in found(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "logger"), attr=level), args=args):
                if level in TOLD:
                    yield from ((page_of(module), text) for text in _texts(args))


def _texts(arguments: list[ast.expr]) -> Iterator[str]:
    for argument in arguments:
        if isinstance(argument, ast.Subscript):  # what stands in brackets is looked up, not told
            continue
        for node in ast.walk(argument):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                written = PLACEHOLDER.sub("…", node.value)
                if re.search(r"\w{3}", written):
                    yield written


@cache
def strings() -> str:
    """Give all texts that stand in the code, with the same ellipsis."""
    return "\n".join(
        PLACEHOLDER.sub("…", node.value) for _, node in found(ast.Constant) if isinstance(node.value, str)
    )


@pytest.mark.parametrize(("page", "message"), sorted(set(messages())))
def test_a_line_of_the_log_is_explained(page: str, message: str) -> None:
    """Who reads it finds it in the guide, word for word."""
    assert f"`{message}`" in text(page)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_explained_is_still_said(page: str) -> None:
    """A line that the code no longer knows leaves the guide."""
    known = strings()
    for line in re.findall(r"^\| `(.+?)` \|", text(page), flags=re.MULTILINE):
        for words in line.split("…"):
            assert words.strip(" :()") in known, line
