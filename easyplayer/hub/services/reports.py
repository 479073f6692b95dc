"""Taking in what boxes have left on sticks: their logs exactly as by the network, and how they were."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Row

from easyplayer.errors import BadRequestError, NotFoundError
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import audit, boxes, discarding, places, played
from easyplayer.hub.services.access import Caller, Role
from easyplayer.hub.services.discarding import report_keys
from easyplayer.hub.services.sealed import Opened, read, unseal
from easyplayer.hub.stick_views import ReportKept, ReportTaken
from easyplayer.protocol.asrun import Batch

OLDER = "a newer report of this box has come in before: what that says of its health stays"


def kept_key(box: str) -> str:
    """Tell where in the media store lies how a box was when it made its last report."""
    return report_keys(box)[0]


def log_key(box: str) -> str:
    """Tell where in the media store lie the lines of log that came with it."""
    return report_keys(box)[1]


def take(hub: Hub, caller: Caller, sealed: Path, folder: Path) -> ReportTaken:
    """Take a report in; one that has come before brings nothing new, and does no harm.

    :param folder: for what lies on the disk meanwhile.
    :raises BadRequestError: it is damaged, forged, or for another hub.
    :raises NotFoundError: the box is not paired with this hub, or is none that the caller sees.
    :raises ForbiddenError: the caller may not bring in what it has played.
    """
    with tempfile.TemporaryFile(dir=folder) as plain:
        unseal(sealed, plain, hub.keys)
        opened = read(plain, hub.keys.public)
        row = _box(hub, caller, opened)
        told = _Tally()
        for batch in opened.batches():
            told.add(batch, _stored(hub, row.id, batch))
        told.remarks.extend(_kept(hub, caller, opened, folder))
    taken = ReportTaken(
        box=row.id,
        name=row.name,
        made=opened.report.made,
        stored=told.stored,
        acknowledged=told.acknowledged,
        remarks=tuple(dict.fromkeys(told.remarks)),
    )
    _note(hub, caller, row, taken)
    return taken


def last(hub: Hub, box: str) -> ReportKept:
    """Give how a box was when it made the last report that came in.

    :raises NotFoundError: none has.
    """
    found = _last(hub, box)
    if found is None:
        message = f"no report of the box {box} was ever taken in"
        raise NotFoundError(message)
    return found


def _box(hub: Hub, caller: Caller, opened: Opened) -> Row[Any]:
    with hub.database.read() as connection:
        row = boxes.box(connection, opened.report.box, caller, Role.PROGRAMMER)
    if row.key != opened.key:
        message = f"the report is signed by another key than the box {row.id} has"
        raise BadRequestError(message)
    return row


def _stored(hub: Hub, box: str, batch: Batch) -> played.Taken:
    with hub.database.write() as connection:
        taken = played.take(connection, box, batch, hub.now())
    hub.metrics.rows.inc(taken.stored)
    return taken


class _Tally:
    """Adds up what became of the batches of a report."""

    def __init__(self) -> None:
        self.stored = 0
        self.acknowledged: dict[str, int] = {}
        self.remarks: list[str] = []

    def add(self, batch: Batch, taken: played.Taken) -> None:
        receipt = taken.receipt
        self.stored += taken.stored
        self.acknowledged[receipt.log] = receipt.acknowledged
        first = batch.entries[0].number if batch.entries else 0
        if receipt.forked:
            self.remarks.append(
                f"log {receipt.log}: another machine writes on under its name; none was taken"
            )
        elif first > receipt.acknowledged + 1:
            self.remarks.append(
                f"log {receipt.log}: entries up to {first - 1} are missing: take in the report before this"
            )
        self.remarks.extend(
            f"log {receipt.log}: entry {one.number} was set aside: {one.reason}" for one in receipt.refused
        )


# -- how the box was -------------------------------------------------------------------------------


def _kept(hub: Hub, caller: Caller, opened: Opened, folder: Path) -> Iterator[str]:
    """Keep how the box was, in place of what an older report has said."""
    box, made = opened.report.box, opened.report.made
    before = _last(hub, box)
    if before is not None and before.made > made:
        yield OLDER
        return
    with hub.database.write() as connection:
        discarding.keep(connection, report_keys(box))  # those of a time before it was paired anew
    lines = opened.log()
    _put(hub, log_key(box), lines, folder)
    kept = ReportKept(
        box=box,
        made=made,
        taken=hub.now(),
        by=caller.user,
        status=opened.status(),
        log_bytes=len(lines),
    )
    _put(hub, kept_key(box), msgspec.json.encode(kept), folder)


def _put(hub: Hub, key: str, content: bytes, folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(content)
        file.flush()
        hub.media.put(key, Path(file.name))


def _last(hub: Hub, box: str) -> ReportKept | None:
    size = hub.media.size(kept_key(box))
    if size is None:
        return None
    return msgspec.json.decode(b"".join(hub.media.read(kept_key(box), 0, size)), type=ReportKept)


def _note(hub: Hub, caller: Caller, row: Row[Any], taken: ReportTaken) -> None:
    detail = {"made": taken.made, "entries": taken.stored, "remarks": list(taken.remarks[:20])}
    with hub.database.write() as connection:
        groups = places.groups_of(connection, [row.venue])[row.venue]
        group = groups[0] if groups else ""
        audit.note(connection, caller, hub.now(), "report.take", f"box/{row.id}", group, **detail)
