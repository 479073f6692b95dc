"""What is in an image, how large each part of it is, and whether that is within the budget."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from image.profile import Profile
from image.shell import BuildError, run_inside

LARGEST = 25
"""So many directories are told, the largest first."""


def packages(root: Path) -> dict[str, str]:
    """Name Debian's packages of a root, each with its version."""
    lines = run_inside(root, "dpkg-query", "-W", "-f", "${Package} ${Version}\\n").splitlines()
    return dict(line.split(maxsplit=1) for line in lines)


def largest(root: Path, depth: int = 4) -> dict[str, int]:
    """Tell which directories of a root hold most, in bytes before compression.

    :param depth: how many names a path has at most; what lies deeper counts there.
    """
    held: Counter[str] = Counter()
    for folder, _, files in os.walk(root):
        place = "/".join(Path(folder).relative_to(root).parts[:depth])
        held[place] += sum(os.lstat(f"{folder}/{name}").st_size for name in files)
    return dict(held.most_common(LARGEST))


def written(
    profile: Profile,
    facts: Mapping[str, object],
    files: Iterable[Path],
    root: Path,
    listed: Mapping[str, str],
) -> dict[str, object]:
    """Tell all about an image.

    :param facts: what the build knows itself: version, commit, time.
    :param files: what was made; each is told with its size and its SHA-256.
    :param listed: Debian's packages, each with its version.
    """
    return {
        "profile": profile.name,
        "suite": profile.suite,
        "architecture": profile.architecture,
        **facts,
        "files": {path.name: {"bytes": path.stat().st_size, "sha256": _digest(path)} for path in files},
        "largest": largest(root),
        "packages": dict(listed),
    }


def check_budget(image: Path, profile: Profile) -> None:
    """Hold an image against the budget.

    :raises BuildError: it is larger than its profile allows.
    """
    size, most = image.stat().st_size, profile.budget_mib * 1024 * 1024
    if size > most:
        message = (
            f"{image.name} has {size / 2**20:.0f} MiB, "
            f"and the budget of {profile.name} is {profile.budget_mib} MiB: "
            "see `largest` in manifest.json for what could go, or raise budget_mib in the profile"
        )
        raise BuildError(message)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
