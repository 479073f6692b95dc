"""The network of a venue: frames that are read, answered, lost, late and led to a login page."""

import random
import socket
import ssl
import struct
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.venue.faculties.answers import answer_name, answer_time
from tests.venue.faculties.frames import Packet, Protocol, checksum, read_packet
from tests.venue.faculties.gate import HOST, Gate, Portal, Rules
from tests.venue.faculties.network import HUB_NAME, Network
from tests.venue.faculties.portal import LoginPage
from tests.venue.faculties.road import FINE, Lane, Weather

GUEST = IPv4Address("10.0.2.15")
ELSEWHERE = IPv4Address("192.0.2.80")
PORTAL = Portal(http_port=40080, https_port=40443)
HUB_PORT = 8080
WAITS_S = 5.0


def a_packet(protocol: Protocol, target: IPv4Address, port: int, data: bytes = b"") -> Packet:
    """Make a packet of the guest's."""
    udp = struct.pack("!HH", 8 + len(data), 0) + data
    tcp = struct.pack("!IIBBHHH", 1, 0, 0x50, 2, 1024, 0, 0) + data
    body = udp if protocol is Protocol.UDP else tcp
    return Packet(
        b"\x52\x55\x0a\0\2\2", b"\x52\x54\0\x12\x34\x56", protocol, GUEST, target, 50000, port, body
    )


def a_question(name: str, kind: int = 1) -> bytes:
    """Ask for a name."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


@pytest.mark.parametrize("protocol", list(Protocol))
@given(data=st.binary(max_size=40))
def test_a_packet_that_is_written_is_read_again(protocol: Protocol, data: bytes) -> None:
    """With checksums that add up to nothing, as they must."""
    packet = a_packet(protocol, HOST, HUB_PORT, data)
    frame = packet.frame()
    assert checksum(frame[14:34]) == b"\0\0"
    carried = frame[34:]
    pseudo = GUEST.packed + HOST.packed + struct.pack("!HH", protocol, len(carried))
    assert checksum(pseudo + carried) == b"\0\0"
    again = read_packet(frame)
    assert again is not None
    assert again.frame() == frame


@given(st.binary(max_size=80))
def test_no_bytes_break_the_gate(frame: bytes) -> None:
    """What is no packet is no packet."""
    read_packet(frame)
    Gate(Rules(portal=PORTAL)).out(frame)
    Gate(Rules(portal=PORTAL)).back(frame)
    answer_name(frame, {}, HOST)


def test_only_what_is_open_goes_through() -> None:
    """A machine in a test reaches nothing else of this host, and nothing beyond."""
    gate = Gate(Rules(ports={HUB_PORT: HUB_PORT}))
    opened = a_packet(Protocol.TCP, HOST, HUB_PORT).frame()
    assert gate.out(opened) == (opened, None)
    for target, port in ((HOST, 22), (ELSEWHERE, HUB_PORT), (ELSEWHERE, 443)):
        assert gate.out(a_packet(Protocol.TCP, target, port).frame()) == (None, None)


def test_a_port_may_be_another_one_for_the_guest() -> None:
    """So a box knows the same hub in each run, and each run has its own."""
    gate = Gate(Rules(ports={80: HUB_PORT}))
    onward, _ = gate.out(a_packet(Protocol.TCP, HOST, 80).frame())
    assert onward is not None
    sent = read_packet(onward)
    assert sent is not None
    assert (sent.target, sent.target_port) == (HOST, HUB_PORT)
    back = replace(sent, source=HOST, source_port=HUB_PORT, target=GUEST, target_port=50000).frame()
    seen = read_packet(gate.back(back))
    assert seen is not None
    assert (seen.source, seen.source_port) == (HOST, 80)
    assert gate.out(a_packet(Protocol.TCP, HOST, HUB_PORT).frame()) == (None, None)


def test_a_known_name_is_answered_and_an_unknown_one_is_not_there() -> None:
    """By the gate itself: no server of the world is asked."""
    gate = Gate(Rules(names={HUB_NAME: HOST}))
    _, known = gate.out(a_packet(Protocol.UDP, IPv4Address("10.0.2.3"), 53, a_question(HUB_NAME)).frame())
    _, unknown = gate.out(a_packet(Protocol.UDP, IPv4Address("10.0.2.3"), 53, a_question("a.test")).frame())
    assert known is not None
    assert unknown is not None
    assert known.endswith(HOST.packed)
    answer = read_packet(unknown)
    assert answer is not None
    assert answer.data[3] & 15 == 3
    assert (answer.target, answer.target_port, answer.source_port) == (GUEST, 50000, 53)


def test_a_zone_may_be_known_as_a_whole() -> None:
    """Such as that of the time servers; what only ends like it is another."""
    zone = {"*.pool.ntp.org": ELSEWHERE}
    assert answer_name(a_question("2.Debian.pool.ntp.org"), zone, None).endswith(ELSEWHERE.packed)
    for other in ("pool.ntp.org", "whirlpool.ntp.org", "ntp.org"):
        assert answer_name(a_question(other), zone, None)[3] & 15 == 3


def test_a_name_has_no_address_of_another_kind() -> None:
    """A question for IPv6 is answered by an empty answer, and not by an error: so resolvers go on at once."""
    answer = answer_name(a_question(HUB_NAME, kind=28), {HUB_NAME: HOST}, None)
    assert struct.unpack("!HHHHHH", answer[:12]) == (7, 0x8180, 1, 0, 0, 0)


def test_a_time_server_says_what_it_is_told_to() -> None:
    """To a fraction of a second; its answer names the question."""
    answer = answer_time(b"\x23" + bytes(39) + b"question", 1_800_000_000.5)
    seconds, part = struct.unpack("!II", answer[40:48])
    assert (seconds - 2_208_988_800, part) == (1_800_000_000, 1 << 31)
    assert answer[24:32] == b"question"
    assert len(answer) == 48
    assert answer_time(b"short", 0.0) == b""


@pytest.mark.parametrize(("port", "portals"), [(80, 40080), (HUB_PORT, 40080), (443, 40443)])
def test_all_ways_lead_to_the_login_page_and_its_answers_seem_to_come_from_afar(
    port: int, portals: int
) -> None:
    """As in a hotel: whoever is asked, the page answers in its name."""
    gate = Gate(Rules(portal=PORTAL))
    onward, _ = gate.out(a_packet(Protocol.TCP, ELSEWHERE, port).frame())
    assert onward is not None
    sent = read_packet(onward)
    assert sent is not None
    assert (sent.target, sent.target_port) == (HOST, portals)
    back = replace(sent, source=HOST, source_port=portals, target=GUEST, target_port=50000).frame()
    seen = read_packet(gate.back(back))
    assert seen is not None
    assert (seen.source, seen.source_port) == (ELSEWHERE, port)


def test_each_name_leads_to_the_login_page() -> None:
    """Also one that does not exist."""
    gate = Gate(Rules(portal=PORTAL))
    _, answer = gate.out(a_packet(Protocol.UDP, HOST, 53, a_question("any.test")).frame())
    assert answer is not None
    assert answer.endswith(HOST.packed)


def test_a_slow_road_carries_what_it_can_and_no_more() -> None:
    """What would wait too long is lost."""
    lane = Lane(random.Random(1))
    slow = Weather(kbit_s=80, delay_s=0.5)
    arrivals = [lane.arrival_s(1000, 0.0, slow) for _ in range(15)]
    assert arrivals[:3] == pytest.approx([0.6, 0.7, 0.8])
    assert arrivals[-1] is None
    assert lane.lost == 4
    assert Lane(random.Random(1)).arrival_s(1000, 3.0, FINE) == 3.0


def test_a_lossy_road_loses_as_much_as_it_is_said_to() -> None:
    """Of many frames, within what chance does."""
    lane = Lane(random.Random(1))
    for _ in range(2000):
        lane.arrival_s(100, 0.0, Weather(loss=20))
    assert 340 < lane.lost < 460


@pytest.fixture
def network() -> Iterator[Network]:
    """Make a network, with nobody at its ends yet."""
    with Network(HUB_PORT) as made:
        yield made


def end_of(network: Network, name: str) -> socket.socket:
    """Take the place of QEMU at one end."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    end.bind(f"{network._folder}/{name}.qemu")
    end.connect(f"{network._folder}/{name}.wire")
    end.settimeout(WAITS_S)
    return end


