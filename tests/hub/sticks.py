"""Sticks as boxes leave them: reports, sealed for a hub, each part of which a test can spoil."""

import io
import tarfile
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
import pyrage

from easyplayer.hub.hub import Hub
from easyplayer.protocol.asrun import Batch
from easyplayer.protocol.bundle import StickReport
from easyplayer.protocol.heartbeat import Status
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.signing import Purpose, openssh_public_key, sign
from easyplayer.units import Instant
from tests.hub.boxes import ABox

MADE = Instant(1_799_990_000.0)
LINES = b"the sound server is back\nthe hub cannot be reached\n"


def members(*batches: Batch, lines: bytes = LINES, **status: Any) -> dict[str, bytes]:
    """Give what stands in a report."""
    told = msgspec.json.encode(Status(**{"version": "1.0", **status}))
    logs = {f"as-run/{at:05}.json": msgspec.json.encode(one) for at, one in enumerate(batches, 1)}
    return {**logs, "status.json": told, "log.txt": lines}


def signed(by: ABox, at: Hub, files: Mapping[str, bytes], **changes: Any) -> Signed:
    """Sign for the members of a report."""
    said: dict[str, Any] = {
        "box": by.id,
        "hub": at.keys.public[0],
        "made": MADE,
        "files": {name: sha256(content).hexdigest() for name, content in files.items()},
    }
    return sign(by.seed, Purpose.REPORT, StickReport(**{**said, **changes}))


def archive(files: Mapping[str, bytes]) -> bytes:
    """Put members into an archive."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def sealed(plain: bytes, key: str) -> bytes:
    """Encrypt something to a hub's key."""
    return pyrage.encrypt(plain, [pyrage.ssh.Recipient.from_str(openssh_public_key(key))])  # type: ignore[no-any-return]


def report(box: ABox, hub: Hub, *batches: Batch, made: Instant = MADE, lines: bytes = LINES) -> bytes:
    """Give a report, as a box leaves it."""
    files = members(*batches, lines=lines)
    head = {"report.json": msgspec.json.encode(signed(box, hub, files, made=made))}
    return sealed(archive(head | files), hub.keys.public[0])
