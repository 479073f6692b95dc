"""Pictures are what they decode to, whatever their headers and names say."""

import os
import shutil
import subprocess
from pathlib import Path
from threading import Event

import pytest

from easyplayer.analysis import MediaFacts
from easyplayer.analysis.content import identify
from easyplayer.analysis.facts import Unplayable
from easyplayer.analysis.image_kinds import recognised
from easyplayer.analysis.leash import Leash
from easyplayer.analysis.picture_analyser import analyse_any, examine_any
from easyplayer.analysis.pictures import PictureFacts
from easyplayer.analysis.playable import obstacle
from easyplayer.analysis.thumbnail import make_thumbnail
from easyplayer.errors import AnalysisError, MediaError
from tests.analysis.media import fake_tool, render, tone
from tests.analysis.pictures import QUICK, clip, copied, image, moving, png_of, turned

pytestmark = pytest.mark.slow

X265 = ("-c:v", "libx265", *QUICK, "-x265-params", "log-level=none")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
AV1 = ("-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8")


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """Two seconds of H.264 with a second of sound."""
    return clip(tmp_path_factory.mktemp("film") / "film.mp4", source=moving(2), sound_s=1)


@pytest.fixture(scope="module")
def photo(tmp_path_factory) -> Path:
    """Take a photograph that lies."""
    return image(tmp_path_factory.mktemp("photo") / "photo.jpg")


def picture(path: Path) -> PictureFacts:
    """Analyse what is a picture."""
    facts = analyse_any(path)
    assert isinstance(facts, PictureFacts)
    return facts


# -- what is found ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("a.mp4", (), ("h264", "yuv420p", 8)),
        ("a.mkv", (*X265, "-pix_fmt", "yuv420p"), ("hevc", "yuv420p", 8)),
        ("a.mkv", (*X265, "-pix_fmt", "yuv420p10le"), ("hevc", "yuv420p10le", 10)),
        ("a.webm", (*VP9, "-pix_fmt", "yuv420p"), ("vp9", "yuv420p", 8)),
        ("a.mkv", (*AV1, "-pix_fmt", "yuv420p"), ("av1", "yuv420p", 8)),
        ("a.mpg", ("-c:v", "mpeg2video", "-q:v", "3"), ("mpeg2video", "yuv420p", 8)),
        ("a.avi", ("-c:v", "mpeg4", "-q:v", "3"), ("mpeg4", "yuv420p", 8)),
        ("a.mov", ("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le"), ("prores", "yuv422p10le", 10)),
        ("a.gif", ("-r", "25"), ("gif", "bgra", 8)),
    ],
)
def test_every_codec_is_told_with_its_size_and_its_rate(tmp_path, name, options, told):
    """One second of 320 by 180 pixels, 25 a second: all of that is counted, and not read from the head."""
    facts = picture(clip(tmp_path / name, *options))

    assert (facts.codec, facts.pixel_format, facts.bit_depth) == told
    assert (facts.width, facts.height, facts.still, facts.frames) == (320, 180, False, 25)
    assert facts.frame_rate == pytest.approx(25, rel=0.03)
    assert facts.duration_s == pytest.approx(1.0, abs=0.05)
    assert facts.sound is None
    assert facts.sha256 == identify(tmp_path / name, Event()).sha256


@pytest.mark.parametrize(
    ("name", "codec"), [("a.png", "png"), ("a.jpg", "mjpeg"), ("a.webp", "webp"), ("a.gif", "gif")]
)
def test_every_kind_of_image_is_a_still(tmp_path, name, codec):
    """It has no length, and no rate."""
    facts = picture(image(tmp_path / name))

    assert (facts.still, facts.codec, facts.width, facts.height) == (True, codec, 320, 180)
    assert (facts.duration_s, facts.frame_rate, facts.frames, facts.sound) == (0, 0, 1, None)
    assert obstacle(facts) is None


def test_the_sound_of_a_clip_is_measured_as_music_is(film):
    """With its loudness, so that it can be as loud as the music beside it."""
    facts = picture(film)

    assert facts.sound is not None
    assert (facts.duration_s, facts.frames) == (2.0, 50)
    assert facts.sound.duration_s == pytest.approx(1.0, abs=0.05)
    assert facts.sound.loudness_lufs == pytest.approx(-21, abs=1)


