"""What boxes have sent and nobody needs any more: old attachments, and all of boxes that are gone.

A store of media knows no transactions, and may be away.  So it is only written down what is to go, in the
transaction that makes it so; :func:`sweep` throws it away from time to time.
"""

import logging
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from easyplayer.errors import HubError
from easyplayer.hub.db.database import insert_for
from easyplayer.hub.db.schema import commands, discarded
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.command_desk import PICTURES, attachment_key
from easyplayer.protocol.commands import Name
from easyplayer.units import Instant, Seconds

log = logging.getLogger(__name__)

ATTACHED_FOR_S = Seconds(90 * 86_400.0)
"""How long what came with a result is kept; the last picture of a box stays for as long as the box."""
NONE: ColumnElement[str] = literal_column("''")
"""No attachment, in the words of the index of those that there are, which is found by them alone."""
MOST_AT_ONCE = 1000
"""How many contents one sweep throws away; the others wait for the next one."""


def report_keys(box: str) -> tuple[str, str]:
    """Tell where in the media store lies how a box was at its last report, and the log that came with it."""
    return f"reports/{box}/report.json", f"reports/{box}/log.txt"


def discard_all_of(connection: Connection, box: str) -> None:
    """Have all go that a box has sent, for it is about to be forgotten."""
    key = literal(attachment_key("")) + commands.c.id
    attached = select(key).where(commands.c.box == box, commands.c.attachment != "")
    _discard(connection, [*connection.scalars(attached), *report_keys(box)])


def discard_old(connection: Connection, now: Instant) -> None:
    """Have go what came with results that are old."""
    later = commands.alias()
    last = select(func.max(later.c.number)).where(later.c.box == commands.c.box, _is_picture(later))
    old = and_(commands.c.attachment != NONE, commands.c.finished < now - ATTACHED_FOR_S)
    unseen = or_(~_is_picture(commands), commands.c.number < last.scalar_subquery())
    going = select(commands.c.id).where(old, unseen).limit(MOST_AT_ONCE)
    names = connection.scalars(going).all()
    bare = update(commands).where(commands.c.id.in_(names)).values(attachment="", attachment_type="")
    connection.execute(bare)
    _discard(connection, map(attachment_key, names))


def keep(connection: Connection, keys: Iterable[str]) -> None:
    """Have contents stay, for they are about to be put anew, as soon as this transaction is over."""
    connection.execute(delete(discarded).where(discarded.c.key.in_([*keys])))


def sweep(hub: Hub) -> None:
    """Throw away what is to go; where the store does not do it, it is tried again the next time."""
    try:
        with hub.database.write() as connection:
            discard_old(connection, hub.now())
            keys = connection.scalars(
                select(discarded.c.key).order_by(discarded.c.key).limit(MOST_AT_ONCE)
            ).all()
        for key in keys:
            _throw_away(hub, key)
    except HubError as error:
        log.warning("what boxes have sent and nobody needs any more stays for now: %s", error)


def _throw_away(hub: Hub, key: str) -> None:
    """Throw one content away, where nobody has put it anew; who does so meanwhile waits."""
    with hub.database.write() as connection:
        gone = delete(discarded).where(discarded.c.key == key).returning(discarded.c.key)
        if connection.execute(gone).first() is not None:
            hub.media.delete(key)


def _is_picture(table: Any) -> ColumnElement[bool]:
    """Give the condition for what is shown as a box's screen; see :func:`command_desk.last_picture`."""
    return and_(
        table.c.name == Name.SCREENSHOT.value,
        table.c.attachment_type.in_(PICTURES),
        table.c.attachment != "",
        table.c.finished.is_not(None),
    )


def _discard(connection: Connection, keys: Iterable[str]) -> None:
    rows = [{"key": key} for key in keys]
    if rows:
        connection.execute(insert_for(connection, discarded).on_conflict_do_nothing(), rows)
