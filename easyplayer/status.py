"""Gathers how the box is, in one structure: for the technician, the live line, and the hub."""

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

import msgspec
from circuits import handler

from easyplayer import __version__
from easyplayer.component import BoxComponent
from easyplayer.drivers.device_watch import Display, SoundCard
from easyplayer.drivers.monitor import Level
from easyplayer.drivers.status_socket import StatusSocket
from easyplayer.errors import StateError
from easyplayer.events import BoxEvent, status_published
from easyplayer.guard import GuardView
from easyplayer.playout.catalogue import Program
from easyplayer.playout.clock import ClockTrust
from easyplayer.playout.items import PreparedItem, masked
from easyplayer.playout.machine import PlayerState
from easyplayer.playout.pictures import on_screen
from easyplayer.protocol.heartbeat import Place
from easyplayer.screen_view import OutputView, ScreenView
from easyplayer.status_view import Problem, Status, shown
from easyplayer.storage_view import StorageNotes
from easyplayer.ticker import Ticker
from easyplayer.units import SILENCE, Monotonic, Percent, Seconds

log = logging.getLogger(__name__)

PUBLISH_EVERY_S = Seconds(0.5)
KEPT_PROBLEMS = 10


class StatusBoard(BoxComponent):
    """Gathers what the parts tell, and publishes it twice a second.

    :param socket: where it is published, or ``None``.
    :param wall_clock: tells seconds since 1970.
    :param beforehand: what went wrong on the machine before the box started.
    :param has_screen: whether the box is to show pictures, where its program has some.
    """

    def __init__(
        self,
        ticker: Ticker,
        socket: StatusSocket | None,
        wall_clock: Callable[[], float] = time.time,
        beforehand: Iterable[str] = (),
        *,
        has_screen: bool = True,
    ) -> None:
        super().__init__()
        self._ticker = ticker
        self._socket = socket
        self._wall_clock = wall_clock
        self._started_at = ticker.clock()
        self._audible_at: Monotonic | None = None
        self._level = Level(SILENCE, SILENCE)
        self._now: tuple[PreparedItem, Seconds] | None = None
        self._problems: deque[Problem] = deque(maxlen=KEPT_PROBLEMS)
        self._storage = StorageNotes()
        self._has_screen = has_screen
        self._status = Status(
            version=__version__, pid=os.getpid(), at=wall_clock(), uptime_s=Seconds(0.0), program="",
            state=PlayerState.STOPPED, reason="starting", allowed=True, verdict="", item=None,
            position_s=Seconds(0.0), next=None, volume=Percent(0), sink="", silent_sink=False,
            level_db=SILENCE, peak_db=SILENCE, audible_ago_s=None, failures=0, problems=(),
        )  # fmt: skip
        for text in beforehand:
            self._mind(text)

    def open(self) -> None:
        """Begin to publish."""
        if self._socket is not None:
            try:
                self._socket.open()
            except StateError as error:
                log.warning("%s", error)
                self._socket = None
        self._ticker.every(PUBLISH_EVERY_S, self._publish)

    def close(self) -> None:
        """Publish no more."""
        if self._socket is not None:
            self._socket.close()

    def _publish(self) -> None:
        now = self._ticker.clock()
        prepared, position_s = self._now or (None, Seconds(0.0))
        self._note(
            item=shown(prepared) if prepared else None,
            position_s=position_s - prepared.cue_in_s if prepared else Seconds(0.0),
            at=self._wall_clock(),
            uptime_s=now - self._started_at,
            level_db=self._level.mean_db,
            peak_db=self._level.peak_db,
            audible_ago_s=None if self._audible_at is None else now - self._audible_at,
            problems=tuple(self._problems),
        )
        if self._socket is not None:
            self._socket.publish(msgspec.json.encode(self._status))
        self.fire(status_published(self._status))

    def _note(self, **changes: object) -> None:
        self._status = msgspec.structs.replace(self._status, **changes)

    def _mind(self, text: str) -> None:
        self._problems.append(Problem(self._wall_clock(), masked(text)))

    @handler("player_changed")
    def _on_player(self, state: PlayerState, reason: str) -> None:
        self._note(state=state, reason=masked(reason))
        if state in {PlayerState.STOPPED, PlayerState.WAITING, PlayerState.NO_SOUND}:
            self._now = None

    @handler("item_started")
    def _on_started(self, prepared: PreparedItem, position_s: Seconds) -> None:
        self._now = prepared, position_s
        self._note(next=None)

    @handler("item_advanced")
    def _on_advanced(self, prepared: PreparedItem, position_s: Seconds) -> None:
        self._now = prepared, position_s

    @handler("cue_item")
    def _on_cue(self, prepared: PreparedItem, _start_s: object, _at: object) -> None:
        self._note(next=shown(prepared))

    @handler("volume_changed")
    def _on_volume(self, volume: Percent) -> None:
        self._note(volume=volume)

    @handler("sound_found")
    def _on_sound(self, sink: str, private: bool) -> None:
        self._note(sink=sink, silent_sink=private)

    @handler("sound_lost")
    def _on_sound_lost(self, reason: str) -> None:
        self._note(sink="")
        self._mind(reason)

    @handler("sound_card_changed")
    def _on_card(self, card: SoundCard, present: bool) -> None:
        if not present:
            self._mind(f"sound card {card.name} is gone")

    @handler("display_changed")
    def _on_display(self, display: Display, present: bool) -> None:
        if not present:
            self._mind(f"display {display.id} is gone")

    @handler("level_heard")
    def _on_level(self, level: Level) -> None:
        self._level = level
        if level.audible:
            self._audible_at = self._ticker.clock()

    @handler("allowance_changed")
    def _on_allowance(self, allowed: bool, verdict: str) -> None:
        self._note(allowed=allowed, verdict=verdict)

    @handler("handler_failed")
    def _on_failure(self, count: int, what: str) -> None:
        self._note(failures=count)
        self._mind(what)

    @handler("item_left_out")
    def _on_left_out(self, location: str, reason: str) -> None:
        self._mind(f"left out {location}: {reason}")

    @handler("screen_told")
    def _on_screen(self, view: ScreenView) -> None:
        for output in troubled(self._status.screen, view):
            self._mind(f"screen {output.name}: {output.trouble}")
        self._note(screen=view)

    @handler("picture_failed")
    def _on_picture_failed(self, prepared: PreparedItem, reason: str) -> None:
        self._mind(f"{prepared.item.location}: {reason}")

    @handler("item_failed")
    def _on_failed(self, prepared: PreparedItem, reason: str) -> None:
        if self._status.next == shown(prepared):
            self._note(next=None)
        self._mind(f"{prepared.item.location}: {reason}")

    @handler("spot_missed")
    def _on_spot_missed(self, title: str, reason: str) -> None:
        self._mind(f"spot {title} was missed: {reason}")

    @handler("clock_judged")
    def _on_clock_judged(self, trust: ClockTrust) -> None:
        self._note(clock=trust)

    @handler("guard_told")
    def _on_guard(self, view: GuardView) -> None:
        self._note(guard=view)

    @handler("program_taken")
    def _on_program(self, program: Program) -> None:
        wanted = self._has_screen and on_screen(program) is not None
        self._note(program=f"{program.name}, version {program.version}", screen_wanted=wanted)

    @handler("fallback_needed", "state_refused", "program_refused", "hearing_lost")
    def _on_trouble(self, reason: str) -> None:
        self._mind(reason)

    # -- the hub -------------------------------------------------------------------------------

    @handler("claim_code_shown")
    def _on_claim_code(self, code: str) -> None:
        self._note_hub(claim_code=code)

    @handler("hub_reached")
    def _on_hub_reached(self, hub: str) -> None:
        self._note_hub(url=hub, trouble="")

    @handler("hub_lost")
    def _on_hub_lost(self, reason: str) -> None:
        self._note_hub(trouble=reason)

    @handler("box_placed")
    def _on_placed(self, place: Place) -> None:
        self._note_hub(
            place=", ".join(part for part in (place.venue_name or place.venue, place.zone) if part)
        )

    @handler("support_opened")
    def _on_support(self, why: str, _seconds: Seconds) -> None:
        self._note_hub(support=why)

    @handler("support_closed")
    def _on_support_closed(self, _reason: str) -> None:
        self._note_hub(support="")

    @handler("live_opened")
    def _on_live(self, transport: str, _heartbeat_s: Seconds) -> None:
        self._note_hub(live=transport, not_live="")

    @handler("live_closed")
    def _on_live_closed(self, reason: str) -> None:
        self._note_hub(live="", not_live=reason)

    @handler(
        "storage_told",
        "download_progressed",
        "disk_changed",
        "storage_scrubbed",
        "stick_plugged",
        "stick_pulled",
        "bundle_missed",
        "bundle_progressed",
        "bundle_taken",
        "bundle_refused",
        "stick_refused",
        "report_left",
    )
    def _on_storage(self, event: BoxEvent, *_about: object) -> None:
        trouble = self._storage.learn(event)
        view = self._storage.view
        self._note(storage=view)
        self._note_hub(fetching="" if view is None else view.fetching)
        if trouble:
            self._mind(trouble)

    def _note_hub(self, **changes: str) -> None:
        self._note(hub=msgspec.structs.replace(self._status.hub, **changes))

    @handler("silence_noticed")
    def _on_silence(self, seconds: Seconds) -> None:
        self._mind(f"music plays, and the output has been silent for {seconds:.0f} s")


def troubled(before: ScreenView, now: ScreenView) -> Iterator[OutputView]:
    """Give the outputs of the screen that have a trouble which they did not have before."""
    known = {(output.name, output.trouble) for output in before.outputs}
    for output in now.outputs:
        if output.trouble and (output.name, output.trouble) not in known:
            yield output
