"""A box and a hub as they live with a line between them, over the networks that venues have."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from easyplayer.status_view import Status
from tests.fakes.certificates import Authority
from tests.process.box_process import BoxProcess, easyplayer, plays
from tests.process.hard_way import Habit, HardWay
from tests.process.narrow_way import NarrowWay
from tests.process.paired import VENUE, Paired
from tests.sound.ear import gaps
from tests.sound.recorder import Recorder
from tests.sound.signals import Signals
from tests.sound.venue_sound import SoundServer

pytestmark = pytest.mark.slow

HEARTBEAT_S = 2.0
COMES_UP_S = 30.0
SILENCE_S = 60.0
"""So long may it take until an end notices that nothing comes from the other: the interval of the pings,
their patience, and what a busy machine takes."""
LOOK_EVERY_S = 0.2
DAY = timedelta(days=1)
PITCH = 700.0
LINES = 'easyplayer_hub_live_lines{kind="box"}'
WITHIN_S = 5.0
"""A command that goes by the line is done within this, on a busy machine."""


@pytest.fixture
def home(signals: Signals, sound_server: SoundServer, tmp_path: Path) -> Paired:
    """Give a hub and a box to be, whose music is one steady tone."""
    music = signals.sine(PITCH, 600.0, "flac")
    env = {**sound_server.env, "EASYPLAYER_MUSIC__PLACES": str(music)}
    return Paired(tmp_path, "", env, heartbeat_s=HEARTBEAT_S)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Give what everything that a test starts ends with."""
    with ExitStack() as stack:
        yield stack


def live(how: str) -> Callable[[Status], bool]:
    """Tell whether the box has its line, by some transport; empty is none."""
    return lambda status: status.hub.live == how


def lines_at(paired: Paired) -> int:
    """Count the boxes' lines that the hub has."""
    token = (paired.hub.state / "admin.token").read_text().strip()
    told = httpx.get(f"{paired.hub.url}/metrics", headers={"Authorization": f"Bearer {token}"}).text
    counts = [line.split()[-1] for line in told.splitlines() if line.startswith(LINES)]
    return int(float(counts[0])) if counts else 0


def until_lines(paired: Paired, count: int, within_s: float = COMES_UP_S) -> None:
    """Wait until the hub has so many lines."""
    deadline = time.monotonic() + within_s
    while (found := lines_at(paired)) != count:
        assert time.monotonic() < deadline, f"{found} lines, not {count}"
        time.sleep(LOOK_EVERY_S)


def obeys(paired: Paired) -> None:
    """Give a command, and see that it is done."""
    volume = 40 + int(time.monotonic()) % 50
    assert paired.command("set_volume", f"volume={volume}")["state"] == "done"
    paired.box.until(lambda status: status.volume == volume, WITHIN_S)


def obeys_at_once(paired: Paired) -> None:
    """Give a command, and see that it did not wait for a heartbeat."""
    before = time.monotonic()
    obeys(paired)
    assert time.monotonic() - before < WITHIN_S


@pytest.mark.sound
def test_a_hub_that_is_killed_or_ended_gets_its_line_back(home: Paired, ear: Recorder) -> None:
    """Each time the box knows at once, says why, and plays on as if nothing were."""
    with home as paired:
        paired.box.until(live("websocket"), COMES_UP_S)
        began = ear.so_far().seconds

        paired.hub.kill()
        assert "cut" in paired.box.until(live(""), 5.0).hub.not_live
        paired.hub.start()
        paired.box.until(live("websocket"), SILENCE_S)
        obeys_at_once(paired)

        code, took_s = paired.hub.end()
        assert (code, took_s < 5.0) == (0, True)
        assert "the hub has ended it" in paired.box.until(live(""), 5.0).hub.not_live
        paired.hub.start()
        paired.box.until(live("websocket"), SILENCE_S)
        obeys_at_once(paired)

        assert gaps(ear.so_far().between(began)) == []


@pytest.mark.sound
def test_a_network_that_goes_dead_is_noticed_at_both_ends(
    home: Paired, ear: Recorder, stack: ExitStack
) -> None:
    """Nobody is told, no connection ends; the music goes on, and the line comes back with the network."""
    way = stack.enter_context(HardWay(home.hub.port))
    home.reach = way.url
    paired = stack.enter_context(home)
    paired.box.until(live("websocket"), COMES_UP_S)
    began = ear.so_far().seconds

    way.habit = Habit.DEAD
    until_lines(paired, 0, SILENCE_S)
    assert "nothing comes through" in paired.box.until(live(""), SILENCE_S).hub.not_live
    way.habit = Habit.PASSES
    paired.box.until(lambda status: bool(status.hub.live), 2 * SILENCE_S)
    until_lines(paired, 1)
    obeys(paired)

    assert gaps(ear.so_far().between(began)) == []


