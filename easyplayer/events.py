"""Every event of the box: who fires it, when, and with what.

Commands are imperative (``cue_item``): somebody wants something done.  Facts are past tense
(``item_started``): it has happened.  An event reaches every part that handles its name.
"""

from collections.abc import Callable
from pathlib import Path

from circuits.core.events import Event

from easyplayer.drivers.deck import DeckReport
from easyplayer.drivers.monitor import Level
from easyplayer.drivers.sound_server import ServerReport
from easyplayer.drivers.tunnel import TunnelReport
from easyplayer.drivers.wall_clock import Reading
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over, Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.protocol.asrun import Receipt
from easyplayer.protocol.commands import Command, CommandResult
from easyplayer.protocol.heartbeat import Autonomy, LogHead, Place, Reply, Storage
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.units import Monotonic, Percent, Seconds


class BoxEvent(Event):
    """The base of all events here."""

    channels = ("*",)


# -- the application ---------------------------------------------------------------------------


class check_allowed(BoxEvent):
    """Decide anew whether the box may play now.

    Fired by App: each minute, and whenever something that it depends on has changed.
    """


class shut_down(BoxEvent):
    """End the box, softly.

    Fired by App on SIGTERM and SIGINT, by Keys, by the Scheduler when a list that was to be played
    once is over, by AudioPlayer where too many decks have hung, and by the Workshop to be started anew.

    :param exit_code: what the process exits with.
    """

    def __init__(self, exit_code: int = 0) -> None:
        super().__init__(exit_code)


class allowance_changed(BoxEvent):
    """The box may play, or may not, and why; fired by App when either changes.

    :param allowed: whether it may.
    :param reason: in words.
    """

    def __init__(self, *, allowed: bool, reason: str) -> None:
        super().__init__(allowed, reason)


class handler_failed(BoxEvent):
    """A part of the box has failed to handle an event; fired by App, which has logged it.

    :param count: how many such failures there have been since the start.
    :param what: the failure in one line.
    """

    def __init__(self, count: int, what: str) -> None:
        super().__init__(count, what)


class status_published(BoxEvent):
    """There is a fresh status; fired by StatusBoard twice a second.

    :param status: a :class:`easyplayer.status.Status`.
    """

    def __init__(self, status: object) -> None:
        super().__init__(status)


# -- what the players are told -----------------------------------------------------------------


class start_playing(BoxEvent):
    """Play; fired by App when the box may, and by the Workshop for a person."""


class fade_out(BoxEvent):
    """Fade the current player out until it stops.

    Fired by App when the box may not play, or shuts down, and by the Workshop for a person.

    :param seconds: how long the fade takes.
    :param reason: why, for the log and the status.
    """

    def __init__(self, seconds: Seconds, reason: str) -> None:
        super().__init__(seconds, reason)


class pause_playing(BoxEvent):
    """Hold what plays where it is; fired for a person."""


class resume_playing(BoxEvent):
    """Go on from where it was held; fired for a person."""


class skip_item(BoxEvent):
    """Leave the item that plays, at once; fired for a person."""


class set_volume(BoxEvent):
    """Turn the volume; fired for a person.

    :param volume: 0 to 100; VolumeControl keeps it within the limits of the settings and the program.
    """

    def __init__(self, volume: Percent) -> None:
        super().__init__(volume)


class turn_volume(BoxEvent):
    """Be so loud from now on; fired by VolumeControl, often while the volume goes from one value to another.

    :param volume: 0 to 100, on the scale of :class:`set_volume`.
    """

    def __init__(self, volume: float) -> None:
        super().__init__(volume)


class cue_item(BoxEvent):
    """Take this as the next item, in place of one that was cued and does not sound yet.

    Fired by the Scheduler to answer :class:`item_wanted`, and when something else is to come next.

    :param prepared: the item, made ready.
    :param start_s: position to start at, when it is not the item's cue in.
    :param at: instant at which it starts and what plays gives way; ``None`` when that is over.
    """

    def __init__(
        self, prepared: PreparedItem, start_s: Seconds | None = None, at: Monotonic | None = None
    ) -> None:
        super().__init__(prepared, start_s, at)


class cue_spot(BoxEvent):
    """Play this over the music; fired by the Announcer some seconds ahead, and by the Herald for a person.

    :param prepared: the spot's item, made ready.
    :param at: instant at which it starts to sound.
    :param over: what it does to the music.
    :param ducking: how the music goes and comes back.
    """

    def __init__(self, prepared: PreparedItem, at: Monotonic, over: Over, ducking: Ducking) -> None:
        super().__init__(prepared, at, over, ducking)


