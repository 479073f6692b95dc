"""What the API takes and tells of sticks: bundles that they bring to boxes, reports that they bring back."""

from typing import Annotated

from msgspec import Meta, Struct

from easyplayer.hub.content_views import Target
from easyplayer.protocol.heartbeat import Status
from easyplayer.protocol.identity import BoxId
from easyplayer.protocol.signed import Signed
from easyplayer.units import Instant

MOST_TARGETS = 100

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", max_length=64)]


class BundleTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which boxes a bundle is for.

    :ivar target_id: of a zone, ``venue/zone``.
    """

    target: Target
    target_id: Annotated[str, Meta(min_length=1, max_length=130)]


class BundleWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bundle that is to be made.

    :ivar collects: whether boxes are to leave their as-run log and diagnostics on the stick.
    """

    targets: Annotated[list[BundleTarget], Meta(min_length=1, max_length=MOST_TARGETS)]
    collects: bool = False


class BundledBox(Struct, frozen=True, kw_only=True):
    """A box that a bundle is for.

    :ivar program: what it is to play, such as ``Bar, version 3``.
    """

    id: BoxId
    name: str
    venue: str
    zone: str
    program: str
    revision: int


class BundledProgram(Struct, frozen=True, kw_only=True):
    """A program's file that belongs into a bundle.

    :ivar box: one of the boxes that it is for.
    """

    digest: Digest
    size: int
    box: BoxId


class BundledMedium(Struct, frozen=True, kw_only=True):
    """A medium that belongs into a bundle.

    :ivar track: id of the track that has it.
    """

    sha256: Digest
    size: int
    track: str


class LeftOut(Struct, frozen=True, kw_only=True):
    """A box that a bundle has nothing for, and why."""

    box: str
    name: str = ""
    reason: str


class BundleMade(Struct, frozen=True, kw_only=True):
    """A bundle, and all that is to lie beside it.

    :ivar bundle: the :class:`~easyplayer.protocol.bundle.Bundle`, as it goes on the stick.
    """

    id: str
    bundle: Signed
    boxes: tuple[BundledBox, ...]
    programs: tuple[BundledProgram, ...]
    media: tuple[BundledMedium, ...]
    left_out: tuple[LeftOut, ...] = ()


class ReportTaken(Struct, frozen=True, kw_only=True):
    """What came in with a report.

    :ivar made: when the box has made it, by its clock.
    :ivar stored: how many entries of its log are new.
    :ivar acknowledged: up to which entry the hub has each log now that is in it.
    :ivar remarks: what is odd about it, in words.
    """

    box: BoxId
    name: str
    made: Instant
    stored: int = 0
    acknowledged: dict[str, int] = {}
    remarks: tuple[str, ...] = ()


class ReportKept(Struct, frozen=True, kw_only=True):
    """The last report of a box that was taken in.

    :ivar made: when the box has made it, by its clock; ``taken``: when it came in, and by whom.
    :ivar status: how the box was then; ``None`` where it did not say so.
    :ivar log_bytes: how long its log of lines is.
    """

    box: BoxId
    made: Instant
    taken: Instant
    by: str
    status: Status | None = None
    log_bytes: int = 0
