"""What a bundle on a stick brings for this box, once all that is said there has proved to be the hub's."""

from collections.abc import Iterable
from typing import Protocol

import msgspec
from msgspec import Struct

from easyplayer.errors import BundleError, ProtocolError, SignatureError
from easyplayer.protocol.asrun import LogId, Receipt
from easyplayer.protocol.bundle import MOST_BUNDLE_BYTES, Bundle
from easyplayer.protocol.codec import decode
from easyplayer.protocol.heartbeat import LogHead
from easyplayer.protocol.identity import BoxId
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import PublicKey, Signed
from easyplayer.protocol.signing import Purpose, verified

MAKE_ANOTHER = "make another bundle at the hub"


class Owner(Protocol):
    """The box as its hub knows it; any thread may ask."""

    @property
    def box(self) -> BoxId:
        """Its name."""

    @property
    def seed(self) -> bytes:
        """Its private key."""

    @property
    def hub_keys(self) -> tuple[PublicKey, ...]:
        """The keys by which it knows its hub; none where it has never met it."""


class Consignment(Struct, frozen=True, kw_only=True):
    """What is for this box.

    :ivar key: the hub's, by which the bundle is signed.
    :ivar head: the program; ``None`` where there is none for this box.
    :ivar others: how many other boxes the bundle has programs for.
    :ivar collects: whether the hub wants a report.
    :ivar receipts: what the hub has of the box's as-run logs.
    """

    key: PublicKey
    head: ProgramHead | None = None
    others: int = 0
    collects: bool = False
    receipts: tuple[tuple[LogId, int], ...] = ()

    def receipt(self, log: LogHead | None) -> Receipt | None:
        """Give what the box has not known yet of what the hub has of its log.

        :param log: how far the log has come; what is said of more than that is not believed.
        """
        if log is None:
            return None
        told = (upto for name, upto in self.receipts if name == log.log and upto <= log.head)
        upto = max(told, default=0)
        return Receipt(log=log.log, acknowledged=upto) if upto > log.acknowledged else None


class _Named(Struct):
    """Of a head only for whom it is."""

    box: str


def consigned(data: bytes, owner: Owner) -> Consignment:
    """Read what a bundle says of itself.

    :raises BundleError: it is not from the box's hub, or cannot be understood; says the way out.
    :raises StateError: the box has no key of its own.
    """
    keys, box = owner.hub_keys, owner.box
    if not keys:
        message = (
            "this box does not know its hub yet, and so cannot tell whose bundle this is: have it reach the "
            "hub once, or set [hub] key"
        )
        raise BundleError(message)
    try:
        signed = decode(data, Signed, MOST_BUNDLE_BYTES)
        bundle = verified(signed, Purpose.BUNDLE, Bundle, keys)
        ours = [one for one in bundle.heads if _is_for(one, box)]
        heads = [verified(one, Purpose.PROGRAM, ProgramHead, keys) for one in ours]
    except SignatureError as error:
        message = f"{error}: {MAKE_ANOTHER} that this box belongs to"
        raise BundleError(message) from error
    except ProtocolError as error:
        message = f"the bundle cannot be understood ({error}): {MAKE_ANOTHER}, or update the software"
        raise BundleError(message) from error
    return Consignment(
        key=signed.key,
        head=_newest(heads),
        others=len(bundle.heads) - len(heads),
        collects=bundle.collects,
        receipts=tuple((one.log, one.upto) for one in bundle.receipts if one.box == box),
    )


def _is_for(signed: Signed, box: BoxId) -> bool:
    """Tell whether a head may be for a box; only those are worth to be verified."""
    try:
        return msgspec.json.decode(signed.payload, type=_Named).box == box
    except (msgspec.MsgspecError, RecursionError):
        return False


def _newest(heads: Iterable[ProgramHead]) -> ProgramHead | None:
    return max(heads, key=lambda head: head.revision, default=None)
