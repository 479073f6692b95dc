"""A boot partition or a stick as Windows would have made it: a real vfat file system in a file, by mtools.

What mounts it in these tests is mtools, too: kernels of machines that only build software have no vfat.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
SECTORS = 16384

MOUNT = """#!/bin/sh
# mount -t KIND -o OPTIONS DEVICE FOLDER
[ "$2" = vfat ] && echo "${5##*/}" >>"$IMAGES/mounted" && [ -e "$IMAGES/${5##*/}.img" ] || exit 32
case $4 in ro,nosuid,nodev,noexec*) ;; *) exit 1 ;; esac
mcopy -s -n -i "$IMAGES/${5##*/}.img" ::/ "$6/"
"""
UNMOUNT = '#!/bin/sh\nrm -rf "$1"/* && rmdir "$1"\n'
TOLD = '#!/bin/sh\necho "${0##*/} $*" >>"$IMAGES/told"\n'


def make_disk(image: Path, files: Mapping[str, bytes]) -> None:
    """Make a file system with some files on its top level."""
    image.unlink(missing_ok=True)
    run("mformat", "-C", "-i", str(image), "-T", str(SECTORS), "-v", "EASYBOOT", "::")
    for name, data in files.items():
        draft = image.with_name("draft")
        draft.write_bytes(data)
        run("mcopy", "-i", str(image), str(draft), f"::{name}")
        draft.unlink()


def run(*command: str) -> None:
    """Run a command that has to go well."""
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"})


class Machine:
    """A machine's files, with which ``systemd/lib/setup`` is run as if it were one.

    :ivar root: where it writes what the machine's services read.
    :ivar kept: what is on its data partition.
    :ivar blocks: what the kernel tells of its disks.
    :ivar mounts: what is mounted where.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.root, self.kept, self._run = folder / "root", folder / "kept", folder / "run"
        self._tools, self.python = folder / "bin", folder / "python"
        self.blocks, self.mounts = folder / "sys/class/block", folder / "mountinfo"
        self.mounts.write_text("28 1 0:26 / / rw - overlay root rw\n")
        self.release = folder / "os-release"
        self.release.write_text("IMAGE_VERSION=1\n")
        for path in (self.root, self.kept, self._tools, self.blocks / "vda1"):
            path.mkdir(parents=True)
        (self.root / "usr/share/zoneinfo/Europe").mkdir(parents=True)
        (self.root / "usr/share/zoneinfo/Europe/Paris").touch()
        (self.blocks / "vda1/uevent").write_text("DEVTYPE=partition\nPARTNAME=easyplayer-boot\n")
        self._tool("mount", MOUNT)
        self._tool("umount", UNMOUNT)
        for name in ("systemctl", "networkctl", "hostname"):
            self._tool(name, TOLD)
        self._command = folder / "easyplayer"
        self._command.write_text(
            f'#!/bin/sh\necho started >>"{self.python}"\nexec "{ROOT}/.venv/bin/easyplayer" "$@"\n'
        )
        self._command.chmod(0o755)
        make_disk(self.disk("vda1"), {})

    def disk(self, name: str) -> Path:
        """Name the image of a disk."""
        return self._folder / f"{name}.img"

    def start(self, files: Mapping[str, bytes] | None = None) -> str:
        """Start the machine, with these files on its boot partition if any are given; give the words."""
        if files is not None:
            make_disk(self.disk("vda1"), files)
        for name in ("etc", "run"):
            run("rm", "-rf", str(self.root / name), str(self._run), str(self._folder / "mounted"))
        return self._setup()

    def start_impatiently(self, files: Mapping[str, bytes]) -> str:
        """Start it without patience, with a technician's file that takes long to be looked at."""
        make_disk(self.disk("vda1"), files)
        slow = self._command.read_text().replace(
            "exec", f'until [ -e "{self._folder}/go" ]; do sleep 0.1; done\nexec'
        )
        self._command.write_text(slow)
        run("rm", "-rf", str(self.root / "etc"), str(self.root / "run"), str(self._run))
        words = self._folder / "words"
        with words.open("w") as file:
            self._run_setup(file, EASYPLAYER_PATIENCE="0")
        return words.read_text()

    def let_it_look(self) -> None:
        """Let what takes long go on to its end."""
        (self._folder / "go").touch()
        while (self._run / "late").exists():
            time.sleep(0.05)

    def plug(self, files: Mapping[str, bytes]) -> str:
        """Plug a stick in with these files; give the words."""
        make_disk(self.disk("sdb1"), files)
        return self._setup("stick", "/dev/sdb1")

    def starts_of_python(self) -> int:
        """Tell how often Python was started since this was asked last."""
        count = len(self.python.read_text().split()) if self.python.exists() else 0
        self.python.unlink(missing_ok=True)
        return count

    def read(self, path: str) -> str:
        """Read a file that the services read; empty if it is not there."""
        file = self.root / path
        return file.read_text() if file.exists() else ""

    def report(self) -> str:
        """Read what became of it, as JSON."""
        file = self._run / "report.json"
        return file.read_text() if file.exists() else ""

    def mounted(self) -> list[str]:
        """Name what was mounted since the machine was started last."""
        file = self._folder / "mounted"
        return file.read_text().split() if file.exists() else []

    def told(self) -> str:
        """Tell what the machine's services were told."""
        file = self._folder / "told"
        return file.read_text() if file.exists() else ""

    def left(self) -> list[str]:
        """Name what is left in memory: never what was given itself."""
        return sorted(one.name for one in self._run.iterdir())

    def _setup(self, *words: str) -> str:
        with tempfile.TemporaryFile("w+") as file:
            self._run_setup(file, *words)
            file.seek(0)
            return file.read()

    def _run_setup(self, output: IO[str], *words: str, **changes: str) -> None:
        given = {
            "PATH": f"{self._tools}:{os.environ['PATH']}",
            "IMAGES": str(self._folder),
            "EASYPLAYER_ROOT": str(self.root),
            "EASYPLAYER_SYSFS": str(self._folder / "sys"),
            "EASYPLAYER_MOUNTS": str(self.mounts),
            "EASYPLAYER_RUN": str(self._run),
            "EASYPLAYER_KEPT": str(self.kept),
            "EASYPLAYER_OWNER": f"{os.getuid()}:{os.getgid()}",
            "EASYPLAYER_COMMAND": str(self._command),
            "EASYPLAYER_RELEASE": str(self.release),
            **changes,
        }
        subprocess.run(
            ["sh", str(ROOT / "systemd/lib/setup"), *words],
            check=True,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={"PYTHONPATH": str(ROOT), **given},
        )

    def _tool(self, name: str, text: str) -> None:
        path = self._tools / name
        path.write_text(text)
        path.chmod(0o755)
