"""Where a box keeps what a technician gave it, and how that comes to where the machine looks for it.

On the data partition lies a folder with ``memory.json``, which says what was in force last and what was
looked at, and with the files made of it, ready to be copied at the next start.  ``mark`` names that folder
and what it was made of, and is replaced last, in one step: whenever the power goes, old or new is whole.
"""

import grp
import os
import shutil
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from easyplayer.drivers.state_file import sync_directory, write_in_one_step
from easyplayer.errors import StateError

MARK, MEMORY, REPORT, SUMS, TREE = "mark", "memory.json", "report.json", "sums", "root"
FOLDERS = "made-"
GROUP = "easyplayer"
"""Who may read what not all may read."""
FOLDER_MODE = 0o755


def place(root: Path, path: str, data: bytes, mode: int) -> None:
    """Put a file where it belongs, in one step.

    :raises OSError: the disk does not take it.
    """
    goal = _prepared(root, path)
    draft = goal.with_name(f".{goal.name}.new")
    draft.unlink(missing_ok=True)
    with draft.open("wb") as file:
        os.fchmod(file.fileno(), mode)
        if os.geteuid() == 0:
            os.fchown(file.fileno(), 0, _group())
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(goal)


def place_link(root: Path, path: str, target: str) -> None:
    """Put a link where it belongs, in one step.

    :raises OSError: the disk does not take it.
    """
    goal = _prepared(root, path)
    draft = goal.with_name(f".{goal.name}.new")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(goal)


def read_folder(folder: Path | None) -> dict[str, bytes]:
    """Read the files of a folder; none where there is no folder."""
    if folder is None or not folder.is_dir():
        return {}
    return {one.name: one.read_bytes() for one in sorted(folder.iterdir()) if one.is_file()}


def memory_of(kept: Path) -> Path:
    """Name the file with what is remembered; it need not be there."""
    try:
        _, folder = (kept / MARK).read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return kept / MEMORY
    return kept / Path(folder).name / MEMORY


class Making:
    """Files that are made ready for the next start.

    :param kept: the folder on the data partition.
    :raises StateError: the disk does not take them.
    """

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        try:
            self._folder = Path(tempfile.mkdtemp(prefix=FOLDERS, dir=kept))
            (self._folder / TREE).mkdir()
        except OSError as error:
            raise _refused(kept, error) from error

    @property
    def tree(self) -> Path:
        """Where the files go, as if it were the root."""
        return self._folder / TREE

    def keep(self, mark: str, memory: bytes, report: bytes) -> None:
        """Have them count from now on, with what is remembered beside them.

        :param mark: names what they were made of.
        :raises StateError: the disk does not take them; what was kept before still counts.
        """
        try:
            (self._folder / MEMORY).write_bytes(memory)
            (self._folder / REPORT).write_bytes(report)
            (self._folder / SUMS).write_text(self._sums(), encoding="utf-8")
            _sync_all(self._folder)
            write_in_one_step(self._kept / MARK, f"{mark} {self._folder.name}\n".encode())
            for folder in self._kept.glob(f"{FOLDERS}*"):
                if folder != self._folder:
                    shutil.rmtree(folder, ignore_errors=True)
        except OSError as error:
            raise _refused(self._kept, error) from error

    def _sums(self) -> str:
        """Write the digests of all files, as ``sha256sum`` reads them."""
        files = [*self.tree.rglob("*"), self._folder / MEMORY, self._folder / REPORT]
        listed: Mapping[str, bytes] = {
            str(one.relative_to(self._folder)): one.read_bytes()
            for one in sorted(files)
            if one.is_file() and not one.is_symlink()
        }
        return "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in listed.items())


def _prepared(root: Path, path: str) -> Path:
    goal = root / path
    missing = [folder for folder in (goal.parent, *goal.parent.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir()
        folder.chmod(FOLDER_MODE)
    return goal


def _group() -> int:
    try:
        return grp.getgrnam(GROUP).gr_gid
    except KeyError:
        return 0


def _sync_all(folder: Path) -> None:
    for one in (folder, *folder.rglob("*")):
        if one.is_dir():
            sync_directory(one)
        elif one.is_file() and not one.is_symlink():
            handle = os.open(one, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _refused(kept: Path, error: OSError) -> StateError:
    return StateError(f"{kept} takes nothing ({error.strerror}): it is forgotten at the next start")
