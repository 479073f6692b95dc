"""The live channel of a whole hub: what boxes and operators hear over their lines, and how they lose them."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient, WebSocketDenialResponse

from easyplayer.errors import DatabaseError
from easyplayer.hub.db.schema import boxes
from easyplayer.hub.hub import Hub
from easyplayer.hub.live import channel
from easyplayer.hub.live import news as news_module
from easyplayer.hub.live.watching import LEASE_S
from easyplayer.hub.live_views import Unwatch, Watch
from easyplayer.hub.services import accounts
from easyplayer.protocol.heartbeat import OnAir, Status
from easyplayer.protocol.live import Report, Wake, Welcome
from easyplayer.protocol.live import Watch as Watched
from easyplayer.units import Seconds
from tests.hub.boxes import API, ABox, done, paired, place
from tests.hub.conftest import HeldClock
from tests.hub.live.talking import NOW, PATH, Talk, box_of, line_of, page_of

pytestmark = pytest.mark.slow


@pytest.fixture(name="box")
def _box(hub: Hub, client: TestClient) -> ABox:
    """Give a box to which nothing more is to be said."""
    return box_of(hub, client)


def give(admin: TestClient, box: ABox, name: str = "skip", **more: Any) -> str:
    """Give a command; tells its id."""
    response = admin.post(f"{API}/boxes/{box.id}/commands", json={"name": name, **more})
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def state_of(admin: TestClient, command: str) -> str:
    return str(admin.get(f"{API}/commands/{command}").json()["state"])


def news(page: Talk) -> dict[str, Any]:
    """Read the news of one box."""
    told = page.hear()
    assert told["kind"] == "news", told
    (one,) = told["boxes"]
    return dict(one)


NOBODY = "0" * 16


class TestOrders:
    """What a box hears."""

    def test_it_is_welcome_first_of_all(self, box: ABox) -> None:
        """And hears how seldom it may send heartbeats from now on."""
        with line_of(box) as line:
            assert line.welcome == Welcome(heartbeat_s=Seconds(300.0))

    def test_a_command_goes_to_its_box_at_once(self, box: ABox, admin: TestClient) -> None:
        """It counts as sent; the result comes by a heartbeat."""
        with line_of(box) as line:
            given = give(admin, box, "set_volume", args={"volume": 40})
            (command,) = line.orders()
            assert (command.id, command.name, command.args) == (given, "set_volume", {"volume": 40})
            assert state_of(admin, given) == "sent"
            box.reply(results=(done(command),))
            assert state_of(admin, given) == "done"

    def test_what_waits_follows_the_welcome(self, box: ABox, admin: TestClient) -> None:
        """Also what was sent before, and has no result: it may have been lost with another line."""
        first, second = give(admin, box), give(admin, box)
        with line_of(box) as line:
            assert [one.id for one in line.orders()] == [first, second]
        with line_of(box) as line:
            assert [one.id for one in line.orders()] == [first, second]

    def test_a_command_is_not_sent_twice_over_one_line(self, box: ABox, admin: TestClient) -> None:
        """Until there is a result, heartbeats bring it again."""
        with line_of(box) as line:
            give(admin, box)
            line.orders()
            second = give(admin, box)
            assert [one.id for one in line.orders()] == [second]

    def test_an_expired_command_is_not_sent(self, box: ABox, admin: TestClient, clock: HeldClock) -> None:
        """As with the heartbeat."""
        give(admin, box, expires_s=10)
        clock.pass_s(11)
        second = give(admin, box)
        with line_of(box) as line:
            assert [one.id for one in line.orders()] == [second]

    def test_a_command_for_a_venue_goes_to_all_its_boxes(
        self, box: ABox, admin: TestClient, client: TestClient, hub: Hub
    ) -> None:
        """To each its own."""
        other = box_of(hub, client, number=2)
        with line_of(box) as line, line_of(other) as second:
            admin.post(f"{API}/venues/bar/commands", json={"name": "skip"})
            assert [one.box for one in (*line.orders(), *second.orders())] == [box.id, other.id]

    def test_what_is_no_command_wakes_it(self, box: ABox, admin: TestClient) -> None:
        """Its heartbeat brings where it is, whether it may play, and its program."""
        with line_of(box) as line:
            admin.patch(f"{API}/boxes/{box.id}", json={"blocked": "not paid"})
            assert line.next() == Wake(within_s=Seconds(0.0))
            assert box.reply().blocked == "not paid"

    def test_many_boxes_do_not_ask_at_once(
        self, box: ABox, admin: TestClient, client: TestClient, hub: Hub
    ) -> None:
        """They are told to spread out."""
        others = [box_of(hub, client, number=number) for number in range(2, 23)]
        with line_of(box) as line:
            admin.patch(f"{API}/venues/bar", json={"blocked": "closed"})
            wake = line.next()
        assert len(others) == 21
        assert isinstance(wake, Wake)
        assert wake.within_s >= 30

    def test_a_box_for_which_something_is_new_hears_it_with_its_line(
        self, box: ABox, admin: TestClient
    ) -> None:
        """It may have come between its last heartbeat and the line."""
        admin.patch(f"{API}/boxes/{box.id}", json={"name": "corner"})
        with line_of(box) as line:
            assert isinstance(line.next(), Wake)

    def test_a_new_command_and_a_new_place_are_both_told(self, box: ABox, admin: TestClient) -> None:
        """A command that takes long must not hold up the rest."""
        give(admin, box)
        admin.patch(f"{API}/boxes/{box.id}", json={"name": "corner"})
        with line_of(box) as line:
            assert len(line.orders()) == 1
            assert isinstance(line.next(), Wake)

    def test_a_database_that_is_away_costs_time_only(
        self, box: ABox, admin: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The box asks a little later."""
        with line_of(box) as line:
            with monkeypatch.context() as broken:
                broken.setattr("easyplayer.hub.live.order_desk.look", _away)
                give(admin, box)
                assert line.next() == Wake(within_s=Seconds(30.0))
            second = give(admin, box)
            assert second in [one.id for one in line.orders()]


