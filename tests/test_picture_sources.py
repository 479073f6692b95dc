"""What there is to show at the places that people name."""

from pathlib import Path

from easyplayer.picture_sources import gather_pictures
from easyplayer.playout.items import ItemKind


def made(folder: Path, *names: str) -> None:
    """Make empty files: nothing is read of them but their names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_folder_gives_its_images_and_clips_as_people_count(tmp_path: Path) -> None:
    """And those of the folders in it; sounds and whatever else there is are passed over."""
    made(tmp_path, "page 10.jpg", "page 2.PNG", "song.flac", "notes.txt", ".hidden.png", "more/film.mp4")
    found = gather_pictures([str(tmp_path)])
    assert found.problems == ()
    assert [(Path(item.location).name, item.kind) for item in found.items] == [
        ("page 2.PNG", ItemKind.STILL),
        ("page 10.jpg", ItemKind.STILL),
        ("film.mp4", ItemKind.CLIP),
    ]
    assert found.items[0].id == f"file:{tmp_path.resolve()}/page 2.PNG"


def test_a_file_that_is_named_itself_and_a_stream_are_taken(tmp_path: Path) -> None:
    """Whatever the file is called, but for a sound."""
    made(tmp_path, "poster", "song.mp3")
    poster, song = str(tmp_path / "poster"), str(tmp_path / "song.mp3")
    found = gather_pictures([poster, "rtsp://camera/1", song, str(tmp_path / "gone"), "gopher://x/y"])
    assert [item.kind for item in found.items] == [ItemKind.CLIP, ItemKind.STREAM]
    assert [problem.reason for problem in found.problems] == [
        "this is a sound; import it without --screen",
        "there is no such file or folder; look at its name",
        "this is no kind of stream that can be shown",
    ]


def test_a_playlist_stands_for_its_entries(tmp_path: Path) -> None:
    """From its own folder on; one that leads to another playlist is not followed."""
    made(tmp_path, "one two.png", "film.mkv")
    (tmp_path / "wall.m3u8").write_text("one%20two.png\nfilm.mkv\nwall.m3u8\nhttps://tv.example/live\n")
    (tmp_path / "bad.xspf").write_text("<playlist")
    found = gather_pictures([str(tmp_path / "wall.m3u8"), str(tmp_path / "bad.xspf")])
    assert [item.kind for item in found.items] == [ItemKind.STILL, ItemKind.CLIP, ItemKind.STREAM]
    (problem,) = found.problems
    assert problem.reason.startswith("this playlist cannot be read (")


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    """So that nobody waits for pictures."""
    (problem,) = gather_pictures([str(tmp_path)]).problems
    assert problem.reason == "no image and no clip is in this folder or below it"