def test_frames_pass_both_ways_and_no_more_once_the_line_is_dead(network: Network) -> None:
    """Until it is mended."""
    frame = a_packet(Protocol.TCP, HOST, HUB_PORT).frame()
    with end_of(network, "near") as guest, end_of(network, "far") as world:
        guest.send(frame)
        assert world.recv(2000) == frame
        world.send(b"hello")
        assert guest.recv(2000) == b"hello"
        network.lose_all()
        guest.send(frame)
        # The answer comes behind it, so it has been dealt with by then.
        world.send(b"lost")
        network.mend()
        guest.send(a_packet(Protocol.TCP, HOST, HUB_PORT, b"again").frame())
        assert world.recv(2000).endswith(b"again") or world.recv(2000).endswith(b"again")


class Cable:
    """A machine as far as its cable goes: each time that it is switched on, it is in."""

    is_in = True

    def command(self, name: str, /, **arguments: Any) -> None:
        assert (name, arguments["name"]) == ("set_link", "nic0")
        self.is_in = bool(arguments["up"])


def test_cable_that_was_pulled_stays_out_of_a_machine_that_is_switched_on_anew(network: Network) -> None:
    """Until it is put in again."""
    before, after, last = Cable(), Cable(), Cable()
    network.attach(before)
    assert before.is_in
    network.cut(before)
    network.attach(after)
    assert not after.is_in
    network.mend(after)
    network.attach(last)
    assert (after.is_in, last.is_in) == (True, True)


def test_a_machine_that_is_off_disturbs_nobody(network: Network) -> None:
    """And finds its network again when it is back."""
    with end_of(network, "far") as world:
        world.send(b"nobody is there")
        with end_of(network, "near") as guest:
            world.send(b"now")
            assert guest.recv(2000) in {b"nobody is there", b"now"}


def test_the_login_page_answers_everything_and_trusts_nobody(tmp_path: Path) -> None:
    """Plain: sends on to itself. With TLS: by a certificate that nobody trusts."""
    with LoginPage(tmp_path) as page:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{page.portal.http_port}/", headers={"Host": "login.hotel.test"}
        )
        with urllib.request.urlopen(asked, timeout=WAITS_S) as answer:  # noqa: S310 -- our own page
            assert b"Welcome" in answer.read()
        with (
            pytest.raises(urllib.error.URLError) as refused,
            urllib.request.urlopen(f"https://127.0.0.1:{page.portal.https_port}/", timeout=WAITS_S),
        ):
            pass
        assert isinstance(refused.value.reason, ssl.SSLCertVerificationError)
        assert page.asked == ["login.hotel.test/"]
