"""Whose word about a client's address is believed."""

import pytest

from easyplayer.engineio.proxies import Proxies

PROXY, OTHER_PROXY, CLIENT = "10.0.0.1", "10.1.2.3", "192.0.2.7"
TRUSTED = ("10.0.0.0/8", "2001:db8::1")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (CLIENT, "", CLIENT),
        (CLIENT, "198.51.100.1", CLIENT),
        (PROXY, "", PROXY),
        (PROXY, CLIENT, CLIENT),
        ("2001:db8::1", CLIENT, CLIENT),
        ("2001:db8::2", CLIENT, "2001:db8::2"),
        (PROXY, f"198.51.100.1, {CLIENT}", CLIENT),
        (PROXY, f"198.51.100.1, {CLIENT}, {OTHER_PROXY}", CLIENT),
        (PROXY, f"{CLIENT}, nonsense", PROXY),
        (PROXY, f"nonsense, {CLIENT}", CLIENT),
        (PROXY, f"{OTHER_PROXY}", OTHER_PROXY),
        ("", CLIENT, ""),
    ],
)
def test_the_nearest_address_that_is_no_proxys(peer: str, forwarded: str, address: str) -> None:
    """What stands to the left of it was written by a stranger."""
    headers = (("x-forwarded-for", forwarded),) if forwarded else ()

    assert Proxies(TRUSTED).origin(peer, "http", headers) == (address, "http")


def test_a_local_peer_is_believed() -> None:
    """A unix socket has no address, and is open to this user only."""
    headers = (("x-forwarded-for", f"198.51.100.1, {CLIENT}"), ("x-forwarded-proto", "https"))

    assert Proxies().origin("", "http", headers, local=True) == (CLIENT, "https")


def test_whoever_comes_over_a_unix_socket() -> None:
    """Is believed where the word for that is among the trusted."""
    headers = (("x-forwarded-for", CLIENT),)

    assert Proxies(("unix",)).origin("", "http", headers)[0] == CLIENT
    assert Proxies(("unix",)).origin(PROXY, "http", headers)[0] == PROXY


def test_headers_that_come_twice_count_as_one() -> None:
    """Proxies may each add a header of their own."""
    headers = (("x-forwarded-for", CLIENT), ("x-forwarded-for", OTHER_PROXY))

    assert Proxies(TRUSTED).origin(PROXY, "http", headers)[0] == CLIENT


@pytest.mark.parametrize(("said", "scheme"), [("https", "https"), ("gopher", "http")])
def test_the_scheme_is_believed_too(said: str, scheme: str) -> None:
    """Where it is one."""
    assert Proxies(TRUSTED).origin(PROXY, "http", (("x-forwarded-proto", said),))[1] == scheme


def test_proxies_that_have_no_address() -> None:
    """They are an error at once."""
    with pytest.raises(ValueError, match="proxy"):
        Proxies(("proxy",))
