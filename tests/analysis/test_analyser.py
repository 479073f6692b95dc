"""Files are what they decode to, whatever their headers and names say."""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from threading import Event

import pytest

from easyplayer.analysis import Tags, analyse
from easyplayer.analysis.content import identify
from easyplayer.analysis.decoding import Stream, measure
from easyplayer.analysis.leash import Leash
from easyplayer.errors import AnalysisError, MediaError
from tests.analysis.media import fake_tool, noise_between, render, sine, tone

pytestmark = pytest.mark.slow

JUNK = random.Random(1).randbytes(50_000)
MP3_WITHOUT_HEADER = ("-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Three seconds with half a second of silence before the sound and one after, in every format."""
    folder = tmp_path_factory.mktemp("media")
    source = render(folder / "song.wav", noise_between(0.5, 1.5, 1.0))
    for suffix in ("flac", "mp3", "ogg", "opus", "m4a"):
        subprocess.run(["ffmpeg", "-v", "error", "-i", source, folder / f"song.{suffix}"], check=True)
    return folder


@pytest.mark.parametrize(
    ("suffix", "codec", "rate", "padding_s"),
    [
        ("wav", "pcm_s16le", 44_100, 0),
        ("flac", "flac", 44_100, 0),
        ("mp3", "mp3", 44_100, 0),
        ("ogg", "vorbis", 44_100, 0),
        ("opus", "opus", 48_000, 0),
        ("m4a", "aac", 44_100, 0.03),  # ffmpeg 5 plays the padding at the end, and so does the player
    ],
)
def test_every_format_is_measured_to_the_sample(shelf, suffix, codec, rate, padding_s):
    """Duration, cues and form; lossy codecs smear the edge of a sound by some milliseconds."""
    facts = analyse(shelf / f"song.{suffix}")

    assert 3.0 - 1e-6 <= facts.duration_s <= 3.0 + padding_s + 1e-6
    assert facts.cue_in_s == pytest.approx(0.5, abs=0.03)
    assert facts.cue_out_s == pytest.approx(2.0, abs=0.03)
    assert (facts.codec, facts.sample_rate, facts.channels) == (codec, rate, 2)
    assert facts.size_bytes == (shelf / f"song.{suffix}").stat().st_size
    assert facts.sha256 == identify(shelf / f"song.{suffix}", Event()).sha256


@pytest.mark.parametrize("peak_dbfs", [-23.0, -33.0])
def test_loudness_is_what_the_standard_says(tmp_path, peak_dbfs):
    """EBU Tech 3341, cases 1 and 2: a stereo sine of 1 kHz is as loud as its peak is high, ±0.1 LU."""
    facts = analyse(render(tmp_path / "sine.wav", sine(1000, peak_dbfs, seconds=20), "-c:a", "pcm_s24le"))
    assert facts.loudness_lufs == pytest.approx(peak_dbfs, abs=0.1)
    assert facts.true_peak_dbtp == pytest.approx(peak_dbfs, abs=0.1)


def test_a_true_peak_stands_between_the_samples(tmp_path):
    """EBU Tech 3341, case 16: the samples of this sine only reach -9 dBFS, its wave -6 dB +0.2/-0.4."""
    faded = "afade=d=0.1,afade=t=out:st=0.9:d=0.1"  # a wave that is cut off sharply has higher peaks
    source = f"{sine(12_000, -6.0, seconds=1, phase='PI/4')},{faded}"
    facts = analyse(render(tmp_path / "sine.wav", source, "-c:a", "pcm_s24le"))
    assert -6.4 <= facts.true_peak_dbtp <= -5.8


def test_a_header_that_is_wrong_by_minutes_is_not_believed(tmp_path):
    """A VBR MP3 without Xing header: ffprobe guesses from the first frames' bit rate."""
    loud_then_soft = "anoisesrc=a=0.5:d=180:r=44100:seed=1,volume='if(lt(t,3),1,0)':eval=frame"
    song = render(tmp_path / "song.mp3", loud_then_soft, *MP3_WITHOUT_HEADER)
    probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", song]
    answer = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)
    declared_s = float(answer["format"]["duration"])

    facts = analyse(song)

    assert abs(declared_s - 180) > 60
    assert facts.duration_s == pytest.approx(180, abs=0.06)  # whole frames, and the encoder's delay
    assert facts.cue_out_s == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    ("layout", "channels", "rate", "codec"),
    [("mono", 1, 44_100, "pcm_s16le"), ("5.1", 6, 48_000, "pcm_s24le"), ("stereo", 2, 96_000, "pcm_s24le")],
)
def test_any_number_of_channels_and_any_rate_will_do(tmp_path, layout, channels, rate, codec):
    """Mono announcements, film sound, studio masters."""
    facts = analyse(render(tmp_path / "a.wav", tone(1, rate=rate, layout=layout), "-c:a", codec))
    assert (facts.channels, facts.sample_rate, facts.duration_s) == (channels, rate, 1.0)
    assert facts.loudness_lufs is not None


