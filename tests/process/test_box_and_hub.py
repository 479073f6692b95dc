"""A box and its hub, as two real processes with a real sound server between them and the ear."""

import json
import wave
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from easyplayer.protocol.commands import Name
from tests.hub import postgres
from tests.process.box_process import plays
from tests.process.paired import NAME, VENUE, Paired
from tests.sound.ear import gaps, heard, sounding
from tests.sound.recorder import Recorder
from tests.sound.recording import Recording
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.process, pytest.mark.sound]

DONE = {
    Name.PLAYER_INFO: (), Name.PROGRAM_DATA: (), Name.STATUS: (), Name.PAUSE: (), Name.RESUME: (),
    Name.SKIP: (), Name.SET_VOLUME: ("volume=70",), Name.FADE_OUT: ("seconds=0.5",), Name.PLAY: (),
    Name.SYNC_NOW: (), Name.RESCAN_STORAGE: (), Name.VERIFY_STORAGE: (), Name.SET_LOG_LEVEL: ("level=debug",),
    Name.REHEARSE_OFFLINE: ("minutes=0.05",), Name.CLOSE_SUPPORT: (),
}  # fmt: skip
"""Commands that this box does, with what they are told."""
VOICES = ((700, 60.0), (1100, 2.0), (1500, 2.0))
"""Pitch and length of the music, of what is said over it, and of the emergency."""
NOT_HERE = (
    Name.SCREENSHOT,
    Name.SHOW_MESSAGE,
    Name.UPDATE,
    Name.ROLLBACK,
    Name.REBOOT,
    Name.POWER_OFF,
    Name.RESTART_PLAYER,
    Name.OPEN_SUPPORT,
)
"""Commands that need what a box in a test has not: a screen, an image, systemd, a support server."""
ARGUMENTS = {Name.OPEN_SUPPORT: ("why=no sound",), Name.ROLLBACK: ("what=software",)}


@pytest.fixture
def paired(request: pytest.FixtureRequest, sound_server: SoundServer, tmp_path: Path) -> Iterator[Paired]:
    """Give a box that is paired with a hub, whose database is SQLite unless the test says otherwise."""
    if getattr(request, "param", "sqlite") == "sqlite":
        with Paired(tmp_path, "", sound_server.env) as pair:
            yield pair
        return
    with postgres.cluster() as folder:
        postgres.run(folder, "CREATE DATABASE hub")
        with Paired(tmp_path, postgres.url(folder, "hub"), sound_server.env) as pair:
            yield pair


ELSEWHERE = {
    Name.LISTEN, Name.COLLECT_LOGS, Name.ANNOUNCE, Name.EMERGENCY, Name.SWITCH_PROGRAM, Name.FORGET,
}  # fmt: skip
"""Commands that have tests of their own, here or of the Workshop."""


def test_no_command_is_left_out() -> None:
    """One that is added is given to a real box, too."""
    assert {*DONE, *NOT_HERE, *ELSEWHERE} == {*Name} - {Name.UNKNOWN}


on_both_databases = pytest.mark.parametrize("paired", ["sqlite", "postgresql"], indirect=True)


@on_both_databases
def test_program_that_is_published_is_heard_and_what_was_heard_is_in_the_hubs_log(
    paired: Paired, signals: Signals, ear: Recorder
) -> None:
    """From the file on the operator's disk to the ear, and back into the log."""
    low, high = signals.sine(700, 6.0, "flac"), signals.sine(1100, 6.0, "mp3")

    paired.publish(low, high)
    paired.until_program("evening")
    paired.command("skip")
    for song in (low, high, low):
        paired.until_on_air(song)
    recording = ear.stop()

    for hertz in (700, 1100):
        assert heard(recording, hertz).sum() > 100, f"{hertz} Hz did not sound for two seconds"
    rows = until_logged(paired, high.stem)
    played = [row for row in rows if row["title"] in {low.stem, high.stem}]
    assert all(row["venue"] == VENUE and row["trust"] == "trusted" for row in played)
    assert all(abs(float(row["heard_s"]) - 6.0) < 0.5 for row in played if row["ended"] == "played")
    (log,) = paired.hub.ask("log", "gaps", paired.box_id)
    assert log["gaps"] == []


def test_each_command_comes_to_what_it_should(paired: Paired, signals: Signals, ear: Recorder) -> None:
    """Those of this machine are done, and the others are answered."""
    paired.publish(signals.sine(700, 60.0, "flac"))
    paired.until_program("evening")
    paired.command("skip")
    paired.box.until(plays)

    for name, arguments in DONE.items():
        assert paired.command(name, *arguments)["state"] == "done", name
    for name in NOT_HERE:
        result = paired.command(name, *ARGUMENTS.get(name, ()))
        assert result["state"] == "unavailable", name
        assert "not available on this box" in result["result"]["text"], name
    assert paired.box.until(plays).volume == 70


