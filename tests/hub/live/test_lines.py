"""The lines of boxes at one worker: each box has one, the newest."""

from easyplayer.hub.live.lines import BoxLine, BoxLines
from easyplayer.units import Instant


def line(sid: str, box: str = "box", at: float = 0.0) -> BoxLine:
    return BoxLine(sid, box, 1, Instant(at))


def test_a_new_line_takes_the_place_of_the_old_one() -> None:
    """Which is known no more, so that its end is no news."""
    lines = BoxLines("w5")
    assert lines.open(line("a")) is None
    assert lines.open(line("b")) == line("a")
    assert (lines.by("a"), lines.by("b"), lines.of("box")) == (None, line("b"), line("b"))
    assert lines.close("a") is None
    assert lines.close("b") == line("b")
    assert (len(lines), lines.of("box")) == (0, None)


def test_a_newer_line_elsewhere_wins() -> None:
    """An older one does not; of two of the same instant one and the same wins everywhere."""
    lines = BoxLines("w5")
    lines.open(line("m", at=10))
    assert lines.outdone("box", "w9", Instant(11)) == line("m", at=10)
    assert lines.outdone("box", "w9", Instant(9)) is None
    assert lines.outdone("box", "w9", Instant(10)) is not None
    assert lines.outdone("box", "w1", Instant(10)) is None
    assert lines.outdone("box", "w5", Instant(11)) is None
    assert lines.outdone("other", "w9", Instant(11)) is None


def test_only_boxes_with_a_line_here_are_found() -> None:
    """All others are another worker's."""
    lines = BoxLines("w5")
    for name in ("one", "two"):
        lines.open(line(name[0], name))
    assert [one.box for one in lines.among(["two", "three"])] == ["two"]
    assert [one.box for one in lines] == ["one", "two"]
