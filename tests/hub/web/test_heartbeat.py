"""Heartbeats: most are told that all is well, and the others all that there is to say."""

from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from easyplayer.hub.db.schema import audit, boxes, commands, pulses
from easyplayer.hub.hub import Hub
from easyplayer.protocol.commands import Outcome
from easyplayer.protocol.heartbeat import MOST_HEARTBEAT_BYTES, Identity, Place, Status
from tests.hub.boxes import API, ABox, done, log_head, paired, place
from tests.hub.conftest import HeldClock

pytestmark = pytest.mark.slow


@pytest.fixture(name="box")
def _box(client: TestClient, admin: TestClient) -> ABox:
    """Give a box to which nothing more is to be said."""
    return paired(client, admin).settled()


def give(admin: TestClient, box: ABox, name: str = "skip", **more: Any) -> dict[str, Any]:
    """Give a command."""
    response = admin.post(f"{API}/boxes/{box.id}/commands", json={"name": name, **more})
    assert response.status_code == 201, response.text
    return dict(response.json())


def attention(hub: Hub, box: ABox) -> int:
    """Tell in how many heartbeats there is more to say."""
    with hub.database.read() as connection:
        chosen = select(pulses.c.attention).where(pulses.c.box == box.id)
        return int(connection.execute(chosen).scalar_one())


class TestWhatIsAnswered:
    """The reply of a heartbeat."""

    def test_a_box_that_is_well_hears_that(self, box: ABox, clock: HeldClock, hub: Hub) -> None:
        """With the hub's time, and when it is to come back."""
        reply = box.reply()
        assert (reply.commands, reply.program, reply.place, reply.blocked) == ((), None, None, "")
        assert reply.time == clock.now
        assert 24 <= reply.next_s <= 36
        assert attention(hub, box) == 0

    def test_a_new_box_hears_where_it_is_more_than_once(self, client: TestClient, admin: TestClient) -> None:
        """The answer may be lost on its way."""
        box = paired(client, admin)
        places = [box.reply().place for _ in range(4)]
        assert places == [Place(name="bar box", venue="bar", venue_name="Bar", zone="main")] * 3 + [None]

    def test_the_status_is_wanted_where_only_its_digest_comes(self, box: ABox) -> None:
        """And is left alone where that is the one of the status that is there."""
        assert box.reply(digest="d2", status=None).wants_status
        assert not box.reply(digest="d2", status=Status(version="2.0")).wants_status
        assert not box.reply(digest="d2", status=None).wants_status

    def test_a_short_heartbeat_leaves_the_status(self, box: ABox, admin: TestClient) -> None:
        """Operators still see it."""
        box.reply(digest="d3", status=Status(version="3.0"))
        box.reply(digest="d3", status=None)
        assert admin.get(f"{API}/boxes/{box.id}").json()["status"]["version"] == "3.0"

    def test_it_hears_how_far_its_log_has_come(self, box: ABox) -> None:
        """0 where the hub has nothing of it; nothing where it has not asked."""
        assert box.reply(log=log_head(7)).acknowledged == 0
        assert box.reply().acknowledged is None

    def test_a_blocked_box_hears_it_each_time_until_it_is_not(self, box: ABox, admin: TestClient) -> None:
        """Silence would mean that it may play."""
        admin.patch(f"{API}/boxes/{box.id}", json={"blocked": "not paid"})
        assert [box.reply().blocked for _ in range(5)] == ["not paid"] * 5
        admin.patch(f"{API}/boxes/{box.id}", json={"blocked": ""})
        assert box.reply().blocked == ""

    def test_a_blocked_venue_blocks_its_boxes(self, box: ABox, admin: TestClient, client: TestClient) -> None:
        """And no others."""
        place(admin, "hotel", "hotels")
        admin.patch(f"{API}/venues/bar", json={"blocked": "closed down"})
        other = paired(client, admin, number=2)
        admin.patch(f"{API}/boxes/{other.id}", json={"venue": "hotel"})
        assert box.reply().blocked == "closed down"
        assert other.reply().blocked == ""

    def test_a_moved_box_hears_where_it_is(self, box: ABox, admin: TestClient) -> None:
        """In its new venue's main zone, where no other was named."""
        place(admin, "hotel", "hotels")
        assert admin.patch(f"{API}/boxes/{box.id}", json={"venue": "hotel"}).status_code == 200
        told = box.reply().place
        assert told is not None
        assert (told.venue, told.zone) == ("hotel", "main")

    def test_another_run_is_told_all_once_more(self, box: ABox) -> None:
        """It may have lost what it had on its disk."""
        assert box.reply(run="f" * 16).place is not None


