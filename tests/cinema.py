"""A screen that runs in no time: the real video player, fake screens, and a clock that a test holds."""

from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from circuits import handler

from easyplayer.component import BoxComponent
from easyplayer.drivers.screen import Output
from easyplayer.events import sound_found
from easyplayer.player_events import start_playing
from easyplayer.playout.items import ClipSound, Item, ItemKind, PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.playout.pictures import prepare_picture
from easyplayer.screen_events import cue_picture, outputs_found
from easyplayer.units import Milliseconds, Monotonic, Percent, Seconds
from easyplayer.video import VideoPlayer
from tests.fakes.fake_screen import FakeScreen, FakeScreens, Footage
from tests.house import SINK, Stage

WINDOW = Output(name="window")
LEFT, RIGHT = Output(name="card0-HDMI-A-1"), Output(name="card1-HDMI-A-1")


def still(name: str, shown_s: float = 5.0) -> Item:
    """Make an image that is shown for some seconds."""
    return Item(
        id=name,
        location=f"/pictures/{name}.png",
        kind=ItemKind.STILL,
        duration_ms=Milliseconds(round(1000 * shown_s)),
    )


def clip(name: str, length_s: float | None = 8.0, sound: ClipSound = ClipSound.MUTE, **fields: Any) -> Item:
    """Make a video; where its length is ``None``, nobody has measured it."""
    length_ms = None if length_s is None else Milliseconds(round(1000 * length_s))
    return Item(
        id=name,
        location=f"/pictures/{name}.mp4",
        kind=ItemKind.CLIP,
        duration_ms=length_ms,
        clip_sound=sound,
        **fields,
    )


def camera(name: str) -> Item:
    """Make a stream."""
    return Item(id=name, location=f"rtsp://camera/{name}", kind=ItemKind.STREAM)


def ready(item: Item) -> PreparedItem:
    """Make a picture ready."""
    return prepare_picture(item, None)


def films_of(items: Iterable[Item]) -> dict[str, Footage]:
    """Give each picture a film as long as it says; an image and a stream have no end."""
    return {
        item.location: Footage(
            length_s=None if item.still or item.duration_ms is None else item.duration_ms / 1000
        )
        for item in items
    }


def name_of(screen: FakeScreen) -> str:
    """Give the name of what is seen on a screen; empty is black."""
    return Path(screen.shown.location).stem if screen.shown is not None and screen.up else ""


class Reel(BoxComponent):
    """Answers the screen's wishes with what the test has laid out, one after the other.

    :ivar late: whether it answers nothing at the moment.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        super().__init__()
        self.items = deque(items)
        self.late = False
        self.owes = False

    @handler("picture_wanted")
    def _on_wanted(self, urgent: bool) -> None:
        self.owes = True
        self.answer()

    def answer(self) -> None:
        """Answer, if that is owed and there is something to answer with."""
        if self.owes and self.items and not self.late:
            self.owes = False
            prepared = ready(self.items.popleft())
            self.fire(cue_picture(prepared, prepared.cue_in_s))


class Cinema(Stage):
    """The video player, with pictures handed to it in order; the test is the rest of the box.

    :param items: what it is handed; each has a film as long as it says, unless the test lays another.
    :param films: other films, by the item's name.
    :ivar screens: the fake screens.
    :ivar player: the video player.
    """

    def __init__(
        self, *items: Item, films: Mapping[str, Footage] | None = None, outputs: Iterable[Output] = (WINDOW,)
    ) -> None:
        super().__init__()
        named = {one.id: one.location for one in items}
        laid = {named[name]: film for name, film in (films or {}).items()}
        self.screens = FakeScreens(self.clock, {**films_of(items), **laid})
        self.surround(self.screens.pump)
        self.player = VideoPlayer(self.screens, Percent(100), self.ticker)
        self.reel = Reel(items)
        self.open(self.player, self.reel)
        self.outputs = tuple(outputs)

    def play(self) -> Self:
        """Give it outputs and a sink, and start it."""
        self.fire(sound_found(SINK, private=False))
        self.fire(outputs_found(self.outputs, ""))
        self.fire(start_playing())
        return self

    def play_until_seen(self, name: str) -> Self:
        """Start it, and let time pass until a picture is seen everywhere."""
        self.play()
        self.run_until_seen(name)
        return self

    def run_until_seen(self, name: str, within_s: float = 60.0) -> None:
        """Let time pass until a picture is seen on all outputs that are up, and on one at least."""
        self.run_until(lambda: self.seen == {name}, within_s)

    def cue(self, item: Item, in_s: float | None = None) -> Monotonic | None:
        """Cue a picture, for an instant or for the end of what is shown; give the instant."""
        at = None if in_s is None else Monotonic(self.clock() + in_s)
        self.screens.footage.update(films_of([item]))
        self.fire(cue_picture(ready(item), Seconds(0.0), at))
        return at

    @property
    def seen(self) -> set[str]:
        """The names of what is seen now on outputs that are up; an empty name is black."""
        names = {screen.output.name for screen in self.screens.open}
        return {name_of(screen) for screen in map(self.screens.newest, names) if screen.up}

    @property
    def state(self) -> PlayerState:
        """What the player is doing."""
        return self.player.state

    @property
    def screen(self) -> FakeScreen:
        """The newest of the screens."""
        return self.screens.made[-1]

    def names(self, event: str) -> list[str]:
        """Give the names of the items that all events of a kind were about."""
        return [seen.args[0].item.id for seen in self.witness.all(event)]

    def ended(self) -> list[tuple[str, str]]:
        """Give what has been shown, and why it is shown no more."""
        return [(args[0].item.id, args[1].value) for args in self.told("picture_finished")]

    @property
    def view(self) -> Any:
        """How the screen was told to be."""
        return self.last("screen_told").args[0]
