"""Whether KVM works here: by booting a kernel with it.

That ``/dev/kvm`` is there, opens, and runs a BIOS does not say that it runs a kernel: there are hosts that
emulate
every privileged instruction, and some of them not at all.  So the kernel in question is booted, without
any disk, until
it finds that it has no root.  With a real KVM that takes a second.
"""

import json
import logging
import os
from pathlib import Path

from .accelerator import Accelerator, kvm, tcg, wished
from .errors import MachineError
from .keeping import cache_folder, only_one, qemu_version
from .machine import Machine
from .spec import Spec

DEVICE = Path("/dev/kvm")
BOOTS_WITHIN_S = 20.0
BOOTED = "Unable to mount root fs|No working init found|Cannot open root device"
"""How a kernel ends that has come all the way, and has no root."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_MEMORY_MIB = 512

log = logging.getLogger(__name__)


def choose(
    kernel: Path | None,
    *,
    binary: str = "qemu-system-x86_64",
    cache: Path | None = None,
    device: Path = DEVICE,
) -> Accelerator:
    """Choose what runs machines with this kernel: what the environment wants, KVM where it boots it, or TCG.

    The verdict is kept until this host boots again.
    """
    if wish := wished():
        return wish
    if not os.access(device, os.R_OK | os.W_OK):
        return tcg(f"{device} is not there, or not for this user")
    if not kernel:
        return tcg("without a kernel there is nothing to try KVM with")
    folder = cache or cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    key = _key(kernel, binary)
    verdicts = folder / "accelerator.json"
    with only_one(folder / "accelerator.lock"):
        known: dict[str, str] = json.loads(verdicts.read_text()) if verdicts.exists() else {}
        if key not in known:
            known = {key: _try(kernel, binary, folder / "probe")}
            verdicts.write_text(json.dumps(known, indent=2))
    fault = known[key]
    return tcg(f"KVM does not boot {kernel.name}: {fault}") if fault else kvm(f"KVM boots {kernel.name}")


def _key(kernel: Path, binary: str) -> str:
    """:return: what a verdict is about: this start of the host, this kernel, and this QEMU."""
    stat = kernel.stat()
    of_kernel = f"{kernel.absolute()} {stat.st_size} {stat.st_mtime_ns}"
    return f"{_BOOT_ID.read_text().strip()} {of_kernel} {qemu_version(binary)}"


def _try(kernel: Path, binary: str, folder: Path) -> str:
    """:return: what is wrong with KVM; empty where it works."""
    spec = Spec(
        name="probe",
        binary=binary,
        memory_mib=_MEMORY_MIB,
        cpus=1,
        kernel=kernel,
        append="console=ttyS0 panic=0",
        shell=False,
    )
    machine = Machine(spec, folder=folder, accelerator=kvm("it is tried"))
    try:
        with machine:
            machine.launch()
            machine.console.wait(BOOTED, BOOTS_WITHIN_S)
    except MachineError as error:
        log.info("KVM does not work here: %s", error)
        said = machine.log.strip().splitlines()[-1:]
        return "; ".join([str(error).splitlines()[0], *said])
    return ""