def test_a_box_that_stands_still_is_let_go_and_comes_back(home: Paired) -> None:
    """Its end of the line is half open: the hub hears nothing, and the box knows nothing of it."""
    with home as paired:
        paired.box.until(live("websocket"), COMES_UP_S)
        paired.box.process.send_signal(signal.SIGSTOP)
        until_lines(paired, 0, SILENCE_S)
        paired.box.process.send_signal(signal.SIGCONT)
        paired.box.until(live(""), COMES_UP_S)
        paired.box.until(live("websocket"), COMES_UP_S)
        until_lines(paired, 1)
        obeys_at_once(paired)


def test_a_proxy_that_swallows_websockets_is_got_round(home: Paired, stack: ExitStack) -> None:
    """They come up and are dead; so the next line is by polls, which stay polls for nothing comes back."""
    way = stack.enter_context(HardWay(home.hub.port, Habit.SWALLOWS))
    home.reach = way.url
    paired = stack.enter_context(home)
    paired.box.until(live("polling"), 2 * SILENCE_S)
    obeys_at_once(paired)


def test_a_proxy_that_lets_no_poll_wait_costs_nothing_but_time(home: Paired, stack: ExitStack) -> None:
    """The line breaks again and again; each command is done all the same, by one way or the other."""
    narrow = stack.enter_context(NarrowWay(home.hub.port))
    way = stack.enter_context(HardWay(narrow.port, Habit.CUTS))
    home.reach = way.url
    paired = stack.enter_context(home)
    paired.box.until(live("polling"), COMES_UP_S)
    for _ in range(3):
        paired.box.until(live(""), COMES_UP_S)
        obeys(paired)
        paired.box.until(live("polling"), SILENCE_S)