class TestWhatIsRefused:
    """Heartbeats that are none."""

    def test_without_a_token(self, client: TestClient) -> None:
        """Nobody knows whose it is."""
        response = ABox(client).beat()
        assert (response.status_code, response.json()["code"]) == (401, "hub.unauthenticated")

    @pytest.mark.parametrize("spoil", [lambda token: token[:-1] + "!", lambda token: token + ".x", str.upper])
    def test_with_a_token_that_was_changed(self, box: ABox, spoil: Any) -> None:
        """It is signed."""
        box.token = spoil(box.token)
        assert box.beat().status_code == 401

    def test_with_a_token_that_has_expired(self, box: ABox, clock: HeldClock) -> None:
        """The box opens another session."""
        clock.pass_s(24 * 3600)
        assert box.beat().status_code == 401

    def test_after_the_epoch_has_changed(self, box: ABox, hub: Hub) -> None:
        """And nothing of it is written."""
        with hub.database.write() as connection:
            connection.execute(update(boxes).values(epoch=7))
        assert box.beat(digest="new").status_code == 401
        with hub.database.read() as connection:
            assert connection.execute(select(pulses.c.digest)).scalar() == "d1"

    @pytest.mark.parametrize(
        "content", [b"", b"{", b"[]", b'{"boot": 1}', b"\xff\xfe", b"[" * 100_000, b'{"boot":"\\u0000"}']
    )
    def test_what_is_no_heartbeat(self, box: ABox, content: bytes) -> None:
        """Whatever it is."""
        headers = {"Authorization": f"Bearer {box.token}"}
        assert box.client.post(f"{API}/heartbeat", content=content, headers=headers).status_code == 400

    def test_what_is_too_long(self, box: ABox) -> None:
        """Whether or not its length is told first."""
        headers = {"Authorization": f"Bearer {box.token}"}
        pieces = iter([b"x" * MOST_HEARTBEAT_BYTES, b"x"])
        for content in (b"x" * (MOST_HEARTBEAT_BYTES + 1), pieces):
            response = box.client.post(f"{API}/heartbeat", content=content, headers=headers)
            assert response.status_code == 413

    def test_another_method(self, client: TestClient) -> None:
        """It says which one does."""
        response = client.get(f"{API}/heartbeat")
        assert (response.status_code, response.headers["Allow"]) == (405, "POST")


class TestCommands:
    """Commands on their way, and back."""

    def test_a_command_is_sent_until_its_result_is_there(
        self, box: ABox, admin: TestClient, hub: Hub
    ) -> None:
        """And confirmed, so that the result comes no more."""
        given = give(admin, box, "set_volume", args={"volume": 40})
        first, second = box.commands(box.reply())[0], box.commands(box.reply())[0]
        assert first == second
        assert (first.id, first.box, first.args) == (given["id"], box.id, {"volume": 40})
        assert admin.get(f"{API}/commands/{first.id}").json()["state"] == "sent"
        reply = box.reply(results=(done(first, text="it is 40"),))
        assert reply.confirmed == (first.id,)
        assert reply.commands == ()
        shown = admin.get(f"{API}/commands/{first.id}").json()
        assert (shown["state"], shown["result"]["text"]) == ("done", "it is 40")
        box.settled()
        assert attention(hub, box) == 0

    def test_the_first_result_counts(self, box: ABox, admin: TestClient) -> None:
        """A second one is confirmed, and changes nothing."""
        command = box.commands(box.reply())[0] if give(admin, box) else None
        assert command is not None
        box.reply(results=(done(command),))
        again = box.reply(results=(done(command, outcome=Outcome.FAILED),))
        assert again.confirmed == (command.id,)
        assert admin.get(f"{API}/commands/{command.id}").json()["state"] == "done"

    def test_a_result_of_another_boxs_command_is_ignored(
        self, box: ABox, client: TestClient, admin: TestClient
    ) -> None:
        """But confirmed, so that it does not come for ever."""
        given, other = give(admin, box), paired(client, admin, number=2)
        assert other.reply(results=(done(given["id"]),)).confirmed == (given["id"],)
        assert admin.get(f"{API}/commands/{given['id']}").json()["state"] == "waiting"

    def test_an_expired_command_is_not_sent(self, box: ABox, admin: TestClient, clock: HeldClock) -> None:
        """A late result of it still counts: the box knows what it has done."""
        given = give(admin, box, expires_s=60)
        command = box.commands(box.reply())[0]
        clock.pass_s(61)
        assert admin.get(f"{API}/commands/{given['id']}").json()["state"] == "expired"
        assert box.reply().commands == ()
        box.reply(results=(done(command),))
        assert admin.get(f"{API}/commands/{given['id']}").json()["state"] == "done"

    def test_commands_come_in_order_and_not_too_many_at_once(self, box: ABox, admin: TestClient) -> None:
        """Their numbers rise."""
        for _ in range(12):
            give(admin, box)
        numbers = [command.number for command in box.commands(box.reply())]
        assert len(numbers) == 10
        assert numbers == list(range(numbers[0], numbers[0] + 10))

    def test_a_box_that_has_forgotten_the_hub_is_forgotten(
        self, box: ABox, admin: TestClient, hub: Hub
    ) -> None:
        """Once it has said so."""
        given = give(admin, box, "forget")
        assert box.reply(results=(done(given["id"]),)).confirmed == (given["id"],)
        assert box.beat().status_code == 401
        assert admin.get(f"{API}/boxes/{box.id}").status_code == 404
        with hub.database.read() as connection:
            assert connection.execute(select(commands)).first() is None
            assert "box.forgotten" in connection.scalars(select(audit.c.action)).all()


