"""A deck played by libmpv, inside this process.

Why it is built as it is (each measured on PulseAudio):

* The sound server holds half a second of sound ahead, so that a stall of up to a third of a
  second, here or there, is not heard.
* Planned fades live in the player's filter chain, where neither Python nor the buffer matter.
  A fade out is told to a filter that already stands in the chain: mpv 0.35 carries the command out
  and yet answers with an error, which is therefore not looked at.
* Gain at once is the sound server's stream volume: it does not wait behind the buffer.
* The audio position, not the time position, is what is heard.
* mpv tells the end of a medium when it is decoded, up to a second before it has been heard.  The
  medium stays open, so that what is still to be heard can be paused, faded and cut off; mpv then
  has no event for the end, and is asked for it along with the position.
* A stream whose data stops says nothing: mpv plays what it has buffered, and then waits.  How far
  the buffer reaches is therefore read along with the position; a stream in segments comes in leaps.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from easyplayer.drivers.deck import (
    STARVED_AFTER_S,
    DeckAdvanced,
    DeckEnded,
    DeckFailed,
    DeckFault,
    DeckLoad,
    DeckReady,
    Report,
)
from easyplayer.fade import Fade
from easyplayer.units import Linear, Monotonic, Seconds

log = logging.getLogger(__name__)
chatter = logging.getLogger("easyplayer.mpv")

READING_EVERY_S = 1 / 3
CLOSING_MAY_TAKE_S = 0.5
NETWORK_TIMEOUT_S = 5
STREAM_ENDED = "the stream ended"
STREAM_STARVED = f"no data has come for {STARVED_AFTER_S:.0f} s"
IN_SEGMENTS = ("hls", "dash")
NO_FADE = Fade(Seconds(1e9), Seconds(1.0))
"""A fade that waits to be told when; until then it never comes."""
CUBIC = 1 / 3
"""Exponent from an amplitude factor to the sound server's volume."""

OPTIONS: dict[str, Any] = {
    "ao": "pulse",
    "audio_display": "no",
    "audio_client_name": "easyplayer",
    "cache": "auto",
    "config": "no",
    "demuxer_max_back_bytes": "0",
    "demuxer_max_bytes": "8MiB",
    "gapless_audio": "weak",
    "idle": "yes",
    "input_default_bindings": "no",
    "keep_open": "yes",
    "keep_open_pause": "no",
    "load_scripts": "no",
    "network_timeout": str(NETWORK_TIMEOUT_S),
    "osc": "no",
    "pause": "yes",
    "pulse_buffer": "500",
    "stream_lavf_o": "reconnect=1,reconnect_streamed=1,reconnect_delay_max=4",
    "terminal": "no",
    "vid": "no",
    "ytdl": "no",
}
SCRIPTS = {"load_auto_profiles": "no", "load_osd_console": "no", "load_stats_overlay": "no"}
"""Scripts for people at a screen: 4 MB a deck.  Their options have other names in some versions."""


