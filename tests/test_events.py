"""What the parts of the box say to each other is documented, said by somebody, and understood."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from circuits.core import events as circuits_events
from circuits.core.events import Event

from easyplayer import device_events, events, hub_events, player_events, screen_events, storage_events
from easyplayer.events import BoxEvent
from tests.package_source import TREES, found

MODULES_OF_EVENTS = (events, player_events, hub_events, storage_events, device_events, screen_events)

EVENTS: dict[str, type[BoxEvent]] = {
    name: kind
    for module in MODULES_OF_EVENTS
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, BoxEvent) and kind is not BoxEvent
}
HOMES = {module.__name__: Path(module.__file__) for module in MODULES_OF_EVENTS}
MODULES = [name for name in TREES if name not in HOMES]
"""All modules of the package but those that define the events."""
CIRCUITS = {"started": 1, "signal": 2, "exception": 5, "generate_events": 0}
"""The events of circuits that the box answers to, and how many arguments each has."""

FOR_THE_RECORD = {"sound_noticed", "state_kept"}
"""Facts that no part acts on: tests wait for them."""

every_event = pytest.mark.parametrize("name", EVENTS)


class Handler(NamedTuple):
    """A method that is marked as a handler, as it stands in the source."""

    place: str
    event: str
    fewest: int
    most: float


def handlers() -> Iterator[Handler]:
    """Find every handler in the package, once for each event that it is marked with."""
    for module, function in found(ast.FunctionDef):
        for mark in function.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "handler":
                for name in mark.args:
                    yield understood(f"{module}.{function.name}", ast.literal_eval(name), function)


def understood(place: str, event: str, function: ast.FunctionDef) -> Handler:
    """Tell how many arguments a handler takes; itself and the event as such do not count."""
    names = [argument.arg for argument in function.args.args]
    given = len(names) - (2 if names[1:2] == ["event"] else 1)
    most = float("inf") if function.args.vararg else given + len(function.args.kwonlyargs)
    return Handler(place, event, given - len(function.args.defaults), most)


HANDLERS = list(handlers())


HANDS = {
    "DownloadManager": ("easyplayer.fetch_jobs",),
    "Porter": ("easyplayer.stick_visit", "easyplayer.unloading"),
    "Timekeeper": ("easyplayer.state_keeping",),
    "Tracker": ("easyplayer.state_keeping",),
    "Workshop": ("easyplayer.crafts",),
}
"""The modules, or the package, in which the work of a part is done."""


@cache
def makers() -> dict[str, set[str]]:
    """Find the modules that call each name."""
    calling: dict[str, set[str]] = {}
    for module, node in found(ast.Call):
        if isinstance(node.func, ast.Name) and module not in HOMES:
            calling.setdefault(node.func.id, set()).add(module)
    return calling


def firing(name: str) -> set[str]:
    """Name the modules that make an event."""
    return makers().get(name, set())


def home(part: str) -> set[str]:
    """Name the modules of a part and of those that it is built on."""
    for module in MODULES:
        if "." not in module.removeprefix("easyplayer.").removeprefix("cli."):
            kind = getattr(importlib.import_module(module), part, None)
            if kind is not None and kind.__module__ == module:
                hands = HANDS.get(part, ())
                return {base.__module__ for base in kind.__mro__} | {
                    one for one in MODULES if f"{one}.".startswith(tuple(f"{hand}." for hand in hands))
                }
    raise AssertionError(f"no module has a {part}")


def about(name: str) -> str:
    """Give the documentation of an event up to its arguments, on one line."""
    return " ".join((EVENTS[name].__doc__ or "").partition(":param")[0].split())


def arguments(name: str) -> dict[str, Any]:
    """Make one distinct argument for each that an event is made with."""
    kind = EVENTS[name]
    if "__init__" not in vars(kind):
        return {}
    return {argument: object() for argument in list(inspect.signature(kind).parameters)}


class TestDocumentation:
    """Every event says what it means."""

    @every_event
    def test_every_event_is_documented(self, name: str) -> None:
        """A sentence of its own, not that of the base."""
        assert "__doc__" in vars(EVENTS[name])
        assert about(name).endswith(".")

    @every_event
    def test_every_argument_is_documented(self, name: str) -> None:
        """All that an event carries is told in its order, and nothing that it does not carry."""
        assert re.findall(r":param (\w+): \S", EVENTS[name].__doc__ or "") == list(arguments(name))

    @every_event
    def test_every_event_tells_who_fires_it(self, name: str) -> None:
        """By a part, from a thread, or for a person."""
        assert re.search(r"\b[Ff]ired (by|from|for) ", about(name))

    @every_event
    def test_who_is_said_to_fire_it_does(self, name: str) -> None:
        """Every part that is named makes the event, and no part makes it that is not named."""
        named = [home(part) for part in re.findall(r"\bby (?:the )?([A-Z]\w+)", about(name))]
        made_in = firing(name)
        for modules_of_part in named:
            assert made_in & modules_of_part
        if named:
            assert made_in <= set().union(*named)


class TestNames:
    """circuits finds handlers by the name of an event's class."""

    def test_every_name_is_used_once(self) -> None:
        """A second class of the same name would silently take the place of the first."""
        names = [node.name for home in HOMES for node in TREES[home].body if isinstance(node, ast.ClassDef)]
        assert sorted(names) == sorted({*EVENTS, "BoxEvent"})

    def test_no_name_is_one_of_circuits(self) -> None:
        """An event of ours does not wake the handlers of the loop itself."""
        theirs = {
            name
            for name, kind in vars(circuits_events).items()
            if isinstance(kind, type) and issubclass(kind, Event)
        }
        assert not theirs & set(EVENTS)

    def test_there_are_no_events_elsewhere(self) -> None:
        """Who reads these two modules has read them all."""
        elsewhere = [
            f"{module}: {node.name}"
            for module, node in found(ast.ClassDef)
            if module not in HOMES and {"Event", "BoxEvent"} & {*map(ast.unparse, node.bases)}
        ]
        assert elsewhere == []

    @every_event
    def test_a_name_is_written_like_a_verb(self, name: str) -> None:
        """Small letters, and more than one word: what is done, and to what."""
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", name)


