"""An item is what a person wrote down: it does not change, has a name, and tells no password."""

import doctest
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.playout import catalogue
from easyplayer.playout.items import Item, ItemKind, PreparedItem, masked
from easyplayer.units import Milliseconds

SONG = Item(id="1", location="/music/Harbour/Low Tide.flac")

schemes = st.sampled_from(["http", "https", "icecast+http", "rtsp", "RTMP"])
users = st.text(
    st.characters(codec="utf-8", exclude_characters="/:", exclude_categories=["Z", "C"]), max_size=20
)
passwords = st.text(
    st.characters(codec="utf-8", exclude_characters="/", exclude_categories=["Z", "C"]),
    min_size=1,
    max_size=20,
)
hosts = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?(:[0-9]{1,5})?", fullmatch=True)
paths = st.from_regex(r"(/[a-z0-9._~@:-]{0,9}){0,3}", fullmatch=True)


def test_the_examples_in_the_documentation_hold() -> None:
    """They are run as they stand."""
    assert doctest.testmod(catalogue).failed == 0


class TestCaption:
    """What a person calls an item."""

    @pytest.mark.parametrize(
        ("title", "artist", "caption"),
        [
            ("Low Tide", "Harbour", "Harbour - Low Tide"),
            ("Low Tide", "", "Low Tide"),
            ("", "Harbour", "Low Tide.flac"),
            ("", "", "Low Tide.flac"),
        ],
    )
    def test_artist_and_title_go_before_the_name_of_the_file(
        self, title: str, artist: str, caption: str
    ) -> None:
        """An artist alone says less than the file's name."""
        assert msgspec.structs.replace(SONG, title=title, artist=artist).caption == caption

    @pytest.mark.parametrize(
        ("location", "caption"),
        [("song.mp3", "song.mp3"), ("/a/b/", "b"), ("/a/100%.mp3", "100%.mp3"), ("/a/x: y.mp3", "x: y.mp3")],
    )
    def test_a_file_is_called_by_the_last_part_of_its_path(self, location: str, caption: str) -> None:
        """As it is written, whatever it looks like."""
        assert Item(id="1", location=location).caption == caption

    def test_a_stream_without_a_title_is_called_by_its_url(self) -> None:
        """Whole, for its last part says nothing, and without its password."""
        item = Item(id="1", location="https://dj:secret@radio.example/live", kind=ItemKind.STREAM)
        assert item.caption == "https://dj:***@radio.example/live"

    def test_a_stream_with_a_title_is_called_by_it(self) -> None:
        """The name of the station is what people know."""
        item = Item(id="1", location="https://radio.example/", kind=ItemKind.STREAM, title="Bar FM")
        assert item.caption == "Bar FM"


class TestMasked:
    """Texts that people may read."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("http://dj:secret@radio.example/live", "http://dj:***@radio.example/live"),
            ("http://:secret@radio.example", "http://:***@radio.example"),
            ("http://dj:p@ss@radio.example/", "http://dj:***@radio.example/"),
            ("http://me@bar.example:secret@radio.example/", "http://me@bar.example:***@radio.example/"),
            ("http://dj:a:b:c@radio.example/", "http://dj:***@radio.example/"),
            ("http://dj:a?b#c@radio.example/", "http://dj:***@radio.example/"),
            ("http://a:b@c.example,http://d:e@f.example", "http://a:***@c.example,http://d:***@f.example"),
            ("cannot open 'http://a:b@c.example/x'", "cannot open 'http://a:***@c.example/x'"),
        ],
    )
    def test_passwords_are_hidden(self, text: str, expected: str) -> None:
        """Wherever they stand, and whatever people put in them without the right escapes."""
        assert masked(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "/music/a@b:c.mp3",
            "me@bar.example: hello",
            "http://radio.example:8000/live",
            "http://radio.example:8000/me@home",
            "http://dj@radio.example/live",
            "http://dj:@radio.example/live",
            "http://[::1]:8000/me@home",
            "http://radio.example: no answer, ask me@bar.example",
            "udp://@239.0.0.1:1234",
        ],
    )
    def test_what_is_no_password_stays(self, text: str) -> None:
        """A technician needs host, port and path to find out what is wrong."""
        assert masked(text) == text

    @given(schemes, users, passwords, hosts, paths)
    def test_no_password_survives(self, scheme: str, user: str, password: str, host: str, path: str) -> None:
        """Of whatever characters it is made; scheme, user, host and path can still be read."""
        url = f"{scheme}://{user}:{password}@{host}{path}"
        assert masked(url) == f"{scheme}://{user}:***@{host}{path}"

    @given(st.lists(st.tuples(users, passwords, hosts), min_size=1, max_size=4))
    def test_no_password_survives_in_company(self, logins: list[tuple[str, str, str]]) -> None:
        """A text may hold many URLs."""
        text = " and ".join(f"http://{user}:{password}@{host}" for user, password, host in logins)
        assert masked(text) == " and ".join(f"http://{user}:***@{host}" for user, _, host in logins)

    @given(st.text(alphabet="ab:/@ .?#*h"))
    def test_to_hide_twice_is_to_hide_once(self, text: str) -> None:
        """What was hidden on the way to the status is not hidden again, nor shown."""
        assert masked(masked(text)) == masked(text)

    @given(st.text())
    def test_a_text_without_a_url_stays(self, text: str) -> None:
        """Titles are nobody's secret."""
        assert masked(text) == text or re.search(r"\w://", text)

    def test_long_text_holds_nobody_up(self) -> None:
        """A server may answer with a megabyte of anything; searched from each letter it takes an hour."""
        text = "x" * 1_000_000
        assert masked(text) == text


class TestItems:
    """The records themselves."""

    @pytest.mark.parametrize("record", [SONG, PreparedItem(item=SONG)], ids=lambda one: type(one).__name__)
    def test_records_do_not_change(self, record: msgspec.Struct) -> None:
        """Whoever was handed an item may rely on it."""
        with pytest.raises(AttributeError, match="immutable"):
            record.gain_db = 3.0

    def test_equal_records_are_one_in_a_set(self) -> None:
        """Two that say the same are the same, and one word makes another of them."""
        twin = Item(id="1", location="/music/Harbour/Low Tide.flac")
        other = msgspec.structs.replace(SONG, title="Low Tide")
        assert {SONG, twin, other} == {SONG, other}
        assert len({PreparedItem(item=SONG), PreparedItem(item=twin), PreparedItem(item=other)}) == 2

    def test_a_record_survives_the_disk(self) -> None:
        """The bookmark gives back the very item that was written."""
        item = Item(
            id="s",
            location="https://radio.example/",
            kind=ItemKind.STREAM,
            title="Bar FM",
            cue_in_ms=Milliseconds(0),
        )
        assert msgspec.json.decode(msgspec.json.encode(item), type=Item) == item

    def test_what_is_left_open_is_not_zero(self) -> None:
        """An item that nobody said anything of leaves its cues and fades to others."""
        assert (SONG.cue_in_ms, SONG.cue_out_ms, SONG.fade_in_ms, SONG.fade_out_ms, SONG.gain_db) == (
            None,
        ) * 5

    def test_an_item_that_nobody_looked_at_sounds_as_it_is(self) -> None:
        """From its start, to an end that is not known, at its own level, after nothing in particular."""
        prepared = PreparedItem(item=SONG)
        assert (prepared.cue_in_s, prepared.cue_out_s, prepared.gain_db, prepared.follows) == (0, None, 0, "")
