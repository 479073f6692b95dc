"""A program's file, as a box has it, becomes the hub's own."""

from typing import Any

from msgspec import structs
from starlette.testclient import TestClient

from easyplayer.analysis.pictures import PictureFacts
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import tracks
from easyplayer.hub.services.access import Caller, Role
from easyplayer.playout.catalogue import (
    Daypart,
    Entry,
    Order,
    Overlay,
    Pictures,
    Playlist,
    Program,
    Sharp,
    Slot,
    Spot,
)
from easyplayer.playout.items import ClipSound, Item, ItemKind, Media
from easyplayer.playout.program_file import decode, encode
from easyplayer.units import Milliseconds, Seconds
from tests.hub.contents import ANNA, BAR, NOW, add_tracks, add_venue, digest_of, facts, track_id
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


def test_what_the_screens_show_comes_along(hub: Hub, admin: TestClient) -> None:
    """With every name that the hub gives it, and all else as it was written."""
    add_venue(hub)
    add_tracks(hub, ["dawn", "gong"])
    screen = Pictures(
        fallback="wall", still_s=7, overlay=Overlay(clock=True, message="Hello", qr="https://bar")
    )
    camera = Item(id="cam", location="rtsp://cam/1", kind=ItemKind.STREAM, clip_sound=ClipSound.MIX)
    made = bar(
        items=(*bar().items, camera),
        playlists=(*bar().playlists, Playlist(id="wall", entries=(Entry(item="cam"),))),
        dayparts=(*bar().dayparts, Daypart(id="door", slot=Slot(), screen="wall")),
        screen=screen,
    )

    assert take(admin, made).status_code == 200
    publish(admin, "venue", BAR)

    program = decode(admin.get(f"{PROGRAMS}/{BAR}/versions/1").content)
    assert [(one.playlist, one.screen) for one in program.dayparts] == [("bar-radio", ""), ("", "bar-wall")]
    assert program.screen == structs.replace(screen, fallback="bar-wall")
    found = next(item for item in program.items if item.id == "bar-cam")
    assert (found.kind, found.clip_sound) == (ItemKind.STREAM, ClipSound.MIX)


def test_playlist_that_only_a_screen_shows_is_used(hub: Hub, admin: TestClient) -> None:
    """Nobody takes it away by mistake."""
    add_tracks(hub, ["dawn", "gong"])
    wall = Playlist(id="wall", entries=(Entry(item="fm"),))
    door = Daypart(id="door", slot=Slot(), screen="wall")
    take(admin, bar(playlists=(*bar().playlists, wall), dayparts=(door,)))
    draft = admin.get(f"{PROGRAMS}/{BAR}").json()
    given = {"name": "Bar", "draft": draft["draft"], "lists": [], "revised": draft["revised"]}
    for name in ("items", "playlists", "name"):
        given["draft"].pop(name, None)
    assert admin.put(f"{PROGRAMS}/{BAR}", json=given).status_code == 200

    answer = admin.delete("/api/v1/playlists/bar-wall")

    assert (answer.status_code, answer.json()["problems"]) == (409, ["program bar"])


def test_pictures_are_kept_with_what_was_said_of_them(hub: Hub, admin: TestClient) -> None:
    """How long a still is shown, what becomes of a clip's sound, and that a spot shows them."""
    add_venue(hub)
    add_tracks(hub, ["dawn", "gong"])
    add_picture(hub, seen("poster", still=True))
    add_picture(hub, seen("film", still=False))
    poster = file_item("poster", kind=ItemKind.STILL, duration_ms=Milliseconds(7000))
    film = file_item("film", kind=ItemKind.CLIP, clip_sound=ClipSound.REPLACE)
    made = bar(
        items=(*bar().items, poster, film),
        spots=(structs.replace(bar().spots[0], pictures=("my-poster", "my-film")),),
    )

    assert take(admin, made).status_code == 200
    publish(admin, "venue", BAR)

    program = decode(admin.get(f"{PROGRAMS}/{BAR}/versions/1").content)
    assert program.spots[0].pictures == (track_id("poster"), track_id("film"))
    kept = {item.id: item for item in program.items}
    assert kept[track_id("poster")].duration_ms == 7000
    assert kept[track_id("film")].clip_sound is ClipSound.REPLACE