def test_a_proxy_that_gathers_what_it_passes_on_is_lived_with(
    home: Paired, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers to polls are whole, so they come through; a WebSocket is not gone over to."""
    monkeypatch.setenv("EASYPLAYER_HUB__LIVE", "polling")
    way = stack.enter_context(HardWay(home.hub.port, Habit.GATHERS))
    home.reach = way.url
    paired = stack.enter_context(home)
    paired.box.until(live("polling"), COMES_UP_S)
    obeys_at_once(paired)


@pytest.mark.skipif(not shutil.which("tinyproxy"), reason="tinyproxy is not installed")
@pytest.mark.parametrize(("ports", "how"), [("", "websocket"), ("ConnectPort 443", "polling")])
def test_a_proxy_that_wants_a_name_and_a_password(
    home: Paired, stack: ExitStack, tmp_path: Path, ports: str, how: str
) -> None:
    """By a tunnel, or by whole requests where it makes none to the hub's port."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        port = line.getsockname()[1]
    settings = tmp_path / "proxy.conf"
    settings.write_text(f"Port {port}\nListen 127.0.0.1\nBasicAuth anna secret\n{ports}\n")
    proxy = stack.enter_context(
        subprocess.Popen(["tinyproxy", "-d", "-c", settings], stdout=subprocess.DEVNULL)
    )
    stack.callback(proxy.kill)
    home.env["EASYPLAYER_HUB__PROXY"] = f"http://anna:secret@127.0.0.1:{port}"
    paired = stack.enter_context(home)
    paired.box.until(live(how), COMES_UP_S)
    obeys_at_once(paired)


def test_encryption_by_an_authority_of_ones_own(home: Paired, stack: ExitStack, tmp_path: Path) -> None:
    """As a venue's own proxy in front of the hub has it."""
    now = datetime.now(UTC)
    authority = Authority(tmp_path)
    way = stack.enter_context(HardWay(home.hub.port, context=authority.context(now - DAY, now + DAY)))
    home.reach = way.url
    home.hub.set(public_url=way.url)
    home.env["EASYPLAYER_HUB__CA"] = str(authority.file)
    paired = stack.enter_context(home)
    paired.box.until(live("websocket"), COMES_UP_S)
    obeys_at_once(paired)


def test_a_line_can_be_switched_off(home: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then all goes by heartbeats."""
    monkeypatch.setenv("EASYPLAYER_HUB__LIVE", "off")
    with home as paired:
        obeys(paired)
        obeys(paired)
        assert paired.box.status().hub.live == ""
        assert lines_at(paired) == 0


def test_the_box_and_the_hub_tell_the_same(home: Paired) -> None:
    """What plays now, and by which way that is known: not what the last heartbeat said, minutes ago."""
    with home as paired:
        paired.box.until(live("websocket"), COMES_UP_S)
        obeys_at_once(paired)
        paired.box.until(lambda status: plays(status) and status.position_s > 10.0, COMES_UP_S)

        told = easyplayer("status", "--state", paired.box.state).stdout
        assert "live      by websocket" in told
        shown = dict(
            line.split("\t", 1) for line in paired.hub.tell("box", "show", paired.box_id).splitlines()
        )
        assert shown["told"] == "just now, by its live channel"
        box = paired.hub.ask("box", "show", paired.box_id)
        assert abs(box["now"]["position_s"] - paired.box.status().position_s) < 3.0
        assert box["status"]["volume"] == paired.box.status().volume

        paired.box.process.send_signal(signal.SIGSTOP)
        shown = dict(
            line.split("\t", 1) for line in paired.hub.tell("box", "show", paired.box_id).splitlines()
        )
        paired.box.process.send_signal(signal.SIGCONT)
        assert shown["told"].endswith("by its heartbeat")


def test_whoever_copies_a_box_gets_no_line_of_it(home: Paired) -> None:
    """Both are told apart within seconds, although heartbeats are seldom: one of them shows a claim code."""
    with home as paired:
        paired.box.until(live("websocket"), COMES_UP_S)
        copy = paired.home / "copy"
        left_out = shutil.ignore_patterns("*.sock", "*.lock")
        shutil.copytree(paired.box.state, copy, ignore=left_out)
        env = {**paired.env, "EASYPLAYER_HUB__URL": paired.reach}
        with BoxProcess(copy, env=env) as other:
            for box in (paired.box, other):
                box.until(lambda _status: True, COMES_UP_S)
            deadline = time.monotonic() + SILENCE_S
            while sum(map(bool, codes := codes_of(paired.box, other))) != 1:
                assert time.monotonic() < deadline, codes
                time.sleep(LOOK_EVERY_S)
            (kept,) = (box for box, code in zip((paired.box, other), codes, strict=True) if not code)
            kept.until(live("websocket"), COMES_UP_S)
            until_lines(paired, 1)


def codes_of(*boxes: BoxProcess) -> list[str]:
    """Tell which claim codes boxes show; empty is none."""
    return [box.status().hub.claim_code for box in boxes]


def test_a_box_that_is_forgotten_and_claimed_anew_while_it_is_live(home: Paired) -> None:
    """Whoever forgets it, it or its hub: the line ends at once, and comes back with the next claim."""
    with home as paired:
        for forget in ("hub", "box"):
            paired.box.until(live("websocket"), COMES_UP_S)
            if forget == "hub":
                paired.hub.tell("box", "forget", paired.box_id, "--yes")
            else:
                paired.hub.tell("command", "give", paired.box_id, "forget", "--yes")
            waiting = paired.box.until(lambda status: bool(status.hub.claim_code), COMES_UP_S)
            assert waiting.hub.live == ""
            until_lines(paired, 0)
            paired.hub.tell("box", "claim", waiting.hub.claim_code, "--venue", VENUE)
            paired.box.until(live("websocket"), COMES_UP_S)
            (box,) = paired.hub.ask("box", "list")
            paired.box_id = box["id"]
            obeys_at_once(paired)


def test_being_offline_is_rehearsed_without_a_line(home: Paired) -> None:
    """As if the cable were pulled; and it is back by itself."""
    with home as paired:
        paired.box.until(live("websocket"), COMES_UP_S)
        paired.hub.tell("command", "give", paired.box_id, "rehearse_offline", "minutes=0.1")
        assert "rehearses" in paired.box.until(live(""), WITHIN_S).hub.not_live
        until_lines(paired, 0)
        paired.box.until(live("websocket"), COMES_UP_S)
        obeys_at_once(paired)


def test_a_box_that_is_killed_has_its_line_again_when_it_is_back(home: Paired) -> None:
    """The one that it had is gone by then."""
    with home as paired:
        paired.box.until(live("websocket"), COMES_UP_S)
        paired.end_box(signal.SIGKILL)
        until_lines(paired, 0)
        paired.start_box().until(live("websocket"), COMES_UP_S)
        until_lines(paired, 1)
        obeys_at_once(paired)
