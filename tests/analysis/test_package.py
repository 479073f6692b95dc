"""The package is light to import, and its examples hold."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

from easyplayer import analysis

MODULES = [f"easyplayer.analysis.{module.name}" for module in pkgutil.iter_modules(analysis.__path__)]


def test_a_box_that_analyses_nothing_does_not_carry_the_tools():
    """Memory and start-up time are counted: mutagen, rich and circuits stay out."""
    script = "import sys, easyplayer.analysis; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert {"mutagen", "rich", "circuits"}.isdisjoint(loaded.stdout.split())


@pytest.mark.parametrize("name", [*MODULES, "easyplayer.cli.analyse"])
def test_the_examples_in_the_documentation_hold(name):
    """They are run as they stand."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0
