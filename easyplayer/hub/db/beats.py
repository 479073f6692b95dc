"""Heartbeats on their way into the database: those that come within a moment go in one transaction.

What a heartbeat costs is mostly the transaction.  So each waits up to :data:`GROUP_MAY_WAIT_S` for others,
and is answered once all of them are written; see decision 0035.  What takes a closer look at some of them
goes in groups, too.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from logging import getLogger
from typing import Generic, Protocol, TypeAlias, TypeVar

from msgspec import Struct

from easyplayer.errors import BadRequestError, ConflictError, UnavailableError
from easyplayer.units import Instant

log = getLogger(__name__)

GROUP_MAY_WAIT_S = 0.01
"""How long the first of a group waits for others."""
MOST_IN_A_GROUP = 250
MOST_WAITING = 5000
"""How many may wait to be written; more are sent away, to come back."""
AGAIN_AFTER_S = 5.0


class Beat(Struct, frozen=True, kw_only=True):
    """What is written of one heartbeat.

    :ivar epoch: of the token that it came with; where the box has another one, nothing is written.
    :ivar now: what is another at each heartbeat, as JSON.
    :ivar digest: of the box's status.
    :ivar status: the status as JSON; empty where the box has sent only its digest.
    :ivar log_id: the as-run log that it writes; empty where it has said nothing of it.
    :ivar log: how far that has come, as JSON.
    :ivar screen: what there is to see, in a word, where there is a status.
    """

    box: str
    epoch: int
    seen: Instant
    address: str
    boot: str
    run: str
    sequence: int
    now: str
    digest: str
    status: str
    revision: int
    log_id: str
    log: str
    screen: str = ""


class Standing(Struct, frozen=True):
    """How a box stands, once its heartbeat is written.

    :ivar attention: whether there is more to say than that all is well.
    :ivar digest: of the status that the hub has now.
    :ivar acknowledged: up to which number it has the log; ``None`` where it has nothing of it.
    """

    attention: int
    digest: str
    acknowledged: int | None


class OfBox(Protocol):
    """What comes from a box."""

    @property
    def box(self) -> str:
        """Its id."""


One = TypeVar("One", bound=OfBox)
One_contra = TypeVar("One_contra", bound=OfBox, contravariant=True)
Outcome = TypeVar("Outcome")
Outcome_co = TypeVar("Outcome_co", covariant=True)


class GroupStore(Protocol[One_contra, Outcome_co]):
    """What works on groups, such as the database in which heartbeats are written."""

    async def open(self) -> None:
        """Get ready.

        :raises DatabaseError: if the database does not answer.
        """

    async def write(self, group: Sequence[One_contra], /) -> Sequence[Outcome_co | None]:
        """Do it for a group in one transaction, each of another box; ``None`` where its token is void.

        :raises DatabaseError: if the database does not answer.
        :raises BadRequestError: it does not take one of them.
        :raises ConflictError: one of them does not go with what is there.
        """

    async def close(self) -> None:
        """Let everything go."""


BeatStore: TypeAlias = GroupStore[Beat, Standing]
"""Where heartbeats are written."""


class GroupCommit(Generic[One, Outcome]):
    """Writes heartbeats, or what comes of them, in groups, for one event loop.

    :param may_wait_s: how long the first of a group waits for others.
    """

    def __init__(self, store: GroupStore[One, Outcome], may_wait_s: float = GROUP_MAY_WAIT_S) -> None:
        self._store = store
        self._may_wait_s = may_wait_s
        self._waiting: list[tuple[One, asyncio.Future[Outcome | None]]] = []
        self._closing = False
        self._some = asyncio.Event()
        self._full = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to write.

        :raises DatabaseError: if the database does not answer.
        """
        await self._store.open()
        self._writer = asyncio.create_task(self._write_until_closed(), name="heartbeats")

    async def close(self) -> None:
        """Write what waits, and end."""
        self._closing = True
        self._some.set()
        if self._writer is not None:
            await self._writer
        await self._store.close()

    async def write(self, one: One) -> Outcome | None:
        """Write a heartbeat, and wait until it is written; ``None`` where its token is void.

        :raises DatabaseError: if the database does not answer.
        :raises BadRequestError: it does not take this one.
        :raises UnavailableError: too many wait already, or the hub ends.
        """
        if len(self._waiting) >= MOST_WAITING or self._closing:
            message = "the hub cannot write more heartbeats now: come back in a while"
            raise UnavailableError(message, AGAIN_AFTER_S)
        written: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, written))
        self._some.set()
        if len(self._waiting) >= MOST_IN_A_GROUP:
            self._full.set()
        return await written

    async def _write_until_closed(self) -> None:
        while self._waiting or not self._closing:
            await self._some.wait()
            if not self._closing:
                await self._others()
            await self._write_group(self._next_group())

    async def _others(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._full.wait(), self._may_wait_s)

    def _next_group(self) -> list[tuple[One, asyncio.Future[Outcome | None]]]:
        """Take the next ones, at most one of each box: the order of two of them matters."""
        taken: dict[str, tuple[One, asyncio.Future[Outcome | None]]] = {}
        left = []
        for one in self._waiting:
            if len(taken) < MOST_IN_A_GROUP and one[0].box not in taken:
                taken[one[0].box] = one
            else:
                left.append(one)
        self._waiting = left
        if not left and not self._closing:
            self._some.clear()
        if len(left) < MOST_IN_A_GROUP:
            self._full.clear()
        return list(taken.values())

    async def _write_group(self, group: Sequence[tuple[One, asyncio.Future[Outcome | None]]]) -> None:
        """One that the database does not take must not keep the others out."""
        try:
            outcomes = await self._store.write([one for one, _ in group]) if group else []
        except (BadRequestError, ConflictError) as error:
            if len(group) == 1:
                _fail(group, error)
                return
            log.warning("%d heartbeats cannot be written at once, so one by one: %s", len(group), error)
            for one in group:
                await self._write_group([one])
        except Exception as error:  # noqa: BLE001 - whoever waits for an answer gets it; the writer goes on
            _fail(group, error)
        else:
            for (_, written), outcome in zip(group, outcomes, strict=True):
                if not written.done():
                    written.set_result(outcome)


def _fail(group: Sequence[tuple[One, asyncio.Future[Outcome | None]]], error: Exception) -> None:
    for _, written in group:
        if not written.done():
            written.set_exception(error)
