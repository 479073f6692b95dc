"""The machine harness: drives a virtual machine from tests.  It needs QEMU and :mod:`qemu.qmp`, no more.

See ``docs/guide/machine-harness.md`` for how to use it.
"""

import logging

from .accelerator import Accelerator, kvm, tcg
from .console import Console, Found
from .errors import (
    CommandError,
    ConsoleTimeoutError,
    GoneError,
    LaunchError,
    MachineError,
    NotRunningError,
    RestoreError,
    ShellError,
    SpecError,
    WaitTimeoutError,
)
from .machine import Machine
from .matching import is_part_of
from .saved import Saved
from .shell import Answer, Shell
from .spec import Disk, Network, Spec
from .state import Ending, State

__all__ = [
    "Accelerator",
    "Answer",
    "CommandError",
    "Console",
    "ConsoleTimeoutError",
    "Disk",
    "Ending",
    "Found",
    "GoneError",
    "LaunchError",
    "Machine",
    "MachineError",
    "Network",
    "NotRunningError",
    "RestoreError",
    "Saved",
    "Shell",
    "ShellError",
    "Spec",
    "SpecError",
    "State",
    "WaitTimeoutError",
    "is_part_of",
    "kvm",
    "tcg",
]

logging.getLogger(__name__).addHandler(logging.NullHandler())
