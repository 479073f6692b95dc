"""The live channel of a whole hub, and those who mean it ill: what they get, and that it stays bounded."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient, WebSocketDenialResponse

from easyplayer.errors import DatabaseError
from easyplayer.hub.app import build_application
from easyplayer.hub.db.schema import pulses
from easyplayer.hub.hub import Hub
from easyplayer.hub.live import channel, letters, operator_desk
from easyplayer.hub.live import news as news_module
from easyplayer.hub.live.letters import Woken
from easyplayer.hub.live.presence import Presence
from easyplayer.hub.live.watching import LEASE_S
from easyplayer.hub.live_views import MOST_WORDS_BYTES, Unwatch, Watch
from easyplayer.hub.proofs import COOKIE
from easyplayer.hub.services import accounts, box_tokens, places
from easyplayer.hub.services.tokens import ID_DIGITS, TokenKind, digest_of, end_session, make_token, revoke
from easyplayer.protocol.codec import encode
from easyplayer.protocol.heartbeat import Status
from easyplayer.protocol.live import MOST_LIVE_BYTES, MOST_REPORT_BYTES, Orders, Report, Wake
from easyplayer.protocol.live import Watch as Watched
from easyplayer.units import Instant, Seconds
from tests.hub.boxes import API, ABox
from tests.hub.conftest import PUBLIC_URL, HeldClock, HubFactory
from tests.hub.live.talking import MESSAGE, NOW, PATH, Talk, box_of, line_of, page_of

pytestmark = pytest.mark.slow

POLL = "/live/?EIO=4&transport=polling"
TokenFor = Callable[..., str]
QUEUE_BYTES = 2 * MOST_LIVE_BYTES


@pytest.fixture(name="box")
def _box(hub: Hub, client: TestClient) -> ABox:
    """Give a box of the venue ``bar``, which is in the group ``bars``."""
    return box_of(hub, client)


@pytest.fixture(name="anna")
def _anna(box: ABox, token_for: TokenFor) -> str:
    """Give the token of a user who may see the group of that venue only."""
    assert box
    return token_for("anna", {"bars": "viewer"})


@pytest.fixture(name="live")
def _live(client: TestClient) -> channel.LiveHub:
    """Give the live channel of the hub that the client asks."""
    application: Any = client.app
    return next(one for one in application._background if isinstance(one, channel.LiveHub))


def session_of(hub: Hub, user: str) -> str:
    """Log a user in; gives the cookie."""
    with hub.database.write() as connection:
        lasts = Seconds(3600.0)
        return make_token(connection, user, TokenKind.SESSION, hub.now(), lasts=lasts, chance=hub.chance)


def opened(client: TestClient, **headers: str) -> str:
    """Open a session that polls; gives its id."""
    response = client.get(POLL, headers=headers)
    assert response.status_code == 200, response.text
    return response.text.partition('"sid":"')[2].partition('"')[0]


def refusal(client: TestClient, **headers: str) -> int:
    """Try to open a line in both ways; gives the status of the refusal."""
    polled = client.get(POLL, headers=headers)
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect(PATH, headers=headers):
        pass
    assert denied.value.status_code == polled.status_code
    assert "access-control-allow-credentials" not in polled.headers
    return polled.status_code


class TestTakenRights:
    """Who may see less than before sees less at once: nobody has to wait for the look of every 20 seconds."""

    @pytest.fixture(autouse=True)
    def _soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let one piece of news follow the other; the look from time to time is far away."""
        monkeypatch.setattr(news_module, "EVERY_S", 0.0)

    @pytest.mark.parametrize("way", ["blocked", "removed", "token", "password"])
    def test_who_is_locked_out_loses_the_line(
        self, client: TestClient, hub: Hub, anna: str, way: str
    ) -> None:
        """Whatever it is by: the user, the token, or all sessions of the user."""
        token = session_of(hub, "anna") if way == "password" else anna
        with page_of(client, token) as page:
            with hub.database.write() as connection:
                match way:
                    case "blocked":
                        accounts.set_blocked(connection, "anna", blocked=True)
                    case "removed":
                        accounts.remove(connection, "anna")
                    case "token":
                        revoke(connection, "anna", digest_of(anna)[:ID_DIGITS])
                    case "password":
                        accounts.set_password(connection, "anna", "another")
            assert page.hear()["code"] == "hub.unauthenticated"
            assert page.is_over()

    def test_who_logs_out_loses_the_lines_of_that_session_only(
        self, client: TestClient, hub: Hub, anna: str, box: ABox
    ) -> None:
        """What was opened by another one goes on."""
        one, other = session_of(hub, "anna"), session_of(hub, "anna")
        with page_of(client, one) as gone, page_of(client, other) as page:
            with hub.database.write() as connection:
                end_session(connection, one)
            assert gone.is_over()
            page.say(Watch(box=box.id))
            assert page.hear()["kind"] == "report"

    @pytest.mark.parametrize("way", ["grants", "venue", "box", "forgotten"])
    def test_who_may_not_see_a_box_any_more_hears_nothing_of_it(
        self, admin: TestClient, hub: Hub, box: ABox, anna: str, way: str
    ) -> None:
        """Neither its reports, which end at the box too, nor its news."""
        with hub.database.write() as connection:
            places.add_group(connection, "hotels", "Hotels")
            places.add_venue(
                connection, "hotel", title="Hotel", time_zone="Europe/Paris", inside=["hotels"], now=hub.now()
            )
        with line_of(box) as line, page_of(box.client, anna) as page:
            page.say(Watch(box=box.id))
            assert page.hear()["kind"] == "report"
            assert line.next() == Watched(seconds=LEASE_S)
            match way:
                case "grants":
                    body = {"grants": {"hotels": "viewer"}}
                    assert admin.patch(f"{API}/users/anna", json=body).is_success
                case "venue":
                    assert admin.patch(f"{API}/venues/bar", json={"groups": ["hotels"]}).is_success
                case "box":
                    assert admin.patch(f"{API}/boxes/{box.id}", json={"venue": "hotel"}).is_success
                case "forgotten":
                    assert admin.delete(f"{API}/boxes/{box.id}").is_success
            heard = [page.hear()]
            if heard[0]["kind"] == "news":  # of its end, which who could see it may know
                assert heard[0]["boxes"][0]["happened"] == ["unpaired"]
                heard.append(page.hear())
            assert (heard[-1]["kind"], heard[-1]["box"]) == ("refused", box.id)
            if way == "forgotten":
                return
            told = line.next()
            while isinstance(told, Wake):
                told = line.next()
            assert told == Watched(seconds=Seconds(0.0))
            line.say(Report(now=NOW, status=Status(version="secret")))
            box.reply(status=Status(version="secret"), digest="d9")
            page.say(Watch(box=box.id))
            assert page.hear()["code"] == "hub.not-found"

    def test_a_change_while_a_box_is_looked_up_is_not_missed(
        self, client: TestClient, hub: Hub, box: ABox, anna: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was read before it does not count any more."""
        real = operator_desk.known_of

        def slow(*what: Any) -> Any:
            known = real(*what)
            if box.id in what[2]:
                with hub.database.write() as connection:
                    accounts.grant(connection, "anna", {})
            return known

        monkeypatch.setattr(operator_desk, "known_of", slow)
        with page_of(client, anna) as page:
            page.say(Watch(box=box.id))
            assert page.hear()["kind"] == "report"
            assert page.hear()["code"] == "hub.not-found"

    def test_others_are_left_alone(
        self, client: TestClient, hub: Hub, box: ABox, token_for: TokenFor
    ) -> None:
        """A change of one user's rights is no reason to look at all the others'."""
        looked: list[frozenset[str]] = []
        real = operator_desk.known_of
        anna, bert = token_for("anna", {"bars": "viewer"}), token_for("bert", {"bars": "viewer"})

        def known_of(*what: Any) -> Any:
            looked.append(what[1])
            return real(*what)

        with pytest.MonkeyPatch.context() as patched, page_of(client, anna) as first, page_of(client, bert):
            patched.setattr(operator_desk, "known_of", known_of)
            with hub.database.write() as connection:
                accounts.remove(connection, "anna")
            assert first.is_over()
        assert looked == [frozenset({anna})]


class TestForeignPages:
    """Pages of other sites in the browser of somebody who is logged in at the hub."""

    @pytest.mark.parametrize(
        "origin",
        [
            "https://elsewhere.test",
            "https://hub.test",
            "http://hub.test:8081",
            "http://hub.test.elsewhere.test",
            "http://hub.test@elsewhere.test",
            "http://elsewhere.test/http://hub.test",
            "ws://hub.test",
            "HTTP://ELSEWHERE.TEST",
            "null",
            "file://",
            "http://hub.test, http://elsewhere.test",
            "http://hub.test http://elsewhere.test",
        ],
    )
    def test_they_open_nothing(self, client: TestClient, hub: Hub, anna: str, origin: str) -> None:
        """By neither transport; and are told nothing that they could read."""
        assert anna
        cookie = f"{COOKIE}={session_of(hub, 'anna')}"
        assert refusal(client, cookie=cookie, origin=origin) in {400, 403}

    def test_they_cannot_write_either(self, client: TestClient, hub: Hub, anna: str) -> None:
        """A form can send text, and the cookie with it; but not to a session whose name it cannot know."""
        assert anna
        cookie = f"{COOKIE}={session_of(hub, 'anna')}"
        sent = {"cookie": cookie, "origin": "https://elsewhere.test", "content-type": "text/plain"}
        for sid in ("", "&sid=", "&sid=w0-", "&sid=w0-AAAAAAAAAAAAAAAAAAAA", "&sid=../w0"):
            answer = client.post(f"{POLL}{sid}", content='4{"kind":"watch"}', headers=sent)
            assert answer.status_code == 400

    def test_a_cookie_alone_opens_no_websocket(self, client: TestClient, hub: Hub, anna: str) -> None:
        """A browser always says where one is from; what does not is no browser, and has a token."""
        assert anna
        cookie = f"{COOKIE}={session_of(hub, 'anna')}"
        with (
            pytest.raises(WebSocketDenialResponse) as denied,
            client.websocket_connect(PATH, headers={"cookie": cookie}),
        ):
            pass
        assert denied.value.status_code == 403


class TestOthersSessions:
    """A session's name is worth what it was opened with; so it cannot be guessed, and is told nobody else."""

    def test_a_name_that_was_guessed_is_nobodys(self, client: TestClient, anna: str) -> None:
        """However near it comes."""
        sid = opened(client, Authorization=f"Bearer {anna}")
        assert len(sid) > 20
        for guess in (sid[:-1], sid + "A", sid.lower(), sid.upper(), f"w1{sid[2:]}", "w0-" + "A" * 20):
            answer = client.get(f"{POLL}&sid={guess}")
            assert (answer.status_code, answer.json()["code"]) == (400, 1)

    def test_a_name_is_written_nowhere(
        self, box: ABox, anna: str, live: channel.LiveHub, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither in the log nor to other workers: whoever reads these would have the line."""
        said: list[bytes] = []
        real, client = live._bus.publish, box.client
        with pytest.MonkeyPatch.context() as patched, caplog.at_level(logging.DEBUG):
            patched.setattr(live._bus, "publish", lambda topic, what: (said.append(what), real(topic, what)))
            sids = [opened(client, Authorization=f"Bearer {token}") for token in (anna, box.token)]
            for sid in sids:
                client.post(f"{POLL}&sid={sid}", content="4nonsense")
                client.post(f"{POLL}&sid={sid}", content="nonsense")
        assert said
        logged = [one.getMessage() for one in caplog.records if one.name.startswith("easyplayer")]
        written = repr(logged) + repr(said)
        assert not [sid for sid in sids if sid in written or sid.partition("-")[2] in written]


class TestStrangeBoxes:
    """Boxes whose token is none, or not any more, and such as were never heard of."""

    def test_a_token_of_another_hub_or_of_another_time_opens_nothing(
        self, client: TestClient, hub: Hub, box: ABox, clock: HeldClock
    ) -> None:
        """All sound the same by their status: the box opens another session."""
        epoch = int(clock.now)
        tokens = [
            box.token[:-1] + ("A" if box.token[-1] != "A" else "B"),
            box_tokens.make(hub.keys, box.id, epoch - 1, Instant(clock.now + 60)),
            box_tokens.make(hub.keys, box.id, epoch, Instant(clock.now - 1)),
            box_tokens.make(hub.keys, "0" * 16, epoch, Instant(clock.now + 60)),
            ".".join("abcde"),
            "." * 4,
            "." * 1000,
            f"{box.token}.",
        ]
        for token in tokens:
            assert refusal(client, Authorization=f"Bearer {token}") == 401

    def test_a_line_outlives_the_token_that_it_was_opened_with(
        self, box: ABox, admin: TestClient, clock: HeldClock
    ) -> None:
        """The token says who it is, once; what ends the line is that the box is forgotten."""
        with line_of(box) as line:
            clock.pass_s(7200)
            admin.post(f"{API}/boxes/{box.id}/commands", json={"name": "skip"})
            assert len(line.orders()) == 1

    def test_a_box_that_was_never_heard_of_harms_no_page(
        self, hub: Hub, box: ABox, admin: TestClient, anna: str, clock: HeldClock
    ) -> None:
        """It has a token, and opens its line before it has sent a heartbeat."""
        with hub.database.write() as connection:
            never = {"seen": 0.0, "now": "{}", "status": ""}
            connection.execute(update(pulses).where(pulses.c.box == box.id).values(**never))
        with line_of(box), page_of(box.client, anna) as page:
            clock.pass_s(1000)
            Presence(hub.database, hub.now, lambda: [box.id], 40.0).look([box.id])
            page.say(Watch(box=box.id))
            assert page.hear()["now"] is None
            assert admin.get(f"{API}/boxes/{box.id}").json()["state"] == "never"


class TestFlood:
    """Those who say more than anybody needs to."""

    @pytest.fixture(autouse=True)
    def _soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let one piece of news follow the other."""
        monkeypatch.setattr(news_module, "EVERY_S", 0.0)

    def test_what_a_box_says_is_not_read_while_nobody_watches_it(
        self, box: ABox, admin: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However much it is."""
        monkeypatch.setattr("easyplayer.hub.live.box_desk.read_from_box", _never)
        with line_of(box) as line:
            for _ in range(500):
                line.say(Report(now=NOW, status=Status(version="x")))
            admin.post(f"{API}/boxes/{box.id}/commands", json={"name": "skip"})
            assert len(line.orders()) == 1

    def test_a_watched_box_is_told_on_twice_a_second_at_the_most(
        self, box: ABox, client: TestClient, anna: str
    ) -> None:
        """Whoever watches it is not flooded by it."""
        with line_of(box) as line, page_of(client, anna) as page:
            page.say(Watch(box=box.id))
            assert page.hear()["live"] is False
            assert line.next() == Watched(seconds=LEASE_S)
            for _ in range(300):
                line.say(Report(now=NOW))
            page.say(Watch(box="0" * 16))
            reports = 0
            while (told := page.hear())["kind"] == "report":
                reports += 1
            assert told["code"] == "hub.not-found"
            assert 1 <= reports <= 5

    @pytest.mark.parametrize(
        "words",
        [
            '{"kind":"report","now":' + "[" * 60_000,
            '{"kind":"report","now":{"uptime_s":1e999,"time":0}}',
            '{"kind":"report","now":{"uptime_s":NaN,"time":0}}',
            '{"kind":"report","now":{"uptime_s":1,"time":0},"status":{"version":"\\ud800"}}',
            "\x00",
            "",
        ],
        ids=lambda words: words[:30],
    )
    def test_nonsense_of_a_watched_box_ends_its_line_once(
        self, box: ABox, client: TestClient, anna: str, words: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Though it sends it again and again before it hears of that."""
        with page_of(client, anna) as page:
            page.say(Watch(box=box.id))
            page.hear()
            sid = opened(box.client, Authorization=f"Bearer {box.token}")
            payload = "\x1e".join([MESSAGE + words] * (MOST_REPORT_BYTES // (len(words) + 2)))
            box.client.post(f"{POLL}&sid={sid}", content=payload.encode())
            while (told := page.hear())["kind"] != "news" or "away" not in told["boxes"][0]["happened"]:
                pass
        assert caplog.text.count("says nonsense") == 1

    @pytest.mark.parametrize("most", [MOST_REPORT_BYTES, 2 * MOST_REPORT_BYTES, 3_000_000])
    def test_what_is_too_long_is_not_taken(self, client: TestClient, anna: str, most: int) -> None:
        """Over polling it is refused; an operator may say much less still."""
        sid = opened(client, Authorization=f"Bearer {anna}")
        answer = client.post(f"{POLL}&sid={sid}", content="4" + "x" * most)
        assert answer.status_code == 413

    def test_an_operator_who_asks_on_and_on_is_answered_in_few_looks(
        self, box: ABox, admin: TestClient, anna: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And the box hears nothing of all the changes of mind that came between."""
        looks: list[Any] = []
        real, client = operator_desk.known_of, box.client
        monkeypatch.setattr(operator_desk, "known_of", lambda *what: (looks.append(what), real(*what))[1])
        with line_of(box) as line:
            with page_of(client, anna) as page:
                for _ in range(400):
                    page.say(Watch(box=box.id))
                    page.say(Unwatch(box=box.id))
                page.say(Watch(box="0" * 16))
                while page.hear()["kind"] == "report":
                    pass
            assert 0 < len(looks) < 20
            admin.post(f"{API}/boxes/{box.id}/commands", json={"name": "skip"})
            told = 0
            while not isinstance(line.next(), Orders):
                told += 1
        assert told <= 2 * len(looks)

    def test_nobody_watches_the_whole_fleet(self, client: TestClient, anna: str) -> None:
        """One more is refused at once, and costs no look."""
        with page_of(client, anna) as page:
            for number in range(operator_desk.MOST_WATCHED + 10):
                page.say(Watch(box=f"{number:016}"))
            codes = [page.hear()["code"] for _ in range(operator_desk.MOST_WATCHED + 10)]
            assert codes.count("hub.conflict") >= 1
            assert set(codes) == {"hub.conflict", "hub.not-found"}

    def test_a_line_that_says_too_much_ends(
        self, client: TestClient, anna: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Nonsense by the thousand, in as few bytes as it goes; it is said once in the log."""
        sid = opened(client, Authorization=f"Bearer {anna}")
        payload = "\x1e".join(["4{"] * (MOST_REPORT_BYTES // 3))
        client.post(f"{POLL}&sid={sid}", content=payload)
        assert client.get(f"{POLL}&sid={sid}").text.endswith("1")
        assert caplog.text.count("anna says more than 2000 messages") == 1
        with page_of(client, anna) as page:
            page.words("x" * (MOST_WORDS_BYTES + 1))
            assert page.hear()["code"] == "hub.bad-request"

    def test_who_never_reads_is_let_go(self, client: TestClient, live: channel.LiveHub, anna: str) -> None:
        """What waits for one who polls and does not come is bounded."""
        sid = opened(client, Authorization=f"Bearer {anna}")
        long = Status(version="x", problems=("x" * 1000,) * 20)
        assert client.portal is not None
        content = encode(Report(now=NOW, status=long)).decode()
        sent = 0
        while client.portal.call(live.server.send, sid, content):
            sent += 1
            assert live.server.figures().queued_bytes <= QUEUE_BYTES
        assert sent > 30
        assert live.server.figures().queued_bytes == 0


def _never(*_what: object) -> None:
    raise AssertionError


class TestCrowds:
    """More lines than there are to be."""

    def test_a_stranger_cannot_count_as_others(self, hub_factory: HubFactory, token_for: TokenFor) -> None:
        """What it writes of itself is believed only of a proxy that is trusted."""
        hub = hub_factory(live_most_per_address=2, trusted_proxies=("10.0.0.7",))
        token = token_for("admin", {})
        headers = {"Authorization": f"Bearer {token}"}
        for peer, most in (("192.0.2.1", 2), ("10.0.0.7", 9)):
            with TestClient(build_application(hub), base_url=PUBLIC_URL, client=(peer, 1)) as client:
                statuses = [
                    client.get(
                        POLL, headers={**headers, "X-Forwarded-For": f"198.51.100.{number}"}
                    ).status_code
                    for number in range(9)
                ]
                assert statuses.count(200) == most
                assert statuses.count(503) == 9 - most

    def test_one_user_cannot_take_all_lines(self, hub_factory: HubFactory, token_for: TokenFor) -> None:
        """Others come in all the same, and so does the same user who has let one go."""
        hub = hub_factory(live_most_per_user=2)
        anna, bert = token_for("anna", {}), token_for("bert", {})
        with TestClient(build_application(hub), base_url=PUBLIC_URL) as client, page_of(client, anna):
            with page_of(client, anna), page_of(client, bert):
                assert refusal(client, Authorization=f"Bearer {anna}") == 429
                with page_of(client, bert):
                    pass
            with page_of(client, anna):
                pass

    def test_there_are_no_more_than_the_settings_say(
        self, hub_factory: HubFactory, token_for: TokenFor
    ) -> None:
        """Who comes too late is told when to come again."""
        hub = hub_factory(live_most=3)
        headers = {"Authorization": f"Bearer {token_for('admin', {})}"}
        with TestClient(build_application(hub), base_url=PUBLIC_URL) as client:
            answers = [client.get(POLL, headers=headers) for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 503]
        assert int(answers[-1].headers["retry-after"]) > 0


class TestBlindness:
    """The database does not answer."""

    def test_nobody_comes_in_and_nobody_is_thrown_out(
        self, hub: Hub, box: ABox, anna: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Who holds a line keeps it, and is refused what it wants meanwhile; the log says it once."""
        client = box.client
        with line_of(box) as line, page_of(client, anna) as page:
            with pytest.MonkeyPatch.context() as broken:
                broken.setattr(hub.database, "read", _away)
                for token in (anna, box.token) * 5:
                    answer = client.get(POLL, headers={"Authorization": f"Bearer {token}"})
                    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
                page.say(Watch(box=box.id))
                assert page.hear()["code"] == "hub.database"
            page.say(Watch(box=box.id))
            assert page.hear()["kind"] == "report"
            assert line.next() == Watched(seconds=LEASE_S)
        assert caplog.text.count("nobody can open a live channel") == 1


def _away(*_what: object) -> None:
    message = "the database is away"
    raise DatabaseError(message)


class TestPoison:
    """Whoever can write on the bus, and should not."""

    def test_what_cannot_be_read_is_left_out_and_said_once(
        self, client: TestClient, box: ABox, live: channel.LiveHub, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What can be read goes on as ever."""
        assert client.portal is not None
        with line_of(box) as line:
            for topic in (letters.WAKE, letters.LINES, letters.WATCH):
                for content in (
                    b"",
                    b"\xff",
                    b"[" * 100_000,
                    b'{"kind":"woken","boxes":["b"],"within_s":-1}',
                ):
                    client.portal.call(live._bus.publish, topic, content)
            woken = letters.write(Woken(("nobody", box.id), Seconds(0.0)))
            client.portal.call(live._bus.publish, letters.WAKE, woken)
            with live._hub.database.write() as connection:
                connection.execute(update(pulses).values(attention=3))
            client.portal.call(live._bus.publish, letters.WAKE, woken)
            assert isinstance(line.next(), Wake)
        assert caplog.text.count("cannot be read") == 1
        assert "Traceback" not in caplog.text

    def test_a_report_that_is_none_harms_no_page(
        self, client: TestClient, box: ABox, anna: str, live: channel.LiveHub
    ) -> None:
        """It is text at least."""
        assert client.portal is not None
        with page_of(client, anna) as page:
            page.say(Watch(box=box.id))
            page.hear()
            client.portal.call(live._bus.publish, letters.report_topic(box.id), b"\xff\x00")
            assert page.raw().startswith(MESSAGE)
            assert isinstance(page, Talk)
