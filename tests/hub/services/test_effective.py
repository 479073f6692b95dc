"""What is in force for many boxes at once is what is in force for each of them."""

import random

import pytest

from easyplayer.hub.content_views import Target
from easyplayer.hub.db.schema import boxes, program_versions, programs, publications, venue_groups, zones
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import effective
from tests.hub.contents import NOW, add_box, add_venue

pytestmark = pytest.mark.slow

VENUES = {"bar": "bars", "hotel": "hotels", "cellar": "bars"}
TARGETS = [
    *((Target.GROUP, group) for group in ("bars", "hotels", "late")),
    *((Target.VENUE, venue) for venue in VENUES),
    *((Target.ZONE, f"{venue}/{zone}") for venue in VENUES for zone in ("main", "terrace")),
    *((Target.BOX, f"{number:016x}") for number in range(6)),
]


@pytest.fixture(name="town")
def _town(hub: Hub) -> Hub:
    """Give a hub with venues in groups, boxes in their zones, and two versions of a program."""
    for venue, group in VENUES.items():
        add_venue(hub, venue, group)
    with hub.database.write() as connection:
        for venue in VENUES:
            connection.execute(zones.insert().values(venue=venue, id="terrace", name="Terrace"))
        connection.execute(venue_groups.insert().values(venue="cellar", group="hotels"))
        connection.execute(programs.insert().values(id="p", name="P", draft="{}", version=2, revised=NOW))
        for version in (1, 2):
            made = {"version": version, "digest": str(version) * 64, "body": b"x" * version}
            connection.execute(program_versions.insert().values(program="p", created=NOW, by="", **made))
    for number in range(6):
        add_box(hub, f"{number:016x}", [*VENUES][number % 3], "main" if number < 3 else "terrace")
    return hub


def publish(hub: Hub, target: Target, name: str, program: str = "p", version: int = 1) -> int:
    """Note that something is published; gives its number."""
    values = {"program": program, "version": version, "target": target.value, "target_id": name}
    with hub.database.write() as connection:
        made = publications.insert().values(created=NOW, by="", **values).returning(publications.c.id)
        return int(connection.execute(made).scalar_one())


def one_by_one(hub: Hub) -> dict[str, int]:
    """Tell what is in force for each box, each asked by itself."""
    found = {}
    with hub.database.read() as connection:
        for box in connection.execute(boxes.select()).mappings():
            row = effective.in_force(connection, effective.for_box(connection, box))
            if row is not None:
                found[box["id"]] = row["id"]
    return found


def all_at_once(hub: Hub) -> dict[str, int]:
    """Tell what is in force for each box, all asked at once."""
    with hub.database.read() as connection:
        return effective.newest(connection, connection.scalars(boxes.select()).all())


@pytest.mark.parametrize("seed", range(4))
def test_many_boxes_are_told_what_each_would_be(
    town: Hub, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was published for whom, moved boxes and programs that are gone among it."""
    chance = random.Random(seed)
    monkeypatch.setattr(effective, "AT_ONCE", 4)

    for _ in range(12):
        number = publish(town, *chance.choice(TARGETS), program=chance.choice(["p", "p", "gone"]))
        if chance.random() < 0.3:
            with town.database.write() as connection:
                moved = f"{chance.randrange(6):016x}"
                connection.execute(boxes.update().where(boxes.c.id == moved).values(moved=number))
        assert all_at_once(town) == one_by_one(town)


def test_nothing_is_in_force_where_nothing_was_published(town: Hub) -> None:
    """Such a box is left out."""
    assert all_at_once(town) == {}

    publish(town, Target.VENUE, "hotel")

    assert sorted(all_at_once(town)) == [f"{1:016x}", f"{4:016x}"]


def test_publications_are_described_by_number(town: Hub) -> None:
    """With what a head needs; one whose program is gone is not there."""
    old, new = (publish(town, Target.GROUP, "bars", version=version) for version in (1, 2))
    gone = publish(town, Target.GROUP, "bars", program="gone")

    with town.database.read() as connection:
        found = effective.described(connection, [new, old, old, gone])

    told = {number: (row["name"], row["version"], row["size"]) for number, row in found.items()}
    assert told == {old: ("P", 1, 1), new: ("P", 2, 2)}
