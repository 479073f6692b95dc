"""Reports as boxes leave them on sticks: opened, read within bounds, believed as far as they are signed.

A report is a file of age, encrypted to the key that the hub signs with.  In it is a tar archive whose first
member says, signed by the box, which others there are.  Anyone can encrypt to a public key: so nothing of a
report is believed before its signature, and no size that it names is.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tarfile import AREGTYPE, BLOCKSIZE, REGTYPE, TarError, TarInfo
from typing import IO, TypeVar

import pyrage
from msgspec import Struct

from easyplayer.errors import BadRequestError, ProtocolError, UnavailableError
from easyplayer.hub.keys import KeyKind, Keys
from easyplayer.protocol.asrun import MOST_BATCH_BYTES, Batch
from easyplayer.protocol.bundle import StickReport
from easyplayer.protocol.codec import MOST_BYTES, decode
from easyplayer.protocol.commands import MOST_ATTACHED_BYTES
from easyplayer.protocol.heartbeat import MOST_HEARTBEAT_BYTES, Status
from easyplayer.protocol.identity import box_id
from easyplayer.protocol.signed import PublicKey, Signed
from easyplayer.protocol.signing import Purpose, openssh_private_key, verified

REPORT, STATUS, LOG, AS_RUN = "report.json", "status.json", "log.txt", "as-run/"
"""The members: all below the last hold a batch of the as-run log each."""
MOST_REPORT_BYTES = 256 * 1024 * 1024
MOST_MEMBERS = 5000
WRITTEN_TWICE = 2
"""What is text within text has its quotation marks written twice."""
MOST = {
    REPORT: WRITTEN_TWICE * MOST_BYTES,
    STATUS: MOST_HEARTBEAT_BYTES,
    LOG: MOST_ATTACHED_BYTES,
    AS_RUN: WRITTEN_TWICE * MOST_BATCH_BYTES,
}
"""How long each of them may be."""
PLAIN = (REGTYPE, AREGTYPE)
"""The types of member that are nothing but a file."""
PIECE_BYTES = 1024 * 1024
TRY_AGAIN_S = 60.0

Message = TypeVar("Message", bound=Struct)


class Member(Struct, frozen=True):
    """One member: where its content begins in the archive, and how long it is."""

    start: int
    size: int


class Opened(Struct, frozen=True, kw_only=True):
    """A report whose signature and digests are right.

    :ivar key: the box's, which has signed it.
    :ivar file: the archive, open for as long as the report is read.
    """

    report: StickReport
    key: PublicKey
    members: dict[str, Member]
    file: IO[bytes]

    def batches(self) -> Iterator[Batch]:
        """Give the entries of the as-run log, in the order of the members' names.

        :raises BadRequestError: one is none.
        """
        for name in sorted(name for name in self.members if name.startswith(AS_RUN)):
            yield _decoded(name, self._content(name), Batch)

    def status(self) -> Status | None:
        """Give how the box was; ``None`` where it did not say so in words that are known here."""
        try:
            return decode(self._content(STATUS), Status) if STATUS in self.members else None
        except ProtocolError:
            return None

    def log(self) -> bytes:
        """Give the last lines of the box's log; empty where there are none."""
        return self._content(LOG) if LOG in self.members else b""

    def _content(self, name: str) -> bytes:
        return _content(self.file, name, self.members[name])


def unseal(sealed: Path, plain: IO[bytes], keys: Keys) -> None:
    """Decrypt a report, into a file that is no longer than the report is.

    :raises BadRequestError: it is damaged, or for another hub.
    :raises UnavailableError: the disk does not take it.
    """
    ours = [
        pyrage.ssh.Identity.from_buffer(openssh_private_key(one.secret)) for one in keys.of(KeyKind.SIGNING)
    ]
    try:
        with sealed.open("rb") as file:
            pyrage.decrypt_io(file, plain, ours)
        plain.flush()
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            message = "the report is for another hub: it is not encrypted to a key of this one"
            raise BadRequestError(message) from error
        raise _damaged(str(error)) from error
    except OSError as error:
        if error.errno is None:
            raise _damaged(str(error)) from error
        message = f"the hub's disk does not take it ({error.strerror}): make room there"
        raise UnavailableError(message, TRY_AGAIN_S) from error


def read(plain: IO[bytes], hub_keys: tuple[PublicKey, ...]) -> Opened:
    """Read a report that has been decrypted, and check all that can be checked without knowing the box.

    :raises BadRequestError: it is not as it should be; says what is wrong.
    """
    members = dict(_members(plain))
    if REPORT not in members:
        raise _damaged(f"it has no {REPORT}")
    signed = _decoded(REPORT, _content(plain, REPORT, members.pop(REPORT)), Signed)
    try:
        report = verified(signed, Purpose.REPORT, StickReport, [signed.key])
    except ProtocolError as error:
        raise BadRequestError(str(error)) from error
    if report.box != box_id(signed.key):
        message = f"the report says that it is of the box {report.box}, and is signed by another"
        raise BadRequestError(message)
    if report.hub not in hub_keys:
        message = "the report is for another hub: the box has named a key that this one has not"
        raise BadRequestError(message)
    if apart := members.keys() ^ report.files.keys():
        raise _damaged(f"{min(apart)} is there and not signed, or signed and not there")
    for name, member in members.items():
        if _digest(plain, member) != report.files[name]:
            raise _damaged(f"{name} is another than the box has signed")
    return Opened(report=report, key=signed.key, members=members, file=plain)


def _members(file: IO[bytes]) -> Iterator[tuple[str, Member]]:
    """Give the members; an archive can say much that no box ever does, and all of that is refused."""
    length, seen = file.seek(0, 2), set[str]()
    file.seek(0)
    while any(block := file.read(BLOCKSIZE)):
        try:
            told = TarInfo.frombuf(block, "utf-8", "strict")
        except (TarError, ValueError) as error:
            raise _damaged(f"what is in it is no archive of reports: {error}") from error
        start = file.tell()
        if told.type not in PLAIN or told.name in seen or len(seen) == MOST_MEMBERS:
            raise _damaged(f"{told.name[:100]!r} cannot be in a report, or not once more")
        if not 0 <= told.size <= min(_most(told.name), length - start):
            raise _damaged(
                f"{told.name[:100]!r} is said to have {told.size} bytes: it is too long, or cut off"
            )
        seen.add(told.name)
        yield told.name, Member(start, told.size)
        file.seek(start + -(-told.size // BLOCKSIZE) * BLOCKSIZE)


def _most(name: str) -> int:
    return MOST.get(AS_RUN if name.startswith(AS_RUN) else name, MOST_REPORT_BYTES)


def _content(file: IO[bytes], name: str, member: Member) -> bytes:
    file.seek(member.start)
    content = file.read(member.size)
    if len(content) < member.size:
        raise _damaged(f"{name} is cut off")
    return content


def _digest(file: IO[bytes], member: Member) -> str:
    file.seek(member.start)
    hashed, left = sha256(), member.size
    while left and (piece := file.read(min(PIECE_BYTES, left))):
        hashed.update(piece)
        left -= len(piece)
    return hashed.hexdigest()


def _decoded(name: str, content: bytes, kind: type[Message]) -> Message:
    try:
        return decode(content, kind, MOST[AS_RUN])
    except ProtocolError as error:
        raise _damaged(f"{name}: {error}") from error


def _damaged(what: str) -> BadRequestError:
    return BadRequestError(f"the report is damaged, or none: {what}")
