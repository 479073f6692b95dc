"""Every event of a box that is directed by a hub; see :mod:`easyplayer.events` for all others.

They are said and heard by the WebClient, the Workshop with its crafts, the Storage, the DownloadManager
and the Ledger, and heard by those that show how it stands.
"""

from collections.abc import Callable
from pathlib import Path

from easyplayer.drivers.tunnel import TunnelReport
from easyplayer.events import BoxEvent
from easyplayer.protocol.asrun import Receipt
from easyplayer.protocol.commands import Command, CommandResult
from easyplayer.protocol.heartbeat import Autonomy, LogHead, Place, Reply, Storage
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.units import Seconds

# -- the hub itself -----------------------------------------------------------------------------------


class hub_asked(BoxEvent):
    """What was asked of the hub, aside, has come to its end; fired by the Errands, from their thread.

    :param proceed: does what follows from that, on the loop's thread.
    """

    def __init__(self, proceed: Callable[[], object]) -> None:
        super().__init__(proceed)


class claim_code_shown(BoxEvent):
    """The box waits to be claimed at the hub; fired by WebClient, again with each new code.

    :param code: what an operator types there; empty where it waits no more.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)


class hub_reached(BoxEvent):
    """The hub answers, for the first time or again; fired by WebClient.

    :param hub: its base URL.
    """

    def __init__(self, hub: str) -> None:
        super().__init__(hub)


class hub_lost(BoxEvent):
    """The hub does not answer, or not as one; fired by WebClient, once for each reason.

    :param reason: in words, with the way out.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class hub_answered(BoxEvent):
    """A heartbeat was answered; fired by WebClient.

    :param reply: the answer.
    """

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)


class sync_with_hub(BoxEvent):
    """Send a heartbeat and deliver the log now, whatever the interval; fired by the Workshop."""


class go_offline(BoxEvent):
    """Behave as if the hub were away; fired by the Workshop for a rehearsal.

    :param seconds: for how long; 0 is no longer.
    """

    def __init__(self, seconds: Seconds) -> None:
        super().__init__(seconds)


class forget_hub(BoxEvent):
    """Unpair, make a new key, and wait to be claimed anew; the music goes on.

    Fired by the Workshop, when the hub has confirmed the result of ``forget``, and by WebClient for a clone.

    :param reason: in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class box_placed(BoxEvent):
    """The hub has said where the box is; fired by WebClient when that is news, and at the start.

    :param place: venue and zone.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(place)


class box_blocked(BoxEvent):
    """The hub lets the box play, or does not; fired by WebClient when that changes, and at the start.

    :param reason: why it may not; empty where it may.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class carry_out(BoxEvent):
    """Carry a command out; fired by WebClient for all but web commands.

    Its signature has proved right, it is for this box, and it has not expired.  It may have come before.

    :param command: the command.
    """

    def __init__(self, command: Command) -> None:
        super().__init__(command)


class command_finished(BoxEvent):
    """There is a result for the hub; fired by the Workshop, at the start once more for those not confirmed.

    :param result: the result.
    """

    def __init__(self, result: CommandResult) -> None:
        super().__init__(result)


class results_confirmed(BoxEvent):
    """The hub has these results; fired by WebClient.

    :param ids: ids of their commands.
    """

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__(ids)


class journal_written(BoxEvent):
    """The journal of commands is on the disk, or is not; fired by the Clerk, from the disk's thread.

    :param number: counts the attempts to write it.
    :param trouble: why it is not; empty where it is.
    """

    def __init__(self, number: int, trouble: str) -> None:
        super().__init__(number, trouble)


class craft_worked(BoxEvent):
    """What a command has done aside is over; fired by the Workshop, from that command's thread.

    :param command: the command's id.
    :param ending: an :class:`easyplayer.crafts.ending.Ending`, or ``None`` where there is more to come.
    """

    def __init__(self, command: str, ending: object) -> None:
        super().__init__(command, ending)


class tunnel_reported(BoxEvent):
    """The tunnel for support has news; fired by the Workshop, from the tunnel's thread.

    :param report: one of :data:`easyplayer.drivers.tunnel.TunnelReport`.
    """

    def __init__(self, report: TunnelReport) -> None:
        super().__init__(report)


class support_opened(BoxEvent):
    """There is a way in for support; fired by the Workshop.

    :param why: for whom, and why.
    :param seconds: for how long.
    """

    def __init__(self, why: str, seconds: Seconds) -> None:
        super().__init__(why, seconds)


class support_closed(BoxEvent):
    """There is no way in for support any more; fired by the Workshop.

    :param reason: in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


