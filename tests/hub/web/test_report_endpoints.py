"""Reports from sticks: what they bring comes in as by the network, and nothing that is not a box's."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from easyplayer.hub.hub import Hub
from easyplayer.hub.services import sealed as sealed_module
from easyplayer.units import Instant
from tests.hub import sticks
from tests.hub.boxes import API, LOG, ABox, chain, paired, part, song

AsUser = Callable[..., TestClient]


@pytest.fixture(name="box")
def _box(client: TestClient, admin: TestClient) -> ABox:
    return paired(client, admin)


def send(client: TestClient, content: bytes) -> Any:
    """Bring a report."""
    return client.post(f"{API}/reports", content=content)


def taken(client: TestClient, content: bytes) -> dict[str, Any]:
    """Bring a report, which must be a good one."""
    answer = send(client, content)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def titles(admin: TestClient) -> list[str]:
    """Tell what was played."""
    return [row["title"] for row in admin.get(f"{API}/played").json()["items"]]


class TestTheLog:
    """What was played."""

    def test_it_comes_in_as_by_the_network(self, hub: Hub, box: ABox, admin: TestClient) -> None:
        """Batch after batch."""
        whole = chain(*(song(number) for number in range(1, 8)))

        told = taken(admin, sticks.report(box, hub, part(whole, 1, 3), part(whole, 4, 7)))

        assert (told["box"], told["name"], told["made"]) == (box.id, "bar box", sticks.MADE)
        assert (told["stored"], told["acknowledged"], told["remarks"]) == (7, {LOG: 7}, [])
        assert titles(admin) == [f"Song {number}" for number in range(1, 8)]

    def test_it_comes_in_exactly_once(self, hub: Hub, box: ABox, admin: TestClient) -> None:
        """By one stick twice, by two sticks, and by the network before and after."""
        whole = chain(*(song(number) for number in range(1, 7)))
        box.receipt(part(whole, 1, 2))
        first, second = sticks.report(box, hub, part(whole, 1, 4)), sticks.report(box, hub, whole)

        assert [taken(admin, one)["stored"] for one in (first, first, second, first)] == [2, 0, 2, 0]

        assert box.receipt(whole).acknowledged == 6
        assert len(titles(admin)) == 6

    @pytest.mark.slow
    def test_what_lies_before_it_has_to_come_first(self, hub: Hub, box: ABox, admin: TestClient) -> None:
        """The box has been told by another stick that it may let go of that."""
        whole = chain(*(song(number) for number in range(1, 7)))
        early, late = (sticks.report(box, hub, part(whole, *span)) for span in ((1, 3), (4, 6)))

        told = taken(admin, late)

        assert (told["stored"], told["acknowledged"]) == (0, {LOG: 0})
        assert "entries up to 3 are missing" in told["remarks"][0]
        assert [taken(admin, one)["stored"] for one in (early, late)] == [3, 3]

    @pytest.mark.slow
    def test_what_is_odd_in_it_is_told(self, hub: Hub, box: ABox, admin: TestClient) -> None:
        """An entry that cannot be read, and a log that another machine writes on."""
        told = taken(admin, sticks.report(box, hub, chain(song(1), '{"kind":"nonsense"}', song(3))))
        assert told["stored"] == 3
        assert "entry 2 was set aside" in told["remarks"][0]

        forked = taken(admin, sticks.report(box, hub, chain(song(1), song(2), song(9))))
        assert forked["stored"] == 0
        assert "another machine writes on" in forked["remarks"][0]

    @pytest.mark.slow
    def test_a_report_without_a_log_is_one(self, hub: Hub, box: ABox, admin: TestClient) -> None:
        """Where the network was quicker, only how the box is comes by the stick."""
        assert taken(admin, sticks.report(box, hub))["acknowledged"] == {}


class TestHowTheBoxIs:
    """What stands beside the log."""

    def test_it_can_be_looked_at(self, hub: Hub, box: ABox, admin: TestClient) -> None:
        """How the box was, and its last lines of log."""
        assert admin.get(f"{API}/boxes/{box.id}/report").status_code == 404
        taken(admin, sticks.report(box, hub))

        kept = admin.get(f"{API}/boxes/{box.id}/report").json()
        lines = admin.get(f"{API}/boxes/{box.id}/report/log")

        assert (kept["box"], kept["made"], kept["by"]) == (box.id, sticks.MADE, "admin")
        assert kept["status"]["version"] == "1.0"
        assert (kept["log_bytes"], lines.content) == (len(sticks.LINES), sticks.LINES)

    @pytest.mark.slow
    def test_the_newest_stays(self, hub: Hub, box: ABox, admin: TestClient) -> None:
        """Sticks come by post, and not in order."""
        later = Instant(sticks.MADE + 60)
        taken(admin, sticks.report(box, hub, made=later, lines=b"later\n"))
        told = taken(admin, sticks.report(box, hub, chain(song(1)), lines=b"earlier\n"))

        assert told["stored"] == 1
        assert "a newer report" in told["remarks"][0]
        assert admin.get(f"{API}/boxes/{box.id}/report/log").content == b"later\n"

    @pytest.mark.slow
    def test_words_that_only_a_newer_box_knows_do_no_harm(
        self, hub: Hub, box: ABox, admin: TestClient
    ) -> None:
        """A status that cannot be read is none; a member that nobody here knows is passed over."""
        files = {"status.json": b"[]", "video.json": b"{}"}
        head = {"report.json": msgspec.json.encode(sticks.signed(box, hub, files))}
        plain = sticks.archive(head | files)

        taken(admin, sticks.sealed(plain, hub.keys.public[0]))

        kept = admin.get(f"{API}/boxes/{box.id}/report").json()
        assert (kept["status"], kept["log_bytes"]) == (None, 0)


class TestWhoMay:
    """Who brings what."""

    def test_who_makes_sticks_takes_reports_in(self, hub: Hub, box: ABox, as_user: AsUser) -> None:
        """In the groups of the box; others do not even hear that there is such a box."""
        content = sticks.report(box, hub, chain(song(1)))

        assert send(as_user("vera", bars="viewer"), content).status_code == 403
        with hub.database.write() as connection:
            connection.exec_driver_sql("INSERT INTO groups (id, name) VALUES ('hotels', 'Hotels')")
        assert send(as_user("otto", hotels="admin"), content).status_code == 404
        assert send(as_user("anna", bars="programmer"), content).status_code == 200

    @pytest.mark.slow
    def test_it_is_written_down(self, hub: Hub, box: ABox, admin: TestClient) -> None:
        """With what came."""
        taken(admin, sticks.report(box, hub, chain(song(1), song(2))))

        (row,) = [one for one in admin.get(f"{API}/audit").json()["items"] if one["action"] == "report.take"]

        assert (row["subject"], row["group"]) == (f"box/{box.id}", "bars")
        assert row["detail"]["entries"] == 2

    @pytest.mark.slow
    def test_a_box_that_is_paired_no_more_is_told(self, hub: Hub, box: ABox, admin: TestClient) -> None:
        """What it has played belongs nowhere."""
        content = sticks.report(box, hub, chain(song(1)))
        admin.delete(f"{API}/boxes/{box.id}")

        answer = send(admin, content)

        assert (answer.status_code, answer.json()["code"]) == (404, "hub.not-found")

    @pytest.mark.slow
    def test_another_key_of_the_same_box_is_not_believed(
        self, hub: Hub, box: ABox, admin: TestClient
    ) -> None:
        """The hub goes by the key that it was paired with."""
        with hub.database.write() as connection:
            connection.exec_driver_sql(f"UPDATE boxes SET key = '{'0' * 64}'")  # noqa: S608

        assert "another key" in send(admin, sticks.report(box, hub)).json()["detail"]


@pytest.mark.slow
def test_the_longest_report_is_bounded(
    hub: Hub, box: ABox, admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused before it is on the disk."""
    assert sealed_module.MOST_REPORT_BYTES < 2**30
    monkeypatch.setattr("easyplayer.hub.web.report_endpoints.MOST_REPORT_BYTES", 100)
    answer = send(admin, sticks.report(box, hub))
    assert answer.status_code == 413
    assert "upload_mib" not in answer.json()["detail"]
