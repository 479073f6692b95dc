"""Changes other than the planned crossfade: segues, skips, tiny items, pauses, volume, cues."""

from pathlib import Path

import numpy as np
import pytest

from easyplayer.player_events import pause_playing, resume_playing, set_volume, skip_item
from easyplayer.units import Decibels, Milliseconds, Percent
from tests.sound.ear import amplitudes, decibels, gaps, heard, largest_step, lock_in, onset, sounding
from tests.sound.real_box import RealBox, item
from tests.sound.recorder import Recorder
from tests.sound.signals import FORMATS, Signals, decode

pytestmark = pytest.mark.sound

BLOCK_S = 0.020
"""So much the sound server asks for at a time."""
LONGEST_SEGUE_S = 0.030
WINDOW_S = 0.010


@pytest.mark.parametrize("extension", FORMATS)
def test_segue_leaves_next_to_no_silence(
    extension: str, ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """Two items that are butted together leave less than 30 ms between them; AAC may take a block more."""
    longest_s = LONGEST_SEGUE_S + (BLOCK_S if extension == "m4a" else 0.0)
    first, second = (signals.sine(hz, 4, extension) for hz in (440, 880))

    with RealBox(tmp_path / "state", [first, second], crossfade_ms=0) as box:
        box.started(second)
        ear.listen(2)

    music = sounding(ear.stop())
    assert heard(music, 440).any()
    assert heard(music, 880).any()
    assert gaps(music, min_s=longest_s) == []


def test_skip_is_heard_at_once(ear: Recorder, signals: Signals, tmp_path: Path) -> None:
    """Within 50 ms of a skip the next song is audible, and neither a gap nor a click is."""
    first, second = signals.sine(440, 30, "flac"), signals.sine(880, 30, "flac")

    with RealBox(tmp_path / "state", [first, second], crossfade_ms=4000) as box:
        box.wait_for("cue_item", lambda prepared, *_how: prepared.item.location == str(second))
        box.wait_for("item_advanced", lambda _item, position_s: position_s > 3)
        mark = box.witness.now
        box.fire(skip_item())
        asked_at = box.wait_for("skip_item", since=mark).at
        box.started(second, since=mark)
        ear.listen(2)

    recording = ear.stop()
    at_s = recording.second(asked_at)
    after = recording.between(at_s - 0.1, at_s + 1.0)
    levels = decibels(amplitudes(after, (440, 880), WINDOW_S)[:, 1])
    audible_s = float(np.argmax(levels > -45)) * WINDOW_S - 0.1
    assert -BLOCK_S <= audible_s < 0.050 + BLOCK_S
    assert gaps(sounding(recording)) == []
    assert decibels(lock_in(recording.between(at_s + 1.0, at_s + 1.5), 440)).max() < -60
    assert largest_step(recording.samples) <= sum(largest_step(decode(path)) for path in (first, second))


@pytest.mark.parametrize("extension", FORMATS)
def test_items_of_one_second_follow_one_another(
    extension: str, ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """Six items of one second each play in turn, without silence between them."""
    items = [signals.sine(400 + 100 * n, 1, extension) for n in range(6)]

    with RealBox(tmp_path / "state", items, crossfade_ms=4000) as box:
        for path in items:
            box.started(path)
        ear.listen(0.5)

    music = sounding(ear.stop())
    assert all(heard(music, 400 + 100 * n).any() for n in range(6))
    assert gaps(music, min_s=0.1) == []


def test_cues_fades_and_gain_of_an_item_are_kept(ear: Recorder, signals: Signals, tmp_path: Path) -> None:
    """An item begins at its cue in, ends at its cue out, and sounds at its own gain."""
    path = signals.noise(5, 12, "flac")
    cut = item(
        path,
        cue_in_ms=Milliseconds(3000),
        cue_out_ms=Milliseconds(7000),
        fade_in_ms=Milliseconds(0),
        fade_out_ms=Milliseconds(0),
        gain_db=Decibels(-6.0),
    )
    following = signals.noise(6, 6, "flac")

    with RealBox(tmp_path / "state", [cut, following], crossfade_ms=1000) as box:
        begun = box.started(path)
        box.started(following)
        ear.listen(1.5)

    recording = ear.stop()
    samples = decode(path)[3 * recording.rate : 7 * recording.rate]
    start_s = onset(recording, samples)
    middle = recording.between(start_s + 1, start_s + 3).mono
    assert begun.args[1] == pytest.approx(3.0, abs=0.01)
    assert 20 * np.log10(np.std(middle) / np.std(samples.mean(axis=1))) == pytest.approx(-6.0, abs=0.3)
    assert onset(recording, decode(following)[: recording.rate]) - start_s == pytest.approx(4.0, abs=0.03)


def test_pause_holds_the_song_and_resume_goes_on_there(
    ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """A pause fades to silence and holds; resuming goes on at the held position, softly."""
    song = signals.noise(7, 30, "flac")

    with RealBox(tmp_path / "state", [song], crossfade_ms=0) as box:
        box.wait_for("item_advanced", lambda _item, position_s: position_s > 2)
        box.fire(pause_playing())
        held_s = box.wait_for("player_changed", lambda state, _why: state == "paused")
        ear.listen(2)
        quiet = ear.so_far().between(ear.so_far().seconds - 1.0)
        mark = box.witness.now
        box.fire(resume_playing())
        again = box.wait_for("item_advanced", since=mark)
        ear.listen(1)

    assert np.abs(quiet.samples).max() < 0.001
    assert again.args[1] == pytest.approx(2.4, abs=0.7)
    assert held_s.at < again.at
    assert largest_step(ear.stop().samples) <= 1.05 * largest_step(decode(song))


def test_volume_moves_at_once_and_stays_within_its_limits(
    ear: Recorder, signals: Signals, tmp_path: Path
) -> None:
    """A new volume is heard within 100 ms, on the scale of the sound server, and never above the limit."""
    song = signals.sine(440, 30, "flac")

    with RealBox(
        tmp_path / "state", [song], sound={"volume": 60, "volume_highest": 80}, crossfade_ms=0
    ) as box:
        box.wait_for("item_advanced", lambda _item, position_s: position_s > 1)
        levels = []
        for volume in (100, 40):
            mark = box.witness.now
            box.fire(set_volume(Percent(volume)))
            box.wait_for("volume_changed", since=mark)
            ear.listen(0.1)
            ear.listen(0.5)
            so_far = ear.so_far()
            levels.append(float(decibels(lock_in(so_far.between(so_far.seconds - 0.3), 440)).mean()))
        told = [seen.args[0] for seen in box.witness.all("volume_changed")]

    assert told[-2:] == [80, 40]
    assert levels[0] == pytest.approx(-16 + 60 * np.log10(0.8), abs=0.3)
    assert levels[1] == pytest.approx(-16 + 60 * np.log10(0.4), abs=0.3)
