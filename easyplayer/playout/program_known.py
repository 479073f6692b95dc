"""What the parts of a program's JSON can refer to, as far as it could be read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from easyplayer.playout.catalogue import Daypart, Pictures, Playlist, Program, Show
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.program_reading import Part
from easyplayer.playout.spelling import Names, shown

Findings: TypeAlias = Iterator[tuple[str, str]]
"""Where something is wrong, seen from the part that was looked at, and what."""


class Known(Struct, frozen=True):
    """What can be referred to.

    :ivar items: the fields of each item that could be read, by its id.
    :ivar choice: the ids to choose from, for those who misspell one.
    :ivar vague: of which kinds there are more, whose ids could not be read.
    :ivar screened: which playlists the screens show, and the place that says so first.
    """

    items: dict[str, dict[str, Any]]
    choice: dict[type[Struct], Names]
    vague: set[type[Struct]]
    screened: dict[str, str]

    def missing(self, kind: type[Struct], name: str) -> str:
        """Tell that there is nothing of this name; the empty string where there is, or may be."""
        if name in self.choice[kind] or kind in self.vague:
            return ""
        noun = kind.__name__.lower()
        return f"there is no {noun} {shown(name)}; {self.choice[kind].instead_of(name)}"

    def kind_of(self, item: str) -> ItemKind | None:
        """Tell what sort of thing an item is; ``None`` where that is not known."""
        kind: ItemKind | None = self.items.get(item, {}).get("kind")
        return kind


def known_in(parts: Sequence[Part]) -> Known:
    """Find what can be referred to among the parts of a program."""
    return Known(
        items={part.fields["id"]: part.fields for part in parts if part.kind is Item and "id" in part.fields},
        choice={kind: Names(_ids(parts, kind)) for kind in (Item, Playlist)},
        vague={*_vague(parts)},
        screened=dict(reversed([*_screened(parts)])),
    )


def _ids(parts: Iterable[Part], kind: type[Struct]) -> Iterator[str]:
    return (part.fields["id"] for part in parts if part.kind is kind and "id" in part.fields)


def _vague(parts: Sequence[Part]) -> Iterator[type[Struct]]:
    seen = {part.kind for part in parts}
    for kind, listed in ((Item, "items"), (Playlist, "playlists")):
        if kind not in seen and not any(listed in part.fields for part in parts if part.kind is Program):
            yield kind
    yield from (part.kind for part in parts if "id" not in part.fields)


def _screened(parts: Iterable[Part]) -> Iterator[tuple[str, str]]:
    names = {Daypart: "screen", Show: "screen", Pictures: "fallback"}
    for part in parts:
        playlist = part.fields.get(names.get(part.kind, ""), "")
        if playlist:
            yield playlist, part.place
