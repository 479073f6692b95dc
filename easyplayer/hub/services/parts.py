"""Parts of programs as people send them: read as a program's file is, with every fault told at once."""

from typing import Any, TypeVar

from msgspec import Struct, structs

from easyplayer.errors import ProgramError
from easyplayer.playout.catalogue import Program
from easyplayer.playout.program_reading import Part, Reader
from easyplayer.playout.program_rules import faults

Kind = TypeVar("Kind", bound=Struct)
ELSEWHERE = {"items", "playlists"}
"""What of a program is not in the part itself, and is looked at when it is put together."""


def read_part(raw: Any, kind: type[Kind], place: str = "") -> Kind:
    """Read a part of a program; what it refers to may be elsewhere.

    :param place: what its faults are told to lie in.
    :raises ProgramError: it cannot be used; names all that is wrong with it.
    """
    reader = Reader()
    read: Kind = reader.struct(raw, kind, place)
    problems = [*reader.problems, *faults([_alone(part) for part in reader.parts])]
    if problems:
        raise ProgramError(problems)
    return read


def _alone(part: Part) -> Part:
    """Take from a program what would say that there is nothing elsewhere."""
    if part.kind is not Program:
        return part
    kept = {name: value for name, value in part.fields.items() if name not in ELSEWHERE}
    return structs.replace(part, fields=kept)
