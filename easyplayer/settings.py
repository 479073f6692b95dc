"""The settings of a box: a TOML file, the environment over it, the command line over both.

Every setting has a default that works, so an empty file is a good one.  Whatever is wrong is told
all at once, each with its place and, where a name was nearly right, with the name that was meant.

In the environment a setting is ``EASYPLAYER_SECTION__KEY``; a list is separated by ``:``, and a
path that comes after a URL begins with ``/``, ``~`` or ``.`` there.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from easyplayer.errors import SettingsError
from easyplayer.layers import Layer, merge

PREFIX = "EASYPLAYER_"
HUBS_OWN = "EASYPLAYER_HUB_"
"""A hub on this machine has settings of its own; those of a box about its hub have two underscores."""
PLACES = (Path("/etc/easyplayer/settings.toml"), Path("~/.config/easyplayer/settings.toml"))
"""Where a settings file is looked for when none is named; the first that is there counts."""


def _about(text: str, **limits: Any) -> Meta:
    return Meta(description=text, **limits)


class BoxSettings(Struct, frozen=True, kw_only=True):
    """``[box]``: the box itself."""

    state: Annotated[str, _about("directory for all that must survive a power cut")] = (
        "~/.local/state/easyplayer"
    )
    opening: Annotated[
        str,
        _about(
            "when the box may play, in local time, such as 08:00-02:00; empty is always",
            pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        ),
    ] = ""
    licence_until: Annotated[
        str,
        _about(
            "last day on which the box may play, such as 2027-12-31; empty is for ever",
            pattern=r"^$|^\d{4}-\d{2}-\d{2}$",
        ),
    ] = ""


class MusicSettings(Struct, frozen=True, kw_only=True):
    """``[music]``: what to play."""

    places: Annotated[
        tuple[str, ...], _about("files, folders, playlists (M3U8, XSPF, PLS) and stream URLs, in order")
    ] = ()


class ProgramSettings(Struct, frozen=True, kw_only=True):
    """``[program]``: what to play when."""

    file: Annotated[
        str, _about("program file; empty plays the places of [music], or else the sample program")
    ] = ""


class HubSettings(Struct, frozen=True, kw_only=True):
    """``[hub]``: who directs the box."""

    url: Annotated[
        str,
        _about(
            "base URL of the hub, such as https://hub.example; empty is none", pattern=r"^$|^https?://\S+$"
        ),
    ] = ""
    proxy: Annotated[
        str,
        _about("HTTP proxy on the way to it; empty goes by the environment", pattern=r"^$|^https?://\S+$"),
    ] = ""
    ca: Annotated[str, _about("file of CA certificates to trust in place of the machine's own")] = ""
    key: Annotated[
        str,
        _about(
            "public key of the hub, which it tells; empty trusts the one it has when the box is paired",
            pattern=r"^$|^[0-9a-f]{64}$",
        ),
    ] = ""
    name: Annotated[
        str, _about("what the box calls itself until it is claimed; empty is the machine's name")
    ] = ""
    live: Annotated[
        str,
        _about(
            "the live channel to it: websocket or polling, whichever is to be tried first, or off",
            pattern=r"^(websocket|polling|off)$",
        ),
    ] = "websocket"


class StorageSettings(Struct, frozen=True, kw_only=True):
    """``[storage]``: where the hub's media are kept, beside the state directory."""

    disks: Annotated[
        tuple[str, ...],
        _about(
            "folders on other disks for media, below where each is mounted; one that is not there is missing"
        ),
    ] = ()
    keep_free_mb: Annotated[
        int, _about("so much of each disk is left to others, at least", ge=0, le=1_000_000)
    ] = 256
    scrub_kb_per_s: Annotated[
        int,
        _about(
            "how fast media are read again in idle time, to find bad ones; 0 is never", ge=0, le=1_000_000
        ),
    ] = 2000


