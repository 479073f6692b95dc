"""The table of settings: complete, and true to what the box reads."""

import msgspec
import pytest

from easyplayer import settings
from tests.docs.pages import blocks, tables, text

ROWS = tables.setting_rows()


def test_the_page_has_the_table_and_the_table_every_setting() -> None:
    """A setting that is added is in the table."""
    nested = msgspec.to_builtins(settings.Settings())
    wanted = {(section, name) for section, values in nested.items() for name in values}
    assert {(row.section, row.name) for row in ROWS} == wanted
    assert "{settings-table}" in text("guide/settings.md")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.environment)
def test_a_setting_tells_its_meaning_and_is_set_by_its_name_in_the_environment(row, tmp_path) -> None:
    """The default, written into the variable that the table names, changes nothing."""
    default = msgspec.json.decode(row.default)
    written = ":".join(default) if isinstance(default, list) else str(default)
    nothing = tmp_path / "settings.toml"
    nothing.touch()
    read = settings.load(nothing, environment={row.environment: written})
    section = msgspec.json.decode(msgspec.json.encode(read))[row.section]
    assert section[row.name] == default
    assert row.meaning


def test_the_example_can_be_used_as_it_stands(tmp_path) -> None:
    """Who copies the file of the guide has a box that starts."""
    (example,) = blocks(text("guide/settings.md"), "toml")
    path = tmp_path / "settings.toml"
    path.write_text(example)
    read = settings.load(path, environment={})
    assert read.sound.volume == 70
    assert len(read.music.places) == 2


def test_the_page_names_the_places_of_the_file() -> None:
    """Where a settings file is looked for stands in the guide."""
    for place in settings.PLACES:
        assert f"`{place}`" in text("guide/settings.md")
