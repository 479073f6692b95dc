"""The journal of commands: which have been begun and what came of them, so that none is done twice.

A command is in the journal, and on the disk, before it is begun; its result, before the hub hears of it.
What a power cut leaves begun and without a result is known to have been begun, and is not begun again.
"""

from collections.abc import Iterable
from enum import Enum, auto

from msgspec import Struct, structs

from easyplayer.protocol.commands import Command, CommandResult, Name, Outcome
from easyplayer.units import Instant

MOST_ENTRIES = 1000
"""How many commands are remembered one by one; below them, all that has a smaller number is old."""
RESTARTS = frozenset({Name.RESTART_PLAYER})
"""Commands that are done when another run of the box finds them."""
REBOOTS = frozenset({Name.REBOOT, Name.POWER_OFF})
"""Commands that are done when another run of the machine finds them."""


class Entry(Struct, frozen=True, kw_only=True):
    """One command.

    :ivar boot: names the run of the machine in which it was begun.
    :ivar result: what came of it; ``None`` while it is being done, and when the hub has confirmed it.
    """

    id: str
    number: int
    name: str
    boot: str
    result: CommandResult | None = None
    confirmed: bool = False

    @property
    def under_way(self) -> bool:
        """Whether it was begun, and nothing has come of it."""
        return self.result is None and not self.confirmed


class Content(Struct, frozen=True, kw_only=True):
    """All that is kept.

    :ivar box: whose commands these are; another box's begin another journal.
    :ivar forgotten: the highest number among the commands that are remembered no more.
    :ivar doubtful: whether an earlier journal was lost, and nobody knows what stood there.
    :ivar certain_from: by the hub's clock, from when on a command cannot have stood there.
    """

    box: str = ""
    forgotten: int = 0
    entries: tuple[Entry, ...] = ()
    doubtful: bool = False
    certain_from: Instant | None = None


class Standing(Enum):
    """How it stands with a command that has come."""

    NEW = auto()
    UNDER_WAY = auto()
    FINISHED = auto()
    """There is a result that the hub has not confirmed."""
    REPLAYED = auto()
    """It has come before, and was answered; or it is an old one."""
    DOUBTFUL = auto()
    """It may have been begun: the journal of that time is lost."""


class Journal:
    """What is known of the commands of one box.

    :ivar content: what has to be on the disk.
    """

    def __init__(self, content: Content) -> None:
        self.content = content

    # -- what is known -------------------------------------------------------------------------

    def standing(self, command: Command) -> Standing:
        """Tell how it stands with a command."""
        if command.box != self.content.box:
            return self._doubted(command)
        entry = self._find(command.id)
        if entry is not None:
            if entry.confirmed:
                return Standing.REPLAYED
            return Standing.UNDER_WAY if entry.under_way else Standing.FINISHED
        taken = any(one.number == command.number for one in self.content.entries)
        if taken or command.number <= self.content.forgotten:
            return Standing.REPLAYED
        return self._doubted(command)

    def result(self, command_id: str) -> CommandResult | None:
        """Give the result of a command that the hub has not confirmed."""
        entry = self._find(command_id)
        return None if entry is None else entry.result

    def knows(self, command_id: str) -> bool:
        """Tell whether a command is remembered."""
        return self._find(command_id) is not None

    @property
    def unconfirmed(self) -> tuple[Entry, ...]:
        """Those that have a result which the hub has not confirmed, in the order of their numbers."""
        return tuple(one for one in self.content.entries if one.result is not None)

    @property
    def under_way(self) -> tuple[Entry, ...]:
        """Those that were begun, and nothing has come of them."""
        return tuple(one for one in self.content.entries if one.under_way)

    def _find(self, command_id: str) -> Entry | None:
        return next((one for one in self.content.entries if one.id == command_id), None)

    def _doubted(self, command: Command) -> Standing:
        certain = self.content.certain_from
        if self.content.doubtful and (certain is None or command.issued <= certain):
            return Standing.DOUBTFUL
        return Standing.NEW

    # -- what is learned -----------------------------------------------------------------------

    def begin(self, command: Command, boot: str) -> None:
        """Learn that a command is about to be begun."""
        if command.box != self.content.box:
            self.content = structs.replace(self.content, box=command.box, forgotten=0, entries=())
        entry = Entry(id=command.id, number=command.number, name=command.name, boot=boot)
        self._keep((*self.content.entries, entry))

    def finish(self, result: CommandResult) -> None:
        """Learn what came of one."""
        self._change({result.command}, result=result)

    def confirm(self, ids: Iterable[str]) -> tuple[Entry, ...]:
        """Learn that the hub has results; give those that are news."""
        news = tuple(one for one in self.unconfirmed if one.id in set(ids))
        self._change({one.id for one in news}, result=None, confirmed=True)
        return news

    def begin_anew(self) -> None:
        """Forget everything: the box is another one to the hub."""
        self.content = Content()

    def tell_time(self, now: Instant) -> bool:
        """Learn what time it is at the hub; tell whether that settles since when there is no doubt."""
        if not self.content.doubtful or self.content.certain_from is not None:
            return False
        self.content = structs.replace(self.content, certain_from=now)
        return True

    def _change(self, ids: set[str], **changes: object) -> None:
        self._keep(
            tuple(structs.replace(one, **changes) if one.id in ids else one for one in self.content.entries)
        )

    def _keep(self, entries: tuple[Entry, ...]) -> None:
        """Keep the newest; those whose results the hub has go first, and what is being done stays."""
        kept = sorted(entries, key=lambda one: one.number)
        forgotten = self.content.forgotten
        while len(kept) > MOST_ENTRIES:
            oldest = min(kept, key=lambda one: (one.under_way, not one.confirmed, one.number))
            kept.remove(oldest)
            forgotten = max(forgotten, oldest.number)
        self.content = structs.replace(self.content, entries=tuple(kept), forgotten=forgotten)


def left_over(entry: Entry, boot: str) -> CommandResult:
    """Say what came of a command that an earlier run of the box had begun.

    :param boot: names the present run of the machine.
    """
    name = Name(entry.name)
    if name in RESTARTS:
        return CommandResult(command=entry.id, outcome=Outcome.DONE, text="the box was started anew")
    if name in REBOOTS and entry.boot != boot:
        return CommandResult(command=entry.id, outcome=Outcome.DONE, text="the machine was started anew")
    text = "the box ended while this was being done; it is not done once more"
    return CommandResult(command=entry.id, outcome=Outcome.INTERRUPTED, text=text)


def doubtful(command: Command) -> CommandResult:
    """Say why a command is not begun that an earlier, lost journal may have known."""
    text = "the journal of commands was damaged: whether this was done before cannot be known; it is not done"
    return CommandResult(command=command.id, outcome=Outcome.INTERRUPTED, text=text)
