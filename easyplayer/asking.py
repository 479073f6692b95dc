"""What is asked of the hub, on the threads that ask; and the way there, which they share."""

import threading
from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from easyplayer import __version__
from easyplayer.component import Clock
from easyplayer.drivers.hub_link import HubLink, LinkMaker
from easyplayer.drivers.wall_clock import Reading, WallClock
from easyplayer.errors import LinkError, ProtocolError, UnpairedError
from easyplayer.heartbeats import Draft, finished
from easyplayer.membership import Membership
from easyplayer.protocol.heartbeat import Machine, Now, Reply, Status
from easyplayer.protocol.pairing import Pairing
from easyplayer.units import Monotonic


class Surroundings(Protocol):
    """The machine, as :class:`~easyplayer.drivers.host.Host` knows it."""

    def measure(self) -> Machine:
        """Tell how the machine is."""

    def fingerprint(self) -> str:
        """Name the machine by its hardware."""


class Self(Struct, frozen=True, kw_only=True):
    """What is known of the box that is spoken for.

    :ivar name: what the box calls itself until it is claimed.
    :ivar boot: names the run of the machine.
    :ivar report: tells how the box is at the moment; asked on the loop's thread.
    """

    name: str
    boot: str
    host: Surroundings
    report: Callable[[], tuple[Now, Status]]
    wall: WallClock


class Answered(Struct, frozen=True):
    """A heartbeat that was answered.

    :ivar hub: what time it is at the hub.
    :ivar digest: of the status that the hub has now.
    """

    reply: Reply
    hub: Reading
    digest: str


class Asking:
    """Asks the hub, and keeps at once what must be kept of its answers.

    Every method but :meth:`drop_link` and :meth:`end` blocks, and is for the threads that ask.
    """

    def __init__(self, membership: Membership, make_link: LinkMaker, me: Self, clock: Clock) -> None:
        self._membership = membership
        self._make_link = make_link
        self._me = me
        self._clock = clock
        self._lock = threading.Lock()
        self._link: HubLink | None = None
        self._ended = False

    def link(self) -> HubLink:
        """Give the way to the hub, opened where there is none.

        :raises LinkError: the box ends.
        """
        with self._lock:
            if self._ended:
                message = "the box ends"
                raise LinkError(message)
            if self._link is None:
                self._link = self._make_link()
            return self._link

    def drop_link(self) -> None:
        """Break off whatever is under way; who asks next takes another way."""
        with self._lock:
            link, self._link = self._link, None
        if link is not None:
            link.close()

    def end(self) -> None:
        """Break off whatever is under way, and ask nothing any more."""
        self._ended = True
        self.drop_link()

    def beat(self, draft: Draft) -> Answered:
        """Send a heartbeat."""
        heartbeat = finished(draft, self._me.host.measure(), self._me.host.fingerprint())
        before = self._clock()
        try:
            reply = self.link().heartbeat(heartbeat)
        except UnpairedError:
            self._membership.unclaim()
            raise
        halfway = Monotonic((before + self._clock()) / 2)
        self._membership.heed(reply.blocked, reply.place)
        return Answered(reply, Reading(halfway, reply.time), heartbeat.digest)

    def pair(self) -> Pairing:
        """Ask to be paired, or how far that has come."""
        pairing = self.link().pair(self._me.host.fingerprint(), self._me.name, __version__)
        if pairing.box != self._membership.box:
            message = f"the hub takes this box for {pairing.box}: it is not paired"
            raise ProtocolError(message)
        if pairing.claimed:
            self._membership.claim(pairing.hub_keys)
        return pairing

    def time(self) -> Reading:
        """Ask what time it is."""
        return self.link().time()
