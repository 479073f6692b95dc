"""Leases on tracks: who analyses a track, or makes its copy, holds one, and renews it until that is done.

So several processes never do the same; what a hub that was killed, or has lost its power, worked on is taken
up by the next; and a lease that cannot be renewed tells that nobody wants the work any more.  How often the
work was begun is counted before it is known how it ends: what ends the hub itself is given up, too.
"""

import errno
import threading
import time
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, RowMapping, and_, or_, select, update

from easyplayer.analysis import require_tools
from easyplayer.errors import AnalysisError, HubError
from easyplayer.hub.content_views import TrackState
from easyplayer.hub.db.schema import tracks
from easyplayer.hub.hub import Hub
from easyplayer.units import Instant, Seconds

LEASE_S = Seconds(60.0)
LONGEST_S = Seconds(10 * LEASE_S)
"""A lease that is further ahead comes from a clock that was wrong, and is none."""
MOST_TRIES = 3
"""How often the same is begun."""
_WANTING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM})

# -- in the database -------------------------------------------------------------------------------


def is_held(lease: float, now: Instant) -> bool:
    """Tell whether somebody holds a lease.

    >>> is_held(60.0, 0.0), is_held(60.0, 61.0), is_held(1e9, 0.0)
    (True, False, False)
    """
    return now < lease <= now + LONGEST_S


def take(
    connection: Connection, now: Instant, state: TrackState, without: Collection[str] = ()
) -> RowMapping | None:
    """Take on the track that was begun least often, and of those the one that has waited longest.

    :param without: ids of those that are to wait longer.
    :returns: its row, with the lease that is held from now on, and with this try.
    """
    free = or_(tracks.c.lease <= now, tracks.c.lease > now + LONGEST_S)
    query = select(tracks).where(tracks.c.state == state.value, free, tracks.c.id.not_in(sorted(without)))
    query = query.order_by(tracks.c.tries, tracks.c.created, tracks.c.id).limit(1)
    row = connection.execute(query.with_for_update(skip_locked=True)).mappings().first()
    if row is None:
        return None
    mine = tracks.c.id == row["id"]
    connection.execute(update(tracks).where(mine).values(lease=now + LEASE_S, tries=row["tries"] + 1))
    return connection.execute(select(tracks).where(mine)).mappings().one()


def keep(connection: Connection, row: RowMapping, held: float, **values: Any) -> bool:
    """Write something of a track that was taken on; tell whether its lease was still held.

    :param held: the lease that is held.
    """
    mine = and_(tracks.c.id == row["id"], tracks.c.state == row["state"], tracks.c.lease == held)
    return bool(connection.execute(update(tracks).where(mine).values(**values)).rowcount)


def leave(connection: Connection, row: RowMapping, held: float, *, counts: bool, **values: Any) -> bool:
    """Leave a track to whoever comes next.

    :param counts: whether this try is one of :data:`MOST_TRIES`.
    """
    return keep(connection, row, held, lease=0.0, tries=row["tries"] - (not counts), **values)


def clear(connection: Connection, state: TrackState) -> None:
    """Take back all leases, where nobody else can hold any."""
    connection.execute(update(tracks).where(tracks.c.state == state.value).values(lease=0.0))


# -- while something is done -----------------------------------------------------------------------


class Hold:
    """Holds a track for as long as something is done with it: ``with Hold(…) as hold``.

    :param row: as :func:`take` gives it.
    :param ending: set where the hub is being stopped.
    :param every_s: how often the lease is renewed, and seen whether the work is wanted still.
    :ivar began: when, by the monotonic clock.
    :ivar lease: the one that is held.
    :ivar lost: whether it was lost: the work is not wanted any more, or somebody else does it.
    :ivar stop: set where the work is to end, for either reason.
    """

    def __init__(self, hub: Hub, row: RowMapping, ending: threading.Event, every_s: Seconds) -> None:
        self._hub = hub
        self._row = row
        self._every_s = every_s
        self._part = 0.0
        self._over = threading.Event()
        self._renewed_at = self.began = time.monotonic()
        self._thread = threading.Thread(target=self._keep_on, name=f"lease of {row['id']}", daemon=True)
        self.lease: float = row["lease"]
        self.lost = False
        self.stop: threading.Event = _Stop(ending)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def tell(self, part: float) -> None:
        """Note how far the work is, from 0 to 1."""
        self._part = part

    def renew(self) -> bool:
        """Hold on to the track, and write down how far the work is; tell whether it is wanted still.

        Where the database is away for a while, the lease goes on until it is over.
        """
        until = self._hub.now() + LEASE_S
        try:
            with self._hub.database.write() as connection:
                held = keep(connection, self._row, self.lease, lease=until, progress=self._part)
        except HubError:
            return time.monotonic() < self._renewed_at + LEASE_S
        if held:
            self.lease, self._renewed_at = until, time.monotonic()
        return held

    def _keep_on(self) -> None:
        """Renew the lease again and again; runs on a thread of its own."""
        while not self._over.wait(self._every_s):
            if not self.renew():
                self.lost = True
                self.stop.set()
                return


class _Stop(threading.Event):
    """Is set by itself where the hub is being stopped."""

    def __init__(self, ending: threading.Event) -> None:
        super().__init__()
        self._ending = ending

    def is_set(self) -> bool:
        """Tell whether the work is to end."""
        return super().is_set() or self._ending.is_set()


def may_be_its_fault(error: Exception) -> bool:
    """Tell whether a failure counts as a try of a file, and not as something that the hub itself lacks."""
    if isinstance(error, HubError) or (isinstance(error, OSError) and error.errno in _WANTING):
        return False
    try:
        require_tools()
    except AnalysisError:
        return False
    return True
