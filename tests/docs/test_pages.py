"""The pages themselves: what they point to is there."""

import importlib
import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, TEXTS, called, text

LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
REFERENCE = re.compile(r"\{py:\w+\}`~?(easyplayer[\w.]*)`")
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", TEXTS, ids=called)
def test_a_link_leads_somewhere(path: Path) -> None:
    """Each link into the repository names a file, and a heading within it where it says so."""
    for found in LINK.finditer(CODE.sub("", path.read_text())):
        target, _, anchor = found["target"].partition("#")
        if "://" in target:
            continue
        goal = (path.parent / target).resolve() if target else path
        assert goal.exists(), f"{found['target']} is not there"
        assert not anchor or anchor in anchors(goal), f"{found['target']} names no heading"


def anchors(path: Path) -> list[str]:
    """Give the names of a page's headings, as links write them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), flags=re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("path", PAGES, ids=called)
def test_a_name_from_the_code_is_one(path: Path) -> None:
    """Each reference to the API names something that can be imported."""
    for name in REFERENCE.findall(path.read_text()):
        assert found(name), name


def found(name: str) -> bool:
    """Tell whether a dotted name is a module, or stands in one."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        parent, _, last = name.rpartition(".")
        return last in vars(importlib.import_module(parent))
    return True


@pytest.mark.parametrize("path", PAGES, ids=called)
def test_a_table_of_contents_lists_what_is_there(path: Path) -> None:
    """Each entry of a toctree is a page."""
    for body in re.findall(r"^```\{toctree\}\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL):
        for entry in (line for line in body.split("\n") if line and not line.startswith(":")):
            assert list(path.parent.glob(f"{entry}.md")), entry


def test_every_page_is_in_a_table_of_contents() -> None:
    """No page can be reached by its address only."""
    listed = {DOCS / "index.md"}
    for path in PAGES:
        for body in re.findall(r"^```\{toctree\}\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL):
            entries = (line for line in body.split("\n") if line and not line.startswith(":"))
            listed.update(goal for entry in entries for goal in path.parent.glob(f"{entry}.md"))
    assert set(PAGES) <= listed


@pytest.mark.parametrize("path", TEXTS, ids=called)
def test_every_make_command_is_in_the_makefile(path: Path) -> None:
    """What a reader is told to type works."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    code = "\n".join(CODE.findall(path.read_text()))
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", code, flags=re.MULTILINE):
        assert target in targets, f"make {target}"


def test_the_readme_names_its_two_commands() -> None:
    """They are what a newcomer types first."""
    readme = (ROOT / "README.md").read_text()
    assert "**`make run`**" in readme
    assert "**`make test`**" in readme


def test_the_map_of_the_repository_is_true() -> None:
    """All that the README's map names is there."""
    readme = (ROOT / "README.md").read_text().partition("## The repository")[2]
    rows = re.findall(r"^\| (`.+?) \|", readme, flags=re.MULTILINE)
    named = [path for row in rows for path in row.split("`")[1::2]]
    assert named
    assert all((ROOT / path).exists() for path in named)


def test_decisions_are_numbered_without_holes() -> None:
    """The next one takes the next number, in its name and in its title."""
    notes = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [note.name[:4] for note in notes] == [f"{number:04}" for number in range(1, len(notes) + 1)]
    for note in notes:
        assert note.read_text().startswith(f"# {note.name[:4]}: ")


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("[0-9]*.md")), ids=called)
def test_a_decision_says_what_and_why_and_what_else(path: Path) -> None:
    """In this order, so that a reader knows where to look."""
    note = path.read_text()
    places = [note.find(mark) for mark in ("**What.**", "**Why.**", "**What else we looked at.**")]
    assert -1 not in places
    assert places == sorted(places)


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    """Each change is written down there in the same commit."""
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()


def test_the_picture_shows_every_part_of_the_tree() -> None:
    """A part that is added to the application is drawn, too."""
    tree = (importlib.import_module("easyplayer.core").__doc__ or "").partition("::")[2]
    parts = re.findall(r"[├└]── (\w+)", tree)
    picture = text("architecture.svg")
    assert parts
    assert all(f">{part}<" in picture for part in parts)
