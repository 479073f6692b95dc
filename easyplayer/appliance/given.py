"""What a technician gives a box in one file: its settings, its network, its time.

The file is ``easyplayer.toml``.  Beside it may lie what it names, such as a certificate: files whose names
begin with ``easyplayer``, too.  Whatever is wrong is told all at once.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from easyplayer import settings
from easyplayer.appliance.addressing import network_trouble, time_trouble
from easyplayer.appliance.plain_text import as_text
from easyplayer.appliance.sections import OWN, NetworkSettings, TimeSettings
from easyplayer.appliance.toml_text import line_of, read_toml
from easyplayer.errors import SettingsError
from easyplayer.layers import description, meant
from easyplayer.settings import Settings

Section = TypeVar("Section", bound=Struct)

FILE = "easyplayer.toml"
NAMES = (FILE, "easyplayer.toml.txt", "easyplayer.txt")
"""What the file may be called, in any case: Windows hides the end of a name, and puts another behind it."""
BESIDE = (("hub", "ca"), ("support", "key"), ("support", "known_hosts"))
"""Settings that name a file, which may lie beside the technician's."""
GIVEN = PurePosixPath("/etc/easyplayer/given")
"""Where such files are on the box."""

SECRET = re.compile(r"(?<=//)[^\s'\"]*@")
SECRET_VALUE = re.compile(r"(?<=\] proxy: ).*?(?= cannot be used| is no address)")
"""Passwords are in proxies: what is told of these stands in logs and on a screen."""
NO_DISKS = (
    "names storage.disks: on the appliance only its own disk is used, and what is named there is missing"
)
NO_WIRELESS = "this box has no WiFi: connect it by a cable, and leave this out"
WIRELESS = re.compile(r"wi-?fi|wlan|ssid|psk|wpa", re.IGNORECASE)


class Given(Struct, frozen=True, kw_only=True):
    """What a technician gave, understood.

    :ivar box: value by section and key of the box's own settings, for its settings file.
    :ivar settings: the same, with what they do not name.
    :ivar files: name and content of what lies beside the file and is named in it.
    :ivar notes: what was assumed, in words.
    """

    box: Mapping[str, Mapping[str, Any]]
    settings: Settings
    network: NetworkSettings = NetworkSettings()
    time: TimeSettings = TimeSettings()
    files: Mapping[str, bytes] = {}
    notes: tuple[str, ...] = ()


def chosen(files: Collection[str]) -> str:
    """Tell which of some files is the technician's; empty if none is."""
    by_name = {name.lower(): name for name in sorted(files)}
    return next((by_name[name] for name in NAMES if name in by_name), "")


def digest(files: Mapping[str, bytes]) -> str:
    """Name what was given, to know it again; empty where nothing was."""
    if not chosen(files):
        return ""
    whole = sha256()
    for name in sorted(files, key=str.lower):
        whole.update(sha256(name.lower().encode()).digest() + sha256(files[name]).digest())
    return whole.hexdigest()


def understand(files: Mapping[str, bytes], zones: Callable[[], Collection[str]]) -> Given:
    """Understand what a technician gave.

    :param files: name and content of the technician's file, and of what lies beside it.
    :param zones: names the time zones that this machine knows.
    :raises SettingsError: naming everything that is wrong, with its line and the way out.
    """
    name = chosen(files)
    reading = as_text(files[name])
    if reading.problem:
        raise SettingsError([f"{name}: {reading.problem}"])
    toml = read_toml(reading.text)

    def where(section: str, key: str) -> str:
        number = line_of(reading.text, section, key)
        return f"{name}: {f'line {number}: ' if number else ''}[{section}] {key}".rstrip()

    problems = [f"{name}: {problem}" for problem in toml.problems]
    known, strangers = _sorted_out(toml.values, where)
    problems.extend(strangers)
    network = _section(NetworkSettings, known.pop("network", {}), partial(where, "network"), problems)
    time = _section(TimeSettings, known.pop("time", {}), partial(where, "time"), problems)
    problems.extend(f"{where('network', key)}: {text}" for key, text in network_trouble(network))
    problems.extend(f"{where('time', key)}: {text}" for key, text in time_trouble(time, zones))
    beside = _beside(known, files, where, problems)
    read, wrong = settings.check(known, where)
    problems.extend(wrong)
    if problems:
        raise SettingsError([_without_secrets(problem) for problem in sorted(problems, key=_line)])
    notes = [reading.note] if reading.note else []
    if network.address and not network.dns:
        notes.append("has a fixed address and no name servers: names such as hub.example are not found")
    if read.storage.disks:
        notes.append(NO_DISKS)
    return Given(
        box=known, settings=read, network=network, time=time, files=beside,
        notes=tuple(f"{name} {note}" for note in notes),
    )  # fmt: skip


