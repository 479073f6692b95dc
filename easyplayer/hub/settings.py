"""The settings of a hub: a TOML file, the environment over it, the command line over both.

Whatever is wrong is told all at once, each with its place and, where a name was nearly right, with the name
that was meant.  In the environment a setting is ``EASYPLAYER_HUB_KEY``; a list is separated by commas.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import FieldInfo

from easyplayer.errors import SettingsError

PREFIX = "EASYPLAYER_HUB_"
OTHERS = ("URL", "TOKEN")
"""What stands behind the prefix in variables of the operator's commands, which are no settings of a hub."""
PLACES = (Path("/etc/easyplayer/hub.toml"), Path("~/.config/easyplayer/hub.toml"))
"""Where a settings file is looked for when none is named; the first that is there counts."""

LAST_PORT = 65535


def _about(text: str, **limits: Any) -> Meta:
    return Meta(description=text, **limits)


class Transcode(StrEnum):
    """Whether the hub makes copies of pictures that boxes cannot show as they are."""

    OFF = "off"
    WHEN_NEEDED = "when-needed"


class HubSettings(Struct, frozen=True, kw_only=True):
    """All settings of a hub; each has a default that works."""

    state: Annotated[str, _about("directory for the database, the media and the keys")] = (
        "~/.local/state/easyplayer-hub"
    )
    database: Annotated[
        str, _about("database URL: postgresql://USER@HOST/NAME; empty is SQLite in the state directory")
    ] = ""
    media: Annotated[
        str, _about("where media lie: a folder, or s3://BUCKET/PREFIX; empty is in the state directory")
    ] = ""
    host: Annotated[str, _about("address to listen on")] = "127.0.0.1"
    port: Annotated[int, _about("port to listen on; 0 takes a free one", ge=0, le=LAST_PORT)] = 8080
    public_url: Annotated[
        str,
        _about(
            "base URL by which others reach the hub; empty is whichever they call it by",
            pattern=r"^$|^https?://\S+$",
        ),
    ] = ""
    trusted_proxies: Annotated[
        tuple[str, ...], _about("addresses or networks of proxies whose X-Forwarded-For is believed")
    ] = ()
    workers: Annotated[
        int, _about("how many processes answer; more than one only with PostgreSQL", ge=1, le=64)
    ] = 1
    heartbeat_s: Annotated[float, _about("how often a box sends a heartbeat, in seconds", ge=1, le=3600)] = (
        30.0
    )
    live: Annotated[bool, _about("whether boxes and operators may hold a line open, to hear at once")] = True
    live_port: Annotated[
        int,
        _about(
            "port of their own for these lines, and one more for each further worker; 0 is the hub's port",
            ge=0,
            le=LAST_PORT,
        ),
    ] = 0
    live_heartbeat_s: Annotated[
        float, _about("how often a box with an open line sends a heartbeat, in seconds", ge=1, le=3600)
    ] = 300.0
    live_most: Annotated[
        int, _about("how many open lines one process has at the most; 0 is any number", ge=0, le=1_000_000)
    ] = 0
    live_most_per_address: Annotated[
        int, _about("how many of them from one address; 0 is any number", ge=0, le=1_000_000)
    ] = 0
    live_most_per_user: Annotated[
        int, _about("how many of them one user may have; 0 is any number", ge=0, le=1_000_000)
    ] = 50
    bus: Annotated[
        str,
        _about(
            "what workers tell one another by: nats://HOST[:PORT][/NAME]; empty is the database",
            pattern=r"^$|^(nats|tls)://([^/@\s]+@)?[^/@:\s]+(:[0-9]{1,5})?(/[A-Za-z0-9_-]+)?$",
        ),
    ] = ""
    token_hours: Annotated[float, _about("how long a box's token holds", ge=0.1, le=720)] = 24.0
    claim_minutes: Annotated[float, _about("how long a claim code holds", ge=1, le=1440)] = 10.0
    media_minutes: Annotated[float, _about("how long a medium's URL holds", ge=1, le=1440)] = 15.0
    session_hours: Annotated[float, _about("how long a user stays logged in", ge=0.1, le=720)] = 12.0
    upload_mib: Annotated[int, _about("how long an uploaded track may be, in MiB", ge=1, le=4096)] = 1024
    transcode: Annotated[
        Transcode,
        _about("whether copies are made of clips and images that boxes cannot show"),
    ] = Transcode.OFF

    @property
    def directory(self) -> Path:
        """The state directory."""
        return Path(self.state).expanduser()

    @property
    def database_url(self) -> str:
        """The database's URL."""
        return self.database or f"sqlite:///{self.directory / 'hub.sqlite'}"

    @property
    def media_place(self) -> str:
        """Where the media lie."""
        return self.media or str(self.directory / "media")