def test_what_others_have_brought_stays_as_it_is(hub: Hub, admin: TestClient, as_user: Any) -> None:
    """A file changes no track that its importer may not change; that is told, and all else is taken."""
    add_venue(hub)
    add_tracks(hub, ["dawn", "gong"])
    (own,) = add_tracks(hub, ["own"], by=Caller(user="paul", grants={"bars": Role.PROGRAMMER}))
    paul = as_user("paul", bars="programmer")
    made = bar(items=(*bar().items, file_item("own", title="Paul's")))

    answer = take(paul, made, group="bars")

    assert answer.status_code == 200
    (remark,) = [one for one in answer.json()["remarks"] if "not taken over" in one]
    assert remark.startswith(f'items[0] "my-dawn": what it says of track {track_id("dawn")}')
    assert "was brought by anna; ask them" in remark
    told = admin.get(f"/api/v1/tracks/{track_id('dawn')}").json()
    assert (told["title"], told["cue_in_ms"], told["changed"]) == ("Dawn", None, [])
    assert admin.get(f"/api/v1/tracks/{own}").json()["title"] == "Paul's"


def test_what_cannot_be_together_with_what_is_set_here_is_not_taken(hub: Hub, admin: TestClient) -> None:
    """A track whose cue out is before its cue in could neither be published, nor changed any more."""
    add_tracks(hub, ["dawn", "gong"])
    path = f"/api/v1/tracks/{track_id('dawn')}"
    admin.patch(path, json={"cue_in_ms": 15_000})
    made = bar(items=(file_item("dawn", cue_out_ms=Milliseconds(5000)), *bar().items[1:]))

    answer = take(admin, made)

    assert any("together with what is set here that cannot be" in one for one in answer.json()["remarks"])
    assert admin.get(path).json()["changed"] == ["cue_in_ms"]
    assert admin.patch(path, json={"title": "Still mine"}).status_code == 200


def test_two_items_of_one_track_are_both_kept(hub: Hub, admin: TestClient) -> None:
    """What the second says goes beside what the first has said."""
    add_tracks(hub, ["dawn", "gong"])
    again = structs.replace(file_item("dawn", cue_out_ms=Milliseconds(9000)), id="again")

    assert take(admin, bar(items=(*bar().items, again))).status_code == 200

    told = admin.get(f"/api/v1/tracks/{track_id('dawn')}").json()
    assert (told["cue_in_ms"], told["cue_out_ms"], told["title"]) == (500, 9000, "My dawn")


def test_a_track_of_another_kind_is_told_with_the_way_out(hub: Hub, admin: TestClient) -> None:
    """Music in an MP4 that has a picture is a clip at the hub, and none of it would be heard."""
    add_tracks(hub, ["dawn", "gong", "song"])
    sounding = structs.replace(seen("film", still=False), sound=facts(digest_of("film")))
    film = add_picture(hub, sounding)
    mute = add_picture(hub, seen("mute", still=False))
    music = (file_item("film"), file_item("mute", duration_ms=Milliseconds(7000)))
    shown = file_item("song", kind=ItemKind.STILL, duration_ms=Milliseconds(7000))

    remarks = take(admin, bar(items=(*bar().items, *music, shown))).json()["remarks"]

    of = {name: [one for one in remarks if f'"my-{name}": ' in one] for name in ("film", "mute", "song")}
    assert of["film"] == [
        f'items[3] "my-film": at the hub it is a clip, and not music: to have its sound alone, '
        f'PATCH /api/v1/tracks/{film} with {{"kind": "file"}}'
    ]
    assert of["mute"][0].endswith("not music: take it out, or bring the file that is meant")
    assert of["song"][0].endswith(
        "it is music, and not an image: take it out, or bring the file that is meant"
    )
    assert admin.get(f"/api/v1/tracks/{track_id('song')}").json()["changed"] == []

    admin.patch(f"/api/v1/tracks/{film}", json={"kind": "file"})
    music_again = take(admin, bar(items=(*bar().items, *music))).json()["remarks"]
    assert not any('"my-film": ' in one for one in music_again)
    back = bar(items=(*bar().items, file_item("film", kind=ItemKind.CLIP)))
    (remark,) = [one for one in take(admin, back).json()["remarks"] if '"my-film": ' in one]
    assert remark.endswith(f'to have it shown, PATCH /api/v1/tracks/{film} with {{"kind": null}}')
    assert mute == track_id("mute")


def add_picture(hub: Hub, found: PictureFacts) -> str:
    """Lay down a still or a clip that is analysed."""
    with hub.database.write() as connection:
        added, _ = tracks.add(
            connection, ANNA, NOW, sha256=found.sha256, size=found.size_bytes, file_name="picture"
        )
        assert tracks.judged(connection, added.id, found)
    return added.id


def seen(name: str, *, still: bool) -> PictureFacts:
    """Make what is found of a picture that every box shows."""
    form = {"container": "png_pipe", "codec": "png", "pixel_format": "rgb24"}
    moves = {"container": "mov,mp4", "codec": "h264", "pixel_format": "yuv420p", "frames": 250}
    given: dict[str, Any] = form if still else {**moves, "frame_rate": 25.0, "duration_s": Seconds(10.0)}
    return PictureFacts(sha256=digest_of(name), size_bytes=1000, still=still, width=640, height=360, **given)