# -- what the players tell ---------------------------------------------------------------------


class item_wanted(BoxEvent):
    """The player has room for a next item; fired by AudioPlayer.

    :param urgent: nothing sounds, so an item that starts now is better than a better one later.
    """

    def __init__(self, *, urgent: bool) -> None:
        super().__init__(urgent)


class item_started(BoxEvent):
    """An item began to sound; fired by AudioPlayer.

    :param prepared: the item.
    :param position_s: where in the medium.
    """

    def __init__(self, prepared: PreparedItem, position_s: Seconds) -> None:
        super().__init__(prepared, position_s)


class item_advanced(BoxEvent):
    """The item on air went on; fired by AudioPlayer about three times a second.

    :param prepared: the item.
    :param position_s: where in the medium.
    """

    def __init__(self, prepared: PreparedItem, position_s: Seconds) -> None:
        super().__init__(prepared, position_s)


class item_finished(BoxEvent):
    """An item has been heard to its end, or was left; fired by AudioPlayer.

    :param prepared: the item.
    :param why: why it sounds no more.
    """

    def __init__(self, prepared: PreparedItem, why: Ended) -> None:
        super().__init__(prepared, why)


class spot_started(BoxEvent):
    """A spot began to sound over the music; fired by AudioPlayer.

    :param prepared: its item.
    """

    def __init__(self, prepared: PreparedItem) -> None:
        super().__init__(prepared)


class spot_finished(BoxEvent):
    """A spot over the music is over, or did not come about; fired by AudioPlayer.

    :param prepared: its item.
    :param why: ``FAILED`` where it could not be played, ``STOPPED`` where nothing may sound.
    """

    def __init__(self, prepared: PreparedItem, why: Ended) -> None:
        super().__init__(prepared, why)


class item_failed(BoxEvent):
    """An item cannot be played, or could not go on; fired by AudioPlayer.

    :param prepared: the item.
    :param reason: in words.
    """

    def __init__(self, prepared: PreparedItem, reason: str) -> None:
        super().__init__(prepared, reason)


class player_changed(BoxEvent):
    """The player is in another state; fired by AudioPlayer.

    :param state: the new one.
    :param reason: why, in words.
    """

    def __init__(self, state: PlayerState, reason: str) -> None:
        super().__init__(state, reason)


class volume_changed(BoxEvent):
    """The volume is another one; fired by VolumeControl, with every whole percent.

    :param volume: 0 to 100, after the limits of the settings and the program.
    """

    def __init__(self, volume: Percent) -> None:
        super().__init__(volume)


# -- the scheduler -----------------------------------------------------------------------------


class item_prepared(BoxEvent):
    """An item has been looked at and is ready to be played.

    Fired by the Preparer's background, and once more by the Scheduler where the player did not have the
    item yet.

    :param prepared: the item, with what analysis knows.
    :param measured: whether analysis has seen it; if not, it will be told again.
    """

    def __init__(self, prepared: PreparedItem, *, measured: bool) -> None:
        super().__init__(prepared, measured)


class item_left_out(BoxEvent):
    """An item cannot be played and was passed over; fired by the Preparer's background and by the Scheduler.

    :param location: where it is.
    :param reason: in words, with the way out.
    """

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(location, reason)


class music_gathered(BoxEvent):
    """The places given have been searched for music; fired by the Scheduler's background.

    :param gathered: a :class:`easyplayer.sources.Gathered`.
    """

    def __init__(self, gathered: object) -> None:
        super().__init__(gathered)


class fallback_found(BoxEvent):
    """The firmware's own music is there; fired by the Scheduler's background.

    :param gathered: a :class:`easyplayer.sources.Gathered`.
    """

    def __init__(self, gathered: object) -> None:
        super().__init__(gathered)


