"""What the hub says of itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from easyplayer import __version__
from easyplayer.errors import SignatureError
from easyplayer.hub.app import build_application, build_hub
from easyplayer.hub.db.schema import groups
from easyplayer.hub.hub import Hub
from easyplayer.hub.settings import HubSettings
from easyplayer.protocol.codec import decode
from easyplayer.protocol.pairing import Hello, TimeTold
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, verified
from tests.hub.conftest import HeldClock, HubFactory

NONCE = "n" * 16


def from_here(hub: Hub) -> TestClient:
    """Ask from the hub's own machine."""
    return TestClient(build_application(hub), base_url="http://127.0.0.1", client=("127.0.0.1", 1))


def test_everyone_is_told_who_the_hub_is(client: TestClient, hub: Hub) -> None:
    """Its version, the protocol it speaks, and its public keys; the time is its own."""
    told = decode(client.get("/api/v1/hello").content, Hello)
    assert (told.version, told.keys, told.time) == (__version__, hub.keys.public, hub.now())


def test_workers_of_one_hub_have_the_same_keys(hub_factory: HubFactory) -> None:
    """And so has the hub after a restart."""
    assert hub_factory().keys.public == hub_factory().keys.public


def test_the_time_is_signed_for_who_asks(client: TestClient, hub: Hub) -> None:
    """A box with a wrong clock can trust it, for it knows the key and has chosen the nonce."""
    answer = client.post("/api/v1/time", json={"nonce": NONCE})
    signed = decode(answer.content, Signed)
    told = verified(signed, Purpose.TIME, TimeTold, hub.keys.public)
    assert (told.nonce, told.time) == (NONCE, hub.now())
    with pytest.raises(SignatureError):
        verified(signed, Purpose.COMMAND, TimeTold, hub.keys.public)


def test_a_hub_is_well_while_its_database_answers(client: TestClient) -> None:
    """Which is what a proxy wants to know."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_hub_whose_database_is_away_says_so(tmp_path: Path) -> None:
    """And does not tell where it is."""
    hub = build_hub(HubSettings(state=str(tmp_path)))
    hub.database.close()
    (tmp_path / "hub.sqlite").unlink()
    (tmp_path / "hub.sqlite").mkdir()
    client = TestClient(build_application(hub), raise_server_exceptions=False)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (503, "hub.database")
    assert str(tmp_path) not in answer.text
    assert "retry-after" in answer.headers


class TestMetrics:
    """For whoever watches the hub."""

    def test_they_are_told_to_this_machine(self, hub: Hub) -> None:
        """As OpenMetrics text, with the fleet in figures."""
        client = from_here(hub)
        client.get("/healthz")
        answer = client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/openmetrics-text")
        assert answer.text.endswith("# EOF\n")
        assert 'easyplayer_hub_boxes{state="online"} 0.0' in answer.text
        assert "easyplayer_hub_commands_waiting 0.0" in answer.text
        assert 'path="/healthz",status="200"} 1.0' in answer.text
        assert "process_resident_memory_bytes" in answer.text

    def test_others_need_a_token_of_a_viewer_of_all_groups(
        self, client: TestClient, as_user: Callable[..., TestClient], hub: Hub
    ) -> None:
        """How many boxes there are is nobody else's business."""
        with hub.database.write() as connection:
            connection.execute(groups.insert().values(id="bars", name="Bars"))
        assert client.get("/metrics").status_code == 401
        assert as_user("anna", bars="admin").get("/metrics").status_code == 403
        assert as_user("bob", **{"*": "viewer"}).get("/metrics").status_code == 200

    def test_a_proxy_on_this_machine_opens_them_to_nobody(self, hub: Hub) -> None:
        """Whoever is behind it comes from elsewhere."""
        answer = from_here(hub).get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
        assert answer.status_code == 401

    def test_boxes_are_counted_every_ten_seconds_at_the_most(
        self, hub: Hub, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However often someone looks."""
        client, looks = from_here(hub), []
        told = hub.metrics.tell_fleet
        monkeypatch.setattr(hub.metrics, "tell_fleet", lambda *all_of_it: looks.append(told(*all_of_it)))
        for _ in range(3):
            client.get("/metrics")
        assert len(looks) == 1
        clock.pass_s(10)
        client.get("/metrics")
        assert len(looks) == 2
