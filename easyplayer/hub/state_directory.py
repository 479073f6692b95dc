"""The hub's state directory: held by one hub at a time; what the command line finds the hub by lies in it."""

import fcntl
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from easyplayer.errors import ConflictError, StateError

LOCK = "hub.lock"
PLACE = "hub.json"
ADMIN_TOKEN = "admin.token"  # noqa: S105 - the name of a file


class HubPlace(Struct, frozen=True, kw_only=True):
    """Where the hub of this state directory listens; what ``hub.json`` says."""

    url: str


class HubState:
    """The state directory of a hub."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def hold(self) -> None:
        """Make the directory if it is not there, for nobody else to read, and hold it until the process ends.

        :raises StateError: if it cannot be made or written.
        :raises ConflictError: if another hub holds it.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            message = f"another hub runs with {self.path}: end it, or name another --state"
            raise ConflictError(message) from error
        except OSError as error:
            message = f"{self.path} cannot be used ({error.strerror}): name another --state"
            raise StateError(message) from error

    def release(self) -> None:
        """Let another hub have it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def keep_token(self, token: str) -> Path:
        """Keep the first admin's token where only who runs the hub can read it."""
        path = self.path / ADMIN_TOKEN
        self._write(path, f"{token}\n".encode())
        return path

    def keep_place(self, url: str) -> None:
        """Keep where the hub listens."""
        self._write(self.path / PLACE, msgspec.json.encode(HubPlace(url=url)) + b"\n")

    def _write(self, path: Path, content: bytes) -> None:
        new = path.with_name(f"{path.name}.new")
        try:
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            new.replace(path)
        except OSError as error:
            message = f"{path} cannot be written ({error.strerror}): is there space, and may the hub write?"
            raise StateError(message) from error
