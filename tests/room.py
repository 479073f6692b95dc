"""Disks with as much room as a test wants."""

import pytest
from msgspec import structs

from easyplayer.drivers.media_disk import kept_of
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.protocol.heartbeat import Disk


def with_room(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let media take so many bytes in all, those that are there already among them."""
    look = MediaLibrary.look

    def disks(library: MediaLibrary) -> tuple[Disk, ...]:
        taken = sum(one.stat().st_size for one in library.folder.glob("??/*") if one.suffix != ".etag")
        return tuple(
            structs.replace(disk, free_bytes=kept_of(disk.total_bytes, library.keep_free) + size - taken)
            for disk in look(library)
        )

    for name in ("disks", "look"):
        monkeypatch.setattr(MediaLibrary, name, disks)
