"""What goes into a heartbeat: the whole status where that is news, else only what changes all the time."""

import math
from hashlib import sha256

import msgspec
from msgspec import Struct, structs

from easyplayer.protocol.codec import encode
from easyplayer.protocol.commands import CommandResult
from easyplayer.protocol.heartbeat import Heartbeat, LogHead, Machine, Now, Status
from easyplayer.units import Instant, Seconds

FULL_EVERY_S = Seconds(900.0)
"""However little has changed, the whole status goes so often."""
CPU_STEP, LOAD_STEP, DEGREES_STEP = 25.0, 2.0, 10.0
MEMORY_STEP, DISK_STEP = 256 * 2**20, 2**30
FETCHED_STEP = 64 * 2**20
HOUR_S = 3600.0
"""What changes by less is no news."""


class Draft(Struct, frozen=True, kw_only=True):
    """A heartbeat, but for what takes a while to find out.

    :ivar known: digest of the status that the hub has; empty where it is to have all of it anew.
    """

    boot: str
    run: str
    sequence: int
    revision: int
    now: Now
    status: Status
    results: tuple[CommandResult, ...] = ()
    log: LogHead | None = None
    known: str = ""


def finished(draft: Draft, machine: Machine, fingerprint: str) -> Heartbeat:
    """Make the heartbeat.

    :param fingerprint: names the machine.
    """
    status = structs.replace(draft.status, machine=machine)
    digest = digest_of(status)
    return Heartbeat(
        boot=draft.boot,
        run=draft.run,
        sequence=draft.sequence,
        machine=fingerprint,
        revision=draft.revision,
        digest=digest,
        now=draft.now,
        status=None if digest == draft.known else status,
        results=draft.results,
        log=draft.log,
    )


def digest_of(status: Status) -> str:
    """Give the digest of a status, in which small changes of what is measured make no difference."""
    return sha256(encode(coarse(status))).hexdigest()


def coarse(status: Status) -> Status:
    """Give a status in which what is measured is as rough as news of it are."""
    machine, storage, autonomy, support = status.machine, status.storage, status.autonomy, status.support
    return structs.replace(
        status,
        machine=structs.replace(
            machine,
            cpu_percent=_step(machine.cpu_percent, CPU_STEP),
            load=_step(machine.load, LOAD_STEP),
            memory_bytes=int(_step(machine.memory_bytes, MEMORY_STEP)),
            memory_free_bytes=int(_step(machine.memory_free_bytes, MEMORY_STEP)),
            temperature_c=None
            if machine.temperature_c is None
            else _step(machine.temperature_c, DEGREES_STEP),
        ),
        storage=structs.replace(
            storage,
            free_bytes=int(_step(storage.free_bytes, DISK_STEP)),
            fetched_bytes=int(_step(storage.fetched_bytes, FETCHED_STEP)),
            disks=tuple(
                structs.replace(disk, free_bytes=int(_step(disk.free_bytes, DISK_STEP)))
                for disk in storage.disks
            ),
        ),
        autonomy=structs.replace(
            autonomy,
            until=None if autonomy.until is None else Instant(_step(autonomy.until, HOUR_S)),
        ),
        support=None if support is None else structs.replace(support, left_s=Seconds(0.0)),
    )


def as_data(*parts: Struct) -> dict[str, object]:
    """Write what is known of the box as the data of a command's result; a later part goes over an earlier."""
    data: dict[str, object] = {}
    for part in parts:
        data |= msgspec.to_builtins(part)
    return data


def _step(value: float, step: float) -> float:
    return step * math.floor(value / step)
