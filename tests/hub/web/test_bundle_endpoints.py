"""Bundles for sticks: for whom they are, what is in them, and who may make them."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from easyplayer.hub.db.schema import boxes, tracks
from easyplayer.hub.hub import Hub
from easyplayer.hub.stick_views import BundleMade
from easyplayer.protocol import bundle as bundle_module
from easyplayer.protocol.bundle import Bundle, BundleReceipt
from easyplayer.protocol.codec import MOST_BYTES
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signing import Purpose, verified
from tests.hub.boxes import API, ABox, chain, paired, song
from tests.hub.contents import BOX, add_box, add_tracks, add_venue, digest_of, read
from tests.hub.web.test_program_endpoints import head, make_list, make_program, publish, ready

AsUser = Callable[..., TestClient]
OTHER = "fedcba9876543210"


def ask(client: TestClient, *targets: tuple[str, str], **more: Any) -> Any:
    """Ask for a bundle."""
    body = {"targets": [{"target": kind, "target_id": name} for kind, name in targets], **more}
    return client.post(f"{API}/bundles", json=body)


def make(client: TestClient, *targets: tuple[str, str], **more: Any) -> BundleMade:
    """Have a bundle made."""
    answer = ask(client, *targets, **more)
    assert answer.status_code == 201, answer.text
    made: BundleMade = read(answer.content, BundleMade)
    return made


def unpacked(hub: Hub, made: BundleMade) -> Bundle:
    """Read a bundle as a box does."""
    return verified(made.bundle, Purpose.BUNDLE, Bundle, hub.keys.public)


def heads(hub: Hub, made: BundleMade) -> dict[str, ProgramHead]:
    """Read the heads in it as boxes do, by box."""
    found = (
        verified(one, Purpose.PROGRAM, ProgramHead, hub.keys.public) for one in unpacked(hub, made).heads
    )
    return {one.box: one for one in found}


def test_it_brings_what_a_box_is_to_play(hub: Hub, admin: TestClient) -> None:
    """The very head that it would be told over the network, and the files that this takes."""
    ready(hub, admin)
    publish(admin, "venue", "bar")

    made = make(admin, ("box", BOX), collects=True)

    assert heads(hub, made) == {BOX: head(hub)}
    assert unpacked(hub, made).collects
    assert unpacked(hub, made).made == hub.now()
    assert {(one.sha256, one.size) for one in made.media} == {
        (digest_of(name), 1000) for name in ("dawn", "dusk")
    }
    (told,) = made.boxes
    assert (told.id, told.venue, told.zone, told.program) == (BOX, "bar", "main", "Bar, version 1")


@pytest.mark.slow
def test_a_program_of_several_boxes_is_there_once(hub: Hub, admin: TestClient) -> None:
    """Each box has a head of its own, also where a group, a venue and a box name it three times."""
    ready(hub, admin)
    add_box(hub, OTHER)
    publish(admin, "group", "bars")

    made = make(admin, ("group", "bars"), ("venue", "bar"), ("zone", "bar/main"), ("box", OTHER))

    assert sorted(heads(hub, made)) == [BOX, OTHER]
    assert len(made.programs) == 1
    assert len(made.media) == 2


def test_boxes_with_nothing_to_play_are_left_out(hub: Hub, admin: TestClient) -> None:
    """And so are those that are paired no more; each with the reason."""
    ready(hub, admin)
    add_venue(hub, "hotel", group="hotels")
    add_box(hub, OTHER, "hotel")
    publish(admin, "venue", "bar")

    made = make(admin, ("box", BOX), ("venue", "hotel"), ("box", "0" * 16))

    assert [*heads(hub, made)] == [BOX]
    assert {one.box: one.reason for one in made.left_out} == {
        OTHER: "nothing is published for it",
        "0" * 16: "is not paired with this hub",
    }


@pytest.mark.slow
def test_a_stick_with_nothing_on_it_is_not_made(hub: Hub, admin: TestClient) -> None:
    """It is told of each box why."""
    ready(hub, admin)

    answer = ask(admin, ("venue", "bar"))

    assert (answer.status_code, answer.json()["code"]) == (400, "hub.bad-request")
    assert answer.json()["problems"] == [f"{BOX}: nothing is published for it"]
    assert ask(admin, ("venue", "nowhere")).status_code == 404
    assert ask(admin).status_code == 400


def test_who_may_publish_for_a_box_may_bundle_for_it(hub: Hub, admin: TestClient, as_user: AsUser) -> None:
    """Also a program that somebody else has published; nobody else may."""
    ready(hub, admin)
    make_list(admin, "dawn", playlist="hits")
    make_program(admin, "hits", name="Hits", draft={"zone": "Europe/Paris", "fallback": "hits"})
    publish(admin, "venue", "bar", program="hits")
    target = ("venue", "bar")

    add_venue(hub, "hotel", group="hotels")
    anna, vera = as_user("anna", bars="programmer"), as_user("vera", bars="viewer")
    otto = as_user("otto", hotels="admin")

    (program,) = make(anna, target).programs
    url = f"{API}/boxes/{program.box}/programs/{program.digest}"

    assert [ask(one, target).status_code for one in (vera, otto)] == [403, 404]
    assert [one.get(url).status_code for one in (anna, vera, otto)] == [200, 403, 404]
    assert len(anna.get(url).content) == program.size
    assert anna.get(f"{API}/boxes/{BOX}/programs/{'0' * 64}").status_code == 404


@pytest.mark.slow
def test_the_receipt_is_of_the_log_that_was_begun_last(
    hub: Hub, client: TestClient, admin: TestClient, clock: Any
) -> None:
    """So that it can let go of what it keeps, though it never meets the network."""
    box = paired(client, admin)
    box.receipt(chain(song(1), song(2)))
    clock.pass_s(60)
    box.receipt(chain(song(3), log="01" * 16))
    add_tracks(hub, ["dawn"])
    make_list(admin, "dawn")
    make_program(admin)
    publish(admin, "venue", "bar")

    assert unpacked(hub, make(admin, ("box", box.id))).receipts == (
        BundleReceipt(box=box.id, log="01" * 16, upto=1),
    )


@pytest.mark.slow
def test_a_medium_that_the_hub_has_no_more_is_told(hub: Hub, admin: TestClient) -> None:
    """A stick that can never be whole is not begun."""
    ready(hub, admin)
    publish(admin, "venue", "bar")
    with hub.database.write() as connection:
        connection.execute(tracks.delete().where(tracks.c.sha256 == digest_of("dusk")))

    answer = ask(admin, ("box", BOX))

    assert answer.status_code == 409
    assert answer.json()["problems"] == [digest_of("dusk")]


@pytest.mark.slow
def test_more_boxes_than_a_bundle_can_serve_are_told(
    hub: Hub, admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their number, or by the length of what is signed for them."""
    ready(hub, admin)
    publish(admin, "venue", "bar")
    monkeypatch.setattr("easyplayer.hub.services.bundling.MOST_HEADS", 0)
    assert ask(admin, ("box", BOX)).status_code == 413
    monkeypatch.undo()
    monkeypatch.setattr("easyplayer.hub.services.bundling.MOST_BYTES", 300)
    assert ask(admin, ("box", BOX)).json()["detail"].endswith("make several sticks")


