"""What is wrong with the storage, in few words, and when a disk is another than before."""

import logging

import pytest

from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import Fetched
from easyplayer.findings import DiskHealth, Findings
from easyplayer.protocol.heartbeat import Disk, Download, Health, Storage

ONE, TWO = "1" * 64, "2" * 64


def full(reason: str) -> Fetched:
    return Fetched(digest=ONE, outcome=Outcome.FULL, reason=reason)


def test_disk_that_takes_nothing_is_told_once() -> None:
    """Though both who writes and who looks find it."""
    findings = Findings()
    findings.fetch(full("it is full"))
    well = Storage(disks=(Disk(name="/card"),))
    sick = Storage(disks=(Disk(name="/card", health=Health.FULL, trouble="it is full"),))
    assert findings.so_far().added_to(well, ()).trouble == "it is full"
    assert findings.so_far().added_to(sick, ()).trouble == "it is full"
    findings.fetch(Fetched(digest=ONE, outcome=Outcome.FETCHED))
    assert findings.so_far().added_to(well, ()).trouble == ""


@pytest.mark.parametrize(
    ("storage", "left"),
    [
        (Storage(disks=(Disk(name="/card"),)), ""),
        (Storage(missing=1, disks=(Disk(name="/card"),)), "it is full"),
        (Storage(staged="bar, version 3"), "it is full"),
        (Storage(disks=(Disk(name="/card", health=Health.FULL),)), "it is full"),
    ],
)
def test_trouble_is_over_when_all_has_come(storage: Storage, left: str) -> None:
    """By whoever it was brought, and however it came about."""
    findings = Findings()
    findings.fetch(full("it is full"))
    findings.settle(storage)
    assert findings.so_far().disk_trouble == left


def test_what_was_found_does_not_change_any_more() -> None:
    """It is looked at on another thread."""
    findings = Findings()
    findings.refuse(ONE, "gone")
    before = findings.so_far()
    findings.refuse(TWO, "gone")
    findings.spoil((ONE, TWO))
    findings.progress(Download(files_left=3))
    assert before.added_to(Storage(), {ONE, TWO}).trouble == f"{ONE[:12]}…: gone"
    told = findings.so_far().added_to(Storage(), {TWO})
    assert (told.trouble, told.spoiled, told.download.files_left) == (f"{TWO[:12]}…: gone", 2, 3)


def test_each_change_of_a_disk_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """One that is well at first is nothing new."""
    caplog.set_level(logging.INFO)
    health = DiskHealth()
    well, sick = Disk(name="/card"), Disk(name="/card", health=Health.FAILING, trouble="replace it")
    assert [health.changed((disk,)) for disk in (well, sick, sick, well)] == [(), (sick,), (), (well,)]
    assert caplog.messages == ["disk /card is failing: replace it", "disk /card is well again"]
