"""The examples in the docstrings come out as they are written."""

import doctest
from types import ModuleType

import pytest

from tests.docs.pages import tables

WITH_EXAMPLES = [
    module
    for module in tables.modules()
    if any(found.examples for found in doctest.DocTestFinder().find(module))
]


@pytest.mark.parametrize("module", WITH_EXAMPLES, ids=lambda module: module.__name__)
def test_an_example_comes_out_as_written(module: ModuleType) -> None:
    """Who copies it into an interpreter sees the same."""
    assert doctest.testmod(module).failed == 0
