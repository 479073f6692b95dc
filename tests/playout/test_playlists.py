"""Playlist files are read as their writers meant them, and written so that they read the same."""

from contextlib import suppress
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer.errors import PlaylistError
from easyplayer.playout.playlist_export import dump
from easyplayer.playout.playlists import (
    PlaylistEntry,
    PlaylistFormat,
    detect_format,
    is_hls,
    parse,
    path_of,
)
from easyplayer.units import Seconds

M3U, M3U8, PLS, XSPF = PlaylistFormat.M3U, PlaylistFormat.M3U8, PlaylistFormat.PLS, PlaylistFormat.XSPF

HLS_MEDIA = b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXTINF:6.0,\nseg1.ts\n"
HLS_MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=128000\nlow/index.m3u8\n"


def entry(location: str, title: str = "", artist: str = "", duration_s: float | None = None) -> PlaylistEntry:
    length = None if duration_s is None else Seconds(duration_s)
    return PlaylistEntry(location=location, title=title, artist=artist, duration_s=length)


def locations(data: bytes, playlist_format: PlaylistFormat) -> list[str]:
    return [one.location for one in parse(data, playlist_format)]


def xspf(tracks: str, root: str = '<playlist version="1" xmlns="http://xspf.org/ns/0/">') -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{root}<trackList>{tracks}</trackList></playlist>'.encode()


class TestM3u:
    """M3U and M3U8."""

    def test_plain_paths_are_entries(self) -> None:
        """The oldest M3U is nothing but paths, one on a line."""
        assert parse(b"a.mp3\nsub/b.ogg\n", M3U) == (entry("a.mp3"), entry("sub/b.ogg"))

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("#EXTINF:215,Ada - Tide", entry("x", "Tide", "Ada", 215)),
            ("#EXTINF:215,Tide", entry("x", "Tide", "", 215)),
            ("#EXTINF:-1,Radio", entry("x", "Radio")),
            ("#EXTINF:0,Radio", entry("x", "Radio")),
            ("#EXTINF:12.5, Ada - Tide - Live ", entry("x", "Tide - Live", "Ada", 12.5)),
            ("#EXTINF:7", entry("x", duration_s=7)),
            ("#EXTINF:,Tide", entry("x", "Tide")),
            ("#EXTINF:nan,Tide", entry("x", "Tide")),
            ("#EXTINF:1e999,Tide", entry("x", "Tide")),
            ("#EXTINF:soon,Tide", entry("x", "Tide")),
            ('#EXTINF:-1 tvg-id="1" group="a,b",News', entry("x", "News")),
            ("#EXTINF:3,Self-made", entry("x", "Self-made", "", 3)),
        ],
    )
    def test_extinf_gives_title_artist_and_length(self, line: str, expected: PlaylistEntry) -> None:
        """All that players write behind #EXTINF is understood; what makes no sense counts as not known."""
        assert parse(f"#EXTM3U\n{line}\nx\n".encode(), M3U8) == (expected,)

    def test_a_label_belongs_to_the_next_entry_only(self) -> None:
        """A title does not stick to the entries that come after its own."""
        assert parse(b"#EXTINF:1,One\na\nb\n", M3U8) == (entry("a", "One", duration_s=1), entry("b"))

    def test_comments_and_blank_lines_are_passed_over(self) -> None:
        """Comments, unknown directives and blank lines are no entries, and keep the label in place."""
        data = b"#EXTM3U\n\n#PLAYLIST:Bar\n#EXTINF:1,One\n#EXTVLCOPT:x\n   \n  a.mp3  \n# end"
        assert parse(data, M3U8) == (entry("a.mp3", "One", duration_s=1),)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_every_line_end_is_one(self, end: str) -> None:
        """Lists from Unix, Windows and old Macs read the same."""
        assert locations(end.join(["#EXTM3U", "a.mp3", "b.mp3", ""]).encode(), M3U8) == ["a.mp3", "b.mp3"]

    def test_rare_separators_do_not_split_a_name(self) -> None:
        """What Python calls a line end, but no player does, stays within a name."""
        assert locations("a\u2028b\x85c.mp3".encode(), M3U8) == ["a\u2028b\x85c.mp3"]

    def test_an_empty_file_is_an_empty_list(self) -> None:
        """Nothing in it is nothing to play, and no error."""
        assert parse(b"", M3U) == ()

    @pytest.mark.parametrize("data", [HLS_MEDIA, HLS_MASTER])
    def test_hls_is_refused_with_the_way_out(self, data: bytes) -> None:
        """The pieces of an HLS stream are never taken for songs; the error says what to play in place."""
        with pytest.raises(PlaylistError, match=r"line [23]: .*HLS.*as one stream"):
            parse(data, M3U8)


