"""What a machine's processor is made of: KVM where it really works, else QEMU's own translator."""

import os
from dataclasses import dataclass

SETTING = "EASYPLAYER_VENUE_ACCEL"
PATIENCE = "EASYPLAYER_VENUE_PATIENCE"


@dataclass(frozen=True)
class Accelerator:
    """What runs the guest's instructions.

    :ivar name: as QEMU calls it.
    :ivar factor: how many times longer everything may take than with KVM on a host that does nothing else.
    :ivar why: why it was chosen, for the log.
    :ivar patience: the part of the factor that is for a host that does other things, too.
    """

    name: str
    factor: float
    why: str
    patience: float = 1.0


def tcg(why: str) -> Accelerator:
    """:return: QEMU's translator: it works everywhere, slowly."""
    return _with_patience("tcg", 6.0, why)


def kvm(why: str) -> Accelerator:
    """:return: the processor itself."""
    return _with_patience("kvm", 1.0, why)


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


def patience() -> float:
    """:return: how many times longer than stated it may take, by the environment; 1 or more."""
    wish = os.environ.get(PATIENCE, "") or "1"
    try:
        times = float(wish)
    except ValueError:
        times = 0.0
    if not 1.0 <= times < float("inf"):
        raise ValueError(f"{PATIENCE}={wish} is no number of times: give 1 or more, or leave it out")
    return times


def _with_patience(name: str, factor: float, why: str) -> Accelerator:
    times = patience()
    return Accelerator(name, factor * times, why, times)
