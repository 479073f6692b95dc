"""The walls of the house stand: who may import whom, who may touch the world, and how parts are built.

The rules are those of the architecture's table.  They are read off the source without importing it,
so that a late import within a function counts like any other.
"""

import ast
import configparser
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from typing import NamedTuple

import pytest
from circuits import BaseComponent

from tests.package_source import PACKAGE, TREES, found

ROOT, COMMANDS = "root", "cli"
BASES = {"units", "errors", "fade", "guard"}
"""Root modules on which everything else stands; each is a room of its own."""

MAY_IMPORT: dict[str, set[str]] = {
    "units": set(),
    "errors": set(),
    "fade": {"units"},
    "guard": {"units"},
    "playout": {"units", "errors", "fade"},
    "protocol": {"units", "errors", "fade"},
    "analysis": {"units", "errors"},
    "drivers": {"units", "errors", "fade", "guard", "protocol", "engineio", "engineio.core"},
    "crafts": {
        "component",
        "ticker",
        "events",
        "hub_events",
        "storage_events",
        "player_events",
        "screen_events",
        "screen_view",
        "log",
        "herald",
        "playout",
        "protocol",
        "drivers",
        "units",
        "errors",
    },
    "appliance": {"units", "errors", "settings", "layers"},
    "overlay": set(),
    "engineio": {"engineio.core"},
    "engineio.core": set(),
    "circus": {
        *("units", "errors", "guard", "settings"),
        *("drivers.guard_file", "drivers.system_hands", "drivers.wall_clock"),
    },
    "hub": {
        *("playout", "protocol", "analysis", "engineio", "engineio.core"),
        *("units", "errors", "log_lines", "easyplayer"),
    },
}
"""What each room may import from the others; the root's modules and the commands have rules below."""

LIBRARIES = {
    "alembic": {"hub"},
    "anyio": {"hub"},
    "argon2": {"hub"},
    "asyncpg": {"hub"},
    "circuits": {ROOT, COMMANDS, "console", "crafts"},
    "circus": {"circus"},
    "cryptography": {"protocol"},
    "h11": {"drivers", "engineio", "hub"},
    "httptools": {"engineio"},
    "icalendar": {"icalendars", "icalendar_export"},
    "recurring_ical_events": {"icalendars"},
    "msgspec": {
        *(
            "fade",
            "guard",
            "circus",
            ROOT,
            COMMANDS,
            "playout",
            "protocol",
            "analysis",
            "drivers",
            "crafts",
            "hub",
        ),
        *("engineio", "engineio.core", "appliance", "overlay"),
    },
    "mpv": {"drivers"},
    "mutagen": {"analysis"},
    "nats": {"hub"},
    "obstore": {"hub"},
    "pasimple": {"drivers"},
    "prometheus_client": {"hub"},
    "psutil": {"drivers"},
    "pulsectl": {"drivers"},
    "pyrage": {"drivers", "hub"},
    "pyudev": {"drivers"},
    "requests": {"drivers"},
    "rich": {COMMANDS, "hub"},
    "sdnotify": {"pulse", "circus"},
    "segno": {"overlay"},
    "sqlalchemy": {"hub"},
    "starlette": {"hub"},
    "tzdata": {"playout"},
    "urllib3": {"drivers"},
    "uvicorn": {"hub", "engineio"},
    "uvloop": {"hub"},
}
"""In which rooms, or in which module alone, each library may be imported."""

PURE = ("units", "errors", "fade", "guard", "playout", "protocol", "engineio.core", "appliance", "overlay")
PURE_MODULES = {
    "abc", "array", "base64", "binascii", "bisect", "codecs", "collections", "collections.abc",
    "datetime", "difflib", "enum", "functools", "hashlib", "heapq", "ipaddress", "itertools", "json", "math",
    "operator", "pathlib", "random", "re", "statistics", "textwrap", "tomllib", "types", "typing",
    "unicodedata", "urllib.parse", "xml.etree", "zlib", "zoneinfo",
}  # fmt: skip
"""The parts of the standard library that neither read a clock nor touch the world."""
PURE_NAMES = {
    "hashlib": {"sha1", "sha256"},
    "json": {"JSONDecodeError", "dumps", "loads"},
    "pathlib": {"PurePath", "PurePosixPath"},
    "random": {"Random"},
}
"""Of these modules only what does neither."""
IMPURE_CALLS = {
    "open",
    "print",
    "input",
    "now",
    "today",
    "utcnow",
    "fromtimestamp",
    "read_text",
    "write_text",
}

