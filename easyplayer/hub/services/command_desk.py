"""Commands for boxes: given, sent until there is a result, and what came of them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, case, func, insert, select, update

from easyplayer.errors import BadRequestError, ConflictError, NotFoundError, ProtocolError
from easyplayer.hub.db.database import note
from easyplayer.hub.db.schema import boxes, commands
from easyplayer.hub.services import attention
from easyplayer.hub.services.access import Role
from easyplayer.hub.services.facts import Finished
from easyplayer.protocol.arguments import arguments_of
from easyplayer.protocol.commands import Command, CommandResult, Name
from easyplayer.units import Instant

ID_BYTES = 12
MOST_OPEN = 100
"""How many commands of one box may be without a result."""
MOST_AT_ONCE = 10
"""How many go in one reply."""
BOXES_AT_ONCE = 1000
"""How many boxes one statement gives a command to."""
PICTURES = ("image/jpeg", "image/png")
"""What a screenshot may be, to be shown as it is."""

OPEN = (
    select(commands.c.box)
    .where(commands.c.box.in_(bindparam("names", expanding=True)), commands.c.finished.is_(None))
    .distinct()
)
ROLES = {Name.FORGET: Role.ADMIN}
"""Which role it takes to give a command, where it is not an operator's."""


class State(StrEnum):
    """How far a command has come, until there is an :class:`~easyplayer.protocol.commands.Outcome`."""

    WAITING = "waiting"
    SENT = "sent"
    EXPIRED = "expired"
    """No result came while the box might still have begun it; one that comes later still counts."""


def role_for(name: str) -> Role:
    """Tell which role it takes to give a command.

    :raises BadRequestError: there is no such command.
    """
    return ROLES.get(known(name), Role.OPERATOR)


def known(name: str) -> Name:
    """Give the command of a name.

    :raises BadRequestError: there is none.
    """
    found = Name(name)
    if found is Name.UNKNOWN:
        there_are = ", ".join(sorted(one for one in Name if one is not Name.UNKNOWN))
        message = f"there is no command {name!r}; there are: {there_are}"
        raise BadRequestError(message)
    return found


def give(
    connection: Connection,
    chosen: Iterable[str],
    name: str,
    args: dict[str, Any],
    *,
    by: str,
    now: Instant,
    expires: Instant,
    chance: Callable[[int], bytes],
) -> list[Row[Any]]:
    """Give a command to boxes, to each one of its own; to thousands of them by a few statements.

    :raises BadRequestError: there is no such command, or its arguments are wrong; says which.
    :raises ConflictError: too many wait for a box already.
    :raises NotFoundError: none of the boxes is there.
    """
    command = known(name)
    try:
        arguments_of(command, args)
    except ProtocolError as error:
        raise BadRequestError(str(error)) from error
    targets = sorted(set(chosen))
    parts = [targets[start : start + BOXES_AT_ONCE] for start in range(0, len(targets), BOXES_AT_ONCE)]
    for part in parts:
        _see_room(connection, part, now)
    said = {
        "name": command.value,
        "args": msgspec.json.encode(args).decode(),
        "issued": now,
        "expires": expires,
        "by": by,
        "state": State.WAITING.value,
    }
    given = [row for part in parts for row in _add(connection, part, said, chance)]
    if targets and not given:
        message = f"there is no box {targets[0]}"
        raise NotFoundError(message)
    for part in parts:
        attention.raise_for(connection, boxes=part, times=attention.ONCE)
    return given


def with_open(connection: Connection, chosen: Iterable[str]) -> set[str]:
    """Name those of some boxes that have commands without a result."""
    return set(connection.scalars(OPEN, {"names": [*chosen]}))


def waiting_for(connection: Connection, box: str, now: Instant) -> list[Command]:
    """Give the commands that a box is to be sent now, the oldest first."""
    _expire(connection, box, now)
    chosen = select(commands).where(commands.c.box == box, commands.c.finished.is_(None))
    rows = list(connection.execute(chosen.order_by(commands.c.number).limit(MOST_AT_ONCE)))
    if rows:
        ids = [row.id for row in rows]
        connection.execute(
            update(commands).where(commands.c.id.in_(ids)).values(state=State.SENT.value, sent=now)
        )
    return [_command(row) for row in rows]


def early_for(
    connection: Connection, chosen: Iterable[str], whole: Collection[str], now: Instant
) -> dict[str, list[Command]]:
    """Give the commands that boxes are to be sent at once, and not by their next heartbeats.

    A command that a heartbeat is just being told of is left to that; so nobody waits for anybody.

    :param chosen: boxes of which those commands are wanted that were not sent yet.
    :param whole: those of them of which all are wanted that have no result.
    :returns: by box, the oldest first; boxes for which there is nothing are left out.
    """
    some = (commands.c.box.in_([*chosen]), commands.c.finished.is_(None), commands.c.expires > now)
    rows = connection.execute(select(commands).where(*some).with_for_update(skip_locked=True)).all()
    found: dict[str, list[Row[Any]]] = {}
    for row in sorted(rows, key=lambda row: (row.box, row.number)):
        if row.box in whole or row.state == State.WAITING:
            found.setdefault(row.box, []).append(row)
    sent = {box: listed[:MOST_AT_ONCE] for box, listed in found.items()}
    ids = [row.id for listed in sent.values() for row in listed]
    if ids:
        connection.execute(
            update(commands).where(commands.c.id.in_(ids)).values(state=State.SENT.value, sent=now)
        )
    return {box: [_command(row) for row in listed] for box, listed in sent.items()}


