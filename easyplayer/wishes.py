"""What the settings wish, in the terms of the parts that they are for."""

from datetime import date

from easyplayer.drivers.screens_found import Wish as ScreenWish
from easyplayer.player import Handling
from easyplayer.playout.standing import Standing, parse_opening
from easyplayer.playout.transition import Rules
from easyplayer.settings import RuleSettings, ScreenSettings, Settings, SoundSettings
from easyplayer.sound import Wish
from easyplayer.units import Decibels, Lufs, Milliseconds, Percent, to_seconds
from easyplayer.volume import Limits


def transition_rules(settings: RuleSettings) -> Rules:
    """Tell how one item gives way to the next."""
    return Rules(
        crossfade_s=to_seconds(Milliseconds(settings.crossfade_ms)),
        target_lufs=Lufs(settings.target_lufs),
        headroom_dbtp=Decibels(settings.headroom_dbtp),
    )


def handling(settings: Settings) -> Handling:
    """Tell how a person may handle the player."""
    return Handling(
        volume=Percent(settings.sound.volume),
        skip_fade_s=to_seconds(Milliseconds(settings.rules.skip_fade_ms)),
    )


def limits(settings: SoundSettings) -> Limits:
    """Tell how far a person may turn the volume."""
    return Limits(
        volume=Percent(settings.volume),
        lowest=Percent(settings.volume_lowest),
        highest=Percent(settings.volume_highest),
    )


def standing(settings: Settings) -> Standing:
    """Tell what decides whether the box may play."""
    until = settings.box.licence_until
    return Standing(
        opening=parse_opening(settings.box.opening),
        licence_until=date.fromisoformat(until) if until else None,
    )


def wish(settings: SoundSettings) -> Wish:
    """Tell what is wished of the output."""
    return Wish(settings.sink, Percent(settings.sink_volume) if settings.sink_volume >= 0 else None)


def screen_wish(settings: ScreenSettings) -> ScreenWish:
    """Tell what is wished of the outputs for pictures."""
    return ScreenWish(outputs=settings.outputs, driver=settings.driver, mode=settings.mode)
