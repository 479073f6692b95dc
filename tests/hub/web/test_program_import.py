"""A program's file, as a box has it, becomes the hub's own."""

from typing import Any

from msgspec import structs
from starlette.testclient import TestClient

from easyplayer.hub.hub import Hub
from easyplayer.playout.catalogue import Daypart, Entry, Order, Playlist, Program, Sharp, Slot, Spot
from easyplayer.playout.items import Item, ItemKind, Media
from easyplayer.playout.program_file import decode, encode
from easyplayer.units import Milliseconds
from tests.hub.contents import BAR, add_tracks, add_venue, digest_of, track_id
from tests.hub.web.test_program_endpoints import PROGRAMS, publish

IMPORT = "/api/v1/programs/import"


def file_item(name: str, **more: Any) -> Item:
    """Make an item of a file that the hub may have."""
    media = Media(sha256=digest_of(name), size=1000)
    return Item(id=f"my-{name}", location=f"/box/{name}.flac", media=media, **more)


def bar(**more: Any) -> Program:
    """Make a program as a person writes one."""
    given: dict[str, Any] = {
        "name": "Bar",
        "zone": "Europe/Paris",
        "items": (
            file_item("dawn", title="My dawn", cue_in_ms=Milliseconds(500)),
            Item(id=track_id("gong"), location="gong.flac"),
            Item(id="fm", location="https://radio.example/live", kind=ItemKind.STREAM),
        ),
        "playlists": (
            Playlist(id="Café", entries=(Entry(item="my-dawn"),), order=Order.SEQUENTIAL),
            Playlist(id="radio", entries=(Entry(item="fm"),)),
        ),
        "dayparts": (Daypart(id="day", slot=Slot(), playlist="radio"),),
        "spots": (Spot(id="gong", items=(track_id("gong"),), when=Sharp(at=(Slot().starts,))),),
        "fallback": "Café",
    }
    return Program(**{**given, **more})


def take(client: TestClient, program: Program, name: str = BAR, **query: str) -> Any:
    """Import a program."""
    return client.post(IMPORT, params={"program": name, **query}, content=encode(program))


def test_it_can_be_published_as_it_is(hub: Hub, admin: TestClient) -> None:
    """What a box gets is the same program, its items by the hub's names."""
    add_venue(hub)
    add_tracks(hub, ["dawn", "gong"])

    told = take(admin, bar()).json()

    assert (told["lists"], told["streams"]) == (["bar-cafe", "bar-radio"], ["bar-fm"])
    publish(admin, "venue", BAR)
    program = decode(admin.get(f"{PROGRAMS}/{BAR}/versions/1").content)
    assert (program.fallback, program.dayparts[0].playlist) == ("bar-cafe", "bar-radio")
    assert program.spots[0].items == (track_id("gong"),)
    dawn = next(item for item in program.items if item.id == track_id("dawn"))
    assert (dawn.title, dawn.cue_in_ms, dawn.artist) == ("My dawn", 500, "Harbour")
    assert [one.title for one in program.playlists if one.id == "bar-cafe"] == ["Café"]


def test_importing_again_changes_nothing(hub: Hub, admin: TestClient) -> None:
    """The same file gives the same version."""
    add_venue(hub)
    add_tracks(hub, ["dawn", "gong"])
    take(admin, bar())
    publish(admin, "venue", BAR)

    assert take(admin, bar()).status_code == 200
    assert publish(admin, "venue", BAR)["already"] is True


def test_two_programs_do_not_get_in_each_others_way(hub: Hub, admin: TestClient) -> None:
    """Though their playlists have the same names."""
    add_tracks(hub, ["dawn", "gong"])
    take(admin, bar())

    told = take(admin, bar(name="Hotel"), "hotel").json()

    assert told["lists"] == ["hotel-cafe", "hotel-radio"]


def test_what_has_not_been_uploaded_is_told_at_once(hub: Hub, admin: TestClient) -> None:
    """All of it; and nothing is kept."""
    add_tracks(hub, ["gong"])
    still = Item(id="poster", location="poster.png", kind=ItemKind.STILL)

    answer = take(admin, bar(items=(*bar().items, file_item("noon"), Item(id="x", location="x.flac"), still)))

    assert answer.status_code == 400
    problems = answer.json()["problems"]
    assert [problem.partition(" ")[0] for problem in problems] == [
        "items[0]",
        "items[3]",
        "items[4]",
        "items[5]",
    ]
    assert "uploaded" in problems[0]
    assert admin.get(f"{PROGRAMS}/{BAR}").status_code == 404


def test_a_file_that_a_box_would_refuse_is_refused(admin: TestClient) -> None:
    """With the same words."""
    answer = take(admin, structs.replace(bar(), zone="Nowhere"))
    letter = admin.post(IMPORT, params={"program": BAR}, content=b"a letter")

    assert (answer.status_code, letter.status_code) == (400, 400)
    assert any("Nowhere" in problem for problem in answer.json()["problems"])


def test_it_takes_no_name_from_another_group(hub: Hub, admin: TestClient, as_user: Any) -> None:
    """Neither a program's nor a playlist's."""
    add_venue(hub)
    add_venue(hub, "hotel", group="hotels")
    add_tracks(hub, ["dawn", "gong"])
    take(admin, bar(), group="hotels")
    paul = as_user("paul", bars="programmer")

    assert take(paul, bar(), group="bars").status_code == 409
    assert take(paul, bar(), "other", group="bars").status_code == 200
    assert take(paul, bar(), "third").status_code == 403


def test_names_that_would_be_the_same_are_told(hub: Hub, admin: TestClient) -> None:
    """Nothing is merged without a word."""
    add_tracks(hub, ["dawn", "gong"])
    twin = Playlist(id="cafe", entries=(Entry(item="my-dawn"),))

    answer = take(admin, bar(playlists=(*bar().playlists, twin)))

    assert answer.status_code == 409
    assert "bar-cafe" in answer.json()["detail"]


def test_what_somebody_has_said_here_stays(hub: Hub, admin: TestClient) -> None:
    """A file says only what nobody has."""
    add_tracks(hub, ["dawn", "gong"])
    admin.patch(f"/api/v1/tracks/{track_id('dawn')}", json={"title": "Ours"})

    take(admin, bar())

    told = admin.get(f"/api/v1/tracks/{track_id('dawn')}").json()
    assert (told["title"], told["cue_in_ms"]) == ("Ours", 500)
