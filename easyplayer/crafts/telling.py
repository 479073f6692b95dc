"""Commands whose result is a file: the last lines of the log, and what is really heard."""

from pathlib import Path

from easyplayer.crafts.attaching import SENDING_MAY_TAKE_S, Attaching
from easyplayer.crafts.ending import Ending, not_now
from easyplayer.playout.items import masked
from easyplayer.protocol.arguments import CollectLogs, Listen
from easyplayer.protocol.commands import MOST_ATTACHED_BYTES
from easyplayer.units import Seconds

TEXT, WAV = "text/plain; charset=utf-8", "audio/wav"


class Collect(Attaching[CollectLogs]):
    """``collect_logs``: attach the last lines of the box's log."""

    @property
    def limit(self) -> Seconds:
        """Sending is all that takes time."""
        return SENDING_MAY_TAKE_S

    def begin(self) -> None:
        """Write them down, and send them."""
        lines = self.bench.tools.ring.last(self.args.lines)
        self.aside(lambda: self.send("log.txt", TEXT, lambda path: _write(path, lines)))


class Hearken(Attaching[Listen]):
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
        self.aside(lambda: self.send("heard.wav", WAV, lambda path: self._record(sink, path)))

    def _record(self, sink: str, path: Path) -> str:
        self.bench.tools.recorder.record(sink, self.args.seconds, path, self.left)
        return f"{self.args.seconds:g} s of what {sink} plays"


def _write(path: Path, lines: tuple[str, ...]) -> str:
    text = masked("".join(f"{line}\n" for line in lines)).encode()[-MOST_ATTACHED_BYTES:]
    path.write_bytes(text)
    return f"the last {len(lines)} lines"
