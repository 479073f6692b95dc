"""Each content is decoded once, each file hashed once, and nothing that is kept need be trusted."""

import os
import shutil
from threading import Event

import pytest

from easyplayer.analysis import FactsCache, analyser, cache
from easyplayer.errors import AnalysisError, MediaError
from tests.analysis.media import render, tone

pytestmark = pytest.mark.slow


@pytest.fixture
def song(tmp_path):
    return render(tmp_path / "song.flac", tone(0.5), "-metadata", "title=Alfie")


@pytest.fixture
def facts(tmp_path):
    return FactsCache(tmp_path / "state" / "analysis")


@pytest.fixture
def work(monkeypatch):
    """Count what is done: files hashed, contents decoded."""
    done = []

    def counted(name, function):
        def call(path, *arguments):
            done.append((name, path.name))
            return function(path, *arguments)

        return call

    monkeypatch.setattr(cache, "identify", counted("hash", cache.identify))
    monkeypatch.setattr(cache, "examine", counted("decode", cache.examine))
    return done


def test_a_new_file_is_unknown(facts, song, work):
    """Looking up is no analysis."""
    assert facts.lookup(song) is None
    assert work == []


def test_an_analysed_file_is_known_without_being_opened(facts, song, work):
    """The second start of a box reads no music."""
    found = facts.analyse(song)
    work.clear()
    assert facts.lookup(song) == facts.analyse(song) == found
    assert work == []


def test_the_facts_outlive_the_process(facts, song, tmp_path, work):
    """Another cache over the same folder knows them."""
    found = facts.analyse(song)
    work.clear()
    assert FactsCache(tmp_path / "state" / "analysis").lookup(song) == found
    assert work == []


def test_a_copy_has_the_facts_of_its_original(facts, song, tmp_path, work):
    """They belong to the content; only the hash has to be taken."""
    found = facts.analyse(song)
    copy = shutil.copy(song, tmp_path / "copy.flac")
    work.clear()
    assert facts.lookup(copy) is None
    assert facts.analyse(copy) == found
    assert work == [("hash", "copy.flac")]
    assert facts.lookup(copy) == found


def test_a_file_that_changed_is_unknown_again(facts, song):
    """Other content in the same place has other facts."""
    facts.analyse(song)
    render(song, tone(1.5))
    assert facts.lookup(song) is None
    assert facts.analyse(song).duration_s == 1.5


def test_a_file_that_was_only_touched_is_not_decoded_again(facts, song, work):
    """Its stamp changed, its content did not."""
    found = facts.analyse(song)
    os.utime(song, ns=(1, 1))
    work.clear()
    assert facts.lookup(song) is None
    assert facts.analyse(song) == found
    assert work == [("hash", "song.flac")]


def test_a_relative_path_names_the_same_file(facts, song, monkeypatch):
    """A technician's command and the box share a cache."""
    found = facts.analyse(song)
    monkeypatch.chdir(song.parent)
    assert facts.lookup(song.relative_to(song.parent)) == found


def test_a_bad_file_is_remembered(facts, tmp_path, work):
    """It is not decoded at each start, but refused each time, under the name that it has then."""
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"no music at all")
    with pytest.raises(MediaError, match=r"bad\.mp3 is no music") as first:
        facts.analyse(bad)
    work.clear()

    with pytest.raises(MediaError) as second:
        facts.lookup(bad)
    with pytest.raises(MediaError, match=r"worse\.mp3 is no music"):
        facts.analyse(bad.rename(tmp_path / "worse.mp3"))

    assert str(second.value) == str(first.value)
    assert work == [("hash", "worse.mp3")]


def test_a_file_that_cannot_be_read_is_an_error_at_once(facts, tmp_path):
    """There is nothing to remember about it."""
    with pytest.raises(MediaError, match="does not exist"):
        facts.lookup(tmp_path / "gone.mp3")


def test_a_run_that_failed_is_tried_again(facts, song, monkeypatch):
    """No ffmpeg today says nothing about the file tomorrow."""
    with monkeypatch.context() as bare:
        bare.setenv("PATH", "/nonexistent")
        with pytest.raises(AnalysisError, match="ffmpeg"):
            facts.analyse(song)
    assert facts.lookup(song) is None
    assert facts.analyse(song).tags.title == "Alfie"


