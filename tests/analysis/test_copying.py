"""Copies that boxes play, and small images of what there is."""

import re
import subprocess
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from easyplayer.analysis.copying import make_copy, may_take
from easyplayer.analysis.leash import Leash
from easyplayer.analysis.picture_analyser import analyse_any
from easyplayer.analysis.pictures import PictureFacts
from easyplayer.analysis.playable import obstacle
from easyplayer.analysis.thumbnail import make_thumbnail
from easyplayer.errors import AnalysisError
from tests.analysis.media import render
from tests.analysis.pictures import QUICK, clip, copied, image, moving, turned

pytestmark = pytest.mark.slow

MUCH = 100_000_000


def picture(path: Path) -> PictureFacts:
    """Analyse what is a picture."""
    facts = analyse_any(path)
    assert isinstance(facts, PictureFacts)
    return facts


def copy(path: Path, **given: Any) -> tuple[PictureFacts, PictureFacts, list[float]]:
    """Copy a picture; give what it is, what the copy is, and what was told of the progress."""
    told: list[float] = []
    facts, target = picture(path), path.with_suffix(".copy")
    make_copy(path, facts, target, Leash(path, Event()), told.append, **{"most_bytes": MUCH, **given})
    return facts, picture(target), told


def colours(path: Path, *places: tuple[int, int]) -> list[tuple[int, ...]]:
    """Look at single pixels of an image."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    pixels = subprocess.run(command, check=True, capture_output=True).stdout
    facts = picture(path)
    starts = [3 * (y * facts.width + x) for x, y in places]
    return [tuple(pixels[start : start + 3]) for start in starts]


@pytest.mark.parametrize(
    ("name", "source", "options", "size", "rate"),
    [
        ("four-k.mp4", moving(0.4, "3840x2160"), ("-c:v", "libx264", *QUICK), (1920, 1080), 25),
        ("upright.mkv", moving(0.4, "1440x2560"), ("-c:v", "mjpeg", "-q:v", "9"), (1080, 1920), 25),
        ("fast.mp4", moving(0.5, "320x180", 120), ("-c:v", "libx264", *QUICK), (320, 180), 60),
        ("edited.mov", moving(0.4, "321x181"), ("-c:v", "prores_ks"), (320, 180), 25),
    ],
)  # fmt: skip
def test_a_copy_of_a_clip_can_be_played(tmp_path, name, source, options, size, rate):  # noqa: PLR0917 - a table
    """Smaller, slower, or in another codec, as it needs to be; and never larger than it was."""
    original, made, _ = copy(clip(tmp_path / name, *options, source=source))

    assert obstacle(original) is not None
    assert obstacle(made) is None
    assert (made.codec, made.pixel_format) == ("h264", "yuv420p")
    assert (made.width, made.height) == pytest.approx(size, abs=2)
    assert made.frame_rate == pytest.approx(rate, rel=0.05)
    assert made.duration_s == pytest.approx(original.duration_s, abs=0.1)


def test_a_copy_of_a_clip_of_a_telephone_is_upright(tmp_path):
    """It needs no turning any more."""
    lying = clip(tmp_path / "lying.mp4", "-c:v", "libx264", *QUICK, source=moving(0.4, "2560x1440"))
    original, made, _ = copy(copied(tmp_path / "held.mp4", lying, "-metadata:s:v", "rotate=90"))
    assert (original.width, original.height) == (1440, 2560)
    assert (made.width, made.height, made.rotation) == (1080, 1920, 0)


def test_a_copy_of_a_clip_keeps_its_sound(tmp_path):
    """As loud as it was."""
    coding = ("-c:v", "mjpeg", "-pix_fmt", "yuvj444p", "-c:a", "flac")
    film = clip(tmp_path / "film.mkv", *coding, source=moving(1), sound_s=1)
    original, made, _ = copy(film)
    assert original.sound is not None
    assert made.sound is not None
    assert (made.sound.codec, made.sound.sample_rate) == ("aac", 48_000)
    assert made.sound.loudness_lufs == pytest.approx(original.sound.loudness_lufs, abs=0.5)


def test_it_is_told_how_far_a_copy_is(tmp_path):
    """From the beginning to the end, and never back."""
    _, _, told = copy(clip(tmp_path / "long.mkv", "-c:v", "mjpeg", "-q:v", "5", source=moving(8, "640x360")))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0, abs=0.05)


def test_a_copy_of_a_photograph_is_upright_and_small(tmp_path):
    """It is stored as it is shown."""
    photo = image(tmp_path / "lying.jpg", "-q:v", "5", size="5000x3000")
    original, made, _ = copy(turned(tmp_path / "held.jpg", photo, 6))
    assert (original.width, original.height) == (3000, 5000)
    assert (made.codec, made.still, made.rotation) == ("mjpeg", True, 0)
    assert (made.width, made.height) == pytest.approx((2458, 4096), abs=1)
    assert obstacle(made) is None


def test_what_shines_through_stays_so(tmp_path):
    """A logo without its ground is a PNG."""
    logo = render(
        tmp_path / "logo.png",
        f"{moving(size='4200x100')},format=rgba,colorchannelmixer=aa=0.3",
        "-frames:v",
        "1",
    )
    _, made, _ = copy(logo)
    assert (made.codec, made.pixel_format, made.width) == ("png", "rgba", 4096)


def test_a_copy_that_grows_too_large_is_cut_off(tmp_path):
    """It fills no disk; that it is too short is seen when it is analysed."""
    source = f"{moving(8, '640x360')},noise=alls=60:allf=t"
    film = clip(tmp_path / "noise.mkv", "-c:v", "mjpeg", "-q:v", "3", source=source)
    original, made, _ = copy(film, most_bytes=500_000)
    assert made.duration_s < original.duration_s - 1


def test_a_copy_is_given_up_at_once(tmp_path):
    """When somebody says so; how long it may take goes by how long the clip is."""
    film = clip(tmp_path / "film.mp4", source=moving(2))
    facts, stop = picture(film), Event()
    with pytest.raises(AnalysisError, match="was stopped"):
        make_copy(
            film, facts, tmp_path / "copy", Leash(film, stop), lambda _: stop.set(), most_bytes=MUCH
        )  # fmt: skip
    assert may_take(facts) == pytest.approx(180, abs=1)


# -- thumbnails ------------------------------------------------------------------------------------


def small(path: Path) -> Path:
    """Make the thumbnail of a picture, beside it."""
    made = path.with_suffix(".small.jpg")
    made.write_bytes(make_thumbnail(path, picture(path), Leash(path, Event())))
    return made


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("wide.png", "640x360", (320, 180)),
        ("tall.webp", "200x800", (45, 180)),
        ("tiny.gif", "40x40", (180, 180)),
    ],
)
def test_a_thumbnail_has_the_shape_of_its_picture(tmp_path, name, size, expected):
    """Within a frame of 320 by 180."""
    facts = picture(small(image(tmp_path / name, size=size)))
    assert facts.codec == "mjpeg"
    assert (facts.width, facts.height) == pytest.approx(expected, abs=2)


def test_a_thumbnail_is_upright(tmp_path):
    """As the picture is shown: what lay at its left, held on its side, is above."""
    source = "color=red:s=320x180,drawbox=x=160:w=160:h=180:t=fill:c=blue"
    lying = render(tmp_path / "lying.jpg", source, "-frames:v", "1", "-pix_fmt", "yuvj444p")
    made = small(turned(tmp_path / "held.jpg", lying, 6))
    above, below = colours(made, (50, 20), (50, 160))
    assert (above[0] > 200, above[2] < 60) == (True, True)
    assert (below[2] > 200, below[0] < 60) == (True, True)


def test_what_shines_through_is_black_as_on_a_screen(tmp_path):
    """And not whatever stands in the pixels that nobody sees."""
    source = "color=white:s=320x180,format=rgba,colorchannelmixer=aa=0"
    made = small(render(tmp_path / "logo.png", source, "-frames:v", "1"))
    assert max(colours(made, (160, 90))[0]) < 20


def test_a_clip_is_shown_as_it_is_after_its_beginning(tmp_path):
    """Many begin in black."""
    source = "color=black:s=320x180:r=25:d=0.2[a];color=red:s=320x180:r=25:d=3.8[b];[a][b]concat"
    made = small(clip(tmp_path / "late.mp4", source=source))
    assert colours(made, (160, 90))[0][0] > 200


def test_there_may_be_no_thumbnail(tmp_path, monkeypatch):
    """Where one would be too large, there is none."""
    monkeypatch.setattr("easyplayer.analysis.thumbnail.MOST_BYTES", 10)
    assert small(image(tmp_path / "a.png")).read_bytes() == b""


def test_nothing_of_the_original_stands_in_the_copy(tmp_path):
    """Where and when a photograph was taken is nobody's business."""
    source = image(tmp_path / "a.jpg", "-metadata", "comment=secret place", size="5000x100")
    _, made, _ = copy(turned(tmp_path / "b.jpg", source, 1))
    assert made.still
    assert not re.search(b"Exif|secret", (tmp_path / "b.copy").read_bytes())
