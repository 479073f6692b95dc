"""Heartbeats in PostgreSQL: one statement for a whole group."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from msgspec.structs import astuple

from easyplayer.errors import BadRequestError, DatabaseError
from easyplayer.hub.db.beats import Beat, Standing

CONNECTIONS = 2
"""One writes while another one, opened anew after the database was away, gets ready."""
PATIENCE_S = 20.0
MOST_ATTEMPTS = 3
"""How often a group is written that has stood in another transaction's way."""

WRITE = """
WITH beats AS (
    SELECT * FROM unnest(
        $1::text[], $2::bigint[], $3::double precision[], $4::text[], $5::text[], $6::text[], $7::bigint[],
        $8::text[], $9::text[], $10::text[], $11::bigint[], $12::text[], $13::text[], $14::text[]
    ) AS beat (
        box, epoch, seen, address, boot, run, sequence, now, digest, status, revision, log_id, log, screen
    )
)
UPDATE pulses SET
    seen = beat.seen, address = beat.address, boot = beat.boot, run = beat.run, sequence = beat.sequence,
    now = beat.now, revision = beat.revision,
    digest = CASE WHEN beat.status = '' THEN pulses.digest ELSE beat.digest END,
    status = CASE WHEN beat.status = '' THEN pulses.status ELSE beat.status END,
    screen = CASE WHEN beat.status = '' THEN pulses.screen ELSE beat.screen END,
    log = CASE WHEN beat.log = '' THEN pulses.log ELSE beat.log END,
    attention = CASE
        WHEN pulses.run = beat.run AND pulses.revision = beat.revision THEN pulses.attention
        ELSE greatest(pulses.attention, 1)
    END
FROM beats AS beat
JOIN boxes ON boxes.id = beat.box AND boxes.epoch = beat.epoch
LEFT JOIN logs ON logs.box = beat.box AND logs.log = beat.log_id
WHERE pulses.box = beat.box
RETURNING pulses.box, pulses.attention, pulses.digest, logs.acknowledged
"""


class PostgresBeats:
    """Writes heartbeats into a PostgreSQL database.

    :param url: as libpq writes it.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: Any = None

    async def open(self) -> None:
        """Connect."""
        try:
            self._pool = await asyncpg.create_pool(
                self._url, min_size=1, max_size=CONNECTIONS, command_timeout=PATIENCE_S
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise _away(error) from error

    async def write(self, beats: Sequence[Beat]) -> list[Standing | None]:
        """Write heartbeats in one transaction."""
        columns = list(zip(*map(astuple, sorted(beats, key=lambda beat: beat.box)), strict=True))
        rows = await self._written(columns)
        found = {row[0]: Standing(row[1], row[2], row[3]) for row in rows}
        return [found.get(beat.box) for beat in beats]

    async def close(self) -> None:
        """Let the connections go."""
        if self._pool is not None:
            await self._pool.close()

    async def _written(self, columns: Sequence[Sequence[object]]) -> list[Any]:
        for attempt in range(1, MOST_ATTEMPTS + 1):
            try:
                return list(await self._pool.fetch(WRITE, *columns))
            except asyncpg.DeadlockDetectedError as error:
                if attempt == MOST_ATTEMPTS:
                    raise _away(error) from error
            except (asyncpg.DataError, ValueError) as error:
                message = f"the database does not take this heartbeat: {error}"
                raise BadRequestError(message) from error
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                raise _away(error) from error
        return []


def _away(error: Exception) -> DatabaseError:
    return DatabaseError(f"heartbeats cannot be written ({error}): does the database run, and answer?")