def test_new_program_is_heard_at_once_where_the_operator_says_so(
    paired: Paired, signals: Signals, ear: Recorder
) -> None:
    """Else the song that plays would be heard to its end."""
    before, after = signals.sine(700, 60.0, "flac"), signals.sine(1100, 60.0, "flac")
    paired.publish(before, name="first")
    paired.until_program("first")
    paired.command("switch_program")
    paired.until_on_air(before)

    paired.publish(after, name="second")
    paired.until_program("second")
    assert paired.box.status().item is not None
    assert heard(ear.so_far().between(ear.so_far().seconds - 1.0), 700).all()
    assert paired.command("switch_program")["state"] == "done"
    paired.until_on_air(after)


def test_operator_hears_what_the_room_hears(paired: Paired, signals: Signals, ear: Recorder) -> None:
    """A recording, and the box's log, come with the results."""
    paired.publish(signals.sine(700, 60.0, "flac"))
    paired.until_program("evening")
    paired.command("skip")
    paired.box.until(plays)

    sound, log = paired.home / "room.wav", paired.home / "box.log"
    assert paired.command("listen", "seconds=3", save=sound)["state"] == "done"
    assert paired.command("collect_logs", save=log)["state"] == "done"

    with wave.open(str(sound)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, channels)
    recording = Recording(samples / 32_768, rate, 0.0, np.zeros((0, 2)))
    assert recording.seconds == pytest.approx(3.0, abs=0.5)
    assert heard(recording, 700).mean() > 0.9
    assert "claimed at" in log.read_text()


def test_voice_of_the_operator_comes_over_the_music_and_an_emergency_in_its_place(
    paired: Paired, signals: Signals, ear: Recorder
) -> None:
    """Both are fetched from the hub; when the emergency is over, the program goes on."""
    music, call, alarm = (signals.sine(hertz, seconds, "flac") for hertz, seconds in VOICES)
    paired.hub.tell("media", "add", call, alarm)
    digests = {path: sha256(path.read_bytes()).hexdigest() for path in (call, alarm)}
    paired.publish(music)
    paired.until_program("evening")
    paired.command("skip")
    paired.until_on_air(music)

    said = paired.command("announce", "item=call", f"media={digests[call]}", "title=Last orders")
    assert said["state"] == "done", said
    assert heard(ear.stop(), 1100).sum() > 50

    ear.start()
    begun = paired.command("emergency", "item=alarm", f"media={digests[alarm]}", "title=Leave the house")
    assert begun["state"] == "done", begun
    ear.listen(3.0)
    assert heard(ear.stop(), 1500).sum() > 50
    assert paired.command("emergency")["state"] == "done"
    paired.until_on_air(music)


@on_both_databases
def test_hub_that_is_away_is_not_missed_by_the_music_nor_by_the_log(
    paired: Paired, signals: Signals, ear: Recorder
) -> None:
    """It is killed, and comes back: no gap in the sound, none in the log, and nothing in it twice."""
    songs = [signals.sine(hertz, 3.0, "flac") for hertz in (700, 900, 1100)]
    paired.publish(*songs)
    paired.until_program("evening")
    paired.command("skip")
    paired.until_on_air(songs[0])
    ear.start()

    paired.hub.kill()
    for song in (*songs[1:], *songs):
        paired.until_on_air(song)
    recording = ear.stop()
    paired.hub.start()
    paired.hub.await_health()

    assert gaps(sounding(recording), min_s=0.05) == []
    rows = until_logged(paired, songs[2].stem, times=2)
    numbers = [row["number"] for row in rows]
    assert len(numbers) == len(set(numbers))
    (log,) = paired.hub.ask("log", "gaps", paired.box_id)
    assert log["gaps"] == []


def test_blocked_box_is_silent_and_plays_on_when_it_may_again(paired: Paired) -> None:
    """The reason is shown where the box is."""
    paired.box.until(plays, 30)

    paired.hub.tell("box", "block", paired.box_id, "the fee is due", "--yes")
    silent = paired.box.until(lambda status: not status.allowed and status.state == "stopped", 30)
    assert silent.verdict == "blocked by the hub: the fee is due"

    paired.hub.tell("box", "unblock", paired.box_id)
    paired.box.until(plays, 30)


def test_box_that_is_forgotten_waits_to_be_claimed_anew(paired: Paired) -> None:
    """The music goes on meanwhile, and its old identity is worth nothing any more."""
    paired.box.until(plays, 30)

    paired.hub.tell("box", "forget", paired.box_id, "--yes")
    waiting = paired.box.until(lambda status: bool(status.hub.claim_code), 90)
    assert plays(paired.box.until(plays, 10))
    paired.hub.tell("box", "claim", waiting.hub.claim_code, "--venue", VENUE)
    paired.box.until(lambda status: status.hub.place.startswith(NAME), 30)


def until_logged(paired: Paired, title: str, times: int = 1) -> list[dict[str, Any]]:
    """Have the box deliver its log until something is in it so many times; give all of it."""
    rows: list[dict[str, Any]] = []
    for _ in range(30):
        paired.command("sync_now")
        file = paired.home / "log.jsonl"
        paired.hub.tell("log", "export", "--venue", VENUE, "-o", file)
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        if sum(row["title"] == title for row in rows) >= times:
            return rows
    raise AssertionError(f"{title} did not come {times} times: {rows}")
