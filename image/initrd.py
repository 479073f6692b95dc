"""The initrd: busybox, one script and a few drivers, as an archive that the kernel unpacks into memory.

It is written here and not by Debian's tools: a tenth of the size, and it starts in a fraction of the time,
as it looks for nothing but one partition.
"""

import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from image.profile import Profile
from image.shell import run

INIT = Path(__file__).parent / "initrd" / "init"
TOOLS = (*("sh", "mount", "umount", "modprobe", "switch_root", "mkdir", "sleep", "usleep", "sha256sum"),)
FOLDERS = ("bin", "dev", "proc", "sys", "run", "new", "etc")


@dataclass(frozen=True)
class Entry:
    """One thing in the archive.

    :ivar name: its path, without a slash in front.
    :ivar mode: its kind and its rights, as ``stat`` has them.
    :ivar content: of a file; of a link, where it leads.
    :ivar device: major and minor number, of a device.
    """

    name: str
    mode: int
    content: bytes = b""
    device: tuple[int, int] = (0, 0)


def archive(entries: Iterable[Entry]) -> bytes:
    """Write an archive as the kernel reads it (cpio, "newc"), the same for the same entries."""
    parts = [
        part
        for number, entry in enumerate((*entries, Entry("TRAILER!!!", 0)), 1)
        for part in _written(entry, number)
    ]
    return b"".join(parts)


def _written(entry: Entry, number: int) -> Iterator[bytes]:
    name = entry.name.encode() + b"\0"
    links = 2 if stat.S_ISDIR(entry.mode) else 1
    fields = (number, entry.mode, 0, 0, links, 0, len(entry.content), 0, 0, *entry.device, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    yield head + bytes(-len(head) % 4)
    yield entry.content + bytes(-len(entry.content) % 4)


def build(root: Path, profile: Profile, release: str, work: Path) -> bytes:
    """Make the initrd of a root.

    :param release: the kernel's.
    :param work: a directory for what is made on the way.
    """
    tree = _modules(root / "usr/lib/modules" / release, profile, work)
    folders = sorted({str(parent) for path in tree for parent in Path(path).parents if str(parent) != "."})
    busybox = (root / "usr/bin/busybox").read_bytes()
    return archive(
        [
            *(Entry(name, stat.S_IFDIR | 0o755) for name in (*FOLDERS, *folders)),
            Entry("dev/console", stat.S_IFCHR | 0o600, device=(5, 1)),
            Entry("init", stat.S_IFREG | 0o755, INIT.read_bytes()),
            Entry("bin/busybox", stat.S_IFREG | 0o755, busybox),
            *(Entry(f"bin/{tool}", stat.S_IFLNK | 0o777, b"busybox") for tool in TOOLS),
            *(Entry(path, stat.S_IFREG | 0o644, content) for path, content in sorted(tree.items())),
        ]
    )


def _modules(modules: Path, profile: Profile, work: Path) -> Mapping[str, bytes]:
    """Gather the initrd's modules with all that they need, and an index of these alone."""
    copy = work / "lib/modules" / modules.name
    shutil.rmtree(work, ignore_errors=True)
    for path in needed((modules / "modules.dep").read_text(), profile.initrd_modules):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(modules / path, copy / path)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy(modules / name, copy)
    run("depmod", "-b", work, modules.name)
    kept = ("modules.dep", "modules.alias", "modules.builtin")
    files = (path for path in sorted(copy.rglob("*")) if path.suffix == ".ko" or path.name in kept)
    return {str(path.relative_to(work)): path.read_bytes() for path in files}


def needed(dependencies: str, names: Iterable[str]) -> tuple[str, ...]:
    r"""Tell the files of modules and of all that they need.

    :param dependencies: what ``modules.dep`` says.
    :param names: modules; those that are not there are built into the kernel, or of another board.

    >>> needed("a/ahci.ko: a/libahci.ko a/libata.ko\na/libata.ko:\na/libahci.ko: a/libata.ko", ["ahci"])
    ('a/ahci.ko', 'a/libahci.ko', 'a/libata.ko')
    """
    lines = (line.partition(":") for line in dependencies.splitlines())
    files = {path: (path, *others.split()) for path, _, others in lines}
    by_name = {_plain(Path(path).stem): path for path in files}
    found = (by_name[_plain(name)] for name in names if _plain(name) in by_name)
    return tuple(dict.fromkeys(file for path in found for file in files[path]))


def _plain(name: str) -> str:
    return name.replace("-", "_")
