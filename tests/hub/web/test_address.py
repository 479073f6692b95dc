"""Where a request comes from, whatever is written into its headers."""

import pytest

from easyplayer.hub.web.address import address_of, is_local, networks, peer_of, site_of

PROXIES = networks(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"])


def scope(peer: str) -> dict[str, tuple[str, int]]:
    """Give the scope of a connection."""
    return {"client": (peer, 1234)}


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2,192.0.2.1", "198.51.100.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("2001:db8::1", "2001:ff::7", "2001:ff::7"),
        ("a-unix-socket", "198.51.100.1", "a-unix-socket"),
    ],
)
def test_only_what_trusted_proxies_have_written_is_believed(peer: str, forwarded: str, address: str) -> None:
    """The nearest address that is none of theirs; what stands to the left of it may be invented."""
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert address_of(scope(peer), headers, PROXIES) == address


def test_without_trusted_proxies_nothing_is_believed() -> None:
    """As a hub is by default."""
    assert address_of(scope("127.0.0.1"), {"x-forwarded-for": "1.2.3.4"}, ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "headers", "local"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("192.0.2.7", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "1.2.3.4"}, False),
        ("127.0.0.1", {"forwarded": "for=1.2.3.4"}, False),
        ("127.0.0.1", {"via": "1.1 proxy"}, False),
        ("testclient", {}, False),
    ],
)
def test_what_comes_through_a_proxy_is_not_local(peer: str, headers: dict[str, str], local: bool) -> None:
    """A proxy on the same machine must not open to the world what is for the machine only."""
    assert is_local(scope(peer), headers) is local


def test_a_connection_may_have_no_address() -> None:
    """Over a socket of this machine's files."""
    assert peer_of({"client": None}) == ""


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_whoever_has_a_whole_network_counts_once(address: str, site: str) -> None:
    """Of IPv6 addresses everybody has more than can be counted."""
    assert site_of(address) == site