def take_results(
    connection: Connection, box: str, results: Sequence[CommandResult], now: Instant
) -> list[Row[Any]]:
    """Keep what a box says came of its commands; of several results of one command the first counts.

    :returns: the commands of these results that have got one just now.
    """
    taken = []
    for result in results:
        kept = msgspec.json.encode(result).decode()
        row = connection.execute(
            update(commands)
            .where(commands.c.id == result.command, commands.c.box == box, commands.c.result == "")
            .values(state=result.outcome.value, finished=now, result=kept)
            .returning(commands)
        ).first()
        if row is not None:
            taken.append(row)
            note(connection, Finished(box, row.id, row.name, row.state, row.by))
    return taken


def foreign(connection: Connection, box: str, results: Sequence[CommandResult]) -> list[str]:
    """Name the commands among some results that are another box's."""
    ids = [result.command for result in results]
    chosen = select(commands.c.id).where(commands.c.id.in_(ids), commands.c.box != box)
    return list(connection.scalars(chosen))


def one(connection: Connection, name: str) -> Row[Any]:
    """Give one command.

    :raises NotFoundError: there is none.
    """
    row = connection.execute(select(commands).where(commands.c.id == name)).first()
    if row is None:
        raise none_such(name)
    return row


def none_such(name: str) -> NotFoundError:
    """Say that there is no command of an id, or none that may be seen."""
    return NotFoundError(f"there is no command {name!r}")


def of_box(connection: Connection, box: str, *, before: int, limit: int) -> list[Row[Any]]:
    """List the commands of a box, the newest first.

    :param before: only those of a lower number; 0 is all.
    """
    chosen = select(commands).where(commands.c.box == box)
    if before:
        chosen = chosen.where(commands.c.number < before)
    return list(connection.execute(chosen.order_by(commands.c.number.desc()).limit(limit)))


def last_picture(connection: Connection, box: str) -> Row[Any] | None:
    """Give the last screenshot of a box that has come with its picture; ``None`` where there is none."""
    mine = (commands.c.box == box) & (commands.c.name == Name.SCREENSHOT.value)
    sent = commands.c.attachment_type.in_(PICTURES) & (commands.c.attachment != "")
    chosen = select(commands).where(mine, sent, commands.c.finished.is_not(None))
    return connection.execute(chosen.order_by(commands.c.number.desc()).limit(1)).first()


def state_at(row: Row[Any], now: Instant) -> str:
    """Tell how far a command has come, also where no heartbeat has noticed yet that it expired."""
    expired = row.finished is None and row.expires <= now
    return State.EXPIRED.value if expired else str(row.state)


def attachment_key(name: str) -> str:
    """Tell where the media store keeps what came beside a command's result."""
    return f"attachments/{name}"


def keep_attachment(connection: Connection, box: str, name: str, digest: str, media_type: str) -> None:
    """Note what a box has sent beside a result.

    :raises NotFoundError: that is no command of this box.
    """
    own_command(connection, box, name)
    connection.execute(
        update(commands).where(commands.c.id == name).values(attachment=digest, attachment_type=media_type)
    )


def own_command(connection: Connection, box: str, name: str) -> None:
    """See that a command is one of a box's.

    :raises NotFoundError: it is not.
    """
    chosen = select(commands.c.id).where(commands.c.id == name, commands.c.box == box)
    if connection.execute(chosen).first() is None:
        message = f"there is no command {name!r} for this box"
        raise NotFoundError(message)


def count_open(connection: Connection, now: Instant) -> int:
    """Count the commands that may still be begun and have no result."""
    chosen = select(func.count()).select_from(commands)
    return connection.execute(
        chosen.where(commands.c.finished.is_(None), commands.c.expires > now)
    ).scalar_one()


def _see_room(connection: Connection, targets: Sequence[str], now: Instant) -> None:
    """See that no box has too many commands open; those that have expired wait for nothing."""
    counted = (
        select(commands.c.box)
        .where(commands.c.box.in_(targets), commands.c.finished.is_(None), commands.c.expires > now)
        .group_by(commands.c.box)
        .having(func.count() >= MOST_OPEN)
    )
    full = list(connection.scalars(counted.limit(5)))
    if full:
        message = (
            f"{MOST_OPEN} commands wait already for {', '.join(full)}: wait until some are answered or have "
            "expired, give it to the other boxes one by one, or unpair a box that is no more"
        )
        raise ConflictError(message)


def _add(
    connection: Connection, targets: Sequence[str], said: dict[str, Any], chance: Callable[[int], bytes]
) -> list[Row[Any]]:
    # One order for all who lock several rows: two of them never wait for each other.
    locked = select(boxes.c.id).where(boxes.c.id.in_(targets)).order_by(boxes.c.id).with_for_update()
    # The time counts, too: a hub that is put back to a backup gives no number again that boxes have seen.
    following, since = boxes.c.commands + 1, int(said["issued"])
    number = case((following < since, since), else_=following)
    counted = update(boxes).where(boxes.c.id.in_(locked)).values(commands=number)
    numbers = connection.execute(counted.returning(boxes.c.id, boxes.c.commands)).all()
    new = [
        {"id": chance(ID_BYTES).hex(), "box": row.id, "number": row.commands, **said}
        for row in sorted(numbers)
    ]
    if not new:
        return []
    rows = connection.execute(insert(commands).returning(commands), new).all()
    return sorted(rows, key=lambda row: row.box)


def _expire(connection: Connection, box: str, now: Instant) -> None:
    over = (commands.c.box == box) & commands.c.finished.is_(None) & (commands.c.expires <= now)
    connection.execute(update(commands).where(over).values(state=State.EXPIRED.value, finished=now))


def _command(row: Row[Any]) -> Command:
    return Command(
        id=row.id,
        box=row.box,
        number=row.number,
        name=row.name,
        args=msgspec.json.decode(row.args),
        issued=row.issued,
        expires=row.expires,
    )
