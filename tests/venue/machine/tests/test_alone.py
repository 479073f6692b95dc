"""The harness stands alone: it could be taken out of this repository as it is."""

import ast
from pathlib import Path

HERE = Path(__file__).parents[1]
MAY_IMPORT = {"qemu"}
"""What it needs beside the standard library."""


def test_it_imports_nothing_of_the_house() -> None:
    """Only the standard library, qemu.qmp, and itself by relative names."""
    import sys

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


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []
