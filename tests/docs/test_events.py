"""The table of events: complete, and true to who fires them and with what."""

import inspect
import re

import pytest

from easyplayer import events
from tests.docs.pages import tables, text
from tests.test_events import HANDS, firing

ROWS = tables.event_rows()


def test_the_page_has_the_table_and_the_table_every_event() -> None:
    """An event that is written into the module is in the table, in the same order."""
    of_the_module = [
        name
        for module in tables.EVENT_MODULES
        for name, thing in vars(module).items()
        if inspect.isclass(thing) and issubclass(thing, events.BoxEvent) and thing is not events.BoxEvent
    ]
    assert [row.name for row in ROWS] == of_the_module
    assert "{events-table}" in text("reference/events.md")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_event_tells_what_it_means_and_all_it_carries(row) -> None:
    """Each argument of the constructor stands in the docstring, and no other."""
    event = next(vars(home)[row.name] for home in tables.EVENT_MODULES if row.name in vars(home))
    parameters = list(inspect.signature(event.__init__).parameters)[1:]
    carries = [] if parameters == ["args", "kwargs"] else parameters
    assert row.meaning
    assert [one.name for one in row.arguments] == carries


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_who_is_said_to_fire_an_event_does(row) -> None:
    """The module of each part that is named makes the event; one that nobody makes is for a person."""
    named = [part for part in tables.components() if re.search(rf"\b{part.__name__}\b", row.fired)]
    for part in named:
        of_its_family = {kind.__module__ for kind in part.__mro__}
        of_its_family |= {
            module
            for module in firing(row.name)
            if f"{module}.".startswith(tuple(f"{hand}." for hand in hands(part)))
        }
        assert of_its_family & firing(row.name), f"{part.__name__} does not fire {row.name}"
    assert firing(row.name) or "for a person" in row.fired


def hands(part) -> tuple[str, ...]:
    """Name the modules, or the package, in which a part's work is done."""
    return HANDS.get(part.__name__, ())