class fallback_needed(BoxEvent):
    """Nothing that was asked for can be played; fired by the Scheduler, which plays its fallback.

    :param reason: in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


# -- the program and the clock -----------------------------------------------------------------


class take_program(BoxEvent):
    """Play by this program; fired by ProgramWatch's background, and by Storage's, when there is another one.

    :param program: the program, known to be without fault.
    :param at_once: whether what plays gives way; if not, it is heard to its end.
    """

    def __init__(self, program: Program, *, at_once: bool = False) -> None:
        super().__init__(program, at_once)


class program_taken(BoxEvent):
    """The box plays by this program from now on; fired by the Scheduler.

    :param program: the program.
    """

    def __init__(self, program: Program) -> None:
        super().__init__(program)


class program_refused(BoxEvent):
    """A program cannot be used, and the one before it stays; fired by ProgramWatch's background.

    Where it comes from the hub, it is fired by DownloadManager.

    :param reason: everything that is wrong with it, and the way out.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class play_emergency(BoxEvent):
    """Play this now and until told otherwise, whatever the program says, and also in closed hours.

    Fired by the Workshop for a person, and once more by the Scheduler after a restart.

    :param item: what to play, again and again.
    """

    def __init__(self, item: Item) -> None:
        super().__init__(item)


class end_emergency(BoxEvent):
    """Go back to the program; fired by the Workshop for a person."""


class announce_item(BoxEvent):
    """Say this over the music, now; fired by the Workshop for a person.

    :param item: what to say.
    :param over: what it does to the music.
    """

    def __init__(self, item: Item, over: Over) -> None:
        super().__init__(item, over)


class clock_judged(BoxEvent):
    """How far the wall clock can be trusted; fired by Timekeeper at the start, and when it changes.

    :param trust: how far.
    """

    def __init__(self, trust: ClockTrust) -> None:
        super().__init__(trust)


class clock_stepped(BoxEvent):
    """The wall clock was set; fired by Timekeeper.

    :param by_s: by how much; negative is back.
    """

    def __init__(self, by_s: Seconds) -> None:
        super().__init__(by_s)


class time_told(BoxEvent):
    """The hub has said, signed, what time it is; fired by WebClient, where nobody else keeps the clock right.

    :param told: what the monotonic clock showed, and what time it was.
    """

    def __init__(self, told: Reading) -> None:
        super().__init__(told)


class spot_missed(BoxEvent):
    """A spot that comes on the second does not come; fired by the Announcer.

    :param title: what people call it.
    :param reason: in words.
    """

    def __init__(self, title: str, reason: str) -> None:
        super().__init__(title, reason)


# -- sound -------------------------------------------------------------------------------------


class deck_reported(BoxEvent):
    """A deck has news; fired from the deck's thread.

    :param deck: name of the deck.
    :param report: one of :data:`easyplayer.drivers.deck.DeckReport`.
    """

    def __init__(self, deck: str, report: DeckReport) -> None:
        super().__init__(deck, report)


class server_reported(BoxEvent):
    """The sound server has news; fired from the sound server driver's thread.

    :param report: one of :data:`easyplayer.drivers.sound_server.ServerReport`.
    """

    def __init__(self, report: ServerReport) -> None:
        super().__init__(report)


class rival_found(BoxEvent):
    """While the box plays on a silent server of its own, a real one has come; fired by Sound's background."""


class sound_found(BoxEvent):
    """There is an output to play on; fired by Sound, again when it is another one.

    :param sink: name of the sink.
    :param private: whether it is the silent one that the box made for itself.
    """

    def __init__(self, sink: str, *, private: bool) -> None:
        super().__init__(sink, private)


class sound_lost(BoxEvent):
    """There is no output to play on; fired by Sound.

    :param reason: in words, with the way out.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class level_heard(BoxEvent):
    """What the output carries; fired from the monitor's thread three times a second.

    :param level: peak and mean level.
    """

    def __init__(self, level: Level) -> None:
        super().__init__(level)


class silence_noticed(BoxEvent):
    """Music plays and the output carries none of it; fired by Meter.

    :param seconds: for how long.
    """

    def __init__(self, seconds: Seconds) -> None:
        super().__init__(seconds)


class sound_noticed(BoxEvent):
    """The output carries sound again; fired by Meter after :class:`silence_noticed`."""


# -- the disk ----------------------------------------------------------------------------------


class state_kept(BoxEvent):
    """What must survive a power cut is on the disk.

    Fired by the Tracker, by Timekeeper and by Ledger, from the disk's thread.

    :param path: the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)


class state_refused(BoxEvent):
    """The disk did not take what must survive a power cut.

    Fired by the Tracker, by Timekeeper and by Ledger, from the disk's thread.

    :param reason: in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


# -- the hub -----------------------------------------------------------------------------------


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
