"""What a machine's processor is made of: KVM where it really works, else QEMU's own translator."""

import os
from dataclasses import dataclass

SETTING = "EASYPLAYER_VENUE_ACCEL"


@dataclass(frozen=True)
class Accelerator:
    """What runs the guest's instructions.

    :ivar name: as QEMU calls it.
    :ivar factor: how many times longer everything may take than with KVM.
    :ivar why: why it was chosen, for the log.
    """

    name: str
    factor: float
    why: str


def tcg(why: str) -> Accelerator:
    """:return: QEMU's translator: it works everywhere, slowly."""
    return Accelerator("tcg", 6.0, why)


def kvm(why: str) -> Accelerator:
    """:return: the processor itself."""
    return Accelerator("kvm", 1.0, why)


def default() -> Accelerator:
    """:return: what the environment wants, or else TCG."""
    return wished() or tcg("nothing else was asked for")


def wished() -> Accelerator | None:
    """:return: what the environment wants, by ``EASYPLAYER_VENUE_ACCEL``; ``None`` leaves it open."""
    wish = os.environ.get(SETTING, "")
    makers = {"tcg": tcg, "kvm": kvm}
    if wish and wish not in makers:
        raise ValueError(f"{SETTING}={wish} is not known: give tcg or kvm, or leave it out")
    return makers[wish](f"{SETTING}={wish}") if wish else None