# -- the as-run log on its way -----------------------------------------------------------------


class log_ready(BoxEvent):
    """So much of the as-run log is ready to be delivered; fired by Ledger, from the disk's thread.

    :param head: how far it has come.
    """

    def __init__(self, head: LogHead) -> None:
        super().__init__(head)


class log_received(BoxEvent):
    """The hub has received entries of the log; fired by the Courier, and by WebClient where it has lost some.

    :param receipt: which.
    """

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt)


class entry_poisoned(BoxEvent):
    """One entry of the log cannot be delivered at all; fired by the Courier.

    :param number: the entry.
    :param reason: in words.
    :param log_id: the log it belongs to, as its batch said; empty is the one that is written.
    """

    def __init__(self, number: int, reason: str, log_id: str = "") -> None:
        super().__init__(number, reason, log_id)


# -- programs and media from the hub -----------------------------------------------------------


class program_offered(BoxEvent):
    """The hub has another program for this box; fired by WebClient, with each heartbeat until it is taken.

    :param head: which; its signature has proved right.
    """

    def __init__(self, head: ProgramHead) -> None:
        super().__init__(head)


class program_staged(BoxEvent):
    """A program from the hub is on the disk, and what it wants is fetched next; fired by DownloadManager.

    :param head: which.
    """

    def __init__(self, head: ProgramHead) -> None:
        super().__init__(head)


class demand_told(BoxEvent):
    """What the hub's programs want has been looked up on the disk; fired by DownloadManager's background.

    :param demand: a :class:`easyplayer.stocktaking.Demand`.
    """

    def __init__(self, demand: object) -> None:
        super().__init__(demand)


class fetch_ended(BoxEvent):
    """An attempt to fetch something from the hub is over; fired by DownloadManager's background.

    :param fetched: a :class:`easyplayer.fetching.Fetched`.
    """

    def __init__(self, fetched: object) -> None:
        super().__init__(fetched)


class switch_storage(BoxEvent):
    """Make the newly downloaded storage the current one.

    Fired by DownloadManager when it is complete, and by the Workshop for a person who wants it at once.

    :param at_once: whether what plays gives way.
    """

    def __init__(self, *, at_once: bool = False) -> None:
        super().__init__(at_once)


class switch_refused(BoxEvent):
    """The storage cannot be switched, and the old one stays; fired by Storage's background.

    :param reason: in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class storage_switched(BoxEvent):
    """The storage that was staged is the current one; fired by Storage's background.

    It also tells at the start which one is current.  Where the hub gives that a new revision, it is fired by
    DownloadManager's background.

    :param head: the program's.
    """

    def __init__(self, head: ProgramHead) -> None:
        super().__init__(head)


class storage_told(BoxEvent):
    """What is on the disk, or on its way there, has changed; fired by Storage's background.

    :param storage: how it is.
    :param autonomy: how long that lasts; ``None`` where nobody has looked.
    """

    def __init__(self, storage: Storage, autonomy: Autonomy | None) -> None:
        super().__init__(storage, autonomy)


class fetch_media(BoxEvent):
    """Bring one medium from the hub, before all others; fired by the Workshop.

    :param sha256: which.
    """

    def __init__(self, sha256: str) -> None:
        super().__init__(sha256)


class media_fetched(BoxEvent):
    """A medium is on the disk, verified; fired by DownloadManager.

    :param sha256: which.
    :param path: where.
    """

    def __init__(self, sha256: str, path: Path) -> None:
        super().__init__(sha256, path)


class media_refused(BoxEvent):
    """A medium cannot be had; fired by DownloadManager.

    :param sha256: which.
    :param reason: in words.
    """

    def __init__(self, sha256: str, reason: str) -> None:
        super().__init__(sha256, reason)


class verify_storage(BoxEvent):
    """Look at every medium on the disk, to the byte; fired by the Workshop.

    :param thoroughly: whether each is read and hashed; if not, only its presence and length count.
    """

    def __init__(self, *, thoroughly: bool) -> None:
        super().__init__(thoroughly)


class storage_verified(BoxEvent):
    """The media on the disk have been looked at; fired by Storage's background.

    :param good: how many are right.
    :param bad: digests of those that were not, and have been thrown away, to be fetched once more.
    """

    def __init__(self, good: int, bad: tuple[str, ...]) -> None:
        super().__init__(good, bad)
