"""Never silent by failure: what breaks, breaks on the real parts, and music goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sound.broken import Broken
from tests.sound.ear import gaps, heard, sounding
from tests.sound.real_box import RealBox
from tests.sound.recorder import Recorder
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = pytest.mark.sound

GOES_ON_WITHIN_S = 2.0
ENDED_WITHIN_S = 14.0
MUSIC_HZ = 440
OTHER_HZ = 880
AUDIBLE_DB = -40.0


def heard_again(box: RealBox, since: int, within_s: float) -> None:
    """Wait until the box's own meter hears music at the output again."""
    box.wait_for("level_heard", lambda level: level.peak_db > AUDIBLE_DB, since=since, timeout_s=within_s)


def went_silent(box: RealBox, since: int) -> int:
    """Wait until the music has stopped; tell from where in the record on."""
    box.wait_for("player_changed", lambda state, _why: state == "no-sound", since=since, timeout_s=5)
    return box.witness.now


UNPLAYABLE: dict[str, Callable[[Broken], Path]] = {
    "zero-byte": Broken.zero_byte,
    "text": Broken.text,
    "random": Broken.random_bytes,
    "header-only": Broken.header_only,
    "no-moov": Broken.m4a_without_moov,
    "missing": lambda _broken: Path("/nowhere/at/all.flac"),
}
ODD: dict[str, Callable[[Signals, Broken], Path]] = {
    "mono": lambda signals, _: signals.mono(OTHER_HZ, 4),
    "5.1": lambda signals, _: signals.surround(OTHER_HZ, 4),
    "96 kHz": lambda signals, _: signals.high_resolution(OTHER_HZ, 4),
    "wrong name": lambda _, broken: broken.wrong_extension(),
    "junk in flac": lambda _, broken: broken.junk_in_the_middle("flac"),
    "junk in mp3": lambda _, broken: broken.junk_in_the_middle("mp3"),
    "junk in ogg": lambda _, broken: broken.junk_in_the_middle("ogg"),
    "junk in m4a": lambda _, broken: broken.junk_in_the_middle("m4a"),
    "cut mp3": lambda _, broken: broken.truncated("mp3"),
    "cut flac": lambda _, broken: broken.truncated("flac"),
    "cut ogg": lambda _, broken: broken.truncated("ogg"),
    "no header of lengths": lambda signals, _: signals.mp3_vbr_without_xing(4),
}


@pytest.mark.parametrize("kind", UNPLAYABLE)
def test_unplayable_file_is_told_and_passed_over_without_a_gap(
    kind: str, ear: Recorder, signals: Signals, broken: Broken, tmp_path: Path
) -> None:
    """A file that cannot be played is left out with its reason; the songs around it still cross."""
    first, last = signals.sine(MUSIC_HZ, 4, "flac"), signals.sine(OTHER_HZ, 4, "flac")
    bad = UNPLAYABLE[kind](broken)

    with RealBox(tmp_path / "state", [first, bad, last], crossfade_ms=1000) as box:
        told = box.wait_for("item_left_out", lambda place, _why: place == str(bad))
        box.started(last)
        ear.listen(2)

    assert bad.name in told.args[1]
    music = sounding(ear.stop())
    assert gaps(music) == []
    assert heard(music, OTHER_HZ).any()


@pytest.mark.parametrize("kind", ODD)
def test_odd_file_plays_like_any_other(
    kind: str, ear: Recorder, signals: Signals, broken: Broken, tmp_path: Path
) -> None:
    """Odd, cut and damaged files sound, and the next song follows without silence between."""
    first, odd = signals.sine(MUSIC_HZ, 3, "flac"), ODD[kind](signals, broken)

    with RealBox(tmp_path / "state", [first, odd], crossfade_ms=500) as box:
        begun = box.started(odd)
        since = box.witness.now
        box.started(first, since=since, timeout_s=20)
        ear.listen(1)

    assert begun.args[0].cue_out_s is not None
    assert gaps(sounding(ear.stop()), min_s=0.3) == []


