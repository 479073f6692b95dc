"""Where a user may put boxes."""

from sqlalchemy import Connection

from easyplayer.hub.db.database import Database
from easyplayer.hub.services import places
from easyplayer.hub.services.access import ALL, Caller, Role
from easyplayer.hub.services.spots import Spot, spots
from tests.hub.conftest import NOON


def listed(database: Database, **grants: Role) -> list[tuple[str, str, str]]:
    """Give group, venue and zone of each place of a user."""
    held = {ALL if name == "everywhere" else name: role for name, role in grants.items()}
    with database.write() as connection:
        if not places.group_list(connection, Caller(user="admin", grants={ALL: Role.ADMIN})):
            _build(connection)
        found = spots(connection, Caller(user="olga", grants=held))
    return [(one.group, one.venue, one.zone) for one in found]


def _build(connection: Connection) -> None:
    """Have three venues: one in two groups, one in one, one in none."""
    for group, name in (("a-region", "West"), ("bars", "Bars"), ("hotels", "Hotels")):
        places.add_group(connection, group, name)
    inside = {"zebra": ["a-region", "bars"], "inn": ["hotels"], "loose": []}
    for venue, named in inside.items():
        places.add_venue(connection, venue, title=venue, time_zone="Europe/Paris", inside=named, now=NOON)
    places.add_zone(connection, "zebra", "bar", "Bar")


def test_an_operator_of_all_groups_has_every_zone(database: Database) -> None:
    """By group, venue and zone, the zone ``main`` first; each once."""
    assert listed(database, everywhere=Role.OPERATOR) == [
        ("", "loose", "main"),
        ("Hotels", "inn", "main"),
        ("West", "zebra", "main"),
        ("West", "zebra", "bar"),
    ]


def test_a_venue_stands_under_a_group_by_which_the_user_may(database: Database) -> None:
    """Nobody is told of the others."""
    assert listed(database, bars=Role.OPERATOR) == [("Bars", "zebra", "main"), ("Bars", "zebra", "bar")]
    mixed = {"a_region": Role.VIEWER, "hotels": Role.ADMIN, "bars": Role.PROGRAMMER}
    assert listed(database, **mixed) == [("Hotels", "inn", "main")]


def test_who_is_operator_nowhere_has_no_place(database: Database) -> None:
    """Seeing is not enough."""
    assert listed(database, everywhere=Role.PROGRAMMER, bars=Role.VIEWER) == []
    assert listed(database) == []


def test_a_place_has_the_names_that_people_know(database: Database) -> None:
    """Of the venue and of the zone."""
    listed(database)
    with database.read() as connection:
        found = spots(connection, Caller(user="olga", grants={"bars": Role.OPERATOR}))
    assert found[1] == Spot(venue="zebra", venue_name="zebra", zone="bar", zone_name="Bar", group="Bars")
