"""Boxes get into the hub, and prove who they are."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from easyplayer.errors import TooManyError
from easyplayer.hub.db.schema import challenges
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import pairing
from easyplayer.protocol.pairing import Challenge, Pairing, PairingAsked
from easyplayer.protocol.signing import Purpose, public_key, sign
from tests.hub.boxes import API, ABox, done, paired, place, read
from tests.hub.conftest import PUBLIC_URL, HeldClock

pytestmark = pytest.mark.slow


class TestPairing:
    """A box asks, and an operator claims it."""

    def test_a_box_is_given_a_code_and_the_same_while_that_holds(
        self, client: TestClient, clock: HeldClock
    ) -> None:
        """Whoever reads it off the screen has time to type it."""
        box = ABox(client)
        first = box.pairing()
        clock.pass_s(500)
        second = box.pairing()
        clock.pass_s(101)
        third = box.pairing()
        assert not first.claimed
        assert first.claim_code == second.claim_code != third.claim_code
        assert second.expires_s == first.expires_s - 500
        assert first.box == box.id
        assert first.hub_keys

    @pytest.mark.parametrize(
        "url", [f"{PUBLIC_URL}/", PUBLIC_URL.upper().replace("HTTP", "http"), f"{PUBLIC_URL}:80"]
    )
    def test_another_way_to_write_the_hubs_url_is_fine(self, client: TestClient, url: str) -> None:
        """People type it."""
        assert read(ABox(client).ask(url), Pairing).claim_code

    def test_what_was_signed_for_another_hub_is_refused(self, client: TestClient) -> None:
        """Else that hub could pair the box here, under its own operator's name."""
        assert ABox(client).ask("http://other.test").status_code == 403

    def test_the_key_that_is_named_must_be_the_one_that_signs(self, client: TestClient) -> None:
        """Nobody asks for another box."""
        box, other = ABox(client), ABox(client, 2)
        asked = PairingAsked(key=public_key(other.seed), machine="", name="", version="", hub=PUBLIC_URL)
        assert box.post("/pairing", sign(box.seed, Purpose.PAIRING, asked)).status_code == 400

    def test_a_claimed_box_hears_that_it_is(self, client: TestClient, admin: TestClient) -> None:
        """And may open a session."""
        place(admin)
        box = ABox(client)
        typed = box.pairing().claim_code.lower().replace("-", " ")
        claimed = admin.post(f"{API}/claims", json={"code": typed, "venue": "bar", "name": "Counter"})
        assert claimed.status_code == 201
        assert claimed.json()["name"] == "Counter"
        assert claimed.json()["state"] == "never"
        assert box.pairing() == Pairing(box=box.id, claimed=True, hub_keys=box.pairing().hub_keys)
        assert admin.get(f"{API}/pairings").json() == []

    def test_waiting_boxes_are_listed_without_their_codes(
        self, client: TestClient, admin: TestClient
    ) -> None:
        """Who has not seen the box cannot claim it."""
        code = ABox(client).pairing().claim_code
        listed = admin.get(f"{API}/pairings")
        assert listed.json()[0]["name"] == "bar box"
        assert code not in listed.text

    @pytest.mark.parametrize("code", ["0000-0000", "nonsense"])
    def test_a_wrong_code_may_be_tried_a_few_times_only(
        self, client: TestClient, admin: TestClient, clock: HeldClock, code: str
    ) -> None:
        """Then not even the right one helps, for a while."""
        place(admin)
        box = ABox(client)
        right = {"code": box.pairing().claim_code, "venue": "bar"}
        tried = [admin.post(f"{API}/claims", json={**right, "code": code}).status_code for _ in range(5)]
        late = admin.post(f"{API}/claims", json=right)
        assert set(tried) <= {400, 404}
        assert late.status_code == 429
        assert int(late.headers["Retry-After"]) > 0
        clock.pass_s(601)
        right["code"] = box.pairing().claim_code
        assert admin.post(f"{API}/claims", json=right).status_code == 201

    def test_right_codes_are_no_tries(self, client: TestClient, admin: TestClient) -> None:
        """A technician claims ten boxes in a row."""
        for number in range(1, 8):
            paired(client, admin, number=number)
        assert len(admin.get(f"{API}/boxes").json()["items"]) == 7

    def test_an_expired_code_is_none(self, client: TestClient, admin: TestClient, clock: HeldClock) -> None:
        """What somebody wrote down last week is worth nothing."""
        place(admin)
        code = ABox(client).pairing().claim_code
        clock.pass_s(601)
        assert admin.post(f"{API}/claims", json={"code": code, "venue": "bar"}).status_code == 404

    def test_who_is_no_operator_there_claims_nothing(
        self, client: TestClient, admin: TestClient, as_user: Callable[..., TestClient]
    ) -> None:
        """Nor does anybody else's venue exist for him."""
        place(admin)
        place(admin, "hotel", "hotels")
        wanted = {"code": ABox(client).pairing().claim_code, "venue": "bar"}
        assert as_user("vera", bars="viewer").post(f"{API}/claims", json=wanted).status_code == 403
        assert as_user("hugo", hotels="operator").post(f"{API}/claims", json=wanted).status_code == 404
        assert as_user("olga", bars="operator").post(f"{API}/claims", json=wanted).status_code == 201

    def test_waiting_boxes_are_bounded(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody fills the hub with boxes that are none."""
        monkeypatch.setattr(pairing, "MOST_OF_AN_ADDRESS", 2)
        statuses = [ABox(client, number).ask().status_code for number in (1, 2, 3, 1)]
        assert statuses == [200, 200, 429, 200]

    def test_a_network_of_ipv6_counts_as_one_address(
        self, hub: Hub, client: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who is in it has a new address for each question."""
        monkeypatch.setattr(pairing, "MOST_OF_AN_ADDRESS", 2)
        asked = [pairing.asked(ABox(client, number).question(), PUBLIC_URL) for number in (1, 2, 3)]

        def pair(request: PairingAsked, address: str) -> None:
            with hub.database.write() as connection:
                pairing.pair(
                    connection, request, address, hub.now(), holds_s=600.0, chance=hub.chance, hub_keys=()
                )

        pair(asked[0], "2001:db8:1:2::1")
        pair(asked[1], "2001:db8:1:2:ffff::7")
        with pytest.raises(TooManyError):
            pair(asked[2], "2001:db8:1:2:3::4")
        pair(asked[2], "2001:db8:1:3::4")


class TestSession:
    """A box proves that it has its key."""

    def test_a_box_nobody_has_paired_gets_no_challenge(self, client: TestClient) -> None:
        """It goes back to asking."""
        response = ABox(client).post("/session/challenge", {"box": ABox(client).id})
        assert (response.status_code, response.json()["code"]) == (404, "hub.not-found")

    def test_a_challenge_is_answered_once(self, client: TestClient, admin: TestClient) -> None:
        """Whoever has overheard the answer can do nothing with it."""
        box = paired(client, admin)
        challenge = box.challenge()
        assert [box.answer(challenge).status_code for _ in range(2)] == [200, 401]

    def test_a_challenge_holds_for_a_minute(
        self, client: TestClient, admin: TestClient, clock: HeldClock
    ) -> None:
        """An old one may have been kept by anybody."""
        box = paired(client, admin)
        challenge = box.challenge()
        clock.pass_s(61)
        assert box.answer(challenge).status_code == 401

    def test_another_key_proves_nothing(self, client: TestClient, admin: TestClient) -> None:
        """Even where its signature is right."""
        box = paired(client, admin)
        assert box.answer(box.challenge(), seed=bytes([9]) * 32).status_code == 403

    def test_a_challenge_of_another_box_proves_nothing(self, client: TestClient, admin: TestClient) -> None:
        """Each is for the box that has asked."""
        box, other = paired(client, admin), paired(client, admin, number=2)
        stolen = Challenge(box=box.id, nonce=other.challenge().nonce)
        assert box.answer(stolen).status_code == 401

    def test_a_stranger_who_asks_for_challenges_keeps_no_box_out(
        self, hub: Hub, client: TestClient, admin: TestClient
    ) -> None:
        """Anybody may ask for one, in any box's name; nothing of it is kept."""
        box = paired(client, admin)
        mine = box.challenge()
        asked = {client.post(f"{API}/session/challenge", json={"box": box.id}).status_code for _ in range(60)}
        assert asked == {200}
        assert box.answer(mine).status_code == 200
        with hub.database.read() as connection:
            kept = connection.scalars(select(challenges.c.nonce)).all()
        assert set(kept) >= {mine.nonce}
        assert len(kept) == 2, "the first session of the box, and this one"

    @pytest.mark.parametrize("nonce", ["x" * 40, "a.9999999999.b" * 2, "aaaaaaaaaaaaaaaa.9999999999.mark"])
    def test_a_challenge_that_the_hub_has_not_given_proves_nothing(
        self, client: TestClient, admin: TestClient, nonce: str
    ) -> None:
        """Whoever makes one up could have had it signed by the box before."""
        box = paired(client, admin)
        assert box.answer(Challenge(box=box.id, nonce=nonce)).status_code == 401

    def test_an_unpaired_box_is_out(self, client: TestClient, admin: TestClient, clock: HeldClock) -> None:
        """Its token is void at once, and stays so when it is paired again."""
        box = paired(client, admin)
        box.reply()
        assert admin.delete(f"{API}/boxes/{box.id}").status_code == 204
        assert box.beat().status_code == 401
        assert box.post("/session/challenge", {"box": box.id}).status_code == 404
        clock.pass_s(60)
        again = paired(client, admin)
        assert again.reply().place
        assert box.beat().status_code == 401


class TestAttachment:
    """What belongs to a result comes beside it."""

    def test_an_operator_gets_what_the_box_has_sent(self, client: TestClient, admin: TestClient) -> None:
        """As a file, never as a page."""
        box = paired(client, admin)
        given = admin.post(f"{API}/boxes/{box.id}/commands", json={"name": "collect_logs"}).json()
        headers = {"Authorization": f"Bearer {box.token}", "Content-Type": "text/plain"}
        path = f"{API}/box/commands/{given['id']}/attachment"
        assert client.put(path, content=b"a line\n", headers=headers).status_code == 204
        box.reply(results=(done(given["id"], attached=7),))
        got = admin.get(f"{API}/commands/{given['id']}/attachment")
        assert got.content == b"a line\n"
        assert got.headers["Content-Disposition"] == f'attachment; filename="collect_logs-{given["id"]}.txt"'
        assert got.headers["Content-Type"].startswith("text/plain")

    def test_another_boxs_command_takes_nothing(self, client: TestClient, admin: TestClient) -> None:
        """Nor does one that there is not."""
        box, other = paired(client, admin), paired(client, admin, number=2)
        given = admin.post(f"{API}/boxes/{box.id}/commands", json={"name": "listen"}).json()
        headers = {"Authorization": f"Bearer {other.token}"}
        for name in (given["id"], "0" * 24):
            path = f"{API}/box/commands/{name}/attachment"
            assert client.put(path, content=b"x", headers=headers).status_code == 404
        assert admin.get(f"{API}/commands/{given['id']}/attachment").status_code == 404

    def test_too_much_is_refused(self, client: TestClient, admin: TestClient) -> None:
        """Before it has filled the disk."""
        box = paired(client, admin)
        given = admin.post(f"{API}/boxes/{box.id}/commands", json={"name": "listen"}).json()
        headers = {"Authorization": f"Bearer {box.token}", "Content-Length": str(17 * 1024 * 1024)}
        path = f"{API}/box/commands/{given['id']}/attachment"
        assert client.put(path, content=b"x", headers=headers).status_code == 413
