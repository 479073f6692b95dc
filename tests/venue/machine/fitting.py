"""How many machines fit into this host at once."""

import os
import re
from pathlib import Path

from .spec import Spec

OVERHEAD_MIB = 300
"""What QEMU needs beside the guest's memory: devices, and under TCG the translated code."""
_SPARE = 0.8
_MEMINFO = Path("/proc/meminfo")


def available_mib(meminfo: Path = _MEMINFO) -> int:
    """:return: the memory of this host that is to be had, in MiB."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB", meminfo.read_text(), re.MULTILINE)
    if not found:
        raise ValueError(f"{meminfo} does not tell MemAvailable")
    return int(found[1]) // 1024


def how_many_fit(spec: Spec, memory_mib: int | None = None, cpus: int | None = None) -> int:
    """:return: how many such machines can run at once: by memory, and one a processor; at least one."""
    memory = available_mib() if memory_mib is None else memory_mib
    processors = len(os.sched_getaffinity(0)) if cpus is None else cpus
    return max(1, min(processors, int(memory * _SPARE) // (spec.memory_mib + OVERHEAD_MIB)))
