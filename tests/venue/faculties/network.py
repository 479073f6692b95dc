"""The network of a venue: a cable that can be pulled, a road that can be bad, and a gate with a login page.

All frames between a machine's card and QEMU's user mode network pass through this process (decision 0062),
one datagram each, between two pairs of UNIX sockets. So they can really be lost, late, answered, or sent
elsewhere.
"""

import contextlib
import heapq
import os
import random
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, Self

from tests.venue.faculties.gate import HOST, Gate, Rules
from tests.venue.faculties.portal import LoginPage
from tests.venue.faculties.road import FINE, Lane, Weather

LARGEST_FRAME = 1 << 17
BUFFER_BYTES = 1 << 21
THREAD_ENDS_S = 5.0
CARD = "nic0"
TIME_SERVER = IPv4Address("192.0.2.123")
TIME_SERVERS = "*.pool.ntp.org"
HUB_NAME = "hub.venue.test"
HUB_PORT = 80
"""Where a box finds the hub in each venue, whatever its port is on this host."""


class Cabled(Protocol):
    """A machine with a cable."""

    def command(self, name: str, /, **arguments: Any) -> object:
        """Give it a command of QEMU's."""


class Network:
    """The network between one machine and this host.

    It is there before the machine is, and stays over its restarts and restores.

    :param ports: ports (TCP) of this host's loopback that are open to the guest, as ``10.0.2.2``.
    :param seed: chance of what is lost.
    :ivar gate: what goes through, and what is answered here.
    """

    def __init__(self, *ports: int, seed: int = 0) -> None:
        self.gate = Gate(
            Rules(ports={port: port for port in ports}, names={HUB_NAME: HOST, TIME_SERVERS: TIME_SERVER})
        )
        self._weather: Weather = FINE
        self._is_dead = self._is_cut = False
        chance = random.Random(seed)
        self._lanes = {"out": Lane(chance), "back": Lane(chance)}
        self._due: list[tuple[float, int, socket.socket, str, bytes]] = []
        self._count = 0
        self._page: LoginPage | None = None
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        # Paths of UNIX sockets are short, and those of tests are not.
        self._folder = Path(self._open.enter_context(TemporaryDirectory(prefix="wire-")))
        self._near, self._far = self._socket("near"), self._socket("far")
        stop, self._stop = os.pipe()
        self._open.callback(os.close, stop)
        self._thread = threading.Thread(target=self._carry, args=(stop,), name="wire", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._stop)
        self._thread.join(THREAD_ENDS_S)
        self._open.close()

    # -- how it is built -------------------------------------------------------------------------

    @property
    def netdev(self) -> str:
        """QEMU's ``-netdev`` for the machine's card, without its ``id``."""
        return self._netdev("near")

    @property
    def arguments(self) -> tuple[str, ...]:
        """More of QEMU's arguments: the far side, which is a network in user mode."""
        return (
            *("-netdev", f"{self._netdev('far')},id=wire-far"),
            *("-netdev", "user,id=wire-user,ipv6=off"),
            *("-netdev", "hubport,id=wire-hub0,hubid=0,netdev=wire-far"),
            *("-netdev", "hubport,id=wire-hub1,hubid=0,netdev=wire-user"),
        )

    # -- what may happen to it -------------------------------------------------------------------

    def cut(self, machine: Cabled) -> None:
        """Pull the cable: the card has no carrier any more."""
        self._is_cut = True
        machine.command("set_link", name=CARD, up=False)

    def attach(self, machine: Cabled) -> None:
        """Have a machine that was switched on find its cable as it was: QEMU begins with one that is in."""
        if self._is_cut:
            machine.command("set_link", name=CARD, up=False)

    def mend(self, machine: Cabled | None = None) -> None:
        """Put the cable in again, and have all be well."""
        self._is_dead, self._weather = False, FINE
        self.gate.rules = replace(self.gate.rules, portal=None)
        if machine is not None:
            self._is_cut = False
            machine.command("set_link", name=CARD, up=True)

    def lose_all(self) -> None:
        """Let nothing through any more, while the cable is in: the line behind the venue's router is dead."""
        self._is_dead = True

    def slow(self, kbit_s: float, delay_s: float = 0.0) -> None:
        """Carry so many thousands of bits a second each way, each frame so late."""
        self._weather = replace(self._weather, kbit_s=kbit_s, delay_s=delay_s)

    def lossy(self, percent: float) -> None:
        """Lose so many of a hundred frames, each way."""
        self._weather = replace(self._weather, loss=percent)

    def captive_portal(self) -> LoginPage:
        """Put a login page in the way: each name leads to it, and each connection ends there."""
        if self._page is None:
            self._page = self._open.enter_context(LoginPage(self._folder))
        self.gate.rules = replace(self.gate.rules, portal=self._page.portal)
        return self._page

    def time_server(self, time: Callable[[], float] | None) -> None:
        """Have all time servers say this time, in seconds since 1970; None: none answers."""
        self.gate.rules = replace(self.gate.rules, time=time)

    def open_port(self, port: int, seen_as: int | None = None) -> None:
        """Open one more port (TCP) of this host to the guest.

        :param seen_as: its number for the guest, so that what the guest knows is the same in each run.
        """
        ports = {**self.gate.rules.ports, port if seen_as is None else seen_as: port}
        self.gate.rules = replace(self.gate.rules, ports=ports)

    def name(self, names: Mapping[str, IPv4Address]) -> None:
        """Let more names be known."""
        self.gate.rules = replace(self.gate.rules, names={**self.gate.rules.names, **names})

    @property
    def frames_lost(self) -> int:
        """How many frames the road has lost."""
        return sum(lane.lost for lane in self._lanes.values())

    # -- the thread ------------------------------------------------------------------------------

    def _carry(self, stop: int) -> None:
        while True:
            wait_s = max(0.0, self._due[0][0] - time.monotonic()) if self._due else None
            ends: list[socket.socket | int] = [self._near, self._far, stop]
            ready = select.select(ends, [], [], wait_s)[0]
            if stop in ready:
                return
            if self._near in ready:
                self._from_guest(self._near.recv(LARGEST_FRAME))
            if self._far in ready:
                self._send("back", self.gate.back(self._far.recv(LARGEST_FRAME)))
            self._deliver()

    def _from_guest(self, frame: bytes) -> None:
        onward, answer = self.gate.out(frame)
        if onward is not None:
            self._send("out", onward)
        if answer is not None:
            self._send("back", answer)

    def _send(self, way: str, frame: bytes) -> None:
        now_s = time.monotonic()
        arrival_s = self._lanes[way].arrival_s(len(frame), now_s, self._weather)
        if arrival_s is None or self._is_dead:
            return
        end, name = (self._far, "far") if way == "out" else (self._near, "near")
        self._count += 1
        heapq.heappush(self._due, (arrival_s, self._count, end, name, frame))

    def _deliver(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _, _, end, name, frame = heapq.heappop(self._due)
            # A machine that is off, or one that does not keep up, gets nothing: as on any wire.
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError, BlockingIOError):
                end.sendto(frame, str(self._folder / f"{name}.qemu"))

    def _socket(self, name: str) -> socket.socket:
        end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._open.callback(end.close)
        end.setblocking(False)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            end.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        end.bind(str(self._folder / f"{name}.wire"))
        return end

    def _netdev(self, name: str) -> str:
        here, there = self._folder / f"{name}.qemu", self._folder / f"{name}.wire"
        return f"dgram,local.type=unix,local.path={here},remote.type=unix,remote.path={there}"
