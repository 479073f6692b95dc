"""How it stands with programs, media, disks and sticks, as the status shows it."""

from pathlib import Path

import pytest

from easyplayer.device_events import stick_plugged, stick_pulled, stick_refused
from easyplayer.drivers.device_watch import Stick
from easyplayer.events import BoxEvent
from easyplayer.protocol.heartbeat import Autonomy, Disk, Download, Health, Storage
from easyplayer.storage_events import (
    bundle_missed,
    bundle_progressed,
    bundle_refused,
    bundle_taken,
    disk_changed,
    download_progressed,
    report_left,
    storage_scrubbed,
    storage_told,
)
from easyplayer.storage_view import StorageNotes, StorageView
from easyplayer.units import Instant

BAR, FOYER = (
    Stick(device=f"/dev/{name}1", name=name, filesystem="vfat", folder=Path("/run", name))
    for name in ("BAR", "FOYER")
)


def view(*facts: BoxEvent) -> StorageView:
    """Give what is shown after some facts."""
    notes = StorageNotes()
    for fact in facts:
        notes.learn(fact)
    assert notes.view is not None
    return notes.view


def test_box_that_keeps_nothing_of_a_hub_shows_nothing() -> None:
    """Until something is told."""
    assert StorageNotes().view is None


def test_what_is_told_of_the_storage_is_shown() -> None:
    """What nobody has looked at anew stays as it was."""
    shown = view(
        storage_told(Storage(items=3), Autonomy(until=Instant(1.0))),
        storage_told(Storage(items=4, staged="bar, version 2", to_fetch_bytes=80_000_000), None),
    )
    assert (shown.storage.items, shown.autonomy) == (4, Autonomy(until=Instant(1.0)))
    assert shown.fetching == "bar, version 2 (0 of 80 MB)"


def test_downloads_are_shown() -> None:
    """As fast as they come."""
    download = Download(files_left=1, bytes_per_s=7)
    assert view(download_progressed(download)).download == download


@pytest.mark.parametrize(
    ("facts", "stick", "report"),
    [
        ([stick_plugged(BAR)], "BAR: is looked at", ""),
        ([bundle_missed("BAR")], "BAR: there is no bundle on it", ""),
        ([bundle_progressed("BAR", 1_000_000, 2_000_000)], "BAR: 1 of 2 MB are copied", ""),
        ([bundle_taken("BAR", "bar, version 3")], "BAR: bar, version 3; it may be pulled", ""),
        ([bundle_refused("BAR", "it is of another hub")], "BAR: it is of another hub", ""),
        ([stick_refused("/dev/sdb1", "no file system")], "/dev/sdb1: no file system", ""),
        (
            [bundle_taken("BAR", "x"), report_left("BAR", "r.age")],
            "BAR: x; it may be pulled",
            "r.age is on BAR",
        ),
        ([bundle_taken("BAR", "x"), stick_pulled(BAR)], "BAR: x; it was pulled", ""),
        ([bundle_taken("BAR", "x"), stick_plugged(FOYER), stick_pulled(BAR)], "FOYER: is looked at", ""),
        ([bundle_refused("BAR", "it is torn"), stick_pulled(BAR)], "BAR: it is torn", ""),
        ([report_left("BAR", "r.age"), bundle_refused("BAR", "old")], "BAR: old", "r.age is on BAR"),
        ([report_left("BAR", "r.age"), stick_plugged(FOYER)], "FOYER: is looked at", ""),
    ],
)
def test_what_a_stick_does_is_shown(facts: list[BoxEvent], stick: str, report: str) -> None:
    """The one that was plugged in last."""
    shown = view(*facts)
    assert (shown.stick, shown.report) == (stick, report)


@pytest.mark.parametrize(
    ("fact", "problem"),
    [
        (storage_told(Storage(trouble="full"), None), "full"),
        (storage_told(Storage(), None), ""),
        (disk_changed(Disk(name="/m", health=Health.FULL)), "/m: the disk is full"),
        (disk_changed(Disk(name="/m", health=Health.FAILING, trouble="it clicks")), "/m: it clicks"),
        (disk_changed(Disk(name="/m")), ""),
        (storage_scrubbed(3, ("a", "b")), "2 media had gone bad on the disk, and are fetched anew"),
        (storage_scrubbed(3, ()), ""),
        (bundle_refused("BAR", "it is torn"), "stick BAR: it is torn"),
        (bundle_taken("BAR", "all"), ""),
    ],
)
def test_somebody_has_to_know_what_is_wrong(fact: BoxEvent, problem: str) -> None:
    """And is not troubled with what is well."""
    assert StorageNotes().learn(fact) == problem


def test_trouble_is_told_once() -> None:
    """As long as it stays the same."""
    notes = StorageNotes()
    full, well = Storage(trouble="full"), Storage()
    told = [notes.learn(storage_told(one, None)) for one in (full, full, well, full)]
    assert told == ["full", "", "", "full"]
