"""The system's hands, as systemd runs them: a process for each that asks, which answers on the line."""

import os
import socket
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from tests.systemd.system import SOURCE

SCRIPT = SOURCE / "lib/hands"


class Hands:
    """A socket that is answered by the real script.

    :ivar path: the socket.
    :param changes: of the script's environment.
    """

    def __init__(self, folder: Path, changes: Mapping[str, str]) -> None:
        self.path = folder / "hands"
        self._environment = {"PATH": os.environ["PATH"], **changes}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self) -> "Hands":
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                subprocess.run(
                    [SCRIPT], stdin=line, stdout=line, env=self._environment, check=False, timeout=30
                )


class Sysfs:
    """A sysfs with some disks, each with a partition, as the kernel shows them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "class/block").mkdir(parents=True)

    def add(
        self, disk: str, partition: str, *, bus: str = "usb1", name: str = "", removable: str = "0"
    ) -> None:
        """Show a disk and its partition, whose numbers, 120:0 and 120:1, no real one has."""
        path = self.folder / "devices/pci0000:00" / bus / "1-1/block" / disk
        (path / partition).mkdir(parents=True)
        (path / "removable").write_text(f"{removable}\n")
        (path / "dev").write_text("120:0\n")
        (path / partition / "dev").write_text("120:1\n")
        (path / partition / "partition").write_text("1\n")
        (path / partition / "uevent").write_text("MAJOR=8\n" + (f"PARTNAME={name}\n" if name else ""))
        (self.folder / "class/block" / disk).symlink_to(path)
        (self.folder / "class/block" / partition).symlink_to(path / partition)
