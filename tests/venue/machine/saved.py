"""The saved state of a machine: its memory and what it had written, in a folder."""

import json
import shlex
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .errors import RestoreError
from .spec import Network, Spec

_MEMORY = "memory"
_HARDWARE = "hardware.json"
BACK_ENDS = ("-netdev", "-audiodev", "-chardev")


@dataclass(frozen=True)
class Saved:
    """A saved state.  It stays as it is, however often a machine is restored from it.

    :ivar folder: where it is; the images that its disks lay on must stay where they are, too.
    """

    folder: Path

    @property
    def is_whole(self) -> bool:
        """Whether it was saved to its end."""
        return (self.folder / _HARDWARE).exists()

    def writing(self) -> str:
        """:return: the address for QEMU to write the memory to."""
        return f"exec:cat >{shlex.quote(str(self.folder.absolute() / _MEMORY))}"

    def reading(self) -> str:
        """:return: the address for QEMU to read the memory from."""
        return f"exec:cat {shlex.quote(str(self.folder.absolute() / _MEMORY))}"

    def describe(self, spec: Spec) -> None:
        """Write down whose it is; that is the last thing which makes it whole."""
        (self.folder / _HARDWARE).write_text(json.dumps(hardware(spec), indent=2, default=str))

    def check(self, spec: Spec) -> None:
        """Look whether it is a state of this hardware.

        :raises RestoreError: it is not, and where they differ; or it is not whole.
        """
        if not self.is_whole:
            raise RestoreError(f"there is no saved state in {self.folder}; save one there first")
        was = json.loads((self.folder / _HARDWARE).read_text())
        now = json.loads(json.dumps(hardware(spec), default=str))
        differing = [
            f"{field} (was {was.get(field)}, is {now[field]})"
            for field in now
            if was.get(field) != now[field]
        ]
        if differing:
            raise RestoreError(f"the state in {self.folder} is of other hardware: {'; '.join(differing)}")


def hardware(spec: Spec) -> dict[str, Any]:
    """:return: those fields of a spec in which a machine must be like the one whose state it takes over.

    Where sound goes, what the network forwards, whether and where writes are logged, and what the clock
    starts at may differ: of none of that the guest knows.
    """
    network = Network(mac=spec.network.mac) if spec.network else None
    disks = tuple(replace(disk, log_writes=None) for disk in spec.disks)
    extra = _without_back_ends(spec.extra)
    plain = replace(
        spec, name="machine", sound=None, network=network, rtc="", reboots=True, disks=disks, extra=extra
    )
    return {**asdict(plain), "sound": spec.sound is not None}


def _without_back_ends(extra: tuple[str, ...]) -> tuple[str, ...]:
    """:return: arguments without those that the guest does not see, such as where a device's sound goes."""
    hidden = {index + shift for index, word in enumerate(extra) if word in BACK_ENDS for shift in (0, 1)}
    return tuple(word for index, word in enumerate(extra) if index not in hidden)
