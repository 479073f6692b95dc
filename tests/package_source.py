"""The package as it stands in its files: read once and gone through once, for all tests that ask about it."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import easyplayer

PACKAGE = Path(easyplayer.__file__).parent
BETWEEN = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
"""What says how something is meant, and holds nothing itself."""

Node = TypeVar("Node", bound=ast.AST)


def name_of(path: Path) -> str:
    """Give the dotted name of a module."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


PATHS = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in PATHS.items()}


def found(kind: type[Node]) -> Iterator[tuple[str, Node]]:
    """Give every node of one kind, with the module that it stands in."""
    for module, node in _nodes()[kind]:
        assert isinstance(node, kind)
        yield module, node


@cache
def _nodes() -> dict[type[ast.AST], list[tuple[str, ast.AST]]]:
    nodes: dict[type[ast.AST], list[tuple[str, ast.AST]]] = defaultdict(list)
    for module, tree in TREES.items():
        still: list[ast.AST] = [tree]
        while still:
            node = still.pop()
            nodes[type(node)].append((module, node))
            for value in vars(node).values():
                if isinstance(value, list):
                    still += [one for one in value if isinstance(one, ast.AST)]
                elif isinstance(value, ast.AST) and not isinstance(value, BETWEEN):
                    still.append(value)
    return nodes
