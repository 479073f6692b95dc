"""What the box keeps of its hub: that it is paired, by which keys it knows it, and what it has said."""

import logging
import threading
from typing import Any

from msgspec import Struct, structs

from easyplayer.component import Clock
from easyplayer.drivers.box_key import BoxKey
from easyplayer.drivers.state_file import StateFile
from easyplayer.errors import SignatureError, StateError
from easyplayer.protocol.heartbeat import Place
from easyplayer.protocol.identity import BoxId, box_id
from easyplayer.protocol.pairing import Session
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import PublicKey
from easyplayer.protocol.signing import public_key
from easyplayer.units import Monotonic, Seconds

log = logging.getLogger(__name__)

SPARE = 0.1
"""Which part of its time a token is not used any more, so that none ends on the way."""
NOWHERE = Place()
REHEARSAL = "the hub is not asked: the box rehearses being offline"


class Kept(Struct, frozen=True, kw_only=True):
    """What is kept.

    :ivar hub: of which hub; what another one has said counts for nothing.
    :ivar keys: the keys that the hub signs with.
    :ivar claimed: whether an operator has claimed the box there.
    :ivar blocked: why the box may not play; empty where it may.
    :ivar revision: of the program that it has; ``digest`` names its file.
    :ivar token: of the session, which holds until ``token_until`` on the monotonic clock of ``boot``.
    """

    hub: str
    keys: tuple[PublicKey, ...] = ()
    claimed: bool = False
    place: Place = NOWHERE
    blocked: str = ""
    revision: int = 0
    digest: str = ""
    token: str = ""
    token_until: Monotonic = Monotonic(0.0)
    boot: str = ""


class Membership:
    """The box as a member of its hub's fleet; the contract :class:`~easyplayer.drivers.hub_link.Keychain`.

    Any thread may ask it.  What changes it waits for the disk, and so is not for the loop's thread, but for
    :meth:`stay_away`, which keeps nothing.  A disk that takes nothing is logged; the change holds until the
    box ends.

    :param hub: base URL of the hub.
    :param pinned: the one key that the hub must have; empty is whatever it has when the box is paired.
    :param boot: names the run of the machine.
    """

    def __init__(
        self, hub: str, file: StateFile[Kept], key: BoxKey, *, boot: str, clock: Clock, pinned: PublicKey = ""
    ) -> None:
        self.hub = hub
        self._pinned = pinned
        self._file = file
        self._key = key
        self._boot = boot
        self._clock = clock
        self._lock = threading.RLock()
        self._seed = b""
        self._away_until = Monotonic(float("-inf"))
        self._kept = Kept(hub=hub, keys=self._pinned_keys)

    def open(self) -> None:
        """Read what is kept."""
        kept = self._file.load()
        if kept is None or kept.hub != self.hub:
            return
        if self._pinned and self._pinned not in kept.keys:
            kept = structs.replace(kept, keys=self._pinned_keys, claimed=False, token="")
        self._kept = kept

    @property
    def kept(self) -> Kept:
        """All that is kept."""
        return self._kept

    @property
    def box(self) -> BoxId:
        """The name of the box.

        :raises StateError: it has no key, and the disk takes none.
        """
        return box_id(public_key(self.seed))

    # -- for the link ----------------------------------------------------------------------------

    @property
    def seed(self) -> bytes:
        """The private key, made where there is none.

        :raises StateError: there is none, and the disk takes none.
        """
        with self._lock:
            if not self._seed:
                self._seed = self._key.load_or_make()
            return self._seed

    @property
    def hub_keys(self) -> tuple[PublicKey, ...]:
        """The keys by which the hub is known."""
        return self._kept.keys

    @property
    def token(self) -> str:
        """The token of the session; empty where there is none that holds."""
        kept = self._kept
        holds = kept.boot == self._boot and self._clock() < kept.token_until
        return kept.token if holds else ""

    @property
    def away(self) -> str:
        """Why the hub must not be asked now; empty where it may."""
        return REHEARSAL if self._clock() < self._away_until else ""

    def keep_session(self, session: Session) -> None:
        """Take a new session.

        :raises SignatureError: it comes from another hub than the one that the box knows.
        """
        until = Monotonic(self._clock() + session.expires_s * (1 - SPARE))
        self._change(
            keys=self._learned(session.hub_keys), token=session.token, token_until=until, boot=self._boot
        )

    def drop_token(self) -> None:
        """Forget a token that the hub does not take any more."""
        self._change(token="")

    # -- what becomes of the box ------------------------------------------------------------------

    def claim(self, keys: tuple[PublicKey, ...]) -> None:
        """Know that the box is claimed, and by which keys to know the hub from now on.

        :raises SignatureError: it is another hub than the one that the box knows.
        """
        self._change(keys=self._learned(keys), claimed=True)

    def unclaim(self) -> None:
        """Know that the hub does not know the box any more; its keys stay."""
        self._change(claimed=False, token="")

    def heed(self, blocked: str, place: Place | None) -> None:
        """Keep what the hub says of the box.

        :param place: ``None`` is as before.
        """
        self._change(blocked=blocked, place=place or self._kept.place)

    def have_program(self, head: ProgramHead) -> None:
        """Keep which program the box has; one that another hub has sent, or to another key, counts as 0.

        :raises StateError: the box has no key, and the disk takes none.
        """
        revision = head.revision if head.box == self.box else 0
        self._change(revision=revision, digest=head.digest)

    def forget(self) -> None:
        """Be nobody's: forget the hub, and be another box from now on.

        :raises StateError: the disk does not take the new key; the box stays what it was.
        """
        with self._lock:
            self._seed = self._key.renew()
            self._kept = Kept(hub=self.hub, keys=self._pinned_keys)
            self._save()

    def stay_away(self, seconds: Seconds) -> None:
        """Have nothing asked of the hub for some seconds; 0 is no longer."""
        self._away_until = Monotonic(self._clock() + seconds)

    @property
    def _pinned_keys(self) -> tuple[PublicKey, ...]:
        return (self._pinned,) if self._pinned else ()

    def _learned(self, keys: tuple[PublicKey, ...]) -> tuple[PublicKey, ...]:
        """Take other keys only from a hub that still has one of those that are known."""
        known = self._kept.keys
        if not keys or (known and not set(known) & set(keys)):
            message = (
                f"{self.hub} has other keys than the hub that this box knows: if that is right, "
                "have the box forget its hub, or correct [hub] key"
            )
            raise SignatureError(message)
        return keys

    def _change(self, **changes: Any) -> None:
        with self._lock:
            changed = structs.replace(self._kept, **changes)
            if changed != self._kept:
                self._kept = changed
                self._save()

    def _save(self) -> None:
        try:
            self._file.save(self._kept)
        except StateError as error:
            log.warning("%s; what the hub has said is known until the box ends", error)
