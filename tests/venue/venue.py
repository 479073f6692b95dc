"""A virtual venue: a machine, all that a venue has around it, and the story of what was done to it and heard.

::

    with Venue("network-cut", "The network goes, and nobody hears it", spec, folder) as venue:
        venue.machine.launch()
        venue.wait_for_music()
        venue.expect_silence_below(2.0)
        with venue.outage("network cut", "network mended"):
            venue.network.cut(venue.machine)
            venue.listen(30.0)
            venue.network.mend(venue.machine)

However the block ends, its report is written; where it was silent for longer than stated, it fails.
"""

import dataclasses
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.venue.chronicle import Chronicle
from tests.venue.faculties.clock import Clock
from tests.venue.faculties.hang import Hang
from tests.venue.faculties.hub import VenueHub
from tests.venue.faculties.network import HUB_PORT, Network
from tests.venue.faculties.power import cut_at_random
from tests.venue.faculties.screen import Screen
from tests.venue.faculties.sound import Sound
from tests.venue.faculties.tracks import Track
from tests.venue.faculties.usb import Usb, card_arguments
from tests.venue.machine import Accelerator, Machine, Spec
from tests.venue.machine import Network as Card
from tests.venue.machine.keeping import kept
from tests.venue.report import WAV_FILE, write_report
from tests.venue.story import Quiet, Story, Verdict

REPORTS = Path(__file__).parents[2] / "build" / "venue" / "reports"
"""Where the reports of all stories lie."""

MUSIC_WITHIN_S = 60.0
KEPT_S = 600.0
"""So much of what was heard last is kept where a story fails."""

SETTLES_S = 5.0
CODE_WITHIN_S = 60.0
CODE_SHOWN = r"CLAIM CODE (\S+):"
CODE_LOGGED = r">>> claim code (\S+) <<<"
ASK_LOG = "journalctl -b -o cat --no-pager | grep 'claim code'"
PLAYING = "playing"
"""What the kept state of a box is called that plays."""


class SilenceError(AssertionError):
    """It was silent for longer than a story states."""


@dataclass(frozen=True)
class Fittings:
    """What a venue has beside its machine.

    :ivar hub: whether a real hub runs on this host.
    :ivar usb_card: whether its music is heard at a USB sound card, in place of the one that is built in.
    """

    hub: bool = False
    usb_card: bool = False


