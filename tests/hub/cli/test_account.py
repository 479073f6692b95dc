"""Logging in and out, users and tokens: as an operator types it, at a real hub."""

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec import structs
from starlette.testclient import TestClient

from easyplayer.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    SettingsError,
    UnauthenticatedError,
)
from easyplayer.hub.cli import login, logout
from easyplayer.hub.cli.client import HubClient
from easyplayer.hub.cli.finding import Where, config_file, remember, remembered
from tests.hub.cli.operator import Operator
from tests.hub.cli.through import Through
from tests.hub.conftest import PUBLIC_URL

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what login writes in a place of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(name="says")
def _says(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Say something into a pipe."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\n"))


class TestUsers:
    """``user``."""

    def test_one_is_added_with_roles(self, boss: Operator, says: Callable[[str], None]) -> None:
        """Everywhere, or in a group; the list tells them."""
        says(PASSWORD)
        told = boss.reads("user add anna --role viewer")
        assert told == "anna is viewer everywhere\n"
        assert "anna\tviewer everywhere\tno\tyes\t" in boss.reads("user list")

    def test_one_for_scripts_has_no_password(self, boss: Operator) -> None:
        """Nothing is asked for."""
        made = boss.asks("user add robot --no-password --role operator")
        assert (made["has_password"], made["grants"]) == (False, {"*": "operator"})

    def test_a_role_can_be_given_and_taken(self, boss: Operator) -> None:
        """Others stay as they are."""
        boss.types("user add anna --no-password --role viewer")
        assert boss.reads("user grant anna operator") == "anna is operator everywhere\n"
        assert boss.reads("user revoke anna") == "anna is nothing yet\n"

    def test_one_can_be_blocked_and_let_in(self, boss: Operator) -> None:
        """The same command, both ways."""
        boss.types("user add anna --no-password")
        assert boss.reads("user block anna") == "anna is blocked\n"
        assert boss.reads("user block anna --off") == "anna is no longer blocked\n"

    def test_another_password_is_taken(
        self, boss: Operator, client: TestClient, says: Callable[[str], None]
    ) -> None:
        """The user logs in with it from then on."""
        boss.types("user add anna --no-password")
        says(PASSWORD)
        boss.types("user password anna")
        answer = client.post("/api/v1/login", json={"name": "anna", "password": PASSWORD})
        assert answer.status_code == 200

    def test_nobody_is_deleted_without_being_asked(self, boss: Operator, says: Callable[[str], None]) -> None:
        """In a script there is nobody to ask."""
        boss.types("user add anna --no-password")
        says("y")
        with pytest.raises(BadRequestError, match=r"Delete the user anna\?.* say --yes"):
            boss.types("user delete anna")
        assert boss.reads("user delete anna --yes") == "anna is deleted\n"
        with pytest.raises(NotFoundError):
            boss.types("user block anna")

    def test_what_the_hub_refuses_is_told_as_it_was(
        self, boss: Operator, operator_as: Callable[..., Operator]
    ) -> None:
        """Each with its own exit code."""
        boss.types("user add anna --no-password")
        with pytest.raises(ConflictError, match="there is a user anna already"):
            boss.types("user add anna --no-password")
        with pytest.raises(ForbiddenError, match="needs the role admin"):
            operator_as("bert").types("user list")

    @pytest.mark.parametrize("role", ["king", "", ":bars"])
    def test_a_role_that_there_is_none_of_is_refused(
        self, boss: Operator, role: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Before anything is sent; those that there are, are told."""
        with pytest.raises(SystemExit):
            boss.types("user grant anna", role)
        assert "there are viewer, programmer, operator, admin" in capsys.readouterr().err


class TestTokens:
    """``token``."""

    def test_one_is_made_used_and_revoked(self, boss: Operator, client: TestClient) -> None:
        """It is shown once; the list has its label."""
        token = boss.reads("token make", "nightly report").strip()
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/v1/me", headers=headers).json()["name"] == "admin"
        (made,) = [one for one in boss.asks("token list") if one["label"] == "nightly report"]
        boss.types(f"token revoke {made['id']}")
        assert client.get("/api/v1/me", headers=headers).status_code == 401

    def test_one_can_hold_for_ever(self, boss: Operator) -> None:
        """Or for some days, a year if nothing is said."""
        assert boss.asks("token make x --for-ever")["expires"] is None
        (days, year) = (boss.asks(f"token make x {more}")["expires"] for more in ("--days 2", ""))
        assert year - days == 363 * 86_400


class TestAudit:
    """``audit``."""

    def test_it_tells_who_did_what(self, boss: Operator) -> None:
        """The newest first, as many as are wanted."""
        for name in ("anna", "bert"):
            boss.types(f"user add {name} --no-password")
        lines = boss.reads("audit --most 2").splitlines()
        assert [line.split("\t")[3:5] for line in lines] == [
            ["user.add", "user/bert"],
            ["user.add", "user/anna"],
        ]
        assert [row["subject"] for row in boss.asks("audit --subject user/anna")] == ["user/anna"]

    @pytest.mark.parametrize("line", ["audit", "log show", "command list box", "watch"])
    @pytest.mark.parametrize("most", ["0", "-1", "many"])
    def test_a_list_of_none_is_refused(
        self, boss: Operator, line: str, most: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """An empty one would say that there was nothing."""
        with pytest.raises(SystemExit):
            boss.types(f"{line} --most {most}")
        assert f"'{most}' is no number to list: give 1 or more" in capsys.readouterr().err


class TestLogin:
    """``login`` and ``logout``."""

    def test_a_password_becomes_a_token_that_lasts(
        self, boss: Operator, client: TestClient, says: Callable[[str], None]
    ) -> None:
        """It is kept for the other commands; the session itself is closed."""
        says(PASSWORD)
        boss.types("user add anna --role viewer")
        says(PASSWORD)
        assert log_in(client, "--name", "anna") == 0
        where = remembered(config_file())
        assert where is not None
        assert where.url == PUBLIC_URL
        asked = HubClient(where, Through(client))
        assert [one["label"] for one in msgspec.json.decode(asked.send("GET", "/tokens").read())] != []

    def test_a_token_is_tried_before_it_is_kept(self, client: TestClient) -> None:
        """A wrong one is told at once, and nothing is written."""
        with pytest.raises(UnauthenticatedError):
            log_in(client, "--token", "wrong")
        assert remembered(config_file()) is None

    def test_a_wrong_password_is_told(self, client: TestClient, says: Callable[[str], None]) -> None:
        """And not that one has to log in, which is what was done."""
        says("no")
        with pytest.raises(UnauthenticatedError) as told:
            log_in(client, "--name", "anna")
        assert str(told.value) == (
            f"the hub at {PUBLIC_URL} does not let anna in: the name or the password is wrong"
        )

    def test_a_pipe_names_who_logs_in(self, client: TestClient, says: Callable[[str], None]) -> None:
        """It has the password only, and nobody is there who could be asked."""
        says(PASSWORD)
        with pytest.raises(BadRequestError, match="say --name"):
            log_in(client)

    def test_what_is_no_url_is_told(self) -> None:
        """Before anything is asked for."""
        with pytest.raises(BadRequestError, match="is no URL"):
            login.run(typed(login, "hub.example"))

    def test_who_is_logged_in_is_told(self, boss: Operator) -> None:
        """With the hub, and where it was named."""
        who = boss.asks("whoami")
        assert (who["user"], who["hub"], who["grants"]) == ("admin", PUBLIC_URL, {"*": "admin"})
        assert "may be\tadmin everywhere" in boss.reads("whoami")

    def test_nobody_logs_out_who_is_not_logged_in(self) -> None:
        """There is nothing to forget."""
        with pytest.raises(SettingsError, match="nobody is logged in"):
            logout.run(typed(logout))

    def test_a_hub_that_is_away_is_forgotten_all_the_same(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The token stays good at the hub, and that is said."""
        remember(Where(url="http://127.0.0.1:9", token="t", known_from=""), config_file())
        assert logout.run(typed(logout)) == 0
        assert "forgotten here only" in capsys.readouterr().err
        assert remembered(config_file()) is None


def typed(module: object, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    module.configure(parser)  # type: ignore[attr-defined]
    return parser.parse_args(words)


def log_in(client: TestClient, *words: str) -> int:
    """Type ``login`` at a hub that is reached through a client."""
    arguments = typed(login, PUBLIC_URL, *words)
    where = Where(url=PUBLIC_URL, token="", known_from="the command line")
    if arguments.token:
        where = structs.replace(where, token=arguments.token)
    return login.log_in(HubClient(where, Through(client)), arguments)
