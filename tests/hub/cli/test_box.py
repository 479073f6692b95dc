"""``easyplayer-hub box show``: what a box says of its storage, in words."""

from easyplayer.hub.cli.box import about_bad_ends, about_storage, troubles
from easyplayer.protocol.heartbeat import Autonomy, Disk, Download, Health, Status, Storage, Supervision

GIB = 2**30


def test_box_that_is_well_has_little_to_say() -> None:
    """Nothing is on its way, nothing was found bad."""
    assert [*about_storage(Storage())] == []


def test_disks_and_their_health_are_told() -> None:
    """The one that is not well stands out."""
    well = Disk(name="/a", media=80, free_bytes=3 * GIB, total_bytes=8 * GIB)
    sick = Disk(name="/b", health=Health.READ_ONLY, trouble="it takes nothing")
    gone = Disk(name="/c", health=Health.MISSING, trouble="/c is not there: plug the disk in and mount it")
    told = [*about_storage(Storage(trouble="no room", disks=(well, sick, gone)))]
    assert told == [
        ("TROUBLE", "no room"),
        ("disk", "/a: well, 80 media, 3.0 GiB of 8.0 GiB free"),
        ("DISK", "/b: read-only (it takes nothing), 0 media, 0 B of 0 B free"),
        ("DISK", "missing: /c is not there: plug the disk in and mount it"),
    ]


def test_what_comes_and_what_was_before_is_told() -> None:
    """With how fast it comes, or why it does not."""
    coming = Storage(
        previous="bar, version 2",
        staged="bar, version 3",
        fetched_bytes=GIB,
        to_fetch_bytes=2 * GIB,
        download=Download(files_left=3, bytes_left=GIB, bytes_per_s=2**20),
        scrubbed=80,
        spoiled=1,
    )
    told = dict(about_storage(coming))
    assert told == {
        "before": "bar, version 2",
        "fetches": "bar, version 3: 1.0 GiB of 2.0 GiB",
        "downloads": "3 media (1.0 GiB) to come, 1.0 MiB/s",
        "checked": "80 media within 30 days, 1 had gone bad",
    }
    waits = Storage(download=Download(files_left=1, bytes_left=GIB, held_up="it waits for the night"))
    assert (
        dict(about_storage(waits))["downloads"]
        == "1 media (1.0 GiB) to come, held up: it waits for the night"
    )


def test_each_trouble_is_told_once() -> None:
    """A disk that is missing is told in its own line, and is a problem of the box as well."""
    gone = "/c is not there: plug the disk in and mount it"
    status = Status(
        version="1",
        autonomy=Autonomy(uncovered=("the evening: nothing is on the disk",)),
        storage=Storage(disks=(Disk(name="/c", health=Health.MISSING, trouble=gone),)),
        trouble=("a program was refused",),
        problems=(f"/c: {gone}", gone, "no sound server", "no sound server"),
    )
    assert troubles(status) == [
        "the evening: nothing is on the disk",
        "a program was refused",
        "no sound server",
    ]


def test_a_box_that_ends_badly_is_told_of() -> None:
    """Safe mode stands out; a box that has never fallen has no line of it."""
    assert [*about_bad_ends(Supervision())] == []
    told = dict(about_bad_ends(Supervision(safe=1, kills=1, crashes=2, last="it fell", unguarded="why")))
    assert told["bad ends"] == "killed 1 times, crashed 2 times: it fell"
    assert "SAFE MODE" in told
    assert told["UNGUARDED"] == "nobody starts the box anew if it hangs: why"
