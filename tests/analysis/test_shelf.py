"""A shelf keeps records whole or not at all, and never more than it has room for."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import Struct

from easyplayer.analysis.shelf import Shelf

KEY = "ab" + "0" * 62


class Note(Struct, frozen=True):
    """A record."""

    text: str


class Count(Struct, frozen=True):
    """A record of another kind."""

    number: int


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "notes", Note)


@pytest.fixture
def place(tmp_path):
    return tmp_path / "notes" / "ab" / ("0" * 62 + ".json")


def test_what_is_kept_is_found_again(shelf, tmp_path):
    """By this shelf and by the next."""
    shelf.keep(KEY, Note("la"))
    assert shelf.find(KEY) == Note("la")
    assert Shelf(tmp_path / "notes", Note).find(KEY) == Note("la")


def test_an_empty_shelf_finds_nothing_and_makes_no_folder(shelf, tmp_path):
    """Looking is no reason to write."""
    assert shelf.find(KEY) is None
    assert not (tmp_path / "notes").exists()


def test_a_newer_record_takes_the_place_of_the_older(shelf, place):
    """And nothing is left beside it."""
    shelf.keep(KEY, Note("la"))
    shelf.keep(KEY, Note("li"))
    assert shelf.find(KEY) == Note("li")
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("content", [b"", b'{"text": "l', b"\0" * 512, b'{"number": 1}', b"[]", b"\xff"])
def test_a_record_that_cannot_be_read_is_as_good_as_none(shelf, place, content):
    """A power cut tears a file, an older version wrote another kind: it is worked out again."""
    shelf.keep(KEY, Note("la"))
    place.write_bytes(content)
    assert shelf.find(KEY) is None
    shelf.keep(KEY, Note("li"))
    assert shelf.find(KEY) == Note("li")


def test_a_folder_in_the_place_of_a_record_is_no_record(shelf, place):
    """Whatever lies there, looking for a record never fails."""
    place.mkdir(parents=True)
    assert shelf.find(KEY) is None


def test_records_of_another_kind_are_not_mistaken(shelf, tmp_path):
    """The shape tells."""
    shelf.keep(KEY, Note("la"))
    assert Shelf(tmp_path / "notes", Count).find(KEY) is None


def test_a_full_drawer_loses_its_oldest(tmp_path):
    """What was kept last is what is played now."""
    shelf = Shelf(tmp_path, Count, drawer_size=3)
    keys = [f"ab{number:062}" for number in range(5)]
    for age, key in enumerate(keys):
        shelf.keep(key, Count(age))
        os.utime(tmp_path / "ab" / f"{key[2:]}.json", ns=(age, age))
    assert [shelf.find(key) for key in keys] == [None, None, Count(2), Count(3), Count(4)]


def test_what_a_power_cut_left_half_written_is_cleared_away_in_time(tmp_path):
    """It counts as the oldest thing in its drawer once others have come."""
    shelf = Shelf(tmp_path, Count, drawer_size=2)
    shelf.keep(KEY, Count(0))
    torn = tmp_path / "ab" / "tmp123"
    torn.write_bytes(b'{"num')
    os.utime(torn, ns=(0, 0))
    shelf.keep("ab" + "1" * 62, Count(1))
    assert not torn.exists()
    assert shelf.find(KEY) == Count(0)


def test_a_disk_that_cannot_be_written_is_told_once(tmp_path, caplog):
    """The box plays on without; one line says so, not one for each song."""
    (tmp_path / "notes").write_text("a file in the way")
    shelf = Shelf(tmp_path / "notes", Note)
    with caplog.at_level(logging.WARNING):
        shelf.keep(KEY, Note("la"))
        shelf.keep(KEY, Note("la"))
    assert len(caplog.records) == 1
    assert "notes" in caplog.text


def test_a_disk_that_fails_midway_keeps_the_older_record(shelf, place, monkeypatch, caplog):
    """A full disk shows when the data are flushed to it; nothing half-written stays."""
    shelf.keep(KEY, Note("la"))

    def refuse(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    shelf.keep(KEY, Note("li"))

    assert shelf.find(KEY) == Note("la")
    assert list(place.parent.iterdir()) == [place]
    assert "No space left on device" in caplog.text


def test_a_disk_that_recovers_is_told_again_if_it_fails_again(shelf, monkeypatch, caplog):
    """One line for each change of state."""

    def refuse(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    for _ in range(2):
        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", refuse)
            shelf.keep(KEY, Note("la"))
            shelf.keep(KEY, Note("la"))
        shelf.keep(KEY, Note("la"))
    assert len(caplog.records) == 2


def test_many_threads_may_keep_the_same_record(shelf):
    """The reader always finds one of them, whole."""
    notes = [Note("x" * length) for length in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda note: (shelf.keep(KEY, note), shelf.find(KEY))[1], notes))
    assert all(note in notes for note in found)
