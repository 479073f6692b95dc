"""The API reference: every module, in its place."""

import importlib
import importlib.util
import re

from tests.docs.pages import DOCS, tables, text

SECTIONS = [
    "Application",
    "Core component",
    "Audio Player",
    "Video Player",
    "Web client",
    "Workshop",
    "Download Manager",
    "Storage",
    "Watchdog",
]
"""The parts that the application is known by, in the order in which people look for them."""


def listed() -> list[str]:
    """Give the pages of the reference, in their order."""
    (toctree,) = re.findall(r"```\{toctree\}\n(?::.*\n)*\n(.*?)```", text("reference/index.md"), re.DOTALL)
    return toctree.split()


def test_every_module_stands_in_the_reference_once() -> None:
    """A new module has to find its place there."""
    pages = [page.read_text() for page in sorted((DOCS / "reference").glob("*.md"))]
    documented = [name for page in pages for name in re.findall(r"automodule:: (\S+)", page)]
    assert sorted(documented) == sorted(tables.module_names())


def test_what_is_left_out_of_a_module_stands_at_its_package() -> None:
    """Else whatever refers to it leads nowhere, and the documentation is not built."""
    pages = "".join(page.read_text() for page in sorted((DOCS / "reference").glob("*.md")))
    left_out = re.findall(r"automodule:: (\S+)\n   :exclude-members: (.*)", pages)
    assert left_out
    for module, names in left_out:
        package = importlib.import_module(module.rpartition(".")[0])
        assert set(names.split(", ")) <= set(getattr(package, "__all__", ())), module


def test_the_known_sections_come_first_and_in_order() -> None:
    """The page is found where it always was."""
    titles = [text(f"reference/{name}.md").partition("\n")[0].removeprefix("# ") for name in listed()]
    assert titles[: len(SECTIONS)] == SECTIONS


def test_what_is_said_to_come_is_not_there_yet() -> None:
    """When a module comes, the sentence that announced it goes."""
    for name in listed():
        for module in re.findall(r"Here will stand `([\w.]+)`", text(f"reference/{name}.md")):
            parent = module.rpartition(".")[0]
            known = importlib.util.find_spec(parent) is not None
            assert not known or importlib.util.find_spec(module) is None, module
