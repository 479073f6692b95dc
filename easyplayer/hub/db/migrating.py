"""Brings a database to the tables that this software knows, and refuses one that is newer.

There is a way up only: who wants an older software back restores the backup from before.
"""

from importlib.resources import as_file, files
from logging import getLogger

from sqlalchemy import Connection, inspect, text

from easyplayer.errors import DatabaseError
from easyplayer.hub.db.database import Database

HEAD = "0005"
"""The revision of the tables in :mod:`easyplayer.hub.db.schema`."""
NOTHING = "none"
"""What the log calls the revision of an empty database."""
LOCK = 0x6561_7379
"""What PostgreSQL calls the lock by which one worker migrates and the others wait."""

log = getLogger(__name__)


def migrate(database: Database) -> None:
    """Bring a database up to :data:`HEAD`; where several do so at once, one does it and the others wait.

    :raises DatabaseError: it is newer than this software, or does not answer.
    """
    with database.read() as connection:
        if revision(connection) == HEAD:
            return
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        before = revision(connection)
        if before != HEAD:
            _upgrade(connection, before)


def revision(connection: Connection) -> str:
    """Tell which revision a database is at; the empty string is a database without any tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return "" if found is None else str(found)


def _upgrade(connection: Connection, before: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    with as_file(files("easyplayer.hub.db") / "migrations") as place:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(place))
        known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
        if before and before not in known:
            raise DatabaseError(_newer(before))
        command.upgrade(config, HEAD)
    log.info("the database has gone from revision %s to %s", before or NOTHING, HEAD)


def _newer(found: str) -> str:
    return (
        f"the database is at revision {found}, and this software knows those up to {HEAD}: "
        "it was used by a newer easyplayer; install that one, or restore a backup from before"
    )
