"""The answers to requests: their headers, who may read them, and whether they are compressed."""

import zlib
from typing import Final

from msgspec import Struct

from easyplayer.engineio.core.http import Headers, Request, Response
from easyplayer.engineio.core.options import Cookie, Options
from easyplayer.engineio.core.refusals import ANSWERS, Refusal, body_of

NO_STORE: Final = ("cache-control", "no-store")
TEXT: Final = ("content-type", "text/plain; charset=UTF-8")
HTML: Final = ("content-type", "text/html")
"""Of ``ok``: some browsers offer plain text of a POST to be saved."""
JSON: Final = ("content-type", "application/json")
PREFLIGHT_AGE_S: Final = 600

GZIP_BITS: Final = 31
ZLIB_BITS: Final = 15
LEVEL: Final = 3
"""Of compression: half the time of the usual one, and nearly as small."""
CODINGS: Final = {"gzip": GZIP_BITS, "deflate": ZLIB_BITS}


class Manner(Struct, frozen=True, gc=False):
    """What must be known of a request when its answer is made, maybe much later.

    :ivar headers: that the answer has in any case.
    :ivar coding: how its body may be compressed, or nothing.
    """

    headers: Headers = ()
    coding: str = ""


PLAIN: Final = Manner()


def manner_of(request: Request, options: Options) -> Manner:
    """Tell how a request is to be answered."""
    headers = cors_headers(request, options)
    coding = coding_of(request.header("accept-encoding")) if options.http_compression else ""
    return Manner(headers, coding) if headers or coding else PLAIN


def polled(payload: bytes, manner: Manner, options: Options) -> Response:
    """Answer a poll."""
    if not manner.coding or len(payload) < options.compression_threshold:
        return with_body(200, (TEXT, NO_STORE, *manner.headers), payload)
    body = zlib.compress(payload, LEVEL, CODINGS[manner.coding])
    headers = (
        TEXT,
        NO_STORE,
        ("content-encoding", manner.coding),
        ("vary", "accept-encoding"),
        *manner.headers,
    )
    return with_body(200, headers, body)


def posted(manner: Manner) -> Response:
    """Answer a POST whose packets were taken."""
    return with_body(200, (HTML, NO_STORE, *manner.headers), b"ok")


def refused(refusal: Refusal, manner: Manner) -> Response:
    """Answer what is refused."""
    answer = ANSWERS[refusal]
    headers: Headers = (JSON, NO_STORE, *manner.headers)
    if answer.retry_after_s:
        headers += (("retry-after", str(answer.retry_after_s)),)
    return with_body(answer.status, headers, body_of(answer.code, answer.message))


def forbidden(reason: object, status: int, more: Headers, manner: Manner) -> Response:
    """Answer a client that the application does not let in.

    :param reason: for the client; nothing for the usual words.
    :param more: headers that the application adds.
    """
    answer = ANSWERS[Refusal.FORBIDDEN]
    body = body_of(answer.code, answer.message if reason in (None, "", False) else reason)
    return with_body(status, (JSON, NO_STORE, *manner.headers, *more), body)


def preflight(request: Request, manner: Manner) -> Response:
    """Answer a browser that asks whether a page may ask."""
    headers = list(manner.headers)
    if headers:
        headers += [
            ("access-control-allow-methods", "GET, POST"),
            ("access-control-max-age", str(PREFLIGHT_AGE_S)),
        ]
        wanted = request.header("access-control-request-headers")
        if wanted and readable(wanted):
            headers.append(("access-control-allow-headers", wanted))
    return with_body(204, tuple(headers), b"")


def with_body(status: int, headers: Headers, body: bytes) -> Response:
    """Make an answer that tells the length of its body, where it may have one."""
    if status == 204:  # noqa: PLR2004 — of HTTP: no content, and no length of it
        return Response(status, headers, body)
    return Response(status, (*headers, ("content-length", str(len(body)))), body)


def cors_headers(request: Request, options: Options) -> Headers:
    """Tell what lets a page of another origin read the answer; nothing for those that may not."""
    origin = request.header("origin")
    if not origin or not readable(origin):
        return ()
    if options.cors_allowed_origins is None or not origin_allowed(request, options):
        return ()
    if options.cors_allowed_origins == "*" and not options.cors_credentials:
        return (("access-control-allow-origin", "*"),)
    headers: Headers = (("access-control-allow-origin", origin), ("vary", "origin"))
    if options.cors_credentials:
        headers += (("access-control-allow-credentials", "true"),)
    return headers


def origin_allowed(request: Request, options: Options) -> bool:
    """Tell whether the page that asks may do so. A request without an origin is none of a page's."""
    origin = request.header("origin")
    allowed = options.cors_allowed_origins
    if not origin or allowed == "*":
        return True
    if allowed is None:
        host = request.header("host").lower()
        return bool(host) and origin.partition("://")[2].lower() == host
    if isinstance(allowed, tuple):
        return origin in allowed
    return callable(allowed) and bool(allowed(origin))


def readable(value: str) -> bool:
    """Tell whether a header's value may stand in a header of the answer."""
    return all(" " <= character != "\x7f" for character in value)


def coding_of(accepted: str) -> str:
    """Choose how to compress, of what a client takes.

    >>> coding_of("br;q=1.0, gzip;q=0.8"), coding_of("gzip;q=0, *"), coding_of("")
    ('gzip', '', '')
    """
    for coding in CODINGS:
        for part in accepted.split(","):
            name, _, weight = part.partition(";")
            if name.strip().lower() == coding and not no_weight(weight):
                return coding
    return ""


def no_weight(weight: str) -> bool:
    """Tell whether a weight says never."""
    name, _, value = weight.strip().partition("=")
    return name.strip().lower() == "q" and not value.strip().strip("0.")


def cookie_header(cookie: Cookie, sid: str) -> tuple[str, str]:
    """Write the cookie with a session's name.

    >>> cookie_header(Cookie(name="io"), "abc")
    ('set-cookie', 'io=abc; Path=/; HttpOnly; SameSite=Lax')
    """
    parts = [f"{cookie.name}={sid}"]
    if cookie.path:
        parts.append(f"Path={cookie.path}")
    if cookie.domain:
        parts.append(f"Domain={cookie.domain}")
    if cookie.max_age_s is not None:
        parts.append(f"Max-Age={cookie.max_age_s}")
    if cookie.http_only:
        parts.append("HttpOnly")
    if cookie.secure:
        parts.append("Secure")
    if cookie.same_site:
        parts.append(f"SameSite={cookie.same_site}")
    return "set-cookie", "; ".join(parts)
