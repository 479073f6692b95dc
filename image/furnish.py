"""What is done to the packages' root: what is taken away, set up and switched off."""

import lzma
import shutil
import stat
from collections.abc import Iterable, Set
from pathlib import Path

from image.profile import Profile
from image.shell import SETTLED, BuildError, run, run_inside

HOSTS = "127.0.0.1 localhost\n127.0.1.1 easyplayer\n::1 localhost ip6-localhost ip6-loopback\n"
RESOLVER = "../run/systemd/resolve/stub-resolv.conf"
SIGNED = b"~Module signature appended~\n"
SIGNATURE_HEAD = 12
"""Bytes of the kernel's ``struct module_signature``; the last four of them are the signature's length."""
EMPTY = ("run", "tmp", "var/tmp", "var/log", "home", "mnt", "media", "srv", "boot")
"""Directories that hold nothing: what lies there comes at run time, or never."""


def take_away(root: Path, patterns: Iterable[str]) -> None:
    """Remove whatever matches a pattern; one that matches nothing is fine, as releases differ."""
    for pattern in patterns:
        for path in root.glob(pattern.lstrip("/")):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def trim_modules(root: Path, profile: Profile) -> str:
    """Leave the kernel modules that a player may need, unpacked, and give the kernel's release.

    The squashed root is compressed as a whole; what is in there twice compressed would only start later.
    A module that needs one that has gone goes as well: it could not be loaded.
    """
    folder = next((root / "usr/lib/modules").iterdir())
    take_away(folder / "kernel", profile.modules_removed)
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.ko*")}
    for name in crippled((folder / "modules.dep").read_text(), there):
        (folder / name).unlink()
    for packed in sorted(folder.rglob("*.ko.xz")):
        packed.with_suffix("").write_bytes(unsigned(lzma.decompress(packed.read_bytes())))
        packed.unlink()
    run("depmod", "-b", root, folder.name)
    return folder.name


def unsigned(module: bytes) -> bytes:
    """Give a kernel module without the signature at its end.

    Nothing here asks for signatures: who can write into the root needs no module.  A kernel that finds one
    checks it all the same, which was a third of all that it did until the music.
    """
    if not module.endswith(SIGNED):
        return module
    length = int.from_bytes(module[-len(SIGNED) - 4 : -len(SIGNED)], "big")
    return module[: -len(SIGNED) - SIGNATURE_HEAD - length]


def crippled(dependencies: str, there: Set[str]) -> tuple[str, ...]:
    r"""Name the modules that are there while one that they need is not.

    :param dependencies: what ``modules.dep`` said when all of them were there.
    :param there: the files of those that are.

    >>> crippled("a.ko: b.ko\nb.ko:\nc.ko:", {"a.ko", "c.ko"})
    ('a.ko',)
    """
    lines = (line.partition(":") for line in dependencies.splitlines())
    needs = {name: others.split() for name, _, others in lines}
    return tuple(name for name in needs if name in there and not there >= set(needs[name]))


def set_up(root: Path, project: Path, profile: Profile, version: str) -> None:
    """Give the root its name and its units, and switch off what a player has no use for."""
    for name in EMPTY:
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(mode=0o1777 if name.endswith("tmp") else 0o755)
        (root / name).chmod(0o1777 if name.endswith("tmp") else 0o755)
    _write(root, "etc/hostname", "easyplayer\n")
    _write(root, "etc/hosts", HOSTS)
    _write(root, "etc/machine-id", "")
    _write(root, "etc/fstab", "")
    _write(root, "etc/issue", "easyplayer \\v\n")
    _link(root / "etc/resolv.conf", RESOLVER)
    _link(root / "etc/localtime", "/usr/share/zoneinfo/Etc/UTC")
    with (root / "usr/lib/os-release").open("a") as file:
        file.write(f'IMAGE_ID="easyplayer-{profile.name}"\nIMAGE_VERSION="{version}"\n')
    (root / "data").mkdir(exist_ok=True)
    _switch_off(root, profile)
    run(project / "systemd/install", root)
    run("systemd-sysusers", f"--root={root}", more=SETTLED)


def finish(root: Path) -> None:
    """Bring the root's indexes up to date, so that no start has to, and mark the time of the build."""
    run("ldconfig", "-r", root)
    (root / "var/cache/ldconfig/aux-cache").unlink(missing_ok=True)  # it has the times of this build
    _without_privileges(root)
    for name in ("etc/.updated", "var/.updated", "usr/lib/clock-epoch"):
        (root / name).touch()
    missing = unresolved(root)
    if missing:
        message = "the root lacks libraries that its programs need: " + ", ".join(missing)
        raise BuildError(message)


def _without_privileges(root: Path) -> None:
    """Let no program give its caller more rights than it has: nothing here needs one that does."""
    for path in root.rglob("*"):
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
            path.chmod(mode & 0o777)


def unresolved(root: Path) -> tuple[str, ...]:
    """Name each library that a program or a library of the root needs and that is nowhere there."""
    folders = ("usr/bin", "usr/sbin", "usr/lib/systemd", "usr/lib/*-linux-gnu", "opt")
    files = {path for folder in folders for top in root.glob(folder) for path in top.rglob("*")}
    there = {path.name for path in files}
    inside = sorted(f"/{path.relative_to(root)}" for path in files if _is_elf(path))
    asked = run_inside(root, "sh", "-c", 'ldd "$@" 2>/dev/null || true', "sh", *inside)
    lines = (line.split()[0] for line in asked.splitlines() if "=> not found" in line)
    return tuple(sorted({name for name in lines if name not in there}))


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _switch_off(root: Path, profile: Profile) -> None:
    for unit in profile.masked:
        _link(root / "etc/systemd/system" / unit, "/dev/null")
    for generator in profile.masked_generators:
        _link(root / "etc/systemd/system-generators" / generator, "/dev/null")


def _write(root: Path, name: str, content: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(content)


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)
