"""Tags are read whatever format they stand in, and never cost the song."""

import logging

import msgspec
import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import TCON, TIT2, TXXX
from mutagen.mp4 import MP4FreeForm

from easyplayer.analysis.facts import Tags
from easyplayer.analysis.tags import NAMES, read_tags, tags_from
from tests.analysis.media import render, tone

WRITTEN = {
    "title": "Café del Mar",
    "artist": "Energy 52",
    "album": "Trance",
    "album_artist": "Various",
    "track": "3/12",
    "disc": "2/2",
    "date": "1993-05-01",
    "genre": "Jazz",
    "composer": "Paul M.",
}
READ = Tags(
    title="Café del Mar",
    artist="Energy 52",
    album="Trance",
    album_artist="Various",
    track_number=3,
    disc_number=2,
    date="1993-05-01",
    genre="Jazz",
    composer="Paul M.",
)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [("mp3", []), ("flac", []), ("ogg", []), ("opus", []), ("m4a", []), ("aiff", ["-write_id3v2", "1"])],
)
def test_every_format_speaks_the_same_vocabulary(tmp_path, suffix, options):
    """ID3, Vorbis comments and MP4 atoms name things in their own ways."""
    written = [word for name, value in WRITTEN.items() for word in ("-metadata", f"{name}={value}")]
    song = render(tmp_path / f"song.{suffix}", tone(0.1), *options, *written)
    assert read_tags(song) == READ


@pytest.mark.parametrize(("suffix", "author"), [("wv", "artist"), ("wma", "author")])
def test_rarer_formats_tell_the_most_important(tmp_path, suffix, author):
    """APEv2 and Windows Media."""
    song = render(tmp_path / f"song.{suffix}", tone(0.1), "-metadata", "title=T", "-metadata", f"{author}=A")
    tags = read_tags(song)
    assert (tags.title, tags.artist) == ("T", "A")


def test_the_name_of_the_file_plays_no_part(tmp_path):
    """An MP3 that calls itself FLAC still says who sings."""
    song = render(tmp_path / "song.mp3", tone(0.1), "-metadata", "title=Alfie")
    assert read_tags(song.rename(tmp_path / "song.flac")).title == "Alfie"


def test_the_recording_and_its_publisher_are_known():
    """The ISRC is brought to one form."""
    tags = tags_from({"isrc": ["us-rc1-76-07839"], "organization": ["Motown"]})
    assert (tags.isrc, tags.label) == ("USRC17607839", "Motown")


def test_itunes_keeps_what_mp4_has_no_atom_for():
    """Free-form atoms hold bytes."""
    raw = {"----:com.apple.iTunes:ISRC": [MP4FreeForm(b"USRC17607839")], "trkn": [(4, 9)]}
    tags = tags_from(raw)
    assert (tags.isrc, tags.track_number) == ("USRC17607839", 4)


def test_a_genre_of_id3v1_is_spelled_out():
    """The number 17 is Rock."""
    assert tags_from({"TCON": TCON(text=["(17)"])}).genre == "Rock"


def test_several_values_become_a_list_without_repetition():
    """Two singers are both named."""
    assert tags_from({"artist": ["Ella", "Louis", "Ella"]}).artist == "Ella, Louis"


def test_text_is_made_fit_for_one_line():
    """Line ends, NULs and terminal escapes have no place in a title."""
    assert tags_from({"TIT2": TIT2(text=["Line\r\none\x00 \x1b[31mred\x9b"])}).title == "Line one [31mred"


@pytest.mark.parametrize(
    ("written", "number"), [("0", None), ("", None), ("A1", None), ("07", 7), ("3/12", 3)]
)
def test_a_track_number_is_a_number_or_is_not_there(written, number):
    """Records have sides; those do not count."""
    assert tags_from({"tracknumber": [written]}).track_number == number


def test_a_picture_is_not_even_looked_at():
    """Only what is asked for is turned into text: a cover may have megabytes."""

    class Cover:
        def __str__(self) -> str:
            raise AssertionError("the cover was read")

    assert tags_from({"APIC:": Cover(), "title": ["Alfie"]}).title == "Alfie"


@pytest.mark.parametrize(
    "error", [mutagen.MutagenError("bad"), KeyError("bad"), ValueError("bad"), OverflowError()]
)
def test_a_damaged_tag_never_costs_the_song(tmp_path, monkeypatch, caplog, error):
    """Whatever mutagen stumbles over is logged for those who look, and is over."""

    def stumble(*_args: object) -> None:
        raise error

    monkeypatch.setattr(mutagen, "File", stumble)
    song = tmp_path / "song.mp3"
    song.write_bytes(b"ID3")

    with caplog.at_level(logging.DEBUG, "easyplayer.analysis.tags"):
        assert read_tags(song) == Tags()
    assert "song.mp3" in caplog.text


@pytest.mark.parametrize("content", [b"", b"no media at all", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", b"fLaC"])
def test_a_file_that_is_none_has_no_tags(tmp_path, content):
    """Empty, text, or cut off amid its header."""
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    assert read_tags(path) == Tags()


names = st.sampled_from([name for theirs in NAMES.values() for name in theirs])
values = st.one_of(
    st.text(), st.binary(), st.integers(), st.lists(st.one_of(st.text(), st.binary(), st.tuples())), st.none()
)


@given(st.dictionaries(st.one_of(names, st.text()), values))
def test_any_tags_can_be_translated_and_written_down(raw):
    """No value, however odd, stops an analysis, or cannot be kept."""
    tags = tags_from(raw)
    assert msgspec.json.decode(msgspec.json.encode(tags), type=Tags) == tags


def test_a_users_own_field_is_not_mistaken():
    """A free text field keeps to itself, whatever it is called."""
    assert tags_from({"TXXX:title": TXXX(desc="title", text=["no"])}) == Tags()
