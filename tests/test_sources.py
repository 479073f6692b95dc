"""What people name is found, in an order they expect; what cannot be used is told and costs nothing else."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from easyplayer import sources
from easyplayer.playout.items import Item, ItemKind
from easyplayer.sources import DEEPEST_PLAYLIST, gather, natural_key

Make = Callable[..., Path]


@pytest.fixture(name="make")
def _make(tmp_path: Path) -> Make:
    """Give a function that makes a file in the test's folder, and its folders."""

    def make(name: str, content: str | bytes = b"") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def found(*places: Path | str) -> list[str]:
    """Give the names of the files that are found without any problem."""
    gathered = gather([str(place) for place in places])
    assert gathered.problems == ()
    return [Path(item.location).name for item in gathered.items]


def reasons(*places: Path | str) -> dict[str, str]:
    """Give the places that are problems, with their reasons."""
    return {problem.place: problem.reason for problem in gather([str(place) for place in places]).problems}


class TestFiles:
    """Files named by themselves."""

    def test_a_file_becomes_an_item(self, make: Make) -> None:
        """An item has the absolute path, and an id made of it; title and artist are left to analysis."""
        song = make("song.mp3")
        assert gather([str(song)]).items == (
            Item(id=f"file:{song}", location=str(song), kind=ItemKind.LOCAL),
        )

    def test_a_named_file_is_taken_whatever_its_suffix(self, make: Make) -> None:
        """Whoever names a file means it."""
        assert found(make("song.xyz"), make("song")) == ["song.xyz", "song"]

    def test_a_relative_name_is_made_absolute(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        """The item stays the same when the box runs in another folder."""
        song = make("songs/a.mp3")
        monkeypatch.chdir(song.parent)
        assert gather(["../songs/a.mp3"]).items[0].location == str(song)

    def test_a_file_uri_is_a_file(self, make: Make) -> None:
        """What a file manager puts on the clipboard works."""
        assert found(make("Low Tide.mp3").as_uri()) == ["Low Tide.mp3"]

    def test_a_link_keeps_its_name_and_shares_the_id(self, make: Make, tmp_path: Path) -> None:
        """The same medium has the same id, by whatever name it is reached."""
        song, link = make("store/5f3a"), tmp_path / "Low Tide.mp3"
        link.symlink_to(song)
        named, linked = gather([str(song), str(link)]).items
        assert linked.id == named.id == f"file:{song}"
        assert linked.location == str(link)

    def test_order_and_repetition_are_kept(self, make: Make) -> None:
        """What is named twice is played twice."""
        one, two = make("1.mp3"), make("2.mp3")
        assert found(two, one, two) == ["2.mp3", "1.mp3", "2.mp3"]


class TestFolders:
    """Folders and all below them."""

    def test_numbers_count_as_people_count(self, make: Make) -> None:
        """Track 2 comes before track 10, and the case of letters does not matter."""
        songs = [make(f"album/{name}.mp3") for name in ("Track 10", "track 2", "Track 1", "intro")]
        assert found(songs[0].parent) == ["intro.mp3", "Track 1.mp3", "track 2.mp3", "Track 10.mp3"]

    def test_its_own_files_come_first_then_folder_by_folder(self, make: Make, tmp_path: Path) -> None:
        """An album stays together."""
        for name in ("CD 10/1.mp3", "CD 2/2.mp3", "CD 2/1.mp3", "CD 2/bonus/x.mp3", "z.mp3"):
            make(f"{name}")
        assert found(tmp_path) == ["z.mp3", "1.mp3", "2.mp3", "x.mp3", "1.mp3"]

    def test_only_audio_is_taken(self, make: Make, tmp_path: Path) -> None:
        """Covers, notes and playlists within a folder are passed over in silence."""
        for name in ("a.MP3", "b.flac", "c.opus", "cover.jpg", "notes.txt", "all.m3u8"):
            make(name)
        assert found(tmp_path) == ["a.MP3", "b.flac", "c.opus"]

    def test_hidden_and_deleted_files_are_left_out(self, make: Make, tmp_path: Path) -> None:
        """What a person does not see, or has deleted on a USB stick, is not played."""
        for name in ("a.mp3", "._a.mp3", ".Trash-0/b.mp3", "$RECYCLE.BIN/c.mp3"):
            make(name)
        assert found(tmp_path) == ["a.mp3"]

    def test_a_hidden_folder_that_is_named_is_searched(self, make: Make) -> None:
        """Whoever names a folder means it."""
        assert found(make(".music/a.mp3").parent) == ["a.mp3"]

    def test_links_that_loop_end(self, make: Make, tmp_path: Path) -> None:
        """A folder that contains itself is walked once."""
        make("album/a.mp3")
        (tmp_path / "album" / "again").symlink_to(tmp_path)
        (tmp_path / "album" / "self").symlink_to("self")
        assert found(tmp_path) == ["a.mp3"]

    def test_a_folder_may_be_called_like_a_song(self, make: Make, tmp_path: Path) -> None:
        """A suffix does not make a file of a folder."""
        make("Live.mp3/a.mp3")
        assert found(tmp_path) == ["a.mp3"]

    def test_an_empty_folder_is_told(self, make: Make) -> None:
        """A folder in which there is nothing to play is a likely mistake."""
        folder = make("pictures/cover.jpg").parent
        assert reasons(folder) == {str(folder): "no audio is in this folder or below it"}

    def test_a_broken_link_is_told(self, make: Make, tmp_path: Path) -> None:
        """A link that leads nowhere is named, and the songs beside it are found."""
        make("a.mp3")
        (tmp_path / "b.mp3").symlink_to("gone.mp3")
        gathered = gather([str(tmp_path)])
        assert [Path(item.location).name for item in gathered.items] == ["a.mp3"]
        assert [problem.place for problem in gathered.problems] == [str(tmp_path / "b.mp3")]

    def test_a_closed_folder_is_told(
        self, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A folder that may not be entered is named, and the others are searched."""
        closed = make("closed/a.mp3").parent
        make("open/b.mp3")
        look_into = Path.iterdir

        def refuse(path: Path) -> Iterator[Path]:
            if path == closed:
                raise PermissionError(errno.EACCES, "Permission denied")
            return look_into(path)

        monkeypatch.setattr(Path, "iterdir", refuse)
        gathered = gather([str(tmp_path)])
        assert [Path(item.location).name for item in gathered.items] == ["b.mp3"]
        assert [problem.place for problem in gathered.problems] == [str(closed)]

    @given(names=st.lists(st.text(st.sampled_from("aB19٣² ."), max_size=8)))
    def test_all_names_can_be_ordered(self, names: list[str]) -> None:
        """Whatever mixture of letters and digits, there is one order."""
        ordered = sorted(names, key=natural_key)
        assert sorted(set(names), key=natural_key) == list(dict.fromkeys(ordered))


class TestPlaylists:
    """Playlist files."""

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("list.m3u", "#EXTINF:9,Ada - Tide\nsongs/a b.mp3\n"),
            ("list.m3u8", "#EXTM3U\n#EXTINF:9,Ada - Tide\nsongs/a b.mp3\n"),
            ("list.pls", "[playlist]\nFile1=songs/a b.mp3\nTitle1=Ada - Tide\n"),
            (
                "list.xspf",
                "<playlist><trackList><track><location>songs/a%20b.mp3</location><title>Tide</title>"
                "<creator>Ada</creator></track></trackList></playlist>",
            ),
        ],
    )
    def test_relative_entries_count_from_the_playlist(self, make: Make, name: str, content: str) -> None:
        """Every format leads to the file beside it, with the title and artist that it gives."""
        song = make("songs/a b.mp3")
        item = Item(id=f"file:{song}", location=str(song), kind=ItemKind.LOCAL, title="Tide", artist="Ada")
        assert gather([str(make(name, content))]).items == (item,)

    def test_an_absolute_entry_is_taken_as_it_is(self, make: Make, tmp_path: Path) -> None:
        """A playlist may lie elsewhere than its songs."""
        song = make("songs/a.mp3")
        playlist = make("lists/list.m3u8", f"{song}\n{song.as_uri()}\n../songs/a.mp3\n")
        assert {item.location for item in gather([str(playlist)]).items} == {str(song)}

    @pytest.mark.parametrize("spelling", ["songs/Low%20Tide.mp3", "songs\\Low Tide.mp3"])
    def test_other_spellings_are_understood(self, make: Make, spelling: str) -> None:
        """Some players write paths percent-encoded, and Windows writes backslashes."""
        make("songs/Low Tide.mp3")
        assert found(make("list.m3u8", spelling)) == ["Low Tide.mp3"]

    def test_a_file_with_a_percent_sign_is_found_as_it_is_called(self, make: Make) -> None:
        """The spelling that is there goes before any other."""
        make("100%25.mp3")
        make("100%.mp3")
        assert found(make("list.m3u8", "100%25.mp3")) == ["100%25.mp3"]

    def test_streams_in_a_playlist_keep_their_titles(self, make: Make) -> None:
        """A radio list gives streams with the names of the stations."""
        playlist = make("radio.pls", "[playlist]\nFile1=https://radio.example/live\nTitle1=Bar FM\n")
        url = "https://radio.example/live"
        assert gather([str(playlist)]).items == (
            Item(id=url, location=url, kind=ItemKind.STREAM, title="Bar FM"),
        )

    def test_a_playlist_within_a_playlist_stands_for_its_entries(self, make: Make) -> None:
        """Inner playlists count from their own folder, and may be named more than once."""
        make("jingles/j.mp3")
        make("jingles/list.m3u8", "j.mp3")
        make("a.mp3")
        assert found(make("all.m3u8", "jingles/list.m3u8\na.mp3\njingles/list.m3u8")) == [
            "j.mp3",
            "a.mp3",
            "j.mp3",
        ]

    def test_a_folder_in_a_playlist_is_walked(self, make: Make) -> None:
        """A playlist may name a folder; the playlist in it is passed over there."""
        make("a.mp3")
        assert found(make("all.m3u8", ".\n")) == ["a.mp3"]

    def test_playlists_that_lead_back_end(self, make: Make, tmp_path: Path) -> None:
        """A loop is told where it closes, and what lies on the way is played."""
        make("a.mp3")
        one, two = make("one.m3u8", "two.m3u8\na.mp3"), make("two.m3u8", "a.mp3\none.m3u8")
        gathered = gather([str(one)])
        assert [Path(item.location).name for item in gathered.items] == ["a.mp3", "a.mp3"]
        (problem,) = gathered.problems
        assert problem.place == str(one)
        assert "leads back to itself" in problem.reason
        assert str(two) in problem.reason

    def test_a_chain_of_playlists_has_an_end(self, make: Make, tmp_path: Path) -> None:
        """Playlists lead to one another only so far."""
        for number in range(DEEPEST_PLAYLIST + 1):
            make(f"{number}.m3u8", f"{number + 1}.m3u8")
        ((place, reason),) = reasons(tmp_path / "0.m3u8").items()
        assert place == str(tmp_path / f"{DEEPEST_PLAYLIST}.m3u8")
        assert "name it itself instead" in reason

    def test_an_hls_playlist_is_one_stream(self, make: Make) -> None:
        """The pieces of a stream are not played one by one."""
        playlist = make("live.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nseg1.ts\n")
        (item,) = gather([str(playlist)]).items
        assert (item.kind, item.location) == (ItemKind.STREAM, str(playlist))

    def test_content_goes_before_the_suffix(self, make: Make) -> None:
        """A playlist with another format's suffix is read as what it is."""
        make("a.mp3")
        assert found(make("list.m3u", "[playlist]\nFile1=a.mp3\n")) == ["a.mp3"]

    def test_an_entry_that_is_missing_is_told_with_its_playlist(self, make: Make, tmp_path: Path) -> None:
        """The technician reads which file is missing, and who asked for it; the others are played."""
        make("a.mp3")
        playlist = make("list.m3u8", "gone.mp3\na.mp3\n")
        gathered = gather([str(playlist)])
        assert len(gathered.items) == 1
        (problem,) = gathered.problems
        assert problem.place == str(tmp_path / "gone.mp3")
        assert problem.reason == f"there is no such file or folder (named in {playlist})"

    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("list.xspf", "<playlist>", "not well-formed XML"),
            ("list.m3u8", b"\x00", "line 1: this is not text"),
            ("list.m3u8", "# nothing\n", "this playlist is empty"),
            ("list.xspf", "<playlist><trackList><track/></trackList></playlist>", "an empty place is named"),
            ("list.m3u8", "spotify://track/1\n", "spotify: is no kind of stream"),
            ("list.m3u8", "file:///a%00.mp3\n", "not valid UTF-8"),
            ("list.m3u8", "a%00.mp3\n", "no such file"),
        ],
    )
    def test_a_bad_playlist_is_told(self, make: Make, name: str, content: str | bytes, reason: str) -> None:
        """What is wrong with a playlist is said in its own words."""
        ((_, told),) = reasons(make(name, content)).items()
        assert reason in told

    def test_a_huge_file_is_no_playlist(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
        """A film that is called list.m3u does not fill the memory."""
        monkeypatch.setattr(sources, "LARGEST_PLAYLIST", 10)
        playlist = make("list.m3u", "x" * 11)
        assert "too large" in reasons(playlist)[str(playlist)]


class TestStreams:
    """URLs."""

    @pytest.mark.parametrize(
        "url",
        [
            "http://radio.example/live",
            "https://radio.example:8443/live.m3u8?token=a/b",
            "https://radio.example/listen.pls",
            "RTSP://camera.example/1",
            "udp://@239.0.0.1:1234",
            "http://[::1]:8000/",
        ],
    )
    def test_a_url_is_one_stream(self, url: str) -> None:
        """A URL is its own id and location, and is not looked into, even where it names a playlist."""
        assert gather([url]).items == (Item(id=url, location=url, kind=ItemKind.STREAM),)

    @pytest.mark.parametrize(
        ("url", "reason"),
        [
            ("spotify://track/1", "spotify: is no kind of stream"),
            ("file://nas/share/a.mp3", "file: is no kind of stream"),
            ("http:///live", "names no server"),
            ("http://[::1/", "names no server"),
        ],
    )
    def test_other_urls_are_told(self, url: str, reason: str) -> None:
        """A URL that nobody could play is told at once."""
        assert reason in reasons(url)[url]


class TestProblems:
    """Places that cannot be used."""

    def test_a_bad_place_costs_no_other(self, make: Make, tmp_path: Path) -> None:
        """All good places are played, whatever stands between them; the bad ones come in their order."""
        places = [make("a.mp3"), tmp_path / "gone", make("b.mp3"), tmp_path / "a.mp3" / "c.mp3"]
        gathered = gather([str(place) for place in places])
        assert [Path(item.location).name for item in gathered.items] == ["a.mp3", "b.mp3"]
        assert [problem.place for problem in gathered.problems] == [str(places[1]), str(places[3])]
        assert {problem.reason for problem in gathered.problems} == {"there is no such file or folder"}

    @pytest.mark.parametrize("name", ["song.mp3", "list.m3u8"])
    def test_a_file_that_may_not_be_read_is_told(
        self, make: Make, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """The reason says what to do about it."""
        monkeypatch.setattr(os, "access", lambda *_: False)
        song = make(name)
        assert reasons(song) == {str(song): "this may not be read; allow it to the user that the box runs as"}

    @pytest.mark.parametrize("name", ["song.mp3", "list.m3u8"])
    def test_what_is_no_file_is_never_opened(self, tmp_path: Path, name: str) -> None:
        """A pipe does not make the box wait for ever."""
        os.mkfifo(tmp_path / name)
        assert reasons(tmp_path / name) == {str(tmp_path / name): "this is neither a file nor a folder"}

    def test_a_name_that_is_no_utf8_is_told_readably(self, tmp_path: Path) -> None:
        """The name can be shown and kept, unlike the file's own."""
        raw = os.fsencode(tmp_path) + b"/caf\xe9.mp3"
        os.close(os.open(raw, os.O_CREAT))
        expected = {f"{tmp_path}/caf?.mp3": "this name is not valid UTF-8; rename it"}
        assert reasons(os.fsdecode(raw)) == reasons(tmp_path) == expected

    def test_other_failures_are_told_in_the_words_of_the_system(self) -> None:
        """A name that no disk can have is a problem like any other."""
        name = "x" * 5000
        assert reasons(name) == {name: os.strerror(errno.ENAMETOOLONG)}

    def test_an_empty_name_is_not_the_current_folder(self) -> None:
        """A place left blank in the settings does not play whatever lies around."""
        assert "empty place" in reasons("")[""]

    @given(
        st.lists(
            st.text(st.characters(exclude_categories=[])).map("/nowhere/".__add__)
            | st.text(st.characters(exclude_categories=[])).map("http://".__add__)
            | st.text(st.sampled_from("hftp:/[]@%.é\ud800\x00"), min_size=6).map("file:///nowhere/".__add__)
        )
    )
    def test_no_place_makes_it_raise(self, places: list[str]) -> None:
        """Each place is an item or a problem, and all that is told can be written down."""
        gathered = gather(places)
        assert len(gathered.items) + len(gathered.problems) == len(places)
        for problem in gathered.problems:
            (problem.place + problem.reason).encode()
        for item in gathered.items:
            item.location.encode()
