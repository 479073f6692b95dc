"""Commands to the storage: take the program that is ready, go back to the one before, look at the media."""

from typing import ClassVar

from easyplayer.crafts.craft import Args, Craft
from easyplayer.crafts.ending import Ending, done, failed, unavailable
from easyplayer.events import BoxEvent, program_refused
from easyplayer.protocol.arguments import Arguments, Rollback, SwitchProgram
from easyplayer.storage_events import (
    roll_back,
    storage_switched,
    storage_verified,
    switch_refused,
    switch_storage,
    verify_storage,
)
from easyplayer.units import Seconds

MOST_NAMED = 100
"""How many media a result names: it has to fit into a heartbeat; the text tells how many there are."""


class _Change(Craft[Args]):
    """Play by another program, at once."""

    kind: ClassVar[str] = "change the program"
    limit_s: ClassVar[Seconds] = Seconds(600.0)

    def hear(self, fact: BoxEvent) -> None:
        """Wait until it is the current one."""
        match fact:
            case storage_switched(args=[head]):
                text = f"plays by {head.name}, version {head.version}"
                self.finish(done(text, revision=head.revision, digest=head.digest))
            case switch_refused(args=[reason]) | program_refused(args=[reason]):
                self.finish(failed(reason))


class Switch(_Change[SwitchProgram]):
    """``switch_program``: play by the newest program that has come."""

    def begin(self) -> None:
        """Have it taken."""
        self.bench.fire(switch_storage(at_once=True))


class GoBack(_Change[Rollback]):
    """``rollback``: play by the program before the current one."""

    def at_once(self) -> Ending | None:
        """Only programs are kept."""
        if self.args.what == "software":
            return unavailable("it keeps no earlier software to go back to")
        return super().at_once()

    def begin(self) -> None:
        """Have it taken."""
        self.bench.fire(roll_back())


class Rescan(Craft[Arguments]):
    """``rescan_storage``: look whether each medium is there, and as long as it should be."""

    kind: ClassVar[str] = "look at the media"
    limit_s: ClassVar[Seconds] = Seconds(600.0)
    thoroughly: ClassVar[bool] = False

    def begin(self) -> None:
        """Have them looked at."""
        self.bench.fire(verify_storage(thoroughly=self.thoroughly))

    def hear(self, fact: BoxEvent) -> None:
        """Wait for what was found."""
        match fact:
            case storage_verified(args=[good, bad]):
                text = f"{good} media are right" + (f", {len(bad)} are fetched once more" if bad else "")
                self.finish(done(text, good=good, bad=list(bad[:MOST_NAMED])))


class Verify(Rescan):
    """``verify_storage``: read and hash each of them."""

    limit_s: ClassVar[Seconds] = Seconds(6 * 3600.0)
    thoroughly: ClassVar[bool] = True
