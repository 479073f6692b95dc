"""The network of a venue is bad, in somebody else's hands, or gone for a fortnight; heard from outside."""

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from easyplayer.playout.catalogue import Daypart, Entry, Playlist, Program, Slot, Weekday
from easyplayer.playout.items import Item
from tests.process.paired import ZONE
from tests.venue.conftest import OpenVenue
from tests.venue.faculties.tracks import Track, make_tracks
from tests.venue.machine import Spec
from tests.venue.stories.evening import (
    LOADED_WITHIN_S,
    TRACK_S,
    have_evening,
    parted,
    publish,
    until_delivered,
    until_heard,
)
from tests.venue.venue import Fittings, Venue

pytestmark = pytest.mark.venue

STEADY_S = 2.0
PORTAL_FOR_S = 40.0
LINE_KBIT_S, LINE_DELAY_S, LINE_LOSES_PERCENT = 512.0, 0.2, 3.0
BAD_FOR_S = 15.0
DAY_S = 86_400.0
DAYS = 14
NOON = dt.time(12)
DAY_HEARD_S = 10.0
SHORT_TRACK_S = 6.0


@contextmanager
def trouble(venue: Venue, begin: str, seconds: float) -> Iterator[None]:
    """Listen for some seconds to what comes of what the block does, and have all be well again."""
    venue.fault(begin)
    yield
    venue.listen(seconds)
    venue.network.mend(venue.machine)
    venue.fault("well again")


def has_all(venue: Venue, name: str, within_s: float) -> None:
    """Wait until the box has a program, and nothing of it is missing."""

    def is_whole(box: dict[str, object]) -> bool:
        status = box["status"] or {}
        assert isinstance(status, dict)
        return str(status.get("program", "")).startswith(name) and not status["storage"]["missing"]

    venue.hub.until_box(is_whole, within_s * venue.machine.accelerator.factor)


def weekly(tracks: Sequence[Track]) -> Program:
    """Make a program in which each day of the week has its own track."""
    days = list(zip(Weekday, tracks, strict=True))
    return parted(
        Program(
            name="week",
            zone=ZONE,
            items=tuple(Item(id=one.name, location=str(one.path), title=one.name) for one in tracks),
            playlists=tuple(Playlist(id=day.value, entries=(Entry(item=one.name),)) for day, one in days),
            dayparts=tuple(
                Daypart(id=day.value, slot=Slot(days=(day,)), playlist=day.value) for day, _ in days
            ),
        )
    )


def test_login_page_is_not_taken_for_the_hub(box: Spec, open_venue: OpenVenue) -> None:
    """A hotel's login page is in the way of all; the box plays on, and gets its new program after that."""
    with open_venue(box, Fittings(hub=True)) as venue:
        venue.expect_nothing()
        tracks = have_evening(venue)
        later = make_tracks(venue.folder / "later", count=4, seconds=TRACK_S)[2:]
        venue.know(later)
        venue.expect_silence_below(STEADY_S)
        with trouble(venue, "login page in the way", PORTAL_FOR_S):
            page = venue.network.captive_portal()
            publish(venue, "night", later)
        assert page.asked, "the box has asked nobody for anything"
        assert venue.sound.track_now({track.name: track.hz for track in tracks})
        has_all(venue, "night", LOADED_WITHIN_S)
        until_heard(venue, later)
        venue.listen(TRACK_S)


def test_program_comes_over_a_bad_line(box: Spec, open_venue: OpenVenue) -> None:
    """Slow, lossy, dead, led to a login page, unplugged: in the end all of it is there, and whole."""
    with open_venue(box, Fittings(hub=True)) as venue:
        have_evening(venue)
        later = make_tracks(venue.folder / "later", count=6, seconds=TRACK_S)[2:]
        venue.know(later)
        venue.expect_silence_below(STEADY_S)
        with trouble(venue, "slow and lossy line", BAD_FOR_S):
            venue.network.slow(LINE_KBIT_S, LINE_DELAY_S)
            venue.network.lossy(LINE_LOSES_PERCENT)
            publish(venue, "night", later)
        for begin, harm in (
            ("dead line", venue.network.lose_all),
            ("login page", venue.network.captive_portal),
            ("cable pulled", lambda: venue.network.cut(venue.machine)),
        ):
            with trouble(venue, begin, BAD_FOR_S):
                harm()
            venue.network.slow(LINE_KBIT_S, LINE_DELAY_S)
            venue.network.lossy(LINE_LOSES_PERCENT)
            venue.listen(BAD_FOR_S)
        has_all(venue, "night", LOADED_WITHIN_S)
        for track in later:
            venue.wait_for_track(track)
        venue.tell("Lost on the way", f"{venue.network.frames_lost} frames")
        assert venue.network.frames_lost


def test_fortnight_without_network(box: Spec, open_venue: OpenVenue) -> None:
    """For 14 days, by its clock, each day has its own music; then the hub gets the log of all of it.

    The days go by in minutes, as the clock is set on.  Once a time server keeps it right, the box knows that
    no fortnight has passed, and its log says so: what counts is that nothing of it is missing.
    """
    with open_venue(box, Fittings(hub=True)) as venue:
        factor = venue.machine.accelerator.factor
        venue.resume()
        venue.claim()
        tracks = make_tracks(venue.folder / "tracks", count=len(Weekday), seconds=SHORT_TRACK_S)
        by_day = dict(zip(Weekday, tracks, strict=True))
        venue.know(tracks)
        venue.hub.publish_program("week", weekly(tracks))
        venue.hub.until_program(tracks, LOADED_WITHIN_S * factor)
        until_heard(venue, tracks)
        venue.expect_silence_below(STEADY_S)

        pulled_utc = dt.datetime.now(dt.UTC).isoformat()
        venue.network.cut(venue.machine)
        venue.fault("cable pulled")
        noon = dt.datetime.combine(dt.datetime.now(dt.UTC), NOON, dt.UTC)
        days = [noon + dt.timedelta(days=day) for day in range(1, DAYS + 1)]
        for day in days:
            venue.clock.set(day.timestamp())
            venue.fault(f"{day:%a %d %b}")
            venue.wait_for_track(by_day[Weekday.of(day.date())])
            venue.listen(DAY_HEARD_S)

        ahead_s = venue.clock.now_s() - time.time()
        venue.hub.kill()
        venue.hub.start(ahead_s)
        venue.network.time_server(lambda: time.time() + ahead_s)
        venue.network.mend(venue.machine)
        venue.fault("cable is in")
        rows = until_delivered(venue, DAYS, pulled_utc)
        logged = iter([row["title"] for row in sorted(rows, key=lambda row: row["number"])])
        assert all(by_day[Weekday.of(day.date())].name in logged for day in days)
