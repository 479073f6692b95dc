"""One program or one medium from the hub: whole on the disk, or told why not."""

import errno
import os
import threading
from pathlib import Path

import pytest
from msgspec import structs

from easyplayer.carriers import Flow
from easyplayer.download import DownloadInfo, communicate
from easyplayer.drivers.hub_link import HubLink
from easyplayer.errors import LinkError, LinkRefusedError, SignatureError, UnpairedError
from easyplayer.fetch_queue import Outcome
from easyplayer.fetching import ANNOUNCED_KEPT_S, Fetched, Fetcher
from easyplayer.program_store import Store, store_in
from easyplayer.protocol.media import MediaTicket
from easyplayer.throttle import Throttle
from tests.fakes.clock import HeldClock
from tests.fakes.hub_media import CHUNK_BYTES, FakeMediaHub, content, digest_of, program_of, renamed
from tests.playout.programs import utc
from tests.room import with_room

NOON = utc("2027-03-05T12:00")
SIZE = 40


class Desk:
    """A fetcher between a hub in memory and a real disk."""

    def __init__(self, state: Path) -> None:
        self.hub = FakeMediaHub()
        self.store: Store = store_in(state)
        self.others: dict[str, int] = {}
        self.fetcher = Fetcher(
            self.hub,
            self.ask,
            self.store.programs,
            self.store.media,
            lambda: NOON,
            under_way=lambda: self.others,
        )
        self.sha256 = self.hub.upload("a")
        self.tickets = 0

    def ask(self, link: HubLink, sha256: str, size: int | None) -> MediaTicket:
        self.tickets += 1
        return communicate(sha256, DownloadInfo(size=size), link, "http://hub/base/")

    def fetch(self, *, announced: bool = False, size: int | None = SIZE) -> Fetched:
        return self.fetcher.fetch_medium(self.sha256, size, announced=announced)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give a desk; its hub has one medium."""
    return Desk(tmp_path)


def refused(status: int) -> LinkRefusedError:
    return LinkRefusedError(f"the hub says {status}", status, "")


class TestMedium:
    """A medium."""

    def test_it_comes(self, desk: Desk) -> None:
        """Under its digest; once more costs nothing."""
        fetched = desk.fetch()
        assert fetched.outcome is Outcome.FETCHED
        assert fetched.path == desk.store.media.path(desk.sha256)
        assert fetched.path.read_bytes() == content("a")
        assert desk.fetch().outcome is Outcome.FETCHED
        assert desk.hub.asked == [f"{desk.sha256}+0"]

    def test_it_goes_on_where_the_line_broke(self, desk: Desk) -> None:
        """However often that is; each time counts as a failure of the line."""
        desk.hub.cuts[desk.sha256] = [10, 15, 1]
        outcomes = [desk.fetch().outcome for _ in range(4)]
        assert outcomes == [Outcome.FAILED] * 3 + [Outcome.FETCHED]
        assert desk.hub.asked == [f"{desk.sha256}+{offset}" for offset in (0, 10, 25, 26)]

    def test_other_content_by_now_is_fetched_from_its_start(self, desk: Desk) -> None:
        """The hub tells by the name that it gives to a content."""
        desk.hub.sends[desk.sha256] = b"x" * SIZE
        desk.hub.cuts[desk.sha256] = [10]
        desk.fetch()
        del desk.hub.sends[desk.sha256]
        assert desk.fetch().outcome is Outcome.FETCHED

    @pytest.mark.parametrize("sent", [b"x" * SIZE, content("a") + b"!"], ids=["other", "longer"])
    def test_what_is_wrong_is_thrown_away(self, desk: Desk, sent: bytes) -> None:
        """And told so; the next time it begins at its start."""
        desk.hub.sends[desk.sha256] = sent
        fetched = desk.fetch()
        assert fetched.outcome is Outcome.WRONG
        assert "thrown away" in fetched.reason
        assert [*desk.store.media.digests()] == []

    def test_body_that_ends_early_is_gone_on_with(self, desk: Desk) -> None:
        """As if the line had broken; one that is empty is stuck."""
        desk.hub.sends[desk.sha256] = content("a")[:20]
        assert desk.fetch().outcome is Outcome.FAILED
        desk.hub.sends[desk.sha256] = b""
        assert desk.fetch().outcome is Outcome.STUCK

    def test_spent_ticket_is_replaced_once(self, desk: Desk) -> None:
        """It is worth nothing after minutes, and a queue may be long."""
        desk.hub.faults[desk.sha256] = [refused(403)]
        assert desk.fetch().outcome is Outcome.FETCHED
        desk.store.media.remove(desk.sha256)
        desk.hub.faults[desk.sha256] = [LinkError("no hub, but a store", 403), refused(403)]
        assert desk.fetch().outcome is Outcome.STUCK

    @pytest.mark.parametrize(
        ("fault", "outcome"),
        [
            (refused(404), Outcome.REFUSED),
            (refused(410), Outcome.REFUSED),
            (refused(403), Outcome.REFUSED),
            (refused(429), Outcome.FAILED),
            (refused(401), Outcome.FAILED),
            (UnpairedError("who are you", 404, ""), Outcome.FAILED),
            (LinkError("away"), Outcome.FAILED),
            (SignatureError("another hub"), Outcome.FAILED),
        ],
        ids=lambda value: getattr(value, "value", str(value)),
    )
    def test_what_the_hub_says_to_the_question_counts(
        self, desk: Desk, fault: Exception, outcome: Outcome
    ) -> None:
        """What will not be there later either is not asked for again and again."""
        desk.hub.faults[f"ticket:{desk.sha256}"] = [fault]
        fetched = desk.fetch()
        assert fetched.outcome is outcome
        assert fetched.reason == str(fault)

    @pytest.mark.parametrize(
        ("fault", "outcome"),
        [
            (refused(404), Outcome.REFUSED),
            (refused(410), Outcome.REFUSED),
            (LinkError("no hub, but a store", 404), Outcome.REFUSED),
            (LinkError("broken", 500), Outcome.STUCK),
        ],
        ids=["404", "410", "404 of a store", "500"],
    )
    def test_so_does_what_it_says_to_the_ticket(self, desk: Desk, fault: Exception, outcome: Outcome) -> None:
        """A store that sends nothing is another thing than a line that breaks."""
        desk.hub.faults[desk.sha256] = [fault]
        assert desk.fetch().outcome is outcome

    def test_part_that_the_hub_knows_no_end_of_is_thrown_away(self, desk: Desk) -> None:
        """It says so with 416."""
        desk.hub.cuts[desk.sha256] = [10]
        desk.fetch()
        desk.hub.faults[desk.sha256] = [refused(416)]
        desk.fetch()
        assert desk.store.media.part_bytes(desk.sha256) == 0

    def test_hub_that_is_busy_says_for_how_long(self, desk: Desk) -> None:
        """That travels along."""
        desk.hub.faults[f"ticket:{desk.sha256}"] = [LinkError("busy", 503, 30.0)]
        assert desk.fetch().retry_after_s == 30.0

    def test_length_that_is_another_than_the_programs_is_refused(self, desk: Desk) -> None:
        """Nobody can make both right."""
        fetched = desk.fetch(size=SIZE + 1)
        assert fetched.outcome is Outcome.REFUSED
        assert "publish it anew" in fetched.reason

    def test_part_that_is_complete_needs_no_hub(self, desk: Desk) -> None:
        """The power went between the last byte and the name."""
        with desk.store.media.draft(desk.sha256, SIZE) as draft:
            draft.begin(0, "e")
            draft.write(content("a"))
        assert desk.fetch().outcome is Outcome.FETCHED
        assert desk.hub.asked == []

    @pytest.mark.parametrize("damaged", [b"", b"a a a", b"x" * SIZE])
    def test_damaged_one_whose_length_nobody_knows_comes_anew(self, desk: Desk, damaged: bytes) -> None:
        """An announcement is named by no program."""
        assert desk.fetch(announced=True, size=None).outcome is Outcome.FETCHED
        desk.store.media.path(desk.sha256).write_bytes(damaged)
        assert desk.fetch(announced=True, size=None).outcome is Outcome.FETCHED
        assert desk.store.media.path(desk.sha256).read_bytes() == content("a")

    def test_what_a_person_asked_for_is_kept_for_a_week(self, desk: Desk) -> None:
        """Its length is the hub's to say; also where it was there already."""
        for _ in range(2):
            assert desk.fetch(announced=True, size=None).outcome is Outcome.FETCHED
            assert desk.store.media.kept_from(desk.sha256) == NOON + ANNOUNCED_KEPT_S


