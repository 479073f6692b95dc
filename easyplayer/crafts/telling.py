"""Commands whose result is a file: the last lines of the log, and what is really heard."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from easyplayer.crafts.craft import Args, Bench, Craft
from easyplayer.crafts.ending import Ending, done, failed, not_now
from easyplayer.playout.items import masked
from easyplayer.protocol.arguments import CollectLogs, Listen
from easyplayer.protocol.commands import MOST_ATTACHED_BYTES
from easyplayer.units import Seconds

SENDING_MAY_TAKE_S = Seconds(300.0)
TEXT, WAV = "text/plain; charset=utf-8", "audio/wav"


class _Attaching(Craft[Args]):
    """Makes a file, sends it beside the result, and takes it away."""

    def __init__(self, bench: Bench, *rest: Any) -> None:
        super().__init__(bench, *rest)
        self._left = threading.Event()

    def stop(self) -> None:
        """Send nothing that is not on its way yet."""
        self._left.set()

    def _send(self, name: str, media_type: str, make: Callable[[Path], str]) -> Ending | None:
        """Make a file and send it; runs on a thread."""
        tools = self.bench.tools
        tools.scratch.mkdir(parents=True, exist_ok=True)
        path = tools.scratch / name
        try:
            text = make(path)
            if self._left.is_set():
                return None
            size = path.stat().st_size
            if size > MOST_ATTACHED_BYTES:
                return failed(f"{size} bytes, and {MOST_ATTACHED_BYTES} are the most: ask for less")
            tools.attach(self.command, path, media_type)
        finally:
            path.unlink(missing_ok=True)
        return done(text, attached=size)


class Collect(_Attaching[CollectLogs]):
    """``collect_logs``: attach the last lines of the box's log."""

    @property
    def limit(self) -> Seconds:
        """Sending is all that takes time."""
        return SENDING_MAY_TAKE_S

    def begin(self) -> None:
        """Write them down, and send them."""
        lines = self.bench.tools.ring.last(self.args.lines)
        self.aside(lambda: self._send("log.txt", TEXT, lambda path: _write(path, lines)))


class Hearken(_Attaching[Listen]):
    """``listen``: attach a short recording of what really leaves for the loudspeaker."""

    @property
    def limit(self) -> Seconds:
        """As long as it lasts, and for sending it."""
        return Seconds(self.args.seconds + SENDING_MAY_TAKE_S)

    def at_once(self) -> Ending | None:
        """There must be an output to listen to."""
        return None if self.view.sink else not_now("there is no output to listen to")

    def begin(self) -> None:
        """Record, and send it."""
        sink = self.view.sink
        self.aside(lambda: self._send("heard.wav", WAV, lambda path: self._record(sink, path)))

    def _record(self, sink: str, path: Path) -> str:
        self.bench.tools.recorder.record(sink, self.args.seconds, path, self._left)
        return f"{self.args.seconds:g} s of what {sink} plays"


def _write(path: Path, lines: tuple[str, ...]) -> str:
    text = masked("".join(f"{line}\n" for line in lines)).encode()[-MOST_ATTACHED_BYTES:]
    path.write_bytes(text)
    return f"the last {len(lines)} lines"
