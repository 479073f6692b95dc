"""Builds the hub from its settings: the database, the keys, the media, and the application over them."""

import secrets
import time
from collections.abc import Callable

from starlette.types import ASGIApp

from easyplayer.hub.db.database import Database
from easyplayer.hub.db.migrating import migrate
from easyplayer.hub.hub import Hub
from easyplayer.hub.keys import load_keys
from easyplayer.hub.live.buses import bus_for
from easyplayer.hub.live.channel import LiveHub
from easyplayer.hub.live.doors import PATH as LIVE_PATH
from easyplayer.hub.live.doors import Doors
from easyplayer.hub.live.presence import Presence
from easyplayer.hub.live.relay import Relay
from easyplayer.hub.live.worker import Worker
from easyplayer.hub.media_store import MediaStore
from easyplayer.hub.passwords import Passwords
from easyplayer.hub.services.analysing import Analyser
from easyplayer.hub.services.copying import Copier
from easyplayer.hub.settings import HubSettings
from easyplayer.hub.web import heartbeat
from easyplayer.hub.web.application import Application
from easyplayer.hub.web.endpoints import ENDPOINTS, PAGES
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
    worker: Worker | None = None,
) -> Hub:
    """Open everything that the hub works with; its database is brought up to this software's tables.

    :param worker: which of the hub's processes this is, where there are several.
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
        worker=worker or Worker(),
    )


def build_application(hub: Hub) -> Application:
    """Build all that answers over HTTP, and what runs beside it."""
    if not hub.settings.live:
        heartbeats = heartbeat.HeartbeatApp(hub)
        return Application(
            hub,
            (*ENDPOINTS, *PAGES),
            raw_routes={heartbeat.PATH: heartbeats},
            background=(heartbeats, Analyser(hub), Copier(hub)),
        )
    live = LiveHub(hub, bus_for(hub.settings, hub.database), hub.worker.name)
    heartbeats = heartbeat.HeartbeatApp(hub, told=live.told)
    return Application(
        hub,
        (*ENDPOINTS, *PAGES),
        raw_routes={heartbeat.PATH: heartbeats},
        lines={LIVE_PATH: _entry(hub, live)},
        background=(
            heartbeats,
            Analyser(hub),
            Copier(hub),
            live,
            Presence(hub.database, hub.now, live.live_boxes, hub.settings.heartbeat_s),
            Doors(hub, live.server),
        ),
        leave=live.leave,
    )


def _entry(hub: Hub, live: LiveHub) -> ASGIApp:
    """Give the live channel as it answers at the hub's own port."""
    if hub.worker.sockets is None:
        return live
    return Relay(live, hub.worker.name, hub.worker.sockets, live.server.proxies)