def _away(*_what: object) -> None:
    message = "the database is away"
    raise DatabaseError(message)


class TestLines:
    """Who has a line, and who loses it."""

    def test_the_newer_line_of_a_box_wins(self, box: ABox, admin: TestClient) -> None:
        """Both are woken: were they two machines, their heartbeats would show it."""
        with line_of(box) as older, line_of(box) as newer:
            assert isinstance(older.next(), Wake)
            assert older.is_over()
            assert isinstance(newer.next(), Wake)
            given = give(admin, box)
            assert [one.id for one in newer.orders()] == [given]

    def test_a_box_that_is_forgotten_loses_its_line(self, box: ABox, admin: TestClient) -> None:
        """At once."""
        with line_of(box) as line:
            admin.delete(f"{API}/boxes/{box.id}")
            assert line.is_over()

    def test_a_line_of_a_former_pairing_is_over(
        self, box: ABox, admin: TestClient, client: TestClient, clock: HeldClock, hub: Hub
    ) -> None:
        """Its token is void, and so is what was opened with it."""
        with line_of(box) as line:
            with hub.database.write() as connection:
                connection.execute(update(boxes).values(epoch=boxes.c.epoch + 1))
            give(admin, box)
            assert line.is_over()

    def test_a_box_that_says_nonsense_loses_its_line(
        self, box: ABox, client: TestClient, token_for: Callable[..., str]
    ) -> None:
        """What only a newer box says is left alone, and what nobody wants to hear is not read."""
        with line_of(box) as line, page_of(client, token_for("admin", {})) as page:
            line.words("nonsense")
            page.say(Watch(box=box.id))
            assert line.next() == Watched(seconds=LEASE_S)
            line.say({"kind": "song", "text": "la"})
            line.say({"kind": "report", "now": "la"})
            assert line.is_over()

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 401),
            ({"Authorization": "Bearer nonsense"}, 401),
            ({"Authorization": "Bearer a.b.c.d.e"}, 401),
        ],
    )
    def test_nobody_comes_in_without_a_token(
        self, client: TestClient, headers: dict[str, str], status: int
    ) -> None:
        """And hears so by the status, over a websocket too."""
        polled = client.get("/live/?EIO=4&transport=polling", headers=headers)
        assert (polled.status_code, polled.json()["code"]) == (status, 4)
        with (
            pytest.raises(WebSocketDenialResponse) as denied,
            client.websocket_connect(PATH, headers=headers),
        ):
            pass
        assert denied.value.status_code == status

    def test_both_transports_are_the_same(self, box: ABox, admin: TestClient) -> None:
        """A box behind a proxy that knows no websockets polls."""
        headers = {"Authorization": f"Bearer {box.token}"}
        poll = "/live/?EIO=4&transport=polling"
        given = give(admin, box)
        opened = box.client.get(poll, headers=headers).text
        sid = opened.split('"sid":"')[1].split('"')[0]
        assert sid.startswith("w0-")
        heard = "".join(
            box.client.get(f"{poll}&sid={sid}").text for _ in range(1 if "welcome" in opened else 2)
        )
        assert given in opened + heard or given in box.client.get(f"{poll}&sid={sid}").text