@pytest.mark.parametrize(
    ("orientation", "rotation", "size"), [(3, 180, (320, 180)), (6, 90, (180, 320)), (8, 270, (180, 320))]
)
def test_a_photograph_is_as_large_as_it_is_shown(photo, tmp_path, orientation, rotation, size):
    """A camera that is held upright writes that into EXIF, and the pixels as they lie."""
    facts = picture(turned(tmp_path / "held.jpg", photo, orientation))
    assert (facts.rotation, (facts.width, facts.height)) == (rotation, size)


def test_a_clip_of_a_telephone_is_as_large_as_it_is_shown(film, tmp_path):
    """The same, in an MP4."""
    facts = picture(copied(tmp_path / "held.mp4", film, "-metadata:s:v", "rotate=90"))
    assert facts.rotation in {90, 270}
    assert (facts.width, facts.height) == (180, 320)


def test_music_stays_music(tmp_path):
    """Also where it is called like a film, and where a cover is in it."""
    song = render(tmp_path / "song.m4a", tone(1))
    cover = image(tmp_path / "cover.png")
    named = Path(shutil.copy(song, tmp_path / "song.mp4"))
    covered = tmp_path / "covered.m4a"
    command = ["ffmpeg", "-v", "error", "-i", song, "-i", cover, "-map", "0", "-map", "1", "-c", "copy"]
    subprocess.run([*command, "-disposition:v", "attached_pic", covered], check=True)

    assert [type(analyse_any(path)) for path in (song, named, covered)] == [MediaFacts] * 3


def test_a_wrong_name_does_no_harm(photo, film, tmp_path):
    """A clip called .png is a clip, an image called .mp4 an image; and no name is taken for a pattern."""
    (tmp_path / "100%d.jpg").write_bytes(photo.read_bytes())
    (tmp_path / "clip.png").write_bytes(film.read_bytes())
    (tmp_path / "image.mp4").write_bytes(photo.read_bytes())

    assert picture(tmp_path / "100%d.jpg").still
    assert not picture(tmp_path / "clip.png").still
    assert picture(tmp_path / "image.mp4").still


def test_a_clip_that_was_cut_off_is_as_long_as_what_is_left(tmp_path):
    """Where its head does not claim more, as in Matroska that was written as it came."""
    whole = clip(tmp_path / "whole.mkv", "-c:v", "libx264", *QUICK, "-g", "10", source=moving(4))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    assert 1.0 < picture(cut).duration_s < 3.0


