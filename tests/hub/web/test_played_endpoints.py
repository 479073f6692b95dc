"""As-run logs come in exactly once, and go out as operators want them."""

import csv
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from easyplayer.drivers.asrun_facts import ClockRead, RowBegun, RowTold
from easyplayer.drivers.asrun_store import AsRunStore
from easyplayer.errors import UnauthenticatedError
from easyplayer.hub.db.schema import played as played_table
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import played, played_log
from easyplayer.hub.services.access import ALL, Caller, Role
from easyplayer.protocol.asrun import GENESIS, Batch, Receipt, Snapshot, set_aside
from easyplayer.units import Instant, Monotonic, Seconds
from tests.hub.boxes import API, LOG, ABox, chain, clock, log_head, paired, part, picture, place, song

pytestmark = pytest.mark.slow

NOON = 1_795_258_800.0
"""2026-11-21T11:00Z, noon in Paris."""


@pytest.fixture(name="box")
def _box(client: TestClient, admin: TestClient) -> ABox:
    return paired(client, admin)


def rows(admin: TestClient, **query: Any) -> list[dict[str, Any]]:
    """Read what was played."""
    response = admin.get(f"{API}/played", params=query)
    assert response.status_code == 200, response.text
    return list(response.json()["items"])


def log_state(admin: TestClient, box: ABox) -> dict[str, Any]:
    """Read how whole the only log of a box is."""
    (state,) = admin.get(f"{API}/boxes/{box.id}/logs").json()
    return dict(state)