def test_item_that_breaks_off_gives_way_at_once(ear: Recorder, signals: Signals, tmp_path: Path) -> None:
    """A file that is cut while it plays ends early; the next one starts without silence."""
    first, last = tmp_path / "first.mp3", signals.sine(OTHER_HZ, 6, "flac")
    whole = signals.sine(MUSIC_HZ, 40, "mp3").read_bytes()
    first.write_bytes(whole)

    with RealBox(tmp_path / "state", [first, last], crossfade_ms=1000) as box:
        box.wait_for(
            "item_prepared", lambda prepared, measured: measured and prepared.item.location == str(first)
        )
        box.wait_for("cue_item", lambda prepared, *_how: prepared.item.location == str(last))
        with first.open("r+b") as file:
            file.truncate(len(whole) // 8)
        box.started(last, timeout_s=10)
        ear.listen(1)

    assert gaps(sounding(ear.stop())) == []


def test_killed_sound_server_is_waited_for_and_the_song_goes_on(
    sound_server: SoundServer, signals: Signals, tmp_path: Path
) -> None:
    """When the server comes back, the same song goes on where it was, within two seconds."""
    song = signals.sine(MUSIC_HZ, 30, "flac")
    with RealBox(tmp_path / "state", [song], crossfade_ms=0) as box:
        at_s = box.wait_for("item_advanced", lambda _item, position_s: position_s > 2).args[1]
        mark = box.witness.now
        sound_server.kill()
        went_silent(box, mark)
        mark = box.witness.now
        sound_server.start()
        again = box.started(song, since=mark, timeout_s=GOES_ON_WITHIN_S)
        heard_again(box, box.witness.now, GOES_ON_WITHIN_S)

    assert again.args[1] == pytest.approx(at_s, abs=2)


def test_own_sound_server_that_is_killed_or_hangs_is_started_anew(
    signals: Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box's own silent server is replaced, and the song goes on within two seconds."""
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    song = signals.sine(MUSIC_HZ, 30, "flac")
    with RealBox(tmp_path / "state", [song], sink="null", crossfade_ms=0) as box:
        box.wait_for("item_advanced", lambda _item, position_s: position_s > 1)
        for harm in ("kill", "freeze"):
            mark = box.witness.now
            box.hurt_own_server(harm)
            went_silent(box, mark)
            heard_again(box, box.witness.now, GOES_ON_WITHIN_S)


def test_hanging_sound_server_is_told_and_music_goes_on_when_it_does(
    sound_server: SoundServer, signals: Signals, tmp_path: Path
) -> None:
    """Where nobody ends a foreign server that hangs, the box says so, and goes on with it."""
    song = signals.sine(MUSIC_HZ, 30, "flac")
    with RealBox(tmp_path / "state", [song], crossfade_ms=0) as box:
        box.wait_for("item_advanced", lambda _item, position_s: position_s > 1)
        mark = box.witness.now
        sound_server.freeze()
        told = box.wait_for("sound_lost", since=mark, timeout_s=3)
        mark = box.witness.now
        sound_server.thaw()
        heard_again(box, mark, GOES_ON_WITHIN_S)
        box.started(song, since=mark, timeout_s=GOES_ON_WITHIN_S)

    assert "has not answered" in told.args[0]


def test_sound_server_that_goes_on_hanging_is_ended_and_the_song_goes_on(
    sound_server: SoundServer, signals: Signals, tmp_path: Path
) -> None:
    """Where the machine has it ended and started anew, the song is back, where it was, within 14 seconds."""

    def end_server() -> None:
        sound_server.kill()
        sound_server.start()

    song = signals.sine(MUSIC_HZ, 30, "flac")
    with RealBox(tmp_path / "state", [song], crossfade_ms=0, end_sound_server=end_server) as box:
        at_s = box.wait_for("item_advanced", lambda _item, position_s: position_s > 2).args[1]
        mark = box.witness.now
        sound_server.freeze()
        went_silent(box, mark)
        again = box.started(song, since=mark, timeout_s=ENDED_WITHIN_S)
        heard_again(box, box.witness.now, GOES_ON_WITHIN_S)

    assert again.args[1] == pytest.approx(at_s, abs=2)


def test_suspended_sink_is_woken(sound_server: SoundServer, signals: Signals, tmp_path: Path) -> None:
    """A sink that is put to sleep while music plays is woken within two seconds."""
    song = signals.sine(MUSIC_HZ, 30, "flac")
    with RealBox(tmp_path / "state", [song], crossfade_ms=0) as box:
        box.wait_for("item_advanced", lambda _item, position_s: position_s > 1)
        sound_server.suspend()
        mark = box.witness.now
        box.wait_for("item_advanced", since=mark, timeout_s=GOES_ON_WITHIN_S)
        heard_again(box, box.witness.now, GOES_ON_WITHIN_S)


def test_vanished_sink_gives_way_to_another(
    sound_server: SoundServer, signals: Signals, tmp_path: Path
) -> None:
    """When its sink vanishes, music goes on at another one; when it is back, it returns there."""
    song = signals.sine(MUSIC_HZ, 60, "flac")
    with RealBox(tmp_path / "state", [song], crossfade_ms=0) as box:
        box.wait_for("item_advanced", lambda _item, position_s: position_s > 1)
        sound_server.load_sink("spare")
        mark = box.witness.now
        sound_server.unload_sink()
        box.wait_for("sound_found", lambda sink, _own: sink == "spare", since=mark, timeout_s=2)
        heard_again(box, box.witness.now, GOES_ON_WITHIN_S)
        mark = box.witness.now
        sound_server.load_sink()
        box.wait_for("sound_found", lambda sink, _own: sink == "venue", since=mark, timeout_s=2)
        heard_again(box, box.witness.now, GOES_ON_WITHIN_S)


def test_only_sink_that_vanishes_is_waited_for(
    sound_server: SoundServer, signals: Signals, tmp_path: Path
) -> None:
    """Where no sink is left, the box waits, and goes on within two seconds of its return."""
    song = signals.sine(MUSIC_HZ, 60, "flac")
    with RealBox(tmp_path / "state", [song], crossfade_ms=0) as box:
        box.wait_for("item_advanced", lambda _item, position_s: position_s > 1)
        mark = box.witness.now
        sound_server.unload_sink()
        went_silent(box, mark)
        mark = box.witness.now
        sound_server.load_sink()
        box.started(song, since=mark, timeout_s=GOES_ON_WITHIN_S)
        heard_again(box, box.witness.now, GOES_ON_WITHIN_S)


def test_nothing_playable_plays_the_fallback(
    ear: Recorder, signals: Signals, broken: Broken, tmp_path: Path
) -> None:
    """Where all that was asked for is broken, what the firmware brings along is heard."""
    fallback = signals.sine(OTHER_HZ, 5, "flac")
    with RealBox(tmp_path / "state", [broken.text(), broken.zero_byte()], fallback=[fallback]) as box:
        box.wait_for("fallback_needed")
        box.started(fallback)
        ear.listen(1)

    assert heard(sounding(ear.stop()), OTHER_HZ).any()


def test_box_that_was_there_before_the_sound_server_moves_to_it(
    sound_server: SoundServer, signals: Signals, tmp_path: Path
) -> None:
    """A box that plays to nobody, because there was no server yet, goes over to it when it comes."""
    song = signals.sine(MUSIC_HZ, 60, "flac")
    sound_server.stop()
    with RealBox(tmp_path / "state", [song], sink="", crossfade_ms=0) as box:
        box.wait_for("sound_found", lambda _sink, own: own)
        before = box.wait_for("item_advanced", lambda _item, position_s: position_s > 1)
        mark = box.witness.now
        sound_server.start()
        box.wait_for("sound_found", lambda sink, own: sink == "venue" and not own, since=mark, timeout_s=8)
        mark = box.witness.now
        again = box.started(song, since=mark, timeout_s=GOES_ON_WITHIN_S)
        heard_again(box, mark, GOES_ON_WITHIN_S)

    assert again.args[1] >= before.args[1] - 1
