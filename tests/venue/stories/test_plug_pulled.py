"""The plug is pulled, and the disk loses what it had not yet written.

What a box has said is done must be there afterwards: the entries of its ledger that were on the disk for
good, all that its hub has acknowledged, and a current program with all of its media.  And it plays again.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.faculties.cuts import Cut, check_count, choose
from tests.venue.faculties.power import LoggedDisk, as_raw
from tests.venue.faculties.remains import emptied, read_remains
from tests.venue.faculties.tracks import make_track, make_tracks, pitch
from tests.venue.machine import Accelerator, MachineError, Spec
from tests.venue.machine.saved import Saved
from tests.venue.stories import plug
from tests.venue.stories.evening import LOADED_WITHIN_S, publish, until_heard
from tests.venue.venue import Fittings, Venue

pytestmark = [pytest.mark.venue, pytest.mark.flaky(reruns=0)]
"""What was lost once is lost: a second run has other dice."""

CUTS = int(os.environ.get("EASYPLAYER_VENUE_CUTS", "50"))
"""How often the plug is pulled; ``EASYPLAYER_VENUE_CUTS`` says otherwise."""

SEED = 7
PROGRESS_FILE = "progress.txt"
"""Beside the report of the story: a line for each cut, as soon as it is looked into."""

STARTS_S = 20.0
"""Within this a box that gets its power back is heard: a kernel that starts, a disk that is mended, a box."""

STEADY_S = 2.0
LISTENS_S = 10.0
GOES_ON_S = 5.0
"""So long it is listened to after each cut, once one of its tracks is heard."""

TRACK_S = 5.0
LONG_S = 40.0
"""So long are the tracks that are fetched: 7 MB each, so that the box is at it for a while."""

LONG_HZ = (pitch(7), pitch(8), pitch(9))
PULLED_RUN = "A box plays, fetches another program and changes to it, until its plug is pulled"
PLUG_PULLED = (
    "Whenever its plug is pulled, and whatever its disk loses, a box plays again, and has lost nothing"
)


def test_plug_is_pulled_and_put_in_again(box: Spec, open_venue: OpenVenue, tmp_path: Path) -> None:
    """The disk loses what was not flushed, and 20 s after its power is back the box plays again."""
    log = tmp_path / "writes.log"
    with open_venue(plug.logged(box, log)) as venue:
        venue.resume()
        before = plug.disk_below(venue, tmp_path / "before.img")
        venue.expect_silence_below(STEADY_S)
        venue.listen(LISTENS_S)
        venue.expect_nothing()  # nor does the copying of disks count; the start is judged by itself
        venue.cut_power(within_s=3.0, seed=SEED)
        crash = plug.crash(LoggedDisk(before, log.rename(tmp_path / "run.log")), SEED, tmp_path)
        overlay = plug.change_disk(venue, crash)
        venue.power_on()
        venue.wait_for_music(STARTS_S)
        venue.expect_silence_below(STEADY_S)
        venue.listen(LISTENS_S)
        venue.expect_nothing()
        venue.cut_power()
        left = read_remains(as_raw(overlay, tmp_path / "after.img"), emptied(tmp_path / "after"))
        assert left.faults == ()


def test_plug_is_pulled_at_any_instant(box: Spec, accelerator: Accelerator, tmp_path: Path) -> None:
    """Fifty times: in play, in download, in switch_storage, in a ledger write; 20 s later it plays again."""
    check_count(CUTS)
    run = have_run(box, accelerator, tmp_path)
    gate = plug.with_gate(box, run.disk.before)
    with Venue("plug-pulled", PLUG_PULLED, gate, tmp_path / "starts", accelerator=accelerator) as venue:
        saved = plug.stop_at_gate(venue, tmp_path / "gate")
        progress = venue.report / PROGRESS_FILE
        progress.write_text("", encoding="utf-8")
        faults: list[str] = []
        for number, cut in enumerate(choose(CUTS, SEED, run.places), start=1):
            came = list(look_after(venue, saved, run, cut, tmp_path))
            faults += [f"cut {number}, {cut}: {one}" for one in came]
            found = "; ".join(came) or "all is there"
            venue.tell(f"{number}: {cut.doing}", found)
            with progress.open("a", encoding="utf-8") as file:
                file.write(f"{number} of {CUTS}, {cut}: {found}\n")
        assert faults == []
    emptied(tmp_path)  # these are some gigabytes; where something was lost, they stay


def have_run(box: Spec, accelerator: Accelerator, folder: Path) -> plug.Run:
    """Have a box change from one program to another, with all of its writes logged, and pull its plug."""
    writes = folder / "writes.log"
    short = make_tracks(folder / "tracks", 2, TRACK_S)
    long = [make_track(folder / "tracks", f"long-{n + 1}", hz, LONG_S) for n, hz in enumerate(LONG_HZ)]
    logged, fittings = plug.logged(box, writes), Fittings(hub=True)
    with Venue(
        "plug-pulled-run", PULLED_RUN, logged, folder / "run", fittings, accelerator=accelerator
    ) as venue:
        venue.know([*short, *long])
        venue.resume()
        disk = LoggedDisk(plug.disk_below(venue, folder / "before.img"), folder / "run.log")
        venue.claim()
        publish(venue, "evening", short)
        venue.hub.until_program(short, LOADED_WITHIN_S * accelerator.factor)
        venue.wait_for_track(short[0])
        marks = plug.record(venue, long, writes)
        writes.rename(disk.log)
        return plug.run_of(venue, disk, marks, (short, long), folder)


def look_after(venue: Venue, saved: Saved, run: plug.Run, cut: Cut, folder: Path) -> Iterator[str]:
    """Cut the power at one instant, put it in again, and listen; give everything that must not be.

    A cut that cannot be looked into to its end is one of these, and the next one finds a machine that is off.
    """
    image = folder / "crash.img"
    try:
        left = read_remains(run.disk.crash_image(image, cut.at, cut.seed), emptied(folder / "left"))
        yield from run.faults(cut, left, folder)
        with plug.with_disk(saved, venue.machine.spec, image, folder / "at-gate") as crashed:
            venue.machine.restore(crashed)
            plug.open_gate(venue)
            yield from _listen(venue, run)
            venue.expect_nothing()
            venue.cut_power()
            yield from plug.faults_of_start(left, plug.left_by_start(venue, run, folder))
    except (AssertionError, MachineError) as error:
        yield f"{type(error).__name__}: {error}"
    finally:
        venue.expect_nothing()
        venue.machine.shutdown(soft=False)
        image.unlink(missing_ok=True)


def _listen(venue: Venue, run: plug.Run) -> Iterator[str]:
    """Wait until a box plays one of its tracks, and listen for a while: it does not fall silent again."""
    try:
        venue.wait_for_music(STARTS_S)
        until_heard(venue, (*run.programs[0], *run.programs[1]))
    except AssertionError as error:
        yield str(error)
        return
    venue.expect_silence_below(STEADY_S)
    since_s = time.monotonic()
    venue.listen(GOES_ON_S)
    silent_s = venue.sound.longest_silence_s(since_s)
    if silent_s > STEADY_S * venue.machine.accelerator.patience:
        yield f"it played, and was silent again for {silent_s:.1f} s"
