"""The harness stands alone: it could be taken out of this repository as it is."""

import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[1]
MAY_IMPORT = {"qemu"}
"""What it needs beside the standard library."""


def test_it_imports_nothing_of_the_house() -> None:
    """Only the standard library, qemu.qmp, and itself by relative names."""
    strangers = {
        f"{path.name}: {name}"
        for path in HERE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported(node)
        if name.partition(".")[0] not in MAY_IMPORT | set(sys.stdlib_module_names)
    }
    assert not strangers


def test_it_never_writes_to_the_terminal() -> None:
    """It raises or logs; nothing is printed."""
    for path in HERE.glob("*.py"):
        text = path.read_text()
        assert "print(" not in text
        assert "sys.std" not in text


FAILS = """
from pathlib import Path
from tests.venue.machine import Machine, Spec
try:
    with Machine(Spec(), folder=Path({folder!r})):
        raise ZeroDivisionError
except ZeroDivisionError:
    pass
"""


def test_it_says_nothing_where_nobody_wants_its_log(tmp_path: Path) -> None:
    """Neither where its block fails: then it logs where its logs are, and Python would write that."""
    words = [sys.executable, "-c", FAILS.format(folder=str(tmp_path))]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []
