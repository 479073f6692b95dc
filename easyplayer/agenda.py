"""What a box does next to get the hub's program and its media; decided without doing anything.

What the box has is looked up first, then again whenever that may have changed.  A head that is newer than
its program is adopted.  Then comes what a person has asked for, the program that is offered, and the media
that the programs miss.

Two things go on beside each other: steps, of which there is one at a time, and media, of which several are on
their way.  A step may find that one of those is not wanted any more.
"""

from collections.abc import Callable, Collection
from functools import partial
from typing import TypeAlias

from msgspec import Struct

from easyplayer.fetch_queue import FetchQueue, Outcome
from easyplayer.fetching import Fetched
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import Demand
from easyplayer.units import Monotonic

MOST_ASKED_FOR = 1000
"""So many media a person may have asked for at one time."""
SPARED_MOST, SPARED_SHARE = 3, 0.1
"""Without so many media a program is switched to, or that part of all its media if it is more."""


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


Step: TypeAlias = LookUp | Adopt | FetchProgram


class Moment(Struct, frozen=True, kw_only=True):
    """What has a say in what may be done now.

    :ivar offline: whether the hub must not be asked.
    :ivar soon_only: whether what is not needed soon has to wait.
    :ivar under_way: the media that are being fetched.
    """

    now: Monotonic
    offline: bool = False
    soon_only: bool = False
    under_way: Collection[str] = ()


