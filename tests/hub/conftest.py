"""What the tests of the hub share: a whole hub on each of the databases, with a clock that is held."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from easyplayer.hub.app import build_application, build_hub
from easyplayer.hub.db.database import Database
from easyplayer.hub.db.migrating import HEAD, migrate
from easyplayer.hub.db.schema import metadata
from easyplayer.hub.hub import Hub
from easyplayer.hub.passwords import Passwords
from easyplayer.hub.services import accounts
from easyplayer.hub.services.access import ALL
from easyplayer.hub.services.accounts import Grants
from easyplayer.hub.services.tokens import TokenKind, make_token
from easyplayer.hub.settings import HubSettings
from easyplayer.units import Instant
from tests.hub import postgres

DATABASES = ("sqlite", "postgresql")
DAILY = {"db", "services"}
"""Folders whose tests are about the SQL itself."""
PUBLIC_URL = "http://hub.test"
NOON = Instant(1_800_000_000.0)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

HubFactory = Callable[..., Hub]


class HeldClock:
    """What time it is: always the same, until a test lets some pass."""

    def __init__(self, now: Instant = NOON) -> None:
        self.now = now

    def __call__(self) -> Instant:
        """Tell the time."""
        return self.now

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.now = Instant(self.now + seconds)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what goes through the whole hub on PostgreSQL to the long part of the tests.

    The everyday part asks both databases wherever the SQL itself is tested, and SQLite everywhere else.
    """
    for item in items:
        asked = getattr(item, "callspec", None)
        databases = {"database_url", "empty_database_url"}
        on_postgres = asked is not None and any(asked.params.get(name) == "postgresql" for name in databases)
        if on_postgres and not DAILY & set(item.path.parts):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(name="clock")
def _clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(name="chance")
def _chance() -> Callable[[int], bytes]:
    """Give chance that is the same at each run."""
    return random.Random(1).randbytes


@pytest.fixture(name="sqlite_template", scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database file with all tables in it, and nothing else."""
    path = tmp_path_factory.mktemp("template") / "hub.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture(name="postgres_cluster", scope="session")
def _postgres_cluster() -> Iterator[Path]:
    """Run a server for all tests of this process."""
    if not postgres.is_there():
        pytest.skip("this machine has no PostgreSQL: apt-get install postgresql")
    with postgres.cluster() as folder:
        yield folder


@pytest.fixture(name="postgres_tables", scope="session")
def _postgres_tables(postgres_cluster: Path) -> str:
    """Name the database with all tables in it that the tests use one after the other."""
    postgres.run(postgres_cluster, "CREATE DATABASE hub")
    url = postgres.url(postgres_cluster, "hub")
    database = Database(url)
    migrate(database)
    database.close()
    return url


@pytest.fixture(name="empty_database_url", params=DATABASES)
def _empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Name a database that has nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    folder = request.getfixturevalue("postgres_cluster")
    postgres.run(folder, "DROP DATABASE IF EXISTS empty WITH (FORCE)", "CREATE DATABASE empty")
    yield postgres.url(folder, "empty")


@pytest.fixture(name="database_url", params=DATABASES)
def _database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Name a database that has all tables, and nothing in them."""
    if request.param == "sqlite":
        path = tmp_path / "hub.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url = request.getfixturevalue("postgres_tables")
    postgres.clear(request.getfixturevalue("postgres_cluster"), "hub", metadata, HEAD)
    yield url


@pytest.fixture(name="database")
def _database(database_url: str) -> Iterator[Database]:
    """Open a database that has all tables."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(name="hub_factory")
def _hub_factory(
    database_url: str, tmp_path: Path, clock: HeldClock, chance: Callable[[int], bytes]
) -> Iterator[HubFactory]:
    """Make hubs on one database, as several workers would be; settings can be given by name."""
    made: list[Hub] = []

    def make(**settings: Any) -> Hub:
        given = {"state": str(tmp_path / "state"), "public_url": PUBLIC_URL, "database": database_url}
        hub = build_hub(
            HubSettings(**{**given, **settings}), now=clock, chance=chance, passwords=Passwords(CHEAP)
        )
        made.append(hub)
        return hub

    yield make
    for hub in made:
        hub.database.close()


@pytest.fixture(name="hub")
def _hub(hub_factory: HubFactory) -> Hub:
    """Give a hub with the settings of everyone."""
    return hub_factory()


@pytest.fixture(name="client")
def _client(hub: Hub) -> Iterator[TestClient]:
    """Give a client of the whole application, whom nobody knows."""
    with TestClient(build_application(hub), base_url=PUBLIC_URL, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(name="token_for")
def _token_for(hub: Hub) -> Callable[..., str]:
    """Make users, and give an API token of each."""

    def make(name: str, grants: Grants) -> str:
        with hub.database.write() as connection:
            if "admin" not in {one.name for one in accounts.all_users(connection)}:
                accounts.add(connection, "admin", "", {ALL: "admin"}, hub.now())
            if name != "admin":
                accounts.add(connection, name, "", grants, hub.now())
            return make_token(connection, name, TokenKind.API, hub.now(), lasts=None, chance=hub.chance)

    return make


@pytest.fixture(name="as_user")
def _as_user(client: TestClient, token_for: Callable[..., str]) -> Callable[..., TestClient]:
    """Make users, and give a client that asks as one: ``as_user("anna", bars="operator")``."""

    def make(name: str, **grants: Any) -> TestClient:
        headers = {"Authorization": f"Bearer {token_for(name, grants)}"}
        asking = TestClient(client.app, base_url=PUBLIC_URL, raise_server_exceptions=False, headers=headers)
        asking.portal = client.portal  # one loop for all: a client without one makes it anew for each request
        return asking

    return make


@pytest.fixture(name="admin")
def _admin(as_user: Callable[..., TestClient]) -> TestClient:
    """Give a client that asks as the admin of all groups."""
    return as_user("admin")
