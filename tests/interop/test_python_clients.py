"""The clients of python-engineio against our server, and our own client against the servers of others."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import pytest

from easyplayer.engineio.core.errors import PacketError
from tests.interop import node
from tests.interop.scenes import POLLING, UPGRADE, WEBSOCKET
from tests.interop.servers import REFERENCE, Peer
from tests.interop.visitors import MAY_TAKE_S, VISITORS, Heard, Ours, Visitor
from tests.interop.words import Data

pytestmark = pytest.mark.slow
WAYS = (POLLING, WEBSOCKET, UPGRADE)
PING_INTERVAL_S, PING_TIMEOUT_S = 1.0, 4.0
"""Whole seconds: the server of python-engineio tells no others, but 0 for half of one."""
IDLE_S = 5.0
MOST_BYTES = 1_000_000
BEHIND_A_POLL = 300
"""So many messages come in few payloads."""

Visit = Callable[[Peer, Sequence[str]], tuple[Visitor, Heard]]


def pairs() -> Iterator[tuple[str, str]]:
    """Give the clients and servers that meet.

    The library's client and the reference server show that the scenes ask for nothing special.
    """
    yield "library", REFERENCE
    yield from itertools.product(("library", "library for asyncio"), ("raw", "asgi"))
    yield from (("ours", server) for server in ("raw", "asgi", REFERENCE, "library"))


@pytest.fixture(scope="module", params=pairs(), ids=" to ".join)
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[str, Peer]]:
    client, server = request.param
    if server == REFERENCE and not node.is_there():
        pytest.skip("needs Node and npm")
    with Peer(server, ping_interval_s=PING_INTERVAL_S, ping_timeout_s=PING_TIMEOUT_S) as peer:
        yield client, peer


@pytest.fixture
def visit(pair: tuple[str, Peer]) -> Iterator[Visit]:
    made: list[Visitor] = []

    def begin(peer: Peer, transports: Sequence[str]) -> tuple[Visitor, Heard]:
        heard = Heard()
        visitor = VISITORS[pair[0]](heard)
        made.append(visitor)
        visitor.connect(peer.url, transports)
        return visitor, heard

    yield begin
    for visitor in made:
        visitor.close()


@pytest.fixture
def peer(pair: tuple[str, Peer]) -> Peer:
    return pair[1]


@pytest.mark.parametrize("transports", WAYS, ids=" then ".join)
def test_every_message_comes_back_in_order_once(peer: Peer, visit: Visit, transports: Sequence[str]) -> None:
    """Text and bytes, one at a time and many at once, both ways, through an upgrade where there is one."""
    visitor, heard = visit(peer, transports)
    sent: list[Data] = ["hello", "€ 𝄞 \0\r\n", bytes(range(256)), "6", b"", *map(str, range(BEHIND_A_POLL))]
    for data in sent:
        visitor.send(data)
    assert heard.next(len(sent)) == sent
    visitor.send(f"!send {BEHIND_A_POLL} 20")
    assert heard.next(BEHIND_A_POLL) == [f"{number} ".ljust(20, ".") for number in range(BEHIND_A_POLL)]
    visitor.send("!transport")
    assert heard.next(1) == [f"transport {transports[-1]}"]
    assert visitor.transport() == transports[-1]
    assert heard.nothing_more()


@pytest.mark.parametrize("transports", [POLLING, WEBSOCKET], ids=" then ".join)
def test_what_is_as_large_as_may_be_comes_through(
    peer: Peer, visit: Visit, transports: Sequence[str]
) -> None:
    """A message's type is one byte of the limit; bytes in a poll are four characters for three."""
    visitor, heard = visit(peer, transports)
    most = (MOST_BYTES - 1) // 4 * 3 if transports == POLLING else MOST_BYTES - 1
    for data in ("x" * (MOST_BYTES - 1), b"\7" * most):
        visitor.send(data)
        (back,) = heard.next(1)
        assert back == data


@pytest.mark.parametrize("transports", [POLLING, WEBSOCKET], ids=" then ".join)
def test_what_is_too_large_ends_the_session_and_no_other(
    peer: Peer, visit: Visit, transports: Sequence[str]
) -> None:
    """The server does not wait for the rest of it, and the client is told; ours does not even send it."""
    other, heard_by_other = visit(peer, WEBSOCKET)
    visitor, heard = visit(peer, transports)
    if isinstance(visitor, Ours):
        with pytest.raises(PacketError):
            visitor.send("x" * (2 * MOST_BYTES))
    else:
        visitor.send("x" * (2 * MOST_BYTES))
        assert heard.ended.wait(MAY_TAKE_S)
    other.send("still here")
    assert heard_by_other.next(1) == ["still here"]


def test_idle_sessions_live_by_their_pings(peer: Peer, visit: Visit) -> None:
    """Five pings long nothing is said, by each transport."""
    visits = [visit(peer, transports) for transports in WAYS]
    assert not visits[0][1].ended.wait(IDLE_S)
    for visitor, heard in visits:
        visitor.send("still here")
        assert heard.next(1) == ["still here"]


@pytest.mark.parametrize("transports", [POLLING, WEBSOCKET], ids=" then ".join)
def test_either_side_may_end_a_session(peer: Peer, visit: Visit, transports: Sequence[str]) -> None:
    """The client sees the server's end, and the server counts one less."""
    leaving, _ = visit(peer, transports)
    dismissed, heard = visit(peer, transports)
    watcher, watched = visit(peer, WEBSOCKET)
    leaving.leave()
    dismissed.send("!close")
    assert heard.ended.wait(MAY_TAKE_S)
    count = ""
    while count != "count 1":
        watcher.send("!count")
        (count,) = watched.next(1)


@pytest.mark.parametrize("transports", WAYS, ids=" then ".join)
@pytest.mark.parametrize("kind", ["raw", "asgi"])
@pytest.mark.parametrize("client", VISITORS)
def test_a_client_sees_a_server_end_and_comes_back(client: str, kind: str, transports: Sequence[str]) -> None:
    """A server that ends tells its clients; one that starts again on the same port serves them anew."""
    with Peer(kind) as first:
        heard = Heard()
        visitor = VISITORS[client](heard)
        visitor.connect(first.url, transports)
        visitor.send("first")
        assert heard.next(1) == ["first"]
        first.end()
        assert heard.ended.wait(MAY_TAKE_S)
        with Peer(kind, port=first.port) as second:
            visitor.connect(second.url, transports)
            visitor.send("second")
            assert heard.next(1) == ["second"]
        visitor.close()
