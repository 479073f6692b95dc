"""Every event about the screen: what it is told to show, and what it has shown.

They are said and heard by the Director, which decides what is shown, by VideoPlayer, which shows it, and
by Captions, which draw over it.  What a clip with a sound of its own asks of the music is here too.
"""

from collections.abc import Mapping
from pathlib import Path

from easyplayer.drivers.screen import Output, ScreenReport
from easyplayer.drivers.screens_found import Found
from easyplayer.events import BoxEvent
from easyplayer.playout.asrun import Ended
from easyplayer.playout.items import PreparedItem
from easyplayer.screen_view import ScreenView
from easyplayer.units import Monotonic, Seconds

START_S = Seconds(0.0)

# -- what the screen is told -------------------------------------------------------------------


class cue_picture(BoxEvent):
    """Take this as the next picture, in place of one that was cued and is not shown yet.

    Fired by the Director to answer :class:`picture_wanted`, and when something else is to come next.

    :param prepared: the item, made ready.
    :param start_s: position to start at, from the medium's start.
    :param at: instant at which it is shown, and what is shown gives way; ``None`` when that is over.
    """

    def __init__(
        self, prepared: PreparedItem, start_s: Seconds = START_S, at: Monotonic | None = None
    ) -> None:
        super().__init__(prepared, start_s, at)


class uncue_picture(BoxEvent):
    """Forget the next picture, which is not to come after all; fired by the Director.

    Another one is wanted then.
    """


class drop_picture(BoxEvent):
    """Show no picture any more, but what is drawn over it; fired by the Director.

    :param reason: why, in words, for the status.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class show_card(BoxEvent):
    """Show a card in place of a picture; fired by the Vacancy, when it is another one.

    :param card: ``waiting`` until there is a program, ``nothing`` where that has nothing for a screen,
        ``failed`` where none of its pictures can be shown, ``emergency`` while one sounds; empty where there
        is no need for a card.
    """

    def __init__(self, card: str) -> None:
        super().__init__(card)


class show_message(BoxEvent):
    """Write this over the picture for a while; fired by the Workshop for a person.

    :param text: what to write; empty takes it off.
    :param seconds: for how long; 0 is until another one comes.
    """

    def __init__(self, text: str, seconds: Seconds) -> None:
        super().__init__(text, seconds)


class draw_overlay(BoxEvent):
    """Draw these layers over the picture, in place of those of the same names; fired by Captions.

    :param layers: the ASS events of each layer, by its name, for a canvas of 1920 by 1080; an empty text
        takes the layer off.
    """

    def __init__(self, layers: Mapping[str, str]) -> None:
        super().__init__(layers)


class outputs_found(BoxEvent):
    """These are all the outputs that there are for pictures; fired by the Lamp.

    It is fired at the start, and whenever one has come, gone or changed.

    :param outputs: the outputs.
    :param reason: in words, where there are none.
    """

    def __init__(self, outputs: tuple[Output, ...], reason: str) -> None:
        super().__init__(outputs, reason)


class outputs_seen(BoxEvent):
    """It was looked for outputs of the screen; fired by the Lamp's background.

    :param found: what was found.
    """

    def __init__(self, found: Found) -> None:
        super().__init__(found)


class turn_screen(BoxEvent):
    """Wake the displays, or let them sleep; fired by the Lamp.

    Every output is let go at once where they are to sleep, and taken again to wake.

    :param on: whether they are to be awake.
    :param reason: why, in words.
    """

    def __init__(self, *, on: bool, reason: str) -> None:
        super().__init__(on, reason)


class take_screenshot(BoxEvent):
    """Write what the screen shows to a file; fired by the Workshop for a person.

    :param path: the file, in PNG or JPEG by its name's end.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)


# -- what the screen tells ---------------------------------------------------------------------


class picture_wanted(BoxEvent):
    """The screen has room for a next picture; fired by VideoPlayer.

    :param urgent: nothing is shown, so a picture that comes now is better than a better one later.
    """

    def __init__(self, *, urgent: bool) -> None:
        super().__init__(urgent)


class picture_started(BoxEvent):
    """A picture is shown; fired by VideoPlayer.

    :param prepared: the item.
    :param position_s: where in the medium.
    """

    def __init__(self, prepared: PreparedItem, position_s: Seconds) -> None:
        super().__init__(prepared, position_s)


class picture_advanced(BoxEvent):
    """The picture that is shown went on; fired by VideoPlayer a few times a second.

    :param prepared: the item.
    :param position_s: where in the medium; of a still, for how long it has been shown.
    """

    def __init__(self, prepared: PreparedItem, position_s: Seconds) -> None:
        super().__init__(prepared, position_s)


class picture_finished(BoxEvent):
    """A picture has been shown to its end, or was left; fired by VideoPlayer.

    :param prepared: the item.
    :param why: why it is shown no more.
    """

    def __init__(self, prepared: PreparedItem, why: Ended) -> None:
        super().__init__(prepared, why)


class picture_failed(BoxEvent):
    """A picture cannot be shown, or could not go on; fired by VideoPlayer.

    :param prepared: the item.
    :param reason: in words.
    """

    def __init__(self, prepared: PreparedItem, reason: str) -> None:
        super().__init__(prepared, reason)


class screen_told(BoxEvent):
    """How the screen is; fired by VideoPlayer, whenever that changes.

    :param view: a :class:`easyplayer.screen_view.ScreenView`.
    """

    def __init__(self, view: ScreenView) -> None:
        super().__init__(view)


class screenshot_taken(BoxEvent):
    """A screenshot is in its file, or is not to be had; fired by VideoPlayer.

    :param path: the file.
    :param trouble: why there is none, in words; empty where there is.
    """

    def __init__(self, path: Path, trouble: str) -> None:
        super().__init__(path, trouble)


class screen_reported(BoxEvent):
    """An output of the screen has news; fired from its driver's thread.

    :param output: name of the output.
    :param report: one of :data:`easyplayer.drivers.screen.ScreenReport`.
    """

    def __init__(self, output: str, report: ScreenReport) -> None:
        super().__init__(output, report)


class clip_measured(BoxEvent):
    """The sound of a clip was measured; fired by ClipLoudness, from its thread.

    :param item: id of the clip.
    :param heard: a :class:`easyplayer.clip_loudness.Heard`.
    """

    def __init__(self, item: str, heard: object) -> None:
        super().__init__(item, heard)


# -- the floor ---------------------------------------------------------------------------------


class take_floor(BoxEvent):
    """A clip sounds in place of the music: the music fades out and is held; fired by ScreenSound.

    :param seconds: how long it fades.
    """

    def __init__(self, seconds: Seconds) -> None:
        super().__init__(seconds)


class give_floor(BoxEvent):
    """The clip sounds no more: the music goes on where it was held.

    Fired by ScreenSound, and by AudioPlayer where the clip is not heard of any more.

    :param seconds: how long it takes to come back.
    """

    def __init__(self, seconds: Seconds) -> None:
        super().__init__(seconds)
