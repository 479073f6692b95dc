"""Who asks, where proxies stand between: the nearest address that is no trusted proxy's."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

FORWARDED_FOR = "x-forwarded-for"
FORWARDED_PROTO = "x-forwarded-proto"
SCHEMES = ("http", "https")
UNIX = "unix"

Headers = Iterable[tuple[str, str]]
"""Names in lower case, and values."""


class Proxies:
    """Those whose word is believed.

    :param trusted: their addresses; each may be a network, such as ``10.0.0.0/8``, or ``unix`` for whoever
        comes over a unix socket.
    :raises ValueError: one is none.
    """

    __slots__ = ("_networks", "_trusts_unix")

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        named = tuple(trusted)
        self._trusts_unix = UNIX in named
        self._networks = tuple(ip_network(one, strict=False) for one in named if one != UNIX)

    def origin(self, peer: str, scheme: str, headers: Headers, *, local: bool = False) -> tuple[str, str]:
        """Tell who asks, and by which scheme.

        What a stranger writes into ``X-Forwarded-For`` is not believed, because only proxies that are
        trusted have written what stands to the right of it.

        :param peer: who has opened the connection; empty for one over a unix socket.
        :param scheme: of the connection.
        :param local: only processes of this machine that are trusted can open the connection.
        """
        if not (local or self._trusts(peer)):
            return peer, scheme
        claims = [value for name, value in headers if name == FORWARDED_FOR]
        hops = [hop.strip() for claim in claims for hop in claim.split(",")]
        for name, value in headers:
            if name == FORWARDED_PROTO and value.strip() in SCHEMES:
                scheme = value.strip()
        return self._nearest(peer, hops), scheme

    def _nearest(self, peer: str, hops: list[str]) -> str:
        for hop in reversed(hops):
            if not _is_address(hop):
                break
            peer = hop
            if not self._trusts(hop):
                break
        return peer

    def _trusts(self, address: str) -> bool:
        if not address:
            return self._trusts_unix
        if not self._networks or not _is_address(address):
            return False
        parsed = ip_address(address)
        return any(parsed in network for network in self._networks if _same_family(parsed.version, network))


def _same_family(version: int, network: IPv4Network | IPv6Network) -> bool:
    return network.version == version


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
