"""The audit log: who has changed what, and when; nothing is ever taken out of it."""

from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from easyplayer.hub.db.schema import audit
from easyplayer.hub.services.access import ALL, Caller, Role
from easyplayer.units import Instant

LONGEST_DETAIL = 4096
"""How much is kept of one detail that is text."""


class AuditRow(Struct, frozen=True, kw_only=True):
    """One thing that was done.

    :ivar user: who has done it; empty is the hub itself, or a box.
    :ivar action: such as ``venue.add``.
    :ivar subject: what it was done to, such as ``venue/bar-lumiere``.
    :ivar group: the group of venues that it concerns; empty is all.
    """

    number: int
    at: Instant
    user: str
    address: str
    action: str
    subject: str
    group: str
    detail: dict[str, Any]


def note(  # noqa: PLR0917 - what every entry has
    connection: Connection,
    caller: Caller,
    now: Instant,
    action: str,
    subject: str,
    group: str = "",
    **detail: object,
) -> None:
    """Write down what a caller does, in the very transaction in which it is done.

    :param detail: what is worth knowing of it; never a secret.
    """
    kept = {
        name: value[:LONGEST_DETAIL] if isinstance(value, str) else value for name, value in detail.items()
    }
    connection.execute(
        audit.insert().values(
            at=now,
            user=caller.user,
            address=caller.address,
            action=action,
            subject=subject,
            group=group,
            detail=msgspec.json.encode(kept).decode(),
        )
    )


def history(
    connection: Connection,
    caller: Caller,
    *,
    user: str = "",
    subject: str = "",
    since: Instant | None = None,
    before: int | None = None,
    limit: int,
) -> list[AuditRow]:
    """Give what was done, the newest first, as far as the caller is admin there.

    :param subject: only what it names; one that ends in ``/`` is all below it.
    :param before: only what has a lower number.
    """
    query = select(audit).order_by(audit.c.number.desc()).limit(limit)
    if caller.grants.get(ALL, 0) < Role.ADMIN:
        query = query.where(
            audit.c.group.in_([one for one, role in caller.grants.items() if role is Role.ADMIN])
        )
    if user:
        query = query.where(audit.c.user == user)
    if subject.endswith("/"):
        query = query.where(audit.c.subject.startswith(subject, autoescape=True))
    elif subject:
        query = query.where(audit.c.subject == subject)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if before is not None:
        query = query.where(audit.c.number < before)
    return [_row(dict(row)) for row in connection.execute(query).mappings()]


def _row(row: dict[str, Any]) -> AuditRow:
    return AuditRow(**{**row, "detail": msgspec.json.decode(row["detail"])})
