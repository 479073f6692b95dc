"""An evening in a venue, as most stories begin: a box that plays is claimed, and gets a program of tones."""

import time
from collections.abc import Sequence
from typing import Any

import msgspec

from easyplayer.playout.catalogue import Program
from tests.process.paired import program_of
from tests.venue.faculties.tracks import Track, make_tracks
from tests.venue.venue import Venue

CROSSFADE_MS = 300
TRACK_S = 8.0
LOADED_WITHIN_S = 60.0
HEARD_WITHIN_S = 30.0
DELIVERED_WITHIN_S = 60.0
LOOK_EVERY_S = 1.0


def have_evening(venue: Venue, count: int = 2, seconds: float = TRACK_S) -> list[Track]:
    """Have a box that was never claimed play a program; give its tracks, the first of which is heard."""
    venue.resume()
    venue.claim()
    tracks = make_tracks(venue.folder / "tracks", count, seconds)
    venue.know(tracks)
    publish(venue, "evening", tracks)
    venue.hub.until_program(tracks, LOADED_WITHIN_S * venue.machine.accelerator.factor)
    venue.wait_for_track(tracks[0])
    return tracks


def publish(venue: Venue, name: str, tracks: Sequence[Track]) -> None:
    """Publish a program whose tracks can be told apart: they hardly sound at the same time."""
    venue.hub.publish_program(name, parted(program_of(name, [track.path for track in tracks], ())))


def parted(program: Program) -> Program:
    """Have the items of a program follow each other, almost without a crossfade."""
    return msgspec.structs.replace(program, crossfade_ms=CROSSFADE_MS)


def until_heard(venue: Venue, tracks: Sequence[Track], within_s: float = HEARD_WITHIN_S) -> Track:
    """Wait until any of some tracks is heard, and give it."""
    by_name = {track.name: track for track in tracks}
    hz = {track.name: track.hz for track in tracks}
    deadline_s = time.monotonic() + within_s * venue.machine.accelerator.factor
    while not (name := venue.sound.track_now(hz)):
        assert time.monotonic() < deadline_s, f"none of {', '.join(by_name)} is heard"
        time.sleep(LOOK_EVERY_S)
    return by_name[name]


def until_delivered(venue: Venue, rows: int, since_utc: str = "") -> list[dict[str, Any]]:
    """Wait until the hub has so many rows of what was played, and none is missing before them.

    :param since_utc: only those count that began then or later, such as ``2026-11-22T03:04``.
    """
    deadline_s = time.monotonic() + DELIVERED_WITHIN_S * venue.machine.accelerator.factor
    while True:
        known = [row for row in venue.hub.as_run() if row["started_utc"] >= since_utc]
        gaps = venue.hub.gaps()
        if len(known) >= rows and not gaps:
            return known
        assert time.monotonic() < deadline_s, f"the hub has {len(known)} rows of {rows}, and gaps: {gaps}"
        time.sleep(LOOK_EVERY_S)