class TestText:
    """How bytes become text, in all formats."""

    def test_an_m3u_that_is_not_utf8_is_windows_1252(self) -> None:
        """Accents, and the curly quotes that Latin-1 lacks, come out as old players wrote them."""
        assert locations(b"Caf\xe9 \x80 \x84Lied\x93.mp3", M3U) == ["Café € „Lied“.mp3"]

    @pytest.mark.parametrize("playlist_format", [M3U, M3U8])
    def test_utf8_is_read_in_either_suffix(self, playlist_format: PlaylistFormat) -> None:
        """Many an .m3u is UTF-8 in truth."""
        assert locations("Übermut/日本.mp3".encode(), playlist_format) == ["Übermut/日本.mp3"]

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    @pytest.mark.parametrize("playlist_format", list(PlaylistFormat))
    def test_a_byte_order_mark_decides(self, encoding: str, playlist_format: PlaylistFormat) -> None:
        """A byte order mark tells the encoding, and is no part of the first line."""
        data = dump([entry("é.mp3")], playlist_format).encode(encoding)
        assert locations(data, playlist_format) == ["é.mp3"]

    def test_one_spoilt_name_costs_no_other(self) -> None:
        """In an M3U8 a name in another encoding is the only one that gets lost."""
        data = "日本.mp3\n".encode() + "é.mp3\n".encode("latin-1")
        assert locations(data, M3U8) == ["日本.mp3", "\ufffd.mp3"]

    @pytest.mark.parametrize("playlist_format", list(PlaylistFormat))
    def test_a_binary_file_is_refused_at_its_line(self, playlist_format: PlaylistFormat) -> None:
        """A file that is no text is told as such, with the line where that shows."""
        with pytest.raises(PlaylistError, match="line 2: this is not text; save"):
            parse(b"ID3\n\x00\x01", playlist_format)


class TestPls:
    """PLS."""

    def test_entries_come_by_their_number(self) -> None:
        """Order, gaps and a missing NumberOfEntries do not matter: the numbers do."""
        data = b"[playlist]\nFile10=c\nFile2=b\nTitle2=Ada - Tide\nLength2=61\nFile1=a\nLength1=-1\n"
        assert parse(data, PLS) == (entry("a"), entry("b", "Tide", "Ada", 61), entry("c"))

    def test_writing_varies(self) -> None:
        """Upper case, spaces around the sign, CRLF and a wrong count are all read."""
        data = b"[Playlist]\r\nFILE1 = http://radio.example/a=b \r\nTITLE1= Radio\r\nNumberOfEntries=7\r\n"
        assert parse(data, PLS) == (entry("http://radio.example/a=b", "Radio"),)

    def test_without_header_the_fields_will_do(self) -> None:
        """A list whose header was lost is still one."""
        assert locations(b"File1=a.mp3\n", PLS) == ["a.mp3"]

    def test_a_title_without_file_is_no_entry(self) -> None:
        """What names no file cannot be played."""
        assert parse(b"[playlist]\nTitle1=Ghost\nFile2=\n", PLS) == ()

    def test_something_else_is_refused(self) -> None:
        """A file that has nothing of a PLS is told as such."""
        with pytest.raises(PlaylistError, match=r"neither \[playlist\] nor File1=.*export it again"):
            parse(b"<html>Please log in</html>", PLS)


