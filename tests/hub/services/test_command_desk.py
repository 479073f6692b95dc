"""A command for many boxes is one transaction that does not keep the others waiting."""

import pytest
from sqlalchemy import Engine, delete, event, func, select, update

from easyplayer.errors import ConflictError, NotFoundError
from easyplayer.hub.db.schema import boxes, commands, pulses
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import attention, command_desk
from easyplayer.hub.services import fleet as fleet_figures
from easyplayer.hub.services.command_desk import BOXES_AT_ONCE
from easyplayer.journal import Content, Journal, Standing
from easyplayer.protocol.commands import Command
from easyplayer.units import Instant
from tests.hub.conftest import NOON, HeldClock
from tests.hub.contents import add_venue

MANY = [f"{number:016x}" for number in range(BOXES_AT_ONCE + 500)]
MOST_STATEMENTS = 20
"""Boxes are locked, counted, given a command and woken, some hundreds at once."""


@pytest.fixture(name="fleet")
def _fleet(hub: Hub) -> Hub:
    """Give a hub with many boxes, of which the first was given a command before."""
    add_venue(hub)
    with hub.database.write() as connection:
        shared = {"key": "k", "name": "n", "venue": "bar", "created": 0.0}
        connection.execute(boxes.insert(), [{"id": box, **shared} for box in MANY])
        connection.execute(pulses.insert(), [{"box": box, "seen": 0.0, "attention": 0} for box in MANY])
    give(hub, MANY[0])
    return hub


def give(hub: Hub, *chosen: str, now: Instant = NOON) -> list[tuple[str, int]]:
    """Give a command; tells which box has got which number."""
    with hub.database.write() as connection:
        rows = command_desk.give(
            connection,
            chosen,
            "skip",
            {},
            by="anna",
            now=now,
            expires=Instant(now + 60.0),
            chance=hub.chance,
        )
    assert len({row.id for row in rows}) == len(rows), "each has an id of its own"
    return [(row.box, row.number) for row in rows]


def test_thousands_get_theirs_by_a_few_statements(fleet: Hub) -> None:
    """Each has a number of its own box's, and is woken; in the order of the boxes."""
    statements: list[str] = []
    engine: Engine = fleet.database.engine
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))

    given = give(fleet, *reversed(MANY))

    assert given == [(box, int(NOON) + (box == MANY[0])) for box in MANY]
    assert len(statements) < MOST_STATEMENTS
    with fleet.database.write() as connection:
        assert set(attention.lock(connection, MANY[:3]).values()) == {attention.ONCE}
        assert connection.scalar(select(func.count()).select_from(commands)) == len(MANY) + 1


def test_numbers_rise_within_one_second_and_however_the_clock_steps(fleet: Hub, clock: HeldClock) -> None:
    """Each is given once."""
    numbers = [give(fleet, MANY[1], now=clock.now)[0][1] for _ in range(3)]
    for seconds in (3600.0, -7200.0, 1.0):
        clock.pass_s(seconds)
        numbers.append(give(fleet, MANY[1], now=clock.now)[0][1])

    assert numbers == sorted(set(numbers))


def test_what_is_given_after_a_backup_was_restored_is_new_to_the_box(fleet: Hub, clock: HeldClock) -> None:
    """The box has seen commands that the hub knows nothing of any more."""
    box, journal = MANY[1], Journal(Content())
    with fleet.database.read() as connection:
        backed_up = connection.scalar(select(boxes.c.commands).where(boxes.c.id == box))
    for _ in range(3):
        clock.pass_s(1.0)
        give(fleet, box, now=clock.now)
    for command in sent_to(fleet, box, clock.now):
        journal.begin(command, "boot")
    with fleet.database.write() as connection:
        connection.execute(delete(commands).where(commands.c.box == box))
        connection.execute(update(boxes).where(boxes.c.id == box).values(commands=backed_up))
    clock.pass_s(3600.0)
    give(fleet, box, now=clock.now)
    (command,) = sent_to(fleet, box, clock.now)

    assert len(journal.content.entries) == 3
    assert command.number > max(entry.number for entry in journal.content.entries)
    assert journal.standing(command) is Standing.NEW


def sent_to(hub: Hub, box: str, now: Instant) -> list[Command]:
    """Give what a box is sent."""
    with hub.database.write() as connection:
        return command_desk.waiting_for(connection, box, now)


def test_a_box_that_has_gone_meanwhile_gets_none(fleet: Hub) -> None:
    """The others get theirs; where it was the only one, that is said."""
    assert give(fleet, MANY[1], "ffffffffffffffff") == [(MANY[1], int(NOON))]
    with pytest.raises(NotFoundError, match="ffffffffffffffff"):
        give(fleet, "ffffffffffffffff")
    assert give(fleet) == []


def test_a_box_that_is_dead_does_not_keep_a_command_from_the_others(
    fleet: Hub, monkeypatch: pytest.MonkeyPatch, clock: HeldClock
) -> None:
    """What has expired waits for nothing, although no heartbeat has come to say so."""
    monkeypatch.setattr(command_desk, "MOST_OPEN", 2)
    give(fleet, MANY[0])
    with pytest.raises(ConflictError, match=rf"{MANY[0]}.*expired.*unpair"):
        give(fleet, *MANY[:3])
    clock.pass_s(61.0)
    assert [box for box, _ in give(fleet, *MANY[:3], now=clock.now)] == MANY[:3]


def test_what_has_expired_does_not_count_as_waiting(fleet: Hub, clock: HeldClock) -> None:
    """Who watches the hub would look for boxes that do not answer, and find old commands."""
    assert waiting(fleet) == 1
    clock.pass_s(61.0)
    assert waiting(fleet) == 0


def waiting(hub: Hub) -> int:
    """Count the commands that wait."""
    with hub.database.read() as connection:
        return fleet_figures.fleet(connection, hub.now(), 30.0)[1]
