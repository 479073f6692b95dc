"""The chain of the as-run log holds from its first entry to its last, and shows where it was touched."""

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, structs

from easyplayer.protocol.asrun import (
    GENESIS,
    LONGEST_REASON,
    Body,
    ClockRead,
    Entry,
    Played,
    SetAside,
    Snapshot,
    broken_at,
    digest_of,
    link,
    set_aside,
)
from easyplayer.units import Instant, Monotonic, Seconds


def chained(bodies: list[str], previous: str = GENESIS, first: int = 1) -> tuple[Entry, ...]:
    """Link some bodies."""
    entries = []
    for number, body in enumerate(bodies, start=first):
        previous = link(previous, number, body)
        entries.append(Entry(number=number, hash=previous, body=body))
    return tuple(entries)


def changed(entries: tuple[Entry, ...], place: int, **fields: object) -> tuple[Entry, ...]:
    """Change one entry."""
    before, one, after = entries[:place], entries[place], entries[place + 1 :]
    return (*before, structs.replace(one, **fields), *after)


THREE = chained(["{}", '{"a":1}', "äöü"])


def test_a_chain_that_nobody_touched_is_whole() -> None:
    """From its beginning, and from anywhere in it."""
    assert broken_at(GENESIS, THREE) is None
    assert broken_at(THREE[0].hash, THREE[1:]) is None
    assert broken_at(GENESIS, ()) is None


@pytest.mark.parametrize(
    ("touched", "where"),
    [
        pytest.param(changed(THREE, 1, body='{"a":2}'), 2, id="another body"),
        pytest.param(changed(THREE, 1, hash="f" * 64), 2, id="another hash"),
        pytest.param((THREE[0], THREE[2]), 3, id="one is missing"),
        pytest.param((THREE[0], THREE[2], THREE[1]), 3, id="another order"),
        pytest.param((THREE[0], THREE[0]), 1, id="one comes twice"),
    ],
)
def test_a_chain_that_was_touched_says_where(touched: tuple[Entry, ...], where: int) -> None:
    """At the first entry that does not go with the one before it."""
    assert broken_at(GENESIS, touched) == where


def test_a_chain_that_goes_with_another_beginning_is_broken_at_once() -> None:
    """Whoever writes a log of that name did not write this one."""
    assert broken_at("1" * 64, THREE) == 1


@given(bodies=st.lists(st.text(), min_size=1, max_size=6), data=st.data())
def test_a_chain_is_whole_with_any_of_its_entries_set_aside(bodies: list[str], data: st.DataObject) -> None:
    """What stands in place of a body carries its digest; no hash changes by that."""
    entries = chained(bodies)
    for place in data.draw(st.sets(st.integers(0, len(bodies) - 1))):
        body = set_aside(entries[place].body, data.draw(st.text()))
        entries = changed(entries, place, body=body)

    assert broken_at(GENESIS, entries) is None
    assert [digest_of(entry.body) for entry in entries] == [
        sha256(body.encode()).hexdigest() for body in bodies
    ]


def test_a_placeholder_for_something_else_does_not_fit() -> None:
    """Nobody can put one where it does not belong."""
    assert broken_at(GENESIS, changed(THREE, 1, body=set_aside("{}", "too long"))) == 2


def test_what_is_set_aside_twice_still_stands_for_the_first() -> None:
    """Its digest goes from the one to the other."""
    assert digest_of(set_aside(set_aside("{}", "too long"), "again")) == digest_of("{}")


def test_a_body_that_only_begins_like_a_placeholder_counts_as_it_is() -> None:
    """Nothing can be smuggled past the chain in it."""
    body = '{"kind":"set-aside","digest":"short","reason":""}'

    assert digest_of(body) == sha256(body.encode()).hexdigest()


def test_a_placeholder_says_why_and_is_never_too_long() -> None:
    """It must get through where another did not."""
    body = msgspec.json.decode(set_aside("{}", "x" * 5000), type=Body)

    assert isinstance(body, SetAside)
    assert body.reason == "x" * LONGEST_REASON


def test_every_body_tells_what_it_is() -> None:
    """By its kind."""
    read = ClockRead(boot="b", at=Monotonic(1.0), wall=Instant(2.0), trust="trusted")

    assert msgspec.json.decode(msgspec.json.encode(read), type=Body) == read


class OldSnapshot(Struct, frozen=True, kw_only=True):
    """What a hub of before there were screens knows of an item."""

    id: str
    kind: str = "file"
    title: str = ""


class OldPlayed(Struct, frozen=True, kw_only=True, tag="played", tag_field="kind"):
    """What it knows of a row."""

    sequence: int
    boot: str
    started: float
    over: float
    wall: float
    trust: str
    heard_s: float
    ended: str
    item: OldSnapshot


def test_a_hub_of_before_there_were_screens_reads_a_picture_as_nothing_heard() -> None:
    """It passes over what it does not know, and leaves out of its lists what nobody has heard."""
    clip = Snapshot(id="ad", kind="clip", title="Rum", clip_sound="mute")
    row = Played(
        sequence=1,
        boot="boot-1",
        started=Monotonic(1.0),
        over=Monotonic(31.0),
        wall=Instant(2.0),
        trust="trusted",
        heard_s=Seconds(0.0),
        ended="played",
        item=clip,
        shown_s=Seconds(30.0),
        outputs=("tv",),
    )
    read = msgspec.json.decode(msgspec.json.encode(row), type=OldPlayed)

    assert (read.sequence, read.heard_s, read.item.title) == (1, 0.0, "Rum")


def test_a_box_of_before_there_were_screens_has_played_music() -> None:
    """What it does not say is that something was shown."""
    old = OldPlayed(
        sequence=1,
        boot="boot-1",
        started=1.0,
        over=31.0,
        wall=2.0,
        trust="trusted",
        heard_s=30.0,
        ended="played",
        item=OldSnapshot(id="song", title="Dawn"),
    )
    read = msgspec.json.decode(msgspec.json.encode(old), type=Body)

    assert isinstance(read, Played)
    assert (read.heard_s, read.shown_s, read.outputs, read.item.clip_sound) == (30.0, None, (), "")