class MpvDeck:
    """The contract :class:`~easyplayer.drivers.deck.Deck`, kept by a libmpv player.

    :param name: names the deck in logs and threads.
    :param report: takes the reports, on this deck's threads.
    :param options: mpv options that go over :data:`OPTIONS`.
    """

    def __init__(self, name: str, report: Report, options: dict[str, Any] | None = None) -> None:
        self._name = name
        self._report = report
        self._options = {**OPTIONS, **(options or {})}
        self._notes: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._player: Any = None
        self._entries: dict[int, DeckLoad] = {}
        self._loaded: DeckLoad | None = None
        self._sounding = False
        self._data_until_s: float | None = None
        self._data_at = 0.0
        self._gain = Linear(1.0)
        self._thread = threading.Thread(target=self._serve, name=f"deck-{name}", daemon=True)
        self._thread.start()

    def load(self, load: DeckLoad) -> None:
        """Put a medium on and hold it at its start."""
        self._notes.put(partial(self._load, load))

    def play(self) -> None:
        """Let the medium sound from where it is held."""
        self._notes.put(partial(self._hold, False))

    def pause(self) -> None:
        """Hold the medium where it is."""
        self._notes.put(partial(self._hold, True))

    def set_gain(self, gain: Linear) -> None:
        """Set the gain at the sound server's stream."""
        self._notes.put(partial(self._set_gain, gain))

    def fade_out(self, fade: Fade | None) -> None:
        """Fade the medium out over positions of its own, or not after all."""
        self._notes.put(partial(self._fade_out, fade))

    def eject(self) -> None:
        """Take the medium off."""
        self._notes.put(self._eject)

    def release(self) -> None:
        """End the player as soon as it answers."""
        self._notes.put(None)

    def close(self) -> None:
        """End the player; one that hangs is left behind, with a warning."""
        self.release()
        self._thread.join(CLOSING_MAY_TAKE_S)
        if self._thread.is_alive():
            log.warning("deck %s does not answer and is left behind", self._name)

    def _serve(self) -> None:
        """Carry notes out one by one; between them, read the position of what sounds."""
        try:
            self._player = self._make_player()
        except OSError as error:
            log.error("deck %s cannot play: %s; install the package libmpv2", self._name, error)
            return
        reading_due = time.monotonic()
        while True:
            try:
                patience_s = max(reading_due - time.monotonic(), 0.0) if self._sounding else None
                note = self._notes.get(timeout=patience_s)
            except queue.Empty:
                self._read_position()
                reading_due = time.monotonic() + READING_EVERY_S
                continue
            if note is None:
                break
            self._carry_out(note)
        self._player.terminate()

    def _carry_out(self, note: Callable[[], None]) -> None:
        try:
            note()
        except (SystemError, OSError, ValueError) as error:
            self._fail(self._loaded, f"mpv refused: {error}")

    def _make_player(self) -> Any:
        import mpv

        chat = {"log_handler": self._chat, "loglevel": "warn"}
        try:
            player = mpv.MPV(**self._options, **SCRIPTS, **chat)
        except AttributeError:  # an option that this version of mpv does not have
            player = mpv.MPV(**self._options, **chat)
        player.event_callback("start-file", "playback-restart", "end-file")(self._on_event)
        return player

    def _chat(self, level: str, prefix: str, text: str) -> None:
        chatter.debug("%s: %s: %s: %s", self._name, prefix, level, text.rstrip())

    def _load(self, load: DeckLoad) -> None:
        self._sounding = False
        self._loaded = load
        self._player.pause = True
        if load.sink:
            self._player.audio_device = f"pulse/{load.sink}"
        options = {"start": str(load.start_s), "af": filter_chain(load)}
        if load.end_s is not None:
            options["end"] = str(load.end_s)
        given = ",".join(f"{name}=%{len(value)}%{value}" for name, value in options.items())
        arguments = (given,) if self._player.mpv_version_tuple < (0, 38, 0) else (-1, given)
        location = os.fsencode(load.location if load.endless else Path(load.location).absolute())
        answer = self._player.command("loadfile", location, "replace", *arguments)
        self._entries = {answer["playlist_entry_id"]: load}

    def _hold(self, held: bool) -> None:
        self._player.pause = held
        self._sounding = not held and self._loaded is not None
        self._data_until_s, self._data_at = None, time.monotonic()

    def _set_gain(self, gain: Linear) -> None:
        self._gain = gain
        with suppress(AttributeError, RuntimeError, SystemError):  # no stream yet: _on_event sets it
            self._player.ao_volume = 100 * gain**CUBIC

    def _fade_out(self, fade: Fade | None) -> None:
        fade = fade or NO_FADE
        for name, value in (("duration", fade.length_s), ("curve", fade.curve), ("start_time", fade.start_s)):
            with suppress(SystemError):  # mpv 0.35 obeys and answers "unsupported"
                self._player.command("af-command", "out", name, str(value))

    def _eject(self) -> None:
        self._sounding = False
        self._loaded = None
        self._entries = {}
        self._player.command("stop")

    def _read_position(self) -> None:
        load = self._loaded
        at = Monotonic(time.monotonic())  # mpv reads it then; the answer may wait for Python's lock
        position = self._player.audio_pts
        if load is None:
            return
        if load.endless and self._starves(at):
            self._eject()
            self._fail(load, STREAM_STARVED)
        elif position is not None:
            self._report(DeckAdvanced(load.ticket, Seconds(position), at))
        elif self._player.eof_reached:
            self._sounding = False
            if load.endless:
                self._fail(load, STREAM_ENDED)
            else:
                self._report(DeckEnded(load.ticket))

    def _starves(self, at: Monotonic) -> bool:
        """Tell whether no data has come for too long, though it could have."""
        data_until_s = self._player.demuxer_cache_time
        if data_until_s is None or data_until_s != self._data_until_s or self._player.demuxer_cache_idle:
            self._data_until_s, self._data_at = data_until_s, at
        kind = str(self._player.file_format)
        return at - self._data_at > STARVED_AFTER_S and not any(one in kind for one in IN_SEGMENTS)

    def _on_event(self, event: Any) -> None:
        """Turn mpv's news into reports; runs on mpv's event thread."""
        import mpv

        news = event.as_dict(mpv.lazy_decoder)
        kind = news["event"]
        if kind == "playback-restart":
            self._notes.put(self._announce_ready)
        elif kind == "end-file":
            self._notes.put(partial(self._end, news["playlist_entry_id"], news))

    def _announce_ready(self) -> None:
        if self._loaded is not None and not self._sounding:
            self._set_gain(self._gain)
            self._report(DeckReady(self._loaded.ticket))

    def _end(self, entry: int, news: dict[str, Any]) -> None:
        load = self._entries.pop(entry, None)
        if load is None:
            return
        self._sounding = False
        detail = _text(news.get("file_error", ""))
        if "audio output" in detail:
            self._report(DeckFailed(load.ticket, DeckFault.OUTPUT, detail))
        else:
            self._fail(load, detail or STREAM_ENDED)

    def _fail(self, load: DeckLoad | None, detail: str) -> None:
        if load is not None:
            self._report(DeckFailed(load.ticket, DeckFault.MEDIUM, detail))


def filter_chain(load: DeckLoad) -> str:
    """Write mpv's audio filters for a load: gain, fade in, and a fade out that waits to be told.

    The times of ``afade`` are positions in the medium.  The fade out has a graph of its own, because
    mpv 0.35 sends a command to every filter of a graph.
    """
    coming = f"volume={load.gain_db:.2f}dB"
    if load.fade_in is not None and load.fade_in.length_s > 0:
        coming += f",{_afade('in', load.fade_in)}"
    leaving = _afade("out", NO_FADE)
    return f"@in:lavfi=[{coming}]:o=[threads=1],@out:lavfi=[{leaving}]:o=[threads=1]"


def _afade(direction: str, fade: Fade) -> str:
    return f"afade=t={direction}:st={fade.start_s:.6f}:d={fade.length_s:.6f}:curve={fade.curve}"


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
