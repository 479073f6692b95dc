"""A gigabyte comes in as fast as it can, and the disk is read through: nobody hears any of it."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from easyplayer.playout.catalogue import Entry, Order, Playlist, Program
from easyplayer.playout.items import Item, Media
from easyplayer.playout.program_file import encode
from easyplayer.protocol.commands import Outcome
from easyplayer.protocol.heartbeat import Reply
from easyplayer.status_view import Status
from easyplayer.units import Instant, Seconds
from tests.fakes.hub_link import FakeHub
from tests.fakes.hub_server import HubServer
from tests.process.box_process import BoxProcess, plays
from tests.sound.ear import gaps
from tests.sound.recorder import Recorder
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = [pytest.mark.sound, pytest.mark.process]

BULKS, BULK_BYTES = 8, 128 * 1024 * 1024
SETTLES_WITHIN_S = 240.0
LOOK_EVERY_S = 0.1
COMMANDS = 3
SETTINGS = {"EASYPLAYER_STORAGE__SCRUB_KB_PER_S": "0", "EASYPLAYER_RULES__CROSSFADE_MS": "500"}


class Bulks(Mapping[str, bytes]):
    """Media that are made when they are asked for, beside those that were laid there."""

    def __init__(self, laid: dict[str, bytes]) -> None:
        self._laid = laid
        self.numbers = {hashlib.sha256(self.bulk(number)).hexdigest(): number for number in range(BULKS)}

    @staticmethod
    def bulk(number: int) -> bytes:
        """Make one."""
        return number.to_bytes(8) * (BULK_BYTES // 8)

    def __getitem__(self, sha256: str) -> bytes:
        number = self.numbers.get(sha256)
        return self._laid[sha256] if number is None else self.bulk(number)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._laid, **self.numbers})

    def __len__(self) -> int:
        return len(self._laid) + len(self.numbers)


def program_of(songs: dict[str, bytes], bulks: dict[str, int]) -> Program:
    """Make a program that plays some songs, and names a gigabyte of others that it does not play today."""
    loud = [Item(id=one[:8], location=one, media=Media(sha256=one, size=len(songs[one]))) for one in songs]
    mute = [
        Item(id=f"bulk-{number}", location=one, media=Media(sha256=one, size=BULK_BYTES))
        for one, number in bulks.items()
    ]
    entries = tuple(Entry(item=one.id) for one in loud)
    return Program(
        name="evening",
        zone="UTC",
        items=(*loud, *mute),
        playlists=(Playlist(id="all", entries=entries, order=Order.SEQUENTIAL),),
        fallback="all",
    )


def until(hub: FakeHub, what: str, attempts: Iterator[bool]) -> None:
    """Look again and again until something is so."""
    deadline = time.monotonic() + SETTLES_WITHIN_S
    for is_so in attempts:
        if is_so:
            return
        assert time.monotonic() < deadline, f"{what}: {hub.status}"
        time.sleep(LOOK_EVERY_S)


def test_music_has_no_gap_while_a_gigabyte_comes_in_and_the_disk_is_read_through(
    ear: Recorder, sound_server: SoundServer, signals: Signals, tmp_path: Path
) -> None:
    """At the full speed of the line, each byte hashed on its way in, and read and hashed once more."""
    hub = FakeHub(time.time)
    hub.claimed = True
    hub.reply = Reply(time=Instant(0.0), next_s=Seconds(1.0))
    files = [signals.sine(frequency, 12, "flac") for frequency in (440.0, 554.0, 659.0)]
    for file in files:
        hub.add_medium(file.read_bytes())
    songs, bulks = hub.media, Bulks(hub.media)
    hub.media = bulks  # type: ignore[assignment]  # it is only read from here on

    with HubServer(hub) as server:
        env = {**sound_server.env, **SETTINGS, "EASYPLAYER_HUB__URL": server.url}
        with BoxProcess(tmp_path / "box", env=env) as box:
            until(hub, "paired", iter(lambda: bool(hub.boxes), None))
            hub.publish(encode(program_of(songs, {})), revision=1)
            box.until(lambda status: status.program.startswith("evening"), 40.0)
            hub.command("switch_program", number=1)
            box.until(lambda status: plays(status) and _is_ours(status, songs), 40.0)
            from_then = time.monotonic()
            hub.publish(encode(program_of(songs, bulks.numbers)), revision=2)
            hub.command("verify_storage", number=2)
            until(hub, "complete", iter(lambda: _has(hub, len(bulks)), None))
            hub.command("verify_storage", number=3)
            until(hub, "verified", iter(lambda: len(hub.results) == COMMANDS, None))
            music = ear.stop()
    music = music.between(music.second(from_then))

    assert {result.outcome for result in hub.results.values()} == {Outcome.DONE}
    assert music.seconds > 1.0
    assert gaps(music) == []


def _has(hub: FakeHub, items: int) -> bool:
    storage = hub.status.storage if hub.status else None
    return storage is not None and storage.items == items and not storage.missing


def _is_ours(status: Status, songs: dict[str, bytes]) -> bool:
    return status.item is not None and any(one.startswith(status.item.id) for one in songs)
