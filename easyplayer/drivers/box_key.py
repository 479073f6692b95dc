"""The box's own key: made at its first start, kept for as long as it is paired, and read by nobody else."""

import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

from easyplayer.drivers.state_file import sync_directory
from easyplayer.errors import StateError
from easyplayer.protocol.signing import SEED_BYTES

log = logging.getLogger(__name__)

FOR_THE_OWNER = 0o600


class BoxKey:
    """The private key, as hexadecimal digits in a file that only its owner may read.

    Every method blocks for as long as the disk takes.

    :param path: the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load_or_make(self) -> bytes:
        """Give the key; where there is none, or none that can be one, make it.

        :raises StateError: it can be neither read nor written.
        """
        try:
            text = self._path.read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return self.renew()
        except OSError as error:
            message = f"{self._path} cannot be read ({error.strerror}): let this user read it"
            raise StateError(message) from error
        with suppress(ValueError):
            seed = bytes.fromhex(text.strip())
            if len(seed) == SEED_BYTES:
                return seed
        log.warning(
            "%s is no key any more: the box makes another one, and has to be claimed anew", self._path
        )
        return self.renew()

    def renew(self) -> bytes:
        """Make another key in place of the one that there is; power loss leaves the old one or the new one.

        :raises StateError: the disk does not take it; the old one is still there then.
        """
        seed = secrets.token_bytes(SEED_BYTES)
        draft = self._path.with_name(f"{self._path.name}.new")
        try:
            draft.unlink(missing_ok=True)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FOR_THE_OWNER)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(f"{seed.hex()}\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
            sync_directory(self._path.parent)
        except OSError as error:
            message = f"{self._path} cannot be written ({error.strerror}): free space, or check the disk"
            raise StateError(message) from error
        return seed
