"""The examples in the docstrings of the protocol, and of the commands that speak to a hub."""

import doctest
from types import ModuleType

import pytest

from easyplayer.hub.cli import moments, telling, user
from easyplayer.protocol import asrun, bundle, identity, signing, versions


@pytest.mark.parametrize(
    "module",
    [asrun, bundle, identity, signing, versions, moments, telling, user],
    ids=lambda module: module.__name__,
)
def test_the_examples_are_true(module: ModuleType) -> None:
    """Whoever copies one gets what it shows."""
    told = doctest.testmod(module)
    assert (told.failed, told.attempted > 0) == (0, True)
