"""How often something may be tried, counted in the database, so that all workers count together."""

from sqlalchemy import Connection, delete, select, update

from easyplayer.errors import TooManyError
from easyplayer.hub.db.database import insert_for
from easyplayer.hub.db.schema import attempts
from easyplayer.units import Instant, Seconds

MOST = 5
WINDOW_S = Seconds(600.0)


def count(
    connection: Connection,
    key: str,
    now: Instant,
    what: str,
    *,
    most: int = MOST,
    window_s: Seconds = WINDOW_S,
) -> None:
    """Count one more try, before it is known how it ends, in a transaction of its own.

    :param key: what is counted, such as ``claim:192.0.2.7``.
    :param what: it was tried to do, for the message.
    :raises TooManyError: there were too many within the window; this one does not count.
    """
    connection.execute(delete(attempts).where(attempts.c.until <= now))
    first = insert_for(connection, attempts).values(key=key, count=0, until=now + window_s)
    connection.execute(first.on_conflict_do_nothing())
    query = select(attempts.c.count, attempts.c.until).where(attempts.c.key == key)
    tried, until = connection.execute(query.with_for_update()).one()
    if tried >= most:
        message = f"{what} was tried too often: try again in {_minutes(until - now)}"
        raise TooManyError(message, until - now)
    connection.execute(update(attempts).where(attempts.c.key == key).values(count=tried + 1))


def forgive(connection: Connection, key: str) -> None:
    """Forget all tries, for the last one was right."""
    connection.execute(delete(attempts).where(attempts.c.key == key))


def take_back(connection: Connection, key: str) -> None:
    """Forget one try."""
    connection.execute(
        update(attempts).where(attempts.c.key == key, attempts.c.count > 0).values(count=attempts.c.count - 1)
    )


def _minutes(span_s: float) -> str:
    count = max(1, round(span_s / 60))
    return "a minute" if count == 1 else f"{count} minutes"
