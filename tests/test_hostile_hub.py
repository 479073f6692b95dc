"""Downloads from a hub that does everything wrong: in the end all is there, or it is told what is not."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from circuits.core.events import Event

from easyplayer.component import Background
from easyplayer.drivers import breakable, media_body, web_link, web_transport
from easyplayer.drivers.hub_link import Way
from easyplayer.drivers.web_link import WebLink
from easyplayer.playout.program_file import encode
from easyplayer.storage_events import program_offered
from tests.docs.test_downloads import told_of
from tests.fakes.hostile_hub import OF_MEDIA, OF_PARTS, Fault, HostileHub, Kind
from tests.fakes.hub_link import FakeHub, HeldKeychain
from tests.fakes.hub_media import content, digest_of, head_of, program_of
from tests.test_download import Yard

PATIENCE_S = 0.4
A, B, C = (digest_of(content(name)) for name in "abc")
RESTS_S = 4000.0
"""After so long what was given up has been tried once more."""
IN_MESSAGES = [one for one in Fault if one not in OF_MEDIA]
NEVER_MENDED = [
    Fault.STALL, Fault.CUT_IN_HEAD, Fault.GARBAGE, Fault.WRONG_BYTES, Fault.LENGTH_TOO_SHORT, Fault.NOT_FOUND,
    Fault.SPENT, Fault.REDIRECT, Fault.LOOP, Fault.PORTAL, Fault.BROKEN, Fault.TOO_MANY, Fault.NEW_ETAG,
]  # fmt: skip
RESTED_S = 120.0
"""So long the hub says that it wants to be left alone."""
SEQUENCES = 40
MOST_LOOKS = 2000


class Front(Yard):
    """A box, and a hostile hub at the other end of a real line."""

    def __init__(self, state: Path, server: HostileHub, **given: Any) -> None:
        self.server, self.url = server, server.url
        self.links: list[WebLink] = []
        self.keychain = HeldKeychain(hub_keys=(server.hub.key,))
        super().__init__(state, **given)

    def make_link(self) -> WebLink:
        """Give the way over the line."""
        link = WebLink(Way(url=self.server.url), self.keychain)
        link.pair("m", "till", "1")
        self.links.append(link)
        return link

    def offer(self) -> None:
        """Publish a program of three media, and offer it."""
        data = encode(program_of("one", *"abc"))
        self.server.hub.programs[digest_of(data)] = data
        for name in "abc":
            self.server.hub.add_medium(content(name))
        self.fire(program_offered(head_of(data, "one", 1)))

    @property
    def reasons(self) -> str:
        """All that was said of what has not come."""
        return "\n".join(fetched.reason for (fetched,) in self.told("fetch_ended") if fetched.reason)

    @property
    def complete(self) -> bool:
        """Whether all is played, and is what it should be."""
        whole = all(self.store.media.path(digest_of(content(name))).exists() for name in "abc")
        right = whole and all(self.store.media.is_right(one, lambda: False) for one in (A, B, C))
        return right and self.taken[-1:] == [("one", "abc")]

    def comes_to_rest(self) -> None:
        """Go on until all is there."""
        for _ in range(round(RESTS_S / 5)):
            if self.complete:
                break
            self.run_for(5.0, step_s=5.0)
        assert self.complete, self.reasons
        assert self.server.strayed == 0
        assert len({one for one, _ in self.told("media_fetched")}) == len(self.told("media_fetched")) == 3


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """Give a box that is not patient for long, and takes a few bytes at a time."""
    monkeypatch.setattr(web_link, "MEDIA_CHUNK_BYTES", 5)
    monkeypatch.setattr(web_transport, "SILENCE_MAY_TAKE_S", PATIENCE_S)
    monkeypatch.setattr(web_transport, "ANSWER_MAY_TAKE_S", PATIENCE_S)
    monkeypatch.setattr(breakable, "HEAD_MAY_TAKE_S", PATIENCE_S)
    monkeypatch.setattr(media_body, "SLOW_FOR_S", PATIENCE_S / 2)
    hub = FakeHub()
    hub.claimed = True
    with HostileHub(hub) as server:
        made = Front(tmp_path, server)
        made.begin()
        yield made
        for link in made.links:
            link.close()


@pytest.mark.slow
@pytest.mark.parametrize("fault", Fault)
def test_fault_at_a_medium_holds_nothing_up_for_good(fault: Fault, front: Front) -> None:
    """It is told in the words of the page, the others come once, and in the end this one comes as well."""
    before = [Fault.CUT] if fault in OF_PARTS else []
    front.server.spoil(A, [*before, fault])

    front.offer()
    front.comes_to_rest()

    assert front.server.done_with
    for words in told_of(fault):
        assert words in front.reasons
    assert front.server.asked_for(B) == front.server.asked_for(C) == 1


@pytest.mark.slow
@pytest.mark.parametrize("fault", IN_MESSAGES)
@pytest.mark.parametrize("kind", [Kind.SESSION, Kind.PROGRAM, Kind.TICKET])
def test_fault_at_a_message_is_over_when_it_is_over(kind: Kind, fault: Fault, front: Front) -> None:
    """Whatever was asked: the hub's own refusals count, and nobody else's."""
    front.server.spoil(kind, [fault])

    front.offer()
    front.comes_to_rest()

    assert front.server.done_with
    assert {front.server.asked_for(one) for one in (A, B, C)} == {1}


@pytest.mark.slow
@pytest.mark.parametrize("fault", NEVER_MENDED)
def test_medium_that_never_comes_well_is_done_without(fault: Fault, front: Front) -> None:
    """The rest is played before long; when its store is mended, it comes as well."""
    front.server.always[B] = fault

    front.offer()
    front.run_for(3000.0, step_s=5.0)
    assert front.taken[-1] in {("one", "ac"), ("one", "abc")}
    assert front.server.asked_for(A) == front.server.asked_for(C) == 1

    front.server.well()
    front.comes_to_rest()


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Fault.CUT, Fault.DRIP, Fault.WEAK_ETAG])
def test_line_that_always_breaks_brings_all_in_the_end(fault: Fault, front: Front) -> None:
    """Each time it is gone on with where it broke."""
    for sha256 in (A, B, C):
        front.server.always[sha256] = fault

    front.offer()

    front.comes_to_rest()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_faults_in_any_order_are_come_through(seed: int, front: Front) -> None:
    """Several at a time, at whatever is asked."""
    draw = random.Random(seed)
    for _ in range(draw.randint(2, 8)):
        kind = draw.choice(list(Kind))
        front.server.spoil(kind, [draw.choice(list(Fault) if kind is Kind.MEDIUM else IN_MESSAGES)])

    front.offer()

    front.comes_to_rest()


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Fault.TOO_OFTEN, Fault.AWAY])
def test_hub_that_wants_to_be_left_alone_is(fault: Fault, front: Front) -> None:
    """For as long as it has said, with every request that would go there."""
    front.server.spoil(A, [fault])

    front.offer()
    front.run_for(RESTED_S - 1, step_s=1.0)
    assert front.server.asked_for(A) == 1
    front.run_for(2.0, step_s=1.0)

    assert front.server.asked_for(A) == 2
    front.comes_to_rest()


@pytest.mark.slow
def test_medium_that_hangs_holds_up_no_other(tmp_path: Path) -> None:
    """The others come on other threads, and are played; it is broken off when the box ends."""
    hub, fronts = FakeHub(), list[Front]()
    hub.claimed = True

    def fire(event: Event) -> None:
        fronts[0].root.fire(event)

    carriers = [Background(fire, f"carrier {number}") for number in range(3)]
    with HostileHub(hub) as server:
        fronts.append(Front(tmp_path, server, carriers=carriers))
        front = fronts[0].begin()
        server.always[A] = Fault.SILENT
        fronts[0].offer()
        for _ in range(MOST_LOOKS):
            front.run_for(1.0, step_s=1.0)
            if front.taken and set("bc") <= set(front.taken[-1][1]):
                break
            server.came.wait(0.01)
            server.came.clear()
        assert front.taken[-1] == ("one", "bc")
        assert server.asked_for(A) == 1

        front.part.close()
        assert all(carrier.close(5.0) for carrier in carriers)
