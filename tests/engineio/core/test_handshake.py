"""The opening handshake of RFC 6455."""

import pytest

from easyplayer.engineio.core.errors import HandshakeError
from easyplayer.engineio.core.handshake import accept_key, check_answer, client_handshake, server_handshake

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
Headers = list[tuple[str, str]]
ASKED: Headers = client_handshake(KEY)
ANSWER: Headers = [("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-accept", ACCEPT)]


def but(headers: Headers, name: str, *values: str) -> Headers:
    """Give headers with other values of one of them, or without it."""
    return [pair for pair in headers if pair[0] != name] + [(name, value) for value in values]


def test_the_key_is_answered_as_the_standard_shows() -> None:
    """The example of RFC 6455, section 1.3."""
    assert accept_key(KEY) == ACCEPT


def test_both_sides_agree() -> None:
    """What a client asks for, a server answers, and the client finds it right."""
    answer = server_handshake("GET", [("host", "hub.example"), *ASKED])

    assert answer == ANSWER
    check_answer(KEY, 101, answer)


@pytest.mark.parametrize(
    "headers",
    [
        but(ASKED, "upgrade", "WebSocket"),
        but(ASKED, "upgrade", "h2c, websocket"),
        but(ASKED, "connection", "keep-alive, Upgrade"),
        but(ASKED, "connection", "keep-alive", "upgrade"),
    ],
)
def test_a_request_may_be_written_in_several_ways(headers: Headers) -> None:
    """Case, lists and repeated headers are as HTTP allows."""
    assert server_handshake("GET", headers) == ANSWER


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", ASKED, 400),
        ("GET", but(ASKED, "upgrade"), 426),
        ("GET", but(ASKED, "upgrade", "h2c"), 426),
        ("GET", but(ASKED, "connection"), 400),
        ("GET", but(ASKED, "connection", "close"), 400),
        ("GET", but(ASKED, "sec-websocket-version", "8"), 426),
        ("GET", but(ASKED, "sec-websocket-version"), 426),
        ("GET", but(ASKED, "sec-websocket-key"), 400),
        ("GET", but(ASKED, "sec-websocket-key", "short"), 400),
        ("GET", but(ASKED, "sec-websocket-key", "AAAA"), 400),
        ("GET", but(ASKED, "sec-websocket-key", "ü"), 400),
        ("GET", but(ASKED, "sec-websocket-key", KEY, KEY), 400),
        ("GET", [], 426),
    ],
)
def test_a_request_that_asks_for_something_else_is_refused(
    method: str, headers: Headers, status: int
) -> None:
    """With the status for it, and a reason in ASCII."""
    with pytest.raises(HandshakeError) as error:
        server_handshake(method, headers)

    assert error.value.status == status
    assert error.value.reason.isascii()


def test_a_client_of_another_version_learns_ours() -> None:
    """By the header that RFC 6455, section 4.4, has for it."""
    with pytest.raises(HandshakeError) as error:
        server_handshake("GET", but(ASKED, "sec-websocket-version", "7"))

    assert ("sec-websocket-version", "13") in error.value.headers


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, ANSWER),
        (401, []),
        (101, but(ANSWER, "upgrade")),
        (101, but(ANSWER, "upgrade", "h2c")),
        (101, but(ANSWER, "connection", "close")),
        (101, but(ANSWER, "sec-websocket-accept")),
        (101, but(ANSWER, "sec-websocket-accept", KEY)),
        (101, but(ANSWER, "sec-websocket-extensions", "permessage-deflate")),
        (101, but(ANSWER, "sec-websocket-protocol", "chat")),
    ],
)
def test_an_answer_that_is_another_one_is_an_error(status: int, headers: Headers) -> None:
    """Of a cache, a proxy, or a server that speaks something else; the error has the status."""
    with pytest.raises(HandshakeError) as error:
        check_answer(KEY, status, headers)

    assert error.value.status == status
