"""How a box and a hub get to know each other, and how the box proves who it is from then on.

A box has a key of its own.  It asks to be paired and shows the claim code that it is given; an operator
types that at the hub.  From then on the box answers a challenge for a token, which its requests carry.
"""

from typing import Annotated

from msgspec import Meta, Struct

from easyplayer.protocol.identity import BoxId
from easyplayer.protocol.signed import PublicKey, Signed
from easyplayer.protocol.versions import Versions
from easyplayer.units import Instant, Seconds

Name = Annotated[str, Meta(max_length=200)]
Nonce = Annotated[str, Meta(min_length=16, max_length=200)]


class Hello(Struct, frozen=True, kw_only=True):
    """What a hub says of itself to everyone.

    :ivar version: of its software.
    :ivar keys: those that it signs with; the first is the one in use.
    :ivar time: what time it is there.
    """

    product: str = "easyplayer-hub"
    version: str
    protocol: Versions = Versions()
    keys: tuple[PublicKey, ...]
    time: Instant


class TimeAsked(Struct, frozen=True, kw_only=True):
    """Asks what time it is.

    :ivar nonce: made for this question, so that no old answer is taken for one to it.
    """

    nonce: Nonce


class TimeTold(Struct, frozen=True, kw_only=True):
    """The time at the hub; travels signed, because a box whose clock is wrong cannot judge certificates."""

    nonce: Nonce
    time: Instant


class PairingAsked(Struct, frozen=True, kw_only=True):
    """A box asks to be paired; travels signed by its key.

    :ivar machine: tells one machine from another, also where one is a copy; see :class:`Heartbeat`.
    :ivar name: what the machine calls itself.
    :ivar version: of the box's software.
    :ivar hub: base URL that the box has called, so that no other hub can use what was signed.
    """

    key: PublicKey
    machine: Annotated[str, Meta(max_length=64)]
    name: Name
    version: Annotated[str, Meta(max_length=64)]
    hub: Annotated[str, Meta(max_length=500)]
    protocol: Versions = Versions()


class Pairing(Struct, frozen=True, kw_only=True):
    """How far the pairing has come.

    :ivar box: the box's name from now on.
    :ivar claimed: whether an operator has claimed it.
    :ivar claim_code: to be shown until then; empty afterwards.
    :ivar expires_s: how long the code holds.
    :ivar next_s: when to ask again.
    :ivar hub_keys: those that commands and programs will be signed with.
    """

    box: BoxId
    claimed: bool
    claim_code: str = ""
    expires_s: Seconds = Seconds(0.0)
    next_s: Seconds = Seconds(0.0)
    hub_keys: tuple[PublicKey, ...] = ()


class ChallengeAsked(Struct, frozen=True, kw_only=True):
    """A box asks for a challenge."""

    box: BoxId


class Challenge(Struct, frozen=True, kw_only=True):
    """What a box is to sign; it holds for a minute, and once."""

    box: BoxId
    nonce: Nonce


class SessionAsked(Struct, frozen=True, kw_only=True):
    """The challenge, signed by the box's key."""

    challenge: Signed


class Session(Struct, frozen=True, kw_only=True):
    """A token for the requests of a box.

    :ivar token: goes with each request, as ``Authorization: Bearer``.
    :ivar expires_s: how long it holds, counted from now.
    :ivar hub_keys: those that the hub signs with.
    """

    token: Annotated[str, Meta(max_length=500)]
    expires_s: Seconds
    hub_keys: tuple[PublicKey, ...]
