"""The WatchDog: a plugin of circus that has every process replaced that makes no progress.

::

    box ── pid;timestamp ──▶ WatchDog ── kill ──▶ circusd ── starts it anew
                                │  └── guard.json ──▶ the box, which begins carefully after bad ends
                                └── WATCHDOG=1, while circusd answers ──▶ systemd ── feeds the machine's own

The box speaks only while it makes progress.  What is decided here stands in :mod:`easyplayer.circus.roll` and
:mod:`easyplayer.guard`; this reads datagrams and circusd's messages, and carries out what comes of it.
"""

import logging
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from circus.plugins import CircusPlugin, zmqstream
from msgspec import structs

from easyplayer.circus import options as reading
from easyplayer.circus import processes
from easyplayer.circus.apart import GuardApart
from easyplayer.circus.circusd import Answer, Circusd, message_of, published_as, topic_of
from easyplayer.circus.idleness import Idleness
from easyplayer.circus.letterbox import Letterbox
from easyplayer.circus.loop_clock import count_by_monotonic_clock
from easyplayer.circus.records import Records
from easyplayer.circus.rescue import Rescuer
from easyplayer.circus.roll import Roll, Step, Ward
from easyplayer.circus.service import Service
from easyplayer.drivers.wall_clock import boot_id
from easyplayer.guard import BadEnd, left_s, level_at, noted, sound
from easyplayer.units import Instant, Monotonic, Seconds

log = logging.getLogger(__name__)

# circusd, too, loads this module, to see whether there is such a plugin, and only then begins its loop
count_by_monotonic_clock()

READABLE = 1
"""What tornado's loop calls a socket from which can be read."""
ASK_EVERY_S = Seconds(10.0)
"""How often circusd is asked at least whom it runs: what was missed of its messages is made up for."""
MISSED_FOR_GOOD = 2
"""The news of its end may be on its way when a process is missed for the first time."""
STUCK_FOR_GOOD_S = Seconds(180.0)
"""A process that was killed, and is there for so long all the same, stays: a disk has given up by then."""
ON_PURPOSE = {0, 75}
"""Exit codes of a box that has ended because it was to, or that wants to be started anew; and of one beside
another that is well, with which there is music already."""
STARTING_MAY_TAKE_S = 60.0
"""circusd starts the WatchDog within so many seconds of its own start; a younger one was started anew."""
OF_CIRCUS = "plugin:"
"""What the names of circus' own watchers begin with."""


