"""The hub as its services and its pages see it: what it works with."""

from collections.abc import Callable
from threading import Event

from msgspec import Struct, field

from easyplayer.hub.db.database import Database
from easyplayer.hub.keys import Keys
from easyplayer.hub.live.worker import Worker
from easyplayer.hub.media_store import MediaStore
from easyplayer.hub.metrics import Metrics
from easyplayer.hub.passwords import Passwords
from easyplayer.hub.services.rehearsing import Rehearsals
from easyplayer.hub.settings import HubSettings
from easyplayer.units import Instant


class Hub(Struct, frozen=True, kw_only=True):
    """What the hub works with.

    :ivar now: tells what time it is.
    :ivar chance: gives so many random bytes.
    :ivar passwords: hashes and checks them.
    :ivar metrics: what it counts.
    :ivar rehearsals: what was previewed lately.
    :ivar tracks_came: set when there are tracks that nobody has analysed.
    :ivar copies_wanted: set when there are pictures of which boxes need a copy.
    :ivar worker: which of the hub's processes this one is.
    """

    settings: HubSettings
    database: Database
    keys: Keys
    media: MediaStore
    now: Callable[[], Instant]
    chance: Callable[[int], bytes]
    passwords: Passwords = field(default_factory=Passwords)
    metrics: Metrics = field(default_factory=Metrics)
    rehearsals: Rehearsals = field(default_factory=Rehearsals)
    tracks_came: Event = field(default_factory=Event)
    copies_wanted: Event = field(default_factory=Event)
    worker: Worker = field(default_factory=Worker)
