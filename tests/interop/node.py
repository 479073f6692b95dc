"""The packages from npm that the tests need, and Node to run them.

They are kept in the virtual environment, and installed when they are first needed: nothing of them is ever
in the repository.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
HOME = Path(sys.prefix) / "node"
"""Where the packages lie."""
INSTALLING_MAY_TAKE_S = 300.0
SCENE_MAY_TAKE_S = 60.0
NPM_INSTALL = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent")


def is_there() -> bool:
    """Tell whether this machine has Node, and npm to furnish it."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def script(name: str) -> list[str]:
    """Give the command that runs one of the scripts of this folder."""
    return ["node", str(HERE / name)]


def environment() -> dict[str, str]:
    """Give the environment in which the scripts find their packages; install those that are missing."""
    furnish(HOME)
    return os.environ | {"INTEROP_HOME": str(HOME)}


def furnish(home: Path, wanted: Path = HERE / "package.json") -> None:
    """Install what a ``package.json`` names, unless it is there.

    :raises subprocess.CalledProcessError: if npm cannot have it.
    """
    installed = home / "node_modules" / ".installed"
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run beside each other
        if installed.exists() and installed.read_bytes() == wanted.read_bytes():
            return
        if home != wanted.parent:
            shutil.copyfile(wanted, home / wanted.name)
        subprocess.run(NPM_INSTALL, cwd=home, check=True, timeout=INSTALLING_MAY_TAKE_S)
        installed.write_bytes(wanted.read_bytes())


def play(scene: str, url: str, transports: Sequence[str]) -> None:
    """Let the client from npm go through a scene of ``client.mjs``.

    :raises AssertionError: with what did not go as it must.
    """
    command = [*script("client.mjs"), scene, url, *transports]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=SCENE_MAY_TAKE_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
