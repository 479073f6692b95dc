"""The way to the hub, over HTTP: what comes back from a real server, good or bad."""

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from easyplayer.drivers import breakable, web_transport
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.web_link import MOST_ANSWER_BYTES, WebLink
from easyplayer.errors import CertificateError, LinkError, LinkRefusedError
from easyplayer.protocol.heartbeat import Heartbeat, Now
from easyplayer.protocol.media import MediaTicket
from easyplayer.units import Instant, Seconds
from tests.fakes.hostile_hub import Fault, HostileHub, Kind
from tests.fakes.hub_link import FakeHub, HeldKeychain
from tests.fakes.hub_server import Answer, HubServer, packed, problem, proxy

pytestmark = pytest.mark.slow

HEARTBEAT = Heartbeat(boot="b", run="0" * 16, sequence=1, now=Now(uptime_s=Seconds(1), time=Instant(0)))
HELD_S = 20.0
"""So long a test waits for what is to come at once."""


@pytest.fixture(name="server")
def _server() -> Iterator[HubServer]:
    """Serve a hub that has claimed its box."""
    hub = FakeHub()
    hub.claimed = True
    with HubServer(hub) as server:
        yield server


@pytest.fixture(name="link")
def _link(server: HubServer) -> Iterator[WebLink]:
    """Give the way to it, for a box that is paired."""
    link = link_to(server.url)
    link.pair("m", "till", "1")
    yield link
    link.close()


def link_to(url: str, **way: str) -> WebLink:
    """Make a way to a hub."""
    return WebLink(Way(url=url, **way), HeldKeychain(hub_keys=(FakeHub().key,)))


def answering(server: HubServer, answer: Answer, path: str = "") -> None:
    """Have the server answer all, or one path, in a way of its own."""
    server.instead = lambda _method, asked, _headers, _body: answer if path in asked else None


