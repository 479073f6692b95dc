"""Several boxes are told at once what there is to say, each its own, and for little."""

from typing import Any

import pytest
from sqlalchemy import event

from easyplayer.hub.content_views import Target
from easyplayer.hub.db.schema import boxes, instances, program_versions, programs, pulses
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import attention, command_desk, replies
from easyplayer.hub.services.replies import Look, More
from easyplayer.protocol.commands import Command
from easyplayer.protocol.heartbeat import Heartbeat, Identity, Now
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.protocol.signing import Purpose, verified
from easyplayer.units import Instant, Seconds
from tests.hub.boxes import done
from tests.hub.contents import NOW, add_box, add_venue
from tests.hub.services.test_effective import publish

MANY = [f"{number:016x}" for number in range(30)]
ONE, OTHER, THIRD = MANY[:3]


@pytest.fixture(name="bar")
def _bar(hub: Hub) -> Hub:
    """Give a hub with a venue of many boxes, each heard before, to which nothing more is to be said."""
    add_venue(hub)
    for box in MANY:
        add_box(hub, box)
    ask(hub, *MANY)
    with hub.database.write() as connection:
        connection.execute(pulses.update().values(attention=0))
        connection.execute(programs.insert().values(id="p", name="P", draft="{}", version=1, revised=NOW))
        made = {"version": 1, "digest": "a" * 64, "body": b"x", "created": NOW, "by": ""}
        connection.execute(program_versions.insert().values(program="p", **made))
    return hub


def look(box: str, **said: Any) -> Look:
    """Make a heartbeat that is worth a look."""
    now = Now(uptime_s=Seconds(1.0), time=Instant(NOW))
    beat: dict[str, Any] = {"boot": "b", "run": "0" * 16, "sequence": 1, "machine": "m1", "now": now}
    return Look(box, Heartbeat(**(beat | said)), "192.0.2.1")


def tell(hub: Hub, *looks: Look) -> dict[str, More | None]:
    """Look at heartbeats at once; gives what each box is told."""
    with hub.database.write() as connection:
        mores = replies.more_for(connection, hub.keys, looks, hub.now())
    return dict(zip([one.box for one in looks], mores, strict=True))


def ask(hub: Hub, *names: str) -> dict[str, More | None]:
    """Look at plain heartbeats at once."""
    return tell(hub, *map(look, names))


def give(hub: Hub, box: str, name: str = "skip") -> str:
    """Give a command; gives its id."""
    with hub.database.write() as connection:
        expires, now = Instant(hub.now() + 60.0), hub.now()
        given = command_desk.give(
            connection, [box], name, {}, by="anna", now=now, expires=expires, chance=hub.chance
        )
    return str(given[0].id)


def level(hub: Hub, box: str) -> int:
    """Tell in how many heartbeats there is more to say."""
    with hub.database.write() as connection:
        return attention.lock(connection, [box])[box]


def test_each_is_told_its_own(bar: Hub) -> None:
    """A command for one, a block for another, and for the third nothing but where it is."""
    command = give(bar, ONE)
    with bar.database.write() as connection:
        connection.execute(boxes.update().where(boxes.c.id == OTHER).values(blocked="not paid"))

    told = ask(bar, THIRD, ONE, OTHER)

    first, second, third = told[ONE], told[OTHER], told[THIRD]
    assert first is not None
    assert second is not None
    assert third is not None
    said = [verified(one, Purpose.COMMAND, Command, bar.keys.public) for one in first.commands]
    assert [(one.id, one.box) for one in said] == [(command, ONE)]
    assert (second.blocked, second.commands, third.blocked, third.commands) == ("not paid", (), "", ())
    assert [one.place.name if one.place else "" for one in (first, second, third)] == [ONE, OTHER, THIRD]


def test_a_program_is_told_until_it_is_there_and_then_no_look_is_left(bar: Hub) -> None:
    """It is each box's own head, and signed."""
    revision = publish(bar, Target.VENUE, "bar")
    with bar.database.write() as connection:
        attention.raise_for(connection, venue="bar", times=attention.ONCE)

    twice = [ask(bar, ONE, OTHER) for _ in range(2)]

    for told in twice:
        for box, more in told.items():
            assert more is not None
            assert more.program is not None
            head = verified(more.program, Purpose.PROGRAM, ProgramHead, bar.keys.public)
            assert (head.box, head.revision, head.name) == (box, revision, "P")
    assert level(bar, ONE) == attention.ONCE
    there = tell(bar, look(ONE, revision=revision))[ONE]
    assert there is not None
    assert there.program is None
    assert (level(bar, ONE), level(bar, OTHER)) == (0, attention.ONCE)


def test_a_box_that_is_not_paired_keeps_the_others_from_nothing(bar: Hub) -> None:
    """It alone is told nothing."""
    told = ask(bar, ONE, "f" * 16, OTHER)
    assert [more is None for more in told.values()] == [False, True, False]


def test_a_box_that_leaves_is_confirmed_and_gone(bar: Hub) -> None:
    """The others of its group stay."""
    command = give(bar, ONE, "forget")

    told = tell(bar, look(ONE, results=(done(command),)), look(OTHER))

    assert told[ONE] == More(confirmed=(command,))
    assert ask(bar, ONE)[ONE] is None
    assert ask(bar, OTHER)[OTHER] is not None


def test_a_copy_is_told_so_beside_others(bar: Hub) -> None:
    """And nothing else, as often as it comes."""
    with bar.database.write() as connection:
        connection.execute(instances.update().where(instances.c.box == ONE).values(verdict="cloned"))
    give(bar, ONE)

    for _ in range(2):
        told = ask(bar, ONE, OTHER)
        assert told[ONE] == More(identity=Identity.CLONED)
        assert told[OTHER] is not None
    assert level(bar, ONE) == attention.ONCE


def test_many_boxes_are_asked_about_at_once(bar: Hub) -> None:
    """As many statements for thirty boxes as for two, where all of them are told of a program."""
    publish(bar, Target.VENUE, "bar")
    with bar.database.write() as connection:
        attention.raise_for(connection, venue="bar", times=attention.ONCE)
    ran: list[str] = []
    event.listen(bar.database.engine, "before_cursor_execute", lambda *said: ran.append(said[2]))

    ask(bar, *MANY[:2])
    few, ran[:] = len(ran), []
    told = ask(bar, *MANY)

    assert all(more is not None and more.program for more in told.values())
    assert 0 < len(ran) <= few
    assert not [one for one in ran if one.lstrip().startswith(("UPDATE", "INSERT", "DELETE"))]
