"""What the Workshop knows of the box: all that a command may depend on."""

from easyplayer.events import (
    BoxEvent,
    allowance_changed,
    end_emergency,
    play_emergency,
    program_taken,
    sound_found,
    sound_lost,
)
from easyplayer.player_events import item_started, player_changed, volume_changed
from easyplayer.playout.catalogue import Program
from easyplayer.playout.items import Item, PreparedItem
from easyplayer.playout.machine import SOUNDING, PlayerState
from easyplayer.screen_events import screen_told
from easyplayer.screen_view import ScreenView
from easyplayer.storage_events import storage_told
from easyplayer.units import Percent


class View:
    """How the box is, as its parts have told.

    :ivar state: what the player is doing; ``why`` says why.
    :ivar allowed: whether the box may play; ``verdict`` says why.
    :ivar program: what it plays by; ``None`` until there is one.
    :ivar emergency: what plays whatever is planned; ``None`` where nothing does.
    :ivar on_air: what began to sound last.
    :ivar sink: the output; empty where there is none.
    :ivar staged: the program that is on its way; empty where none is.
    :ivar screen: what is to be seen, and where.
    """

    def __init__(self) -> None:
        self.state = PlayerState.STOPPED
        self.why = "the box has just started"
        self.allowed = True
        self.verdict = ""
        self.volume = Percent(0)
        self.program: Program | None = None
        self.emergency: Item | None = None
        self.on_air: PreparedItem | None = None
        self.sink = ""
        self.staged = ""
        self.screen = ScreenView()

    @property
    def sounding(self) -> bool:
        """Whether music sounds."""
        return self.state in SOUNDING

    @property
    def standing(self) -> str:
        """What the player is doing, and why, in words."""
        return f"the player is {self.state}: {self.why}"

    def item(self, item_id: str) -> Item | None:
        """Find an item of the program."""
        items = () if self.program is None else self.program.items
        return next((one for one in items if one.id == item_id), None)

    def learn(self, fact: BoxEvent) -> None:
        """Learn what a part has told."""
        match fact:
            case player_changed(args=[state, reason]):
                self.state, self.why = state, reason
            case allowance_changed(args=[allowed, reason]):
                self.allowed, self.verdict = allowed, reason
            case volume_changed(args=[volume]):
                self.volume = volume
            case item_started(args=[prepared, _]):
                self.on_air = prepared
            case sound_found(args=[sink, _]):
                self.sink = sink
            case sound_lost():
                self.sink = ""
            case _:
                self._learn_plans(fact)

    def _learn_plans(self, fact: BoxEvent) -> None:
        match fact:
            case program_taken(args=[program]):
                self.program = program
            case play_emergency(args=[item]):
                self.emergency = item
            case end_emergency():
                self.emergency = None
            case storage_told(args=[storage, _]):
                self.staged = storage.staged
            case screen_told(args=[view]):
                self.screen = view
