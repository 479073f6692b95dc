"""What the box makes of the hub's answers."""

import logging
from collections.abc import Iterable, Iterator

from msgspec import structs

from easyplayer.asking import Self
from easyplayer.commanding import Addressee, better
from easyplayer.component import Clock
from easyplayer.drivers.wall_clock import Reading
from easyplayer.errors import ProtocolError
from easyplayer.heartbeats import as_data
from easyplayer.membership import Membership
from easyplayer.orders import Orders
from easyplayer.protocol.commands import Command, CommandResult, Name, Outcome
from easyplayer.protocol.heartbeat import Reply, Status
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signed import Signed
from easyplayer.protocol.versions import Fit, Versions, fit
from easyplayer.units import Instant

log = logging.getLogger(__name__)

LONGEST_TEXT = 1000
"""How long a text of the status may be."""
ANSWERS = {
    Name.PLAYER_INFO: ("state", "reason", "item", "position_s", "next", "volume", "sink", "level_db"),
    Name.PROGRAM_DATA: ("program", "revision", "digest", "autonomy", "storage"),
    Name.STATUS: (),
}
"""What each web command is answered with: fields of the status; none is all of them."""


class Answers:
    """Judges commands and programs, and answers what can be answered at once.

    :ivar orders: the commands, and their results on the way.
    """

    def __init__(self, membership: Membership, me: Self, clock: Clock) -> None:
        self.orders = Orders()
        self._membership = membership
        self._me = me
        self._clock = clock
        self._hub: Reading | None = None
        self._trouble: dict[str, str] = {}

    def forget(self) -> None:
        """Forget all of a hub that the box no longer has."""
        self.orders.clear()
        self._trouble.clear()
        self._hub = None

    def hear(self, reply: Reply, hub: Reading) -> None:
        """Hear an answer, before anything is made of it.

        :param hub: what time it is at the hub.
        """
        self._hub = hub
        self._trouble.pop("versions", None)
        if (outcome := fit(Versions(), reply.protocol)) is not Fit.FITS:
            who = "this box" if outcome is Fit.BOX_TOO_OLD else "the hub"
            self._complain("versions", f"box and hub speak no common version: update {who}")

    def commands(self, orders: Iterable[Signed], *, early: bool = False) -> Iterator[Command]:
        """Give the commands that are for the Workshop; the others are answered.

        :param early: whether they come by the live channel.
        """
        for signed in orders:
            outcome = self.orders.take(signed, self._addressee(), early=early)
            if isinstance(outcome, CommandResult):
                log.warning("a command of the hub is refused: %s", outcome.text)
            elif outcome is not None and (data := self._answer_to(Name(outcome.name))):
                self.orders.put(CommandResult(command=outcome.id, outcome=Outcome.DONE, data=data))
            elif outcome is not None:
                yield outcome

    def program(self, reply: Reply) -> ProgramHead | None:
        """Give the head of the program that the box is to take; ``None`` where there is none."""
        before, kept = self._trouble.pop("program", ""), self._membership.kept
        if reply.program is None:
            return None
        try:
            return better(reply.program, self._addressee(), kept.revision, kept.digest)
        except ProtocolError as error:
            self._complain("program", str(error))
            if str(error) != before:
                log.warning("a program of the hub is refused: %s", error)
            return None

    def completed(self, status: Status) -> Status:
        """Add to a status what concerns the hub."""
        kept = self._membership.kept
        return structs.replace(
            status, revision=kept.revision, digest=kept.digest, trouble=tuple(self._trouble.values())
        )

    def _answer_to(self, name: Name) -> dict[str, object] | None:
        """Answer a web command; ``None`` where it is none."""
        if name not in ANSWERS:
            return None
        now, status = self._me.report()
        whole = as_data(now, self.completed(status))
        return {key: whole[key] for key in ANSWERS[name] or whole}

    def _addressee(self) -> Addressee:
        return Addressee(box=self._membership.box, keys=self._membership.hub_keys, now=self._hub_time())

    def _hub_time(self) -> Instant:
        if self._hub is None:
            return self._me.wall.now()
        return Instant(self._hub.wall + self._clock() - self._hub.at)

    def _complain(self, about: str, text: str) -> None:
        self._trouble[about] = text[:LONGEST_TEXT]
