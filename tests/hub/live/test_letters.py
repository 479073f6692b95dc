"""What workers write to one another: written, and read the same."""

import pytest

from easyplayer.hub.live import letters
from easyplayer.hub.live.letters import Happened, Letter, Listening, Opened, Voided, Wanted, Woken
from easyplayer.hub.services.facts import Aged, Came, Finished, Paired, Regranted, Told, Unpaired, Went
from easyplayer.units import Instant, Seconds

FACTS = (
    Came("b"),
    Went("b"),
    Aged("b"),
    Told("b"),
    Finished("b", "c1", "skip", "done", "anna"),
    Paired("b"),
    Unpaired("b", "bar box", "bar", "main", ("bars",)),
)


@pytest.mark.parametrize(
    "letter",
    [
        Woken(("a", "b"), Seconds(30.0)),
        Opened("b", "w1", Instant(1.5)),
        Voided(("b",)),
        Wanted("b", "w1", Seconds(60.0)),
        Listening("w1", Seconds(0.0)),
        Happened(FACTS),
        Regranted("anna"),
    ],
)
def test_each_letter_is_read_as_it_was_written(letter: Letter) -> None:
    """By the same worker and all others."""
    assert letters.read(letters.write(letter)) == letter


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\x00",
        b'{"kind":"song"}',
        b'{"kind":"woken","boxes":["b"],"within_s":-1}',
        b'{"kind":"woken","boxes":["b"],"within_s":1e999}',
        b'{"kind":"happened","facts":[{"kind":"came"}]}',
        b'{"kind":"voided","boxes":' + b"[" * 100_000,
    ],
)
def test_what_is_none_is_nothing(content: bytes) -> None:
    """A worker of another version may write it, or whoever else has come upon the bus."""
    assert letters.read(content) is None
