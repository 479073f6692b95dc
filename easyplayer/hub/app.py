"""Builds the hub from its settings: the database, the keys, the media, and the application over them."""

import secrets
import time
from collections.abc import Callable

from easyplayer.hub.db.database import Database
from easyplayer.hub.db.migrating import migrate
from easyplayer.hub.hub import Hub
from easyplayer.hub.keys import load_keys
from easyplayer.hub.media_store import MediaStore
from easyplayer.hub.passwords import Passwords
from easyplayer.hub.services.analysing import Analyser
from easyplayer.hub.settings import HubSettings
from easyplayer.hub.web import heartbeat
from easyplayer.hub.web.application import Application
from easyplayer.hub.web.endpoints import ENDPOINTS
from easyplayer.units import Instant


def wall_clock() -> Instant:
    """Tell what time it is by this machine's clock."""
    return Instant(time.time())


def build_hub(
    settings: HubSettings,
    *,
    now: Callable[[], Instant] = wall_clock,
    chance: Callable[[int], bytes] = secrets.token_bytes,
    passwords: Passwords | None = None,
) -> Hub:
    """Open everything that the hub works with; its database is brought up to this software's tables.

    :raises DatabaseError: the database does not answer, or is newer than this software.
    """
    database = Database(settings.database_url)
    migrate(database)
    with database.write() as connection:
        keys = load_keys(connection, now(), chance)
    return Hub(
        settings=settings,
        database=database,
        keys=keys,
        media=MediaStore(settings.media_place),
        now=now,
        chance=chance,
        passwords=passwords or Passwords(),
    )


def build_application(hub: Hub) -> Application:
    """Build all that answers over HTTP, and what runs beside it."""
    heartbeats = heartbeat.HeartbeatApp(hub)
    return Application(
        hub,
        ENDPOINTS,
        raw_routes={heartbeat.PATH: heartbeats},
        background=(heartbeats, Analyser(hub)),
    )
