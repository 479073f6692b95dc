"""What happens that somebody would like to hear of at once, with whom and what it has to do.

A service notes a fact beside what it writes, by :func:`~easyplayer.hub.db.database.note`; once that is
committed, the live channel is told.  It is no record: what counts lies in the database.
"""

from typing import TypeAlias

from msgspec import Struct


class Came(Struct, frozen=True, tag_field="kind", tag="came"):
    """The live channel to a box was opened."""

    box: str


class Went(Struct, frozen=True, tag_field="kind", tag="went"):
    """The live channel to a box has ended, and there is no other one."""

    box: str


class Aged(Struct, frozen=True, tag_field="kind", tag="aged"):
    """A box is in another state than before, such as ``late``, because nothing was heard of it, or again."""

    box: str


class Told(Struct, frozen=True, tag_field="kind", tag="told"):
    """A box has told a status that is another than before."""

    box: str


class Finished(Struct, frozen=True, tag_field="kind", tag="finished"):
    """A command has got its result.

    :ivar command: its id; ``name`` is what was to be done, and ``state`` what came of it.
    """

    box: str
    command: str
    name: str
    state: str
    by: str


class Paired(Struct, frozen=True, tag_field="kind", tag="paired"):
    """A box was paired, or claimed for another place."""

    box: str


class Unpaired(Struct, frozen=True, tag_field="kind", tag="unpaired"):
    """A box was forgotten: nobody finds any more what stands here.

    :ivar groups: those that its venue is in.
    """

    box: str
    name: str
    venue: str
    zone: str
    groups: tuple[str, ...]


Fact: TypeAlias = Came | Went | Aged | Told | Finished | Paired | Unpaired
"""What operators are told."""


EVERYBODY = ""


class Regranted(Struct, frozen=True, tag_field="kind", tag="regranted"):
    """Somebody may see less than before, or is logged out; nobody is told that it was so.

    :ivar user: whom it is about; it may be :data:`EVERYBODY`.
    """

    user: str