class Left(Struct, frozen=True):
    """What is still to come: how many media, and how many bytes."""

    files: int = 0
    bytes: int = 0


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
        self._declined: ProgramHead | None = None
        self._asked_for: tuple[str, ...] = ()
        self._switching = ""
        self._waits_for = 0
        self._waits_for_its_hour = False
        self._missing: dict[str, int] = {}
        self._came: set[str] = set()
        self._left: dict[str, int] = {}
        self._left_bytes = 0

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
        self._missing.clear()
        self._line_up()
        self.look_again()

    def learn(self, demand: Demand) -> bool:
        """Learn what is wanted and not there; tell whether the staged program is to be switched to now."""
        self._missing = {one: size for one, size in demand.missing.items() if one not in self._came}
        self._demand = demand
        self._line_up()
        self._count_lost(demand)
        if demand.staged is None or demand.staged.digest == self._switching or not self._is_ready(demand):
            return False
        self._switching = demand.staged.digest
        return True

    # -- what comes next -----------------------------------------------------------------------

    def next_step(self, moment: Moment) -> Step | None:
        """Tell what to do now, apart from fetching media."""
        demand, offered = self._demand, self._offered
        if self._out_of_date:
            self._out_of_date = False
            self._came.clear()
            return LookUp()
        if demand is None or offered is None:
            return None
        if offered != self._declined and _is_another_head(offered, demand):
            return None if self._queue.disk_waits(moment.now) else Adopt(offered)
        due = not moment.offline and self._queue.is_ready(offered.digest, moment.now)
        return FetchProgram(offered) if due else None

    def next_medium(self, moment: Moment) -> FetchMedium | None:
        """Tell which medium is fetched now, beside those that are under way."""
        if self._demand is None or moment.offline:
            return None
        digest = self._queue.next(moment.now, partial(self._may_begin, moment))
        if digest is None:
            return None
        return FetchMedium(digest, self._missing.get(digest), digest in self._asked_for)

    def wants(self, digest: str, moment: Moment) -> bool:
        """Tell whether a medium that is under way is still to come, and now."""
        return not moment.offline and digest in self._queue and self._is_due(digest, moment)

    def wake_at(self, moment: Moment) -> Monotonic | None:
        """Tell when there is something to fetch again; ``None`` where nothing is wanted."""
        may_begin = partial(self._may_begin, moment)
        return self._queue.wake_at(lambda digest: self._is_program(digest) or may_begin(digest))

    def waits(self, now: Monotonic) -> bool:
        """Tell whether nothing is fetched now because of something that has failed."""
        return self._queue.waits(now)

    @property
    def left(self) -> Left:
        """What is still to come, as far as it can be had; the whole length of what is under way counts."""
        return Left(len(self._left), self._left_bytes)

    @property
    def held_up(self) -> str:
        """Why the staged program is not switched to, though nothing more of it can be had now; else empty."""
        demand = self._demand
        if not self._waits_for or demand is None or demand.staged is None:
            return ""
        staged, count = demand.staged, self._waits_for
        return (
            f"{staged.name}, version {staged.version} waits for {count} of its {demand.all_of_staged} media,"
            " which cannot be had: look at the hub's store of media; they are tried again each hour"
        )

    def _may_begin(self, moment: Moment, digest: str) -> bool:
        is_free = digest not in moment.under_way and not self._is_program(digest)
        return is_free and self._is_due(digest, moment)

    def _is_due(self, digest: str, moment: Moment) -> bool:
        """Tell whether a medium may come at this hour; a box with nothing to play by is not held up."""
        demand = self._demand
        if not moment.soon_only or demand is None or digest in self._asked_for or digest in demand.soon:
            return True
        return demand.current is None and demand.staged is not None

    def _is_program(self, digest: str) -> bool:
        return self._offered is not None and digest == self._offered.digest

    def _line_up(self) -> None:
        """Put what is wanted in order."""
        if self._demand is None:
            return
        here = {head.digest for head in (self._demand.current, self._demand.staged) if head is not None}
        offered = () if self._offered in {None, self._declined} else (self._offered.digest,)
        program = [one for one in offered if one not in {*here, self._unusable}]
        self._queue.want((*self._asked_for, *program, *self._missing))
        out = {*self._queue.given_up, *program}
        self._left = {one: self._missing.get(one, 0) for one in self._queue if one not in out}
        self._left_bytes = sum(self._left.values())

    def _is_ready(self, demand: Demand) -> bool:
        """Tell whether the staged program is complete, but for a little that cannot be had.

        Where there is no other, it is enough that it can begin.  Of one for which there is no room, what
        fits is all.
        """
        if refuses(demand):
            return False
        if demand.current is None and demand.can_begin:
            return True
        return demand.playable and not self._is_to_come(demand) and not self._waits_for

    def _is_to_come(self, demand: Demand) -> bool:
        """Tell whether more of the staged program can be had."""
        given_up = self._queue.given_up
        return any(one in self._missing and one not in given_up for one in demand.of_staged)

    def _count_lost(self, demand: Demand) -> None:
        """Count what of the staged program cannot be had, where that is a reason not to switch to it.

        What the current one lacks as well is no reason.
        """
        self._waits_for, self._waits_for_its_hour = 0, False
        if demand.current is None or refuses(demand) or self._is_to_come(demand):
            return
        given_up = self._queue.given_up
        lost = len(demand.of_staged & given_up)
        spared = max(SPARED_MOST, int(demand.all_of_staged * SPARED_SHARE))
        few = lost <= spared + len(demand.of_current & given_up)
        if lost and not (few and demand.can_begin):
            self._waits_for, self._waits_for_its_hour = lost, few

    # -- what has come -------------------------------------------------------------------------

    def note(self, fetched: Fetched, now: Monotonic, begun: Monotonic | None = None) -> Noted:
        """Learn what has become of an attempt.

        :param begun: when it began; without it, after all those that have failed.
        """
        was_settled = self._queue.settled
        self._queue.note(
            fetched.digest, fetched.outcome, now, fetched.retry_after_s, begun, in_vain=fetched.in_vain
        )
        came = fetched.outcome is Outcome.FETCHED
        given_up = self._queue.has_given_up(fetched.digest)
        program = self._offered
        if program is None or program.digest != fetched.digest:
            program = None
            self._note_medium(fetched.digest, came=came, given_up=given_up)
        else:
            self._note_program(program, fetched.outcome)
        begins_early = self._demand is not None and self._demand.current is None
        is_program = program is not None or fetched.path is None
        has_settled = self._queue.settled and (came or not was_settled or self._waits_for_its_hour)
        if has_settled or (came and (begins_early or is_program)):
            self._out_of_date = True
        if program is not None:
            self._line_up()
        return Noted(program, given_up)

    def _note_program(self, program: ProgramHead, outcome: Outcome) -> None:
        match outcome:
            case Outcome.WRONG:
                self._unusable = program.digest
            case Outcome.DECLINED:
                self._declined = program

    def _note_medium(self, sha256: str, *, came: bool, given_up: bool) -> None:
        if came:
            self._came.add(sha256)
            self._missing.pop(sha256, None)
        if came or given_up:
            self._left_bytes -= self._left.pop(sha256, 0)
        if (came or given_up) and sha256 in self._asked_for:
            self._asked_for = tuple(one for one in self._asked_for if one != sha256)
            self._line_up()


def refuses(demand: Demand) -> bool:
    """Tell whether the staged program has to wait for room, while another one plays."""
    return demand.lacking_bytes > 0 and demand.current is not None and demand.staged is not None


def _is_another_head(offered: ProgramHead, demand: Demand) -> bool:
    """Tell whether a program that is here is offered under another head, or in place of what is staged."""
    current, staged = demand.current, demand.staged
    if current is not None and current.digest == offered.digest:
        return current != offered or staged is not None
    return staged is not None and staged.digest == offered.digest and staged != offered
