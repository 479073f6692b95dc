"""What goes into an image: a small file for each kind of board, over one for all of them."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

PROFILES = Path(__file__).parent / "profiles"
EVERY = "every"
"""The profile that all others add to."""
LESS = "-"
"""What a word of a list begins with to take one away that all have."""


class ProfileError(Exception):
    """A profile cannot be used; the message says which one, and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What an image is made of.

    :ivar name: that of its file.
    :ivar suite: Debian's release.
    :ivar components: the parts of Debian that packages may come from.
    :ivar architecture: as Debian calls it.
    :ivar wheels: the same, as Python's wheels call it.
    :ivar python: the release of Python there.
    :ivar packages: Debian's, by name; what they depend on comes along.
    :ivar excluded: patterns of paths that are never unpacked.
    :ivar included: exceptions of these.
    :ivar from_source: Python packages that are published as sources only.
    :ivar removed: patterns of paths that are taken away at the end.
    :ivar modules_removed: the same, below ``kernel`` of the kernel's modules.
    :ivar initrd_modules: what the initrd may load; all that these need comes along.
    :ivar masked: units that never start.
    :ivar masked_generators: what makes no units.
    :ivar command_line: the words that the kernel is started with.
    :ivar loader: the boot loader's file in the root, and
    :ivar loader_name: what it is called where the machine looks for it.
    :ivar root_type: the GPT type of a root partition, by the Discoverable Partitions Specification.
    :ivar kernel: pattern of the kernel's name in the root's ``/boot``.
    :ivar boot_mib: size of the boot partition.
    :ivar slot_mib: size that a root partition may grow to.
    :ivar block: block size of the compressed root, as ``mksquashfs`` reads it.
    :ivar level: how hard it is compressed, 1 to 22.
    :ivar budget_mib: the largest that the image may be.
    """

    name: str
    suite: str
    components: tuple[str, ...]
    architecture: str
    wheels: str
    python: str
    packages: tuple[str, ...]
    excluded: tuple[str, ...]
    included: tuple[str, ...]
    from_source: tuple[str, ...]
    removed: tuple[str, ...]
    modules_removed: tuple[str, ...]
    initrd_modules: tuple[str, ...]
    masked: tuple[str, ...]
    masked_generators: tuple[str, ...]
    command_line: tuple[str, ...]
    loader: str
    loader_name: str
    root_type: str
    kernel: str
    boot_mib: int
    slot_mib: int
    block: str
    level: int
    budget_mib: int


def names() -> tuple[str, ...]:
    """Name all profiles."""
    return tuple(sorted(path.stem for path in PROFILES.glob("*.toml") if path.stem != EVERY))


def load(name: str, folder: Path = PROFILES) -> Profile:
    """Read a profile, with what all of them share.

    :raises ProfileError: there is none of that name, or a key is missing, unknown or of the wrong kind.
    """
    path = folder / f"{name}.toml"
    if name == EVERY or not path.is_file():
        message = f"there is no profile {name}; there are: {', '.join(names())}"
        raise ProfileError(message)
    every, own = _read(folder / f"{EVERY}.toml"), _read(path)
    keys = _joined(every, own)
    faults = (*_faults(keys), *_slips(every, own))
    if faults:
        message = f"{path}: {'; '.join(faults)}"
        raise ProfileError(message)
    return Profile(name=name, **keys)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        message = f"{path}: {error}"
        raise ProfileError(message) from error


def _joined(every: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Put a profile's keys over those of all: lists are added up or taken from, all else is replaced."""
    joined = dict(every)
    for key, value in own.items():
        before = every.get(key)
        both = isinstance(before, list) and isinstance(value, list)
        joined[key] = _added(before, value) if both else value
    return {key: tuple(value) if isinstance(value, list) else value for key, value in joined.items()}


def _added(before: list[str], own: list[str]) -> list[str]:
    """Add a profile's words to those of all.

    >>> _added(["a", "b"], ["c", "-a"])
    ['b', 'c']
    """
    gone = {word.removeprefix(LESS) for word in own if word.startswith(LESS)}
    return [word for word in (*before, *own) if word not in gone and not word.startswith(LESS)]


def _slips(every: dict[str, Any], own: dict[str, Any]) -> Iterator[str]:
    """Tell what a profile takes away that is not there, and what it adds that is."""
    for key, words in own.items():
        there = every.get(key)
        for word in words if isinstance(there, list) and isinstance(words, list) else ():
            if word in there:
                yield f"{key}: {word} is there already"
            elif word.startswith(LESS) and word.removeprefix(LESS) not in there:
                yield f"{key}: {word.removeprefix(LESS)} is not there to be taken away"


def _faults(keys: dict[str, Any]) -> list[str]:
    kinds = {field.name: field.type for field in fields(Profile) if field.name != "name"}
    missing = [f"{key} is missing" for key in kinds if key not in keys]
    unknown = [f"{key} is unknown" for key in keys if key not in kinds]
    wrong = [
        f"{key} is {type(value).__name__}, not {_plain(kinds[key])}"
        for key, value in keys.items()
        if key in kinds and type(value).__name__ != _plain(kinds[key])
    ]
    return missing + unknown + wrong


def _plain(kind: Any) -> str:
    """Name a field's type without its elements: ``tuple`` of ``tuple[str, ...]``."""
    return str(getattr(kind, "__origin__", kind).__name__)