class TestOperators:
    """What operators hear of the boxes that they may see."""

    def test_who_watches_a_box_hears_how_it_is(
        self, box: ABox, client: TestClient, token_for: Callable[..., str], clock: HeldClock
    ) -> None:
        """What is known of it first; and from then on what it says itself, as long as somebody watches."""
        box.reply(status=Status(version="1.0", item=OnAir(id="dawn")), digest="d2")
        with line_of(box) as line, page_of(client, token_for("admin", {})) as page:
            page.say(Watch(box=box.id))
            known = page.hear()
            assert (known["kind"], known["live"], known["status"]["item"]["id"]) == ("report", False, "dawn")
            assert line.next() == Watched(seconds=LEASE_S)
            line.say(Report(now=NOW, status=Status(version="2.0")))
            told = page.hear()
            assert (told["box"], told["live"], told["at"]) == (box.id, True, clock.now)
            assert told["status"]["version"] == "2.0"
            page.say(Unwatch(box=box.id))
            assert line.next() == Watched(seconds=Seconds(0.0))

    def test_a_second_watcher_gets_the_whole_status(
        self, box: ABox, client: TestClient, token_for: Callable[..., str]
    ) -> None:
        """For the box is asked once more; it ends only when both have gone."""
        token = token_for("admin", {})
        with line_of(box) as line:
            with page_of(client, token) as first:
                first.say(Watch(box=box.id))
                assert line.next() == Watched(seconds=LEASE_S)
                with page_of(client, token) as second:
                    second.say(Watch(box=box.id))
                    assert line.next() == Watched(seconds=LEASE_S)
                    line.say(Report(now=NOW, status=Status(version="2.0")))
                    assert [second.hear()["live"], second.hear()["live"]] == [False, True]
            assert line.next() == Watched(seconds=Seconds(0.0))

    def test_a_box_that_comes_back_is_watched_on(
        self, box: ABox, client: TestClient, token_for: Callable[..., str]
    ) -> None:
        """Whoever looks at it need not ask again."""
        with page_of(client, token_for("admin", {})) as page:
            page.say(Watch(box=box.id))
            page.hear()
            with line_of(box) as line:
                assert line.next() == Watched(seconds=LEASE_S)

    def test_a_box_reports_only_to_those_who_watch(
        self, box: ABox, client: TestClient, admin: TestClient, token_for: Callable[..., str]
    ) -> None:
        """Another operator hears nothing of it."""
        with line_of(box) as line, page_of(client, token_for("admin", {})) as page:
            line.say(Report(now=NOW))
            box.reply(status=Status(version="9.0"), digest="d9")
            assert news(page)["happened"] == ["status"]

    def test_what_is_not_there_cannot_be_watched(
        self, client: TestClient, token_for: Callable[..., str]
    ) -> None:
        """Nor what the operator may not see; both sound the same."""
        with page_of(client, token_for("admin", {})) as page:
            page.say(Watch(box=NOBODY))
            refused = page.hear()
            assert (refused["kind"], refused["box"], refused["code"]) == ("refused", NOBODY, "hub.not-found")

    def test_what_one_may_not_see_is_not_told(
        self, box: ABox, client: TestClient, hub: Hub, token_for: Callable[..., str]
    ) -> None:
        """Neither by watching nor as news."""
        other = box_of(hub, client, 2, "hotel", "hotels")
        with page_of(client, token_for("anna", {"hotels": "viewer"})) as page:
            page.say(Watch(box=box.id))
            assert page.hear()["code"] == "hub.not-found"
            box.reply(status=Status(version="9.0"), digest="d9")
            other.reply(status=Status(version="8.0"), digest="d8")
            assert news(page)["box"] == other.id

    @pytest.mark.parametrize(
        "words",
        ["{", '"watch"', '{"kind":"watch"}', '{"kind":"watch","box":"bar\\u0000"}', "x" * 5000, "[" * 4000],
    )
    def test_nonsense_is_refused_and_costs_nothing(
        self, client: TestClient, token_for: Callable[..., str], words: str
    ) -> None:
        """The line goes on; what only a newer page says is left alone."""
        with page_of(client, token_for("admin", {})) as page:
            page.say({"kind": "dance"})
            page.words(words)
            assert page.hear()["code"] == "hub.bad-request"
            page.say(Watch(box=NOBODY))
            assert page.hear()["code"] == "hub.not-found"


