"""Heartbeats go into the database in groups, and one that is bad keeps none of the others out."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
from sqlalchemy import insert, select

from easyplayer.errors import BadRequestError, ConflictError, DatabaseError, HubError, UnavailableError
from easyplayer.hub.db import beats as all_beats
from easyplayer.hub.db.beats import Beat, GroupCommit, Standing
from easyplayer.hub.db.database import Database
from easyplayer.hub.db.schema import boxes, logs, pulses, venues
from easyplayer.hub.web.heartbeat import store_for
from easyplayer.units import Instant

WAYS = Callable[[GroupCommit], Coroutine[Any, Any, Any]]


def beat(box: str = "a", **changes: Any) -> Beat:
    """Give a heartbeat."""
    said: dict[str, Any] = {
        "box": box, "epoch": 1, "seen": Instant(5.0), "address": "192.0.2.1", "boot": "b", "run": "r",
        "sequence": 1, "now": "{}", "digest": "d", "status": "{}", "revision": 0, "log_id": "", "log": "",
    }  # fmt: skip
    return Beat(**{**said, **changes})


class Remembering:
    """Remembers what it was to write; does not take a box called ``bad``, nor anything while it is away."""

    def __init__(self, refuses: type[HubError] = BadRequestError) -> None:
        self.refuses = refuses
        self.groups: list[list[str]] = []
        self.is_away = False
        self.is_open = False

    async def open(self) -> None:
        """Get ready."""
        self.is_open = True

    async def write(self, beats: Sequence[Beat]) -> list[Standing | None]:
        """Remember heartbeats."""
        names = [one.box for one in beats]
        self.groups.append(names)
        await asyncio.sleep(0)
        if self.is_away:
            message = "it is away"
            raise DatabaseError(message)
        if "bad" in names:
            message = "it does not take this one"
            raise self.refuses(message)
        return [Standing(0, one.digest, None) for one in beats]

    async def close(self) -> None:
        """Let go."""
        self.is_open = False


def with_commit(store: Any, way: WAYS) -> Any:
    """Do something with a writer that runs."""

    async def run() -> Any:
        commit = GroupCommit(store)
        await commit.start()
        try:
            return await way(commit)
        finally:
            await commit.close()

    return asyncio.run(run())


def all_at_once(*wanted: Beat) -> WAYS:
    """Give a way to write some heartbeats at once; what was raised is among the outcomes."""

    async def write(commit: GroupCommit) -> list[Any]:
        return await asyncio.gather(*map(commit.write, wanted), return_exceptions=True)

    return write


class TestGroups:
    """What goes in one transaction."""

    def test_those_of_one_moment_go_together(self) -> None:
        """Each is answered once all of them are written."""
        store = Remembering()
        standings = with_commit(store, all_at_once(beat("a"), beat("b"), beat("c")))
        assert store.groups == [["a", "b", "c"]]
        assert standings == [Standing(0, "d", None)] * 3
        assert not store.is_open

    def test_two_of_one_box_keep_their_order(self) -> None:
        """The later one is written later."""
        store = Remembering()
        told = with_commit(store, all_at_once(beat("a", digest="1"), beat("b"), beat("a", digest="2")))
        assert store.groups == [["a", "b"], ["a"]]
        assert [one.digest for one in told] == ["1", "d", "2"]

    def test_a_group_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The others are in the next one."""
        monkeypatch.setattr(all_beats, "MOST_IN_A_GROUP", 2)
        store = Remembering()
        with_commit(store, all_at_once(*map(beat, "abcde")))
        assert [len(group) for group in store.groups] == [2, 2, 1]

    @pytest.mark.parametrize("refuses", [BadRequestError, ConflictError])
    def test_one_that_cannot_be_written_keeps_none_out(self, refuses: type[HubError]) -> None:
        """It alone is refused."""
        told = with_commit(Remembering(refuses), all_at_once(beat("a"), beat("bad"), beat("c")))
        assert isinstance(told[1], refuses)
        assert told[0] == told[2] == Standing(0, "d", None)

    def test_all_hear_that_the_database_is_away_and_the_next_are_tried(self) -> None:
        """It comes back without the hub being started anew."""
        store = Remembering()

        async def twice(commit: GroupCommit) -> Any:
            store.is_away = True
            first = await all_at_once(beat("a"), beat("b"))(commit)
            store.is_away = False
            return first, await commit.write(beat("a"))

        first, second = with_commit(store, twice)
        assert [type(one) for one in first] == [DatabaseError, DatabaseError]
        assert second == Standing(0, "d", None)

    def test_too_many_are_sent_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With a time to come back."""
        monkeypatch.setattr(all_beats, "MOST_WAITING", 2)
        told = with_commit(Remembering(), all_at_once(beat("a"), beat("b"), beat("c")))
        assert isinstance(told[2], UnavailableError)

    def test_what_waits_when_it_ends_is_written(self) -> None:
        """Nothing new is taken."""
        store = Remembering()

        async def end(commit: GroupCommit) -> Any:
            waiting = asyncio.create_task(commit.write(beat("a")))
            await asyncio.sleep(0)
            await commit.close()
            return await waiting, await all_at_once(beat("b"))(commit)

        async def run() -> Any:
            commit = GroupCommit(store)
            await commit.start()
            return await end(commit)

        first, (second,) = asyncio.run(run())
        assert first == Standing(0, "d", None)
        assert isinstance(second, UnavailableError)


@pytest.fixture(name="known")
def _known(database: Database) -> Database:
    """Give a database that knows two boxes, and a log."""
    with database.write() as connection:
        connection.execute(insert(venues).values(id="bar", name="Bar", time_zone="UTC", created=0))
        for name in ("a", "b"):
            connection.execute(
                insert(boxes).values(id=name, key="0" * 64, name=name, venue="bar", created=0, epoch=1)
            )
            connection.execute(insert(pulses).values(box=name, seen=0, attention=0, run="r"))
        connection.execute(
            insert(logs).values(box="a", log="l", venue="bar", acknowledged=7, hash="0", created=0, updated=0)
        )
    return database


def pulse(database: Database, box: str = "a") -> Any:
    """Read a pulse."""
    with database.read() as connection:
        return connection.execute(select(pulses).where(pulses.c.box == box)).one()


class TestStores:
    """The statements, which are written by hand for each database."""

    def test_everything_is_written(self, known: Database) -> None:
        """And what stands beside it comes back with the same statement."""
        sent = beat(status='{"s":1}', now='{"n":1}', log_id="l", log='{"l":1}')
        (standing,) = with_commit(store_for(known), all_at_once(sent))
        assert standing == Standing(0, "d", 7)
        row = pulse(known)
        assert (row.seen, row.address, row.boot, row.sequence) == (5.0, "192.0.2.1", "b", 1)
        assert (row.now, row.digest, row.status, row.log) == ('{"n":1}', "d", '{"s":1}', '{"l":1}')

    def test_a_short_one_leaves_status_and_digest(self, known: Database) -> None:
        """And tells the digest of the status that is there."""
        with_commit(store_for(known), all_at_once(beat(digest="one", status="{1}")))
        (standing,) = with_commit(store_for(known), all_at_once(beat(digest="two", status="")))
        assert standing.digest == "one"
        assert (pulse(known).status, pulse(known).digest) == ("{1}", "one")

    @pytest.mark.parametrize("changes", [{"epoch": 2}, {"box": "nobody"}])
    def test_a_void_token_writes_nothing(self, known: Database, changes: dict[str, Any]) -> None:
        """The others of its group are written."""
        told = with_commit(store_for(known), all_at_once(beat(**changes), beat("b")))
        assert told == [None, Standing(0, "d", None)]
        assert pulse(known).seen == 0

    @pytest.mark.parametrize(("changes", "level"), [({"run": "x"}, 1), ({"revision": 3}, 1), ({}, 0)])
    def test_another_run_or_program_is_worth_a_look(
        self, known: Database, changes: dict[str, Any], level: int
    ) -> None:
        """For the run, it may be a clone; for the program, an old one."""
        (standing,) = with_commit(store_for(known), all_at_once(beat(**changes)))
        assert standing.attention == level

    def test_what_the_database_does_not_take_is_told(self, known: Database) -> None:
        """And the rest of the group is written."""
        told = with_commit(store_for(known), all_at_once(beat("a", sequence=2**70), beat("b")))
        assert isinstance(told[0], BadRequestError)
        assert pulse(known, "b").seen == 5.0

    def test_a_database_that_is_not_there_is_told(self, known: Database) -> None:
        """In words."""
        away = known.url.set(database="/nowhere/at/all")
        known.url = away
        with pytest.raises(DatabaseError, match="heartbeats cannot be written"):
            with_commit(store_for(known), all_at_once(beat()))
