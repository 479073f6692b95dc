"""What will be heard in a venue: the hub's preview is the box's own decision."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs
from starlette.testclient import TestClient

from easyplayer.hub.hub import Hub
from easyplayer.hub.preview_views import Day, Moment
from easyplayer.hub.services.rehearsing import Piece, Rehearsals, virtual_venue
from easyplayer.playout.catalogue import Program
from easyplayer.playout.chronicle import Heard
from easyplayer.playout.items import Item, Layer
from easyplayer.playout.listing import listed
from easyplayer.playout.program_file import decode
from easyplayer.units import Decibels, Instant, Milliseconds
from tests.hub.contents import BAR, DRAFT, add_tracks, add_venue, facts, read, track_id
from tests.hub.web.test_program_endpoints import PROGRAMS, make_list, make_program, publish

pytestmark = pytest.mark.slow

AsUser = Callable[..., TestClient]
PREVIEW = f"/api/v1/venues/{BAR}/preview"
PARIS = ZoneInfo("Europe/Paris")
SLOT = {"starts": "18:00", "ends": "23:00"}
EVENING = {"id": "evening", "title": "Evening", "slot": SLOT, "playlist": "late"}
GONG = {"id": "gong", "items": [track_id("gong")], "when": {"type": "sharp", "at": ["12:00"]}}
HOURS = {"slot": {"starts": "08:00", "ends": "23:30"}}
PLANNED = {**DRAFT, "dayparts": [EVENING], "spots": [GONG], "hours": [HOURS]}


@pytest.fixture(name="_planned")
def _planned(hub: Hub, admin: TestClient) -> None:
    """Publish a program with a daypart, a spot and hours."""
    add_venue(hub)
    add_tracks(hub, ["dawn", "dusk", "night"])
    add_tracks(hub, ["gong"], length_s=10.0)
    make_list(admin, "dawn", "dusk")
    make_list(admin, "night", playlist="late")
    make_program(admin, draft=PLANNED)
    publish(admin, "venue", BAR)


def moment(client: TestClient, at: str) -> Moment:
    """Ask about an instant."""
    answer = client.get(PREVIEW, params={"at": at})
    assert answer.status_code == 200, answer.text
    found: Moment = read(answer.content, Moment)
    return found


def day(client: TestClient, wanted: str) -> Day:
    """Ask about a day."""
    answer = client.get(f"{PREVIEW}/day", params={"date": wanted})
    assert answer.status_code == 200, answer.text
    found: Day = read(answer.content, Day)
    return found


@pytest.mark.usefixtures("_planned")
def test_who_has_the_word_and_why(admin: TestClient) -> None:
    """The winner, what would play in its place, and all of it in words."""
    told = moment(admin, "2027-03-01T20:00")

    (sound,) = told.plays
    assert (sound.id, sound.layer, sound.source) == (track_id("night"), Layer.DAYPART, "evening")
    assert [rival.layer for rival in sound.otherwise] == [Layer.FALLBACK]
    assert ("because", "the daypart 'Evening'") in sound.words
    assert told.local == "2027-03-01T20:00:00+01:00"
    assert told.program is not None
    assert (told.program.id, told.program.version) == (BAR, 1)


@pytest.mark.usefixtures("_planned")
def test_a_spot_is_heard_over_the_music(admin: TestClient) -> None:
    """Both are told."""
    told = moment(admin, "2027-03-01T12:00:05")

    assert [sound.layer for sound in told.plays] == [Layer.FALLBACK, Layer.SHARP_SPOT]


@pytest.mark.usefixtures("_planned")
def test_silence_is_explained(admin: TestClient) -> None:
    """The venue is closed."""
    told = moment(admin, "2027-03-01T03:00")

    assert told.plays == ()
    assert told.silence == "closed until Monday 08:00"


@pytest.mark.usefixtures("_planned")
def test_an_instant_may_be_written_in_many_ways(admin: TestClient) -> None:
    """As seconds, by the venue's clock, or with an offset; and now is what is meant by nothing."""
    seconds = datetime(2027, 3, 1, 20, tzinfo=PARIS).timestamp()

    told = [moment(admin, at).at for at in (str(seconds), "2027-03-01T20:00", "2027-03-01T19:00:00Z")]

    assert told == [seconds] * 3
    assert moment(admin, "").at == 1_800_000_000.0


@pytest.mark.usefixtures("_planned")
@pytest.mark.parametrize("at", ["noon", "nan", "1e99", "2027-13-01T00:00", "0001-01-01", "9999-12-31T23:59"])
def test_a_time_that_is_none_is_told(admin: TestClient, at: str) -> None:
    """With what to write in its place."""
    answer = admin.get(PREVIEW, params={"at": at})

    assert answer.status_code == 400
    assert "2026-12-24T18:07" in answer.json()["detail"]


