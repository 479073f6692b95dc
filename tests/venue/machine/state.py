"""Where a machine is in its life, and the guard that lets a method be used only there."""

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from .errors import NotRunningError

P = ParamSpec("P")
R = TypeVar("R")


class State(Enum):
    """Where a machine is in its life."""

    NEW = "was never launched"
    RUNNING = "runs"
    ENDED = "has ended"
    CLOSED = "is closed"


class Ending(Enum):
    """What it took to end a machine, from soft to hard."""

    WAS_OVER = "it did not run"
    POWERED_DOWN = "the guest shut down"
    CRASHED = "it ended otherwise, while the guest was to shut down"
    QUIT = "QEMU was told to quit"
    TERMINATED = "QEMU was ended by SIGTERM"
    KILLED = "QEMU was killed"


class Living(Protocol):
    """Something that has such a life."""

    @property
    def state(self) -> State:
        """Where it is."""

    def told(self) -> str:
        """:return: its name and where it is, as a sentence."""


M = TypeVar("M", bound=Living)


def only(*states: State) -> Callable[[Callable[Concatenate[M, P], R]], Callable[Concatenate[M, P], R]]:
    """Guard a method: it is for a machine in one of these states, else it raises ``NotRunningError``."""

    def guard(method: Callable[Concatenate[M, P], R]) -> Callable[Concatenate[M, P], R]:
        @wraps(method)
        def guarded(machine: M, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if machine.state not in states:
                may = " or ".join(state.value for state in states)
                raise NotRunningError(f"{method.__name__}() is for a machine that {may}; {machine.told()}")
            return method(machine, *args, **kwargs)

        return guarded

    return guard
