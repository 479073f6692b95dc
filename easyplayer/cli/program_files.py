"""Program files as the commands read and write them."""

from pathlib import Path

from msgspec import structs

from easyplayer.drivers.state_file import write_in_one_step
from easyplayer.errors import ProgramError
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_file import decode, encode


def read(path: Path) -> Program:
    """Read a program file.

    :raises ProgramError: it cannot be used, or is not there; each fault is told with the file's name.
    """
    program = read_if_there(path)
    if program is None:
        raise ProgramError([f"{path}: there is no such file; name another, or import into it first"])
    return program


def read_if_there(path: Path) -> Program | None:
    """Read a program file, if there is one.

    :raises ProgramError: it cannot be used; each fault is told with the file's name.
    """
    try:
        return decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ProgramError([f"{path}: cannot be read ({error.strerror}); name another file"]) from error
    except ProgramError as error:
        raise ProgramError([f"{path}: {problem}" for problem in error.problems]) from error


def check(program: Program) -> None:
    """Make sure that a program will be taken when it is read.

    :raises ProgramError: it has faults.
    """
    decode(encode(program))


def write(path: Path, program: Program) -> None:
    """Write a program file in one step; the one that was there is kept beside it, as ``.old``.

    A link is followed: what it leads to is written.

    :raises StateError: the disk does not take it; the file is as it was then.
    """
    path = path.resolve()
    if path.exists():
        write_in_one_step(path.with_name(f"{path.name}.old"), path.read_bytes())
    write_in_one_step(path, encode(program))


def located(item: Item, program_file: Path) -> Item:
    """Give an item the whole path of its file, which may lie beside the program's."""
    if item.endless or item.kind is ItemKind.SKIP:
        return item
    return structs.replace(item, location=str(program_file.absolute().parent / item.location))
