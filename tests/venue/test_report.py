"""The report of a story: what is judged, where it is drawn, and that the page stands alone."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.venue.picture import Scale, clock, draw, place_flags, share
from tests.venue.report import DATA_FILE, INDEX_FILE, WAV_FILE, index, page, write_report
from tests.venue.story import Fault, Limit, Playing, Quiet, Shot, Story, Verdict, judge, read_story

NETWORK_CUT = Fault(20.0, "network cut")
POWER_CUT = Fault(60.0, "plug <pulled>")


def a_story(verdict: Verdict = Verdict.HELD, name: str = "plug-pulled") -> Story:
    """Make a story in which the plug was pulled, and in which it was too quiet once."""
    limits = (Limit(0.0, None), Limit(10.0, 2.0), Limit(60.0, 45.0))
    return Story(
        name=name,
        sentence="The plug is pulled while it plays, and the music comes back",
        began="2026-11-22 03:04 UTC",
        length_s=120.0,
        verdict=verdict,
        reason="" if verdict is Verdict.HELD else "silent for 3.00 s, and 2 s are allowed",
        level=tuple((float(second), -18.0 if 10 < second < 60 else -120.0) for second in range(120)),
        silences=judge([(0.0, 10.0), (25.0, 28.0), (60.0, 100.0)], limits),
        faults=(NETWORK_CUT, POWER_CUT),
        limits=limits,
        tracks=(Playing(10.0, 40.0, "one"), Playing(40.0, 60.0, "two"), Playing(60.0, 70.0, "")),
        shots=(Shot(30.0, "the claim code", "AAAA"),),
        machine=(("Accelerator", "tcg"),),
        console="login: <root>",
    )


@pytest.mark.parametrize(
    ("silence", "limit_s"),
    [
        ((0.0, 5.0), None),
        ((12.0, 13.0), 2.0),
        ((58.0, 80.0), 45.0),
        ((70.0, 80.0), 45.0),
        ((95.0, 101.0), 45.0),
        ((101.0, 130.0), 2.0),
    ],
)
def test_a_silence_is_held_to_the_limit_of_its_time(
    silence: tuple[float, float], limit_s: float | None
) -> None:
    """Where it begins in one and ends in another the more generous one counts; before all of them, none."""
    limits = (Limit(10.0, 2.0), Limit(60.0, 45.0), Limit(100.0, 2.0))
    (quiet,) = judge([silence], limits)
    assert quiet.limit_s == limit_s


@pytest.mark.parametrize("limits", [(Limit(10.0, 2.0),), (Limit(0.0, None), Limit(10.0, 2.0))])
def test_a_silence_that_began_without_a_limit_is_judged_from_there_on(limits: tuple[Limit, ...]) -> None:
    """So nobody can fall silent just before it counts, and stay so."""
    assert judge([(5.0, 100.0)], limits) == (Quiet(5.0, 10.0, None), Quiet(10.0, 100.0, 2.0))
    too_long = (Quiet(5.0, 10.0, None), Quiet(10.0, 100.0, 2.0))
    assert judge([(5.0, 100.0)], (*limits, Limit(50.0, None))) == too_long


@pytest.mark.parametrize(
    ("changes", "silence", "judged"),
    [
        ((Limit(60.0, 121.0),), (12.0, 130.0), (Quiet(12.0, 130.0, 2.0),)),
        ((Limit(59.0, None),), (12.0, 60.0), (Quiet(12.0, 60.0, 2.0),)),
        ((Limit(60.0, 45.0), Limit(100.0, 2.0)), (59.0, 106.0), (Quiet(59.0, 106.0, 45.0),)),
        ((Limit(60.0, None),), (59.0, 200.0), (Quiet(59.0, 200.0, None),)),
        (
            (Limit(60.0, None), Limit(90.0, 2.0)),
            (59.0, 95.0),
            (Quiet(59.0, 90.0, None), Quiet(90.0, 95.0, 2.0)),
        ),
        ((Limit(100.0, 2.0),), (5.0, 101.0), (Quiet(5.0, 10.0, None), Quiet(10.0, 101.0, 2.0))),
    ],
)
def test_silence_that_was_too_long_is_not_allowed_afterwards(
    changes: tuple[Limit, ...], silence: tuple[float, float], judged: tuple[Quiet, ...]
) -> None:
    """A more generous limit is for a silence that had not used up the one before it."""
    assert judge([silence], (Limit(0.0, None), Limit(10.0, 2.0), *changes)) == judged


def test_the_silence_told_is_the_one_nearest_to_its_limit() -> None:
    """Three seconds of two are worse than forty of forty-five."""
    longest = a_story().longest
    assert longest == Quiet(25.0, 28.0, 2.0)
    assert longest.is_too_long


def test_silence_is_counted_from_each_fault_to_the_next() -> None:
    """So a table tells which fault did what."""
    story = a_story()
    assert story.silence_after(NETWORK_CUT) == pytest.approx(3.0)
    assert story.silence_after(POWER_CUT) == pytest.approx(40.0)


def test_a_story_is_read_as_it_was_saved(tmp_path: Path) -> None:
    """All of it."""
    story = a_story(Verdict.TOO_QUIET)
    story.save(tmp_path / "story.json")
    assert read_story(tmp_path / "story.json") == story


def test_flags_cover_no_other_flag_and_stay_in_the_picture() -> None:
    """However near the faults are."""
    faults = tuple(Fault(at_s, f"fault number {n}") for n, at_s in enumerate((0, 1, 2, 50, 97, 99, 100)))
    flags = place_flags(faults, Scale(100.0))
    spans = [(flag.row, flag.x - flag.width if flag.leans_left else flag.x, flag.width) for flag in flags]
    for row, begin, width in spans:
        assert begin >= 0
        assert begin + width <= 1120
        assert sum(r == row and b < begin + width and begin < b + w for r, b, w in spans) == 1


def test_a_picture_is_whole_and_names_what_happened() -> None:
    """It is XML, and what people wrote does not break it."""
    root = ET.fromstring(draw(a_story()))  # noqa: S314 -- our own
    words = [element.text for element in root.iter() if element.tag == "text"]
    assert {"network cut", "plug <pulled>", "3.0 s", "one", "two"} <= set(words)
    classes = [element.get("class") for element in root.iter("rect")]
    assert classes.count("too-long") == 1
    assert classes.count("short") == 1
    assert classes.count("quiet") == 1


def test_a_story_without_sound_is_drawn_as_well() -> None:
    """One that broke before anything was heard."""
    empty = Story("none", "Nothing came of it", "2026-11-22", 0.0, Verdict.BROKEN, reason="no machine")
    ET.fromstring(draw(empty))  # noqa: S314 -- our own
    assert "no machine" in page(empty)


def test_a_page_stands_alone_and_says_how_it_went() -> None:
    """No other file is asked for, and nothing is taken for markup that is none."""
    told = page(a_story(Verdict.TOO_QUIET))
    assert "Silent for too long" in told
    assert "3.00 s of 2 s" in told
    assert "&lt;root&gt;" in told
    assert not re.search(r'(src|href)="(?!data:|\.\./index\.html)', told)
    assert "<script" not in told


def test_the_index_lists_what_failed_first(tmp_path: Path) -> None:
    """And each with its picture."""
    for story in (a_story(name="all-well"), a_story(Verdict.BROKEN, "broken"), a_story(name="well-too")):
        write_report(story, tmp_path)
    listed = re.findall(r'href="([a-z-]+)/report.html"', (tmp_path / INDEX_FILE).read_text(encoding="utf-8"))
    assert listed == ["broken", "all-well", "well-too"]
    assert "2 of 3 stories held" in index([a_story(), a_story(), a_story(Verdict.BROKEN)])


def test_what_was_heard_in_another_run_is_taken_away(tmp_path: Path) -> None:
    """A story that holds now has no sound beside its report that tells of a failure."""
    heard = write_report(a_story(Verdict.TOO_QUIET), tmp_path).with_name(WAV_FILE)
    heard.touch()
    write_report(a_story(), tmp_path)
    assert not heard.exists()


def test_the_index_does_without_what_it_cannot_read(tmp_path: Path) -> None:
    """A story that was cut off while it was written, or was written by another version."""
    for name, data in (("cut-off", '{"name": '), ("older", '{"name": "older"}')):
        (tmp_path / name).mkdir()
        (tmp_path / name / DATA_FILE).write_text(data, encoding="utf-8")
    write_report(a_story(), tmp_path)
    assert "1 of 1 stories held" in (tmp_path / INDEX_FILE).read_text(encoding="utf-8")


def test_stories_that_end_at_the_same_time_are_all_in_the_index(tmp_path: Path) -> None:
    """However many run beside each other."""
    names = [f"story-{letter}" for letter in "abcdefgh"]
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: write_report(a_story(name=name), tmp_path), names))
    told = (tmp_path / INDEX_FILE).read_text(encoding="utf-8")
    assert re.findall(r'href="([a-z-]+)/report.html"', told) == names


@pytest.mark.parametrize(("at_s", "words"), [(0.0, "0 s"), (2.5, "2.5 s"), (75.0, "1:15"), (3600.0, "60:00")])
def test_an_instant_is_told_as_people_tell_it(at_s: float, words: str) -> None:
    """Seconds at first, and then minutes."""
    assert clock(at_s) == words


@pytest.mark.parametrize(
    ("dbfs", "height"), [(0.0, 1.0), (-30.0, 0.5), (-60.0, 0.0), (-120.0, 0.0), (3.0, 1.0)]
)
def test_a_level_is_drawn_by_its_decibels(dbfs: float, height: float) -> None:
    """From the quietest that counts to full scale."""
    assert share(dbfs) == pytest.approx(height)