class TestTaking:
    """Entries come in."""

    def test_a_batch_is_stored_and_acknowledged(self, box: ABox, admin: TestClient) -> None:
        """In the order in which it was played."""
        assert box.receipt(chain(song(1), song(2))) == Receipt(log=LOG, acknowledged=2)
        assert [row["title"] for row in rows(admin)] == ["Song 1", "Song 2"]

    def test_what_comes_twice_is_stored_once(self, box: ABox, admin: TestClient) -> None:
        """The receipt may be lost; also where more comes behind it."""
        whole = chain(song(1), song(2), song(3))
        for batch in (part(whole, 1, 2), part(whole, 1, 2), whole, part(whole, 2, 3)):
            receipt = box.receipt(batch)
            assert not receipt.forked
        assert receipt.acknowledged == 3
        assert len(rows(admin)) == 3

    def test_two_that_race_store_once(self, box: ABox, hub: Hub) -> None:
        """A box that has given up waiting sends again, while the hub is still at it."""
        batch = chain(*(song(number) for number in range(1, 40)))

        def take(_number: int) -> int:
            with hub.database.write() as connection:
                return played.take(connection, box.id, batch, hub.now()).stored

        with ThreadPoolExecutor(4) as threads:
            stored = list(threads.map(take, range(4)))
        assert sorted(stored) == [0, 0, 0, 39]
        with hub.database.read() as connection:
            assert connection.execute(select(func.count()).select_from(played_table)).scalar() == 39

    def test_a_box_that_has_just_been_unpaired_is_told_so(
        self, box: ABox, admin: TestClient, hub: Hub
    ) -> None:
        """Its token held when the request came in; nothing of what it brings is at fault."""
        assert admin.delete(f"{API}/boxes/{box.id}").status_code == 204
        with pytest.raises(UnauthenticatedError, match="not paired"), hub.database.write() as connection:
            played.take(connection, box.id, chain(song(1)), hub.now())

    def test_a_gap_is_told_and_nothing_stored(self, box: ABox, admin: TestClient) -> None:
        """The box goes on from what the hub has."""
        whole = chain(song(1), song(2), song(3), song(4))
        box.receipt(part(whole, 1, 1))
        assert box.receipt(part(whole, 3, 4)).acknowledged == 1
        assert len(rows(admin)) == 1
        assert box.receipt(part(whole, 2, 4)).acknowledged == 4

    def test_what_is_no_chain_is_refused(self, box: ABox, admin: TestClient) -> None:
        """Somebody has changed it."""
        whole = chain(song(1), song(2))
        changed = msgspec.structs.replace(
            whole.entries[1], body=whole.entries[1].body.replace("Anna", "Bert")
        )
        batch = Batch(log=LOG, previous=GENESIS, entries=(whole.entries[0], changed))
        response = box.deliver(batch)
        assert response.status_code == 400
        assert "entry 2" in response.json()["detail"]
        assert rows(admin) == []

    @pytest.mark.parametrize(("first", "last"), [(1, 4), (2, 2), (3, 4), (1, 3)])
    def test_a_log_that_has_another_past_is_a_fork(self, box: ABox, first: int, last: int) -> None:
        """A copy of the box, or a disk that was put back, writes on from what was there."""
        box.receipt(chain(song(1), song(2), song(3)))
        other = chain(song(1), song(2, heard_s=Seconds(5.0)), song(3), song(4))
        receipt = box.receipt(part(other, first, last))
        assert receipt == Receipt(log=LOG, acknowledged=3, forked=True)

    def test_a_new_log_brings_nothing_that_is_there(self, box: ABox, admin: TestClient) -> None:
        """What was sent but not acknowledged is sent again under the new log's name."""
        box.receipt(chain(song(1), song(2)))
        assert box.receipt(chain(song(2), song(3), log="cd" * 16)).acknowledged == 2
        assert [row["title"] for row in rows(admin)] == ["Song 1", "Song 2", "Song 3"]

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "{",
            '{"kind":"dance"}',
            '{"kind":"played"}',
            "\0",
            "[" * 5000,
            '{"kind":"clock","boot":"\\u0000","at":1,"wall":1,"trust":"x"}',
        ],
    )
    def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(
        self, box: ABox, admin: TestClient, body: str
    ) -> None:
        """And is told, to the box and to operators."""
        batch = chain(song(1), body, song(3))
        if "\0" in body:
            assert box.deliver(batch).status_code == 400
            return
        receipt = box.receipt(batch)
        assert receipt.acknowledged == 3
        assert [refusal.number for refusal in receipt.refused] == [2]
        assert len(rows(admin)) == 2
        assert log_state(admin, box)["aside"] == [[2, receipt.refused[0].reason]]

    def test_what_the_box_has_set_aside_keeps_its_place(self, box: ABox, admin: TestClient) -> None:
        """The chain goes on, and operators see why it is missing."""
        text = set_aside(msgspec.json.encode(song(2)).decode(), "too long")
        assert box.receipt(chain(song(1), text, song(3))) == Receipt(log=LOG, acknowledged=3)
        state = log_state(admin, box)
        assert state["aside"] == [[2, "too long"]]
        assert state["gaps"] == [{"first": 2, "last": 2}]

    def test_the_state_of_a_log_is_shown(self, box: ABox, admin: TestClient) -> None:
        """How far the box has it, and what of it is here."""
        box.receipt(chain(song(1), song(2), song(7)))
        box.reply(log=log_head(9, 3))
        state = log_state(admin, box)
        assert (state["head"], state["acknowledged"], state["rows"]) == (9, 3, 3)
        assert state["gaps"] == [{"first": 3, "last": 6}]
        assert box.reply(log=log_head(9, 3)).acknowledged == 3

    def test_nobody_but_a_box_delivers(self, client: TestClient, admin: TestClient) -> None:
        """Not even an admin."""
        assert ABox(client).deliver(chain(song(1))).status_code == 401
        assert admin.post(f"{API}/as-run", json=msgspec.to_builtins(chain(song(1)))).status_code == 401


