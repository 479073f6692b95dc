"""Images of USB sticks, made and read without mounting anything."""

import os
import shutil
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

MIB = 1 << 20
SECTOR = 512
SECTORS_PER_MIB = MIB // SECTOR
FIRST_PARTITION = MIB
"""Where the partition begins, as on sticks that are bought."""

PARTITION_ENTRY = struct.Struct("<B3sB3sII")
PARTITION_TABLE_AT = 446
BOOT_SIGNATURE_AT = 510
BOOT_SIGNATURE = b"\x55\xaa"
NO_GEOMETRY = b"\xfe\xff\xff"
TOOL_TIMEOUT_S = 60
TOOLS = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
"""Some of them lie where only an administrator's shell looks."""


class FileSystem(StrEnum):
    """What a stick is formatted with."""

    VFAT = "vfat"
    EXT4 = "ext4"


PARTITION_TYPES = {FileSystem.VFAT: 0x0C, FileSystem.EXT4: 0x83}


@dataclass(frozen=True)
class StickImage:
    """The image of a stick with one partition.

    :ivar path: the image's file (raw).
    """

    path: Path
    file_system: FileSystem

    def read(self, name: str) -> bytes:
        """Read a file of the stick's, such as what a box has written to it.

        :raises FileNotFoundError: there is none of this name.
        """
        with TemporaryDirectory() as folder:
            copy = Path(folder) / "file"
            if self.file_system is FileSystem.VFAT:
                _run("mcopy", "-i", self._partition, f"::/{name}", str(copy), check=False)
            else:
                _run("debugfs", "-R", f'dump "/{name}" {copy}', self._partition)
            if not copy.exists():
                raise FileNotFoundError(f"{self.path} has no file {name}; it has {', '.join(self.names())}")
            return copy.read_bytes()

    def names(self) -> list[str]:
        """Name all its files, by their paths on the stick, in order."""
        with TemporaryDirectory() as folder:
            if self.file_system is FileSystem.VFAT:
                _run("mcopy", "-s", "-n", "-i", self._partition, "::/", folder, check=False)
            else:
                _run("debugfs", "-R", f"rdump / {folder}", self._partition)
            files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
            return [str(path.relative_to(folder)) for path in files]

    @property
    def _partition(self) -> str:
        """The partition, as the tools name it."""
        by = "@@" if self.file_system is FileSystem.VFAT else "?offset="
        return f"{self.path}{by}{FIRST_PARTITION}"


def make_stick(
    path: Path,
    files: Mapping[str, Path | bytes],
    file_system: FileSystem = FileSystem.VFAT,
    size_mib: int = 64,
    label: str = "STICK",
) -> StickImage:
    """Make the image of a stick.

    :param files: what is on it: files, folders or bytes, by their paths on the stick.
    :param size_mib: the size of its partition.
    """
    stick = StickImage(path, file_system)
    with TemporaryDirectory() as name:
        folder = Path(name)
        for where, what in files.items():
            _put(folder / where, what)
        with path.open("wb") as image:
            image.truncate((size_mib + 1) * MIB)
            image.write(_partition_table(PARTITION_TYPES[file_system], size_mib))
        _format(stick, folder, size_mib, label)
    return stick


def _put(path: Path, what: Path | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(what, bytes):
        path.write_bytes(what)
    elif what.is_dir():
        shutil.copytree(what, path, dirs_exist_ok=True)
    else:
        shutil.copy(what, path)


def _format(stick: StickImage, folder: Path, size_mib: int, label: str) -> None:
    partition = stick._partition
    if stick.file_system is FileSystem.EXT4:
        _let_anybody_write(folder)
        offset = f"offset={FIRST_PARTITION}"
        _run(
            "mke2fs",
            "-q",
            "-t",
            "ext4",
            "-L",
            label,
            "-d",
            str(folder),
            "-E",
            offset,
            str(stick.path),
            f"{size_mib}M",
        )
        return
    sectors = str(size_mib * SECTORS_PER_MIB)
    _run("mformat", "-i", partition, "-T", sectors, "-h", "64", "-s", "32", "-v", label, "::")
    given = sorted(str(path) for path in folder.iterdir())
    if given:
        _run("mcopy", "-s", "-i", partition, *given, "::/")


def _let_anybody_write(folder: Path) -> None:
    """Give a stick whose file system knows of rights those that it has where it knows of none."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)


def _partition_table(kind: int, size_mib: int) -> bytes:
    first, count = FIRST_PARTITION // SECTOR, size_mib * SECTORS_PER_MIB
    table = bytearray(SECTOR)
    PARTITION_ENTRY.pack_into(table, PARTITION_TABLE_AT, 0, NO_GEOMETRY, kind, NO_GEOMETRY, first, count)
    table[BOOT_SIGNATURE_AT:] = BOOT_SIGNATURE
    return bytes(table)


def _run(*command: str, check: bool = True) -> None:
    done = subprocess.run(
        command,
        env=TOOLS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TOOL_TIMEOUT_S,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
