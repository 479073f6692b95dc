"""A hub that nobody has used yet makes its first admin."""

from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from easyplayer.hub.db.schema import audit
from easyplayer.hub.first_start import make_admin
from easyplayer.hub.hub import Hub
from easyplayer.hub.services import accounts
from easyplayer.hub.state_directory import HubState


@pytest.fixture(name="state")
def _state(tmp_path: Path) -> HubState:
    state = HubState(tmp_path / "of-the-hub")
    state.hold()
    return state


def token(state: HubState) -> dict[str, str]:
    """Read the token that was kept."""
    return {"Authorization": f"Bearer {(state.path / 'admin.token').read_text().strip()}"}


def test_the_first_admin_has_a_token_and_no_password(hub: Hub, client: TestClient, state: HubState) -> None:
    """Nobody can guess what is not there."""
    make_admin(hub, state)
    answer = client.get("/api/v1/users", headers=token(state))
    assert [(one["name"], one["has_password"], one["grants"]) for one in answer.json()] == [
        ("admin", False, {"*": "admin"})
    ]
    with hub.database.read() as connection:
        assert [row.action for row in connection.execute(select(audit))] == ["user.add"]


def test_the_next_start_changes_nothing(hub: Hub, client: TestClient, state: HubState) -> None:
    """The token goes on, and no second one is made."""
    make_admin(hub, state)
    before = token(state)
    make_admin(hub, state)
    assert token(state) == before
    assert len(client.get("/api/v1/tokens", headers=before).json()) == 1


def test_where_there_is_a_user_no_admin_is_made(hub: Hub, state: HubState) -> None:
    """A token file that is lost does not come back by a restart: whoever can restart is not always admin."""
    with hub.database.write() as connection:
        accounts.add(connection, "anna", "", {"*": "admin"}, hub.now())
    make_admin(hub, state)
    assert not (state.path / "admin.token").exists()
