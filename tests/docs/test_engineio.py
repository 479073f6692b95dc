"""The page by which a stranger uses the Engine.IO package: its tables are whole, and true."""

import re

import pytest

from easyplayer.engineio import Options, Reason, Server, openmetrics
from easyplayer.engineio.core.refusals import ANSWERS
from tests.docs.pages import blocks, sections, text

PAGE = "guide/engineio.md"
SECTIONS = sections(PAGE)


def rows(title: str) -> list[list[str]]:
    """Give the cells of a section's table, without its head."""
    lines = re.findall(r"^\| (.+) \|$", SECTIONS[title], flags=re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[1:]]


def test_the_table_has_every_option_with_its_default() -> None:
    """Who reads it knows what is there, and what happens without it."""
    shown = {name.strip("`"): default.strip("`") for name, default, *_ in rows("Options")}
    options = Options()
    told = {name: repr(getattr(options, name)) for name in Options.__struct_fields__}
    assert shown == told | {"slow_client": f"SlowClient.{options.slow_client.name}"}


def test_every_reason_is_told() -> None:
    """Each reason that a disconnect handler may get has its line."""
    shown = re.findall(r"^\| `([A-Z_]+)` \|", SECTIONS["Handlers"], flags=re.MULTILINE)
    assert shown == [reason.name for reason in Reason]


def test_every_refusal_is_told_with_its_answer() -> None:
    """Kind, status, code and message are those that are sent."""
    shown = [[kind.strip("`"), *answer] for kind, *answer in rows("What is refused")]
    assert shown == [
        [kind.value, str(one.status), str(one.code), one.message] for kind, one in ANSWERS.items()
    ]


def test_every_figure_is_told() -> None:
    """The names are those that are written."""
    written = re.findall(r"^# TYPE (\w+)", openmetrics(Server().figures()), flags=re.MULTILINE)
    assert [row[0].strip("`") for row in rows("Figures")] == written


@pytest.mark.parametrize("method", re.findall(r"`(?:await )?server\.(\w+)", SECTIONS["Sending"]))
def test_the_methods_that_are_named_are_there(method: str) -> None:
    """Nothing is promised that the server has not."""
    assert callable(getattr(Server, method))


def test_the_example_of_the_core_comes_out_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Who copies it sees the same."""
    (program,) = blocks(SECTIONS["The core alone"], "python")
    (output,) = blocks(SECTIONS["The core alone"], "text")
    exec(program, {})  # noqa: S102 - our own page
    assert capsys.readouterr().out == output


def test_the_limits_that_the_page_speaks_of_are_those_of_nginx() -> None:
    """Its own limit of a body is a MiB, and ours is not above it."""
    assert Options().max_http_buffer_size <= 2**20
    assert "proxy_read_timeout 60s" in text(PAGE)
    assert Options().ping_interval_s + Options().ping_timeout_s < 60
