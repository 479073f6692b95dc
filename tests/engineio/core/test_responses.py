"""Headers of answers: who may read them, the cookie, and compression."""

import zlib

import pytest

from easyplayer.engineio.core.effects import AcceptSocket
from easyplayer.engineio.core.http import Response
from easyplayer.engineio.core.options import Cookie, Options, Origins
from easyplayer.engineio.core.refusals import ANSWERS, Refusal
from easyplayer.engineio.core.responses import coding_of, cookie_header
from tests.engineio.core.desk import Desk, answer, of, refusal

POLLING = "EIO=4&transport=polling"
PAGE = b"https://page.example"


def opened(
    options: Options, *headers: tuple[bytes, bytes], method: str = "GET", scheme: str = "http"
) -> Response:
    """Tell the answer to the first request of a client."""
    desk = Desk(options, lets_in=False)
    effects = desk.engine.http(desk.line(), desk.ask(method, POLLING, headers=headers), desk.now)
    return answer(desk.engine.accept("s1", desk.now) or effects)


def header(response: Response, name: str) -> list[str]:
    """Tell all values of a header."""
    return [value for known, value in response.headers if known == name]


@pytest.mark.parametrize(
    ("origins", "origin", "host", "status"),
    [
        (None, b"http://hub.example", b"hub.example", 200),
        (None, b"https://Hub.example:8443", b"hub.example:8443", 200),
        (None, b"", b"hub.example", 200),
        (None, PAGE, b"hub.example", 403),
        (None, b"null", b"hub.example", 403),
        (None, b"null", b"", 403),
        (None, b"http://hub.example:81", b"hub.example", 403),
        ("*", PAGE, b"hub.example", 200),
        (("https://page.example",), PAGE, b"hub.example", 200),
        (("https://page.example",), b"https://other.example", b"hub.example", 403),
        ((), PAGE, b"hub.example", 403),
        (lambda origin: origin.endswith(".example"), PAGE, b"hub", 200),
        (lambda origin: origin.endswith(".org"), PAGE, b"hub", 403),
    ],
)
def test_only_pages_that_may_are_let_in(origins: Origins, origin: bytes, host: bytes, status: int) -> None:
    """Without options, those of the same origin; what has no origin is no page."""
    headers = [(b"host", host)] + ([(b"origin", origin)] if origin else [])
    response = opened(Options(cors_allowed_origins=origins), *headers)
    assert response.status == status
    desk = Desk(Options(cors_allowed_origins=origins))
    asking = desk.ask("GET", "EIO=4&transport=websocket", headers=headers)
    effects = desk.engine.upgrade(desk.line(), asking, desk.now)
    if status == 403:
        assert b"Origin not allowed" in response.body
        assert refusal(effects) == (403, {"code": 4, "message": "Origin not allowed"})


@pytest.mark.parametrize("origin", [b"http://a\x00b", b"http://a\x7f", b"http://a\tb\r\nx: y"])
def test_an_origin_that_cannot_stand_in_a_header_is_a_bad_request(origin: bytes) -> None:
    """It would come back in one."""
    response = opened(Options(cors_allowed_origins="*"), (b"origin", origin))
    assert (response.status, response.body) == (400, b'{"code":3,"message":"Bad request"}')
    assert header(response, "access-control-allow-origin") == []


@pytest.mark.parametrize(
    ("options", "allowed", "credentials", "vary"),
    [
        (Options(cors_allowed_origins="*"), [PAGE.decode()], ["true"], ["origin"]),
        (Options(cors_allowed_origins="*", cors_credentials=False), ["*"], [], []),
        (
            Options(cors_allowed_origins=(PAGE.decode(),), cors_credentials=False),
            [PAGE.decode()],
            [],
            ["origin"],
        ),
    ],
)
def test_a_page_that_may_ask_may_read_the_answer(
    options: Options, allowed: list[str], credentials: list[str], vary: list[str]
) -> None:
    """That of each request, refusals among them."""
    desk = Desk(options)
    headers = [(b"origin", PAGE)]
    sid = desk.open_polling(headers)
    requests = [
        desk.ask("POST", f"{POLLING}&sid={sid}", b"4x", headers),
        desk.ask("GET", f"{POLLING}&sid=nobody", headers=headers),
    ]
    for request in requests:
        response = answer(desk.engine.http(desk.line(), request, desk.now))
        assert header(response, "access-control-allow-origin") == allowed
        assert header(response, "access-control-allow-credentials") == credentials
        assert header(response, "vary") == vary


