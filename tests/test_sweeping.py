"""What of the media on a real disk goes, and when."""

from collections.abc import Callable
from pathlib import Path

import pytest

from easyplayer import sweeping
from easyplayer.drivers.media_library import MediaLibrary
from easyplayer.errors import DiskFailingError, DiskReadOnlyError
from easyplayer.program_store import Store, store_in
from easyplayer.protocol.heartbeat import Health
from easyplayer.sweeping import SPARED_S, Swept, garbage, inspect, make_room, note_use, sweep
from easyplayer.units import Instant, Seconds
from tests.fakes.hub_media import content, digest_of, program_of
from tests.test_stocktaking import DAY_S, NOON, bring, leave, play, stage, there


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Give an empty store."""
    return store_in(tmp_path)


def wanted(*names: str) -> dict[str, int]:
    """Give some media, as a program wants them."""
    return {digest_of(content(name)): 40 for name in names}


class TestSweep:
    """What may go."""

    def test_what_a_program_names_stays_for_ever(self, store: Store) -> None:
        """Of the current one, of the one before it, and of the staged one."""
        play(store, program_of("one", "a"))
        play(store, program_of("two", "b"), 2)
        stage(store, program_of("three", "c"), 3)
        bring(store, "a", "b", "c", "x", at=Instant(NOON - 400 * DAY_S))
        assert garbage(store.programs, store.media, NOON) == {digest_of(content("x")): 40}
        assert sweep(store.programs, store.media, NOON) == Swept(1, 40)
        assert there(store) == {"a", "b", "c"}

    def test_what_is_in_a_deck_stays(self, store: Store) -> None:
        """Whether or not a program names it."""
        bring(store, "x", at=Instant(NOON - 400 * DAY_S))
        store.programs.in_use = frozenset({digest_of(content("x"))})
        sweep(store.programs, store.media, NOON)
        assert there(store) == {"x"}

    def test_reserve_stays(self, store: Store) -> None:
        """Whatever becomes of the programs."""
        play(store, program_of("one", "a"))
        bring(store, "a", at=Instant(NOON - 400 * DAY_S))
        store.programs.pin_fallback()
        for revision, name in ((2, "b"), (3, "c")):
            play(store, program_of(name, name), revision)
        sweep(store.programs, store.media, NOON)
        assert there(store) == {"a"}

    def test_nothing_goes_while_nobody_knows_what_is_named(self, store: Store, tmp_path: Path) -> None:
        """The current program is damaged: it comes anew, and wants its media."""
        play(store, program_of("one", "a"))
        play(store, program_of("two", "b"), 2)
        bring(store, "a", "b", at=Instant(NOON - 400 * DAY_S))
        (tmp_path / "programs" / "current.json").write_bytes(b"")
        again = store_in(tmp_path)
        sweep(again.programs, again.media, NOON)
        assert there(store) == {"a", "b"}

    def test_what_no_program_names_any_more_lies_for_a_day(self, store: Store) -> None:
        """From the switch on, for the next program may want it again."""
        play(store, program_of("one", "a"))
        play(store, program_of("two", "b"), 2)
        bring(store, "a", at=Instant(NOON - 400 * DAY_S))
        three = program_of("three", "b")
        stage(store, three, 3)
        note_use(store.programs, store.media, NOON, three)
        store.programs.switch()
        sweep(store.programs, store.media, Instant(NOON + SPARED_S - 1))
        assert there(store) == {"a"}
        sweep(store.programs, store.media, Instant(NOON + SPARED_S + 1))
        assert there(store) == set()

    def test_what_plays_and_what_comes_is_left_alone(self, store: Store) -> None:
        """A file that changes its time while it is measured would be left out, and measured anew."""
        play(store, program_of("one", "a"))
        play(store, program_of("two", "b"), 2)
        bring(store, "a", "b", "c", at=Instant(NOON - DAY_S))
        three = program_of("three", "c")
        stage(store, three, 3)
        note_use(store.programs, store.media, NOON, three)
        since = {name: store.media.kept_from(digest_of(content(name))) for name in "abc"}
        assert since == {"a": NOON, "b": NOON - DAY_S, "c": NOON - DAY_S}

    def test_use_is_noted_and_a_longer_keep_is_left_alone(self, store: Store) -> None:
        """What a person asked for is kept for longer than a day."""
        play(store, program_of("one", "a"))
        play(store, program_of("two", "b"), 2)
        bring(store, "a", at=Instant(NOON + 6 * DAY_S))
        note_use(store.programs, store.media, NOON, program_of("three", "c"))
        assert store.media.kept_from(digest_of(content("a"))) == NOON + 6 * DAY_S

    def test_part_that_nobody_wants_goes_too(self, store: Store) -> None:
        """It would lie there for ever."""
        sha256 = digest_of(content("x"))
        with store.media.draft(sha256, 40) as draft:
            draft.begin(0, "e")
            draft.write(b"x")
        sweep(store.programs, store.media, Instant(store.media.kept_from(sha256) + SPARED_S + 1))
        assert there(store) == set()

    def test_room_is_made_at_once_where_it_is_needed(self, store: Store) -> None:
        """But not by what is spared, nor by what is to be kept."""
        bring(store, "x", "a", at=Instant(NOON - 1))
        bring(store, "b", at=Instant(NOON + 6 * DAY_S))
        sweep(store.programs, store.media, NOON, Seconds(0.0), sparing=(digest_of(content("a")),))
        assert there(store) == {"a", "b"}


class TestReadOnly:
    """A disk that takes nothing, beside one that does."""

    @pytest.fixture
    def locked(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> str:
        """Give a medium that is on such a disk."""
        sha256 = digest_of(content("a"))

        def refuse(take: Callable[..., None]) -> Callable[..., None]:
            def act(library: MediaLibrary, wanted: str, *more: Instant) -> None:
                if wanted == sha256:
                    message = "the disk is read-only"
                    raise DiskReadOnlyError(message)
                take(library, wanted, *more)

            return act

        bring(store, "a", "x", at=Instant(NOON - 9 * DAY_S))
        for method in ("remove", "keep_from"):
            monkeypatch.setattr(MediaLibrary, method, refuse(getattr(MediaLibrary, method)))
        return sha256

    def test_what_is_on_others_goes_all_the_same(self, store: Store, locked: str) -> None:
        """And it is told."""
        with pytest.raises(DiskReadOnlyError):
            sweep(store.programs, store.media, NOON)
        assert [*store.media.digests()] == [locked]

    def test_use_of_what_is_on_others_is_noted(self, store: Store, locked: str) -> None:
        """A switch is not refused for it."""
        play(store, program_of("one", "a", "x"))
        play(store, program_of("two", "b"), 2)
        note_use(store.programs, store.media, NOON, program_of("three", "c"))
        assert store.media.kept_from(digest_of(content("x"))) == NOON
        assert store.media.kept_from(locked) == NOON - 9 * DAY_S


class TestRoom:
    """Room for what is to come."""

    def test_no_more_goes_than_is_needed(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """What nobody has needed for the longest time; nothing where there is room enough."""
        for name, days in (("a", 3), ("b", 5), ("c", 1)):
            bring(store, name, at=Instant(NOON - days * DAY_S))
        leave(monkeypatch, 80)
        assert make_room(store.programs, store.media, NOON, wanted("x", "d")) == 0
        assert there(store) == {"a", "b", "c"}
        leave(monkeypatch, 0)
        assert make_room(store.programs, store.media, NOON, wanted("x", "d")) == 0
        assert there(store) == {"c"}

    def test_way_back_is_given_up_at_last(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """Before the new program is refused."""
        play(store, program_of("one", "a", "b"))
        play(store, program_of("two", "b", "c"), 2)
        bring(store, "a", "b", "c", at=Instant(NOON - 9 * DAY_S))
        bring(store, "x", at=Instant(NOON - 1))
        leave(monkeypatch, 0)
        assert make_room(store.programs, store.media, NOON, wanted("d")) == 0
        assert there(store) == {"a", "b", "c"}
        assert store.programs.previous is not None
        assert make_room(store.programs, store.media, NOON, wanted("d")) == 0
        assert there(store) == {"b", "c"}
        assert store.programs.previous is None

    def test_what_a_damaged_program_may_name_does_not_go(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Until another one comes in its place: then it is known what is needed."""
        play(store, program_of("one", "a"))
        play(store, program_of("two", "b"), 2)
        bring(store, "a", "b", at=Instant(NOON - DAY_S))
        (tmp_path / "programs" / "current.json").write_bytes(b"")
        again = store_in(tmp_path)
        leave(monkeypatch, 10)
        assert make_room(again.programs, again.media, NOON, wanted("x")) == 30
        assert there(store) == {"a", "b"}
        stage(again, program_of("three", "a", "x"), 3)
        assert make_room(again.programs, again.media, NOON, wanted("x")) == 0
        assert there(store) == {"a"}

    def test_what_is_needed_never_goes(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """How much is lacking is told then, and nothing has gone in vain."""
        play(store, program_of("one", "a"))
        stage(store, program_of("two", "b"), 2)
        bring(store, "a", "b", "x", at=Instant(NOON - 9 * DAY_S))
        bring(store, "c", at=Instant(NOON + 6 * DAY_S))
        store.programs.in_use = frozenset({digest_of(content("x"))})
        leave(monkeypatch, 15)
        assert make_room(store.programs, store.media, NOON, wanted("d")) == 25
        assert there(store) == {"a", "b", "c", "x"}

    def test_what_a_wrong_clock_has_noted_goes_for_room(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It would take its room for years."""
        bring(store, "a", at=Instant(NOON + 3000 * DAY_S))
        bring(store, "b", at=Instant(NOON + 7 * DAY_S))
        leave(monkeypatch, 0)
        assert make_room(store.programs, store.media, NOON, wanted("c")) == 0
        assert there(store) == {"b"}

    def test_part_that_has_come_counts(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only the rest of it needs room."""
        with store.media.draft(digest_of(content("d")), 40) as draft:
            draft.begin(0, "e")
            draft.write(content("d")[:30])
        leave(monkeypatch, 10)
        assert make_room(store.programs, store.media, NOON, wanted("d")) == 0
        leave(monkeypatch, 9)
        assert make_room(store.programs, store.media, NOON, wanted("d")) == 1

    @pytest.mark.parametrize(("health", "lacking"), [(Health.READ_ONLY, 0), (Health.MISSING, 40)])
    def test_only_disk_is_tried_though_it_be_sick(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, health: Health, lacking: int
    ) -> None:
        """What is wrong with it is told by whoever writes there; one that is not there has no room."""
        leave(monkeypatch, 40, health)
        assert make_room(store.programs, store.media, NOON, wanted("d")) == lacking


class TestInspection:
    """A look at what a program names."""

    def test_what_is_right_is_noted(self, store: Store) -> None:
        """So that nobody reads it again for a while; what was only looked at is not."""
        play(store, program_of("one", "a", "b"))
        bring(store, "a", "b")
        store.media.path(digest_of(content("b"))).write_bytes(b"x" * 40)
        quick = inspect(store.programs, store.media, lambda: NOON, lambda: False, thoroughly=False)
        assert (quick.good, quick.bad) == (2, ())
        found = inspect(
            store.programs, store.media, lambda: Instant(NOON + 9), lambda: False, thoroughly=True
        )
        assert (found.good, found.bad) == (1, (digest_of(content("b")),))
        assert store.media.checked_since(Instant(NOON + 8)) == 1
        assert there(store) == {"a"}

    @pytest.mark.parametrize(("readable", "bad"), [("b", ["a"]), ("", []), ("ab", ["a"])])
    def test_what_cannot_be_read_stays_where_nothing_can_be(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, readable: str, bad: list[str]
    ) -> None:
        """A cable may be loose; a bad spot of the disk takes one medium, and that comes anew."""
        play(store, program_of("one", "a", "b"))
        bring(store, "a", "b")
        sick, well = (digest_of(content(name)) for name in "ab")
        is_right = MediaLibrary.is_right

        def read(library: MediaLibrary, sha256: str, stopped: Callable[[], bool]) -> bool:
            if sha256 == sick:
                message = "the disk gives errors"
                raise DiskFailingError(message)
            return is_right(library, sha256, stopped)

        spots = {store.media.path({"a": sick, "b": well}[name]) for name in readable}
        monkeypatch.setattr(MediaLibrary, "is_right", read)
        monkeypatch.setattr(sweeping, "can_be_read", spots.__contains__)
        found = inspect(store.programs, store.media, lambda: NOON, lambda: False, thoroughly=True)
        assert found.good == 1
        assert list(found.bad) == [digest_of(content(name)) for name in bad]

    def test_what_can_be_read_the_second_time_is_right(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It was the cable."""
        play(store, program_of("one", "a"))
        bring(store, "a")
        answers = iter([False, True])
        monkeypatch.setattr(MediaLibrary, "is_right", lambda *_about: next(answers))
        found = inspect(store.programs, store.media, lambda: NOON, lambda: False, thoroughly=True)
        assert (found.good, found.bad) == (1, ())

    def test_what_has_come_anew_meanwhile_stays(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """There may be hours between the look at the first and at the last."""
        play(store, program_of("one", "a", "b", "c"))
        bring(store, "a", "b", "c")
        lost, worn = (digest_of(content(name)) for name in "ab")
        for sha256 in (lost, worn):
            store.media.path(sha256).write_bytes(b"x" * 40)
        is_right, looks = MediaLibrary.is_right, []

        def read(library: MediaLibrary, sha256: str, stopped: Callable[[], bool]) -> bool:
            looks.append(sha256)
            if looks.count(worn) == 2:
                library.remove(lost)
                bring(store, "a")
            return is_right(library, sha256, stopped)

        monkeypatch.setattr(MediaLibrary, "is_right", read)
        found = inspect(store.programs, store.media, lambda: NOON, lambda: False, thoroughly=True)
        assert (found.good, found.bad) == (1, (lost, worn))
        assert there(store) == {"a", "c"}

    def test_wrong_length_that_has_come_anew_meanwhile_stays(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The same, where lengths tell."""
        play(store, program_of("one", "a", "b"))
        bring(store, "a", "b")
        lost = digest_of(content("a"))
        store.media.path(lost).write_bytes(b"x")
        is_right = MediaLibrary.is_right

        def read(library: MediaLibrary, sha256: str, stopped: Callable[[], bool]) -> bool:
            library.remove(lost)
            bring(store, "a")
            return is_right(library, sha256, stopped)

        monkeypatch.setattr(MediaLibrary, "is_right", read)
        found = inspect(store.programs, store.media, lambda: NOON, lambda: False, thoroughly=True)
        assert (found.good, found.bad) == (2, ())
        assert there(store) == {"a", "b"}