@pytest.mark.slow
def test_hundreds_of_boxes_fit_on_a_stick(hub: Hub, admin: TestClient) -> None:
    """What is signed can still be read."""
    ready(hub, admin)
    for number in range(300):
        add_box(hub, f"{number:016}")
    publish(admin, "venue", "bar")

    made = make(admin, ("venue", "bar"))

    assert len(heads(hub, made)) == 301 <= bundle_module.MOST_HEADS
    assert len(made.bundle.payload) <= MOST_BYTES
    assert len(msgspec.json.encode(made.bundle)) <= bundle_module.MOST_BUNDLE_BYTES


@pytest.mark.slow
def test_who_has_made_one_is_written_down(hub: Hub, admin: TestClient) -> None:
    """At each target, and for whom it had nothing at none."""
    ready(hub, admin)
    publish(admin, "venue", "bar")
    made = make(admin, ("venue", "bar"), ("group", "bars"), ("box", "0" * 16))

    rows = [one for one in admin.get(f"{API}/audit").json()["items"] if one["action"] == "bundle.make"]

    assert {(one["subject"], one["group"]) for one in rows} == {("venue/bar", ""), ("group/bars", "bars")}
    assert rows[0]["detail"]["bundle"] == made.id
    assert rows[0]["detail"]["media"] == 2


@pytest.mark.slow
def test_a_box_that_was_moved_gets_what_is_in_force_there(hub: Hub, admin: TestClient) -> None:
    """As over the network: nothing of where it was."""
    ready(hub, admin)
    publish(admin, "venue", "bar")
    add_venue(hub, "hotel", group="hotels")
    with hub.database.write() as connection:
        connection.execute(update(boxes).where(boxes.c.id == BOX).values(venue="hotel"))

    assert ask(admin, ("box", BOX)).status_code == 400


class TestWithBoxes:
    """What a real box of the tests is told both ways."""

    def test_the_stick_and_the_network_say_the_same(
        self, hub: Hub, client: TestClient, admin: TestClient
    ) -> None:
        """To the letter of the signature."""
        box: ABox = paired(client, admin)
        add_tracks(hub, ["dawn"])
        make_list(admin, "dawn")
        make_program(admin)
        publish(admin, "venue", "bar")

        told = box.reply().program

        assert unpacked(hub, make(admin, ("box", box.id))).heads == (told,)
