"""The hub's settings come from three places, and whatever is wrong in them is told all at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import FieldInfo

from easyplayer.errors import SettingsError
from easyplayer.hub import settings
from easyplayer.hub.settings import OTHERS, PREFIX, HubSettings, description, load

FIELDS = msgspec.structs.fields(HubSettings)


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    """Give the path of a settings file that a test may write."""
    return tmp_path / "hub.toml"


@pytest.fixture(autouse=True)
def _no_file_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    monkeypatch.setattr(settings, "PLACES", ())


def read(
    toml: str = "",
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    command_line: Mapping[str, Any] | None = None,
) -> HubSettings:
    """Load settings; nothing but what is given here has a say in them."""
    if file is not None:
        file.write_text(toml, encoding="utf-8")
    return load(file, environment or {}, command_line)


def problems(*layers: Any, **places: Any) -> list[str]:
    """Give what is told about settings that cannot be used."""
    with pytest.raises(SettingsError) as caught:
        read(*layers, **places)
    return caught.value.problems


def test_nothing_at_all_is_a_good_setting(file: Path) -> None:
    """A hub that nobody has set up keeps all it has in one directory."""
    found = read("", file=file)
    assert found == load(None, {}) == HubSettings()
    assert found.directory == Path.home() / ".local/state/easyplayer-hub"
    assert found.database_url == f"sqlite:///{found.directory}/hub.sqlite"
    assert found.media_place == f"{found.directory}/media"


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_default_is_allowed_and_every_setting_is_told(field: FieldInfo) -> None:
    """Whoever writes a default into the file gets the default."""
    assert read(command_line={field.name: field.default}) == HubSettings()
    assert description(field)


def test_each_place_goes_over_the_one_before(file: Path) -> None:
    """The file, the environment, the command line."""
    toml = 'port = 1\nhost = "file"\npublic_url = "http://file"\n'
    environment = {"EASYPLAYER_HUB_PORT": "2", "EASYPLAYER_HUB_HOST": "environment"}
    found = read(toml, file=file, environment=environment, command_line={"port": 3})
    assert (found.public_url, found.host, found.port) == ("http://file", "environment", 3)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("PORT", "0", 0),
        ("HEARTBEAT_S", "10", 10.0),
        ("DATABASE", "postgresql://hub@db/hub", "postgresql://hub@db/hub"),
        ("TRUSTED_PROXIES", "10.0.0.1, 2001:db8::/32,", ("10.0.0.1", "2001:db8::/32")),
        ("TRUSTED_PROXIES", "", ()),
        ("LIVE", "false", False),
        ("BUS", "nats://bus:4222/hub-1", "nats://bus:4222/hub-1"),
        ("BUS", "tls://hub:secret@bus", "tls://hub:secret@bus"),
    ],
)
def test_text_becomes_what_the_setting_is(name: str, text: str, expected: object) -> None:
    """The environment knows only text; the colons of an address are no separators."""
    assert getattr(read(environment={f"{PREFIX}{name}": text}), name.lower()) == expected


@pytest.mark.parametrize("name", ["PATH", "EASYPLAYER_HUB__URL", *(f"{PREFIX}{one}" for one in OTHERS)])
def test_variables_of_others_are_none_of_our_business(name: str) -> None:
    """Nor those of the box, nor those of the operator's commands."""
    assert read(environment={name: "x"}) == HubSettings()


def test_whatever_is_wrong_is_told_at_once_with_its_place_and_the_way_out(file: Path) -> None:
    """Three places, and one thing that only makes no sense together."""
    told = problems(
        'prot = 1\npublic_url = "hub.example"\ntrusted_proxies = ["proxy"]',
        file=file,
        environment={"EASYPLAYER_HUB_PORT": "x"},
        command_line={"workers": 2, "heartbeat_s": 0},
    )
    assert [line.partition(": ")[0] for line in told] == [
        str(file),
        str(file),
        "environment",
        "command line",
        "trusted_proxies",
        "workers",
    ]
    assert "did you mean 'port'?" in told[0]
    assert "public_url" in told[1]
    assert "EASYPLAYER_HUB_PORT: 'x' cannot be used" in told[2]
    assert "--heartbeat-s" in told[3]
    assert "10.0.0.7" in told[4]
    assert "PostgreSQL" in told[5]


@pytest.mark.parametrize(
    ("content", "told"), [(b"port = ", "is not TOML"), (b"\xff", "is not TOML"), (None, "cannot be read")]
)
def test_a_file_that_cannot_be_read_is_told(file: Path, content: bytes | None, told: str) -> None:
    """With its name."""
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load(file, {})
    assert f"{file}: {told}" in caught.value.problems[0]


def test_the_first_file_that_is_there_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none is named."""
    for name in ("b", "c"):
        (tmp_path / name).write_text(f'host = "{name}"')
    monkeypatch.setattr(settings, "PLACES", tuple(tmp_path / name for name in "abc"))
    assert load(environment={}).host == "b"


def test_several_workers_need_a_database_for_them() -> None:
    """With PostgreSQL they are fine."""
    assert read(command_line={"workers": 4, "database": "postgresql://hub@db/hub"}).workers == 4


@pytest.mark.parametrize(
    "url", ["nats", "nats://", "http://bus", "nats://bus/a.b", "nats://bus/a/b", "nats://bus:port"]
)
def test_a_bus_is_a_server_of_nats(url: str) -> None:
    """With one word at the most, which all that is said begins with."""
    (told,) = problems("", command_line={"bus": url})
    assert "nats://HOST" in told


def test_every_worker_has_a_port_for_its_lines() -> None:
    """Where they have ports of their own at all."""
    (told,) = problems(command_line={"live_port": 65535, "workers": 2, "database": "postgresql://hub@db/hub"})
    assert told.startswith("live_port: there are no 2 ports")
    assert read(command_line={"live_port": 65535}).live_port == 65535
