"""What of a program's items is there, and how long each is."""

from pathlib import Path

import pytest

from easyplayer.analysis import FactsCache
from easyplayer.cli.stock import GUESSED_S, Stock, none_is_there
from easyplayer.playout.items import Item, ItemKind
from easyplayer.playout.transition import Rules
from easyplayer.units import Milliseconds
from tests.analysis.media import render, tone


@pytest.fixture
def cache(tmp_path):
    return FactsCache(tmp_path / "analysis")


@pytest.fixture
def stock(cache):
    return Stock(cache, Rules())


def item(path: Path, **fields: object) -> Item:
    """Make an item of a file."""
    return Item(**{"id": path.name, "location": str(path), **fields})


def test_length_is_the_one_that_was_measured(stock, cache, tmp_path):
    """Whatever the program claims; its cues go first."""
    path = render(tmp_path / "song.flac", tone(3.0))
    cache.analyse(path)
    claimed = item(path, duration_ms=Milliseconds(90_000))
    assert stock.prepare(claimed, None).cue_out_s == pytest.approx(3.0, abs=0.1)
    cut = item(path, id="cut", cue_out_ms=Milliseconds(2000), cue_in_ms=Milliseconds(500))
    assert (stock.prepare(cut, None).cue_in_s, stock.prepare(cut, None).cue_out_s) == (0.5, 2.0)
    assert stock.guessed == set()


def test_length_of_what_was_not_measured_is_the_programs_or_the_files_or_a_guess(stock, tmp_path):
    """Only the guess is told."""
    path = render(tmp_path / "song.flac", tone(3.0))
    empty = tmp_path / "empty.flac"
    empty.touch()
    assert stock.prepare(item(path, id="told", duration_ms=Milliseconds(9000)), None).cue_out_s == 9.0
    assert stock.prepare(item(path), None).cue_out_s == pytest.approx(3.0, abs=0.01)
    guessed = item(empty, cue_in_ms=Milliseconds(1000))
    assert stock.prepare(guessed, None).cue_out_s == 1.0 + GUESSED_S
    assert stock.guessed == {"empty.flac"}
    assert [heading for heading, _ in stock.told()] == ["guessed"]


def test_stream_has_no_length_and_is_always_there(stock):
    """Whether it answers is found out when it plays."""
    radio = Item(id="radio", location="http://radio/live", kind=ItemKind.STREAM)
    assert stock.unavailable(radio) == ""
    assert stock.prepare(radio, None).cue_out_s is None


def test_file_that_cannot_be_played_is_told_with_the_reason(stock, cache, tmp_path):
    """It is gone, it is silent, or it ends before it begins."""
    silent = render(tmp_path / "silent.flac", "anullsrc=r=44100:cl=stereo:d=1")
    cache.analyse(silent)
    short = render(tmp_path / "short.flac", tone(1.0))
    cache.analyse(short)
    assert "does not exist" in stock.unavailable(item(tmp_path / "gone.flac"))
    assert "silence" in stock.unavailable(item(silent))
    assert "look at its cues" in stock.unavailable(item(short, cue_in_ms=Milliseconds(5000)))
    assert stock.unavailable(item(short, id="fine")) == ""


def test_parts_of_an_album_follow_without_a_fade_as_in_the_box(stock, cache, tmp_path):
    """So that their times are the box's."""
    album = ("-metadata", "album=Suite", "-metadata")
    paths = [render(tmp_path / f"{number}.flac", tone(3.0), *album, f"track={number}/2") for number in (1, 2)]
    for path in paths:
        cache.analyse(path)
    first, second = map(item, paths)
    assert stock.prepare(second, first).follows == first.id
    assert stock.prepare(second, None).follows == ""


def test_where_nothing_is_there_all_may_be_assumed_to_be(cache, tmp_path):
    """But not what is there and cannot be played."""
    gone, folder = item(tmp_path / "gone.flac"), item(tmp_path)
    stock = Stock(cache, Rules(), assumed=True)
    assert none_is_there([gone])
    assert not none_is_there([gone, folder])
    assert not none_is_there([])
    assert stock.unavailable(gone) == ""
