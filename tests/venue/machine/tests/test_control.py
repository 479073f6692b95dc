"""The control channel: commands, replies, refusals, and events that are never lost."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from tests.venue.machine import CommandError, Ending, GoneError, Machine, WaitTimeoutError, tiny

pytestmark = pytest.mark.slow

DEAF = """
import json, re, socket, sys, time
line = socket.socket(fileno=int(re.search(r"id=control,fd=(\\d+)", " ".join(sys.argv))[1]))
version = {"qemu": {"micro": 0, "minor": 2, "major": 7}, "package": ""}
reply = {"QMP": {"version": version, "capabilities": []}}
while True:
    line.sendall(json.dumps(reply).encode() + b"\\n")
    command = json.loads(line.recv(65536))
    if command["execute"] == "query-status":
        line.shutdown(socket.SHUT_RDWR)
        time.sleep(60)
    reply = {"return": {}} | {name: command[name] for name in command if name == "id"}
"""
"""Stands in for QEMU: greets, obeys, and then hangs up instead of answering."""


def test_qmp_gives_the_whole_reply(running: Machine) -> None:
    """A result as well as a refusal."""
    assert running.qmp("query-status")["return"]["status"] == "running"
    assert running.qmp("no-such-command")["error"]["class"] == "CommandNotFound"


def test_command_gives_the_result(running: Machine) -> None:
    """And nothing around it."""
    assert running.command("query-name") == {"name": "tiny"}


def test_a_refusal_carries_the_whole_reply(running: Machine) -> None:
    """The message tells the command, its arguments, and QEMU's reason."""
    with pytest.raises(CommandError) as caught:
        running.command("device_del", id="nothing")

    error = caught.value
    assert (
        str(error) == "device_del {'id': 'nothing'} was refused: Device 'nothing' not found (DeviceNotFound)"
    )
    assert error.reply == {"error": {"class": "DeviceNotFound", "desc": "Device 'nothing' not found"}}
    assert (error.error_class, error.description) == ("DeviceNotFound", "Device 'nothing' not found")


def test_an_underscore_is_a_hyphen(running: Machine) -> None:
    """In keywords; what is given as a mapping is taken as it is."""
    assert "CPU" in running.command("human-monitor-command", command_line="info cpus")
    assert "CPU" in running.command("human-monitor-command", {"command-line": "info cpus"})
    refused = running.qmp("human-monitor-command", {"command_line": "info cpus"})
    assert "command_line" in refused["error"]["desc"] or "command-line" in refused["error"]["desc"]


def test_an_event_that_came_before_is_found(running: Machine) -> None:
    """It is taken by who waits for it, and by nobody else; the others stay."""
    running.command("stop")
    running.command("cont")

    assert running.wait_event("RESUME", timeout_s=2)["event"] == "RESUME"
    assert running.wait_event("STOP", timeout_s=2)["at"] > 0
    with pytest.raises(WaitTimeoutError):
        running.wait_event("STOP", timeout_s=0.01)
    assert [event["event"] for event in running.all_events].count("STOP") == 1


def test_events_are_pulled(running: Machine) -> None:
    """All that nobody has taken come in their order, once."""
    running.events()
    running.command("stop")
    running.command("cont")

    assert [event["event"] for event in running.events()] == ["STOP", "RESUME"]
    assert running.events() == []


def test_an_event_is_told_from_others_by_its_data(running: Machine) -> None:
    """A subset of the data is enough, and the wrong one is passed over."""
    running.command("system_reset")
    running.wait_event("RESET", {"guest": False, "reason": None}, timeout_s=5)

    with pytest.raises(WaitTimeoutError) as caught:
        running.wait_event("RESET", {"reason": "never"}, timeout_s=0.01)

    assert str(caught.value).startswith("event RESET with {'reason': 'never'} did not come within 0.1 s")
    assert 'RESET {"guest": false, "reason": "host-qmp-system-reset"}' in caught.value.tail


def test_the_last_events_are_not_lost(running: Machine) -> None:
    """What QEMU says just before it ends can be had after its end."""
    running.command("quit")
    running.wait_end(5)

    assert running.wait_event("SHUTDOWN", timeout_s=0.1)["data"]["reason"] == "host-qmp-quit"


def test_who_waits_for_an_event_learns_of_the_end(running: Machine) -> None:
    """At once, and not when the time is over; with how it has ended."""
    threading.Timer(0.1, os.kill, (running.pid, signal.SIGKILL)).start()

    with pytest.raises(GoneError, match="waiting for event NEVER: it was ended by SIGKILL") as caught:
        running.wait_event("NEVER", timeout_s=60)

    assert caught.value.exit_code == -signal.SIGKILL


def test_a_command_that_is_never_answered(running: Machine) -> None:
    """A QEMU that stands still is told as a timeout."""
    os.kill(running.pid, signal.SIGSTOP)

    with pytest.raises(WaitTimeoutError, match=r"the reply to query-status did not come within 0\.3 s"):
        running.command("query-status", timeout_s=0.05)
    running.cut_power()


def test_a_command_whose_machine_dies(running: Machine) -> None:
    """It is no timeout: the machine is gone."""
    os.kill(running.pid, signal.SIGSTOP)
    threading.Timer(0.1, os.kill, (running.pid, signal.SIGKILL)).start()

    with pytest.raises(GoneError, match="query-status was under way: it was ended by SIGKILL"):
        running.command("query-status", timeout_s=60)


def test_a_channel_that_is_lost(tmp_path: Path) -> None:
    """QEMU runs on, but does not listen any more: that is told, and it is ended all the same."""
    binary = tmp_path / "not-qemu"
    binary.write_text(f"#!{sys.executable}\n{DEAF}")
    binary.chmod(0o755)
    with Machine(tiny.spec(tmp_path, binary=str(binary)), folder=tmp_path / "m") as machine:
        machine.launch()

        with pytest.raises(GoneError, match="query-status was under way: it still runs"):
            machine.command("query-status")
        with pytest.raises(GoneError, match="waiting for event NEVER: it still runs"):
            machine.wait_event("NEVER", timeout_s=60)
        assert machine.shutdown(0.01) is Ending.TERMINATED


def test_many_at_once(running: Machine) -> None:
    """Several threads may give commands; each gets its own reply."""
    replies: list[object] = []
    threads = [
        threading.Thread(target=lambda: replies.append(running.command("query-name"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert replies == [{"name": "tiny"}] * 8