SHARED_PARTS = {"component", "ticker"}
"""What every part stands on."""
BUILDERS = {"core", "ground", "hub_parts", "screen_parts", "keeping", "wishes", "hub_wishes", COMMANDS}
"""Who sees the parts; all others meet them in events."""
ENGINES = {"mpv_deck", "mpv_screen", "pulse_server", "private_server", "udev_watch"}
"""Drivers that bring a real engine; the box is handed them, and a test hands it others."""
BASES_OF_PARTS = ("app", "changeover", "log_keeping", "picture_player", "player", "recovery", "yielding")
"""What parts are built on, and the root of them all."""
WAITING_IS_FINE = {"drivers", COMMANDS, "hub", "engineio"}
"""The hub waits in its event loop, and in threads that are there for that."""
LATER = {"Component", "Timer", "Worker", "task", "sleep"}
"""What circuits has and the box does not use; the architecture says why."""


class Import(NamedTuple):
    """One name that a module imports.

    :ivar module: the module it is taken from; of ours, the module it is itself, if it is one.
    :ivar name: the name, or the empty string where the module as a whole is imported.
    """

    place: str
    room: str
    importer: str
    module: str
    name: str

    @property
    def library(self) -> str:
        """The top of the module's name."""
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.place} imports {f'{self.name} from ' if self.name else ''}{self.module}"


@cache
def room_of(module: str) -> str:
    """Tell in which room of the house a module is."""
    first = module.removeprefix("easyplayer").removeprefix(".").partition(".")[0]
    if f"{module}.".startswith("easyplayer.engineio.core."):
        return "engineio.core"
    is_package = bool(first) and (PACKAGE / first).is_dir()
    return first if is_package or first in BASES else ROOT


def imports_of(module: str, node: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    """Tell everything that a statement in a module imports."""
    place, room = f"{module}:{node.lineno}", room_of(module)
    for alias in node.names:
        if isinstance(node, ast.Import):
            yield Import(place, room, module, alias.name, "")
            continue
        source = node.module or ""
        inner = f"{source}.{alias.name}"
        yield Import(place, room, module, *((inner, "") if inner in TREES else (source, alias.name)))


@cache
def imports() -> tuple[Import, ...]:
    """Find everything that is imported, early or late."""
    statements = (*found(ast.Import), *found(ast.ImportFrom))
    return tuple(one for module, node in statements for one in imports_of(module, node))


@cache
def ours() -> tuple[Import, ...]:
    """Find what is imported of the package itself."""
    return tuple(one for one in imports() if one.library == "easyplayer")


def classes() -> dict[str, tuple[str, ast.ClassDef]]:
    """Give the module and the definition of each class of the package."""
    return {node.name: (module, node) for module, node in found(ast.ClassDef)}


def parts() -> dict[str, tuple[str, ast.ClassDef]]:
    """Give the classes that are parts of the box: all that are built on the base of parts."""
    known, found = classes(), {"BoxComponent"}
    while True:
        more = {
            name for name, (_, node) in known.items() if found & {ast.unparse(base) for base in node.bases}
        }
        if more <= found:
            return {name: known[name] for name in found}
        found |= more


PARTS = parts()
PART_MODULES = {module for module, _ in PARTS.values() if room_of(module) == ROOT} - {
    f"easyplayer.{name}" for name in SHARED_PARTS
}


def calls(names: set[str]) -> Iterator[tuple[str, str]]:
    """Give each call of a function with such a last name: the module, and the line in words."""
    for module, node in found(ast.Call):
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if last in names:
            yield module, f"{module}:{node.lineno} calls {ast.unparse(node.func)}"


class TestReader:
    """The reader that the rules rely on."""

    def test_the_whole_house_is_read(self) -> None:
        """If the reader went blind, all rules would hold for nothing."""
        assert {"easyplayer", "easyplayer.core", "easyplayer.playout", "easyplayer.cli.run"} <= set(TREES)
        assert {"App", "AudioPlayer", "MediaPlayer", "Scheduler", "NowPlaying"} <= set(PARTS)
        assert "easyplayer.audio" in PART_MODULES

    def test_every_kind_of_import_is_seen(self) -> None:
        """Of a library, of a module, of a name in it; at the top, or late in a function."""
        source = (
            "import os.path\nfrom easyplayer import units, __version__\n"
            "def late():\n    from easyplayer.drivers.deck import Deck as D\n"
        )
        statements = [
            one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Import | ast.ImportFrom)
        ]
        assert [
            (one.place, one.module, one.name)
            for statement in statements
            for one in imports_of("easyplayer.x", statement)
        ] == [
            ("easyplayer.x:1", "os.path", ""),
            ("easyplayer.x:2", "easyplayer.units", ""),
            ("easyplayer.x:2", "easyplayer", "__version__"),
            ("easyplayer.x:4", "easyplayer.drivers.deck", "Deck"),
        ]

    @pytest.mark.parametrize(
        ("module", "room"),
        [
            ("easyplayer", ROOT),
            ("easyplayer.core", ROOT),
            ("easyplayer.units", "units"),
            ("easyplayer.playout", "playout"),
            ("easyplayer.playout.machine", "playout"),
            ("easyplayer.cli.run", COMMANDS),
            ("easyplayer.engineio", "engineio"),
            ("easyplayer.engineio.core", "engineio.core"),
            ("easyplayer.engineio.core.engine", "engineio.core"),
        ],
    )
    def test_every_module_has_its_room(self, module: str, room: str) -> None:
        """A package and its modules are one room."""
        assert room_of(module) == room