class TestTimes:
    """What time of day it was."""

    def test_a_row_from_before_the_clock_was_right_is_right_once_it_is(
        self, box: ABox, admin: TestClient
    ) -> None:
        """In the same batch or in a later one, the rows of that run of the machine are told anew."""
        whole = chain(song(1), clock(200.0, 5000.0, "estimated"), song(3), clock(400.0, NOON), song(5))
        box.receipt(part(whole, 1, 1))
        assert rows(admin)[0]["started_utc"] == "1970-01-01T00:01:40.000Z"
        box.receipt(part(whole, 2, 3))
        assert [row["started_utc"] for row in rows(admin)] == [
            "1970-01-01T01:21:40.000Z", "1970-01-01T01:25:00.000Z"
        ]  # fmt: skip
        box.receipt(part(whole, 4, 5))
        told = [(row["started_utc"], row["trust"]) for row in rows(admin)]
        assert told == [
            ("2026-11-21T10:55:00.000Z", "trusted"),
            ("2026-11-21T10:58:20.000Z", "trusted"),
            ("2026-11-21T11:01:40.000Z", "trusted"),
        ]

    def test_another_run_of_the_machine_has_its_own_clock(self, box: ABox, admin: TestClient) -> None:
        """Its rows are left alone."""
        box.receipt(chain(song(1), song(2, boot="boot-2"), clock(0.0, NOON, boot="boot-2")))
        assert [row["trust"] for row in rows(admin)] == ["unknown", "trusted"]

    def test_a_time_that_is_none_is_told_as_none(self, box: ABox, admin: TestClient) -> None:
        """A broken clock may show any year."""
        box.receipt(chain(song(1), clock(0.0, 1e300)))
        assert rows(admin)[0]["started_utc"] == ""


