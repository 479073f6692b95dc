"""Programs over HTTP: drafts, checks, versions, publishing."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from easyplayer.hub.db.schema import boxes, pulses, venue_groups
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.publishing import heads_for, moved, regrouped
from easyplayer.playout.program_file import decode
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signing import Purpose, verified
from tests.hub.boxes import paired, place
from tests.hub.conftest import HeldClock
from tests.hub.contents import (
    BAR,
    BOX,
    DRAFT,
    add_box,
    add_tracks,
    add_venue,
    entries,
    track_id,
)

pytestmark = pytest.mark.slow

AsUser = Callable[..., TestClient]
PROGRAMS = "/api/v1/programs"
PLAYLISTS = "/api/v1/playlists"


def make_list(client: TestClient, *names: str, playlist: str = "songs", **more: Any) -> None:
    """Make a playlist of tracks."""
    body = {"playlist": {"entries": entries(*names)}, **more}
    answer = client.put(f"{PLAYLISTS}/{playlist}", json=body)
    assert answer.status_code == 200, answer.text


def make_program(client: TestClient, program: str = BAR, **more: Any) -> None:
    """Make a program that plays a list at all times."""
    body = {"name": "Bar", "draft": DRAFT, **more}
    answer = client.put(f"{PROGRAMS}/{program}", json=body)
    assert answer.status_code == 200, answer.text


def publish(client: TestClient, target: str, target_id: str, program: str = BAR, **more: Any) -> Any:
    """Publish a program."""
    body = {"target": target, "target_id": target_id, **more}
    answer = client.post(f"{PROGRAMS}/{program}/publish", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ready(hub: Hub, client: TestClient) -> None:
    """Lay down a venue with a box, and a program that can be played."""
    add_venue(hub)
    add_box(hub)
    add_tracks(hub, ["dawn", "dusk"])
    make_list(client, "dawn", "dusk")
    make_program(client)


def head(hub: Hub, box: str = BOX) -> ProgramHead | None:
    """Give the head that a box is told."""
    with hub.database.read() as connection:
        return heads_for(connection, {box: 0}, hub.now()).get(box)


def revision(hub: Hub, box: str = BOX) -> int:
    """Give the revision that a box is to play."""
    found = head(hub, box)
    assert found is not None
    return found.revision


def attention(hub: Hub, box: str = BOX) -> int:
    """Tell whether a box is to hear of something."""
    with hub.database.read() as connection:
        found = connection.execute(pulses.select().where(pulses.c.box == box)).mappings().one()
        return int(found["attention"])


def test_a_draft_may_be_unfinished(admin: TestClient) -> None:
    """It names a playlist that is not there yet; a check tells that, and publishing would."""
    make_program(admin)

    checked = admin.post(f"{PROGRAMS}/{BAR}/check").json()

    assert any("songs" in fault for fault in checked["faults"])
    answer = admin.post(f"{PROGRAMS}/{BAR}/publish", json={"target": "group", "target_id": "x"})
    assert answer.status_code == 404


def test_what_is_wrong_by_itself_is_told_at_once(admin: TestClient) -> None:
    """All of it, each with its place."""
    slot = {"starts": "25:00"}
    draft = {
        "zone": "Europe/Pariss",
        "fallbak": "x",
        "dayparts": [{"id": "a", "slot": slot, "playlist": "x"}],
    }

    answer = admin.put(f"{PROGRAMS}/{BAR}", json={"name": "Bar", "draft": draft})

    assert answer.status_code == 400
    problems = "\n".join(answer.json()["problems"])
    assert all(word in problems for word in ("Europe/Paris", "fallback", "starts"))


def test_a_draft_has_no_items_of_its_own(admin: TestClient) -> None:
    """They would be lost without a word."""
    draft = {**DRAFT, "items": [{"id": "a", "location": "a.flac"}]}

    answer = admin.put(f"{PROGRAMS}/{BAR}", json={"name": "Bar", "draft": draft})

    assert answer.status_code == 400
    assert "items" in answer.json()["problems"][0]


def test_times_may_be_written_as_people_write_them(admin: TestClient) -> None:
    """As in a program's file."""
    slot = {"days": ["mon"], "starts": "18:00", "ends": "2:00"}
    draft = {**DRAFT, "dayparts": [{"id": "evening", "slot": slot, "playlist": "songs"}]}

    make_program(admin, draft=draft)

    kept = admin.get(f"{PROGRAMS}/{BAR}").json()["draft"]["dayparts"][0]["slot"]
    assert (kept["starts"], kept["ends"]) == ("18:00:00", "02:00:00")


