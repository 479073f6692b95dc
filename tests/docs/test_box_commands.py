"""The page of commands from the hub: all of them, with all that they take, and what may come of them."""

import re

import pytest

from easyplayer.crafts import CRAFTS, Craft
from easyplayer.crafts.machine import ANEW
from easyplayer.protocol.arguments import ARGUMENTS
from easyplayer.protocol.commands import WEB_COMMANDS, Name, Outcome, Reason
from tests.docs.pages import sections, text

PAGE = "guide/box-commands.md"
ROWS = {
    row[0]: row[1:]
    for row in re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", sections(PAGE)["All of them"], re.MULTILINE
    )
}
COMMANDS = [name for name in Name if name is not Name.UNKNOWN]


def test_every_command_is_in_the_table_and_no_other_is() -> None:
    """In the order of the protocol."""
    assert list(ROWS) == [str(name) for name in COMMANDS]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_row_tells_all_that_a_command_takes_and_nothing_else(name: Name) -> None:
    """By the names that are written into the command."""
    wanted = ARGUMENTS[name].__struct_fields__ if name in ARGUMENTS else ()
    takes = re.sub(r"\(.*?\)", "", ROWS[name][1])
    assert re.findall(r"`(\w+)`", takes) == list(wanted)
    assert (takes == "none") is (not wanted)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_row_tells_the_time_limit(name: Name) -> None:
    """Or that it is answered at once."""
    limit = ROWS[name][3]
    if name in WEB_COMMANDS:
        assert limit == "answered at once"
    elif CRAFTS[name].limit is Craft.limit:
        assert limit == f"{CRAFTS[name].limit_s:g} s"
    else:
        assert limit.endswith(" s")


@pytest.mark.parametrize("word", [*Outcome, *Reason])
def test_every_outcome_and_reason_is_told(word: Outcome | Reason) -> None:
    """But for those that stand for nothing, and for what is not known yet."""
    told = f"| `{word}` |" in sections(PAGE)["What comes of them"]
    assert told is (word not in {"", "unknown"})


def test_the_exit_code_of_a_restart_is_told() -> None:
    """Here, and on the page of exit codes."""
    assert f"exit code {ANEW}" in text(PAGE)
    assert re.search(rf"\b{ANEW}\b is", text("guide/errors.md"))