class DownloadSettings(Struct, frozen=True, kw_only=True):
    """``[downloads]``: how programs and media come from the hub."""

    parallel: Annotated[int, _about("so many media are fetched at the same time", ge=1, le=16)] = 3
    most_kb_per_s: Annotated[
        int, _about("all of them together come no faster; 0 is no limit", ge=0, le=10_000_000)
    ] = 0
    hours: Annotated[
        str,
        _about(
            "when media may come that are not needed soon, such as 01:00-06:00; empty is always",
            pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        ),
    ] = ""


class DeviceSettings(Struct, frozen=True, kw_only=True):
    """``[devices]``: what is plugged in."""

    sticks: Annotated[bool, _about("whether programs are taken from USB sticks")] = True


class SupportSettings(Struct, frozen=True, kw_only=True):
    """``[support]``: the way in for support, by SSH, which ``open_support`` opens for a limited time."""

    server: Annotated[
        str, _about("user@host of the support server; empty is none", pattern=r"^$|^[\w.-]+@[\w.:-]+$")
    ] = ""
    port: Annotated[int, _about("its SSH port", ge=1, le=65535)] = 22
    remote_port: Annotated[int, _about("port to open there; 0 leaves it to the server", ge=0, le=65535)] = 0
    local_port: Annotated[int, _about("SSH port of this machine", ge=1, le=65535)] = 22
    key: Annotated[str, _about("private key to log in with; empty is one that the box makes")] = ""
    known_hosts: Annotated[
        str, _about("file with the server's host key; the tunnel is not opened to any other")
    ] = ""


class SoundSettings(Struct, frozen=True, kw_only=True):
    """``[sound]``: where to play, and how loud."""

    sink: Annotated[
        str, _about('sink to play on; empty leaves it to the sound server, "null" is a silent one')
    ] = ""
    sink_volume: Annotated[int, _about("the sink's own volume; -1 leaves it alone", ge=-1, le=100)] = -1
    volume: Annotated[int, _about("volume to start with", ge=0, le=100)] = 80
    volume_lowest: Annotated[int, _about("nobody can turn it below this", ge=0, le=100)] = 0
    volume_highest: Annotated[int, _about("nobody can turn it above this", ge=0, le=100)] = 100