def test_publishing_makes_a_version_that_a_box_can_read(hub: Hub, admin: TestClient) -> None:
    """Items come with digest and size, so that the box finds them whatever they are called."""
    ready(hub, admin)

    told = publish(admin, "venue", BAR)

    body = admin.get(f"{PROGRAMS}/{BAR}/versions/{told['version']}").content
    program = decode(body)
    assert (program.name, program.version, program.zone) == ("Bar", 1, "Europe/Paris")
    assert program.tzdata
    (dawn, _) = program.items
    assert dawn.media is not None
    assert (dawn.id, dawn.media.sha256[:20], dawn.duration_ms) == (track_id("dawn"), dawn.id, 180_000)
    found = head(hub)
    assert found is not None
    assert (found.version, found.size, found.name) == (1, len(body), "Bar")
    assert attention(hub) > 0


def test_publishing_again_does_nothing(hub: Hub, admin: TestClient) -> None:
    """It says that it is in force already, and no box is troubled."""
    ready(hub, admin)
    first = publish(admin, "venue", BAR)

    again = publish(admin, "venue", BAR)

    assert (again["already"], again["revision"]) == (True, first["revision"])
    assert len(admin.get("/api/v1/publications").json()["items"]) == 1


def test_only_a_change_makes_a_new_version(hub: Hub, admin: TestClient) -> None:
    """A draft that is saved anew is the same; a song more is not."""
    ready(hub, admin)
    publish(admin, "venue", BAR)
    make_program(admin)
    same = publish(admin, "venue", BAR)
    make_list(admin, "dusk", "dawn")

    other = publish(admin, "venue", BAR)

    assert (same["version"], other["version"]) == (1, 2)
    listed = admin.get(f"{PROGRAMS}/{BAR}/versions", params={"limit": 1}).json()
    assert (listed["items"][0]["version"], listed["next"]) == (2, "2")


def test_an_older_version_can_be_published_again(hub: Hub, admin: TestClient) -> None:
    """The way back has a higher revision, or no box would take it."""
    ready(hub, admin)
    first = publish(admin, "venue", BAR)
    make_list(admin, "dusk")
    publish(admin, "venue", BAR)

    back = publish(admin, "venue", BAR, version=1)

    found = head(hub)
    assert found is not None
    assert (found.version, found.revision) == (1, back["revision"])
    assert back["revision"] > first["revision"]


def test_every_fault_is_told_at_once(hub: Hub, admin: TestClient) -> None:
    """A list of another group, one that is missing, and a track that cannot be played."""
    add_venue(hub)
    add_tracks(hub, ["dawn"])
    broken = admin.post("/api/v1/tracks", content=b"no music at all" * 100).json()["id"]
    admin.get(f"/api/v1/tracks/{broken}", params={"wait_s": 20})
    body = {"playlist": {"entries": [{"item": broken}]}, "group": "bars"}
    assert admin.put(f"{PLAYLISTS}/songs", json=body).status_code == 200
    make_program(admin, lists=["nowhere"])

    answer = admin.post(f"{PROGRAMS}/{BAR}/publish", json={"target": "venue", "target_id": BAR})

    assert answer.status_code == 400
    problems = "\n".join(answer.json()["problems"])
    assert all(word in problems for word in ("nowhere", "bars", "cannot be played", "entries[0]"))


def test_the_newest_that_is_for_a_box_is_in_force(hub: Hub, admin: TestClient) -> None:
    """Whether it was published for its group, its venue, its zone or itself."""
    ready(hub, admin)
    revisions = []
    for number, (target, target_id) in enumerate(
        [("box", BOX), ("group", "bars"), ("zone", f"{BAR}/main"), ("venue", BAR)], start=1
    ):
        make_program(admin, name=f"Bar {number}")
        publish(admin, target, target_id)
        revisions.append(revision(hub))

    assert revisions == sorted(set(revisions))


def test_other_places_are_left_alone(hub: Hub, admin: TestClient) -> None:
    """Another venue, and another zone."""
    ready(hub, admin)
    add_venue(hub, "hotel", group="hotels")
    add_box(hub, "fedcba9876543210", "hotel")
    add_box(hub, "aaaaaaaaaaaaaaaa", BAR, "terrace")

    publish(admin, "zone", f"{BAR}/main")

    assert head(hub, "fedcba9876543210") is None
    assert head(hub, "aaaaaaaaaaaaaaaa") is None
    assert (attention(hub, "fedcba9876543210"), attention(hub, "aaaaaaaaaaaaaaaa")) == (0, 0)