class TestClones:
    """Two machines with one key."""

    def test_a_restart_is_no_clone(self, box: ABox) -> None:
        """One run after another, for ever."""
        for run in range(2, 8):
            assert box.reply(run=f"{run:016x}").identity is Identity.FINE

    def test_machines_that_take_turns_are_told_apart(
        self, client: TestClient, admin: TestClient, clock: HeldClock, hub: Hub
    ) -> None:
        """The one that was paired stays, whichever was seen first; the other hears it until it stops."""
        original = paired(client, admin)
        copy = ABox(client, machine="m2", run=2)
        copy.token = original.token
        seen = []
        for one in (copy, original, copy, original, copy, copy, original, original):
            clock.pass_s(10)
            seen.append((one.machine, one.reply().identity))
        fine, cloned = Identity.FINE, Identity.CLONED
        assert seen[:4] == [("m2", fine), ("m1", fine), ("m2", fine), ("m1", fine)]
        assert seen[4:] == [("m2", cloned), ("m2", cloned), ("m1", fine), ("m1", fine)]
        runs = admin.get(f"{API}/boxes/{original.id}").json()["runs"]
        assert {run["machine"]: run["verdict"] for run in runs} == {"m1": "original", "m2": "cloned"}
        with hub.database.read() as connection:
            assert connection.scalars(select(audit.c.action)).all().count("box.cloned") == 1

    def test_of_two_copies_without_an_original_the_first_stays(
        self, client: TestClient, admin: TestClient, clock: HeldClock
    ) -> None:
        """Where the hardware says the same of itself, or was changed."""
        paired(client, admin)
        first, second = ABox(client, run=5), ABox(client, run=6)
        for one in (first, second):
            one.log_in()
        for one in (first, second, first, second):
            clock.pass_s(10)
            last = one.reply().identity
        assert last is Identity.CLONED
        assert first.reply().identity is Identity.FINE

    def test_a_copy_that_starts_anew_is_known(
        self, client: TestClient, admin: TestClient, clock: HeldClock
    ) -> None:
        """And the original's restart is none."""
        original = paired(client, admin)
        copy = ABox(client, machine="m2", run=2)
        copy.token = original.token
        for one in (original, copy, original, copy):
            clock.pass_s(10)
            one.reply()
        assert copy.reply(run="a" * 16).identity is Identity.CLONED
        assert original.reply(run="b" * 16).identity is Identity.FINE
        for one, run in ((copy, "a"), (original, "b"), (copy, "a"), (original, "c")):
            clock.pass_s(10)
            reply = one.reply(run=run * 16)
            assert reply.identity is (Identity.CLONED if one is copy else Identity.FINE)

    def test_a_copy_gets_no_commands(self, client: TestClient, admin: TestClient, clock: HeldClock) -> None:
        """They are the original's."""
        original = paired(client, admin)
        copy = ABox(client, machine="m2", run=2)
        copy.token = original.token
        for one in (original, copy, original, copy):
            clock.pass_s(10)
            one.reply()
        give(admin, original)
        assert copy.reply().commands == ()
        assert len(original.reply().commands) == 1
