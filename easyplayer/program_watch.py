"""The program's file: read at the start, and again whenever it changes.

A program that cannot be used is refused with all that is wrong with it, and the last good one, of which
the box keeps a copy, plays on.
"""

import logging
import signal as signals
from functools import partial
from pathlib import Path

from circuits import handler
from msgspec import structs

from easyplayer.component import Background, BoxComponent
from easyplayer.drivers.state_file import write_in_one_step
from easyplayer.errors import ProgramError, StateError
from easyplayer.events import BoxEvent, program_refused, take_program
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import decode, encode
from easyplayer.ticker import Ticker
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

LOOK_EVERY_S = Seconds(2.0)

_Stamp = tuple[int, int, int]


class ProgramWatch(BoxComponent):
    """Reads the program, and looks every few seconds whether there is another one.

    SIGHUP has it read at once, and what plays gives way to it (away from a terminal, which has its own use
    for that signal).

    :param path: the program's file.
    :param copy: where the last good one is kept, or ``None``.
    """

    def __init__(self, path: Path, copy: Path | None, ticker: Ticker, disk: Background) -> None:
        super().__init__()
        self._path = path
        self._copy = copy
        self._ticker = ticker
        self._disk = disk
        self._stamp: _Stamp | None = None

    def open(self) -> None:
        """Read it, and begin to watch."""
        self._stamp = _stamp(self._path)
        self._disk.do(partial(first_program, self._path, self._copy))
        self._ticker.every(LOOK_EVERY_S, self._look)

    @handler("signal", channel="*")
    def _on_signal(self, number: int, _frame: object) -> None:
        if number == signals.SIGHUP:
            self._read(at_once=True)

    def _look(self) -> None:
        if _stamp(self._path) not in {self._stamp, None}:
            self._read(at_once=False)

    def _read(self, *, at_once: bool) -> None:
        self._stamp = _stamp(self._path)
        self._disk.do(partial(another_program, self._path, self._copy, at_once=at_once))

    @handler("program_refused")
    def _on_refused(self, reason: str) -> None:
        log.error("%s", reason)


def first_program(path: Path, copy: Path | None) -> BoxEvent:
    """Read the program, or else the last good one; runs on a worker's thread."""
    try:
        return take_program(read_program(path, copy))
    except ProgramError as error:
        reason = str(error)
    try:
        if copy is not None and copy.exists():
            log.error("%s; the last good one plays on", reason)
            return take_program(read_program(copy, None))
    except ProgramError as error:
        reason = f"{reason}\n{error}"
    return program_refused(reason)


def another_program(path: Path, copy: Path | None, *, at_once: bool) -> BoxEvent:
    """Read the program that has come; runs on a worker's thread."""
    try:
        return take_program(read_program(path, copy), at_once=at_once)
    except ProgramError as error:
        return program_refused(f"{error}; the one before it plays on")


def read_program(path: Path, copy: Path | None = None) -> Program:
    """Read a program file; a file's location that is not absolute lies beside it.

    :param copy: where to keep it, once it has been found good.
    :raises ProgramError: with everything that is wrong with it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ProgramError([f"{path}: cannot be read ({error.strerror}): name another file"]) from error
    try:
        program = decode(data)
    except ProgramError as error:
        raise ProgramError([f"{path}: {problem}" for problem in error.problems]) from error
    program = structs.replace(
        program, items=tuple(_located(item, path.absolute().parent) for item in program.items)
    )
    if copy is not None:
        try:
            write_in_one_step(copy, encode(program))
        except StateError as error:
            log.warning("%s", error)
    return program


def _located(item: Item, folder: Path) -> Item:
    if item.endless or item.kind is ItemKind.SKIP:
        return item
    return structs.replace(item, location=str(folder / item.location))


def _stamp(path: Path) -> _Stamp | None:
    """Tell one state of a file from another."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
