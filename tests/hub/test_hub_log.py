"""What the hub's log says at which verbosity."""

import logging
from collections.abc import Iterator

import pytest

from easyplayer.hub import log
from tests.strangers import EVIL, TAMED, steering

OURS = "easyplayer.hub.live.presence"


@pytest.fixture(name="loggers", autouse=True)
def _loggers() -> Iterator[None]:
    """Have the loggers afterwards as they were."""
    loggers = [logging.getLogger(name) for name in ("", *log.CHATTER, *log.ALARMED)]
    handlers, levels = logging.root.handlers[:], [logger.level for logger in loggers]
    yield
    logging.root.handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def test_what_the_hub_tells_itself_no_library_tells_with_a_traceback() -> None:
    """A database that is away is one line of ours, and a traceback of asyncpg's for each connection."""
    log.set_up(0)
    assert logging.getLogger(OURS).isEnabledFor(logging.WARNING)
    assert logging.getLogger("uvicorn.error").isEnabledFor(logging.WARNING)
    assert not logging.getLogger("asyncpg.pool").isEnabledFor(logging.WARNING)
    log.set_up(2)
    assert logging.getLogger("asyncpg.pool").isEnabledFor(logging.WARNING)


def test_what_is_logged_does_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """The names of files, and what a tool says of them, are strangers' words; a traceback keeps its lines."""
    log.set_up(0)
    try:
        raise OSError(EVIL)
    except OSError:
        logging.getLogger(OURS).exception("cannot use %s", EVIL)
    first, *others = capsys.readouterr().err.splitlines()
    assert first == f"ERROR {OURS}: cannot use {TAMED}"
    assert others[0] == "Traceback (most recent call last):"
    assert others[1].startswith("  File")
    assert [line for line in others if steering(line)] == []
