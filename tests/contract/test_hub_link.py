"""The contract of the way to the hub, kept by the real one over HTTP, and by the one that tests use."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.drivers.hub_link import HubLink, Way
from easyplayer.drivers.web_link import WebLink
from easyplayer.errors import (
    LinkError,
    LinkRefusedError,
    SignatureError,
    TooManyError,
    UnavailableError,
    UnpairedError,
)
from easyplayer.protocol.asrun import Receipt
from easyplayer.protocol.heartbeat import Heartbeat, Now
from easyplayer.protocol.identity import box_id
from easyplayer.protocol.signing import public_key
from easyplayer.ticker import monotonic
from easyplayer.units import Instant, Seconds
from tests.fakes.hub_link import WALL, FakeHub, FakeHubLink, HeldKeychain, HeldLog
from tests.fakes.hub_server import HubServer

pytestmark = pytest.mark.slow

HEARTBEAT = Heartbeat(boot="b", run="0" * 16, sequence=1, now=Now(uptime_s=Seconds(1), time=Instant(WALL)))
SEED = b"s" * 32


class Ends:
    """Both ends of a way.

    :ivar known: what the box has to be let in.
    """

    def __init__(self, hub: FakeHub, known: HeldKeychain, link: HubLink) -> None:
        self.hub = hub
        self.known = known
        self.link = link

    def paired(self) -> "Ends":
        """Have the box claimed."""
        self.hub.claimed = True
        self.known.hub_keys = self.link.pair("m", "till", "1").hub_keys
        return self


@contextmanager
def real(hub: FakeHub, known: HeldKeychain) -> Iterator[HubLink]:
    """Make the real way, to a real server."""
    with HubServer(hub) as server:
        link = WebLink(Way(url=server.url), known)
        yield link
        link.close()


@contextmanager
def fake(hub: FakeHub, known: HeldKeychain) -> Iterator[HubLink]:
    """Make the way that tests use."""
    yield FakeHubLink(hub, known, monotonic)


@pytest.fixture(name="ends", params=[fake, real], ids=lambda make: make.__name__)
def _ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    """Give both ends of a way to a hub that does not know the box."""
    hub, known = FakeHub(), HeldKeychain(SEED)
    with request.param(hub, known) as link:
        yield Ends(hub, known, link)


class TestStrangers:
    """A box that the hub does not know."""

    def test_the_hub_says_who_it_is(self, ends: Ends) -> None:
        """To everyone."""
        hello = ends.link.hello()
        assert (hello.product, hello.keys) == ("easyplayer-hub", (ends.hub.key,))

    def test_a_box_is_paired_in_two_steps(self, ends: Ends) -> None:
        """It is given a code, and keys once it was claimed."""
        before = ends.link.pair("m", "till", "1")
        ends.hub.claimed = True
        after = ends.link.pair("m", "till", "1")

        assert (before.claimed, len(before.claim_code), before.hub_keys) == (False, 9, ())
        assert (after.claimed, after.claim_code, after.hub_keys) == (True, "", (ends.hub.key,))
        assert before.box == after.box == box_id(public_key(SEED))

    def test_it_is_told_that_it_is_one(self, ends: Ends) -> None:
        """By an error of its own, for that has a way out."""
        with pytest.raises(UnpairedError) as told:
            ends.link.heartbeat(HEARTBEAT)
        assert (told.value.status, told.value.hub_code) == (404, "hub.not-found")


class TestSession:
    """How a box is let in."""

    def test_one_session_serves_for_all(self, ends: Ends) -> None:
        """It is opened once, and kept where the box keeps it."""
        ends.paired()
        for _ in range(3):
            ends.link.heartbeat(HEARTBEAT)

        assert ends.hub.asked.count("session") == 1
        assert ends.known.token in ends.hub.tokens

    def test_one_that_the_hub_has_forgotten_is_renewed(self, ends: Ends) -> None:
        """Nobody notices."""
        ends.paired().link.heartbeat(HEARTBEAT)
        ends.hub.forget_sessions()
        ends.link.heartbeat(HEARTBEAT)

        assert len(ends.hub.heartbeats) == 2

    def test_it_is_renewed_once_and_no_more(self, ends: Ends) -> None:
        """A hub that takes none of its own tokens is not asked again and again."""
        ends.paired().link.heartbeat(HEARTBEAT)
        ends.hub.tokens = _Forgetful()
        with pytest.raises(LinkRefusedError) as told:
            ends.link.heartbeat(HEARTBEAT)

        assert told.value.hub_code == "hub.unauthenticated"
        assert ends.hub.asked.count("session") == 2

    def test_another_hub_is_noticed(self, ends: Ends) -> None:
        """By its keys."""
        ends.paired()
        ends.hub.seeds = [b"o" * 32]
        with pytest.raises(SignatureError):
            ends.link.heartbeat(HEARTBEAT)

    def test_its_token_is_given_to_a_line_of_its_own(self, ends: Ends) -> None:
        """The one that there is, or a new one."""
        ends.paired()
        token = ends.link.token()
        ends.link.heartbeat(HEARTBEAT)
        assert ends.link.token() == token
        assert ends.hub.tokens.keys() == {token}

    def test_a_refused_one_is_replaced(self, ends: Ends) -> None:
        """Unless somebody else has replaced it by now."""
        first = ends.paired().link.token()
        second = ends.link.token(refused=first)
        assert second != first
        assert ends.link.token(refused=first) == second

    def test_none_is_given_while_the_hub_must_not_be_asked(self, ends: Ends) -> None:
        """Also one that there is: a rehearsal is to look like the real thing."""
        ends.paired().link.token()
        ends.known.away = "the box rehearses being offline"
        with pytest.raises(LinkError, match="rehearses"):
            ends.link.token()


class _Forgetful(dict[str, str]):
    """Tokens that are gone as soon as they were given."""

    def __contains__(self, key: object) -> bool:
        return False


class TestMessages:
    """What goes to and fro."""

    def test_a_heartbeat_is_answered(self, ends: Ends) -> None:
        """With the hub's time, and when it wants the next."""
        ends.hub.reply = structs.replace(ends.hub.reply, blocked="not paid")
        reply = ends.paired().link.heartbeat(HEARTBEAT)

        assert (reply.time, reply.blocked) == (WALL, "not paid")
        assert ends.hub.heartbeats == [HEARTBEAT]

    def test_the_log_is_received(self, ends: Ends) -> None:
        """As it was written."""
        log = HeldLog()
        log.write(3)
        batch = log.next_batch(0)
        assert batch is not None

        assert ends.paired().link.deliver(batch) == Receipt(log=log.log, acknowledged=3)
        assert list(ends.hub.entries.values()) == [entry.body for entry in batch.entries]

    def test_a_program_is_fetched(self, ends: Ends) -> None:
        """Byte by byte; one that there is not is refused."""
        ends.paired()
        head = ends.hub.publish(b"a program" * 1000, revision=1)

        assert ends.link.program(head.digest) == b"a program" * 1000
        with pytest.raises(LinkRefusedError):
            ends.link.program("0" * 64)

    def test_a_program_that_was_changed_is_not_taken(self, ends: Ends) -> None:
        """Its digest tells."""
        ends.paired()
        head = ends.hub.publish(b"a program", revision=1)
        ends.hub.programs[head.digest] = b"another one"

        with pytest.raises(LinkError, match="came as another one"):
            ends.link.program(head.digest)

    def test_a_medium_is_fetched_in_two_parts(self, ends: Ends) -> None:
        """The second from where the first had ended."""
        data = bytes(range(256)) * 40
        ticket = ends.paired().link.ticket(ends.hub.add_medium(data))
        with ends.link.fetch(ticket, 0, "") as first:
            beginning = b"".join(first.chunks)[:5000]
        with ends.link.fetch(ticket, 5000, first.etag) as second:
            rest = b"".join(second.chunks)

        assert (ticket.size, first.offset, second.offset) == (len(data), 0, 5000)
        assert beginning + rest == data

    def test_a_medium_that_is_another_one_by_now_is_sent_from_its_start(self, ends: Ends) -> None:
        """No file is made of two."""
        data = b"x" * 5000
        ticket = ends.paired().link.ticket(ends.hub.add_medium(data))
        with ends.link.fetch(ticket, 1000, '"another"') as body:
            assert (body.offset, b"".join(body.chunks)) == (0, data)

    def test_what_belongs_to_a_result_is_attached(self, ends: Ends, tmp_path: Path) -> None:
        """Also with a session that has to be opened."""
        (tmp_path / "box.log").write_bytes(b"line\n" * 10_000)
        ends.paired().link.attach("command-1", tmp_path / "box.log", "text/plain")

        assert ends.hub.attached["command-1"] == ("text/plain", b"line\n" * 10_000)

    def test_the_time_is_told_and_signed(self, ends: Ends) -> None:
        """Between question and answer."""
        before = monotonic()
        told = ends.paired().link.time()

        assert told.wall == WALL
        assert before <= told.at <= monotonic()

    def test_a_time_that_another_has_signed_is_not_believed(self, ends: Ends) -> None:
        """Whoever has come in between."""
        ends.paired()
        ends.hub.seeds = [b"o" * 32]
        with pytest.raises(SignatureError):
            ends.link.time()


