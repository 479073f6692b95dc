"""Every event of the box as a whole: who fires it, when, and with what.

The others stand in :mod:`easyplayer.player_events` (what the players are told, and tell),
:mod:`easyplayer.screen_events` (what is shown), :mod:`easyplayer.hub_events` (what comes of a hub),
:mod:`easyplayer.storage_events` (what is on the disk) and :mod:`easyplayer.device_events` (what is plugged
in).

Commands are imperative (``cue_item``): somebody wants something done.  Facts are past tense
(``item_started``): it has happened.  An event reaches every part that handles its name.
"""

from pathlib import Path

from circuits.core.events import Event

from easyplayer.drivers.deck import DeckReport
from easyplayer.drivers.monitor import Level
from easyplayer.drivers.sound_server import ServerReport
from easyplayer.drivers.wall_clock import Reading
from easyplayer.guard import Guard, GuardView
from easyplayer.playout.catalogue import Over, Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.units import Seconds


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
    once is over, by AudioPlayer where too many decks have hung, by the Workshop to be started anew,
    by the Warden where the WatchDog wants more of the box, or less, and by Home where a state
    directory that was lost can be used again.

    :param exit_code: what the process exits with, whatever has failed before; 0 tells of a failure.
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


class guard_read(BoxEvent):
    """What the WatchDog has written down was read; fired by the Warden every few seconds.

    :param guard: a :class:`easyplayer.guard.Guard`; one that knows nothing where nothing can be read.
    """

    def __init__(self, guard: Guard) -> None:
        super().__init__(guard)


class guard_told(BoxEvent):
    """How often the box has ended badly, and whether it is in safe mode; fired by the Warden.

    :param view: a :class:`easyplayer.guard.GuardView`.
    """

    def __init__(self, view: GuardView) -> None:
        super().__init__(view)


class status_published(BoxEvent):
    """There is a fresh status; fired by StatusBoard twice a second.

    :param status: a :class:`easyplayer.status_view.Status`.
    """

    def __init__(self, status: object) -> None:
        super().__init__(status)


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


class hearing_lost(BoxEvent):
    """Music plays, and nobody can tell whether it is heard; fired by Meter, which goes on trying.

    :param reason: in words.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


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
