"""What each command does, for the Workshop to carry out."""

from collections.abc import Mapping
from typing import Any

from easyplayer.crafts import (
    looking,
    machine,
    missing,
    pairing,
    playing,
    rehearsing,
    saying,
    storing,
    support,
    telling,
)
from easyplayer.crafts.craft import Bench, Craft, Tools
from easyplayer.protocol.commands import Name

__all__ = ["CRAFTS", "Bench", "Craft", "Crafts", "Tools"]

Crafts = Mapping[Name, type[Craft[Any]]]

CRAFTS: Crafts = {
    Name.PLAY: playing.Play,
    Name.PAUSE: playing.Pause,
    Name.RESUME: playing.Resume,
    Name.SKIP: playing.Skip,
    Name.FADE_OUT: playing.FadeAway,
    Name.SET_VOLUME: playing.TurnVolume,
    Name.ANNOUNCE: saying.Say,
    Name.EMERGENCY: saying.Alarm,
    Name.SWITCH_PROGRAM: storing.Switch,
    Name.SYNC_NOW: pairing.Sync,
    Name.RESCAN_STORAGE: storing.Rescan,
    Name.VERIFY_STORAGE: storing.Verify,
    Name.RESTART_PLAYER: machine.Restart,
    Name.REBOOT: machine.Reboot,
    Name.POWER_OFF: machine.PowerOff,
    Name.SET_LOG_LEVEL: machine.TurnLog,
    Name.COLLECT_LOGS: telling.Collect,
    Name.SCREENSHOT: looking.Screenshot,
    Name.SHOW_MESSAGE: looking.Message,
    Name.LISTEN: telling.Hearken,
    Name.REHEARSE_OFFLINE: rehearsing.Rehearse,
    Name.OPEN_SUPPORT: support.Open,
    Name.CLOSE_SUPPORT: support.Close,
    Name.UPDATE: missing.Update,
    Name.ROLLBACK: storing.GoBack,
    Name.FORGET: pairing.Forget,
}
"""How each command is carried out; the others are answered without the Workshop."""
