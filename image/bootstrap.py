"""Debian's packages as a root directory: fetched and set up once, then kept for the next build."""

import hashlib
import shutil
from pathlib import Path

from image.profile import Profile
from image.shell import SETTLED, BuildError, run

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
MIRROR = "http://deb.debian.org"


def sources(profile: Profile) -> str:
    """Write down where the packages come from: Debian itself, whatever this machine uses.

    >>> from image.profile import load
    >>> print(sources(load("x86-64")).splitlines()[0])
    deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main
    """
    components, suite = " ".join(profile.components), profile.suite
    places = (("debian", suite), ("debian", f"{suite}-updates"), ("debian-security", f"{suite}-security"))
    return "".join(
        f"deb [signed-by={KEYRING}] {MIRROR}/{place} {part} {components}\n" for place, part in places
    )


def packages_root(profile: Profile, cache: Path, root: Path, *, fresh: bool = False) -> None:
    """Make a root directory of the profile's packages.

    :param cache: where the packages' root is kept as an archive, by what it is made of.
    :param root: the directory; what was there before is gone.
    :param fresh: fetch the packages anew, with all updates since.
    :raises BuildError: a package is not there, or the keyring, or the network.
    """
    archive = _archive(profile, cache)
    if fresh or not archive.is_file():
        _bootstrap(profile, archive)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    run("tar", "--extract", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-f", archive, "-C", root)


def kept(profile: Profile, cache: Path) -> bool:
    """Tell whether the packages' root has been fetched already."""
    return _archive(profile, cache).is_file()


def _archive(profile: Profile, cache: Path) -> Path:
    return cache / f"root-{profile.name}-{_digest(profile)}.tar"


def _digest(profile: Profile) -> str:
    made_of = (sources(profile), profile.packages, profile.excluded, profile.included, profile.architecture)
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:12]


def _bootstrap(profile: Profile, archive: Path) -> None:
    if not Path(KEYRING).is_file():
        message = f"{KEYRING} is missing: install debian-archive-keyring"
        raise BuildError(message)
    archive.parent.mkdir(parents=True, exist_ok=True)
    written = archive.with_suffix(".list")
    written.write_text(sources(profile))
    unfinished = archive.with_suffix(".part.tar")
    try:
        run(
            *("mmdebstrap", "--mode=root", "--variant=essential", f"--architectures={profile.architecture}"),
            f"--include={','.join(profile.packages)}",
            '--aptopt=APT::Install-Recommends "false"',
            "--dpkgopt=force-unsafe-io",  # an archive that was cut off is thrown away
            *(f"--dpkgopt=path-exclude={pattern}" for pattern in profile.excluded),
            *(f"--dpkgopt=path-include={pattern}" for pattern in profile.included),
            *(profile.suite, unfinished, written),
            more=SETTLED,
        )
        unfinished.replace(archive)
    finally:
        unfinished.unlink(missing_ok=True)
        written.unlink()
    for old in archive.parent.glob(f"root-{profile.name}-*"):
        if old != archive:
            old.unlink()
