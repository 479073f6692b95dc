"""Who is guarded, who has been heard, and who has been silent for too long: rounds, and no clock.

A round is one look at all processes.  Rounds are counted and not seconds: where the WatchDog itself was held
up, or the machine slept, nobody is blamed for it.
"""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct


class Stage(StrEnum):
    """How far a process has been brought to its end."""

    GUARDED = "guarded"
    ASKED = "asked"
    """circusd was asked to kill it."""
    FORCED = "forced"
    """It was still there a round later, and was killed without circusd."""


class Step(StrEnum):
    """What is to be done with a silent process."""

    ASK = "ask"
    """Have circusd kill it."""
    FORCE = "force"
    """Kill it without circusd."""
    DESPAIR = "despair"
    """It is there all the same: only the machine can end it."""


class Ward(Struct, kw_only=True):
    """One process that is guarded.

    :ivar born: tells it from another one of the same number; what the kernel calls its start time.
    :ivar silent: for how many rounds in a row it has not been heard.
    :ivar leaving: whether somebody else wants it to end.
    :ivar missed: how often in a row circusd has not named it among those that run.
    :ivar stuck: for how many rounds it has been there although it was killed.
    """

    pid: int
    watcher: str
    born: int = 0
    silent: int = 0
    ever_heard: bool = False
    heard: bool = False
    leaving: bool = False
    missed: int = 0
    stuck: int = 0
    stage: Stage = Stage.GUARDED

    @property
    def is_guarded(self) -> bool:
        """Whether it has been let live so far."""
        return self.stage is Stage.GUARDED


class Blow(Struct, frozen=True):
    """A process, and what is to be done with it."""

    ward: Ward
    step: Step


class Roll:
    """All processes that are guarded.

    :param max_count: so many rounds in a row one may be silent.
    :param start_count: so many rounds may pass until its first word.
    """

    def __init__(self, max_count: int, start_count: int) -> None:
        self._max_count = max_count
        self._start_count = max(start_count, max_count)
        self._wards: dict[int, Ward] = {}

    def __contains__(self, pid: int) -> bool:
        return pid in self._wards

    def __len__(self) -> int:
        return len(self._wards)

    def __iter__(self) -> Iterator[Ward]:
        return iter(tuple(self._wards.values()))

    def take_in(self, pid: int, watcher: str, born: int = 0) -> bool:
        """Guard a process; tell whether that is news.  A number that is used anew is another process."""
        known = self._wards.get(pid)
        if known is not None and (known.watcher, known.born) == (watcher, born):
            return False
        self._wards[pid] = Ward(pid=pid, watcher=watcher, born=born)
        return True

    def strike_off(self, pid: int) -> Ward | None:
        """Guard it no more; give what was known of it."""
        return self._wards.pop(pid, None)

    def leaving(self, pid: int) -> None:
        """Note that it is told to end by somebody else; one that is silent meanwhile is let be."""
        ward = self._wards.get(pid)
        if ward is not None and ward.stage is Stage.GUARDED:
            ward.leaving = True

    def hear(self, pid: int) -> bool:
        """Take a word of a process; tell whether it is one that is guarded."""
        ward = self._wards.get(pid)
        if ward is None:
            return False
        ward.heard = ward.ever_heard = True
        return True

    def look(self) -> list[Blow]:
        """End a round, and give what is to be done now."""
        return [Blow(ward, step) for ward in self for step in [self._look_at(ward)] if step is not None]

    def _look_at(self, ward: Ward) -> Step | None:
        heard, ward.heard = ward.heard, False
        if heard and ward.stage is Stage.GUARDED:
            ward.silent = 0
            return None
        ward.silent += 1
        if ward.leaving:
            # its watcher ends it the hard way by itself; should that fail, it is a silent one like any other
            ward.leaving = ward.silent < self._start_count
            return None
        if ward.silent < (self._max_count if ward.ever_heard else self._start_count):
            return None
        match ward.stage:
            case Stage.GUARDED:
                ward.stage = Stage.ASKED
                return Step.ASK
            case Stage.ASKED:
                ward.stage = Stage.FORCED
                return Step.FORCE
            case Stage.FORCED:
                return Step.DESPAIR
