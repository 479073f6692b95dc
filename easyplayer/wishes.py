"""What the settings wish, in the terms of the parts that they are for."""

from datetime import date
from pathlib import Path

from easyplayer.audio import Handling
from easyplayer.download import Manner
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.live_line import POLLING, WEBSOCKET
from easyplayer.drivers.tunnel import TunnelSpec
from easyplayer.playout.standing import Standing, parse_opening
from easyplayer.playout.transition import Rules
from easyplayer.settings import (
    DownloadSettings,
    HubSettings,
    RuleSettings,
    Settings,
    SoundSettings,
    SupportSettings,
)
from easyplayer.sound import Wish
from easyplayer.units import Decibels, Lufs, Milliseconds, Percent, to_seconds
from easyplayer.volume import Limits

KILOBYTE = 1000


def transition_rules(settings: RuleSettings) -> Rules:
    """Tell how one item gives way to the next."""
    return Rules(
        crossfade_s=to_seconds(Milliseconds(settings.crossfade_ms)),
        target_lufs=Lufs(settings.target_lufs),
        headroom_dbtp=Decibels(settings.headroom_dbtp),
    )


def handling(settings: Settings) -> Handling:
    """Tell how a person may handle the player."""
    return Handling(
        volume=Percent(settings.sound.volume),
        skip_fade_s=to_seconds(Milliseconds(settings.rules.skip_fade_ms)),
    )


def limits(settings: SoundSettings) -> Limits:
    """Tell how far a person may turn the volume."""
    return Limits(
        volume=Percent(settings.volume),
        lowest=Percent(settings.volume_lowest),
        highest=Percent(settings.volume_highest),
    )


def standing(settings: Settings) -> Standing:
    """Tell what decides whether the box may play."""
    until = settings.box.licence_until
    return Standing(
        opening=parse_opening(settings.box.opening),
        licence_until=date.fromisoformat(until) if until else None,
    )


def wish(settings: SoundSettings) -> Wish:
    """Tell what is wished of the output."""
    return Wish(settings.sink, Percent(settings.sink_volume) if settings.sink_volume >= 0 else None)


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
