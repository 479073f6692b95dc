"""Options are judged at once, all together, each by its name."""

import pytest

from easyplayer.engineio.core.errors import OptionsError
from easyplayer.engineio.core.options import Cookie, Options

WRONG: list[dict[str, object]] = [
    {"ping_interval_s": 0},
    {"ping_interval_s": float("nan")},
    {"ping_interval_s": float("inf")},
    {"ping_timeout_s": -1},
    {"ping_grace_s": -0.1},
    {"max_http_buffer_size": 0},
    {"upgrade_timeout_s": 0},
    {"connect_timeout_s": 0},
    {"compression_threshold": -1},
    {"queue_bytes": 0},
    {"queue_packets": 0},
    {"most_sessions": -1},
    {"most_sessions_per_address": -1},
    {"transports": ()},
    {"transports": ("polling", "pigeon")},
    {"worker": "w-1"},
    {"worker": "ü"},
    {"cookie": ""},
    {"cookie": "a b"},
    {"cookie": Cookie(name="io", path="/;x")},
    {"cookie": Cookie(name="io", same_site="None")},
    {"cors_allowed_origins": "https://hub.example"},
    {"cors_allowed_origins": (1,)},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_cannot_be_used_is_refused_by_its_name(wrong: dict[str, object]) -> None:
    """So that whoever sets it finds it."""
    with pytest.raises(OptionsError, match=next(iter(wrong))) as caught:
        Options(**wrong)  # type: ignore[arg-type]  # that is the point
    assert len(caught.value.problems) == 1


def test_all_problems_are_told_at_once() -> None:
    """Nobody wants to find them one by one."""
    with pytest.raises(OptionsError) as caught:
        Options(ping_interval_s=0, worker="-", transports=())
    assert len(caught.value.problems) == 3


def test_a_cookie_may_be_given_by_its_name_alone() -> None:
    """With the usual attributes then."""
    assert Options().the_cookie is None
    assert Options(cookie="sid").the_cookie == Cookie(name="sid")
    assert Options(cookie=Cookie(name="a", secure=True, same_site="None")).the_cookie is not None


def test_the_usual_options_are_those_of_the_reference() -> None:
    """A client that knows no other server finds nothing new."""
    usual = Options()
    assert (usual.ping_interval_s, usual.ping_timeout_s, usual.upgrade_timeout_s) == (25.0, 20.0, 10.0)
    assert (usual.max_http_buffer_size, usual.compression_threshold) == (1_000_000, 1024)
    assert usual.transports == ("polling", "websocket")