class WatchDog(CircusPlugin):
    """Guards processes that say that they are well, and systemd's patience with circusd.

    Its options are :class:`~easyplayer.circus.options.Options`, written in ``circus.ini``.

    :param endpoint: where circusd answers.
    :param pubsub_endpoint: where it tells what happens.
    :param check_delay: how often it looks after its processes, in seconds.
    :param ssh_server: a host to go through on the way to it, or ``None``.
    :param config: the options.
    """

    name = "watchdog"

    def __init__(
        self,
        endpoint: str,
        pubsub_endpoint: str,
        check_delay: float,
        ssh_server: str | None = None,
        **config: Any,
    ) -> None:
        super().__init__(endpoint, pubsub_endpoint, check_delay, ssh_server=ssh_server, **config)
        self.options, self.problems = reading.read(config)
        self._clock: Callable[[], Monotonic] = lambda: Monotonic(time.monotonic())
        self._roll = Roll(self.options.max_count, self.options.start_count)
        self._letters = Letterbox(self.options.ip, self.options.port, self.options.msg_regex)
        self._service = Service()
        self._rescuer = Rescuer(self._service, self._clock, time.time)
        self._boot = boot_id()
        self._parent = os.getppid()
        self._is_first = processes.younger_by_s(os.getpid(), self._parent) <= STARTING_MAY_TAKE_S
        self._idleness = Idleness(self._clock)
        self._hopeless: list[str] = []
        self._names: dict[str, str] = {}
        self._ran: set[str] = set()
        self._told_to_end: set[str] = set()
        self._fits_none = ""

    # -- from start to end ---------------------------------------------------------------------

    def handle_init(self) -> None:
        """Begin: read what is known of bad ends, listen, and count rounds."""
        tell_on_standard_error()
        for problem in self.problems:
            log.error("option %s", problem)
        self._disk = GuardApart(partial(_state, self.options.state))
        self._records = Records(self._disk)
        self._guard = sound(self._records.known(), self._boot, self._clock())
        self._listen()
        self._tell_unguarded()
        self._every(Seconds(self.options.loop_rate), self.look_after)

    def initialize(self) -> None:
        """Take up the line to circusd, and ask it at once whom it runs."""
        super().initialize()
        stream = zmqstream.ZMQStream(self.client, self.loop)
        self._circusd = Circusd(stream.send, self._clock)
        stream.on_recv(self._circusd.take)
        self._circusd.ask("get", {"name": f"{OF_CIRCUS}{self.name}", "keys": ["cmd"]}, self._on_own_options)
        self._ask_around()
        limits = (ASK_EVERY_S, self.options.loop_rate, self._service.every_s or ASK_EVERY_S)
        self._every(Seconds(min(limits)), self._ask_around)

    def handle_stop(self) -> None:
        """End: listen no more, and write what is to be written."""
        self._letters.close()
        self._service.close()
        self._records.close()
        self._disk.close()

    def _every(self, seconds: Seconds, action: Callable[[], None]) -> None:
        """Do something again and again, whatever becomes of it."""

        def strike() -> None:
            self.loop.call_later(seconds, strike)
            if os.getppid() == self._parent:
                action()
            else:
                log.error("circusd is gone: the WatchDog ends")
                self.stop()

        self.loop.call_later(seconds, strike)

    # -- who is well ---------------------------------------------------------------------------

    def _listen(self) -> None:
        number = self._letters.open()
        if number is not None:
            self.loop.add_handler(number, self.receive_udp_socket, READABLE)
            log.info("the WatchDog listens at %s:%d", self.options.ip, self.options.port)

    def receive_udp_socket(self, _number: int = 0, _events: int = 0) -> None:
        """Take what processes have said."""
        for pid in self._letters.drain():
            if not self._roll.hear(pid):
                log.debug("process %d says that it is well, and is none that is guarded", pid)

    def look_after(self) -> None:
        """End a round: have killed who was silent for too long."""
        self._tell_unguarded()
        if not self._letters.is_open:
            self._listen()
            return
        self.receive_udp_socket()
        for blow in self._roll.look():
            ward = blow.ward
            match blow.step:
                case Step.ASK:
                    self._have_killed(ward)
                case Step.FORCE:
                    self._force(ward)
                case Step.DESPAIR:
                    self._despair(ward)
        self._guard = self._rescuer.look(self._stuck_for_good(), self._guard, self._records)

    def _tell_unguarded(self) -> None:
        """Have the box know while nobody is guarded, and why."""
        why = self._letters.trouble or self._fits_none
        if why != self._guard.unguarded:
            self._guard = structs.replace(self._guard, unguarded=why)
            self._records.keep(self._guard)

    def _have_killed(self, ward: Ward) -> None:
        """Have circusd kill a process; it starts another one."""
        silent_s = ward.silent * self.options.loop_rate
        number = self.options.stop_signal
        manner = "its stop signal" if number is None else signal.Signals(number).name
        text = f"{ward.watcher} (process {ward.pid}) was silent for {silent_s:.0f} s: {manner}"
        log.error("%s", text)
        about: dict[str, object] = {"name": self._names.get(ward.watcher, ward.watcher), "pid": ward.pid}
        if number is not None:
            about["signum"] = number
        if self.options.graceful_timeout is not None:
            about["graceful_timeout"] = self.options.graceful_timeout
        self._circusd.ask("kill", about)
        self._note(killed=True, text=text)

    def _force(self, ward: Ward) -> None:
        """Kill a process that circusd has not; often it is gone, and circusd has told nothing of it."""
        if processes.kill(ward.pid, ward.born):
            log.error("%s (process %d) is there all the same: SIGKILL", ward.watcher, ward.pid)
        else:
            self._roll.strike_off(ward.pid)

    def _despair(self, ward: Ward) -> None:
        if processes.born(ward.pid) != ward.born:
            self._roll.strike_off(ward.pid)
            return
        ward.stuck += 1
        if ward.silent % self.options.max_count == 0:
            log.error("%s (process %d) cannot be killed: only a new start helps", ward.watcher, ward.pid)

    def _stuck_for_good(self) -> list[str]:
        """Name those for which nothing more can be done here."""
        rounds = STUCK_FOR_GOOD_S / self.options.loop_rate
        return [f"{ward.watcher} (process {ward.pid})" for ward in self._roll if ward.stuck >= rounds]

    # -- what circusd tells --------------------------------------------------------------------

    def handle_recv(self, data: list[bytes]) -> None:
        """Follow what circusd tells of its watchers: what it spawns, kills and reaps, and what it stops."""
        if len(data) != len(("topic", "message")):
            return
        watcher, action = topic_of(data[0])
        message = message_of(data[1])
        pid = message.get("process_pid")
        if not self._guards(watcher):
            return
        match action:
            case "spawn" if isinstance(pid, int):
                self._told_to_end.discard(watcher)
                self._take_in(pid, watcher, is_news=True)
            case "kill" if isinstance(pid, int) and pid in self._roll:
                self._on_kill(pid, watcher)
            case "reap" if isinstance(pid, int):
                self._on_reap(pid, message.get("exit_code"))
            case "start":
                self._told_to_end.discard(watcher)

    def _guards(self, watcher: str) -> bool:
        if watcher.startswith(OF_CIRCUS):
            return False
        return re.match(self.options.watchers_regex, self._names.get(watcher, watcher)) is not None

    def _take_in(self, pid: int, watcher: str, *, is_news: bool = False) -> None:
        """Guard a process; one that was gone before the news of it came has ended badly all the same."""
        born = processes.born(pid)
        self._ran.add(watcher)
        if (born or is_news) and self._roll.take_in(pid, watcher, born):
            log.info("guards %s (process %d)", watcher, pid)

    def _on_kill(self, pid: int, watcher: str) -> None:
        """Note that a person ends a process, and maybe the watcher; one that is reloaded has another one."""
        self._roll.leaving(pid)
        all_of_it = [ward for ward in self._roll if ward.watcher == watcher]
        is_meant = any(ward.leaving for ward in all_of_it if ward.pid == pid)
        if is_meant and all(ward.leaving or not processes.born(ward.pid) for ward in all_of_it):
            self._told_to_end.add(watcher)

    def _on_reap(self, pid: int, exit_code: object) -> None:
        ward = self._roll.strike_off(pid)
        if ward is None or ward.leaving or not ward.is_guarded or exit_code in ON_PURPOSE:
            return
        text = f"{ward.watcher} (process {pid}) {processes.manner(exit_code)}"
        log.error("%s", text)
        self._note(killed=False, text=text)

    # -- what circusd answers ------------------------------------------------------------------

    def _ask_around(self) -> None:
        """Ask whom circusd runs; the answer shows that it is well."""
        self._circusd.ask("status", {}, self._on_statuses)

    def _on_statuses(self, answer: Answer) -> None:
        statuses: dict[str, str] = answer.get("statuses") or {}
        self._names = {published_as(name): name for name in statuses}
        guarded = {watcher for watcher in self._names if self._guards(watcher)}
        self._idleness.keep_only({one for one in guarded if statuses[self._names[one]] != "stopped"})
        self._tell_systemd()
        for watcher in sorted(guarded):
            if statuses[self._names[watcher]] == "stopped":
                self._start_again(watcher)
            else:
                self._circusd.ask("list", {"name": self._names[watcher]}, self._lister(watcher))
        self._mind_pattern(fits=bool(guarded))

    def _mind_pattern(self, *, fits: bool) -> None:
        """Take notice of a pattern that nobody fits who runs here, or of one that is right."""
        pattern = self.options.watchers_regex
        if not fits and not self._fits_none:
            others = ", ".join(sorted(self._names.values()))
            log.error("watchers_regex = %s: it fits none of %s", pattern, others)
        self._fits_none = "" if fits else f"watchers_regex = {pattern} fits nobody"

    def _start_again(self, watcher: str) -> None:
        """Have a watcher started that circusd has given up; one that a person has stopped stays stopped."""
        is_wanted = self._is_first and re.match(self.options.wanted_regex, self._names[watcher])
        if watcher not in self._told_to_end and (is_wanted or watcher in self._ran):
            log.error("circusd has given up %s: it is started again", watcher)
            self._circusd.ask("start", {"name": self._names[watcher]})

    def _lister(self, watcher: str) -> Callable[[Answer], None]:
        def take(answer: Answer) -> None:
            pids = {pid for pid in answer.get("pids", ()) if isinstance(pid, int)}
            for pid in sorted(pids):
                self._take_in(pid, watcher)
            for ward in self._roll:
                if ward.watcher == watcher:
                    self._miss(ward, missed=ward.pid not in pids)
            if self._idleness.judge(watcher, has_processes=bool(pids)):
                log.error("circusd runs no %s, though it should: it is asked to restart it", watcher)
                self._circusd.ask("restart", {"name": self._names.get(watcher, watcher)})

        return take

    def _tell_systemd(self) -> None:
        """Tell that circusd is well; one that answers, and does not do its work, is not."""
        before, self._hopeless = self._hopeless, self._idleness.hopeless
        if not self._hopeless:
            self._service.well()
        elif not before and self._service.is_guarded:
            log.error("circusd does not start %s: systemd is to replace circusd", ", ".join(self._hopeless))

    def _miss(self, ward: Ward, *, missed: bool) -> None:
        """Take notice of a process that circusd knows no more, though it has not told of its end."""
        ward.missed = ward.missed + 1 if missed else 0
        if ward.missed >= MISSED_FOR_GOOD and processes.born(ward.pid) != ward.born:
            self._on_reap(ward.pid, None)

    def _on_own_options(self, answer: Answer) -> None:
        """Read the options once more as they are written, with the backslashes that circus has lost."""
        written = reading.as_written(str(answer.get("options", {}).get("cmd", "")), self.config)
        if written != self.config:
            options, problems = reading.read(written)
            self.options = options
            for problem in problems:
                log.error("option %s", problem)
        trouble = reading.mismatch(self.options)
        if trouble:
            log.error("option %s", trouble)
        self._letters.expect(reading.MESSAGE if trouble else self.options.msg_regex)

    # -- what comes of bad ends ----------------------------------------------------------------

    def _note(self, *, killed: bool, text: str) -> None:
        now, wall = self._clock(), Instant(time.time())
        before = level_at(self._guard, self._boot, now)
        end = BadEnd(at=now, wall=wall, killed=killed, text=text)
        self._guard = noted(self._guard, end, self.options.safe)
        self._records.keep(self._guard)
        level = level_at(self._guard, self._boot, now)
        if level is not before:
            minutes = left_s(self._guard, self._boot, now) / 60
            log.error("too many bad ends: safe mode (%s) for %.0f min", level.name.lower(), minutes)


def _state(named: Path | None) -> Path:
    return named or reading.state_directory()


def tell_on_standard_error() -> None:
    """Have the log go where circusd's own goes."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