class Layer(Struct, frozen=True):
    """Settings from one place; a later layer goes over an earlier one.

    :ivar where: names the place of a setting, given its key.
    """

    values: Mapping[str, Any]
    where: Callable[[str], str]


def load(
    path: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    command_line: Mapping[str, Any] | None = None,
) -> HubSettings:
    """Read the settings of this hub.

    :param path: the file; ``None`` looks in :data:`PLACES`, and is content with none.
    :param command_line: value by key, as given on the command line.
    :raises SettingsError: naming everything that is wrong, in all places.
    """
    problems: list[str] = []
    file = path or next((place for one in PLACES if (place := one.expanduser()).is_file()), None)
    layers = (
        Layer(_read(file, problems) if file else {}, lambda key: f"{file}: {key}"),
        Layer(_sorted_out(environment), lambda key: f"environment: {PREFIX}{key.upper()}"),
        Layer(command_line or {}, lambda key: f"command line: --{key.replace('_', '-')}"),
    )
    settings = HubSettings(**_merge(layers, problems))
    problems.extend(_nonsense(settings))
    if problems:
        raise SettingsError(problems)
    return settings


def description(field: FieldInfo) -> str:
    """Tell what a setting is for, as the documentation prints it."""
    return next(meta.description or "" for meta in field.type.__metadata__ if isinstance(meta, Meta))


def _read(path: Path, problems: list[str]) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror}): name another file, or leave it out")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path}: is not TOML: {error}")
    return {}


def _sorted_out(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Pick our variables out of the environment; the box's own begin with ``EASYPLAYER_HUB__``."""
    ours = {
        name.removeprefix(PREFIX): value
        for name, value in sorted(environment.items())
        if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}_")
    }
    return {name.lower(): value for name, value in ours.items() if name not in OTHERS}


def _merge(layers: tuple[Layer, ...], problems: list[str]) -> dict[str, Any]:
    fields = {field.name: field for field in msgspec.structs.fields(HubSettings)}
    values: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.values.items():
            if key not in fields:
                problems.append(f"{layer.where(key)}: there is no such setting{_meant(key, fields)}")
                continue
            try:
                values[key] = _converted(value, fields[key])
            except msgspec.ValidationError as error:
                about = description(fields[key])
                problems.append(f"{layer.where(key)}: {value!r} cannot be used ({error}): {about}")
    return values


def _converted(value: Any, field: FieldInfo) -> Any:
    """Bring a value to its type; text from the environment may stand for a number or a list."""
    if isinstance(value, str) and isinstance(field.default, tuple):
        value = [part.strip() for part in value.split(",") if part.strip()]
    return msgspec.convert(value, field.type, strict=not isinstance(value, str))


def _nonsense(settings: HubSettings) -> Iterator[str]:
    """Find what no setting shows by its form alone."""
    for proxy in settings.trusted_proxies:
        try:
            ip_network(proxy, strict=False)
        except ValueError:
            yield f"trusted_proxies: {proxy!r} is no address: write one such as 10.0.0.7 or 10.0.0.0/8"
    if settings.workers > 1 and not settings.database.startswith("postgresql"):
        yield "workers: SQLite carries one process: leave it at 1, or set database to a PostgreSQL"
    if settings.live_port and settings.live_port + settings.workers - 1 > LAST_PORT:
        yield f"live_port: there are no {settings.workers} ports from {settings.live_port} on: begin lower"


def _meant(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(sorted(known))}"
