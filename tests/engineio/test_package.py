"""What the package offers."""

import subprocess
import sys

import pytest

import easyplayer.engineio
from easyplayer.engineio import MODULES, Server


def test_every_name_is_there() -> None:
    """What is said to be offered is, and nothing else."""
    assert set(MODULES) == set(easyplayer.engineio.__all__)
    assert all(getattr(easyplayer.engineio, name).__name__ == name for name in MODULES)
    assert easyplayer.engineio.Server is Server
    with pytest.raises(AttributeError, match="Serfer"):
        _ = easyplayer.engineio.Serfer  # type: ignore[attr-defined] # that is the point


def test_a_client_does_not_load_the_server() -> None:
    """A box has better things to do with its memory."""
    loads = "import sys, easyplayer.engineio.client; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)

    assert not {"easyplayer.engineio.server", "easyplayer.engineio.core.engine"} & set(loaded.stdout.split())