@pytest.mark.usefixtures("_planned")
def test_a_day_is_what_a_box_would_play(hub: Hub, admin: TestClient) -> None:
    """Item by item: a box that begins at midnight, with the lengths that were measured."""
    told = day(admin, "2027-03-01")

    program = decode(admin.get(f"{PROGRAMS}/{BAR}/versions/1").content)
    lengths = {item.id: (item.duration_ms or 0) / 1000 for item in program.items}
    piece = Piece(program, {name: facts("0" * 64, length) for name, length in lengths.items()})
    venue = virtual_venue(piece, Instant(datetime(2027, 3, 1, tzinfo=PARIS).timestamp()))
    run = venue.run(Instant(datetime(2027, 3, 2, tzinfo=PARIS).timestamp()))
    assert [(one.id, one.began) for one in told.items] == [
        (one.item.id, one.started) for one in run if isinstance(one, Heard)
    ]
    assert told.items[0].local == "2027-03-01T08:00:00+01:00"
    assert {one.layer for one in told.items} == {Layer.FALLBACK, Layer.DAYPART, Layer.SHARP_SPOT}
    assert told.until == datetime(2027, 3, 2, tzinfo=PARIS).timestamp()


@pytest.mark.usefixtures("_planned")
def test_a_night_that_is_an_hour_short_is_one(admin: TestClient) -> None:
    """A day is what the clock on the wall makes of it."""
    told = day(admin, "2027-03-28")

    assert told.until - datetime(2027, 3, 28, tzinfo=PARIS).timestamp() == 23 * 3600


def test_a_venue_for_which_nothing_is_published(hub: Hub, admin: TestClient) -> None:
    """Says so."""
    add_venue(hub)

    assert "no program" in moment(admin, "").silence
    assert "no program" in day(admin, "2027-03-01").gaps[0].reason


def test_who_may_look(hub: Hub, admin: TestClient, as_user: AsUser) -> None:
    """Who has a role in one of the venue's groups; for others there is no such venue."""
    add_venue(hub)
    add_venue(hub, "hotel", group="hotels")

    assert as_user("vera", bars="viewer").get(PREVIEW).status_code == 200
    assert as_user("hanna", hotels="viewer").get(PREVIEW).status_code == 404
    assert admin.get(PREVIEW, params={"zone": "cellar"}).status_code == 404


def endless(count: int) -> Program:
    """Make a program of very short items."""
    items = [
        Item(id=str(number), location=f"{number}.flac", duration_ms=Milliseconds(600))
        for number in range(count)
    ]
    return listed(items)


def test_a_day_of_too_much_ends_early() -> None:
    """A rehearsal takes no longer than a person waits; up to when it came is told."""
    seconds = iter(range(1_000_000))
    rehearsals = Rehearsals(clock=lambda: next(seconds))

    told = rehearsals.day("0" * 64, Piece(endless(5), {}), date(2027, 3, 1), PARIS)

    assert 0 < len(told.happenings) < 10
    assert told.until < datetime(2027, 3, 2, tzinfo=PARIS).timestamp()


def test_an_instant_late_on_a_day_of_too_much_is_told_nevertheless() -> None:
    """Without what came before."""
    seconds = iter(range(1_000_000))
    rehearsals = Rehearsals(clock=lambda: next(seconds))
    at = Instant(datetime(2027, 3, 1, 23, 59, tzinfo=PARIS).timestamp())

    told = rehearsals.at(Piece(endless(5), {}), at, PARIS)

    assert len(told.sounding) == 1


def test_a_track_that_no_box_would_play_takes_the_preview_of_no_other() -> None:
    """One that is silent, or over before its cue in; the others are heard."""
    good, late = Item(id="good", location="good.flac"), Item(id="late", location="late.flac")
    late = structs.replace(late, cue_in_ms=Milliseconds(200_000), cue_out_ms=Milliseconds(300_000))
    silent = Item(id="silent", location="silent.flac")
    found = {name: facts("0" * 64) for name in ("good", "late", "silent")}
    found["silent"] = structs.replace(found["silent"], true_peak_dbtp=Decibels(-100.0))
    piece = Piece(listed([good, late, silent]), found)

    told = Rehearsals(lambda: 0.0).day("0" * 64, piece, date(2027, 3, 1), PARIS)

    assert {one.item.id for one in told.happenings if isinstance(one, Heard)} == {"good"}
    assert told.until == datetime(2027, 3, 2, tzinfo=PARIS).timestamp()


def test_what_was_rehearsed_is_kept() -> None:
    """The same question costs nothing the second time."""
    asked: list[int] = []

    def clock() -> float:
        asked.append(1)
        return 0.0

    song = Item(id="song", location="song.flac", duration_ms=Milliseconds(3_600_000))
    rehearsals, piece = Rehearsals(clock=clock), Piece(listed([song]), {})
    first = rehearsals.day("0" * 64, piece, date(2027, 3, 1), PARIS)
    count = len(asked)

    assert rehearsals.day("0" * 64, piece, date(2027, 3, 1), PARIS) is first
    assert len(asked) == count