class TestReading:
    """What operators get."""

    def test_rows_are_chosen_by_place_box_and_time(
        self, box: ABox, client: TestClient, admin: TestClient
    ) -> None:
        """The end does not belong to the span."""
        place(admin, "hotel", "hotels")
        other = paired(client, admin, number=2)
        admin.patch(f"{API}/boxes/{other.id}", json={"venue": "hotel"})
        for one in (box, other):
            one.receipt(chain(clock(0.0, NOON), song(1), song(2)))
        assert len(rows(admin)) == 4
        assert {row["box"] for row in rows(admin, venue="bar")} == {box.id}
        assert {row["box"] for row in rows(admin, group="hotels")} == {other.id}
        span = {"from": NOON + 100, "to": NOON + 200}
        assert [row["title"] for row in rows(admin, box=box.id, **span)] == ["Song 1"]
        assert admin.get(f"{API}/played", params={"from": 2, "to": 1}).status_code == 400

    def test_who_may_not_see_a_venue_sees_nothing_of_it(
        self, box: ABox, as_user: Callable[..., TestClient], admin: TestClient
    ) -> None:
        """Not in the list, not in a file, and not the state of its logs."""
        place(admin, "hotel", "hotels")
        box.receipt(chain(song(1)))
        hugo = as_user("hugo", hotels="admin")
        assert rows(hugo) == rows(hugo, venue="bar") == []
        assert hugo.get(f"{API}/played.jsonl").content == b""
        assert hugo.get(f"{API}/boxes/{box.id}/logs").status_code == 404
        assert len(rows(as_user("vera", bars="viewer"))) == 1

    def test_what_nobody_has_heard_is_left_out_unless_asked_for(self, box: ABox, admin: TestClient) -> None:
        """It keeps its number, so that nothing seems to be missing."""
        box.receipt(chain(song(1), song(2, heard_s=Seconds(0.0)), song(3)))
        assert len(rows(admin)) == 2
        assert len(rows(admin, unheard="true")) == 3
        assert log_state(admin, box)["gaps"] == []

    def test_pages_follow_each_other(self, box: ABox, admin: TestClient) -> None:
        """Each row once, also where several began at one instant."""
        box.receipt(chain(*(song(number, started=float(number // 3)) for number in range(1, 12))))
        titles, after = [], ""
        while True:
            answer = admin.get(f"{API}/played", params={"limit": 4, "after": after}).json()
            titles += [row["title"] for row in answer["items"]]
            if not (after := answer["next"]):
                break
        assert titles == [f"Song {number}" for number in range(1, 12)]
        assert admin.get(f"{API}/played", params={"after": "x"}).status_code == 400

    def test_rows_stay_when_their_box_is_unpaired(self, box: ABox, admin: TestClient) -> None:
        """They are owed to whoever wrote the music."""
        box.receipt(chain(song(1)))
        admin.delete(f"{API}/boxes/{box.id}")
        assert len(rows(admin, venue="bar")) == 1


class TestPictures:
    """What was shown is no music, and is told to those who want it."""

    @pytest.fixture(name="shown")
    def _shown(self, box: ABox) -> ABox:
        """Give a box that has played a song, and shown an image and a clip that was heard."""
        clip = Snapshot(id="ad", kind="clip", title="Rum", clip_sound="replace")
        box.receipt(
            chain(
                song(1),
                picture(2, source="menu"),
                picture(3, item=clip, heard_s=Seconds(30.0), shown_s=Seconds(30.0), playlist="ads"),
                picture(4, shown_s=Seconds(0.0)),
            )
        )
        return box

    @pytest.mark.parametrize(
        ("query", "sequences"),
        [
            ({}, [1]),
            ({"what": "music"}, [1]),
            ({"what": "sound"}, [1, 3]),
            ({"what": "pictures"}, [2, 3]),
            ({"what": "all"}, [1, 2, 3]),
            ({"what": "pictures", "unheard": "true"}, [2, 3, 4]),
            ({"what": "sound", "unheard": "true"}, [1, 3]),
            ({"what": "all", "unheard": "true"}, [1, 2, 3, 4]),
            ({"what": "pictures", "source": "menu"}, [2]),
            ({"what": "pictures", "playlist": "ads"}, [3]),
        ],
        ids=str,
    )
    def test_each_gets_what_it_asks_for(
        self, shown: ABox, admin: TestClient, query: dict[str, str], sequences: list[int]
    ) -> None:
        """A rights office hears of music, unless it asks for clips; who pays for a picture sees pictures."""
        assert shown.id
        assert [row["sequence"] for row in rows(admin, **query)] == sequences

    def test_a_row_proves_what_was_seen_where_and_for_how_long(self, shown: ABox, admin: TestClient) -> None:
        """An image without a title is called as its file is."""
        image, clip = rows(admin, what="pictures")
        assert shown.id == image["box"]
        assert (image["title"], image["item"], image["kind"]) == ("menu.png", "p2", "still")
        assert (image["shown_s"], image["outputs"], image["heard_s"]) == (10.0, "card0-HDMI-A-1, window", 0.0)
        assert (clip["title"], clip["kind"], clip["clip_sound"]) == ("Rum", "clip", "replace")
        assert (clip["shown_s"], clip["heard_s"]) == (30.0, 30.0)

    def test_the_files_are_chosen_in_the_same_way(self, shown: ABox, admin: TestClient) -> None:
        """One for the rights office, and one for who pays for the pictures."""
        assert shown.id
        music = admin.get(f"{API}/played.csv").content.decode()
        proof = admin.get(f"{API}/played.csv", params={"what": "pictures"}).content.decode()
        of_music = [*csv.DictReader(StringIO(music, newline=""))]
        of_pictures = [*csv.DictReader(StringIO(proof, newline=""))]
        assert [row["sequence"] for row in of_music] == ["1"]
        assert (of_music[0]["shown_s"], of_music[0]["outputs"]) == ("", "")
        assert [(row["title"], row["shown_s"]) for row in of_pictures] == [
            ("menu.png", "10.0"),
            ("Rum", "30.0"),
        ]

    def test_what_is_no_sort_of_row_is_refused(self, admin: TestClient) -> None:
        """In words."""
        assert admin.get(f"{API}/played", params={"what": "smells"}).status_code == 400

    def test_what_a_box_has_sealed_is_what_the_hub_tells(
        self, box: ABox, admin: TestClient, tmp_path: Path
    ) -> None:
        """From the box's own database, by the chain, to the list."""
        store = AsRunStore(tmp_path / "as-run.sqlite", "boot-1")
        began, over = Monotonic(10.0), Monotonic(25.0)
        item = '{"id": "rum", "kind": "clip", "title": "Rum", "clip_sound": "mix", "location": "/rum.mp4"}'
        told = RowTold(
            started=began,
            over=over,
            heard_s=Seconds(12.0),
            ended="cut",
            shown_s=Seconds(15.0),
            outputs="tv,bar",
        )
        store.write(
            [
                ClockRead(at=Monotonic(0.0), wall=Instant(NOON), trust="trusted"),
                RowBegun(started=began, item=item, layer="sharp-spot", source="rum", shown_s=Seconds(0.0)),
                told,
            ]
        )
        batch = store.next_batch(0)
        store.close()
        assert batch is not None
        assert box.receipt(batch).refused == ()

        (row,) = rows(admin, what="pictures", source="rum")
        assert (row["title"], row["kind"], row["clip_sound"], row["ended"]) == ("Rum", "clip", "mix", "cut")
        assert (row["heard_s"], row["shown_s"], row["outputs"]) == (12.0, 15.0, "tv, bar")
        assert row["started_utc"] == "2026-11-21T11:00:10.000Z"

    def test_a_box_of_before_there_were_screens_plays_music(self, box: ABox, admin: TestClient) -> None:
        """What it says of a row has fewer fields."""
        body = msgspec.to_builtins(song(1))
        del body["shown_s"], body["outputs"]
        box.receipt(chain(msgspec.json.encode(body).decode()))
        assert [(row["shown_s"], row["outputs"]) for row in rows(admin)] == [(None, "")]

    def test_a_screen_s_name_cannot_hold_what_no_database_keeps(self, box: ABox, admin: TestClient) -> None:
        """Such a row is set aside, and the rest goes on."""
        receipt = box.receipt(chain(song(1), picture(2, outputs=("a\0b",)), song(3)))
        assert [refusal.number for refusal in receipt.refused] == [2]
        assert len(rows(admin, what="all")) == 2


class TestExports:
    """Files for rights offices, and for programs."""

    def test_a_spreadsheet_gets_all_columns(self, box: ABox, admin: TestClient) -> None:
        """With the time in UTC and by the clock on the venue's wall."""
        item = Snapshot(id="x", title='A "b", c', artist="Zoé", isrc="FRZ038400212", duration_ms=90_000)
        box.receipt(chain(clock(0.0, NOON), song(2, item=item, layer="daypart", source="noon", zone="main")))
        response = admin.get(f"{API}/played.csv")
        (row,) = csv.DictReader(StringIO(response.content.decode(), newline=""))
        assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "as-run.csv" in response.headers["Content-Disposition"]
        assert (row["title"], row["artist"], row["isrc"]) == ('A "b", c', "Zoé", "FRZ038400212")
        assert row["started_utc"] == "2026-11-21T11:03:20.000Z"
        assert row["started_local"] == "2026-11-21T12:03:20.000+01:00"
        assert (row["layer"], row["source"], row["zone"], row["venue"]) == ("daypart", "noon", "main", "bar")
        assert (row["heard_s"], row["level_db"], row["duration_ms"]) == ("90.0", "-20.0", "90000")

    @pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@x", "\tx"])
    def test_no_title_becomes_a_formula(self, box: ABox, admin: TestClient, title: str) -> None:
        """A spreadsheet would carry it out; a program gets it as it is."""
        box.receipt(chain(song(1, item=Snapshot(id="x", title=title))))
        (row,) = csv.DictReader(StringIO(admin.get(f"{API}/played.csv").content.decode(), newline=""))
        assert row["title"] == f"'{title}"
        assert json.loads(admin.get(f"{API}/played.jsonl").content)["title"] == title

    def test_a_long_file_has_every_row_once(
        self, box: ABox, admin: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is written page by page, so that a year costs no memory."""
        monkeypatch.setattr(played_log, "ROWS_AT_ONCE", 7)
        box.receipt(chain(*(song(number) for number in range(1, 31))))
        lines = admin.get(f"{API}/played.jsonl").content.splitlines()
        assert [json.loads(line)["sequence"] for line in lines] == list(range(1, 31))

    def test_a_clock_that_is_read_in_the_middle_of_it_moves_nothing(
        self, box: ABox, hub: Hub, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file tells each row once, as it was when it was begun, however slowly it is taken."""
        monkeypatch.setattr(played_log, "ROWS_AT_ONCE", 2)
        whole = chain(*(song(number) for number in range(1, 8)), clock(0.0, NOON))
        box.receipt(part(whole, 1, 7))
        everyone = Caller(grants={ALL: Role.VIEWER})
        taking = played_log.stream(hub.database, everyone, played_log.Span())
        first = next(taking)
        box.receipt(part(whole, 8, 8))
        rest = list(taking)
        assert [row.sequence for row in (first, *rest)] == list(range(1, 8))
        assert {row.at < NOON for row in (first, *rest)} == {True}
