"""The boxes that have a line to this worker: what they are told, and what they tell those who watch them."""

from collections.abc import Callable, Iterable
from logging import getLogger

import msgspec

from easyplayer.errors import ProtocolError
from easyplayer.hub import live_views as views
from easyplayer.hub.hub import Hub
from easyplayer.hub.live.doorkeeper import BoxVisitor
from easyplayer.hub.live.letters import Opened, Voided, Wanted, Woken
from easyplayer.hub.live.lines import BoxLine, BoxLines
from easyplayer.hub.live.order_desk import OrderDesk
from easyplayer.hub.live.post import Post
from easyplayer.hub.live.watching import Leases
from easyplayer.hub.services.facts import Came, Went
from easyplayer.protocol.codec import encode
from easyplayer.protocol.live import FromHub, Wake, Watch, Welcome, read_from_box
from easyplayer.units import Monotonic, Seconds

log = getLogger(__name__)

SETTLE_S = Seconds(5.0)
"""Within how long a box asks that has just opened its line, and for which something waits."""


class BoxDesk:
    """All boxes here.

    :param post: to the other workers.
    :param clock: monotonic.
    :param tell: sends a session a message; gives whether it went out.
    :param end: ends a session.
    """

    def __init__(
        self,
        hub: Hub,
        post: Post,
        *,
        clock: Callable[[], Monotonic],
        tell: Callable[[str, str], bool],
        end: Callable[[str], object],
    ) -> None:
        self._hub = hub
        self._post = post
        self._clock = clock
        self._tell = tell
        self._end = end
        self._leases = Leases()
        self.lines = BoxLines(post.worker)
        self.orders = OrderDesk(hub, self.lines, self)

    def came(self, sid: str, visitor: BoxVisitor) -> None:
        """Take a new line, in the place of one that the box may have."""
        line = BoxLine(sid, visitor.box, visitor.epoch, self._hub.now())
        older = self.lines.open(line)
        self.say(line, Welcome(heartbeat_s=Seconds(self._hub.settings.live_heartbeat_s)))
        if older is not None:
            self._outdone(older)
            self.say(line, Wake(within_s=SETTLE_S))
        self._post.opened(line.box, line.at)
        self.orders.ask(line.box, SETTLE_S, whole=True)
        self._post.news([Came(line.box)])

    def left(self, sid: str) -> None:
        """Forget a line, if it is one: its box has no other one here."""
        line = self.lines.close(sid)
        if line is not None:
            self._leases.forget(line.box)
            self._post.news([Went(line.box)])

    def said(self, line: BoxLine, data: str | bytes) -> None:
        """Take what a box says, and pass it on to those who watch it; what nobody wants is not even read."""
        if not self._leases.holds(line.box, self._clock()):
            self._leases.forget(line.box)
            return
        try:
            report = read_from_box(data)
        except ProtocolError as error:
            log.warning("box %s: its live channel ends, for it says nonsense: %s", line.box, error)
            self.left(line.sid)
            self._end(line.sid)
            return
        passed = None if report is None else self._leases.reported(line.box, report, self._clock())
        if passed is not None:
            told = views.Report(
                box=line.box, at=self._hub.now(), live=True, now=passed.now, status=passed.status
            )
            self._post.reported(line.box, msgspec.json.encode(told))

    # -- what workers write --------------------------------------------------------------------

    def woken(self, letter: Woken) -> None:
        """Have boxes looked up for which there is something new."""
        self._ask(letter.boxes, letter.within_s)

    def voided(self, letter: Voided) -> None:
        """Have boxes looked up that may have no right to their lines any more."""
        self._ask(letter.boxes, Seconds(0.0))

    def opened(self, letter: Opened) -> None:
        """End the line of a box that has a newer one at another worker."""
        older = self.lines.outdone(letter.box, letter.worker, letter.at)
        if older is not None:
            self.lines.close(older.sid)
            self._outdone(older)

    def wanted(self, letter: Wanted) -> None:
        """Tell a box that somebody watches it, or nobody any more."""
        line = self.lines.of(letter.box)
        if line is None:
            return
        told = self._leases.take(letter.box, letter.worker, letter.seconds, self._clock())
        if told is not None:
            self.say(line, Watch(seconds=told))

    # -- what boxes are told -------------------------------------------------------------------

    def say(self, line: BoxLine, message: FromHub) -> None:
        """Send a message to a box."""
        self._tell(line.sid, encode(message).decode())

    def end(self, line: BoxLine) -> None:
        """End the line of a box that is not paired any more, or anew."""
        log.info("box %s is not paired any more, or anew: its live channel ends", line.box)
        self._end(line.sid)

    def _ask(self, boxes: Iterable[str], within_s: Seconds) -> None:
        for line in self.lines.among(boxes):
            self.orders.ask(line.box, within_s)

    def _outdone(self, older: BoxLine) -> None:
        """End a line whose box has a newer one; were these two machines, their heartbeats would tell."""
        self._leases.forget(older.box)
        self.say(older, Wake(within_s=SETTLE_S))
        self._end(older.sid)
