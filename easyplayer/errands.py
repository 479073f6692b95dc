"""What is asked of the hub: aside, on a thread that may hang, and what follows from it on the loop's."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from easyplayer.component import Background
from easyplayer.errors import EasyplayerError
from easyplayer.hub_events import hub_asked

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class Errands:
    """Runs errands one after the other.

    :param worker: the thread.
    """

    def __init__(self, worker: Background) -> None:
        self._worker = worker

    def run_one(
        self,
        ask: Callable[[], Answer],
        then: Callable[[Answer], object],
        failed: Callable[[EasyplayerError], object],
    ) -> None:
        """Ask something aside; one of the other two follows, on the loop's thread."""
        self._worker.do(partial(_asked, ask, then, failed))

    def close(self, patience_s: float) -> bool:
        """Ask nothing more; wait for what is under way, but not for long, and tell whether it has ended."""
        return self._worker.close(patience_s)


def _asked(
    ask: Callable[[], Answer],
    then: Callable[[Answer], object],
    failed: Callable[[EasyplayerError], object],
) -> hub_asked:
    try:
        answer = ask()
    except EasyplayerError as error:
        return hub_asked(partial(failed, error))
    except Exception as error:  # whatever it was, the loop waits for an outcome
        log.exception("asking the hub failed")
        return hub_asked(partial(failed, EasyplayerError(f"asking the hub failed: {error!r}")))
    return hub_asked(partial(then, answer))
