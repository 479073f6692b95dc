"""What boxes show in time, row by row."""

import re
from typing import Any

import pytest

from easyplayer.analysis.pictures import PictureFacts, depth_of
from easyplayer.analysis.playable import CLIPS, LONGEST, Obstacle, fastest, obstacle


def facts(**given: Any) -> PictureFacts:
    """Describe a clip of Full HD, 25 pictures a second and ten seconds; or what is given."""
    usual: dict[str, Any] = {
        "sha256": "0" * 64,
        "size_bytes": 1000,
        "still": False,
        "container": "matroska,webm",
        "codec": "h264",
        "pixel_format": "yuv420p",
        "width": 1920,
        "height": 1080,
        "frames": 250,
        "frame_rate": 25.0,
        "duration_s": 10.0,
    }
    return PictureFacts(**{**usual, **given})


def still(**given: Any) -> PictureFacts:
    """Describe an image."""
    return facts(**{"still": True, "codec": "png", "pixel_format": "rgb24", "duration_s": 0.0, **given})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"frame_rate": 60.0},
        {"frame_rate": 60.9},
        {"height": 1088},
        {"width": 1080, "height": 1920},
        {"pixel_format": "yuv420p10le", "frame_rate": 30.0},
        {"codec": "hevc", "frame_rate": 30.0},
        {"codec": "hevc", "pixel_format": "yuv420p10le", "frame_rate": 29.97},
        {"codec": "hevc", "width": 1280, "height": 720, "frame_rate": 60.0},
        {"codec": "av1", "frame_rate": 24.0},
        {"codec": "vp9"},
        {"codec": "mpeg2video", "width": 720, "height": 576},
        {"codec": "gif", "pixel_format": "bgra", "width": 320, "height": 200, "frame_rate": 50.0},
        {"codec": "mjpeg", "pixel_format": "yuvj422p"},
    ],
)
def test_what_is_shown_in_time(given):
    """Nothing is in the way of it."""
    assert obstacle(facts(**given)) is None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"width": 3840, "height": 2160}, "is too large for boxes to decode in time, with 3840x2160 pixels"),
        ({"width": 2000, "height": 500}, "is too large"),
        (
            {"frame_rate": 120.0},
            "is too fast for boxes, with 120 pictures a second .of H.264.* 60 are the most",
        ),
        ({"codec": "hevc", "frame_rate": 60.0}, "is too fast.* 30 are the most"),
        ({"pixel_format": "yuv420p10le", "frame_rate": 60.0}, "is too fast.* 30 are the most"),
        ({"width": 320, "height": 180, "frame_rate": 240.0}, "is too fast.* 60 are the most"),
        ({"pixel_format": "yuv444p"}, "has a kind of pixels .yuv444p."),
        ({"pixel_format": "yuv422p10le"}, "has a kind of pixels"),
        ({"codec": "prores", "pixel_format": "yuv422p10le"}, "is coded in a way .prores."),
        ({"codec": "rawvideo"}, "is coded in a way"),
    ],
)
def test_what_a_box_is_too_slow_for(given, reason):
    """It is told why, and of all of it a copy could be made."""
    found = obstacle(facts(**given))
    assert found is not None
    assert found.copies
    assert "H.264" in found.remedy
    assert found.verdict.reason == found.reason
    assert re.match(reason, found.reason)


def test_a_clip_must_last_but_not_for_ever():
    """No copy would help."""
    blink, film = facts(duration_s=0.04), facts(duration_s=LONGEST + 1)
    found = [obstacle(one) for one in (blink, film)]
    assert [one.copies for one in found if isinstance(one, Obstacle)] == [False, False]
    assert [one.remedy for one in found if one] == ["bring it as an image", "cut it into parts"]


def test_a_still_may_be_as_large_as_a_chip_can_hold():
    """A photograph of a camera is larger; a copy is not."""
    assert obstacle(still(width=4096, height=4096)) is None
    found = obstacle(still(width=6000, height=4000))
    assert found is not None
    assert found.copies
    assert found.reason == "is too large for boxes, with 6000x4000 pixels"


def test_a_still_of_an_unknown_kind_is_refused():
    """Whatever ffmpeg would make of it."""
    found = obstacle(still(codec="tiff"))
    assert found is not None
    assert "tiff" in found.reason


@pytest.mark.parametrize("codec", CLIPS.values(), ids=CLIPS)
def test_smaller_pictures_may_come_faster_and_never_slower(codec):
    """As fast as the most, at some size."""
    rates = [fastest(codec, pixels, deep=False) for pixels in (1920 * 1080, 1280 * 720, 640 * 360)]
    assert rates == sorted(rates)
    assert rates[-1] == 60


@pytest.mark.parametrize(
    ("name", "bits"),
    [("yuv420p", 8), ("yuv420p12le", 12), ("p016le", 16), ("gray16be", 16), ("rgb48le", 16), ("nv12", 8)],
)
def test_the_name_of_a_kind_of_pixels_tells_its_depth(name, bits):
    """As ffmpeg names them."""
    assert depth_of(name) == bits
