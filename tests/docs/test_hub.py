"""The pages about the hub: complete, and true to what it does."""

import importlib
import re
import sys

import msgspec
import pytest

from easyplayer.hub import settings
from easyplayer.hub.services.access import Role
from easyplayer.hub.state_directory import ADMIN_TOKEN, PLACE
from easyplayer.hub.web.endpoints import ENDPOINTS
from tests.docs.pages import DOCS, blocks, text

sys.path.insert(0, str(DOCS / "_ext"))
rows = importlib.import_module("hub_rows")
SETTINGS = rows.hub_setting_rows()


def test_the_page_has_the_table_and_the_table_every_setting() -> None:
    """A setting that is added is in the table."""
    assert [row.name for row in SETTINGS] == list(msgspec.to_builtins(settings.HubSettings()))
    assert "{hub-settings-table}" in text("guide/hub-settings.md")


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.environment)
def test_a_setting_is_set_by_its_name_in_the_environment(row, tmp_path) -> None:
    """The default, written into the variable that the table names, changes nothing."""
    default = msgspec.json.decode(row.default)
    written = ",".join(default) if isinstance(default, list) else str(default)
    nothing = tmp_path / "hub.toml"
    nothing.touch()
    assert settings.load(nothing, environment={row.environment: written}) == settings.HubSettings()
    assert row.meaning


@pytest.mark.parametrize("page", ["guide/hub.md", "guide/hub-settings.md"])
def test_the_examples_can_be_used_as_they_stand(page: str, tmp_path) -> None:
    """Who copies a file of the guide has a hub that starts."""
    examples = blocks(text(page), "toml")
    assert examples
    for example in examples:
        path = tmp_path / "hub.toml"
        path.write_text(example)
        assert settings.load(path, environment={}) != settings.HubSettings()


def test_the_page_names_the_places_of_the_file() -> None:
    """Where a settings file is looked for stands in the guide."""
    for place in settings.PLACES:
        assert f"`{place}`" in text("guide/hub-settings.md")


def test_the_table_of_the_api_has_every_endpoint() -> None:
    """By subject, each once."""
    listed = [(row.method, row.path) for group in rows.endpoint_rows().values() for row in group]
    assert sorted(listed) == sorted((one.method, one.path) for one in ENDPOINTS)
    assert "{endpoints-table}" in text("guide/hub-api.md")


def test_every_endpoint_has_a_subject() -> None:
    """Its table has a title."""
    assert all(rows.endpoint_rows())


def test_the_service_outlives_an_analysis_that_takes_all_memory() -> None:
    """By itself systemd ends the whole service with the first of its processes that the kernel ends."""
    (unit,) = [example for example in blocks(text("guide/hub.md"), "ini") if "[Service]" in example]
    assert "\nOOMPolicy=continue\n" in unit


def test_the_guide_names_the_files_and_the_roles() -> None:
    """As the code has them."""
    page = text("guide/hub.md")
    for name in (ADMIN_TOKEN, PLACE, "hub.sqlite", "media/"):
        assert f"| `{name}` |" in page
    assert re.findall(r"^\| (\w+) \| ", page.partition("## Users")[2], flags=re.MULTILINE)[1:] == [
        role.name.lower() for role in Role
    ]