class TestRooms:
    """Who may import whom."""

    def test_every_room_has_a_rule(self) -> None:
        """A new package is thought about before it is built."""
        assert {room_of(module) for module in TREES} <= {*MAY_IMPORT, ROOT, COMMANDS}

    @pytest.mark.parametrize("room", MAY_IMPORT)
    def test_a_room_imports_only_what_it_may(self, room: str) -> None:
        """The table of the architecture, row by row."""
        allowed = MAY_IMPORT[room] | {room}
        assert [
            str(one)
            for one in ours()
            if one.room == room
            and room_of(one.module) not in allowed
            and one.module.removeprefix("easyplayer.") not in allowed
        ] == []

    def test_nothing_stands_on_the_commands(self) -> None:
        """Only the way in and the log, which shares their terminal, know of them."""
        of_commands = [one for one in ours() if room_of(one.module) == COMMANDS]
        known_to = {one.importer for one in of_commands if one.room != COMMANDS}
        assert known_to <= {"easyplayer.main", "easyplayer.log"}

    def test_no_module_leads_back_to_itself(self) -> None:
        """Each can be read, and tested, on top of those that it imports."""
        graph = TopologicalSorter({module: set() for module in TREES})
        for one in ours():
            if one.module != "easyplayer":
                graph.add(one.importer, one.module)
        assert len([*graph.static_order()]) >= len(TREES)


class TestLibraries:
    """Where each library is walled in."""

    def test_every_library_stays_within_its_walls(self) -> None:
        """A library that is not in the list is thought about before it is used."""
        assert [
            str(one)
            for one in imports()
            if one.library not in {*sys.stdlib_module_names, "easyplayer"}
            and not {one.room, one.importer.removeprefix("easyplayer.")} & LIBRARIES.get(one.library, set())
        ] == []

    def test_every_library_is_declared(self) -> None:
        """What is imported is installed with the package."""
        setup = configparser.ConfigParser()
        setup.read(PACKAGE.parent / "setup.cfg", encoding="utf-8")
        extras = setup["options.extras_require"]
        lines = [*setup["options"]["install_requires"].split("\n"), *extras["hub"].split("\n")]
        declared = {re.split(r"[ <>=~\[]", line)[0].removeprefix("python-") for line in lines}
        declared = {name.removesuffix("-cffi").removesuffix("-py").replace("-", "_") for name in declared}
        used = {one.library for one in imports()} - set(sys.stdlib_module_names) - {"easyplayer"}
        assert used <= declared

    def test_only_what_is_wanted_of_circuits_is_used(self) -> None:
        """Its timers drift, its workers poll, and its other base makes a handler of every method."""
        assert [str(one) for one in imports() if one.library == "circuits" and one.name in LATER] == []
        assert [str(one) for one in imports() if one.library == "circuits" and not one.name] == []

    def test_the_engines_are_chosen_on_the_command_line(self) -> None:
        """Nothing else in the box knows which player and which sound server it has."""
        drivers = {f"easyplayer.drivers.{name}" for name in ENGINES}
        assert drivers <= set(TREES)
        assert [
            str(one) for one in ours() if one.module in drivers and one.room not in {COMMANDS, "drivers"}
        ] == []


