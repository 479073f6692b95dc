"""Whatever happens to the programs on a disk, in whatever order, however often the box is started anew."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from easyplayer.playout.program_file import encode
from easyplayer.program_store import store_in
from easyplayer.protocol.program_head import ProgramHead
from tests.fakes.hub_media import digest_of, head_of, program_of

PROGRAMS = {digest_of(data): data for data in (encode(program_of(name, name)) for name in "abc")}

stories = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.sampled_from(sorted(PROGRAMS))),
        st.tuples(
            st.sampled_from(["offer_again", "switch", "roll_back", "withdraw", "restart"]), st.just("")
        ),
    ),
    max_size=14,
)


class Course:
    """What a store should hold, as a person would keep account of it."""

    def __init__(self) -> None:
        self.previous: ProgramHead | None = None
        self.current: ProgramHead | None = None
        self.staged: ProgramHead | None = None
        self.left = 0

    def take(self, head: ProgramHead) -> None:
        """Take what the hub offers, unless it was gone back from."""
        if head.revision <= self.left:
            return
        if self.current is not None and self.current.digest == head.digest:
            self.current, self.staged = head, None
        else:
            self.staged = head

    def switch(self) -> None:
        """Go by what is staged."""
        if self.staged is not None:
            self.previous, self.current, self.staged, self.left = self.current, self.staged, None, 0

    def roll_back(self) -> None:
        """Go back."""
        if self.previous is not None and self.current is not None:
            self.left = self.current.revision
            self.previous, self.current = self.current, self.previous


@settings(max_examples=25, deadline=None)
@given(stories)
def test_store_holds_what_it_should(story: list[tuple[str, str]]) -> None:
    """And a restart changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        state, course, offered = Path(folder), Course(), head_of(b"", "none", 1)
        store = store_in(state).programs
        for revision, (what, digest) in enumerate(story, 2):
            if what == "offer":
                offered = head_of(PROGRAMS[digest], "p", revision)
            if what.startswith("offer") and offered.digest in PROGRAMS and store.wants(offered):
                if not store.adopt(offered):
                    store.stage(offered, PROGRAMS[offered.digest])
                course.take(offered)
            elif what == "withdraw":
                store.drop_staged()
                course.staged = None
            elif what == "restart":
                store = store_in(state).programs
            elif what in {"switch", "roll_back"}:
                getattr(store, what)()
                getattr(course, what)()
            heads = [one and one.head for one in (store.previous, store.current, store.staged)]
            assert heads == [course.previous, course.current, course.staged]
            assert not store.is_damaged