class TestFlow:
    """A medium on its way, as others see it."""

    def test_it_tells_how_far_it_is(self, desk: Desk) -> None:
        """What was there before counts as there, and not as come."""
        desk.hub.cuts[desk.sha256] = [10]
        desk.fetch()
        flow = Flow()
        desk.fetcher.fetch_medium(desk.sha256, SIZE, announced=False, flow=flow)
        assert (flow.size, flow.there, flow.come) == (SIZE, SIZE, SIZE - 10)

    def test_it_is_broken_off_within_a_chunk(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        """What has come stays for the next time."""
        flow = Flow()
        asked: list[int] = []
        monkeypatch.setattr(flow, "_throttle", StoppingThrottle(flow, asked, at=3))
        fetched = desk.fetcher.fetch_medium(desk.sha256, SIZE, announced=False, flow=flow)
        assert fetched.outcome is Outcome.CANCELLED
        assert desk.store.media.part_bytes(desk.sha256) == sum(asked) == 3 * CHUNK_BYTES
        assert desk.fetch().outcome is Outcome.FETCHED
        assert desk.hub.asked[-1] == f"{desk.sha256}+{3 * CHUNK_BYTES}"

    def test_one_that_is_stopped_before_it_begins_asks_nothing(self, desk: Desk) -> None:
        """It was in the queue of a thread."""
        flow = Flow()
        flow.stop()
        fetched = desk.fetcher.fetch_medium(desk.sha256, SIZE, announced=False, flow=flow)
        assert fetched.outcome is Outcome.CANCELLED
        assert desk.hub.asked == []

    def test_medium_that_somebody_else_is_bringing_is_left_to_them(self, desk: Desk) -> None:
        """A stick, or a command on the command line."""
        with desk.store.media.draft(desk.sha256, SIZE):
            fetched = desk.fetch()
        assert fetched.outcome is Outcome.BUSY
        assert "by somebody else" in fetched.reason
        assert desk.tickets == 0
        assert desk.fetch().outcome is Outcome.FETCHED


class StoppingThrottle(Throttle):
    """Lets pieces pass, and stops a flow with one of them."""

    def __init__(self, flow: Flow, asked: list[int], at: int) -> None:
        super().__init__(0, HeldClock())
        self._flow, self._asked, self._at = flow, asked, at

    def let(self, count: int, stop: threading.Event) -> bool:
        """Note how long each was."""
        self._asked.append(count)
        if len(self._asked) == self._at:
            self._flow.stop()
        return super().let(count, stop)


class TestRoom:
    """Room on the disk."""

    def test_full_disk_is_told_before_the_first_byte(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With how much is missing; what others are bringing has a claim to the room as well."""
        with_room(monkeypatch, 50)
        desk.others = {digest_of(b"another"): 30}
        fetched = desk.fetch()
        assert fetched.outcome is Outcome.FULL
        assert "20 bytes more are needed" in fetched.reason
        assert desk.hub.asked == []

    def test_media_that_nobody_needs_make_room(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        """Rather than that the program waits."""
        other = desk.hub.upload("x")
        desk.fetcher.fetch_medium(other, SIZE, announced=False)
        desk.store.media.keep_from(other, utc("2027-03-05T11:59"))
        with_room(monkeypatch, 50)
        assert desk.fetch().outcome is Outcome.FETCHED
        assert desk.store.media.size_of(other) is None

    def test_disk_that_takes_nothing_is_told(self, desk: Desk) -> None:
        """It is no fault of the medium's."""
        desk.store.media.folder.mkdir()
        (desk.store.media.folder / desk.sha256[:2]).write_text("in the way", encoding="utf-8")
        fetched = desk.fetch()
        assert fetched.outcome is Outcome.FULL
        assert "check the disk" in fetched.reason
        assert not fetched.in_vain

    def test_disk_that_loses_what_has_come_is_told_as_such(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The whole medium came over the line for nothing."""

        def fail(_handle: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        desk.store.media.folder.mkdir()
        monkeypatch.setattr(os, "fsync", fail)
        fetched = desk.fetch()
        assert fetched.outcome is Outcome.FULL
        assert fetched.in_vain


class TestProgram:
    """A program."""

    def test_it_is_staged(self, desk: Desk) -> None:
        """Once it has proved good."""
        head = desk.hub.publish(program_of("one", "a"), 1)
        assert desk.fetcher.fetch_program(head).outcome is Outcome.FETCHED
        assert desk.store.programs.staged is not None
        assert desk.store.programs.staged.head == head

    def test_one_that_cannot_be_used_is_told_with_all_that_is_wrong(self, desk: Desk) -> None:
        """And nothing is staged."""
        broken = renamed(program_of("one", "a"), "broken")
        head = desk.hub.publish(broken, 1)
        desk.hub.sends[head.digest] = b"something else"
        fetched = desk.fetcher.fetch_program(head)
        assert fetched.outcome is Outcome.WRONG
        assert "not the one that its head names" in fetched.reason
        assert desk.store.programs.staged is None

    def test_one_that_a_person_has_gone_back_from_is_not_asked_for(self, desk: Desk) -> None:
        """Until it is published anew."""
        for number, name in enumerate(("one", "two")):
            head = desk.hub.publish(renamed(program_of("one", "a"), name), number + 1)
            desk.fetcher.fetch_program(head)
            desk.store.programs.switch()
        desk.store.programs.roll_back()
        assert desk.fetcher.fetch_program(head).outcome is Outcome.DECLINED
        newer = structs.replace(head, revision=3)
        assert desk.fetcher.fetch_program(newer).outcome is Outcome.FETCHED

    def test_disk_that_takes_nothing_is_found_before_the_hub_is_asked(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        """A program may be long."""
        (tmp_path / "programs").write_text("in the way", encoding="utf-8")
        head = desk.hub.publish(program_of("one", "a"), 1)
        fetched = desk.fetcher.fetch_program(head)
        assert fetched.outcome is Outcome.FULL
        assert not fetched.in_vain
        assert desk.hub.asked == []

    def test_hub_that_is_away_is_no_fault_of_the_program(self, desk: Desk) -> None:
        """It is tried again; one that the hub does not have is refused."""
        head = desk.hub.publish(program_of("one", "a"), 1)
        desk.hub.faults[head.digest] = [LinkError("away"), refused(404)]
        assert desk.fetcher.fetch_program(head).outcome is Outcome.FAILED
        assert desk.fetcher.fetch_program(head).outcome is Outcome.REFUSED


class TestCommunicate:
    """The question where a song's media can be had."""

    def test_url_is_made_whole(self, desk: Desk) -> None:
        """What the hub gives relative to its base."""
        assert desk.ask(desk.hub, desk.sha256, None).url == f"http://hub/base/media/{desk.sha256}"

    def test_another_medium_than_was_asked_for_is_refused(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A hub that mixes things up does no harm."""
        other = MediaTicket(url="x", sha256=digest_of(b"x"), size=SIZE, expires_s=desk.fetch().retry_after_s)
        monkeypatch.setattr(desk.hub, "ticket", lambda _sha256: other)
        with pytest.raises(LinkRefusedError, match="publish it anew"):
            desk.ask(desk.hub, desk.sha256, SIZE)
