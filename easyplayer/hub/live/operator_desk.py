"""The operators that have a line to this worker: what they want, and what they may still have.

What they want to watch, and whose rights are in doubt, gathers while the database is asked for what came
before: one look answers all of it, and so nobody can make the hub look more often by asking more often.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor
from logging import getLogger

import msgspec
from msgspec import Struct, field

from easyplayer.errors import (
    BadRequestError,
    ConflictError,
    HubError,
    NotFoundError,
    ProtocolError,
    TooManyError,
    UnauthenticatedError,
)
from easyplayer.hub.hub import Hub
from easyplayer.hub.live.doorkeeper import UserVisitor
from easyplayer.hub.live.watching import Watching
from easyplayer.hub.live_views import Refused, Report, Unwatch, Watch, read_from_operator
from easyplayer.hub.proofs import Proofs
from easyplayer.hub.services import boxes, places
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.facts import EVERYBODY
from easyplayer.hub.services.tokens import Holder
from easyplayer.protocol.heartbeat import Now, Status
from easyplayer.units import Instant, Seconds

log = getLogger(__name__)

GATHER_S = Seconds(0.1)
"""How long at least lies between two looks into the database."""
MOST_WATCHED = 50
"""How many boxes one operator's page may watch at once."""
AGAIN_S = 60.0


class OperatorLine(Struct):
    """The live channel to an operator.

    :ivar token: what was shown: looked at again from time to time.
    :ivar wishes: boxes to watch that are still to be looked up.
    """

    caller: Caller
    token: str
    wishes: dict[str, None] = field(default_factory=dict)


class Known(Struct, frozen=True):
    """What a look into the database has given.

    :ivar holders: by token; one that holds no more is left out.
    :ivar groups: those of the venues of boxes, by box.
    :ivar told: how boxes are, for those who watch them anew.
    """

    holders: Mapping[str, Holder]
    groups: Mapping[str, Collection[str]]
    told: Mapping[str, str]


