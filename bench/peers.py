"""The peers: players that others made, each set up to do what our box does."""

import subprocess
import time
from pathlib import Path

from bench.players import Player, Stage, first_line

READY_TIMEOUT_S = 20.0
POLL_S = 0.05


class Mpd(Player):
    """Music Player Daemon, started again after it was ended while playing."""

    name = "MPD"
    executable = "mpd"
    package = "mpd mpc"
    note = "a server; its database is made before, and it starts by resuming its queue; crossfade of its own"

    def version(self) -> str:
        """Tell the daemon's version."""
        return first_line("mpd", "--version").split()[3]

    def prepare(self, stage: Stage) -> None:
        """Let it make its database, then leave it a queue that was playing."""
        self._config(stage).write_text(MPD_CONF.format(stage=stage, server=stage.sound["PULSE_SERVER"]))
        environment = self.environment(stage) | {"MPD_HOST": str(stage.home / "mpd.socket")}
        daemon = subprocess.Popen(self.command(stage), env=environment, stderr=subprocess.DEVNULL)
        try:
            _repeat_until_done(["mpc", "update", "--wait"], environment)
        finally:
            daemon.terminate()
            daemon.wait(READY_TIMEOUT_S)
        queue = "".join(f"{place}:{track.name}\n" for place, track in enumerate(stage.tracks))
        (stage.home / "mpd.state").write_text(MPD_STATE.format(stage=stage, queue=queue))

    def command(self, stage: Stage) -> list[str]:
        """Keep the daemon in the foreground."""
        return ["mpd", "--no-daemon", str(self._config(stage))]

    def _config(self, stage: Stage) -> Path:
        return stage.home / "mpd.conf"


class Liquidsoap(Player):
    """Liquidsoap with its standard crossfade operator."""

    name = "Liquidsoap"
    executable = "liquidsoap"
    package = "liquidsoap"
    note = "a language; `crossfade()` with its default curves; checks its standard library at each start"

    def version(self) -> str:
        """Tell the program's version."""
        return first_line("liquidsoap", "--version").split()[1]

    def prepare(self, stage: Stage) -> None:
        """Write its script."""
        (stage.home / "tracks.m3u").write_text("".join(f"{track}\n" for track in stage.tracks))
        (stage.home / "venue.liq").write_text(LIQUIDSOAP_SCRIPT.format(stage=stage))

    def command(self, stage: Stage) -> list[str]:
        """Run the script."""
        return ["liquidsoap", str(stage.home / "venue.liq")]


MPD_CONF = """\
music_directory "{stage.tracks[0].parent}"
db_file "{stage.home}/mpd.db"
state_file "{stage.home}/mpd.state"
bind_to_address "{stage.home}/mpd.socket"
audio_output {{
    type "pulse"
    name "venue"
    server "{server}"
    sink "{stage.sink}"
    mixer_type "none"
}}
"""

MPD_STATE = """\
audio_device_state:1:venue
state: play
current: 0
time: 0.000000
random: 0
repeat: 1
single: 0
consume: 0
crossfade: {stage.crossfade_s:.0f}
playlist_begin
{queue}playlist_end
"""

LIQUIDSOAP_SCRIPT = """\
set("init.allow_root", true)
music = playlist(mode="normal", reload_mode="never", "{stage.home}/tracks.m3u")
fade = {stage.crossfade_s:.1f}
music = crossfade(duration=fade, fade_in=fade, fade_out=fade, music)
output.pulseaudio(fallible=true, device="{stage.sink}", music)
"""


def _repeat_until_done(command: list[str], environment: dict[str, str]) -> None:
    """Repeat a client's command until its daemon is up and has carried it out."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while subprocess.run(command, env=environment, capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            msg = f"not carried out within {READY_TIMEOUT_S:.0f} s: {' '.join(command)}"
            raise TimeoutError(msg)
        time.sleep(POLL_S)
