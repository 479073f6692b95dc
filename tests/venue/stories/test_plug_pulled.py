"""The plug is pulled, and the disk loses what it had not yet written.

What a box has said is done must be there afterwards: the entries of its ledger that were on the disk for
good, all that its hub has acknowledged, and a current program with all of its media.  And it plays again.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.venue.conftest import OpenVenue
from tests.venue.faculties.cuts import Cut, choose
from tests.venue.faculties.power import LoggedDisk, as_raw
from tests.venue.faculties.remains import emptied, read_remains
from tests.venue.faculties.tracks import make_track, make_tracks
from tests.venue.machine import Accelerator, Spec
from tests.venue.machine.saved import Saved
from tests.venue.stories import plug
from tests.venue.stories.evening import publish, until_heard
from tests.venue.venue import Fittings, Venue

pytestmark = pytest.mark.venue

CUTS = int(os.environ.get("EASYPLAYER_VENUE_CUTS", "50"))
"""How often the plug is pulled; ``EASYPLAYER_VENUE_CUTS`` says otherwise."""

SEED = 7
log = logging.getLogger(__name__)

STARTS_S = 20.0
"""Within this a box that gets its power back is heard: a kernel that starts, a disk that is mended, a box."""

OFF_S = 1.0
LISTENS_S = 10.0
TRACK_S = 5.0
LONG_S = 40.0
"""So long are the tracks that are fetched: 7 MB each, so that the box is at it for a while."""

LONG_HZ = (770.0, 880.0, 990.0)
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
        venue.expect_silence_below(OFF_S, STARTS_S)
        venue.listen(LISTENS_S)
        venue.cut_power(within_s=3.0, seed=SEED)
        crash = plug.crash(LoggedDisk(before, log.rename(tmp_path / "run.log")), SEED, tmp_path)
        overlay = plug.change_disk(venue, crash)
        venue.power_on()
        venue.wait_for_music(STARTS_S)
        venue.cut_power()
        left = read_remains(as_raw(overlay, tmp_path / "after.img"), emptied(tmp_path / "after"))
        assert left.faults == ()


def test_plug_is_pulled_at_any_instant(box: Spec, accelerator: Accelerator, tmp_path: Path) -> None:
    """Fifty times: in play, in download, in switch_storage, in a ledger write; 20 s later it plays again."""
    run = have_run(box, accelerator, tmp_path)
    gate = plug.with_gate(box, run.disk.before)
    with Venue("plug-pulled", PLUG_PULLED, gate, tmp_path / "starts", accelerator=accelerator) as venue:
        saved = plug.stop_at_gate(venue, tmp_path / "gate")
        faults = []
        for number, cut in enumerate(choose(CUTS, SEED, run.places), start=1):
            came = list(_one_cut(venue, saved, run, cut, tmp_path))
            faults += [f"cut {number}, {cut.doing.value} ({cut.at}, seed {cut.seed}): {one}" for one in came]
            found = "; ".join(came) or "all is there"
            venue.tell(f"{number}: {cut.doing.value}", found)
            log.info("cut %d of %d, %s: %s", number, CUTS, cut.doing.value, found)
        assert faults == []


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
        venue.wait_for_track(short[0])
        marks = plug.record(venue, long, writes)
        writes.rename(disk.log)
        return plug.run_of(venue, disk, marks, (short, long), folder)


def _one_cut(venue: Venue, saved: Saved, run: plug.Run, cut: Cut, folder: Path) -> Iterator[str]:
    """Cut the power at one instant, put it in again, and listen; give everything that must not be."""
    image = run.disk.crash_image(folder / "crash.img", cut.at, cut.seed)
    with plug.with_disk(saved, venue.machine.spec, image, folder / "at-gate") as crashed:
        venue.machine.restore(crashed)
        plug.open_gate(venue)
        try:
            venue.wait_for_music(STARTS_S)
            until_heard(venue, (*run.programs[0], *run.programs[1]))
        except AssertionError as error:
            yield str(error)
        venue.cut_power()
        started = plug.left_by_start(venue, folder)
    left = read_remains(image, emptied(folder / "left"))
    yield from run.faults(cut, left, folder)
    if lost := started.lacking(left.entries):
        yield f"entries {lost} of the ledger are lost by the next start"
