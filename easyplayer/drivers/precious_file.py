"""A state file whose loss would matter: where it cannot be read, it is set aside, and that is told."""

import shutil
from pathlib import Path
from typing import Generic

import msgspec

from easyplayer.drivers.state_file import Content, StateFile
from easyplayer.errors import StateError

ASIDE = ".damaged"
"""What the name of a copy ends with."""


class PreciousFile(StateFile[Content], Generic[Content]):
    """One structure on the disk, which is never taken for missing when it is damaged."""

    def load(self) -> Content | None:
        """Read it; ``None`` only where there is none.

        :raises StateError: if there is one that cannot be read; a copy of it is set aside.  It stays
            where it is until another one is written, so that it is found damaged until then.
        """
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=self._kind)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            message = f"{self.path} cannot be read ({error}): {self._set_aside()}"
            raise StateError(message) from error

    def _set_aside(self) -> str:
        aside = Path(f"{self.path}{ASIDE}")
        try:
            shutil.copyfile(self.path, aside)
        except OSError as error:
            return f"nor can it be set aside ({error.strerror}): check the disk"
        return f"it is set aside as {aside.name}, to be looked at"
