"""What is in force for a box reaches it, with a number that is higher than any that it has had."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from easyplayer.hub.content_views import Target
from easyplayer.hub.db.schema import program_versions, programs, pulses
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import boxes, places, publishing, uses
from easyplayer.hub.services.publishing import MOST_AHEAD
from tests.hub.contents import BAR, BOX, NOW, add_box, add_venue
from tests.hub.services.test_effective import publish

OTHER = "f" * 16


@pytest.fixture(name="town")
def _town(hub: Hub) -> Hub:
    """Give a hub with two venues, each in a group of its own, a box, and two versions of a program."""
    add_venue(hub)
    add_venue(hub, "hotel", "hotels")
    add_box(hub)
    with hub.database.write() as connection:
        connection.execute(programs.insert().values(id="p", name="P", draft="{}", version=2, revised=NOW))
        for version in (1, 2):
            made = {"version": version, "digest": str(version) * 64, "body": b'{"zone": "Europe/Paris"}'}
            connection.execute(program_versions.insert().values(program="p", created=NOW, by="", **made))
    return hub


def offered(hub: Hub, has: int, box: str = BOX) -> tuple[int, int] | None:
    """Tell which revision and version a box is offered that has a revision."""
    with hub.database.write() as connection:
        head = publishing.heads_for(connection, {box: has}, hub.now()).get(box)
    return None if head is None else (head.revision, head.version)


@contextmanager
def changing(hub: Hub) -> Iterator[Connection]:
    """Change something."""
    with hub.database.write() as connection:
        yield connection


def test_what_is_older_than_what_a_box_has_is_published_for_it_again(town: Hub) -> None:
    """A box was fetching a group's program when its venue left the group: it takes no lower number."""
    publish(town, Target.VENUE, BAR)
    newer = publish(town, Target.GROUP, "bars", version=2)
    with changing(town) as connection:
        places.put_into_groups(connection, BAR, [])
    assert offered(town, has=newer) == (newer + 1, 1)
    assert offered(town, has=newer) == (newer + 1, 1), "once is enough"
    assert offered(town, has=newer + 1) is None


def test_a_venue_that_leaves_a_group_is_told_what_its_boxes_may_be_fetching_is_over(town: Hub) -> None:
    """They have not said yet that they have it, and may hear of it by a stick."""
    publish(town, Target.VENUE, BAR)
    newer = publish(town, Target.GROUP, "bars", version=2)
    with changing(town) as connection:
        places.put_into_groups(connection, BAR, [])
        publishing.regrouped(connection, BAR, town.now(), "anna")
        publishing.regrouped(connection, BAR, town.now(), "anna")
    assert offered(town, has=0) == (newer + 1, 1)


def test_a_database_that_was_restored_counts_on_from_what_boxes_have(town: Hub) -> None:
    """By itself, for each box that is heard of; and what is published after that is higher still."""
    add_box(town, OTHER)
    publish(town, Target.GROUP, "bars")
    assert offered(town, has=700) == (701, 1)
    assert offered(town, has=650, box=OTHER) == (702, 1)
    assert publish(town, Target.GROUP, "bars", version=2) == 703
    assert offered(town, has=701) == (703, 2)


def test_two_boxes_that_are_ahead_alike_get_a_number_each(town: Hub) -> None:
    """In one transaction, as heartbeats come."""
    add_box(town, OTHER)
    publish(town, Target.GROUP, "bars")
    with changing(town) as connection:
        heads = publishing.heads_for(connection, {BOX: 700, OTHER: 700}, town.now())
    assert sorted(head.revision for head in heads.values()) == [701, 702]


def test_a_revision_that_cannot_be_is_not_believed(town: Hub, caplog: pytest.LogCaptureFixture) -> None:
    """A box that has gone wild does not use up the numbers of all."""
    there = publish(town, Target.GROUP, "bars")
    assert offered(town, has=there + MOST_AHEAD + 1) == (there, 1)
    assert "which cannot be" in caplog.text


def test_a_box_that_is_unpaired_and_claimed_elsewhere_plays_what_is_in_force_there(town: Hub) -> None:
    """And not what was published for the box itself where it was before."""
    there = publish(town, Target.VENUE, "hotel")
    own = publish(town, Target.BOX, BOX, version=2)
    with changing(town) as connection:
        boxes.unpair(connection, BOX)
    add_box(town, BOX, "hotel")
    assert offered(town, has=0) == (there, 1)
    assert offered(town, has=own) == (own + 1, 1)


def test_the_number_of_a_publication_never_comes_again(town: Hub) -> None:
    """Also where the venue is gone that it was for: a box that has it would take the next one for that."""
    number = publish(town, Target.VENUE, "hotel")
    in_zone = publish(town, Target.ZONE, "hotel/main")
    with changing(town) as connection:
        places.delete_venue(connection, "hotel")
    assert publish(town, Target.VENUE, BAR) > in_zone > number


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Target.GROUP, "bars"),
        (Target.VENUE, BAR),
        (Target.ZONE, f"{BAR}/main"),
        (Target.ZONE, f"{BAR}/terrace"),
        (Target.BOX, BOX),
    ],
)
def test_what_gets_the_name_of_what_is_gone_does_not_get_its_program(
    town: Hub, target: Target, name: str
) -> None:
    """And what was published for it keeps no program, and no track, from being deleted."""
    with changing(town) as connection:
        places.add_zone(connection, BAR, "terrace", "Terrace")
        connection.execute(pulses.update().values(revision=0))
    publish(town, target, name)
    with changing(town) as connection:
        assert uses.program_uses(connection, "p") != ()
        take_all_away(connection)
        assert uses.program_uses(connection, "p") == ()
    add_venue(town)
    add_box(town)
    with changing(town) as connection:
        places.add_zone(connection, BAR, "terrace", "Terrace")
        boxes.change(connection, BOX, {"zone": "terrace"} if name.endswith("terrace") else {"name": "b"})
        assert uses.program_uses(connection, "p") == ()
    assert offered(town, has=0) is None


def test_a_zone_that_gets_the_name_of_one_that_is_gone_does_not_get_its_program(town: Hub) -> None:
    """Its venue has stayed meanwhile, and so has the box."""
    with changing(town) as connection:
        places.add_zone(connection, BAR, "terrace", "Terrace")
    publish(town, Target.ZONE, f"{BAR}/terrace")
    with changing(town) as connection:
        places.delete_zone(connection, BAR, "terrace")
        places.add_zone(connection, BAR, "terrace", "Terrace")
        boxes.change(connection, BOX, {"zone": "terrace"})
    assert offered(town, has=0) is None


def take_all_away(connection: Connection) -> None:
    """Take away a box, its venue zone by zone, and its group."""
    boxes.unpair(connection, BOX)
    places.delete_zone(connection, BAR, "terrace")
    places.delete_venue(connection, BAR)
    places.delete_group(connection, "bars")


def test_what_was_published_for_a_box_where_it_was_before_keeps_nothing(town: Hub) -> None:
    """It is in force nowhere."""
    publish(town, Target.BOX, BOX)
    with changing(town) as connection:
        boxes.change(connection, BOX, {"venue": "hotel"})
        publishing.moved(connection, BOX, town.now(), "anna")
        assert uses.program_uses(connection, "p") == ()