def test_channels_that_are_not_named_take_their_usual_places(tmp_path):
    """Speex says how many they are and no more; the filter that measures loudness wants to know which."""
    facts = analyse(render(tmp_path / "a.spx", tone(1, rate=32_000), "-c:a", "libspeex"))
    assert (facts.codec, facts.channels) == ("speex", 2)
    assert facts.duration_s == pytest.approx(1, abs=0.05)
    assert facts.loudness_lufs == pytest.approx(-21, abs=3)


def test_a_silent_file_is_told_clearly(tmp_path):
    """It plays, but nobody will hear it: no loudness, no peak, nothing to cut."""
    facts = analyse(render(tmp_path / "silence.flac", "anullsrc=r=44100:cl=stereo:d=2"))
    assert facts.is_silent
    assert facts.loudness_lufs is None
    assert facts.true_peak_dbtp == -120
    assert (facts.cue_in_s, facts.cue_out_s, facts.duration_s) == (0, 2, 2)


def test_a_click_is_too_short_to_have_a_loudness_but_not_silent(tmp_path):
    """The standard measures blocks of 0.4 s."""
    facts = analyse(render(tmp_path / "click.wav", tone(0.2)))
    assert facts.loudness_lufs is None
    assert not facts.is_silent


def test_a_picture_in_a_song_is_not_its_content(shelf, tmp_path):
    """An MP3 with a cover has a video stream that is none."""
    cover = render(tmp_path / "cover.png", "color=red:s=32x32", "-frames:v", "1")
    song = tmp_path / "song.mp3"
    inputs = ["-i", cover, "-i", shelf / "song.mp3", "-map", "0", "-map", "1", "-c:a", "copy"]
    tags = ["-metadata", "title=Alfie"]
    subprocess.run(
        ["ffmpeg", "-v", "error", *inputs, *tags, "-disposition:v", "attached_pic", song], check=True
    )

    facts = analyse(song)

    assert (facts.codec, facts.duration_s, facts.tags) == ("mp3", 3.0, Tags(title="Alfie"))


def test_a_film_is_measured_by_its_sound_which_may_begin_late(shelf, tmp_path):
    """Positions count from the film's start, as the player counts."""
    film = tmp_path / "film.mp4"
    picture = [
        "-f",
        "lavfi",
        "-i",
        "color=red:s=32x32:r=5:d=4",
        "-itsoffset",
        "0.7",
        "-i",
        shelf / "song.wav",
    ]
    subprocess.run(["ffmpeg", "-v", "error", *picture, "-c:v", "mpeg4", "-c:a", "aac", film], check=True)

    facts = analyse(film)

    assert facts.cue_in_s == pytest.approx(1.2, abs=0.05)
    assert facts.cue_out_s == pytest.approx(2.7, abs=0.05)
    assert facts.duration_s == pytest.approx(3.7, abs=0.05)


def test_a_wrong_name_does_no_harm(shelf, tmp_path):
    """An Ogg file called .mp3 is an Ogg file."""
    song = Path(shutil.copy(shelf / "song.ogg", tmp_path / "song.mp3"))
    assert analyse(song).codec == "vorbis"


@pytest.mark.parametrize(
    "name", [b"-y.wav", b"100%d %s.wav", b"two\nlines.wav", b"caf\xe9.wav", b"a:b|c'd\".wav", b"http:x.wav"]
)
def test_any_name_will_do(shelf, tmp_path, monkeypatch, name):
    """A name must neither be taken for an option or an address, nor searched for a pattern."""
    song = Path(os.fsdecode(name))
    monkeypatch.chdir(tmp_path)
    shutil.copy(shelf / "song.wav", song)
    assert analyse(song).duration_s == 3.0