class TestNews:
    """What happens to boxes."""

    @pytest.fixture(autouse=True)
    def _soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let one piece of news follow the other."""
        monkeypatch.setattr(news_module, "EVERY_S", 0.0)

    def test_a_box_comes_live_and_goes(
        self, box: ABox, client: TestClient, token_for: Callable[..., str]
    ) -> None:
        """Both at once, with how it is and where."""
        with page_of(client, token_for("admin", {})) as page:
            with line_of(box):
                told = news(page)
                assert (told["happened"], told["live"], told["state"]) == (["live"], True, "online")
                assert (told["name"], told["venue"], told["zone"]) == ("bar box", "bar", "main")
            told = news(page)
            assert (told["happened"], told["live"]) == (["away"], False)

    def test_a_result_is_told(
        self, box: ABox, client: TestClient, admin: TestClient, token_for: Callable[..., str]
    ) -> None:
        """With whose command it was."""
        given = give(admin, box)
        with page_of(client, token_for("admin", {})) as page:
            box.reply(results=(done(given),), status=None)
            (command,) = news(page)["commands"]
            assert command == {"id": given, "name": "skip", "state": "done", "by": "admin"}

    def test_what_plays_and_what_is_wrong_is_told(
        self, box: ABox, client: TestClient, token_for: Callable[..., str]
    ) -> None:
        """As the heartbeat brings it."""
        with page_of(client, token_for("admin", {})) as page:
            item = OnAir(id="dawn", title="Dawn", artist="Ada")
            box.reply(digest="d5", status=Status(version="1", state="playing", item=item, problems=("late",)))
            playing = news(page)["playing"]
            assert (playing["state"], playing["item"]["title"], playing["problems"]) == (
                "playing",
                "Dawn",
                ["late"],
            )

    def test_pairing_and_its_end_are_told(
        self, client: TestClient, admin: TestClient, token_for: Callable[..., str]
    ) -> None:
        """Its end to those who could see it, though it is there no more."""
        place(admin)
        with page_of(client, token_for("anna", {"bars": "viewer"})) as page:
            box = paired(client, admin)
            told = news(page)
            assert (told["box"], told["happened"], told["state"]) == (box.id, ["paired"], "never")
            admin.delete(f"{API}/boxes/{box.id}")
            told = news(page)
            assert (told["happened"], told["name"], told["venue"]) == (["unpaired"], "bar box", "bar")


class TestLooks:
    """What is looked at from time to time: who may see what, and who is late."""

    @pytest.fixture(autouse=True)
    def _often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Look often, and let one piece of news follow the other."""
        monkeypatch.setattr(channel, "LOOK_EVERY_S", 0.02)
        monkeypatch.setattr(news_module, "EVERY_S", 0.0)

    def test_who_is_logged_out_loses_the_line(
        self, client: TestClient, admin: TestClient, token_for: Callable[..., str], hub: Hub
    ) -> None:
        """And is told why."""
        with page_of(client, token_for("anna", {"*": "viewer"})) as page:
            with hub.database.write() as connection:
                accounts.set_blocked(connection, "anna", blocked=True)
            assert page.hear()["code"] == "hub.unauthenticated"
            assert page.is_over()

    def test_who_may_not_see_a_box_any_more_watches_it_no_longer(
        self, box: ABox, client: TestClient, token_for: Callable[..., str], hub: Hub
    ) -> None:
        """The box stops reporting."""
        with line_of(box) as line, page_of(client, token_for("anna", {"bars": "viewer"})) as page:
            page.say(Watch(box=box.id))
            page.hear()
            with hub.database.write() as connection:
                accounts.grant(connection, "anna", {})
            refused = page.hear()
            assert (refused["kind"], refused["box"]) == ("refused", box.id)
            told = line.next()
            while told != Watched(seconds=Seconds(0.0)):
                assert told == Watched(seconds=LEASE_S)
                told = line.next()

    def test_a_box_that_falls_silent_is_noticed(
        self, box: ABox, client: TestClient, token_for: Callable[..., str], clock: HeldClock
    ) -> None:
        """Late first; and it is told where it is heard of again."""
        with line_of(box) as line, page_of(client, token_for("admin", {})) as page:
            page.say(Watch(box=box.id))
            page.hear()
            for _ in range(3):  # a wish, and two that were renewed: one look is over then
                assert line.next() == Watched(seconds=LEASE_S)
            clock.pass_s(100)
            told = news(page)
            assert (told["happened"], told["state"]) == (["state"], "late")
            clock.pass_s(600)
            assert news(page)["state"] == "silent"
            box.reply(status=None)
            assert news(page)["state"] == "online"


def test_figures_of_the_channel_stand_with_the_hubs(
    box: ABox, client: TestClient, admin: TestClient, token_for: Callable[..., str]
) -> None:
    """In one text, with one end."""
    with line_of(box) as line:
        give(admin, box)
        line.orders()
        told = admin.get("/metrics").text
    assert 'easyplayer_hub_live_lines{kind="box"} 1.0' in told
    assert "easyplayer_hub_live_orders_total 1.0" in told
    assert 'easyplayer_hub_live_sessions{transport="websocket"} 1' in told
    assert told.count("# EOF") == 1
    assert told.endswith("# EOF\n")


def test_a_hub_that_ends_tells_all_who_have_a_line(box: ABox, client: TestClient) -> None:
    """And lets nobody in any more."""
    application: Any = client.app
    assert client.portal is not None
    with line_of(box) as line:
        client.portal.call(application.leave)
        assert line.is_over()
    headers = {"Authorization": f"Bearer {box.token}"}
    assert client.get("/live/?EIO=4&transport=polling", headers=headers).status_code == 503
