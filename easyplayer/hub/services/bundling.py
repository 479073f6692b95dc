"""Bundles for sticks: what boxes are to play now, signed as by heartbeat, and which files that takes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, RowMapping, select

from easyplayer.errors import BadRequestError, ConflictError, NotFoundError, TooLargeError
from easyplayer.hub.content_views import PublicationWanted, Target
from easyplayer.hub.db.schema import logs, program_versions, tracks
from easyplayer.hub.keys import Keys
from easyplayer.hub.services import audit
from easyplayer.hub.services.access import Caller
from easyplayer.hub.services.effective import AT_ONCE
from easyplayer.hub.services.publishing import heads_for
from easyplayer.hub.services.targets import boxes_in, require_target
from easyplayer.hub.stick_views import (
    BundledBox,
    BundledMedium,
    BundledProgram,
    BundleMade,
    BundleTarget,
    BundleWanted,
    LeftOut,
)
from easyplayer.playout.items import Media
from easyplayer.protocol.bundle import MOST_HEADS, Bundle, BundleReceipt
from easyplayer.protocol.codec import MOST_BYTES, encode
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signing import Purpose
from easyplayer.units import Instant

ID_BYTES = 8
NAMED_AT_ONCE = 10


class _Item(Struct, frozen=True):
    """Of an item, its medium alone."""

    media: Media | None = None


class _Playing(Struct, frozen=True):
    """Of a program's file, the media alone: all of it takes a second to read."""

    items: tuple[_Item, ...] = ()


def make(
    connection: Connection,
    caller: Caller,
    wanted: BundleWanted,
    *,
    keys: Keys,
    now: Instant,
    chance: Callable[[int], bytes],
) -> BundleMade:
    """Make a bundle.

    :raises NotFoundError: there is no such target, or none that the caller sees; a box alone is left out.
    :raises ForbiddenError: the caller may not publish there.
    :raises BadRequestError: there is nothing to bring to any of them.
    :raises TooLargeError: they are more boxes than a bundle can serve.
    :raises ConflictError: the hub itself does not have all that they play.
    """
    rows, left_out = _chosen(connection, caller, wanted.targets)
    heads = heads_for(connection, dict.fromkeys(rows, 0), now)
    left_out += [_without(row) for box, row in rows.items() if box not in heads]
    if not heads:
        message = "there is nothing to put on a stick: no box is left that is to play anything"
        raise BadRequestError(message, tuple(f"{one.name or one.box}: {one.reason}" for one in left_out))
    bundle = Bundle(
        id=chance(ID_BYTES).hex(),
        made=now,
        heads=tuple(keys.sign(Purpose.PROGRAM, head) for head in heads.values()),
        collects=wanted.collects,
        receipts=tuple(_receipts(connection, heads)),
    )
    _see_that_it_fits(bundle)
    programs = {head.digest: head for head in heads.values()}
    return BundleMade(
        id=bundle.id,
        bundle=keys.sign(Purpose.BUNDLE, bundle),
        boxes=tuple(_box(rows[box], head) for box, head in heads.items()),
        programs=tuple(
            BundledProgram(digest=head.digest, size=head.size, box=head.box) for head in programs.values()
        ),
        media=_media(connection, programs),
        left_out=tuple(left_out),
    )


def note(
    connection: Connection, caller: Caller, now: Instant, wanted: BundleWanted, made: BundleMade
) -> None:
    """Write down who has made a bundle, at each target that it serves."""
    detail: dict[str, Any] = {
        "bundle": made.id,
        "boxes": len(made.boxes),
        "media": len(made.media),
        "bytes": sum(one.size for one in made.programs) + sum(one.size for one in made.media),
        "collects": wanted.collects,
    }
    left_out = {one.box for one in made.left_out}
    for one in (one for one in wanted.targets if one.target_id not in left_out):
        group = one.target_id if one.target is Target.GROUP else ""
        audit.note(connection, caller, now, "bundle.make", f"{one.target}/{one.target_id}", group, **detail)


def _chosen(
    connection: Connection, caller: Caller, targets: Iterable[BundleTarget]
) -> tuple[dict[str, RowMapping], list[LeftOut]]:
    """Give the rows of the boxes that are meant, by id, and those that nobody here knows."""
    found: dict[str, RowMapping] = {}
    unknown: list[LeftOut] = []
    for one in targets:
        place = PublicationWanted(target=one.target, target_id=one.target_id)
        try:
            require_target(connection, caller, place)
        except NotFoundError:
            if one.target is not Target.BOX:
                raise
            unknown.append(LeftOut(box=one.target_id, reason="is not paired with this hub"))
        found |= {row["id"]: row for row in boxes_in(connection, place)}
    return dict(sorted(found.items())), unknown


def _without(row: RowMapping) -> LeftOut:
    return LeftOut(box=row["id"], name=row["name"], reason="nothing is published for it")


def _receipts(connection: Connection, names: Iterable[str]) -> Iterator[BundleReceipt]:
    """Tell how far the hub has the log that each box has begun last."""
    for some in _some(sorted(names)):
        query = select(logs).where(logs.c.box.in_(some)).order_by(logs.c.created, logs.c.updated)
        newest = {row["box"]: row for row in connection.execute(query).mappings()}
        for box, row in sorted(newest.items()):
            yield BundleReceipt(box=box, log=row["log"], upto=row["acknowledged"])


def _see_that_it_fits(bundle: Bundle) -> None:
    if len(bundle.heads) > MOST_HEADS or len(encode(bundle)) > MOST_BYTES:
        message = f"{len(bundle.heads)} boxes are too many for one bundle: make several sticks"
        raise TooLargeError(message)


def _box(row: RowMapping, head: ProgramHead) -> BundledBox:
    return BundledBox(
        id=row["id"],
        name=row["name"],
        venue=row["venue"],
        zone=row["zone"],
        program=f"{head.name}, version {head.version}",
        revision=head.revision,
    )


def _media(connection: Connection, digests: Iterable[str]) -> tuple[BundledMedium, ...]:
    """Give all media that some programs play, each once."""
    media: dict[str, Media] = {}
    for digest in digests:
        chosen = select(program_versions.c.body).where(program_versions.c.digest == digest).limit(1)
        body = bytes(connection.execute(chosen).scalar_one())
        items = msgspec.json.decode(body, type=_Playing).items
        media |= {item.media.sha256: item.media for item in items if item.media is not None}
    known = {sha256: track for some in _some([*media]) for sha256, track in _holders(connection, some)}
    if gone := sorted(media.keys() - known):
        message = f"the hub has {len(gone)} of the media no more: upload them again, or publish anew"
        raise ConflictError(message, tuple(gone[:NAMED_AT_ONCE]))
    return tuple(
        BundledMedium(sha256=one.sha256, size=one.size, track=known[one.sha256]) for one in media.values()
    )


def _holders(connection: Connection, digests: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Tell of which tracks media are: their files, or the copies that boxes play."""
    for column in (tracks.c.copy_sha256, tracks.c.sha256):
        chosen = select(column, tracks.c.id).where(column.in_(digests))
        yield from ((sha256, track) for sha256, track in connection.execute(chosen))


def _some(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), AT_ONCE):
        yield names[start : start + AT_ONCE]