def test_a_box_that_moves_plays_what_is_in_force_there(hub: Hub, admin: TestClient, clock: HeldClock) -> None:
    """With a higher revision than it had, although that was published before."""
    ready(hub, admin)
    add_venue(hub, "hotel", group="hotels")
    make_program(admin, "hotel", name="Hotel")
    publish(admin, "venue", "hotel", "hotel")
    publish(admin, "box", BOX)
    before = revision(hub)

    with hub.database.write() as connection:
        connection.execute(boxes.update().where(boxes.c.id == BOX).values(venue="hotel"))
        moved(connection, BOX, clock(), "anna")

    found = head(hub)
    assert found is not None
    assert found.name == "Hotel"
    assert found.revision > before


def test_a_box_that_is_unpaired_and_claimed_elsewhere_plays_what_is_in_force_there(
    hub: Hub, client: TestClient, admin: TestClient, clock: HeldClock
) -> None:
    """Although it has something newer, which was for it alone where it was before."""
    box = paired(client, admin)
    place(admin, "hotel", "hotels")
    add_tracks(hub, ["dawn"])
    make_list(admin, "dawn")
    make_program(admin)
    make_program(admin, "hotel", name="Hotel")
    publish(admin, "venue", "hotel", "hotel")
    box.revision = publish(admin, "box", box.id)["revision"]
    assert admin.delete(f"/api/v1/boxes/{box.id}").status_code == 204
    clock.pass_s(60)
    box.token = ""
    wanted = {"code": box.pairing().claim_code, "venue": "hotel"}
    assert admin.post("/api/v1/claims", json=wanted).status_code == 201
    box.log_in()

    told = box.reply().program

    assert told is not None
    found = verified(told, Purpose.PROGRAM, ProgramHead, hub.keys.public)
    assert (found.name, found.revision) == ("Hotel", box.revision + 1)


def test_a_venue_that_leaves_a_group_plays_what_is_in_force_then(
    hub: Hub, admin: TestClient, clock: HeldClock
) -> None:
    """Although that is older than what its boxes have."""
    ready(hub, admin)
    publish(admin, "venue", BAR)
    make_program(admin, "chain", name="Chain")
    has = publish(admin, "group", "bars", "chain")["revision"]

    with hub.database.write() as connection:
        connection.execute(pulses.update().values(revision=has))
        connection.execute(venue_groups.delete())
        regrouped(connection, BAR, clock(), "anna")
        regrouped(connection, BAR, clock(), "anna")

    found = head(hub)
    assert found is not None
    assert (found.name, found.revision) == ("Bar", has + 1)
    assert attention(hub) > 0


def test_programs_that_are_in_force_stay(hub: Hub, admin: TestClient) -> None:
    """And so do the lists that they use."""
    ready(hub, admin)
    publish(admin, "venue", BAR)

    used_list = admin.delete(f"{PLAYLISTS}/songs")
    used_program = admin.delete(f"{PROGRAMS}/{BAR}")
    used_track = admin.delete(f"/api/v1/tracks/{track_id('dawn')}")

    assert [one.status_code for one in (used_list, used_program, used_track)] == [409, 409, 409]
    assert used_list.json()["problems"] == ["program bar"]
    assert "venue bar" in used_program.json()["problems"][0]
    assert any("published" in one for one in used_track.json()["problems"])


def test_a_program_that_is_replaced_everywhere_can_go(hub: Hub, admin: TestClient) -> None:
    """With its versions; what was published stays in the history."""
    ready(hub, admin)
    publish(admin, "venue", BAR)
    make_program(admin, "other", name="Other")
    publish(admin, "venue", BAR, "other")

    assert admin.delete(f"{PROGRAMS}/{BAR}").status_code == 204
    assert admin.get(f"{PROGRAMS}/{BAR}").status_code == 404
    assert len(admin.get("/api/v1/publications").json()["items"]) == 2


def test_who_changed_it_meanwhile_is_not_overwritten(hub: Hub, admin: TestClient, clock: HeldClock) -> None:
    """Where the asker says from what the change was made."""
    ready(hub, admin)
    mine = admin.get(f"{PROGRAMS}/{BAR}").json()["revised"]
    clock.pass_s(10)
    make_program(admin, name="Theirs")

    answer = admin.put(f"{PROGRAMS}/{BAR}", json={"name": "Mine", "draft": DRAFT, "revised": mine})

    assert answer.status_code == 409
    assert admin.get(f"{PROGRAMS}/{BAR}").json()["name"] == "Theirs"