class TestRequests:
    """What the box sends."""

    def test_each_tells_the_protocol_and_who_asks(self, server: HubServer, link: WebLink) -> None:
        """With a token where there is a session, and none where there is not."""
        link.heartbeat(HEARTBEAT)

        assert all(headers["easyplayer-protocol"] == "1" for headers in server.headers)
        assert server.headers[-1]["authorization"].startswith("Bearer token-")
        assert "authorization" not in server.headers[0]

    def test_a_medium_is_asked_for_without_the_token(self, server: HubServer, link: WebLink) -> None:
        """The address is signed, and may lead to somebody else."""
        link.heartbeat(HEARTBEAT)
        ticket = link.ticket(server.hub.add_medium(b"music"))
        with link.fetch(ticket, 0, "") as body:
            assert b"".join(body.chunks) == b"music"

        assert "authorization" not in server.headers[-1]
        assert server.headers[-1]["accept-encoding"] == "identity"

    def test_a_medium_may_lie_elsewhere(self, server: HubServer, link: WebLink) -> None:
        """As in a store of objects, at another address."""
        with HubServer(server.hub) as store:
            ticket = link_ticket(store.url, server.hub.add_medium(b"music"))
            with link.fetch(ticket, 0, "") as body:
                assert b"".join(body.chunks) == b"music"

    def test_a_token_that_another_thread_has_renewed_is_used(self, server: HubServer, link: WebLink) -> None:
        """Heartbeat, log and downloads are refused at one time, and one of them opens the next session."""
        link.heartbeat(HEARTBEAT)
        first, sessions = link.token(), []

        def refuse(_method: str, path: str, headers: dict[str, str], _body: bytes) -> Answer | None:
            sessions.extend([path] if path.endswith("/session") else [])
            if headers.get("authorization") != f"Bearer {first}":
                return None
            link.token(refused=first)
            return problem(401, "hub.unauthenticated", "log in again")

        server.instead = refuse
        assert link.heartbeat(HEARTBEAT)
        assert len(sessions) == 1

    def test_a_netrc_does_not_take_the_tokens_place(
        self, server: HubServer, link: WebLink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever the machine's user has in it."""
        (tmp_path / "netrc").write_text("default login a password b\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        link.heartbeat(HEARTBEAT)

        assert server.headers[-1]["authorization"].startswith("Bearer")

    def test_nothing_is_kept_that_a_server_sets(self, server: HubServer, link: WebLink) -> None:
        """No cookie comes back."""
        answering(server, (500, {"Set-Cookie": "who=me"}, b""))
        with pytest.raises(LinkError):
            link.hello()
        answering(server, problem(404, "hub.not-found", "no"))
        with pytest.raises(LinkRefusedError):
            link.hello()

        assert "cookie" not in server.headers[-1]

    @pytest.mark.parametrize("by", ["settings", "environment"])
    def test_a_proxy_is_used(self, by: str, server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
        """The one of the settings, or else that of the environment."""
        seen: list[str] = []
        with proxy(seen) as url:
            if by == "environment":
                monkeypatch.setenv("http_proxy", url)
                monkeypatch.setenv("no_proxy", "")
            link = link_to(f"http://127.0.0.1:{server.port}", proxy=url if by == "settings" else "")
            link.pair("m", "till", "1")
            link.heartbeat(HEARTBEAT)
            link.close()

        assert len(seen) == len(server.headers) == 4
        assert seen[-1].startswith(f"POST http://127.0.0.1:{server.port}/api/v1/heartbeat")


def link_ticket(url: str, sha256: str, size: int = 5) -> MediaTicket:
    """Make a ticket for a medium at another address."""
    return MediaTicket(url=f"{url}/media/{sha256}", sha256=sha256, size=size, expires_s=Seconds(60))


class TestAnswers:
    """What comes back."""

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (
                (200, {}, b"<html>pay for your wireless here</html>"),
                "portal or proxy answers in the place of",
            ),
            ((200, {"Content-Type": "text/html; charset=utf-8"}, b"pay here"), "portal or proxy answers"),
            ((511, {}, b"pay here"), "portal or proxy answers"),
            ((200, {}, b'{"version": 3}'), "does not answer as a hub does"),
            ((403, {}, b"<html>forbidden by the proxy</html>"), "answers 403, and not as a hub does"),
            ((404, {}, b""), "answers 404, and not as a hub does"),
            ((302, {"Location": "https://elsewhere.example/"}, b""), "sends us on to https://elsewhere"),
            ((500, {}, b'{"code": "hub.failed", "detail": "oops"}'), "oops"),
            ((200, {}, b" " * (MOST_ANSWER_BYTES + 1)), "longer than"),
            (packed((200, {}, b" " * (8 * MOST_ANSWER_BYTES))), "longer than"),
            ((200, {"Content-Encoding": "gzip"}, b"this is not packed"), "broke off"),
            ((200, {"Content-Length": "1000"}, b"{}"), "in time|broke off"),
        ],
    )
    def test_what_is_no_answer_of_a_hub_is_told_as_trouble_of_the_way(
        self, answer: Answer, words: str, server: HubServer, link: WebLink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A captive portal must not be able to unpair a box, nor to have its log thrown away."""
        monkeypatch.setattr(web_transport, "SILENCE_MAY_TAKE_S", 0.5)
        answering(server, answer)
        with pytest.raises(LinkError, match=words) as told:
            link.hello()

        assert not isinstance(told.value, LinkRefusedError)

    @pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/html"}])
    def test_a_portal_is_told_as_such_whatever_is_asked(
        self, headers: dict[str, str], server: HubServer, link: WebLink
    ) -> None:
        """Whether it says that it is a page or not; what to do is told as well."""
        ticket = link.ticket(server.hub.add_medium(b"music"))
        answering(server, (200, headers, b"<!DOCTYPE html><p>Welcome!"))
        questions: list[Callable[[], object]] = [
            link.time,
            lambda: link.pair("m", "till", "1"),
            lambda: link.heartbeat(HEARTBEAT),
            lambda: link.program("0" * 64),
            lambda: link.ticket("0" * 64),
            lambda: link.fetch(ticket, 0, "").__enter__(),
        ]
        for ask in questions:
            with pytest.raises(LinkError, match="a portal or proxy answers in"):
                ask()

    def test_what_the_hub_refuses_is_told_in_its_words(self, server: HubServer, link: WebLink) -> None:
        """With all that is wrong, and its code."""
        body = json.dumps({"code": "hub.bad-request", "detail": "this is wrong", "problems": ["a", "b"]})
        answering(server, (422, {}, body.encode()))
        with pytest.raises(LinkRefusedError, match="this is wrong\n  - a\n  - b") as told:
            link.hello()

        assert (told.value.status, told.value.hub_code) == (422, "hub.bad-request")

    def test_a_packed_answer_is_unpacked(self, server: HubServer, link: WebLink) -> None:
        """As long as it is not too long."""
        hello = link.hello()
        body = {"version": "1", "keys": list(hello.keys), "time": 1.0}
        answering(server, (200, {"Content-Encoding": "gzip"}, gzip.compress(json.dumps(body).encode())))

        assert link.hello().time == 1.0

    @pytest.mark.parametrize(
        ("headers", "rest_s"),
        [
            ({}, None),
            ({"Retry-After": "120"}, 120.0),
            ({"Retry-After": "999999999"}, 3600.0),
            ({"Retry-After": "soon"}, None),
            ({"Retry-After": "-5"}, None),
            (
                {"Retry-After": "Fri, 01 Jan 2027 00:01:00 GMT", "Date": "Fri, 01 Jan 2027 00:00:00 GMT"},
                60.0,
            ),
        ],
    )
    def test_the_hub_says_how_long_it_wants_to_be_left_alone(
        self, headers: dict[str, str], rest_s: float | None, server: HubServer, link: WebLink
    ) -> None:
        """In seconds, or until a time of its own clock, which is not the box's."""
        answering(server, problem(503, "hub.unavailable", "later", headers))
        with pytest.raises(LinkError) as told:
            link.hello()

        assert told.value.retry_after_s == rest_s

    def test_more_of_a_medium_than_there_is_is_not_taken(self, server: HubServer, link: WebLink) -> None:
        """It would fill the disk."""
        sha256 = server.hub.add_medium(b"x" * 100)
        answering(server, (206, {"Content-Range": "bytes 0-49/*"}, b"x" * 100), "/media/")
        ticket = link_ticket(server.url, sha256, size=50)
        with link.fetch(ticket, 0, "") as body, pytest.raises(LinkError, match="more of a medium"):
            b"".join(body.chunks)

    @pytest.mark.parametrize(
        "answer",
        [
            (200, {}, b"x" * 100),
            (200, {}, b""),
            (206, {"Content-Range": "bytes 5-99/100"}, b"x" * 95),
        ],
    )
    def test_what_is_not_as_long_as_the_medium_is_not_begun_with(
        self, answer: Answer, server: HubServer, link: WebLink
    ) -> None:
        """Whoever sends it: nothing of it comes to the disk."""
        sha256 = server.hub.add_medium(b"x" * 50)
        answering(server, answer, "/media/")
        with (
            pytest.raises(LinkError, match="under the address of a medium of 50: a portal"),
            link.fetch(link_ticket(server.url, sha256, size=50), 5, '"x"'),
        ):
            pass

    def test_a_medium_that_comes_packed_is_unpacked_and_not_gone_on_with(
        self, server: HubServer, link: WebLink
    ) -> None:
        """Where in it a part of what was packed would begin, nobody knows."""
        sha256 = server.hub.add_medium(b"x" * 50)
        answering(server, packed((200, {"ETag": '"x"'}, b"x" * 50)), "/media/")
        with link.fetch(link_ticket(server.url, sha256, size=50), 0, "") as body:
            assert (body.offset, body.etag, b"".join(body.chunks)) == (0, "", b"x" * 50)
        answering(server, packed((206, {"Content-Range": "bytes 5-49/50"}, b"x" * 45)), "/media/")
        with pytest.raises(LinkError, match="packed"), link.fetch(link_ticket(server.url, sha256), 5, '"x"'):
            pass

    def test_an_address_that_is_none_leads_nowhere(self, link: WebLink) -> None:
        """Whatever the hub may have meant."""
        for url in ("http://[::1", "http://a:b:c", "ftp://hub.example/x"):
            ticket = MediaTicket(url=url, sha256="0" * 64, size=1, expires_s=Seconds(60))
            with pytest.raises(LinkError), link.fetch(ticket, 0, ""):
                pass

    def test_a_part_that_does_not_say_which_is_not_taken(self, server: HubServer, link: WebLink) -> None:
        """Nobody knows where it belongs."""
        sha256 = server.hub.add_medium(b"x" * 100)
        answering(server, (206, {}, b"x"), "/media/")
        with (
            pytest.raises(LinkError, match="does not say which"),
            link.fetch(link_ticket(server.url, sha256), 50, '"x"'),
        ):
            pass

    def test_a_challenge_for_another_box_is_not_answered(self, server: HubServer, link: WebLink) -> None:
        """Or a hub could be let in elsewhere in our name."""
        body = json.dumps({"box": "0" * 16, "nonce": "n" * 20})
        answering(server, (200, {}, body.encode()), "/challenge")
        with pytest.raises(LinkError, match="another box"):
            link.heartbeat(HEARTBEAT)

    def test_the_answer_to_another_question_does_not_tell_the_time(
        self, server: HubServer, link: WebLink
    ) -> None:
        """Somebody has kept an old one."""
        old = server.answer("POST", "/api/v1/time", {}, b'{"nonce": "an old question of mine"}')
        answering(server, old)
        with pytest.raises(LinkError, match="another question"):
            link.time()


class TestNobody:
    """Where there is no hub."""

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("http://127.0.0.1:1", "Connection refused"),
            ("http://hub.invalid", "hub.invalid cannot be reached"),
            ("http://hub..example", "cannot be reached"),
        ],
    )
    def test_it_is_told_where_to_look(self, url: str, words: str) -> None:
        """Network, firewall, settings."""
        link = link_to(url)
        with pytest.raises(LinkError, match=words):
            link.hello()
        link.close()

    def test_secrets_of_the_address_are_not_told(self) -> None:
        """A password in it stays there."""
        link = link_to("http://user:secret@127.0.0.1:1")
        with pytest.raises(LinkError) as told:
            link.hello()
        link.close()

        assert "secret" not in str(told.value)

    def test_certificates_that_are_none_are_told_at_once(self, tmp_path: Path) -> None:
        """With the setting."""
        (tmp_path / "ca.pem").write_text("nothing")
        for name in ("ca.pem", "missing.pem"):
            with pytest.raises(CertificateError, match=r"\[hub\] ca"):
                link_to("https://hub.example", ca=str(tmp_path / name))

    def test_one_that_says_nothing_is_not_waited_for_long(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is told as such."""
        monkeypatch.setattr(web_transport, "SILENCE_MAY_TAKE_S", 0.1)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            link = link_to(f"http://127.0.0.1:{silent.getsockname()[1]}")
            with pytest.raises(LinkError, match="in time"):
                link.hello()
            link.close()

    def test_one_whose_answer_never_begins_in_earnest_is_not_waited_for_long(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A byte now and then is not an answer, nor is the promise of one."""
        monkeypatch.setattr(breakable, "HEAD_MAY_TAKE_S", 0.1)
        hub = FakeHub()
        hub.claimed = True
        with HostileHub(hub) as server:
            link = link_to(server.url)
            link.pair("m", "till", "1")
            for fault in (Fault.DRIP_IN_HEAD, Fault.ENDLESS_WAIT):
                server.spoil(Kind.TICKET, [fault])
                with pytest.raises(LinkError, match="in time"):
                    link.ticket("0" * 64)
            link.close()

    def test_whatever_is_under_way_is_broken_off_from_another_thread(self) -> None:
        """The thread that asked goes on at once."""
        outcome: list[Exception] = []
        with socket.create_server(("127.0.0.1", 0)) as silent:
            link = link_to(f"http://127.0.0.1:{silent.getsockname()[1]}")
            thread = threading.Thread(target=_note_failure, args=(link, outcome))
            thread.start()
            connection, _ = silent.accept()
            connection.recv(1)
            link.close()
            thread.join(HELD_S)
            connection.close()

        assert not thread.is_alive()
        assert isinstance(outcome[0], LinkError)

    def test_so_is_what_comes_over_a_line_that_the_server_ends_with_it(self) -> None:
        """Many proxies say ``Connection: close`` to each request."""
        outcome: list[Exception] = []
        begun = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as slow:
            link = link_to(f"http://127.0.0.1:{slow.getsockname()[1]}")
            thread = threading.Thread(target=_read_on, args=(link, begun, outcome))
            thread.start()
            connection, _ = slow.accept()
            connection.recv(10_000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nx")
            assert begun.wait(HELD_S)
            link.close()
            thread.join(HELD_S)
            connection.close()

        assert not thread.is_alive()
        assert isinstance(outcome[0], LinkError)

    def test_socket_of_such_a_line_is_let_go_with_its_answer(self, server: HubServer, link: WebLink) -> None:
        """Else a box would have none left after some days."""
        answering(server, (200, {"Connection": "close", "Content-Type": "application/json"}, b"{}"), "hello")
        before = len([*Path("/proc/self/fd").iterdir()])
        for _ in range(20):
            with pytest.raises(LinkError):
                link.hello()
        assert len([*Path("/proc/self/fd").iterdir()]) < before + 5


def _read_on(link: WebLink, begun: threading.Event, outcome: list[Exception]) -> None:
    try:
        with link.fetch(link_ticket("/media/1", "0" * 64), 0, "") as body:
            for _chunk in body.chunks:
                begun.set()
    except LinkError as error:
        outcome.append(error)


def _note_failure(link: WebLink, outcome: list[Exception]) -> None:
    try:
        link.hello()
    except LinkError as error:
        outcome.append(error)