def test_a_run_that_was_stopped_is_not_kept(facts, song):
    """It knows nothing yet."""
    stop = Event()
    stop.set()
    with pytest.raises(AnalysisError, match="stopped"):
        facts.analyse(song, stop=stop)
    assert facts.lookup(song) is None


def test_what_is_known_can_be_found_out_again(facts, song, work):
    """For whoever does not trust what is kept."""
    facts.analyse(song)
    work.clear()
    facts.analyse(song, again=True)
    assert work == [("hash", "song.flac"), ("decode", "song.flac")]


def test_a_bad_verdict_can_be_given_again(facts, tmp_path, work):
    """A newer ffmpeg may play what an older one could not."""
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"no music at all")
    for _ in range(2):
        with pytest.raises(MediaError):
            facts.analyse(bad, again=True)
    assert work.count(("decode", "bad.mp3")) == 2


def test_what_an_older_analyser_found_is_redone(facts, song, work, monkeypatch):
    """Its facts may be other facts; the hash stands."""
    facts.analyse(song)
    monkeypatch.setattr(cache, "FACTS_VERSION", cache.FACTS_VERSION + 1)
    work.clear()
    assert facts.lookup(song) is None
    facts.analyse(song)
    assert ("decode", "song.flac") in work
    assert facts.lookup(song) is not None


@pytest.mark.parametrize("shelf", ["facts", "files"])
@pytest.mark.parametrize("damage", [b"", b"{", b"\0" * 100])
def test_what_was_torn_is_redone(facts, song, tmp_path, shelf, damage):
    """A power cut costs an analysis, never a start."""
    found = facts.analyse(song)
    (record,) = (tmp_path / "state" / "analysis" / shelf).rglob("*.json")
    record.write_bytes(damage)
    assert facts.lookup(song) is None
    assert facts.analyse(song) == found == facts.lookup(song)


def test_without_a_disk_to_write_to_files_are_analysed_all_the_same(song, tmp_path):
    """Each time anew."""
    (tmp_path / "state").write_text("a file in the way")
    facts = FactsCache(tmp_path / "state")
    assert facts.analyse(song) == analyser.analyse(song)
    assert facts.lookup(song) is None


def test_a_name_of_any_bytes_is_kept(facts, song):
    """Old sticks carry old encodings."""
    odd = song.rename(song.parent / os.fsdecode(b"caf\xe9\n%d.flac"))
    assert facts.analyse(odd) == facts.lookup(odd)


def test_what_is_kept_of_a_file_that_is_gone_is_of_no_use(facts, song, tmp_path):
    """Neither is what was found out about its content; unless it is wanted, for it may come back."""
    facts.analyse(song)
    assert list(facts.useless(())) == []
    song.unlink()
    assert len(list(facts.useless(()))) == 2
    assert list(facts.useless([song])) == []


def test_what_is_kept_of_a_content_stays_while_any_file_has_it(facts, song):
    """A copy is as good."""
    copy = shutil.copy(song, song.with_name("copy.flac"))
    facts.analyse(song)
    facts.analyse(copy)
    song.unlink()
    (only,) = facts.useless(())
    assert only.parent.parent.name == "files"


def test_what_cannot_be_read_or_was_found_out_by_an_older_analyser_is_of_no_use(facts, song, monkeypatch):
    """It would be worked out again in any case."""
    facts.analyse(song)
    monkeypatch.setattr(cache, "FACTS_VERSION", cache.FACTS_VERSION + 1)
    (old,) = facts.useless(())
    old.write_text("torn")
    monkeypatch.undo()
    assert list(facts.useless(())) == [old]


def test_what_is_kept_of_a_name_of_any_bytes_is_of_use(facts, song):
    """It is found again on the disk."""
    odd = song.rename(song.with_name(os.fsdecode(b"caf\xe9.flac")))
    facts.analyse(odd)
    assert facts.lookup(odd) is not None
    assert list(facts.useless(())) == []
