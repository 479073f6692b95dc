"""What the Ledger writes of an item: how its row begins, and what is known of it by now."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from easyplayer.drivers.asrun_facts import BETWEEN, RowBegun, RowTold
from easyplayer.playout.asrun import Ended
from easyplayer.playout.hearing import Hearing
from easyplayer.playout.items import PreparedItem, masked
from easyplayer.playout.viewing import Viewing
from easyplayer.units import Monotonic, Seconds

Row = TypeVar("Row", bound=Hearing)


def first(rows: Iterable[Row], prepared: PreparedItem) -> Row | None:
    """Find the first row of an item; ``None`` where there is none."""
    return next((one for one in rows if one.prepared.item.id == prepared.item.id), None)


def begun(prepared: PreparedItem, started: Monotonic, zone: str, *, picture: bool = False) -> RowBegun:
    """Begin a row.

    :param started: when; no other row has begun at that instant.
    :param picture: whether it is shown.
    """
    origin = prepared.origin
    whence: dict[str, Any] = {} if origin is None else msgspec.structs.asdict(origin)
    shown_s = Seconds(0.0) if picture else None
    return RowBegun(started=started, item=_snapshot(prepared), zone=zone, shown_s=shown_s, **whence)


def told(hearing: Hearing, now: Monotonic, ended: Ended | None = None) -> RowTold:
    """Tell what is known of a row.

    :param ended: why it is over; ``None`` while it is not.
    """
    if isinstance(hearing, Viewing):
        over, shown_s, heard_s = hearing.seen(now, ended)
        pictured: dict[str, Any] = {"shown_s": shown_s, "outputs": BETWEEN.join(hearing.outputs)}
    else:
        over, heard_s = hearing.until(now, ended)
        pictured = {}
    return RowTold(
        started=hearing.started,
        over=max(over, hearing.started),
        heard_s=heard_s,
        ended=ended,
        level_db=hearing.level_db,
        item=_snapshot(hearing.prepared),
        **pictured,
    )


def _snapshot(prepared: PreparedItem) -> str:
    """Write down what an item is, as it is known now, without the password of a stream."""
    item = prepared.item
    shown = msgspec.structs.replace(item, id=masked(item.id), location=masked(item.location))
    return msgspec.json.encode(shown).decode()
