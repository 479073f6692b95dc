"""A bar that shows a person how far something has come."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

Advance: TypeAlias = Callable[[int], None]
"""Is told of each so many bytes more."""
Show: TypeAlias = Callable[[int, Mapping[str, tuple[int, int]]], None]
"""Is told how many bytes are there in all, and by name of what is on its way how many of how many."""

SHORT = 12


def has_bar() -> bool:
    """Tell whether there is a person to see it."""
    return sys.stderr.isatty()


def new_bar() -> Any:
    """Make a bar for bytes, with their speed and how long it will take."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
    )


class _Bars:
    """One bar for everything, and one for each thing on its way."""

    def __init__(self, bar: Any, what: str, total: int) -> None:
        self._bar = bar
        self._all = bar.add_task(what, total=total)
        self._each: dict[str, Any] = {}

    def show(self, done: int, parts: Mapping[str, tuple[int, int]]) -> None:
        """Draw how far each is."""
        self._bar.update(self._all, completed=done)
        for name in self._each.keys() - parts.keys():
            self._bar.remove_task(self._each.pop(name))
        for name, (have, want) in parts.items():
            if name not in self._each:
                self._each[name] = self._bar.add_task(f"{name[:SHORT]}…", total=want)
            self._bar.update(self._each[name], completed=have)


@contextmanager
def bars(what: str, total: int) -> Iterator[Show]:
    """Show how far several things have come at the same time, where a person sees it."""
    if not has_bar():
        yield lambda _done, _parts: None
        return
    with new_bar() as bar:
        yield _Bars(bar, what, total).show


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """Show how far something has come of so many bytes, where a person sees it."""
    if not has_bar():
        yield lambda _count: None
        return
    with new_bar() as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
