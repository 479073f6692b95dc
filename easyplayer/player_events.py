"""Every event between the players and the rest of the box: what they are told, and what they tell.

Whoever decides, the Scheduler above all, tells the AudioPlayer what comes next and when; the players tell
what became of it.  What is said to and by the screen alone stands in :mod:`easyplayer.screen_events`.
"""

from easyplayer.events import BoxEvent
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Ducking, Over
from easyplayer.playout.items import PreparedItem
from easyplayer.playout.machine import PlayerState
from easyplayer.units import Monotonic, Percent, Seconds

# -- what the players are told -----------------------------------------------------------------


class start_playing(BoxEvent):
    """Play; fired by App when the box may, and by the Workshop for a person."""


class rest_music(BoxEvent):
    """Be silent from now on, because the program has nothing to be heard; fired by the Scheduler.

    What sounds is let to its end.

    :param reason: why, for the log and the status.
    :param at_once: whether it is faded out instead.
    """

    def __init__(self, reason: str, at_once: bool) -> None:
        super().__init__(reason, at_once)


class wake_music(BoxEvent):
    """There is something to be heard again; fired by the Scheduler.

    It makes nobody play who may not, or was silenced by a person.
    """


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


class spot_advanced(BoxEvent):
    """A spot's position went on; fired by AudioPlayer about three times a second while it sounds.

    :param prepared: its item.
    :param position_s: where in the medium.
    """

    def __init__(self, prepared: PreparedItem, position_s: Seconds) -> None:
        super().__init__(prepared, position_s)


class spot_finished(BoxEvent):
    """A spot over the music is over, or did not come about; fired by AudioPlayer.

    :param prepared: its item.
    :param why: ``FAILED`` where it could not be played, ``STOPPED`` where nothing may sound, or an emergency
        was declared.
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