class OperatorDesk:
    """All operators here.

    :param thread: in which the database is asked.
    :param tell: sends one a message; gives whether it went out.
    :param end: ends a line.
    :param watched: is told which box somebody watches anew, and which nobody watches any more.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        thread: Executor,
        tell: Callable[[str, str], bool],
        end: Callable[[str], object],
        watched: Callable[[str, bool], object],
    ) -> None:
        self._hub = hub
        self._thread = thread
        self._tell = tell
        self._end = end
        self._watched = watched
        self._lines: dict[str, OperatorLine] = {}
        self._doubted: set[str] = set()
        self._some = asyncio.Event()
        self.watching = Watching()

    def __len__(self) -> int:
        """Tell how many lines there are."""
        return len(self._lines)

    def callers(self) -> dict[str, Caller]:
        """Tell who has which line, and what they may see."""
        return {sid: line.caller for sid, line in self._lines.items()}

    def user(self, sid: str) -> str:
        """Tell whose line it is; empty where it is no operator's, or not any more."""
        line = self._lines.get(sid)
        return line.caller.user if line is not None else ""

    def came(self, sid: str, visitor: UserVisitor) -> None:
        """Take a new line.

        :raises TooManyError: the user has too many.
        """
        most = self._hub.settings.live_most_per_user
        if most and sum(line.caller.user == visitor.user for line in self._lines.values()) >= most:
            message = f"{visitor.user} has {most} lines open, and more are not held: close one of them"
            raise TooManyError(message, AGAIN_S)
        self._lines[sid] = OperatorLine(Caller(user=visitor.user, grants=visitor.grants), visitor.token)

    def left(self, sid: str) -> bool:
        """Forget a line; tells whether it was an operator's."""
        line = self._lines.pop(sid, None)
        if line is None:
            return False
        self._have_nothing(sid, line)
        return True

    def said(self, sid: str, data: str | bytes) -> None:
        """Take what an operator writes; nobody else's line is one."""
        line = self._lines.get(sid)
        if line is None:
            return
        try:
            match read_from_operator(data):
                case Watch(box=box):
                    self._wish(sid, line, box)
                case Unwatch(box=box):
                    line.wishes.pop(box, None)
                    self._unwatch(sid, box)
                case None:
                    pass
        except ProtocolError as error:
            self._refuse(sid, "", BadRequestError(str(error)))

    def report(self, box: str, content: str) -> None:
        """Tell those who watch a box how it is."""
        for sid in list(self.watching.watchers(box)):
            if self._tell(sid, content):
                self._hub.metrics.live_reports.inc()

    def doubt(self, user: str = EVERYBODY) -> None:
        """See soon what a user may still have."""
        some = {sid for sid, line in self._lines.items() if user in {EVERYBODY, line.caller.user}}
        self._doubted |= some
        self._some.set()

    async def run(self) -> None:
        """Look, whenever there is something to look for, until this is cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            await self._look()
            await asyncio.sleep(GATHER_S)

    # -- one look ------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Look up what is wanted, and who is in doubt, and do what comes of it.

        Nobody begins to watch anything meanwhile, so what is judged is all that there is to judge.
        """
        tokens = {sid: self._lines[sid].token for sid in self._doubted if sid in self._lines}
        self._doubted.clear()
        wishes = {sid: tuple(line.wishes) for sid, line in self._lines.items() if line.wishes}
        wished = {box for some in wishes.values() for box in some}
        held = {box for sid in tokens for box in self.watching.of(sid)}
        loop = asyncio.get_running_loop()
        try:
            known = await loop.run_in_executor(
                self._thread, known_of, self._hub, frozenset(tokens.values()), wished, held
            )
        except HubError as error:
            if tokens:  # who wishes something is told
                log.warning("it cannot be seen who may see what: %s", error)
            self._doubted |= tokens.keys()
            for sid, some in wishes.items():
                self._deny(sid, some, error)
            return
        for sid, token in tokens.items():
            self._judge(sid, known.holders.get(token), known)
        for sid, some in wishes.items():
            for box in some:
                self._show(sid, box, known)

    def _judge(self, sid: str, holder: Holder | None, known: Known) -> None:
        """See what may be left of what an operator has."""
        line = self._lines.get(sid)
        if line is None:
            return
        if holder is None:
            log.info("%s is logged out: the live channel ends", line.caller.user)
            self._refuse(sid, "", UnauthenticatedError("you are logged out: log in anew"))
            self._have_nothing(sid, line)
            self._end(sid)
            return
        line.caller = Caller(user=holder.user, grants=holder.grants)
        for box in list(self.watching.of(sid)):
            if not _sees(line.caller, box, known):
                self._unwatch(sid, box)
                self._refuse(sid, box, NotFoundError(f"there is no box {box} any more"))

    def _show(self, sid: str, box: str, known: Known) -> None:
        """Let an operator watch a box, who may have gone or thought otherwise meanwhile."""
        line = self._lines.get(sid)
        if line is None or box not in line.wishes:
            return
        del line.wishes[box]
        if not _sees(line.caller, box, known):
            self._unwatch(sid, box)
            self._refuse(sid, box, NotFoundError(f"there is no box {box}"))
            return
        self.watching.watch(sid, box)
        self._tell(sid, known.told[box])
        self._watched(box, True)

    # -- the rest ------------------------------------------------------------------------------

    def _wish(self, sid: str, line: OperatorLine, box: str) -> None:
        if len({*self.watching.of(sid), *line.wishes, box}) > MOST_WATCHED:
            message = f"you watch {MOST_WATCHED} boxes, and more are not told at once: let one of them go"
            self._refuse(sid, box, ConflictError(message))
            return
        line.wishes[box] = None
        self._some.set()

    def _have_nothing(self, sid: str, line: OperatorLine) -> None:
        line.caller = Caller()
        line.wishes.clear()
        for box in self.watching.leave(sid):
            self._watched(box, False)

    def _unwatch(self, sid: str, box: str) -> None:
        if self.watching.unwatch(sid, box):
            self._watched(box, False)

    def _deny(self, sid: str, wished: Iterable[str], error: HubError) -> None:
        line = self._lines.get(sid)
        for box in wished:
            if line is not None and box in line.wishes:
                del line.wishes[box]
                self._refuse(sid, box, error)

    def _refuse(self, sid: str, box: str, error: HubError) -> None:
        refused = Refused(box=box, code=error.code, detail=error.message)
        self._tell(sid, msgspec.json.encode(refused).decode())


def known_of(hub: Hub, tokens: frozenset[str], wished: Collection[str], held: Collection[str]) -> Known:
    """Look up what is wanted.  Blocks.

    :param tokens: those of which it is wanted what their holders may do.
    :param wished: boxes of which it is wanted how they are; of those in ``held`` only who may see them.
    :raises DatabaseError: the database does not answer.
    """
    holders = Proofs(hub).users(tokens) if tokens else {}
    if not wished and not held:
        return Known(holders, {}, {})
    with hub.database.read() as connection:
        rows = boxes.some(connection, {*wished, *held})
        groups = places.groups_of(connection, {row.venue for row in rows})
    told = {
        row.id: Report(
            box=row.id,
            at=Instant(row.seen),
            live=False,
            now=msgspec.json.decode(row.now, type=Now) if row.seen else None,
            status=msgspec.json.decode(row.status, type=Status) if row.status else None,
        )
        for row in rows
        if row.id in wished
    }
    return Known(
        holders,
        {row.id: groups[row.venue] for row in rows},
        {box: msgspec.json.encode(report).decode() for box, report in told.items()},
    )


def _sees(caller: Caller, box: str, known: Known) -> bool:
    groups = known.groups.get(box)
    return groups is not None and caller.sees(groups)