def test_programs_belong_to_groups(hub: Hub, admin: TestClient, as_user: AsUser) -> None:
    """Others do not even see them, nor may anybody publish where they have no role."""
    ready(hub, admin)
    add_venue(hub, "hotel", group="hotels")
    make_program(admin, "secret", group="hotels")
    paul, vera = as_user("paul", bars="programmer"), as_user("vera", bars="viewer")

    assert paul.get(f"{PROGRAMS}/secret").status_code == 404
    assert paul.get(PROGRAMS).json()["items"][0]["id"] == BAR
    assert len(paul.get(PROGRAMS).json()["items"]) == 1
    told = {target: _publishes(paul, target) for target in ("hotel", BAR)}
    assert told == {"hotel": 404, BAR: 200}
    assert _publishes(vera, BAR) == 403
    assert (
        vera.put(f"{PROGRAMS}/mine", json={"name": "x", "draft": DRAFT, "group": "bars"}).status_code == 403
    )
    assert (
        paul.put(f"{PROGRAMS}/mine", json={"name": "x", "draft": DRAFT, "group": "bars"}).status_code == 200
    )
    assert paul.put(f"{PROGRAMS}/all", json={"name": "x", "draft": DRAFT}).status_code == 403
    assert (
        paul.put(f"{PROGRAMS}/secret", json={"name": "x", "draft": DRAFT, "group": "bars"}).status_code == 409
    )


def _publishes(client: TestClient, venue: str) -> int:
    body = {"target": "venue", "target_id": venue}
    return client.post(f"{PROGRAMS}/{BAR}/publish", json=body).status_code


def test_publications_are_seen_by_those_who_see_the_place(
    hub: Hub, admin: TestClient, as_user: AsUser
) -> None:
    """Each of the four targets belongs to a venue's groups, or is one."""
    ready(hub, admin)
    add_venue(hub, "hotel", group="hotels")
    for number, (target, target_id) in enumerate(
        [("box", BOX), ("group", "bars"), ("zone", f"{BAR}/main"), ("venue", BAR), ("venue", "hotel")]
    ):
        make_program(admin, name=f"Bar {number}")
        publish(admin, target, target_id)

    seen = {
        name: len(as_user(name, **{group: "viewer"}).get("/api/v1/publications").json()["items"])
        for name, group in (("paul", "bars"), ("hanna", "hotels"))
    }

    assert seen == {"paul": 4, "hanna": 1}


def test_clocks_that_differ_are_told(hub: Hub, admin: TestClient) -> None:
    """A program for Paris plays by that clock in London, too."""
    ready(hub, admin)
    add_venue(hub, "pub", clock="Europe/London")

    told = publish(admin, "group", "bars")

    assert any("pub" in remark and "Europe/London" in remark for remark in told["remarks"])


def test_a_week_is_drawn(hub: Hub, admin: TestClient) -> None:
    """From the draft, before anything is published."""
    ready(hub, admin)

    answer = admin.get(f"{PROGRAMS}/{BAR}/week.svg", params={"date": "2026-12-24"})

    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "21" in answer.text


def test_the_week_of_the_screens_is_drawn(hub: Hub, admin: TestClient) -> None:
    """In place of the music's; where nothing is ever shown, nothing is planned."""
    ready(hub, admin)
    wanted = {"date": "2026-12-24", "screen": "true"}
    assert "Nothing planned" in admin.get(f"{PROGRAMS}/{BAR}/week.svg", params=wanted).text
    draft = {**DRAFT, "dayparts": [{"id": "day", "title": "Menu", "slot": {}, "screen": "songs"}]}
    kept = admin.get(f"{PROGRAMS}/{BAR}").json()
    given = {"name": "Bar", "draft": draft, "lists": [], "revised": kept["revised"]}
    assert admin.put(f"{PROGRAMS}/{BAR}", json=given).status_code == 200

    assert "Menu" in admin.get(f"{PROGRAMS}/{BAR}/week.svg", params=wanted).text


def test_a_date_that_is_none_is_told(hub: Hub, admin: TestClient) -> None:
    """With what to write in its place."""
    ready(hub, admin)

    answer = admin.get(f"{PROGRAMS}/{BAR}/week.svg", params={"date": "2026-13-24"})

    assert answer.status_code == 400
    assert "2026-12-24" in answer.json()["detail"]
