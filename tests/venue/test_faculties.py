"""The faculties of a venue at a real QEMU without an operating system: a boot sector, or the BIOS."""

import http.server
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.venue.faculties.network import Network
from tests.venue.faculties.power import LoggedDisk, cut_at_random
from tests.venue.faculties.screen import Screen
from tests.venue.faculties.sound import NoMusicError, Sound
from tests.venue.faculties.stick_image import make_stick
from tests.venue.faculties.usb import Usb, card_arguments
from tests.venue.machine import Disk, Machine, Spec
from tests.venue.story import Verdict, read_story
from tests.venue.venue import SilenceError, Venue

pytestmark = pytest.mark.slow

BEEP_HZ = 440
BEEP = bytes.fromhex(
    "b0b6 e643"  # timer 2 makes a square wave
    "b098 e642 b00a e642"  # of 1,193,182 Hz / 2,712
    "e461 0c03 e661"  # the speaker is on
    "f4 ebfd"  # nothing else, for ever
)
SCRIBBLE = bytes.fromhex(
    "b80103 bb0000 b90200 ba8000 cd13"  # BIOS, write one sector from memory's start to the disk's second one
    "ebf0"  # again, for ever
)
BOOT_SECTOR_BYTES = 512
TRACKS = {"the beep": BEEP_HZ}
SOUNDS_WITHIN_S = 30.0
SHOWN_WITHIN_S = 10.0
CURSOR = r"(\x1b\[\d+;\d+H)*"


def boot_disk(path: Path, code: bytes) -> Disk:
    """Make a disk whose first sector runs some code."""
    path.write_bytes(
        code.ljust(BOOT_SECTOR_BYTES - 2, b"\0") + b"\x55\xaa" + bytes((1 << 20) - BOOT_SECTOR_BYTES)
    )
    return Disk(path=path, interface="ide")


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[Sound]:
    """Listen, before anything sounds."""
    with Sound(tmp_path) as ear:
        yield ear


def beeper(tmp_path: Path, sound: Sound) -> Machine:
    """Make a machine that does nothing but beep."""
    more = ("-machine", "pcspk-audiodev=sound")
    disk = boot_disk(tmp_path / "boot.img", BEEP)
    spec = Spec(memory_mib=32, cpus=1, disks=(disk,), sound=sound.fifo, extra=more)
    return Machine(spec, tmp_path / "machine")


def test_a_beep_is_heard_and_so_is_that_it_stops(tmp_path: Path, sound: Sound) -> None:
    """A machine that stands still sounds no more, and then goes on: the silence is as long as it stood."""
    with beeper(tmp_path, sound) as machine:
        machine.launch()
        began_s = sound.wait_for_music(SOUNDS_WITHIN_S, since_s=sound.begin_s)
        assert sound.track_now(TRACKS) == "the beep"
        machine.command("stop")
        stopped_s = time.monotonic()
        with pytest.raises(NoMusicError, match=r"no music within 1\.0 s"):
            sound.wait_for_music(1.0, since_s=stopped_s + 0.5)
        machine.command("cont")
        stood_s = time.monotonic() - stopped_s
        sound.wait_for_music(SOUNDS_WITHIN_S)
        (silence,) = sound.silences(0.3, since_s=began_s)
    assert silence.length_s == pytest.approx(stood_s, abs=0.25)
    assert silence.begin_s == pytest.approx(stopped_s, abs=0.25)


def test_the_ear_outlives_the_machine(tmp_path: Path, sound: Sound) -> None:
    """It hears the next one through the same pipe, and the silence between the two."""
    with beeper(tmp_path, sound) as machine:
        machine.launch()
        began_s = sound.wait_for_music(SOUNDS_WITHIN_S, since_s=sound.begin_s)
        cut_at_random(machine, 0.5, seed=1)
        cut_s = time.monotonic()
        with pytest.raises(NoMusicError):
            sound.wait_for_music(1.0, since_s=cut_s + 0.2)
        machine.launch()
        again_s = sound.wait_for_music(SOUNDS_WITHIN_S)
        (silence,) = sound.silences(0.3, since_s=began_s)
    assert silence.length_s == pytest.approx(again_s - cut_s, abs=0.3)
    sound.save(tmp_path / "heard.wav")
    assert (tmp_path / "heard.wav").stat().st_size > 48_000 * 4


