"""How the live channel's protocol is to behave."""

from easyplayer.engineio import Options
from easyplayer.hub.settings import HubSettings
from easyplayer.protocol.live import MOST_LIVE_BYTES, MOST_REPORT_BYTES


def options_for(settings: HubSettings, worker: str) -> Options:
    """Tell how the live channel is to behave.

    Pages of other sites may ask, with a token of their own; a cookie is not sent for them, and if it were,
    the doorkeeper would not take it.

    :param worker: stands in the ids of the sessions.
    """
    return Options(
        max_http_buffer_size=MOST_REPORT_BYTES,
        queue_bytes=2 * MOST_LIVE_BYTES,
        cors_allowed_origins="*",
        cors_credentials=False,
        most_sessions=settings.live_most,
        most_sessions_per_address=settings.live_most_per_address,
        worker=worker,
    )
