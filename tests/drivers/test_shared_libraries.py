"""Shared libraries are found without a search."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from easyplayer.drivers.shared_libraries import KNOWN, finder

LOADS = """
import sys
from easyplayer.drivers.shared_libraries import know_them
started = []
sys.addaudithook(lambda event, args: event == "subprocess.Popen" and started.append(args[0]))
know_them()
import mpv, pulsectl, pyudev
assert pyudev.Context()
print(started)
"""


def test_the_players_libraries_are_loaded_without_starting_anything() -> None:
    """No ldconfig, no compiler and no linker: on a small machine each costs part of a second."""
    told = subprocess.run(
        [sys.executable, "-c", LOADS], capture_output=True, text=True, check=True, env=os.environ
    )
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_library_is_there(name: str) -> None:
    """The table has the names that this machine has."""
    file = finder(lambda _name: None)(name)
    assert file == KNOWN[name]
    assert ctypes.CDLL(file)


def test_what_is_not_known_is_searched_for(tmp_path: Path) -> None:
    """As is what is known by a name that is not there: another version, say."""
    asked: list[str] = []

    def search(name: str) -> str | None:
        asked.append(name)
        return str(tmp_path)

    assert finder(search)("m") == str(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KNOWN, "mpv", "libmpv.so.99")
        assert finder(search)("mpv") == str(tmp_path)
    assert asked == ["m", "mpv"]
