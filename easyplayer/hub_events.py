"""Every event of a box that is directed by a hub; see :mod:`easyplayer.events` for all others.

They are said and heard by the WebClient, the LiveChannel, the Workshop with its crafts, the Storage, the
DownloadManager and the Ledger, and heard by those that show how it stands.
"""

from collections.abc import Callable

from easyplayer.drivers.live_line import LineReport
from easyplayer.drivers.tunnel import TunnelReport
from easyplayer.events import BoxEvent
from easyplayer.protocol.asrun import Receipt
from easyplayer.protocol.commands import Command, CommandResult
from easyplayer.protocol.heartbeat import LogHead, Place, Reply
from easyplayer.protocol.signed import Signed
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


# -- the live channel ---------------------------------------------------------------------------------


class line_reported(BoxEvent):
    """The line to the hub has news; fired by LiveChannel, from the line's thread.

    :param line: the number of the line; what one says that was given up counts for nothing.
    :param report: one of :data:`easyplayer.drivers.live_line.LineReport`.
    """

    def __init__(self, line: int, report: LineReport) -> None:
        super().__init__(line, report)


class live_opened(BoxEvent):
    """The live channel is up, or goes another way from now on; fired by LiveChannel.

    :param transport: ``websocket`` or ``polling``.
    :param heartbeat_s: how often a heartbeat is wanted while it is up.
    """

    def __init__(self, transport: str, heartbeat_s: Seconds) -> None:
        super().__init__(transport, heartbeat_s)


class live_closed(BoxEvent):
    """The live channel is down, or does not come up; fired by LiveChannel, once for each reason.

    :param reason: in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class orders_received(BoxEvent):
    """Commands have come by the live channel; fired by LiveChannel.

    :param commands: each a :class:`~easyplayer.protocol.commands.Command`, as it was signed.
    """

    def __init__(self, commands: tuple[Signed, ...]) -> None:
        super().__init__(commands)


class heartbeat_wanted(BoxEvent):
    """Send a heartbeat before its time; fired by LiveChannel.

    The hub has asked for it, or something has changed that an operator must know at once.

    :param within_s: within so long, at random.
    """

    def __init__(self, within_s: Seconds) -> None:
        super().__init__(within_s)


# -- the as-run log on its way -----------------------------------------------------------------


class log_ready(BoxEvent):
    """So much of the as-run log is ready to be delivered; fired by Ledger, from the disk's thread.

    :param head: how far it has come.
    """

    def __init__(self, head: LogHead) -> None:
        super().__init__(head)


class log_received(BoxEvent):
    """The hub has received entries of the log.

    Fired by the Courier, by WebClient where it has lost some, and by Porter for what a stick says of that.

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
