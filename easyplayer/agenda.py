"""What a box does next to get the hub's program and its media; decided without doing anything.

What the box has is looked up first, then again whenever that may have changed.  A head that is newer than
its program is adopted.  Then comes what a person has asked for, the program that is offered, and the media
that the programs miss.
"""

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from easyplayer.fetch_queue import FetchQueue, Outcome
from easyplayer.fetching import Fetched
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import Demand
from easyplayer.units import Monotonic

MOST_ASKED_FOR = 1000
"""So many media a person may have asked for at one time."""


class LookUp(Struct, frozen=True):
    """Look what is wanted and not there."""


class Adopt(Struct, frozen=True):
    """Take a newer head for a program that is here."""

    head: ProgramHead


class FetchProgram(Struct, frozen=True):
    """Fetch a program."""

    head: ProgramHead


class FetchMedium(Struct, frozen=True):
    """Fetch a medium.

    :ivar size: its length in bytes, where that is known.
    :ivar announced: whether a person has asked for it.
    """

    sha256: str
    size: int | None
    announced: bool


Step: TypeAlias = LookUp | Adopt | FetchProgram | FetchMedium


class Noted(Struct, frozen=True):
    """What an attempt was for, and whether there will be another one soon.

    :ivar program: the head of the program, if it was for that.
    :ivar given_up: whether it cannot be had for a while.
    """

    program: ProgramHead | None
    given_up: bool


class Agenda:
    """What is to be done, in order.

    :param draw: draws evenly from 0 to 1.
    """

    def __init__(self, draw: Callable[[], float]) -> None:
        self._queue = FetchQueue(draw)
        self._demand: Demand | None = None
        self._out_of_date = True
        self._offered: ProgramHead | None = None
        self._unusable = ""
        self._asked_for: tuple[str, ...] = ()
        self._switching = ""

    # -- what is wanted ------------------------------------------------------------------------

    def offer(self, head: ProgramHead) -> None:
        """Learn which program the hub wants to be played; one that is news is fetched without waiting."""
        is_news, self._offered = head != self._offered, head
        self._out_of_date |= self._demand is None
        self._line_up()
        if is_news:
            self._queue.ask_again(head.digest)

    def ask_for(self, sha256: str) -> None:
        """Put a medium before all others, and forget what was tried of it."""
        others = [one for one in self._asked_for if one != sha256]
        self._asked_for = (sha256, *others)[:MOST_ASKED_FOR]
        self._line_up()
        self._queue.ask_again(sha256)

    def look_again(self) -> None:
        """Learn that what is on the disk has changed."""
        self._switching = ""
        self._out_of_date = True

    def take_heart(self) -> None:
        """Learn that the hub is there again."""
        self._queue.take_heart()

    def forget(self) -> None:
        """Forget all that is to come."""
        self._offered, self._asked_for = None, ()
        self.look_again()

    def learn(self, demand: Demand) -> bool:
        """Learn what is wanted and not there; tell whether the staged program is to be switched to now."""
        self._demand = demand
        self._line_up()
        if demand.staged is None or demand.staged.digest == self._switching or not self._is_ready(demand):
            return False
        self._switching = demand.staged.digest
        return True

    # -- what comes next -----------------------------------------------------------------------

    def next_step(self, now: Monotonic, *, offline: bool) -> Step | None:
        """Tell what to do now.

        :param offline: whether the hub must not be asked.
        """
        demand, offered = self._demand, self._offered
        if self._out_of_date:
            self._out_of_date = False
            return LookUp()
        if demand is None:
            return None
        if offered is not None and _is_another_head(offered, demand):
            return Adopt(offered)
        digest = None if offline else self._queue.next(now)
        if digest is None:
            return None
        if offered is not None and digest == offered.digest:
            return FetchProgram(offered)
        return FetchMedium(digest, demand.missing.get(digest), digest in self._asked_for)

    def wake_at(self) -> Monotonic | None:
        """Tell when there is something to fetch again; ``None`` where nothing is wanted."""
        return self._queue.wake_at()

    def _line_up(self) -> None:
        """Put what is wanted in order."""
        if self._demand is not None:
            here = {head.digest for head in (self._demand.current, self._demand.staged) if head is not None}
            offered = () if self._offered is None else (self._offered.digest,)
            program = [one for one in offered if one not in {*here, self._unusable}]
            self._queue.want((*self._asked_for, *program, *self._demand.missing))

    def _is_ready(self, demand: Demand) -> bool:
        """Tell whether the staged program is complete; where there is no other, whether it can begin."""
        complete = demand.playable and all(one in self._queue.given_up for one in demand.of_staged)
        return complete or (demand.current is None and demand.can_begin)

    # -- what has come -------------------------------------------------------------------------

    def note(self, fetched: Fetched, now: Monotonic) -> Noted:
        """Learn what has become of an attempt."""
        self._queue.note(fetched.digest, fetched.outcome, now, fetched.retry_after_s)
        came = fetched.outcome is Outcome.FETCHED
        given_up = fetched.digest in self._queue.given_up
        program = self._offered
        if program is None or program.digest != fetched.digest:
            program = None
            self._note_medium(fetched.digest, over=came or given_up)
        elif fetched.outcome is Outcome.FULL:
            self._offered = None  # it is offered again with the next heartbeat
        elif fetched.outcome is Outcome.WRONG:
            self._unusable = program.digest
        begins_early = self._demand is not None and self._demand.current is None
        if self._queue.settled or (came and (begins_early or program is not None)):
            self._out_of_date = True
        if program is not None or (given_up and not came):
            self._line_up()
        return Noted(program, given_up)

    def _note_medium(self, sha256: str, *, over: bool) -> None:
        if over:
            self._asked_for = tuple(one for one in self._asked_for if one != sha256)


def _is_another_head(offered: ProgramHead, demand: Demand) -> bool:
    """Tell whether a program that is here is offered under another head, or in place of what is staged."""
    current, staged = demand.current, demand.staged
    if current is not None and current.digest == offered.digest:
        return current != offered or staged is not None
    return staged is not None and staged.digest == offered.digest and staged != offered
