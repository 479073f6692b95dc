"""Whatever happens to downloads, in whatever order: the box plays what it has, and at last what it should."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from easyplayer.errors import LinkError, LinkRefusedError
from easyplayer.fetch_queue import REFUSED_FOR_S
from easyplayer.hub_events import go_offline, hub_reached
from easyplayer.playout.demand import media_of
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.storage_events import fetch_media, program_offered, switch_storage, verify_storage
from tests.fakes.hub_media import FakeMediaHub, content, digest_of, program_of
from tests.test_download_at_once import Port

pytestmark = pytest.mark.slow

NAMES = "abcd"
PROGRAMS = [program_of("one", "a", "b"), program_of("two", "b", "c"), program_of("three", "c", "d", "a")]
LONG_S = 2 * REFUSED_FOR_S

names = st.sampled_from(NAMES)
stories = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.integers(0, 2)),
        st.tuples(st.just("away"), st.booleans()),
        st.tuples(st.just("hold"), st.booleans()),
        st.tuples(st.just("cut"), names),
        st.tuples(st.just("wrong"), names),
        st.tuples(st.just("lost"), names),
        st.tuples(st.just("rot"), names),
        st.tuples(st.just("ask"), names),
        st.tuples(st.just("look"), st.booleans()),
        st.tuples(st.just("switch"), st.booleans()),
        st.tuples(st.just("offline"), st.integers(0, 100)),
        st.tuples(st.just("wait"), st.integers(1, 4000)),
        st.tuples(st.just("restart"), st.none()),
    ),
    max_size=14,
)


class Life:
    """A box that lives through a story; its hub and its disk outlive it.

    :ivar wanted: the program that the hub wants it to play.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self.hub = FakeMediaHub()
        for name in NAMES:
            self.hub.upload(name)
        self.wanted: ProgramHead | None = None
        self._revision = 0
        self.yard = Port(state, self.hub).begin()

    def happen(self, what: str, value: object) -> None:
        """Let one thing happen, and look whether the box is well."""
        getattr(self, f"_{what}")(value)
        self.look()

    def look(self) -> None:
        """Hold that what plays is the current program, since the start."""
        kept = self.yard.store.programs.current
        taken = self.yard.taken
        assert (kept is None) is (not taken)
        if kept is not None:
            assert taken[-1][0] == kept.program.name

    def come_right(self) -> None:
        """Let the hub and the disk be well, and some hours pass."""
        self.hub.away = False
        for faults in (self.hub.faults, self.hub.cuts, self.hub.sends):
            faults.clear()
        self._restart(None)
        if self.wanted is not None:
            self.yard.fire(program_offered(self.wanted))
        self.yard.fire(verify_storage(thoroughly=True))
        self.yard.run_for(LONG_S, step_s=120)

    def _offer(self, number: object) -> None:
        assert isinstance(number, int)
        self._revision += 1
        self.wanted = self.hub.publish(PROGRAMS[number], self._revision)
        self.yard.fire(program_offered(self.wanted))

    def _away(self, away: object) -> None:
        self.hub.away = bool(away)
        if not away:
            self.yard.fire(hub_reached("http://hub"))

    def _hold(self, busy: object) -> None:
        self.yard.hold(busy=bool(busy))

    def _cut(self, name: object) -> None:
        self.hub.cuts.setdefault(digest_of(content(str(name))), []).extend([10, 0])

    def _wrong(self, name: object) -> None:
        self.hub.sends[digest_of(content(str(name)))] = b"x" * 40

    def _lost(self, name: object) -> None:
        error = LinkRefusedError("there is no such medium", 404, "")
        self.hub.faults[f"ticket:{digest_of(content(str(name)))}"] = [error, LinkError("broken"), error]

    def _rot(self, name: object) -> None:
        path = self.yard.store.media.path(digest_of(content(str(name))))
        if path.exists():
            path.write_bytes(b"r" * 40)

    def _ask(self, name: object) -> None:
        self.yard.fire(fetch_media(digest_of(content(str(name)))))

    def _look(self, thoroughly: object) -> None:
        self.yard.fire(verify_storage(thoroughly=bool(thoroughly)))

    def _switch(self, at_once: object) -> None:
        self.yard.fire(switch_storage(at_once=bool(at_once)))

    def _offline(self, seconds: object) -> None:
        assert isinstance(seconds, int)
        self.yard.fire(go_offline(float(seconds)))

    def _wait(self, seconds: object) -> None:
        assert isinstance(seconds, int)
        self.yard.run_for(seconds, step_s=max(seconds / 20, 0.5))

    def _restart(self, _value: object) -> None:
        self.yard.part.close()
        self.yard.storage.close()
        self.yard = Port(self._state, self.hub).begin()


@given(stories)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_in_the_end_the_box_plays_all_of_what_the_hub_wants(story: list[tuple[str, object]]) -> None:
    """As soon as hub and disk are well; and until then what it has."""
    with tempfile.TemporaryDirectory() as state:
        life = Life(Path(state))
        for what, value in story:
            life.happen(what, value)
        life.come_right()

        kept = life.yard.store.programs.current
        assert (kept and kept.head) == life.wanted
        if kept is not None:
            library = life.yard.store.media
            assert all(library.is_right(sha256, lambda: False) for sha256 in media_of(kept.program))
            assert set(life.yard.taken[-1][1]) == {item.id for item in kept.program.items}
            assert life.yard.store.programs.staged is None


@pytest.mark.parametrize(
    "story",
    [
        [("offer", 0), ("away", True), ("offer", 1), ("offer", 0), ("away", False)],
        [("offer", 0), ("lost", "c"), ("offer", 1), ("restart", None), ("rot", "b"), ("look", True)],
        [("offer", 0), ("hold", True), ("offer", 1), ("ask", "d"), ("offline", 9), ("hold", False)],
    ],
    ids=["back and forth", "lost and rotten", "broken off"],
)
def test_stories_that_are_told_again(story: list[tuple[str, object]]) -> None:
    """Each once more, in every run."""
    test_in_the_end_the_box_plays_all_of_what_the_hub_wants.hypothesis.inner_test(story)