class Venue:
    """A machine in its venue, for as long as the context lasts.

    :param name: the story's short name, and the folder of its report.
    :param sentence: what the story shows.
    :param spec: the machine's hardware; sound and network are put in here.
    :param folder: where the files of the venue are kept.
    :param fittings: what else is there.
    :param reports: where the reports of all stories lie.
    :ivar machine: the machine; it is not launched yet.
    :ivar sound: the ear at its sound card. So are ``network``, ``usb``, ``clock``, ``screen`` and ``hang``.
    :ivar hub: the hub, where there is one.
    :ivar folder: where the files of the venue are kept, and a story may put its own.
    """

    def __init__(
        self,
        name: str,
        sentence: str,
        spec: Spec,
        folder: Path,
        fittings: Fittings | None = None,
        *,
        accelerator: Accelerator | None = None,
        reports: Path = REPORTS,
    ) -> None:
        self._reports = reports
        self.folder = folder
        self._fittings = fittings or Fittings()
        folder.mkdir(parents=True, exist_ok=True)
        self.sound = Sound(folder)
        self._chronicle = Chronicle(name, sentence, self.sound)
        self.network = Network()
        self.network.time_server(time.time)
        self._hub = VenueHub(folder / "hub") if self._fittings.hub else None
        self._spec, self._accelerator = spec, accelerator
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self.sound)
            opening.enter_context(self.network)
            if self._hub:
                opening.enter_context(self._hub)
                self.network.open_port(self._hub.port, seen_as=HUB_PORT)
            machine = Machine(self._fitted(self._spec), self.folder / "machine", self._accelerator)
            self.machine = opening.enter_context(machine)
            self._open = opening.pop_all()
        self.usb, self.clock, self.hang = Usb(self.machine), Clock(self.machine), Hang(self.machine)
        self.screen = Screen(self.machine, self.folder)
        self._chronicle.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            story = self.story(error)
            page = write_report(story, self._reports)
            if story.verdict is not Verdict.HELD:
                self.sound.save(page.with_name(WAV_FILE), KEPT_S)
        finally:
            self._open.__exit__(kind, error, trace)
        if error is None and story.verdict is Verdict.TOO_QUIET:
            raise SilenceError(f"{story.reason}; see {page}")

    @property
    def hub(self) -> VenueHub:
        """The hub."""
        assert self._hub is not None, "this venue has no hub: give it Fittings(hub=True)"
        return self._hub

    @property
    def report(self) -> Path:
        """The folder of its report; a story that takes long may tell there how far it is."""
        folder = self._reports / self._chronicle.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    # -- what is stated --------------------------------------------------------------------------

    def expect_silence_below(self, longest_s: float, works_s: float = 0.0) -> None:
        """State that from now on it is never silent for longer, up to the next such statement.

        :param longest_s: what somebody waits for by the clock, and no machine can shorten; only the patience
            that is asked for a busy host makes it longer.
        :param works_s: what a fast machine works beside that; multiplied by the accelerator's factor.
        """
        accelerator = self.machine.accelerator
        limit_s = longest_s * accelerator.patience + works_s * accelerator.factor
        self._chronicle.limit(limit_s)

    def expect_nothing(self) -> None:
        """State that from now on it may be silent for as long as it is."""
        self._chronicle.limit(None)

    def fault(self, label: str, at_s: float | None = None) -> None:
        """Mark that something is done to the venue, or happens there.

        :param at_s: when, by the monotonic clock; default: now.
        """
        self._chronicle.fault(label, at_s)

    def tell(self, what: str, words: str) -> None:
        """Put something that was found out into the report; its lines stay as they are."""
        self._chronicle.tell(what, words)

    @contextmanager
    def outage(self, begin: str, end: str) -> Iterator[None]:
        """Mark that something is away for as long as the block lasts."""
        self.fault(begin)
        yield
        self.fault(end)

    def cut_power(self, within_s: float = 0.0, seed: int = 0) -> None:
        """Pull the plug, at a random instant within some seconds."""
        cut_at_random(self.machine, within_s, seed)
        self.fault("plug pulled")

    def power_on(self) -> None:
        """Put the plug in."""
        self.fault("power on")
        self.machine.launch()
        self.network.attach(self.machine)

    def resume(self) -> None:
        """Go on with a box that plays already; the story begins there.

        Such a box is switched on once for its image and hardware, where no hub is to be reached, and has
        played for a moment; its state is kept, and restored from then on.
        """
        rules = self.network.gate.rules
        self.network.gate.rules = dataclasses.replace(rules, ports={})
        try:
            spec, accelerator = self.machine.spec, self.machine.accelerator
            saved = kept(PLAYING, spec, self._play, accelerator=accelerator)
        finally:
            self.network.gate.rules = rules
        self.machine.restore(saved)
        self.clock.follow_host()
        self.wait_for_music()
        self._chronicle.begin()

    def claim(self, timeout_s: float = CODE_WITHIN_S) -> str:
        """Wait until the box waits at the hub, and claim it there; give what the hub calls it."""
        self.hub.until_waiting(timeout_s * self.machine.accelerator.factor)
        return self.hub.claim(self._code())

    def know(self, tracks: Mapping[str, float] | list[Track]) -> None:
        """Tell the ear which tracks there are, by their pitches; the report tells which were heard."""
        named = {track.name: track.hz for track in tracks} if isinstance(tracks, list) else tracks
        self._chronicle.know(named)

    def photograph(self, label: str) -> None:
        """Take a picture of the screen for the report."""
        self._chronicle.photograph(self.screen, label)

    # -- time ------------------------------------------------------------------------------------

    def wait_for_music(self, timeout_s: float = MUSIC_WITHIN_S) -> float:
        """Wait until it plays; give after how many seconds from now it began.

        :param timeout_s: on a fast machine; multiplied by the accelerator's factor.
        """
        now_s = time.monotonic()
        return self.sound.wait_for_music(timeout_s * self.machine.accelerator.factor, now_s) - now_s

    def wait_for_track(self, track: Track, timeout_s: float = MUSIC_WITHIN_S) -> None:
        """Wait until one of our tracks is heard."""
        self.know([track])
        limit_s = timeout_s * self.machine.accelerator.factor
        self.sound.wait_for_track(track.name, self._chronicle.tracks, limit_s)

    def listen(self, seconds: float) -> None:
        """Do nothing but listen for some seconds: nothing has to happen, and that is what the story tells."""
        time.sleep(seconds)

    # -- what came of it -------------------------------------------------------------------------

    def silences(self) -> tuple[Quiet, ...]:
        """Give all silences up to now, each with its limit."""
        return self._chronicle.silences()

    def story(self, error: BaseException | None = None) -> Story:
        """Tell the story up to now."""
        lost = ("Frames lost on the road", str(self.network.frames_lost))
        return self._chronicle.story(self.machine, error, lost)

    def _play(self, machine: Machine) -> None:
        """Have a machine that was switched on play, steadily, with all that starts late started."""
        limit_s = MUSIC_WITHIN_S * machine.accelerator.factor
        self.sound.wait_for_music(limit_s)
        machine.shell.run("systemctl is-system-running --wait", timeout_s=MUSIC_WITHIN_S)
        self.sound.wait_for_music(limit_s)
        self.listen(SETTLES_S)

    def _code(self) -> str:
        """Read the claim code where people find it: on the screen, or else in the log."""
        shown = re.findall(CODE_SHOWN, self.machine.console.text)
        if not shown:
            shown = re.findall(CODE_LOGGED, self.machine.shell.run(ASK_LOG).output)
        assert shown, "the box shows no claim code, and has none in its log"
        return str(shown[-1])

    def _fitted(self, spec: Spec) -> Spec:
        """Put sound and network into the machine's hardware."""
        more = self.network.arguments
        if self._fittings.usb_card:
            more += card_arguments(self.sound.fifo, plugged=True)
        return dataclasses.replace(
            spec,
            sound=None if self._fittings.usb_card else self.sound.fifo,
            usb=spec.usb or self._fittings.usb_card,
            network=Card(netdev=self.network.netdev),
            extra=(*spec.extra, *more),
        )