@pytest.fixture
def web(tmp_path: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    """Serve a script for a boot ROM on this host's loopback."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "boot.ipxe").write_text("#!ipxe\necho the script has come\nsleep 600\n")

    class Files(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(tmp_path / "web"))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def netboot(tmp_path: Path, network: Network, url: str) -> Machine:
    """Make a machine whose network card's ROM asks for a script, by DHCP and HTTP."""
    user = "user,id=wire-user,ipv6=off"
    more = tuple(f"{word},bootfile={url}" if word == user else word for word in network.arguments)
    card = (
        "-netdev",
        f"{network.netdev},id=net0",
        "-device",
        "virtio-net-pci,id=nic0,netdev=net0,bootindex=0",
    )
    serial = ("-device", "sga") if Path("/usr/share/qemu/sgabios.bin").exists() else ()
    spec = Spec(memory_mib=128, cpus=1, screen=True, extra=(*more, *card, *serial))
    return Machine(spec, tmp_path / "machine")


def await_shown(machine: Machine, text: str) -> None:
    """Wait for a text on the serial line; the BIOS places each letter by itself."""
    machine.console.wait(CURSOR.join(map(re.escape, text)), timeout_s=SHOWN_WITHIN_S)


def test_a_machine_gets_through_a_bad_road_and_not_past_a_login_page(
    tmp_path: Path, web: http.server.ThreadingHTTPServer
) -> None:
    """DHCP, ARP and TCP pass this process frame by frame: what is lost is sent again."""
    url = f"http://10.0.2.2:{web.server_port}/boot.ipxe"
    with Network(web.server_port) as network, netboot(tmp_path, network, url) as machine:
        page = network.captive_portal()
        machine.launch()
        await_shown(machine, "[PXE-NBP]")  # the page, which the ROM takes for a program
        assert [asked.partition("/")[2] for asked in page.asked] == ["boot.ipxe", "login"]
        network.mend()
        network.lossy(5)
        network.slow(kbit_s=512, delay_s=0.02)
        machine.reset()
        await_shown(machine, "the script has come")


def test_sticks_and_cards_are_put_in_and_pulled(tmp_path: Path) -> None:
    """Again and again, and without the consent of whatever runs there."""
    stick = make_stick(tmp_path / "stick.img", {"a": b"a"}, size_mib=40)
    with Sound(tmp_path, name="card") as card:
        spec = Spec(memory_mib=32, cpus=1, usb=True, extra=card_arguments(card.fifo))
        with Machine(spec, tmp_path / "machine") as machine:
            machine.launch()
            usb = Usb(machine)
            names = [usb.insert(stick, read_only=True), usb.insert(stick, read_only=True)]
            assert len(set(names)) == 2
            for name in names:
                usb.pull(name)
            for _ in range(3):
                usb.pull(usb.insert(stick))
                usb.plug_sound_card()
                usb.unplug_sound_card()
    assert stick.read("a") == b"a"


def test_the_log_of_a_machine_that_was_cut_off_is_replayed(tmp_path: Path) -> None:
    """The machine writes without end; at each cut its disk has what it had, or what it wrote."""
    image = boot_disk(tmp_path / "boot.img", SCRIBBLE)
    disk = LoggedDisk(image.path, tmp_path / "writes.log")
    spec = Spec(memory_mib=32, cpus=1, disks=(Disk(path=image.path, interface="ide", log_writes=disk.log),))
    with Machine(spec, tmp_path / "machine") as machine:
        machine.launch()
        deadline_s = time.monotonic() + SOUNDS_WITHIN_S
        while len(disk.read().requests) < 20 and time.monotonic() < deadline_s:
            time.sleep(0.1)
        cut_at_random(machine, 0.2, seed=3)
    requests = disk.read().requests
    assert len(requests) >= 20
    assert {request.offset for request in requests if request.has_data} == {BOOT_SECTOR_BYTES}
    before = image.path.read_bytes()
    for crash in disk.crashes(tmp_path, 5, seed=5):
        after = crash.image.read_bytes()
        assert after[:512] + after[1024:] == before[:512] + before[1024:]


def test_a_screen_shows_what_the_machine_shows(tmp_path: Path) -> None:
    """A BIOS that finds nothing to boot says so; before it there is black."""
    with Machine(Spec(memory_mib=64, cpus=1, screen=True), tmp_path / "machine") as machine:
        machine.launch()
        screen = Screen(machine, tmp_path)
        deadline_s = time.monotonic() + SOUNDS_WITHIN_S
        while screen.look().is_black and time.monotonic() < deadline_s:
            time.sleep(0.1)
        picture = screen.look()
    assert not picture.is_black
    assert picture.lit < 0.2
    assert picture.png().startswith(b"\x89PNG")


def a_beeping_venue(tmp_path: Path) -> Venue:
    """Make a venue with a machine that does nothing but beep."""
    disk = boot_disk(tmp_path / "boot.img", BEEP)
    spec = Spec(memory_mib=32, cpus=1, disks=(disk,), screen=True, extra=("-machine", "pcspk-audiodev=sound"))
    return Venue("beep", "It beeps for ever", spec, tmp_path / "venue", reports=tmp_path / "reports")


def stand_still(venue: Venue) -> None:
    """Have a machine stand still for longer than it may be silent."""
    with venue:
        venue.know(TRACKS)
        venue.machine.launch()
        venue.wait_for_music()
        venue.expect_silence_below(0.3)
        venue.listen(0.5)  # a silence that has begun before is held to nothing
        with venue.outage("stands still", "goes on"):
            venue.machine.command("stop")
            venue.listen(1.5)
            venue.machine.command("cont")
        venue.wait_for_music()
        venue.photograph("the BIOS")


def break_off(venue: Venue) -> None:
    """Break off a story."""
    with venue:
        venue.machine.launch()
        raise ZeroDivisionError("it is broken")


@pytest.mark.venue
def test_a_venue_tells_its_story_and_fails_where_it_was_silent_for_too_long(tmp_path: Path) -> None:
    """Whatever comes of it, the report is there; and what was heard, where it failed."""
    with pytest.raises(SilenceError, match=r"silent for .* s from .* s on, 0\.3 s are allowed"):
        stand_still(a_beeping_venue(tmp_path))
    story = read_story(tmp_path / "reports" / "beep" / "story.json")
    assert story.verdict is Verdict.TOO_QUIET
    assert [fault.label for fault in story.faults] == ["stands still", "goes on"]
    assert {heard.track for heard in story.tracks} == {"", "the beep"}
    assert (tmp_path / "reports" / "beep" / "heard.wav").stat().st_size > 48_000 * 4
    assert (tmp_path / "reports" / "index.html").exists()


def test_a_story_that_breaks_is_told_all_the_same(tmp_path: Path) -> None:
    """With what broke it; and nothing of the venue is left."""
    venue = a_beeping_venue(tmp_path)
    with pytest.raises(ZeroDivisionError):
        break_off(venue)
    story = read_story(tmp_path / "reports" / "beep" / "story.json")
    assert (story.verdict, story.reason) == (Verdict.BROKEN, "ZeroDivisionError: it is broken")
    assert not venue.machine.is_running
    assert not venue.sound.fifo.exists()
