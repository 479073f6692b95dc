"""Running other programs, with an account of what went wrong."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

SETTLED = {"SOURCE_DATE_EPOCH": "1754697600"}
"""The day of Debian 13, on which all is dated that would have today's date in it.

It is not the commit's, as the packages are kept from one commit to the next.
"""


class BuildError(Exception):
    """The image cannot be built; the message says what failed, and mostly what to do."""


def run(*words: str | Path, within: Path | None = None, more: Mapping[str, str] | None = None) -> str:
    """Run a program to its end, and give what it wrote.

    :param within: the directory to run it in.
    :param more: variables to put into its environment.
    :raises BuildError: it is not there, or failed; with the end of what it said.
    """
    try:
        done = subprocess.run(
            [str(word) for word in words],
            cwd=within,
            env={**os.environ, "LC_ALL": "C.UTF-8", **(more or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError as error:
        message = f"{words[0]} was not found; `make apt-image` installs what is needed"
        raise BuildError(message) from error
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        message = f"{' '.join(map(str, words))[:200]} failed (exit code {done.returncode}):\n{said}"
        raise BuildError(message)
    return done.stdout


def run_inside(root: Path, *words: str) -> str:
    """Run a program of the root, with the root as all that it sees.

    The environment is a plain one, so that nothing of this machine comes in by it.

    :raises BuildError: as :func:`run`.
    """
    plain: Sequence[str] = ("PATH=/usr/sbin:/usr/bin", "HOME=/", "LC_ALL=C.UTF-8", "SOURCE_DATE_EPOCH=1")
    return run("chroot", root, "/usr/bin/env", "-i", *plain, *words)