@pytest.mark.parametrize("suffix", ["mp3", "flac", "ogg", "wav"])
def test_a_file_that_was_cut_off_is_as_long_as_what_is_left(shelf, tmp_path, suffix):
    """The header still speaks of three seconds."""
    song = tmp_path / f"song.{suffix}"
    whole = (shelf / f"song.{suffix}").read_bytes()
    song.write_bytes(whole[: len(whole) // 2])

    facts = analyse(song)

    assert 0.5 < facts.duration_s < 2.6
    assert facts.cue_in_s == pytest.approx(0.5, abs=0.03)
    assert facts.cue_out_s <= facts.duration_s


@pytest.mark.parametrize("suffix", ["mp3", "flac", "ogg", "m4a"])
def test_junk_in_the_middle_costs_what_does_not_decode(shelf, tmp_path, suffix):
    """A bad sector is no reason to refuse a song."""
    content = bytearray((shelf / f"song.{suffix}").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1000] = JUNK[:1000]
    song = tmp_path / f"song.{suffix}"
    song.write_bytes(content)
    assert 1.0 < analyse(song).duration_s <= 3.1


def test_a_file_that_changes_its_form_midway_is_measured_to_its_end(shelf, tmp_path):
    """Someone glued a mono jingle to a stereo song."""
    song = render(tmp_path / "a.mp3", tone(1), *MP3_WITHOUT_HEADER, "-id3v2_version", "0")
    jingle = render(
        tmp_path / "b.mp3", tone(1, rate=48_000, layout="mono"), *MP3_WITHOUT_HEADER, "-id3v2_version", "0"
    )
    song.write_bytes(song.read_bytes() + jingle.read_bytes())
    assert analyse(song).duration_s == pytest.approx(2.1, abs=0.1)


def content_without_index(shelf: Path) -> bytes:
    return (shelf / "song.m4a").read_bytes()[:-2000]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.mp3", b"", r"empty\.mp3 is empty; copy it again"),
        ("text.mp3", b"Dear diary", r"text\.mp3 is no music or film, or is damaged \(.+\); copy it again"),
        ("random.mp3", JUNK, r"random\.mp3 is .+; copy it again"),
        (
            "header.wav",
            lambda shelf: (shelf / "song.wav").read_bytes()[:78],
            r"header\.wav is damaged: not one",
        ),
        (
            "header.mp3",
            lambda shelf: (shelf / "song.mp3").read_bytes()[:60],
            r"header\.mp3 is .+; copy it again",
        ),
        ("cut.m4a", content_without_index, r"cut\.m4a is no music or film, or is damaged"),
        ("page.mp3", b"<html><body>404</body></html>", r"page\.mp3 is no music or film"),
    ],
)
def test_a_file_that_is_no_music_says_what_is_wrong_and_what_to_do(shelf, tmp_path, name, content, message):
    """The message names the file, for whoever holds the stick."""
    path = tmp_path / name
    path.write_bytes(content(shelf) if callable(content) else content)
    with pytest.raises(MediaError, match=message):
        analyse(path)


def test_a_film_without_sound_is_refused(tmp_path):
    """There is nothing to hear in it."""
    film = render(tmp_path / "film.mp4", "color=red:s=32x32:d=1", "-c:v", "mpeg4")
    with pytest.raises(MediaError, match=r"film\.mp4 has no sound in it \(format mov,mp4.*\); leave it out"):
        analyse(film)


def test_a_playlist_in_disguise_is_not_followed(shelf, tmp_path):
    """Its content would be other files: facts by content would be wrong, and any file could be named."""
    trap = tmp_path / "song.mp3"
    entries = f"#EXTINF:3,\n{shelf / 'song.mp3'}\n#EXT-X-ENDLIST\n"
    trap.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:20\n{entries}")
    with pytest.raises(MediaError, match=r"song\.mp3 is a list of other files, not a medium; name the files"):
        analyse(trap)


@pytest.mark.parametrize("tool", ["ffprobe", "ffmpeg"])
def test_a_file_that_crashes_the_decoder_is_refused(shelf, tmp_path, monkeypatch, tool):
    """The player has the same decoder inside: it would take the box down."""
    fake_tool(tmp_path / "bin", tool, "kill -SEGV $$")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with pytest.raises(MediaError, match=r"song\.mp3 crashes the decoder, and would crash the player"):
        analyse(shelf / "song.mp3")


def test_a_tool_that_answers_nonsense_blames_no_file(shelf, tmp_path, monkeypatch):
    """Not every failure is the file's."""
    fake_tool(tmp_path / "bin", "ffprobe", "echo hello")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with pytest.raises(AnalysisError, match=r"ffprobe gave no answer about .*song\.mp3"):
        analyse(shelf / "song.mp3")


def test_a_file_that_changes_while_it_is_analysed_has_no_facts(shelf, tmp_path, monkeypatch):
    """It is being copied; hash and measurement would be of two different files."""
    song = Path(shutil.copy(shelf / "song.wav", tmp_path / "song.wav"))

    def measure_then_grow(path: Path, stream: Stream, leash: Leash) -> object:
        measurement = measure(path, stream, leash)
        with path.open("ab") as file:
            file.write(b"more")
        return measurement

    monkeypatch.setattr("easyplayer.analysis.analyser.measure", measure_then_grow)
    with pytest.raises(MediaError, match=r"song\.wav changed while it was read; try again once it is copied"):
        analyse(song)