class TestPurity:
    """The rooms in which things are decided, and nothing is done."""

    @pytest.mark.parametrize("room", PURE)
    def test_pure_rooms_import_nothing_that_acts(self, room: str) -> None:
        """No clock, no file, no thread, no log, no chance but a seed that is handed in."""
        assert [
            str(one)
            for one in imports()
            if one.room == room
            and one.library in sys.stdlib_module_names
            and (one.module not in PURE_MODULES or one.name not in PURE_NAMES.get(one.module, {one.name}))
        ] == []

    @pytest.mark.parametrize("room", PURE)
    def test_pure_rooms_call_nothing_that_acts(self, room: str) -> None:
        """Nor the time of day, nor a file, by way of what may be imported."""
        assert [call for module, call in calls(IMPURE_CALLS) if room_of(module) == room] == []

    def test_nothing_waits_but_drivers_and_commands(self) -> None:
        """A loop that sleeps is a box that hangs."""
        assert [call for module, call in calls({"sleep"}) if room_of(module) not in WAITING_IS_FINE] == []


class TestParts:
    """How the parts of the box are built."""

    def test_parts_meet_in_events(self) -> None:
        """None imports another; the audio player is built on what all players share."""
        seen = {
            (one.importer, one.module)
            for one in ours()
            if one.module in PART_MODULES
            and one.room != COMMANDS
            and one.importer.removeprefix("easyplayer.") not in BUILDERS
        }
        assert seen <= {
            ("easyplayer.audio", "easyplayer.changeover"),
            ("easyplayer.audio", "easyplayer.player"),
            ("easyplayer.audio", "easyplayer.recovery"),
            ("easyplayer.audio", "easyplayer.yielding"),
            ("easyplayer.changeover", "easyplayer.player"),
            ("easyplayer.changeover", "easyplayer.recovery"),
            ("easyplayer.ledger", "easyplayer.log_keeping"),
            ("easyplayer.picture_player", "easyplayer.player"),
            ("easyplayer.recovery", "easyplayer.player"),
            ("easyplayer.video", "easyplayer.picture_player"),
            ("easyplayer.yielding", "easyplayer.changeover"),
            ("easyplayer.yielding", "easyplayer.recovery"),
        }

    def test_commands_take_data_from_parts_and_leave_building_to_the_application(self) -> None:
        """They may know what a part tells, and who wants a box asks for one."""
        assert [
            str(one)
            for one in ours()
            if one.room == COMMANDS
            and one.name in PARTS
            and one.name != "BoxComponent"
            and room_of(one.module) == ROOT
        ] == []

    def test_the_application_knows_every_part(self) -> None:
        """Who reads the one module, and the one for boxes with a hub, sees the whole tree."""
        builders = {"easyplayer.core", "easyplayer.hub_parts", "easyplayer.screen_parts"}
        known = {one.module for one in ours() if one.importer in builders}
        bases = {f"easyplayer.{name}" for name in BASES_OF_PARTS}
        assert known | bases >= PART_MODULES

    def test_failures_are_handled_in_one_place(self) -> None:
        """A second handler would count them twice, and the circuits' own would hide them."""
        handlers = [
            f"{module}:{line}"
            for module, node in found(ast.FunctionDef)
            for mark in node.decorator_list
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "handler"
            for line in [node.lineno]
            if any(ast.literal_eval(name) == "exception" for name in mark.args)
        ]
        assert len(handlers) == 1, handlers
        assert handlers[0].startswith("easyplayer.app:")

    @pytest.mark.parametrize("name", sorted(set(PARTS) - {"BoxComponent"}))
    def test_a_part_takes_no_name_from_circuits(self, name: str) -> None:
        """An attribute that the loop uses itself would break it, far from where it was set."""
        theirs = {one for one in {*dir(BaseComponent), *vars(BaseComponent())} if not one.startswith("__")}
        _, node = PARTS[name]
        methods = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
        attributes = {
            one.attr
            for one in ast.walk(node)
            if isinstance(one, ast.Attribute)
            and isinstance(one.ctx, ast.Store)
            and ast.unparse(one.value) == "self"
        }
        assert not theirs & (methods | attributes)