class ScreenSettings(Struct, frozen=True, kw_only=True):
    """``[screen]``: what is shown, where, and when."""

    outputs: Annotated[
        tuple[str, ...],
        _about("where pictures are shown: auto, none, window, or connectors of displays, such as HDMI-A-1"),
    ] = ("auto",)
    driver: Annotated[
        str,
        _about(
            "how pictures come to a display: drm, gpu, window, or auto, which takes what is there",
            pattern=r"^(auto|drm|gpu|window)$",
        ),
    ] = "auto"
    mode: Annotated[
        str,
        _about(
            "the display's mode, such as 1920x1080 or 1920x1080@50; empty is the one it likes best",
            pattern=r"^$|^[1-9]\d{2,4}x[1-9]\d{2,4}(@[1-9]\d{0,2}(\.\d{1,3})?)?$",
        ),
    ] = ""
    hours: Annotated[
        str,
        _about(
            "when displays may be on, such as 08:00-23:00; empty is whenever the box may play",
            pattern=r"^$|^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        ),
    ] = ""
    overlay_size: Annotated[
        int, _about("how large the letters over the pictures are, in percent", ge=50, le=300)
    ] = 100
    cec: Annotated[bool, _about("whether a television is turned on and off over its HDMI cable")] = True


class RuleSettings(Struct, frozen=True, kw_only=True):
    """``[rules]``: how one item gives way to the next."""

    crossfade_ms: Annotated[int, _about("length of a crossfade; 0 is none", ge=0, le=30_000)] = 4000
    skip_fade_ms: Annotated[int, _about("how long a skipped item takes to go", ge=0, le=5_000)] = 500
    target_lufs: Annotated[float, _about("loudness every item is brought to", ge=-40, le=-5)] = -16.0
    headroom_dbtp: Annotated[float, _about("no true peak goes above this", ge=-20, le=0)] = -1.0


class WatchdogSettings(Struct, frozen=True, kw_only=True):
    """``[watchdog]``: whom the box tells that it makes progress."""

    host: Annotated[str, _about("address of the WatchDog plugin")] = "127.0.0.1"
    port: Annotated[int, _about("UDP port of the WatchDog plugin; 0 tells nobody", ge=0, le=65535)] = 1664
    every_s: Annotated[float, _about("how often, in seconds", ge=1, le=60)] = 5.0


class Settings(Struct, frozen=True, kw_only=True):
    """All settings of a box."""

    box: BoxSettings = BoxSettings()
    music: MusicSettings = MusicSettings()
    program: ProgramSettings = ProgramSettings()
    sound: SoundSettings = SoundSettings()
    screen: ScreenSettings = ScreenSettings()
    rules: RuleSettings = RuleSettings()
    watchdog: WatchdogSettings = WatchdogSettings()
    hub: HubSettings = HubSettings()
    storage: StorageSettings = StorageSettings()
    downloads: DownloadSettings = DownloadSettings()
    devices: DeviceSettings = DeviceSettings()
    support: SupportSettings = SupportSettings()

    @property
    def state(self) -> Path:
        """The state directory."""
        return Path(self.box.state).expanduser()


def load(
    path: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    command_line: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings of this box.

    :param path: the file; ``None`` looks in :data:`PLACES`, and is content with none.
    :param command_line: value by section and key, as given on the command line.
    :raises SettingsError: naming everything that is wrong, in all places.
    """
    problems: list[str] = []
    file = path or next((place for one in PLACES if _is_there(place := one.expanduser())), None)
    layers = [
        Layer(
            _read(file, problems) if file else {},
            lambda section, key: f"{file}: [{section}] {key}".rstrip(),
        ),
        Layer(
            _sorted_out(environment, problems),
            lambda section, key: f"environment: {PREFIX}{section.upper()}__{key.upper()}",
        ),
        Layer(command_line or {}, lambda section, key: f"command line: {section}.{key}"),
    ]
    settings = merge(Settings, layers, problems)
    problems.extend(_nonsense(settings))
    if problems:
        raise SettingsError(problems)
    return settings


def check(values: Mapping[str, Any], where: Callable[[str, str], str]) -> tuple[Settings, list[str]]:
    """Look at settings that come from elsewhere than a file of this box's.

    :param values: value by section and key.
    :param where: names the place of a setting, given its section and key; no key is the section.
    :returns: the settings, as far as they can be used, and all that is wrong.
    """
    problems: list[str] = []
    settings = merge(Settings, [Layer(values, where)], problems)
    return settings, [*problems, *_nonsense(settings)]


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # it may well be there: reading it will tell what is wrong
        return True


def _read(path: Path, problems: list[str]) -> Mapping[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror}): name another file, or leave it out")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        problems.append(f"{path}: is not TOML: {error}")
    return {}


def _sorted_out(environment: Mapping[str, str], problems: list[str]) -> Mapping[str, Any]:
    """Pick our variables out of the environment."""
    values: dict[str, dict[str, str]] = {}
    for name, value in sorted(environment.items()):
        if not name.startswith(PREFIX) or (name.startswith(HUBS_OWN) and not name.startswith(f"{HUBS_OWN}_")):
            continue
        section, mark, key = name.removeprefix(PREFIX).lower().partition("__")
        if mark:
            values.setdefault(section, {})[key] = value
        else:
            problems.append(f"environment: {name} names no setting: write {PREFIX}SECTION__KEY")
    return values


def _nonsense(settings: Settings) -> Iterator[str]:
    """Find what no setting shows by its form alone."""
    if settings.sound.volume_lowest > settings.sound.volume_highest:
        yield "[sound] volume_lowest is above volume_highest: nothing lies between them"
    for name, url in (("url", settings.hub.url), ("proxy", settings.hub.proxy)):
        try:
            has_host = not url or bool(urlsplit(url).hostname and urlsplit(url).port != 0)
        except ValueError:
            has_host = False
        if not has_host:
            yield f"[hub] {name}: {url} is no address: write it as https://hub.example, or leave it empty"
    until = settings.box.licence_until
    try:
        if until:
            date.fromisoformat(until)
    except ValueError:
        yield f"[box] licence_until: no calendar has a {until}: write year-month-day, or leave it empty"
