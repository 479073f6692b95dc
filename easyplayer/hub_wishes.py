"""What the settings wish of the hub, in the terms of the parts that only a box with a hub has."""

from pathlib import Path

from easyplayer.download import Manner
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.live_line import POLLING, WEBSOCKET
from easyplayer.drivers.tunnel import TunnelSpec
from easyplayer.playout.standing import parse_opening
from easyplayer.settings import DownloadSettings, HubSettings, SupportSettings

KILOBYTE = 1000


def way(settings: HubSettings) -> Way:
    """Tell how to get to the hub."""
    ca = str(Path(settings.ca).expanduser()) if settings.ca else ""
    return Way(url=settings.url.rstrip("/"), proxy=settings.proxy, ca=ca)


def transports(settings: HubSettings) -> tuple[str, ...]:
    """Tell by which ways the live channel goes, the first first; none where it is off."""
    match settings.live:
        case "off":
            return ()
        case "polling":
            return POLLING, WEBSOCKET
        case _:
            return WEBSOCKET, POLLING


def manner(settings: DownloadSettings) -> Manner:
    """Tell how media are brought."""
    return Manner(most_per_s=KILOBYTE * settings.most_kb_per_s, hours=parse_opening(settings.hours))


def tunnel_spec(settings: SupportSettings, own_key: Path) -> TunnelSpec:
    """Tell where the way in for support leads.

    :param own_key: the key that the box makes where it is given none.
    """
    known_hosts = Path(settings.known_hosts).expanduser() if settings.known_hosts else None
    return TunnelSpec(
        server=settings.server,
        port=settings.port,
        remote_port=settings.remote_port,
        local_port=settings.local_port,
        key=Path(settings.key).expanduser() if settings.key else own_key,
        makes_key=not settings.key,
        known_hosts=known_hosts,
    )
