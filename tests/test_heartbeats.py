"""What goes into a heartbeat."""

from typing import Any

import pytest
from msgspec import structs

from easyplayer.heartbeats import Draft, as_data, digest_of, finished
from easyplayer.protocol.codec import decode, encode
from easyplayer.protocol.heartbeat import (
    Autonomy,
    Disk,
    Heartbeat,
    Machine,
    Now,
    OnAir,
    Place,
    Status,
    Storage,
    Support,
)
from easyplayer.units import Instant, Seconds

GIB = 2**30
MACHINE = Machine(
    name="box", cpu_percent=30.0, load=0.5, memory_bytes=90_000_000, memory_free_bytes=GIB + 1,
    memory_total_bytes=4 * GIB, temperature_c=55.0,
)  # fmt: skip
DISK = Disk(name="/media", free_bytes=5 * GIB + 1, total_bytes=9 * GIB)
STATUS = Status(
    version="1",
    state="playing",
    item=OnAir(id="a"),
    storage=Storage(
        free_bytes=5 * GIB + 1, total_bytes=9 * GIB, fetched_bytes=1, to_fetch_bytes=GIB, disks=(DISK,)
    ),
    autonomy=Autonomy(until=Instant(1_800_000_100.0)),
    machine=MACHINE,
    support=Support(why="help", left_s=Seconds(100)),
)
DRAFT = Draft(
    boot="b",
    run="0" * 16,
    sequence=3,
    revision=2,
    now=Now(uptime_s=Seconds(1), time=Instant(2)),
    status=STATUS,
)


def test_it_has_all_that_was_drafted() -> None:
    """And what was found out meanwhile."""
    heartbeat = finished(DRAFT, MACHINE, "f" * 64)

    assert decode(encode(heartbeat), Heartbeat) == heartbeat
    assert (heartbeat.sequence, heartbeat.revision, heartbeat.machine) == (3, 2, "f" * 64)
    assert heartbeat.status == STATUS


def test_the_status_is_left_out_where_the_hub_has_it() -> None:
    """Its digest is not."""
    heartbeat = finished(structs.replace(DRAFT, known=digest_of(STATUS)), MACHINE, "")
    assert (heartbeat.status, heartbeat.digest) == (None, digest_of(STATUS))


def test_a_short_one_is_short() -> None:
    """A fleet sends it a million times a day."""
    heartbeat = finished(structs.replace(DRAFT, known=digest_of(STATUS)), MACHINE, "f" * 64)
    assert len(encode(heartbeat)) < 500


@pytest.mark.parametrize(
    "changes",
    [
        {"machine": structs.replace(MACHINE, cpu_percent=33.0, load=0.7, temperature_c=57.0)},
        {"machine": structs.replace(MACHINE, memory_bytes=91_000_000, memory_free_bytes=GIB + 2)},
        {"storage": structs.replace(STATUS.storage, free_bytes=5 * GIB + 99, fetched_bytes=99)},
        {"storage": structs.replace(STATUS.storage, disks=(structs.replace(DISK, free_bytes=5 * GIB),))},
        {"autonomy": Autonomy(until=Instant(1_800_000_101.0))},
        {"support": Support(why="help", left_s=Seconds(99))},
    ],
)
def test_what_trembles_is_no_news(changes: dict[str, Any]) -> None:
    """Or each heartbeat would be a long one."""
    assert digest_of(structs.replace(STATUS, **changes)) == digest_of(STATUS)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "paused"},
        {"item": None},
        {"trouble": ("a",)},
        {"support": None},
        {"autonomy": Autonomy()},
        {"autonomy": Autonomy(until=Instant(1_800_010_000.0))},
        {"machine": structs.replace(MACHINE, cpu_percent=80.0)},
        {"machine": structs.replace(MACHINE, temperature_c=None)},
        {"machine": structs.replace(MACHINE, addresses=("10.0.0.1",))},
        {"storage": structs.replace(STATUS.storage, free_bytes=GIB)},
        {"storage": structs.replace(STATUS.storage, disks=(structs.replace(DISK, media=1),))},
        {"storage": structs.replace(STATUS.storage, missing=1)},
    ],
)
def test_what_changes_is(changes: dict[str, Any]) -> None:
    """However little it is."""
    assert digest_of(structs.replace(STATUS, **changes)) != digest_of(STATUS)


def test_what_is_known_can_be_written_as_data() -> None:
    """Of several structures; a later one goes over an earlier one."""
    assert as_data(Place(name="a", venue="v"), Place(name="b", venue="v"))["name"] == "b"