class TestXspf:
    """XSPF."""

    def test_a_track_is_read_whole(self) -> None:
        """Location, title, creator and a duration in milliseconds make an entry."""
        track = "<track><location>a.ogg</location><title> Tide </title>"
        track += "<creator>Ada &amp; Co</creator><duration>61500</duration></track>"
        assert parse(xspf(track), XSPF) == (entry("a.ogg", "Tide", "Ada & Co", 61.5),)

    @pytest.mark.parametrize(
        "root",
        [
            '<playlist xmlns="http://xspf.org/ns/0/">',
            "<playlist>",
            '<playlist xmlns="http://example.org/other">',
        ],
    )
    def test_the_namespace_is_not_insisted_on(self, root: str) -> None:
        """Lists of writers that forget the namespace, or get it wrong, are read all the same."""
        assert locations(xspf("<track><location>a.ogg</location></track>", root), XSPF) == ["a.ogg"]

    def test_a_prefix_for_the_namespace_is_understood(self) -> None:
        """XML lets a writer put a prefix before every name."""
        data = b'<x:playlist xmlns:x="http://xspf.org/ns/0/"><x:trackList><x:track><x:location>a</x:location>'
        assert locations(data + b"</x:track></x:trackList></x:playlist>", XSPF) == ["a"]

    @pytest.mark.parametrize(
        ("written", "location"),
        [
            ("Low%20Tide.ogg", "Low Tide.ogg"),
            ("../50%25/a%23b.ogg", "../50%/a#b.ogg"),
            ("file:///music/Caf%C3%A9.ogg", "/music/Café.ogg"),
            ("file://localhost/a.ogg", "/a.ogg"),
            ("file:/a%20b.ogg", "/a b.ogg"),
            ("file://nas/share/a.ogg", "file://nas/share/a.ogg"),
            ("https://radio.example/a%20b", "https://radio.example/a%20b"),
            ("", ""),
        ],
    )
    def test_locations_are_uris(self, written: str, location: str) -> None:
        """Percent signs are resolved in paths and left alone in URLs."""
        assert locations(xspf(f"<track><location>{written}</location></track>"), XSPF) == [location]

    def test_the_first_of_several_locations_counts(self) -> None:
        """Further locations of a track are alternatives to the first."""
        track = "<track><location>a</location><location>b</location></track>"
        assert locations(xspf(track), XSPF) == ["a"]

    def test_a_track_without_location_is_kept(self) -> None:
        """What names no file is handed on, so that somebody can say so."""
        assert parse(xspf("<track><title>Ghost</title></track>"), XSPF) == (entry("", "Ghost"),)

    @pytest.mark.parametrize(
        "declaration",
        [
            '<!DOCTYPE playlist SYSTEM "file:///etc/passwd">',
            '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
        ],
    )
    def test_a_dtd_is_refused(self, declaration: str) -> None:
        """Neither an entity bomb nor a foreign file gets in."""
        with pytest.raises(PlaylistError, match="DTD"):
            parse(declaration.encode() + xspf("").partition(b"?>")[2], XSPF)

    def test_broken_xml_is_told_with_its_place(self) -> None:
        """The error names line and column."""
        with pytest.raises(PlaylistError, match=r"line 2, column \d+\); export it again"):
            parse(b"<playlist>\n<trackList></playlist>", XSPF)

    def test_another_document_is_refused(self) -> None:
        """XML alone does not make a playlist."""
        with pytest.raises(PlaylistError, match="root is <svg>"):
            parse(b"<svg/>", XSPF)


class TestDetection:
    """Telling what a file is."""

    @pytest.mark.parametrize(
        ("name", "head", "expected"),
        [
            ("a.m3u", b"song.mp3\n", M3U),
            ("a.M3U8", b"song.mp3\n", M3U8),
            ("a.m3u", b"#EXTM3U\n", M3U),
            ("list", b"\xef\xbb\xbf#EXTM3U\n", M3U8),
            ("radio.m3u", b"\r\n[Playlist]\r\nFile1=a", PLS),
            ("a.pls", b"", PLS),
            ("a.m3u", b'<?xml version="1.0"?>\n<playlist version="1">', XSPF),
            ("a.xspf", b"", XSPF),
            ("a.mp3", b"ID3\x04", None),
            ("a", b"<html>", None),
            ("m3u", b"", None),
        ],
    )
    def test_content_goes_before_the_name(
        self, name: str, head: bytes, expected: PlaylistFormat | None
    ) -> None:
        """A wrong suffix does not mislead where the beginning of the file is plain."""
        assert detect_format(name, head) is expected

    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            (HLS_MEDIA, True),
            (HLS_MASTER, True),
            (b"#EXTM3U\n#EXTINF:6,x\na.ts\n", False),
            (b"\xff\x00", False),
        ],
    )
    def test_hls_is_told_apart(self, data: bytes, expected: bool) -> None:
        """The tags that every HLS playlist must have give it away."""
        assert is_hls(data) is expected

    @pytest.mark.parametrize(
        ("location", "path"),
        [("FILE:///a%20b", "/a b"), ("a%20b", "a%20b"), ("http://a/file:///b", "http://a/file:///b")],
    )
    def test_a_file_uri_is_a_path(self, location: str, path: str) -> None:
        """Only file URIs are resolved; a percent sign in a plain path is one."""
        assert path_of(location) == path


