"""A PostgreSQL server of the tests' own: started when one is asked for, gone with the process that did."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import MetaData

USER = "postgres"
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin")
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "autovacuum": "off",
}
"""Nothing of it has to outlive the tests."""
MOST_S = 30.0


def program(name: str) -> str | None:
    """Find a program of PostgreSQL's; Debian does not put them on the path."""
    found = [str(path / name) for place in PLACES for path in sorted(Path("/").glob(place[1:]))]
    return shutil.which(name) or next((path for path in found if os.access(path, os.X_OK)), None)


def is_there() -> bool:
    """Tell whether this machine has PostgreSQL."""
    return program("initdb") is not None and program("postgres") is not None


@contextmanager
def cluster() -> Iterator[Path]:
    """Run a server; gives the folder of its socket."""
    folder = Path(tempfile.mkdtemp(prefix="hub-pg-", dir="/tmp"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, USER, USER)
        data = folder / "data"
        make = [program("initdb") or "", "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8"]
        command = [*_as_user(), *make, "--no-sync", "--locale=C"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        server = start(folder)
        try:
            yield folder
        finally:
            end(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start a server on what a cluster has; returns once it answers."""
    options = [part for name, value in FAST.items() for part in ("-c", f"{name}={value}")]
    run = [program("postgres") or "", "-D", str(folder / "data"), "-k", str(folder), *options]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            [*_as_user(), *run], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder
        )
    try:
        _await(folder)
    except BaseException:
        end(server)
        raise
    return server


def end(server: subprocess.Popen[bytes]) -> None:
    """End a server, where it has not ended."""
    server.terminate()
    try:
        server.wait(MOST_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def url(folder: Path, name: str) -> str:
    """Name a database of a server, as the hub's settings do."""
    return f"postgresql://{USER}@/{name}?host={folder}"


def run(folder: Path, *statements: str) -> None:
    """Run statements outside of any transaction."""
    with psycopg.connect(host=str(folder), user=USER, dbname=USER, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def clear(folder: Path, name: str, metadata: MetaData, revision: str) -> None:
    """Take everything out of all tables, and let nobody else go on in the database."""
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = %s AND pid <> pg_backend_pid()"
    )
    sequences = "SELECT setval(seqrelid, 1, false) FROM pg_sequence"
    with psycopg.connect(host=str(folder), user=USER, dbname=name) as connection:
        connection.execute(others, [name])
        connection.execute("SET LOCAL session_replication_role = replica")  # no order among the tables
        for table in metadata.tables:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        connection.execute(sequences)
        connection.execute("UPDATE alembic_version SET version_num = %s", [revision])


def _as_user() -> list[str]:
    """Let nothing of it outlive this process; PostgreSQL does not run as root."""
    if os.getuid() != 0:
        return ["setpriv", "--pdeathsig", "INT"]
    user = pwd.getpwnam(USER)
    return [
        "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--pdeathsig", "INT",
    ]  # fmt: skip


def _await(folder: Path) -> None:
    deadline = time.monotonic() + MOST_S
    while True:
        try:
            run(folder)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise AssertionError((folder / "log").read_text()) from None
            time.sleep(0.02)
        else:
            return
