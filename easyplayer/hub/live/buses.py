"""Which bus a hub's workers have."""

from easyplayer.hub.db.database import Database
from easyplayer.hub.live.bus import Bus, LocalBus
from easyplayer.hub.live.bus_remote import RemoteBus
from easyplayer.hub.settings import HubSettings


def bus_for(settings: HubSettings, database: Database) -> Bus:
    """Give the bus that the settings name; else that of the database, and none of it for SQLite."""
    if settings.bus:
        from easyplayer.hub.live.bus_nats import NatsCarrier

        return RemoteBus(NatsCarrier(settings.bus))
    if database.is_sqlite:
        return LocalBus()
    from easyplayer.hub.live.bus_postgres import PostgresCarrier

    url = database.url.set(drivername="postgresql")
    name = url.render_as_string(hide_password=True)
    return RemoteBus(PostgresCarrier(url.render_as_string(hide_password=False), name))
