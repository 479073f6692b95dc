"""Cuts ``easyplayer setup`` short at each of its steps on the disk, as the power does; it is given a folder.

In there lies ``kept``, what a box has kept, and ``boot``, what is new.  For each step a copy of ``kept`` is
left in ``cut-N``, as it was when the power went; the last one is whole.
"""

import os
import shutil
import sys
from itertools import count
from pathlib import Path

from easyplayer.main import main

STEPS = {"open", "os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir", "os.chmod"}
ENDED, CUT = 0, 99


def cut_at(step: int, folder: Path) -> bool:
    """Run it in a process that ends before a step; tell whether it came to its end before."""
    kept = folder / f"cut-{step}"
    shutil.copytree(folder / "kept", kept, symlinks=True)
    child = os.fork()
    if not child:
        _run(step, folder, kept)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == ENDED


def _run(step: int, folder: Path, kept: Path) -> None:
    seen = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in STEPS and str(kept) in str(arguments[0]):
            seen += 1
            if seen > step:
                os._exit(CUT)

    sys.addaudithook(hook)
    root, report = folder / "root", folder / "report.json"
    places = ["--kept", str(kept), "--root", str(root), "--report", str(report)]
    os._exit(main(["setup", "--boot", str(folder / "boot"), "--mark", "new", *places]))


if __name__ == "__main__":
    base = Path(sys.argv[1])
    next(step for step in count() if cut_at(step, base))
