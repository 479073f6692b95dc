"""Requests are read leniently: what they lack is for the engine to find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.engineio.core.http import Request, request_of


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/engine.io/?EIO=4&transport=polling", "/engine.io/", {"EIO": "4", "transport": "polling"}),
        (b"/live/?sid=a%2Db+c", "/live/", {"sid": "a-b c"}),
        ("/live/", "/live/", {}),
        ("/live/?sid=a&sid=b", "/live/", {"sid": "a"}),
        ("/live/?sid&EIO=", "/live/", {"sid": "", "EIO": ""}),
        ("/live/?a=1#?b=2", "/live/", {"a": "1"}),
        ("/live/?&&=&a==b", "/live/", {"": "", "a": "=b"}),
        ("http://hub.example:8080/live/?EIO=4", "/live/", {"EIO": "4"}),
        ("http://[::1/live/?EIO=4", "/live/", {"EIO": "4"}),
        ("https://hub.example?EIO=4", "/", {"EIO": "4"}),
        ("*", "*", {}),
        ("", "", {}),
        ("/live/?a=%ff%zz", "/live/", {"a": "\ufffd%zz"}),
    ],
)
def test_a_target_is_a_path_and_a_query(target: str | bytes, path: str, query: dict[str, str]) -> None:
    """As origins and proxies are asked; of a name that stands there twice, the first counts."""
    request = request_of("get", target, [])
    assert (request.method, request.path, dict(request.query)) == ("GET", path, query)


def test_headers_have_names_in_lower_case() -> None:
    """The first of a name is told; one that is not there is empty."""
    request = request_of(
        "GET", "/", [(b"Host", b" hub "), (b"X-A", b"1"), (b"x-a", b"2"), (b"X-\xe4", b"\xff")]
    )
    assert request.header("host") == "hub"
    assert request.header("x-a") == "1"
    assert request.header("cookie") == ""
    assert request.header("x-ä") == "ÿ"


@pytest.mark.parametrize(
    ("cookies", "value"),
    [
        ([b"io=abc"], "abc"),
        ([b'a=1; io="abc" ;b'], "abc"),
        ([b"a=1", b"io=abc; io=def"], "abc"),
        ([b"ioo=1; xio=2; io"], ""),
        ([b"io=a=b"], "a=b"),
        ([], ""),
    ],
)
def test_a_cookie_is_found_by_its_name(cookies: list[bytes], value: str) -> None:
    """In whichever header it stands."""
    request = request_of("GET", "/", [(b"Cookie", one) for one in cookies])
    assert request.cookie("io") == value


@given(
    method=st.text(max_size=8),
    target=st.text(max_size=60) | st.binary(max_size=60),
    headers=st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=12)), max_size=4),
)
def test_nothing_makes_it_fail(method: str, target: str | bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Whatever a parser lets through."""
    request = request_of(method, target, headers)
    assert isinstance(request, Request)
    assert all(name == name.lower() for name, _ in request.headers)
    request.cookie("io")
