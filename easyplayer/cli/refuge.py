"""Where a box keeps what it keeps, also when its state directory cannot be used: no disk silences a room.

Where a guardian would only start it anew, to fail again, the box takes a private directory in its place,
starts less of itself, and goes back as soon as its own directory can be used.  A person at a terminal gets
the error.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from easyplayer.cli.safely import GUARDED_BY
from easyplayer.drivers.guard_file import NAME as GUARD
from easyplayer.drivers.state_directory import StateDirectory, answer_for, private_directories
from easyplayer.drivers.status_socket import ask
from easyplayer.errors import BoxBusyError, BoxSilentError, StateError
from easyplayer.events import BoxEvent, shut_down
from easyplayer.guard import Level
from easyplayer.units import Seconds

log = logging.getLogger(__name__)

AGAIN = 75
"""Exit code of a box that wants to be started anew, after ``sysexits.h``: try again."""
STANDS_STILL_AFTER_S = Seconds(5.0)
"""A box has a fresh status twice a second; one that has had none for so long makes no progress."""
ASK_EVERY_S = 0.2
TRY_EVERY_S = Seconds(300.0)
"""How often it is tried whether the state directory can be used again."""


class Home(Struct, frozen=True, kw_only=True):
    """Where a box keeps what it keeps.

    :ivar held: the directory; it is held.
    :ivar level: how much of itself the box may start there.
    :ivar lost: the state directory that it should have been; ``None`` where it is that.
    :ivar trouble: why it is not; empty where it is.
    """

    held: StateDirectory
    level: Level
    lost: StateDirectory | None = None
    trouble: str = ""

    def go_back(self, fire: Callable[[BoxEvent], object], every_s: Seconds = TRY_EVERY_S) -> None:
        """Try from now on whether the state directory can be used again, and leave as soon as it can.

        :param fire: fires an event into the box; called on another thread.
        """
        if self.lost is not None:
            arguments = (self.lost, fire, every_s)
            threading.Thread(target=_leave_for, args=arguments, name="refuge", daemon=True).start()


def take_home(state: Path, level: Level, guardian: str) -> Home:
    """Take hold of a state directory, or, where somebody would only start the box anew, of a private one.

    :param level: how much of itself the box may start; in a private directory it is less.
    :param guardian: who starts the box anew when it ends; empty where nobody does.
    :raises StateError: it cannot be used.
    :raises BoxBusyError: another box, which is well, has it.
    """
    own = StateDirectory(state)
    try:
        own.hold()
    except BoxBusyError as error:
        if guardian != GUARDED_BY or is_well(state):
            raise
        message = f"{state} is held by a box that cannot be ended: switch the machine off and on"
        if level is not Level.BARE:
            raise StateError(message) from error
        home = _refuge(own, level, message)
        _share_bad_ends(own.path, home.held.path)
        return home
    except StateError as error:
        if not guardian:
            raise
        return _refuge(own, max(level, Level.CAREFUL), str(error))
    return Home(held=own, level=level)


def is_well(state: Path, patience_s: Seconds = STANDS_STILL_AFTER_S) -> bool:
    """Tell whether the box that has a state directory answers, and does not stand still.

    It is asked again and again, for its status tells its age by a clock that may have been set meanwhile.
    """
    from easyplayer.status_view import Status  # it is seldom asked, and not to hold up the music

    first, deadline = None, time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            told = msgspec.json.decode(ask(state), type=Status).uptime_s
        except BoxSilentError:
            return False
        except msgspec.MsgspecError:  # it has only just started, or is of another version
            return True
        if first is not None and told != first:
            return True
        first = told
        time.sleep(ASK_EVERY_S)
    return False


def _refuge(own: StateDirectory, level: Level, why: str) -> Home:
    for held in private_directories():
        try:
            held.hold()
        except BoxBusyError:
            if is_well(held.path):
                raise
        except StateError:
            continue
        else:
            answer_for(own.path, held.path)
            with suppress(OSError):
                (held.path / GUARD).unlink(missing_ok=True)
            trouble = f"{why}; until then all is kept in {held.path}, and not for long"
            return Home(held=held, level=level, lost=own, trouble=trouble)
    raise StateError(why)


def _share_bad_ends(own: Path, instead: Path) -> None:
    """Have the box find there, too, what the WatchDog writes into its own directory, which can be read."""
    with suppress(OSError):  # nothing but the bad ends would be missing in its status
        (instead / GUARD).symlink_to(own.absolute() / GUARD)


def _leave_for(own: StateDirectory, fire: Callable[[BoxEvent], object], every_s: Seconds) -> None:
    time.sleep(every_s)
    while not own.can_be_held():
        time.sleep(every_s)
    log.warning("%s can be used again: the box ends, to be started with it", own.path)
    fire(shut_down(AGAIN))
