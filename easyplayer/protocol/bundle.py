"""A bundle: programs and their media in a folder, for boxes that a USB stick reaches better than the network.

::

    easyplayer/bundle.json               a Signed Bundle, by the hub
    easyplayer/programs/<digest>.json    the programs' files, as over the network
    easyplayer/media/ab/abcdef…          the media, each under its SHA-256 digest
    easyplayer/reports/<box>-….age       what boxes have left for the hub, encrypted to its key

What counts is what is signed: the bundle names the programs' heads, a head names the digest of its program,
and a program names the digests of its media.
"""

from pathlib import PurePosixPath
from typing import Annotated

from msgspec import Meta, Struct

from easyplayer.protocol.asrun import LogId
from easyplayer.protocol.identity import BoxId
from easyplayer.protocol.signed import PublicKey, Signed
from easyplayer.units import Instant

FOLDER = PurePosixPath("easyplayer")
BUNDLE_FILE = FOLDER / "bundle.json"
PROGRAMS = FOLDER / "programs"
MEDIA = FOLDER / "media"
REPORTS = FOLDER / "reports"
"""Where it all is on a stick."""

MOST_BUNDLE_BYTES = 512 * 1024
MOST_HEADS = 400
"""So many boxes one bundle serves."""


class BundleReceipt(Struct, frozen=True, kw_only=True):
    """Up to which entry the hub has the as-run log of a box: of use to one that the network does not reach.

    :ivar log: names the log.
    :ivar upto: the number of the entry.
    """

    box: BoxId
    log: LogId
    upto: Annotated[int, Meta(ge=0, le=2**53)]


class Bundle(Struct, frozen=True, kw_only=True):
    """What a stick brings; travels signed.

    :ivar id: names it.
    :ivar made: when, by the hub's clock.
    :ivar heads: a :class:`~easyplayer.protocol.program_head.ProgramHead` for each box, signed as over the
        network.
    :ivar collects: whether boxes are to leave their as-run log and diagnostics on the stick.
    """

    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$", max_length=16)]
    made: Instant
    heads: Annotated[tuple[Signed, ...], Meta(max_length=MOST_HEADS)]
    collects: bool = False
    receipts: Annotated[tuple[BundleReceipt, ...], Meta(max_length=MOST_HEADS)] = ()


class StickReport(Struct, frozen=True, kw_only=True):
    """What is in a report that a box has left: its first member, signed by the box.

    :ivar hub: public key of the hub that it is for.
    :ivar files: SHA-256 of each other member, by name.
    """

    box: BoxId
    hub: PublicKey
    made: Instant
    files: dict[str, Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]]


def program_path(digest: str) -> PurePosixPath:
    """Name the file of a program, below the stick's top folder.

    >>> str(program_path("ab" * 32))[:26]
    'easyplayer/programs/ababab'
    """
    return PROGRAMS / f"{digest}.json"


def medium_path(sha256: str) -> PurePosixPath:
    """Name the file of a medium, below the stick's top folder.

    >>> str(medium_path("cd" * 32))[:24]
    'easyplayer/media/cd/cdcd'
    """
    return MEDIA / sha256[:2] / sha256
