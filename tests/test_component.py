"""What takes long is done aside, in order, and comes back as an event."""

import logging
import threading
from collections.abc import Iterator
from functools import partial

import pytest
from circuits import BaseComponent, handler
from circuits.core.events import Event

from easyplayer.component import Background, BoxComponent

PATIENCE_S = 5.0
"""Far more than a job here takes; a test that needs it fails."""


class parcel_brought(Event):
    """A job was done."""


class Yard(BoxComponent):
    """A part that jobs report to."""

    def __init__(self) -> None:
        super().__init__()
        self.brought: list[object] = []

    @handler("parcel_brought")
    def _on_brought(self, parcel: object) -> None:
        self.brought.append(parcel)


class Fired:
    """Takes the events that a background fires, and the threads that it fires them from."""

    def __init__(self) -> None:
        self.parcels: list[object] = []
        self.threads: set[str] = set()

    def __call__(self, event: Event) -> None:
        self.parcels.append(event.args[0])
        self.threads.add(threading.current_thread().name)


@pytest.fixture(name="fired")
def _fired() -> Fired:
    return Fired()


@pytest.fixture(name="background")
def _background(fired: Fired) -> Iterator[Background]:
    background = Background(fired, "errands")
    yield background
    background.close(PATIENCE_S)


class TestBoxComponent:
    """The base of all parts."""

    def test_parts_hear_each_other_through_the_root(self) -> None:
        """All are on one channel, so an event finds whoever handles its name."""
        root = BoxComponent()
        one, other = Yard(), Yard()
        one.register(root)
        other.register(one)
        root.fire(parcel_brought("news"))
        while len(root):
            root.flush()
        assert one.brought == other.brought == ["news"]

    def test_a_part_without_drivers_opens_and_closes(self) -> None:
        """Neither need be written where there is nothing to take hold of, and nothing is fired."""
        part = BoxComponent()
        part.open()
        part.close()
        assert len(part) == 0

    def test_only_what_is_marked_handles_events(self) -> None:
        """A method that happens to be called like an event is only a method."""
        assert issubclass(BoxComponent, BaseComponent)
        assert not {"open", "close"} & set(BoxComponent()._handlers)


class TestBackground:
    """One thread for what may take long."""

    def test_jobs_are_done_in_the_order_they_were_asked(self, background: Background, fired: Fired) -> None:
        """What was asked first is back first."""
        for number in range(100):
            background.do(partial(parcel_brought, number))
        assert background.close(PATIENCE_S)
        assert fired.parcels == list(range(100))

    def test_jobs_are_done_aside(self, background: Background, fired: Fired) -> None:
        """The thread has a name, by which it is known in a dump of all threads."""
        background.do(lambda: parcel_brought(1))
        background.close(PATIENCE_S)
        assert fired.threads == {"errands"}

    def test_the_outcome_reaches_the_parts_of_the_box(self) -> None:
        """An event that the thread fires is handled by the loop."""
        yard = Yard()
        background = Background(yard.fire)
        background.do(lambda: parcel_brought("facts"))
        background.close(PATIENCE_S)
        while len(yard):
            yard.flush()
        assert yard.brought == ["facts"]

    def test_a_job_may_have_nothing_to_tell(self, background: Background, fired: Fired) -> None:
        """No event is fired for it."""
        background.do(lambda: None)
        assert background.close(PATIENCE_S)
        assert fired.parcels == []

    def test_a_job_may_ask_for_another(self, background: Background, fired: Fired) -> None:
        """It comes after all that was asked before it."""
        go_on, asked = threading.Event(), threading.Event()

        def first() -> Event:
            go_on.wait(PATIENCE_S)
            background.do(lambda: parcel_brought("third"))
            asked.set()
            return parcel_brought("first")

        background.do(first)
        background.do(lambda: parcel_brought("second"))
        go_on.set()
        asked.wait(PATIENCE_S)
        background.close(PATIENCE_S)
        assert fired.parcels == ["first", "second", "third"]

    def test_a_job_that_fails_is_logged_and_the_next_is_done(
        self, background: Background, fired: Fired, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The thread that all depend on lives on, and the log has the traceback."""

        def fail() -> Event:
            raise RuntimeError("this job is broken")

        background.do(fail)
        background.do(lambda: parcel_brought("the next"))
        background.close(PATIENCE_S)
        assert fired.parcels == ["the next"]
        (record,) = caplog.records
        assert record.levelno == logging.ERROR
        assert "a background job failed" in record.getMessage()
        assert "this job is broken" in caplog.text

    def test_closing_finishes_what_was_asked(self, background: Background, fired: Fired) -> None:
        """What must survive a power cut is not thrown away because the box ends."""
        held = threading.Event()
        background.do(lambda: held.wait(PATIENCE_S) and parcel_brought("kept"))
        held.set()
        assert background.close(PATIENCE_S)
        assert fired.parcels == ["kept"]

    def test_closing_has_only_so_much_patience(self, background: Background) -> None:
        """A job that hangs does not keep the box from ending, and that is told."""
        hanging = threading.Event()
        background.do(lambda: hanging.wait(PATIENCE_S) and None)
        assert not background.close(patience_s=0.0)
        hanging.set()

    def test_a_job_that_hangs_does_not_keep_the_process(self, background: Background) -> None:
        """The thread ends with the process, whatever it is doing."""
        assert background._thread.daemon