def _without_secrets(problem: str) -> str:
    return SECRET_VALUE.sub("what is written there", SECRET.sub("…@", problem))


def _line(problem: str) -> int:
    found = re.search(r"\bline (\d+): ", problem)
    return int(found[1]) if found else 0


def _sorted_out(
    values: Mapping[str, Any], where: Callable[[str, str], str]
) -> tuple[dict[str, Any], list[str]]:
    """Part the sections that there are from all else."""
    sections = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    sections.update(OWN)
    known: dict[str, Any] = {}
    problems: list[str] = []
    for name, content in values.items():
        if name in sections and isinstance(content, Mapping):
            known[name] = dict(content)
        elif name in sections:
            problems.append(f"{where(name, '')}: is a section: write [{name}] on a line of its own")
        elif isinstance(content, Mapping):
            problems.append(f"{where(name, '')}: there is no such section{meant(name, sections)}")
        else:
            homes = [one for one, kind in sections.items() if name in kind.__struct_fields__]
            put = f": put it below {' or '.join(f'[{one}]' for one in homes)}" if homes else ""
            problems.append(f"{where('', name).replace('[] ', '')}: stands in no section{put}")
    return known, problems


def _section(
    kind: type[Section], content: Mapping[str, Any], where: Callable[[str], str], problems: list[str]
) -> Section:
    """Read one of the sections that only this file has; a text alone may stand for a list of one."""
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    values: dict[str, Any] = {}
    for key, value in content.items():
        if key not in fields:
            trouble = NO_WIRELESS if WIRELESS.search(key) else f"there is no such setting{meant(key, fields)}"
            problems.append(f"{where(key)}: {trouble}")
            continue
        listed = isinstance(fields[key].default, tuple)
        taken = ((value,) if value else ()) if listed and isinstance(value, str) else value
        try:
            converted = msgspec.convert(taken, fields[key].type)
        except msgspec.ValidationError:
            converted = None
        if converted is None or not "".join(converted).isprintable():
            problems.append(f"{where(key)}: {value!r} cannot be used: {description(fields[key])}")
        else:
            values[key] = converted
    return kind(**values)


def _beside(
    known: dict[str, Any], files: Mapping[str, bytes], where: Callable[[str, str], str], problems: list[str]
) -> dict[str, bytes]:
    """Find the files that settings name, and have the settings name where they will be."""
    by_name = {name.lower(): name for name in files}
    found: dict[str, bytes] = {}
    for section, key in BESIDE:
        value = known.get(section, {}).get(key, "")
        if not isinstance(value, str) or not value or value.startswith("/"):
            continue
        name = value.removeprefix("./").lower()
        if not re.fullmatch(r"easyplayer[\w.-]*", name) or name in NAMES:
            problems.append(
                f"{where(section, key)}: call the file easyplayer-{key}, and put it beside {FILE}"
            )
        elif name not in by_name:
            problems.append(f"{where(section, key)}: {value} is not there: put it beside {FILE}")
        else:
            found[name] = files[by_name[name]]
            known[section] = known[section] | {key: str(GIVEN / name)}
    return found
