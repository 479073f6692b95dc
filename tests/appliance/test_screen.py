"""What stands on the screen of a box, and on its serial line."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from easyplayer.appliance.block_letters import GLYPHS, block_letters, width_of
from easyplayer.appliance.box_view import (
    Adapter,
    BoxView,
    GuardSide,
    HubSide,
    PlayingView,
    Surroundings,
    rows,
)
from easyplayer.appliance.screen import clean, screen, told
from easyplayer.appliance.setup_report import SetupReport
from easyplayer.guard import GuardView
from easyplayer.protocol.identity import ALPHABET, claim_code
from easyplayer.status_view import HubView
from tests.cli.test_status import status

PLAYS = BoxView(
    state="playing",
    item=PlayingView("Dawn", "The Band"),
    volume=80,
    sink="bar",
    clock="trusted",
    hub=HubSide(url="https://hub.example"),
)
WELL = Surroundings(box=PLAYS, name="box", adapters=(Adapter("ens3", True, ("10.0.2.15",)),), time="22:14")


def seen(box: BoxView | None = PLAYS, **changes: Any) -> dict[str, str]:
    """Give what is shown, by its label; what is urgent begins with a mark."""
    known = structs.replace(WELL, box=box, **changes)
    return {row.label: f"{'! ' if row.urgent else ''}{row.text}" for row in rows(known)}


def box(**changes: Any) -> BoxView:
    """Make a box that plays, but for some things."""
    return structs.replace(PLAYS, **changes)


def test_box_that_is_well_asks_nobody_for_anything() -> None:
    """It says what plays, on what, in which network, and what time it is."""
    assert seen() == {
        "plays": "The Band - Dawn",
        "sound": "bar, volume 80",
        "hub": "https://hub.example answers",
        "clock": "22:14 is right",
        "network": "10.0.2.15 (ens3)",
    }


@pytest.mark.parametrize(
    ("changes", "label", "words"),
    [
        ({"silent_sink": True}, "sound", "! nobody hears it"),
        ({"sink": ""}, "sound", "! nobody hears it"),
        ({"volume": 0}, "sound", "! is turned down"),
        ({"clock": "unknown"}, "clock", "! 22:14 is wrong"),
        ({"clock": "estimated"}, "clock", "22:14 has not been compared"),
        ({"hub": HubSide(trouble="no answer")}, "hub", "! https://set.example does not answer: no answer"),
        ({"hub": HubSide()}, "hub", "https://set.example is asked"),
        ({"allowed": False, "verdict": "closed until 08:00"}, "plays", "nothing, on purpose: closed until"),
        ({"item": None, "state": "no_sound", "reason": "no server"}, "plays", "! nothing: no server"),
        ({"hub": HubSide(support="no sound")}, "support", "has a way in: no sound"),
        ({"hub": HubSide(fetching="bar (1 of 2 MB)")}, "fetches", "bar (1 of 2 MB)"),
        (
            {"guard": GuardSide(1, 130.0, "crashed")},
            "safe mode",
            "! crashed; all of it is tried again in 3 min",
        ),
    ],
)
def test_what_is_wrong_with_the_box_is_told_in_words(changes: dict[str, Any], label: str, words: str) -> None:
    """And marked, where somebody should do something about it."""
    assert seen(box(**changes), hub_url="https://set.example")[label].startswith(words)


def test_box_without_a_hub_says_where_to_name_one() -> None:
    """That is what a technician has forgotten."""
    assert "[hub] url in easyplayer.toml" in seen(box(hub=HubSide()))["hub"]


@pytest.mark.parametrize(
    ("adapters", "words"),
    [
        ((), "! there is no network adapter"),
        ((Adapter("a", False),), "! there is no cable"),
        ((Adapter("a", False), Adapter("b", True)), "! a cable is in, but nobody gives an address"),
        ((Adapter("a", True, ("10.0.0.1", "fd::1")), Adapter("b", True)), "10.0.0.1, fd::1 (a)"),
    ],
)
def test_network_is_told_from_the_plug_on(adapters: tuple[Adapter, ...], words: str) -> None:
    """Whether there is a cable is the first question, and an address the next one."""
    assert seen(adapters=adapters)["network"] == words or seen(adapters=adapters)["network"].startswith(words)


def test_box_that_is_away_is_told_as_starting_first() -> None:
    """What is around it is shown all the same."""
    assert seen(None, age_s=5.0)["box"] == "is starting"
    assert seen(None, age_s=500.0)["box"].startswith("! does not answer")
    assert seen(PLAYS, age_s=60.0)["box"].startswith("! does not answer")
    assert "network" in seen(None)
    assert "plays" not in seen(PLAYS, age_s=60.0)


def test_errors_of_the_technicians_file_stand_first_and_not_all_of_them() -> None:
    """Beside them what is in force instead."""
    report = SetupReport(source="a stick", problems=tuple(f"line {number}" for number in range(9)))
    found = [row for row in rows(structs.replace(WELL, report=report)) if row.label == "settings"]
    texts = [row.text for row in found]
    assert texts[0] == "line 0"
    assert "and 4 more problems" in texts
    assert "those from a stick stay in force" in texts
    assert rows(structs.replace(WELL, report=report))[0].label == "settings"


def test_lost_data_partition_is_told() -> None:
    """The music plays, and all that is learnt is lost with the power."""
    assert seen(data_trouble="the disk is broken")["data"] == "! nothing is kept: the disk is broken"


def test_claim_code_is_as_large_as_the_screen_allows() -> None:
    """In one line where it fits, else in two; and once in plain letters."""
    waiting = structs.replace(WELL, box=box(hub=HubSide(url="https://hub.example", claim_code="7K2M-Q9XD")))
    for columns, wanted in ((40, "7K2M"), (80, "7K2M-Q9XD"), (160, "7K2M-Q9XD")):
        drawn = screen(waiting, columns, 50, 0)
        row = block_letters(wanted, wide=columns == 160)[0].rstrip()
        assert any(row in line for line in drawn)
        assert any("(7K2M-Q9XD)" in line for line in drawn)
        assert any("at https://hub.example" in line for line in drawn)
    assert told(waiting)["claim"] == "CLAIM CODE 7K2M-Q9XD: type it at https://hub.example"


def test_every_letter_of_a_claim_code_can_be_drawn_and_told_from_the_others() -> None:
    """Five rows each, all of one width."""
    assert set(ALPHABET) | {"-"} == set(GLYPHS)
    assert len(set(GLYPHS.values())) == len(GLYPHS)
    code = claim_code(b"12345")
    assert {len(line) for line in block_letters(code)} == {width_of(code)}
    assert {len(line) for line in block_letters(code, wide=True)} == {width_of(code, wide=True)}
    assert all(len(row) == 5 for glyph in GLYPHS.values() for row in glyph.split())


def test_picture_moves_so_that_it_does_not_burn_in() -> None:
    """Minute by minute, to other rows and columns; the first line is at several places."""
    drawn = [screen(WELL, 80, 25, minute) for minute in range(8)]
    assert len({(lines.index(next(filter(None, lines))), len(lines[-1])) for lines in drawn}) >= 6


@given(
    st.text(max_size=120),
    st.text(max_size=80),
    st.tuples(st.integers(1, 200), st.integers(1, 60)),
    st.integers(0, 100),
    st.booleans(),
)
def test_nothing_leaves_the_screen_and_nothing_is_obeyed(
    text: str, code: str, size: tuple[int, int], minute: int, answers: bool
) -> None:
    """Whatever a title, a hub or a file says, and however small the screen is."""
    hostile = box(item=PlayingView(text, text), hub=HubSide(url=text, claim_code=code, place=text))
    known = Surroundings(box=hostile if answers else None, name=text, report=SetupReport(problems=(text,)))
    columns, lines = size
    drawn = screen(known, columns, lines, minute)
    assert len(drawn) <= lines
    assert all(len(line) <= columns and line.isprintable() for line in drawn)
    assert all(line.isprintable() for line in told(known).values())


def test_letters_that_a_terminal_obeys_become_blanks() -> None:
    """Such as those that clear the screen."""
    assert clean("a\x1b[2J\x07é\n") == "a [2J é "


def test_line_is_told_again_only_where_something_has_changed() -> None:
    """The time of day, and what is fetched, change by themselves."""
    later = structs.replace(WELL, time="22:15")
    assert told(WELL).keys() == told(later).keys()
    trusted = structs.replace(WELL, box=box(clock="unknown"))
    assert told(WELL).keys() != told(trusted).keys()


def test_screen_reads_the_status_as_the_box_writes_it() -> None:
    """Each field that it shows is one of the status, with the same meaning."""
    hub = HubView(url="https://hub.example", claim_code="7K2M-Q9XD", place="Bar")
    guard = GuardView(safe=1, last="crashed")
    written = msgspec.json.encode(status(hub=hub, guard=guard, clock="trusted", silent_sink=True))
    view = msgspec.json.decode(written, type=BoxView)
    assert view.item == PlayingView("Dawn")
    assert (view.hub.claim_code, view.hub.place, view.clock) == ("7K2M-Q9XD", "Bar", "trusted")
    assert view.guard == GuardSide(1, 0.0, "crashed")
    assert view.silent_sink
    ours = msgspec.json.decode(msgspec.json.encode(view))
    theirs = msgspec.json.decode(written)
    assert set(ours) <= set(theirs)
    assert set(ours["hub"]) <= set(theirs["hub"])
    assert set(ours["guard"]) <= set(theirs["guard"])