def test_a_poll_is_answered_for_the_page_that_asked() -> None:
    """However long it waited."""
    desk = Desk(Options(cors_allowed_origins="*"))
    sid = desk.open_polling()
    desk.engine.http(
        desk.line(), desk.ask("GET", f"{POLLING}&sid={sid}", headers=[(b"origin", PAGE)]), desk.now
    )
    assert header(answer(desk.send(sid, "x")), "access-control-allow-origin") == [PAGE.decode()]


def test_a_browser_may_ask_beforehand() -> None:
    """Which methods and headers it may send; a page that may not is told nothing."""
    options = Options(cors_allowed_origins=(PAGE.decode(),))
    wanted = (b"access-control-request-headers", b"authorization")
    response = opened(options, (b"origin", PAGE), wanted, method="OPTIONS")
    assert (response.status, response.body) == (204, b"")
    assert header(response, "access-control-allow-methods") == ["GET, POST"]
    assert header(response, "access-control-allow-headers") == ["authorization"]
    assert header(response, "content-length") == []

    response = opened(options, (b"origin", b"https://other.example"), wanted, method="OPTIONS")
    assert (response.status, response.headers) == (204, ())


@pytest.mark.parametrize(
    ("cookie", "written"),
    [
        ("io", "io=s1; Path=/; HttpOnly; SameSite=Lax"),
        (Cookie(name="eio", path="/live/", domain="hub.example", max_age_s=60, http_only=False,
                secure=True, same_site="None"),
         "eio=s1; Path=/live/; Domain=hub.example; Max-Age=60; Secure; SameSite=None"),
        (Cookie(name="bare", path="", http_only=False, same_site=""), "bare=s1"),
    ],
)  # fmt: skip
def test_the_cookie_comes_with_the_first_answer(cookie: str | Cookie, written: str) -> None:
    """Over either transport, and only then."""
    desk = Desk(Options(cookie=cookie), lets_in=False)
    sid = desk.open_polling()
    assert header(answer(desk.engine.accept(sid, desk.now)), "set-cookie") == [written]
    assert header(answer(desk.post(sid, b"4x")), "set-cookie") == []

    sid, _ = desk.open_socket()
    (accept,) = of(AcceptSocket, desk.engine.accept(sid, desk.now))
    assert accept.headers == (cookie_header(desk.options.the_cookie or Cookie(), sid),)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("deflate", "deflate"),
        ("GZIP;q=0.5", "gzip"),
        ("gzip;q=0, deflate;q=0.1", "deflate"),
        ("gzip;q=0.000", ""),
        ("br, zstd, *", ""),
        ("identity", ""),
        ("", ""),
        (";;,,=", ""),
    ],
)
def test_how_a_body_is_compressed_is_the_clients_choice(accepted: str, coding: str) -> None:
    """Of those that every browser knows."""
    assert coding_of(accepted) == coding


@pytest.mark.parametrize(("accepted", "bits"), [(b"gzip", 31), (b"deflate", 15)])
def test_long_answers_to_polls_are_compressed(accepted: bytes, bits: int) -> None:
    """From the threshold on; short ones are sent as they are."""
    desk = Desk(Options(compression_threshold=100))
    sid = desk.open_polling()
    request = desk.ask("GET", f"{POLLING}&sid={sid}", headers=[(b"accept-encoding", accepted)])

    desk.engine.http(desk.line(), request, desk.now)
    response = answer(desk.send(sid, "x" * 99))
    assert header(response, "content-encoding") == [accepted.decode()]
    assert header(response, "content-length") == [str(len(response.body))]
    assert zlib.decompress(response.body, bits) == b"4" + b"x" * 99

    desk.engine.http(desk.line(), request, desk.now)
    response = answer(desk.send(sid, "x" * 98))
    assert header(response, "content-encoding") == []
    assert response.body == b"4" + b"x" * 98


def test_nothing_is_compressed_where_that_is_not_wanted() -> None:
    """Neither by the options, nor by the client."""
    for options, accepted in ((Options(http_compression=False), b"gzip"), (Options(), b"identity")):
        desk = Desk(options)
        sid = desk.open_polling()
        request = desk.ask("GET", f"{POLLING}&sid={sid}", headers=[(b"accept-encoding", accepted)])
        desk.engine.http(desk.line(), request, desk.now)
        assert answer(desk.send(sid, "x" * 5000)).body == b"4" + b"x" * 5000


def test_each_refusal_has_an_answer() -> None:
    """And no answer is kept by anybody on the way."""
    assert set(ANSWERS) == set(Refusal)
    response = opened(Options(cors_allowed_origins=()), (b"origin", PAGE))
    assert header(response, "cache-control") == ["no-store"]
