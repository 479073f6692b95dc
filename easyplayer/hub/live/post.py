"""What this worker writes to all workers, itself among them: the one place from which letters go out."""

from collections.abc import Callable, Iterable, Sequence

from easyplayer.hub.live import letters
from easyplayer.hub.live.bus import Bus
from easyplayer.hub.live.letters import Happened, Letter, Listening, Opened, Voided, Wanted, Woken
from easyplayer.hub.live.portions import portions
from easyplayer.hub.live.waking import waves
from easyplayer.hub.live.watching import Audience
from easyplayer.hub.services.attention import Raised
from easyplayer.hub.services.facts import EVERYBODY, Fact, Paired, Regranted, Unpaired
from easyplayer.units import Instant, Monotonic, Seconds

MOST_FACTS = 500
"""How many facts go in one letter."""


class Post:
    """Writes letters.

    :param worker: names this one among them.
    :param clock: monotonic.
    :ivar audience: who wants news; without any, none are written.
    """

    def __init__(self, bus: Bus, worker: str, clock: Callable[[], Monotonic]) -> None:
        self._bus = bus
        self._clock = clock
        self.worker = worker
        self.audience = Audience()

    def happened(self, facts: Iterable[object]) -> None:
        """Tell what a transaction has noted: whom to wake, who has lost a right, and what is news."""
        facts = list(facts)
        for wave in waves([fact for fact in facts if isinstance(fact, Raised)]):
            self._write(letters.WAKE, Woken(wave.boxes, wave.within_s))
        moved = tuple(fact.box for fact in facts if isinstance(fact, Paired | Unpaired))
        if moved:
            self._write(letters.LINES, Voided(moved))
        users = {fact.user for fact in facts if isinstance(fact, Regranted)}
        for user in {EVERYBODY} if moved or EVERYBODY in users else users:
            self._write(letters.WATCH, Regranted(user))
        self.news([fact for fact in facts if isinstance(fact, Fact)])

    def news(self, facts: Sequence[Fact]) -> None:
        """Tell what operators would like to hear, where there are any."""
        if self.audience.is_there(self._clock()):
            for part in portions(facts, MOST_FACTS):
                self._write(letters.NEWS, Happened(part))

    def opened(self, box: str, at: Instant) -> None:
        """Tell that a box has a new line here."""
        self._write(letters.LINES, Opened(box, self.worker, at))

    def reported(self, box: str, report: bytes) -> None:
        """Pass on how a box is that somebody watches."""
        self._bus.publish(letters.report_topic(box), report)

    def wants(self, box: str, seconds: Seconds) -> None:
        """Tell for how long somebody here watches a box; 0 is no longer."""
        self._write(letters.WATCH, Wanted(box, self.worker, seconds))

    def listens(self, seconds: Seconds) -> None:
        """Tell for how long somebody here wants news; 0 is no longer."""
        self._write(letters.WATCH, Listening(self.worker, seconds))

    def _write(self, topic: str, letter: Letter) -> None:
        self._bus.publish(topic, letters.write(letter))