class TestTrouble:
    """What goes wrong."""

    @pytest.mark.parametrize("error", [UnavailableError("later", 40.0), TooManyError("later", 40.0)])
    def test_a_hub_that_is_busy_says_for_how_long(self, error: TooManyError, ends: Ends) -> None:
        """And that is no refusal."""
        ends.paired()
        ends.hub.faults["heartbeat"] = error
        with pytest.raises(LinkError, match="later") as told:
            ends.link.heartbeat(HEARTBEAT)

        assert not isinstance(told.value, LinkRefusedError)
        assert (told.value.status, told.value.retry_after_s) == (error.status, 40.0)

    def test_while_the_hub_must_not_be_asked_it_is_not(self, ends: Ends) -> None:
        """Whatever it is."""
        ends.paired().known.away = "the box rehearses"
        ends.hub.asked.clear()
        with pytest.raises(LinkError, match="rehearses"):
            ends.link.heartbeat(HEARTBEAT)
        with pytest.raises(LinkError, match="rehearses"):
            ends.link.time()

        assert ends.hub.asked == []

    def test_a_closed_way_asks_nothing(self, ends: Ends) -> None:
        """But says so."""
        ends.paired().link.close()
        with pytest.raises(LinkError):
            ends.link.heartbeat(HEARTBEAT)
