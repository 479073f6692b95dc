"""Whoever asks a running box how it is gets its last status at once, whatever the box is doing."""

import errno
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from easyplayer.drivers import status_socket
from easyplayer.drivers.status_socket import LONGEST_PATH, StatusSocket, ask, socket_path
from easyplayer.errors import BoxSilentError, StateError

STATUS = b'{"state": "playing"}'


@pytest.fixture(name="box")
def _box(tmp_path: Path) -> Iterator[StatusSocket]:
    """Give a box that answers in the test's directory."""
    box = StatusSocket(tmp_path)
    box.open()
    yield box
    box.close()


def test_last_status_is_given(box: StatusSocket, tmp_path: Path) -> None:
    """The last one that was published counts, for everyone who asks."""
    box.publish(b'{"state": "waiting"}')
    box.publish(STATUS)

    assert ask(tmp_path) == STATUS
    assert ask(tmp_path) == STATUS


def test_box_that_has_published_nothing_yet_answers(box: StatusSocket, tmp_path: Path) -> None:
    """An empty structure is an answer."""
    assert ask(tmp_path) == b"{}"


def test_large_status_is_given_whole(box: StatusSocket, tmp_path: Path) -> None:
    """Nothing is cut off, however long the problems are."""
    status = b'{"text": "' + b"x" * 1_000_000 + b'"}'
    box.publish(status)

    assert ask(tmp_path) == status


def test_many_who_ask_at_once_are_all_answered(box: StatusSocket, tmp_path: Path) -> None:
    """A hub, a console and a technician do not stand in each other's way."""
    box.publish(STATUS)
    answers: list[bytes] = []

    askers = [threading.Thread(target=lambda: answers.append(ask(tmp_path))) for _ in range(20)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(5)

    assert answers == [STATUS] * 20


def test_caller_who_hangs_up_disturbs_nobody(box: StatusSocket, tmp_path: Path) -> None:
    """The next one is answered."""
    box.publish(b"x" * 1_000_000)
    for _ in range(5):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(socket_path(tmp_path)))
    box.publish(STATUS)

    assert ask(tmp_path) == STATUS


def test_caller_who_reads_nothing_is_left_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One who connects and then sleeps keeps the others waiting for a moment, not for ever."""
    monkeypatch.setattr(status_socket, "ANSWERING_MAY_TAKE_S", 0.2)
    box = StatusSocket(tmp_path)
    box.open()
    box.publish(b"x" * 5_000_000)
    with socket.socket(socket.AF_UNIX) as sleeper:
        sleeper.connect(str(socket_path(tmp_path)))
        box.publish(STATUS)
        monkeypatch.setattr(status_socket, "ANSWERING_MAY_TAKE_S", 5.0)

        answer = ask(tmp_path)

    box.close()
    assert answer == STATUS


def test_nobody_answers_where_no_box_runs(tmp_path: Path) -> None:
    """The error names the directory, and asks what a technician has to check."""
    with pytest.raises(BoxSilentError, match=r"no box answers in .*: is it running"):
        ask(tmp_path)


def test_closed_box_answers_no_more(box: StatusSocket, tmp_path: Path) -> None:
    """Its socket is gone with it."""
    box.close()

    assert not socket_path(tmp_path).exists()
    with pytest.raises(BoxSilentError):
        ask(tmp_path)


def test_box_may_be_closed_twice(box: StatusSocket) -> None:
    """Closing what has been closed, or was never opened, is no failure."""
    box.close()
    box.close()


def test_socket_that_a_killed_box_left_is_taken_over(tmp_path: Path) -> None:
    """A power cut leaves a socket that nobody listens at; the next box answers there."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(socket_path(tmp_path)))
    with pytest.raises(BoxSilentError):
        ask(tmp_path)
    box = StatusSocket(tmp_path)

    box.open()
    box.publish(STATUS)

    assert ask(tmp_path) == STATUS
    box.close()


def test_box_that_hangs_still_answers(box: StatusSocket, tmp_path: Path) -> None:
    """The answer comes from a thread of its own: the box's loop is not needed for it."""
    box.publish(STATUS)

    assert threading.current_thread() is threading.main_thread()
    assert ask(tmp_path) == STATUS


def test_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    """A box that cannot answer says so at its start, with the way out."""
    with pytest.raises(StateError, match=r"cannot be made \(.*\): choose another --state"):
        StatusSocket(tmp_path / "gone").open()


def test_long_path_is_reached_from_where_the_box_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel takes about a hundred characters; a deep directory is named from nearby."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    box = StatusSocket(deep)

    box.open()
    box.publish(STATUS)

    assert len(os.fsencode(deep / "status.sock")) > LONGEST_PATH
    assert ask(deep) == STATUS
    box.close()


def test_path_that_is_too_long_from_everywhere_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no way is short enough the box says so, instead of failing in the middle."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StateError, match="choose another --state"):
        StatusSocket(deep).open()
    with pytest.raises(BoxSilentError):
        ask(deep)


def test_a_disk_that_takes_nothing_is_answered_for_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A box whose disk has become read-only can still be asked."""
    state, memory = tmp_path / "state", tmp_path / "m"
    memory.mkdir()
    monkeypatch.chdir(memory)
    monkeypatch.setenv("XDG_RUNTIME_DIR", ".")
    unlink = Path.unlink

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if path.is_relative_to(state):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    there = StatusSocket(state)
    there.open()
    there.publish(b"well")

    assert ask(state) == b"well"
    there.close()
    assert list(memory.iterdir()) == []