@pytest.fixture(scope="module")
def long(tmp_path_factory) -> Path:
    """Give eight seconds of H.264, of which every fourth begins with a whole picture."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    return clip(path, "-c:v", "libx264", *QUICK, "-g", "100", "-pix_fmt", "yuv420p", source=moving(8))


def trimmed(path: Path, source: Path) -> Path:
    """Cut a second out of a clip without coding it anew, as telephones do: by what its head says."""
    command = ["ffmpeg", "-v", "error", "-ss", "7", "-i", source, "-t", "1", "-c", "copy", path]
    subprocess.run(command, check=True)
    return path


def test_a_clip_that_was_cut_without_coding_it_anew_is_as_long_as_what_is_shown(long, tmp_path):
    """Three of its four seconds are in the file only for the sake of the last one."""
    facts = picture(trimmed(tmp_path / "cut.mp4", long))
    assert (facts.frames, facts.duration_s, facts.frame_rate) == (25, pytest.approx(1.0, abs=0.05), 25)


def test_a_rate_is_that_of_the_time_in_which_pictures_come(long, tmp_path):
    """Where they begin later than the sound, as many come in a second as if they did not."""
    sound = render(tmp_path / "sound.wav", tone(12))
    late = tmp_path / "late.mkv"
    command = ["ffmpeg", "-v", "error", "-i", sound, "-itsoffset", "4", "-i", long, "-c:v", "copy"]
    subprocess.run([*command, "-map", "0:a", "-map", "1:v", late], check=True)

    facts = picture(late)

    assert facts.frame_rate == pytest.approx(25, rel=0.01)
    assert facts.duration_s == pytest.approx(12.0, abs=0.05)


@pytest.mark.parametrize(
    ("marked", "sizes", "shown"),
    [
        ("v:1", ("320x180", "160x90"), (1, 160)),
        ("v:0", ("320x180", "160x90"), (0, 320)),
        ("v:0", ("320x180", "2048x128"), (1, 2048)),
    ],
)
def test_of_several_pictures_the_one_counts_that_is_shown_or_cannot_be(tmp_path, marked, sizes, shown):
    """A player shows the one that is marked; what no box decodes in time is told, whichever is marked."""
    first, second = (clip(tmp_path / f"{size}.mp4", source=moving(0.4, size)) for size in sizes)
    both = tmp_path / "both.mkv"
    command = ["ffmpeg", "-v", "error", "-i", first, "-i", second, "-map", "0", "-map", "1", "-c", "copy"]
    subprocess.run([*command, "-disposition:v", "0", f"-disposition:{marked}", "default", both], check=True)

    facts = picture(both)

    assert (facts.track, facts.width) == shown
    assert (obstacle(facts) is None) is (facts.width < 2000)
    small = tmp_path / "small.jpg"
    small.write_bytes(make_thumbnail(both, facts, Leash(both, Event())))
    assert picture(small).still


def test_a_preview_beside_a_clip_does_no_harm(film, tmp_path):
    """Some cameras keep one as a track of its own: it would be too short for a clip."""
    preview = clip(tmp_path / "preview.mp4", "-c:v", "mjpeg", "-frames:v", "1", source=moving(1, "160x90"))
    both = tmp_path / "both.mkv"
    command = ["ffmpeg", "-v", "error", "-i", preview, "-i", film, "-map", "0", "-map", "1", "-c", "copy"]
    subprocess.run([*command, "-disposition:v", "0", "-disposition:v:1", "default", both], check=True)

    facts = picture(both)

    assert (facts.track, obstacle(facts)) == (1, None)
    assert facts.duration_s == pytest.approx(2.0, abs=0.05)


# -- what is refused -------------------------------------------------------------------------------


def refusal(path: Path) -> str:
    """Give why a file is refused."""
    with pytest.raises(MediaError) as caught:
        analyse_any(path)
    return str(caught.value).removeprefix(f"{path} ")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.mp4", b"", "is empty; copy it again"),
        ("text.png", b"Dear diary", "is no music, film or image, or is damaged|is an image of a kind"),
        (
            "logo.svg",
            b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
            "is an SVG drawing",
        ),
        ("wide.svg", '\ufeff<svg width="9"/>'.encode("utf-16"), "is an SVG drawing"),
        ("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC.*save it as PNG or JPEG"),
        ("page.pdf", b"%PDF-1.7", "is a PDF document"),
        ("scan.tif", b"II*\0\x08\0\0\0", "is a TIFF image"),
        ("cut.webp", b"RIFF\x0c\0\0\0WEBPVP8X\x0a\0\0\0", "is damaged"),
        ("head.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is damaged"),
        ("huge.png", lambda: png_of(60_000, 60_000), "has 60000x60000 pixels, and more than 100 million"),
        ("large.png", lambda: png_of(15_000, 15_000), "has 15000x15000 pixels.*save it smaller"),
    ],
)
def test_a_file_that_is_no_picture_says_what_it_is_and_what_to_do(tmp_path, name, content, reason):
    """And nothing of it is decoded that the memory does not hold."""
    path = tmp_path / name
    path.write_bytes(content() if callable(content) else content)
    with pytest.raises(MediaError, match=reason):
        analyse_any(path)


@pytest.mark.parametrize(
    "head",
    [
        b"RIFF\x0c\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDRacTLIDAT",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        '\ufeff<svg width="9"/>'.encode("utf-16"),
    ],
)
def test_a_head_may_end_anywhere(head):
    """Whatever is missing of it, something is said of the file."""
    kinds = [recognised(head[:length]) for length in range(len(head) + 1)]
    assert isinstance(kinds[-1], Unplayable)


@pytest.mark.parametrize("form", [("a.webp", "-c:v", "libwebp_anim"), ("a.png", "-f", "apng")])
def test_images_that_move_are_gifs_or_clips(tmp_path, form):
    """Boxes would show the first picture of others, or nothing."""
    name, *options = form
    moves = clip(tmp_path / name, *options)
    assert refusal(moves).startswith("is an image that moves")


def test_a_clip_without_its_index_is_refused(film, tmp_path):
    """An MP4 that was cut off before its end."""
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(film.read_bytes()[:-3000])
    assert "damaged" in refusal(cut)


def test_a_clip_that_lacks_most_of_its_pictures_is_refused(film, tmp_path):
    """Its index stands at its front, and promises more than has been copied."""
    front = copied(tmp_path / "front.mp4", film, "-movflags", "+faststart")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(front.read_bytes()[: front.stat().st_size // 3])
    assert refusal(cut).startswith("is damaged, or protected against copying: of its 50 pictures only")


def test_a_clip_that_was_trimmed_and_lacks_most_of_its_pictures_is_refused(long, tmp_path):
    """That some are hidden does not excuse those that are missing."""
    front = copied(tmp_path / "front.mp4", trimmed(tmp_path / "cut.mp4", long), "-movflags", "+faststart")
    content = front.read_bytes()
    (tmp_path / "torn.mp4").write_bytes(content[: len(content) * 8 // 10])
    assert "damaged" in refusal(tmp_path / "torn.mp4")


def test_a_clip_of_which_little_decodes_is_refused_to_its_end(film, tmp_path):
    """Also where its last pictures are well: most of them are not to be seen."""
    whole = clip(tmp_path / "whole.mp4", "-c:v", "libx264", *QUICK, "-g", "10", source=moving(4))
    content = bytearray(whole.read_bytes())
    begin = content.index(b"mdat") + 4
    part = (content.index(b"moov") - begin) * 8 // 10
    content[begin : begin + part] = bytes(part)
    (tmp_path / "bad.mp4").write_bytes(content)
    assert "damaged" in refusal(tmp_path / "bad.mp4")


def test_a_clip_that_is_encrypted_is_refused(film, tmp_path):
    """Its head is readable, and its pictures are not."""
    key = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "7" * 32, "-encryption_kid", "a" * 32)
    assert "protected against copying" in refusal(copied(tmp_path / "locked.mp4", film, *key))


def test_a_clip_with_too_many_tracks_is_refused(film, tmp_path):
    """Each of them would be looked into; each that has pictures is decoded."""
    assert refusal(copied(tmp_path / "five.mkv", film, *(("-map", "0:v") * 5))).startswith(
        "has more than 4 tracks of pictures in it"
    )
    many = copied(tmp_path / "many.mkv", film, *(("-map", "0:v") * 70))
    assert refusal(many).startswith("has more than 64 tracks in it")


def test_a_clip_with_a_hundred_thousand_tracks_is_refused(tmp_path):
    """At its first one, which says nothing."""
    track = b"\0\0\0\x08trak"
    body = track * 100_000
    path = tmp_path / "many.mp4"
    path.write_bytes(b"\0\0\0\x10ftypisom\0\0\2\0" + (8 + len(body)).to_bytes(4) + b"moov" + body)
    assert refusal(path).startswith(("has more than 64 tracks", "is no music"))


def test_a_clip_that_claims_to_last_for_days_is_not_decoded(film, tmp_path):
    """Two pictures, a day apart, or a head that says so: nobody waits for that."""
    path = render(tmp_path / "slow.mkv", "color=red:s=32x32:r=1/10000:d=20001", "-c:v", "mjpeg")
    assert "lasts longer than 4 hours; cut it into parts" in refusal(path)


def test_a_clip_without_end_is_given_up(film, monkeypatch):
    """Whatever its head says, decoding ends."""
    monkeypatch.setattr("easyplayer.analysis.picture_decoding.MOST_FRAMES", 30)
    monkeypatch.setattr("easyplayer.analysis.picture_decoding._LEAST_PART", 0)
    assert "lasts longer than 4 hours" in refusal(film)


def test_a_playlist_in_disguise_is_not_followed(film, tmp_path):
    """Its content would be other files."""
    trap = tmp_path / "trap.mp4"
    trap.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:20\n#EXTINF:2,\n{film}\n#EXT-X-ENDLIST\n")
    assert refusal(trap).startswith("is a list of other files")


@pytest.mark.parametrize("tool", ["ffprobe", "ffmpeg"])
def test_a_picture_that_crashes_the_decoder_is_refused(photo, tmp_path, monkeypatch, tool):
    """The player has the same decoder inside."""
    fake_tool(tmp_path / "bin", tool, "kill -SEGV $$")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert refusal(photo).startswith("crashes the decoder")


def test_a_picture_that_changes_meanwhile_has_no_facts(photo, tmp_path):
    """Its hash and what was found would be of two different files."""
    path = Path(shutil.copy(photo, tmp_path / "photo.jpg"))
    content = identify(path, Event())
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(MediaError, match="changed while it was read"):
        examine_any(path, content, Event())


def test_an_analysis_is_stopped_at_once(film):
    """By whoever has started it."""
    stop = Event()
    stop.set()
    with pytest.raises(AnalysisError, match="was stopped"):
        analyse_any(film, stop=stop)
