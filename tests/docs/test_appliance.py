"""The page of the appliance: what it says of the technician's file is what the box reads."""

import re
import zoneinfo
from pathlib import Path

import msgspec
import pytest

from easyplayer.appliance.given import understand
from easyplayer.appliance.sections import OWN
from easyplayer.appliance.setup_report import PLACE
from easyplayer.cli.machine_notes import DATA_TROUBLE
from easyplayer.layers import description
from tests.docs.pages import ROOT, blocks, text

PAGE = "guide/appliance.md"
TEMPLATE = ROOT / "image/easyplayer.toml"
"""What lies on the boot partition of a new box."""


def test_the_example_can_be_used_as_it_stands() -> None:
    """Who copies it to a stick has a box that takes it."""
    (example,) = blocks(text(PAGE), "toml")
    given = understand({"easyplayer.toml": example.encode()}, lambda: ("Europe/Paris",))
    assert given.settings.sound.volume_highest == 80
    assert given.network.address == ("192.168.1.50/24",)
    assert given.notes == ()


@pytest.mark.parametrize("section", OWN)
def test_every_setting_of_the_machine_is_in_its_table_and_no_other(section: str) -> None:
    """With the words by which the box tells it, too."""
    body = text(PAGE).partition(f"### `[{section}]`")[2].partition("###")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", body, flags=re.MULTILINE)
    assert rows == [(field.name, description(field)) for field in msgspec.structs.fields(OWN[section])]


def test_the_machine_leaves_its_notes_where_the_box_looks_for_them() -> None:
    """The scripts of the machine and the box agree on two files."""
    for script, file in (("setup", Path(PLACE)), ("data", DATA_TROUBLE)):
        text_of_script = (ROOT / "systemd/lib" / script).read_text()
        assert f"RUN=${{EASYPLAYER_RUN:-{file.parent}}}" in text_of_script
        assert f"$RUN/{file.name}" in text_of_script


def test_the_file_on_a_new_box_gives_nothing_and_all_that_it_offers_can_be_used() -> None:
    """Who takes away each # has a good file."""
    remarks = TEMPLATE.read_text()
    assert understand({"easyplayer.toml": remarks.encode()}, tuple).box == {}
    offered = re.sub(r"^#(?=\[|\w+ = )", "", remarks, flags=re.MULTILINE)
    given = understand({"easyplayer.toml": offered.encode()}, zoneinfo.available_timezones)
    assert given.settings.hub.url
    assert given.network.address
