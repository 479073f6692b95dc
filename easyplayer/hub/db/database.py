"""One database, whichever it is: transactions for all that is not the heartbeat."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import getLogger
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError as SqliteOperationalError
from time import monotonic, sleep

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from easyplayer.errors import BadRequestError, ConflictError, DatabaseError, UnavailableError

log = getLogger(__name__)

BUSY_MAY_TAKE_S = 20.0
"""How long one transaction waits for another."""
MOST_CONNECTIONS = 8
ONE_STATE = {"isolation_level": "REPEATABLE READ"}
"""How PostgreSQL reads one state in a whole transaction; SQLite does so by itself."""
WRITES = "easyplayer_writes"
FACTS = "easyplayer_facts"
TRY_AGAIN_S = 2.0
LOOK_AGAIN_S = 0.02


class Database:
    """A database.  Its methods block, and may be called from any thread.

    :param url: as SQLAlchemy writes it: ``sqlite:///hub.sqlite`` or ``postgresql://user@host/name``.
    :raises DatabaseError: if the URL is none.
    :ivar heard: is told what transactions have noted, see :func:`note`; nobody listens at first.
    """

    def __init__(self, url: str) -> None:
        self.heard: Callable[[list[object]], object] = _nobody
        self.url = _with_driver(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgres(self.url)
        self._reading = self.engine if self.is_sqlite else self.engine.execution_options(**ONE_STATE)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read in one transaction, which sees one state of everything.

        :raises DatabaseError: if the database does not answer.
        :raises UnavailableError: if too many others use it.
        """
        with self._told(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Change something in one transaction: all of it, or none.

        What a service has not foreseen, such as that someone else was faster, is told in general words.

        :raises DatabaseError: if the database does not answer, or does not take it.
        :raises ConflictError: if what it refers to is not there, or it is there already.
        :raises BadRequestError: if a value cannot be kept.
        :raises UnavailableError: if too many others use it.
        """
        facts: list[object] = []
        options = {WRITES: True, FACTS: facts}
        with self._told(), self.engine.execution_options(**options).begin() as connection:
            yield connection
        if facts:
            self._tell(facts)

    def close(self) -> None:
        """Let all connections go."""
        self.engine.dispose()

    def _tell(self, facts: list[object]) -> None:
        """Pass on what has happened; it has, whatever becomes of the news of it."""
        try:
            self.heard(facts)
        except Exception:
            log.exception("what has happened was not passed on: %s", facts)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            message = "it is there already, or something that it needs is not, or still needs it: look again"
            raise ConflictError(message) from error
        except (DataError, OverflowError) as error:
            message = "a value is one that no database can keep: a number too great, or a broken text"
            raise BadRequestError(message) from error
        except PoolTimeoutError as error:
            message = "too much is asked of the database at once: try again in a moment"
            raise UnavailableError(message, TRY_AGAIN_S) from error
        except (OperationalError, InterfaceError) as error:
            message = f"{self._does_not(error)}: is it running, and is there space?"
            raise DatabaseError(message) from error
        except DBAPIError as error:
            message = f"{self._does_not(error)}: is it damaged, read-only, or not the hub's own?"
            raise DatabaseError(message) from error

    def _does_not(self, error: DBAPIError) -> str:
        where = self.url.render_as_string(hide_password=True)
        return f"the database {where} does not do it ({type(error.orig).__name__}: {error.orig})"


def _with_driver(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        message = f"{url!r} names no database: write sqlite:///FILE or postgresql://USER@HOST/NAME"
        raise DatabaseError(message) from error
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        message = f"{parsed.drivername} is no database that the hub knows: write sqlite: or postgresql:"
        raise DatabaseError(message)
    return (
        parsed.set(drivername="postgresql+psycopg") if parsed.get_backend_name() == "postgresql" else parsed
    )


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_MAY_TAKE_S})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None
    _write_ahead(connection)
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: SqliteConnection) -> None:
    """Have a database write ahead; to change to that, SQLite waits for nobody who uses it, so we do."""
    until = monotonic() + BUSY_MAY_TAKE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except SqliteOperationalError:
            if monotonic() > until:
                raise
            sleep(LOOK_AGAIN_S)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Begin as what it is: a transaction that turns into a writing one may be told that it came too late."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres(url: URL) -> Engine:
    return create_engine(url, pool_size=MOST_CONNECTIONS, max_overflow=0, pool_pre_ping=True)


def note(connection: Connection, fact: object) -> None:
    """Have a fact told to :attr:`Database.heard` once the transaction that makes it one is committed.

    All facts of a transaction are told at once, in the thread that has committed it; if it is not committed,
    none of them is.

    :param connection: as :meth:`Database.write` gives it.
    """
    connection.get_execution_options()[FACTS].append(fact)


def _nobody(_facts: list[object]) -> None:
    """Hear nothing."""


def insert_for(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Begin an INSERT that can say what happens if the row is there already.

    Whether it was inserted tells a ``returning`` clause; not every driver counts the rows.
    """
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
