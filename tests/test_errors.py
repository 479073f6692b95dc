"""The tree of errors is the one that is drawn, and what scripts rely on does not move."""

import os
import re
from collections.abc import Iterator

import pytest

from easyplayer import errors
from easyplayer.errors import EasyplayerError, ProgramError, SettingsError

Kind = type[EasyplayerError]

PROMISED = {
    "easyplayer": 70,
    "settings.bad": 78,
    "program.bad": 65,
    "media.unplayable": 66,
    "media.bad-playlist": 66,
    "analysis.failed": 70,
    "sound.failed": 69,
    "sound.no-server": 69,
    "state.unwritable": 73,
    "state.full": 73,
    "state.read-only": 73,
    "state.failing": 73,
    "state.busy": 73,
    "device.failed": 74,
    "box.failed": 70,
    "box.busy": 75,
    "box.silent": 69,
    "protocol.bad": 76,
    "protocol.signature": 76,
    "protocol.bundle": 76,
    "link.failed": 69,
    "link.refused": 69,
    "link.unpaired": 69,
    "link.certificate": 69,
    "hub.failed": 70,
    "hub.bad-request": 65,
    "hub.unauthenticated": 77,
    "hub.forbidden": 77,
    "hub.not-found": 66,
    "hub.conflict": 65,
    "hub.too-large": 65,
    "hub.wrong-type": 65,
    "hub.too-many": 75,
    "hub.unavailable": 75,
    "hub.database": 69,
}
"""Exit code by code.  Scripts and the hub know them: one may be added, none may be changed."""

BRANCH = re.compile(r"^(?P<lead>[│├└─ ]*)(?P<name>\w+Error) +(?P<code>[\w.-]+)")
STEP = len("├── ")
"""Columns that one level of the drawing takes."""


def drawn() -> list[tuple[int, str, str]]:
    """Read depth, name and code of each error in the drawing."""
    lines = (BRANCH.match(line.removeprefix("    ")) for line in (errors.__doc__ or "").splitlines())
    return [(len(line["lead"]) // STEP, line["name"], line["code"]) for line in lines if line]


def walked(kind: Kind = EasyplayerError, depth: int = 0) -> Iterator[tuple[int, Kind]]:
    """Walk the real tree in the order of definition, each error before those below it."""
    yield depth, kind
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from walked(below, depth + 1)


KINDS = [kind for _, kind in walked()]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)


def test_the_drawing_is_the_tree() -> None:
    """Whoever reads the drawing sees each error, its code, and what it is a kind of."""
    assert drawn() == [(depth, kind.__name__, kind.code) for depth, kind in walked()]


def test_the_tree_holds_every_error_of_the_module() -> None:
    """There is one root: who catches it catches all that is raised on purpose."""
    found = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)}
    assert found == set(KINDS)


def test_codes_and_exit_codes_are_those_that_were_promised() -> None:
    """No code has changed its name or its exit code, and a new one is written down here."""
    assert {kind.code: kind.exit_code for kind in KINDS} == PROMISED


def test_no_two_errors_share_a_code() -> None:
    """A code says which error it was."""
    assert len({kind.code for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", [kind for depth, kind in walked() if depth > 1], ids=lambda kind: kind.code)
def test_a_code_begins_like_that_of_the_error_above(kind: Kind) -> None:
    (above,) = kind.__bases__
    assert issubclass(above, EasyplayerError)
    assert kind.code.partition(".")[0] == above.code.partition(".")[0]


@every_kind
def test_an_exit_code_is_one_that_a_supervisor_knows(kind: Kind) -> None:
    """All are of ``sysexits.h``: none looks like success, a usage error or a signal."""
    known = {value for name, value in vars(os).items() if name.startswith("EX_")} - {os.EX_OK, os.EX_USAGE}
    assert kind.exit_code in known


@every_kind
def test_every_error_says_what_it_is(kind: Kind) -> None:
    """Its documentation is its own, not that of the error above it."""
    assert (kind.__dict__["__doc__"] or "").strip().endswith(".")


def test_bad_settings_are_told_one_to_a_line() -> None:
    """The message lists all problems, and a program can take them one by one."""
    error = SettingsError(["a.toml: [sound] volume: too loud", "environment: EASYPLAYER_X: unknown"])
    assert str(error).splitlines() == [
        "the settings cannot be used:",
        "  - a.toml: [sound] volume: too loud",
        "  - environment: EASYPLAYER_X: unknown",
    ]
    assert error.problems == ["a.toml: [sound] volume: too loud", "environment: EASYPLAYER_X: unknown"]


def test_a_bad_program_is_told_one_to_a_line() -> None:
    """Like bad settings."""
    error = ProgramError(["zone: there is no Europe/Pari", "name: is missing"])
    assert str(error).splitlines() == [
        "the program cannot be used:",
        "  - zone: there is no Europe/Pari",
        "  - name: is missing",
    ]
    assert error.problems == ["zone: there is no Europe/Pari", "name: is missing"]