class TestDump:
    """Playlists written."""

    def test_m3u8_is_as_players_know_it(self) -> None:
        """The text is plain M3U8, and a name that looks like a comment is kept from being one."""
        written = dump([entry("/a.mp3", "Tide", "Ada", 61.4), entry("#1.mp3")], M3U8)
        assert written == "#EXTM3U\n#EXTINF:61,Ada - Tide\n/a.mp3\n#EXTINF:-1,\n./#1.mp3\n"

    def test_pls_counts_its_entries(self) -> None:
        """The text is plain PLS with count and version."""
        assert dump([entry("a", "Tide")], PLS) == (
            "[playlist]\nFile1=a\nTitle1=Tide\nLength1=-1\nNumberOfEntries=1\nVersion=2\n"
        )

    def test_xspf_is_well_formed_and_in_its_namespace(self) -> None:
        """Markup in titles is escaped, paths are URIs, and what is not known is not written."""
        root = ET.fromstring(dump([entry("/a b.mp3", "<Tide> & more")], XSPF))  # noqa: S314 -- our own text
        space = "{http://xspf.org/ns/0/}"
        (track,) = root.iterfind(f"{space}trackList/{space}track")
        assert {child.tag: child.text for child in track} == {
            f"{space}location": "file:///a%20b.mp3",
            f"{space}title": "<Tide> & more",
        }

    @pytest.mark.parametrize("playlist_format", list(PlaylistFormat))
    def test_control_characters_do_not_break_the_file(self, playlist_format: PlaylistFormat) -> None:
        """A title with line ends and control characters comes out on one line, without them."""
        written = dump([entry("a", "Low\r\nTide\x00\x1b")], playlist_format)
        assert parse(written.encode(), playlist_format) == (entry("a", "Low Tide"),)

    @pytest.mark.parametrize("location", ["a\nb.mp3", " a.mp3", "", "a\r"])
    @pytest.mark.parametrize("playlist_format", [M3U8, PLS])
    def test_a_location_that_fits_no_line_is_told(
        self, location: str, playlist_format: PlaylistFormat
    ) -> None:
        """Nothing is written that would read as another file; the error names the entry and the way out."""
        with pytest.raises(PlaylistError, match=r"entry 2: .*write an XSPF"):
            dump([entry("ok"), entry(location)], playlist_format)


words = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
names = st.lists(words.filter(lambda word: word != "-"), min_size=1, max_size=3).map(" ".join)
paths = st.lists(words.map(lambda word: word.replace("/", "_")), min_size=1, max_size=3).map("/".join)
places = st.one_of(
    paths.map("/music/".__add__),
    paths.filter(lambda path: not path.startswith("#") and ":" not in path),
    st.just("https://radio.example/live%20now?a=b&c=d"),
)
titled = st.tuples(st.just(""), st.just("")) | st.tuples(names, st.just("") | names)


SHARDS = (
    *(b"#EXTM3U", b"#EXTINF:", b"\n", b"\r", b",", b'"', b"1", b" - ", b"a.mp3", b"file:///", b"%00"),
    *(b"[playlist]", b"File1", b"Title1", b"Length1", b"=", b"\xff\xfe", b"\xef\xbb\xbf"),
    *(b"<?xml version='1.0' encoding='utf-7'?>", b"<playlist>", b"<trackList>", b"<track>", b"<location>"),
    *(b"</location>", b"</track>", b"</trackList>", b"</playlist>", b"&#0;", b"&#x41;", b"]]>", b"<!--"),
)


class TestProperties:
    """What holds for every file."""

    @given(data=st.binary() | st.lists(st.sampled_from(SHARDS)).map(b"".join))
    @pytest.mark.parametrize("playlist_format", list(PlaylistFormat))
    def test_any_bytes_parse_or_raise_a_playlist_error(
        self, playlist_format: PlaylistFormat, data: bytes
    ) -> None:
        """No file whatever brings the reader down, nor one that looks like a playlist at first."""
        with suppress(PlaylistError):
            assert isinstance(parse(data, playlist_format), tuple)

    @given(name=st.text(), head=st.binary())
    def test_any_name_and_head_are_judged(self, name: str, head: bytes) -> None:
        """Detection has an answer to everything."""
        assert detect_format(name, head) in {None, *PlaylistFormat}

    @given(
        rows=st.lists(st.tuples(places, titled, st.none() | st.integers(1, 10**6)), max_size=5),
        playlist_format=st.sampled_from(PlaylistFormat),
    )
    def test_what_is_written_reads_the_same(
        self, rows: list[tuple[str, tuple[str, str], int | None]], playlist_format: PlaylistFormat
    ) -> None:
        """Writing a playlist and reading it again changes nothing."""
        entries = tuple(entry(place, title, artist, length) for place, (title, artist), length in rows)
        assert parse(dump(entries, playlist_format).encode(), playlist_format) == entries

    @given(place=places, milliseconds=st.integers(1, 10**9))
    def test_xspf_keeps_milliseconds(self, place: str, milliseconds: int) -> None:
        """The one format with a finer clock loses nothing of it."""
        (read,) = parse(dump([entry(place, duration_s=milliseconds / 1000)], XSPF).encode(), XSPF)
        assert read.duration_s == milliseconds / 1000