class TestEvents:
    """The events themselves."""

    @every_event
    def test_an_event_carries_its_arguments_in_their_order(self, name: str) -> None:
        """A handler takes them as they are documented, by position."""
        given = arguments(name)
        event = EVENTS[name](**given)
        assert event.args == list(given.values())
        assert event.kwargs == {}

    @every_event
    def test_an_event_reaches_every_part(self, name: str) -> None:
        """It goes to the one channel that all share, under its own name."""
        event = EVENTS[name](**arguments(name))
        assert (event.name, event.channels) == (name, ("*",))


class TestTraffic:
    """Who says what, and who hears it."""

    @every_event
    def test_every_event_is_fired(self, name: str) -> None:
        """By a part of the box, or else by what speaks for a person."""
        assert firing(name) or "fired for a person" in about(name)

    @every_event
    def test_every_event_is_heard(self, name: str) -> None:
        """By a part of the box, unless it is known that none needs to act on it."""
        heard = any(handler.event == name for handler in HANDLERS)
        assert heard is not (name in FOR_THE_RECORD)

    @pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: f"{handler.place}-{handler.event}")
    def test_every_handler_waits_for_an_event_that_there_is(self, handler: Handler) -> None:
        """A name that is mistyped would never be heard, and nothing would tell."""
        assert handler.event in {*EVENTS, *CIRCUITS}

    @pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: f"{handler.place}-{handler.event}")
    def test_every_handler_takes_what_its_event_carries(self, handler: Handler) -> None:
        """One argument more or less would fail at the worst time, when it happens."""
        carried = CIRCUITS[handler.event] if handler.event in CIRCUITS else len(arguments(handler.event))
        assert handler.fewest <= carried <= handler.most

    def test_there_is_traffic_to_be_looked_at(self) -> None:
        """If the reader of handlers went blind, the tests above would hold for nothing."""
        assert len(HANDLERS) >= len(EVENTS)
        assert {"started", "signal", "exception", "generate_events"} <= {one.event for one in HANDLERS}
