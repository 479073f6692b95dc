"""What plays next: the list in its order, from where the box was, and never nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from easyplayer.analysis import Tags
from easyplayer.backstage import Backstage, Music, Workers
from easyplayer.drivers.state_file import Content, StateFile
from easyplayer.errors import AnalysisError, StateError
from easyplayer.player_events import item_advanced, item_failed, item_finished, item_started, item_wanted
from easyplayer.playout.asrun import Ended
from easyplayer.playout.explain import Decision
from easyplayer.playout.items import Item, Layer, Origin, PreparedItem
from easyplayer.playout.listing import LIST
from easyplayer.playout.transition import Rules
from easyplayer.preparing import MOST_UNANALYSED, Preparer
from easyplayer.repertoire import Repertoire
from easyplayer.scheduler import MUSIC_MAY_TAKE_S, Scheduler
from easyplayer.sources import Gathered, Problem
from easyplayer.tracker import Bookmark, Files, Memory, Tracker
from easyplayer.units import Instant, Milliseconds, Seconds
from tests.fakes.clock import HeldWall
from tests.fakes.work import FakeFacts, HeldWorker, facts
from tests.house import Stage, gathered, item_of

RADIO = "http://radio/one"
SONG_S = Seconds(180.0)
NOW = Instant(1_800_000_000.0)


class Kept(StateFile[Content]):
    """One file.

    :ivar kept: everything that was written.
    :ivar full: whether the disk takes nothing.
    """

    def __init__(self, name: str, kind: type[Content], there: Content | None = None) -> None:
        super().__init__(Path("/state") / name, kind)
        self.kept: list[Content] = []
        self.full = False
        self._there = there

    def load(self) -> Content | None:
        return self._there

    def save(self, content: Content) -> None:
        if self.full:
            raise StateError(f"{self.path} cannot be written (No space left on device): free space")
        self.kept.append(content)


class Office(Stage):
    """A scheduler, with the test for a player.

    :param songs: names of the list; each is known to analysis.
    :param from_hub: whether a hub is to send a program besides; it sends none.
    :ivar fallback: names of what the firmware brings along.
    """

    def __init__(
        self,
        *songs: str,
        fallback: Sequence[str] = ("fallback",),
        repeat: bool = True,
        bookmark: Bookmark | None = None,
        gather: Sequence[Callable[[], Gathered]] | None = None,
        known: bool = True,
        from_hub: bool = False,
    ) -> None:
        super().__init__()
        self.facts = FakeFacts()
        for name in (*songs, *fallback):
            found = self.facts.known if known else self.facts.to_find
            found[path_of(name)] = facts(SONG_S)
        self.bookmarks = Kept("bookmark.json", Bookmark, bookmark)
        self.memories = Kept("memory.json", Memory)
        self.wall = HeldWall(self.clock, NOW)
        self.errands, self.looks, self.analysis, self.disk = (HeldWorker(self.root.fire) for _ in range(4))
        self.surround(self.errands.pump, self.looks.pump, self.analysis.pump, self.disk.pump)
        self.fallbacks_made = 0
        self.on_air: PreparedItem | None = None
        self._fallback = fallback
        music = Music(
            places=("/music",),
            gather=tuple(gather or [lambda: gathered(songs)]),
            fallback=self._make_fallback,
            repeat=repeat,
            from_hub=from_hub,
        )
        workers = Workers(self.errands, self.looks, self.analysis, self.disk)
        backstage = Backstage(
            Repertoire(Rules(), self.clock, once=not repeat),
            Preparer(self.facts, Rules(), self.looks, self.analysis),
            Tracker(Files(self.bookmarks, self.memories), music.places, self.clock, self.disk),
            workers,
        )
        self.part = Scheduler(music, backstage, self.ticker, self.wall.now)

    def _make_fallback(self) -> Gathered:
        self.fallbacks_made += 1
        return gathered(self._fallback)

    def begin(self) -> "Office":
        """Open it."""
        self.open(self.part)
        return self

    def want(self, *, urgent: bool = False) -> str:
        """Want an item; tell the name of what was cued for it, or nothing."""
        before = len(self.cued)
        self.fire(item_wanted(urgent=urgent))
        return self.cued[before] if len(self.cued) > before else ""

    def hear(self, *, urgent: bool = False) -> str:
        """Want an item, and let it start; tell its name."""
        name = self.want(urgent=urgent)
        self.play(name)
        return name

    @property
    def cued(self) -> list[str]:
        """The names of all that was cued."""
        return [prepared.item.id for prepared, *_ in self.told("cue_item")]

    def cued_last(self) -> PreparedItem:
        """Give what was cued last."""
        prepared: PreparedItem = self.last("cue_item").args[0]
        return prepared

    def play(self, name: str, position_s: float = 0.0) -> None:
        """Let an item start, as it was cued, and the one before it be over."""
        if self.on_air is not None:
            self.fire(item_finished(self.on_air, Ended.PLAYED))
        cued = [prepared for prepared, *_ in self.told("cue_item") if prepared.item.id == name]
        self.on_air = cued[-1] if cued else PreparedItem(item=item_of(name))
        self.fire(item_started(self.on_air, Seconds(position_s)))

    def advance(self, name: str, position_s: float) -> None:
        """Let an item go on."""
        self.fire(item_advanced(PreparedItem(item=item_of(name)), Seconds(position_s)))

    def come_to(self, position_s: float) -> None:
        """Let what is on air be at a position, for as long as it takes to look at that."""
        assert self.on_air is not None
        self.fire(item_advanced(self.on_air, Seconds(position_s)))
        self.run_for(1.0)

    def fail(self, name: str) -> None:
        """Let the player fail to play an item."""
        self.fire(item_failed(PreparedItem(item=item_of(name)), "broken"))


def path_of(name: str) -> Path:
    return Path(item_of(name).location)


def bookmark_at(name: str, position_s: float, *places: str, place: int = 1) -> Bookmark:
    origin = Origin(layer=Layer.FALLBACK, playlist=LIST)
    decision = Decision(at=NOW, item=item_of(name), origin=origin, course=LIST, place=place)
    return Bookmark(places=places or ("/music",), decision=decision, position_s=Seconds(position_s))


# -- the order -------------------------------------------------------------------------------------


def test_items_come_in_the_order_of_the_list_and_then_anew() -> None:
    """The list goes round and round."""
    office = Office("a", "b", "c").begin()

    assert [office.hear() for _ in range(7)] == ["a", "b", "c", "a", "b", "c", "a"]


def test_wish_that_came_before_the_music_was_found_is_answered_then() -> None:
    """Who asks early waits for the search, and is answered once."""
    office = Office("a", "b")
    office.analysis.busy = True
    office.begin()
    early = office.want(urgent=True)

    office.analysis.busy = False
    office.settle()

    assert early == ""
    assert office.cued == ["a"]


def test_two_wishes_before_an_answer_are_answered_once() -> None:
    """A wish that has become urgent is the same wish."""
    office = Office("a", "b")
    office.analysis.busy = True
    office.begin()

    office.want()
    office.want(urgent=True)
    office.analysis.busy = False
    office.run_for(1)

    assert office.cued == ["a"]


def test_wish_that_becomes_urgent_does_not_wait_for_the_analysis() -> None:
    """While a long analysis is under way, an urgent wish is answered with the same item, unmeasured."""
    office = Office("a", "b", known=False).begin()
    office.analysis.busy = True
    slow = office.want()

    quick = office.want(urgent=True)

    assert (slow, quick) == ("", "a")


def test_hub_that_sends_nothing_is_not_waited_for_at_each_change_of_songs() -> None:
    """A box may be unclaimed for days: what comes next is settled in time from the music it has."""
    office = Office("a", "b", "c", from_hub=True).begin()
    first = office.hear(urgent=True)

    early = office.want()
    office.run_for(MUSIC_MAY_TAKE_S)

    assert (first, early) == ("a", "")
    assert office.cued == ["a", "b"]


def test_what_presses_does_not_wait_for_the_analysis() -> None:
    """Shortly before the change the next item goes out unmeasured, once: a long look makes no gap."""
    office = Office("a", "b").begin()
    office.hear(urgent=True)
    office.facts.to_find[path_of("b")] = office.facts.known.pop(path_of("b"))
    office.analysis.busy = True
    office.want()

    office.come_to(SONG_S - 20.0)
    early = office.cued[1:]
    office.come_to(SONG_S - 10.0)

    assert early == []
    assert office.cued[1:] == ["b"]
    assert office.cued_last().cue_out_s is None


def test_nothing_presses_while_nobody_knows_how_long_the_item_on_air_is() -> None:
    """Both are looked at as soon as a box starts: its second song is not to go out unmeasured for that."""
    office = Office("a", "b", known=False).begin()
    office.analysis.busy = True
    office.hear(urgent=True)
    office.want()

    office.run_for(1.0)

    assert office.cued == ["a"]


def test_later_search_replaces_an_earlier_one_and_goes_on_behind_what_was_cued() -> None:
    """The first song that is found plays; when the others are found, too, they follow it."""
    office = Office("a", "b", "c", gather=[lambda: gathered("a"), lambda: gathered("abc")])
    office.begin()

    assert [office.hear() for _ in range(4)] == ["a", "b", "c", "a"]


def test_place_that_cannot_be_used_is_told() -> None:
    """Its reason is passed on, and the rest is played."""
    problem = Problem("/music/gone", "there is no such file or folder")
    office = Office("a", gather=[lambda: Gathered(gathered("a").items, (problem,))]).begin()

    assert office.told("item_left_out") == [["/music/gone", "there is no such file or folder"]]
    assert office.want() == "a"


# -- the place in the list -------------------------------------------------------------------------


def test_box_goes_on_where_it_was() -> None:
    """After a power cut the same item comes first, from its position, and then the one behind it."""
    office = Office("a", "b", "c", bookmark=bookmark_at("b", 42.0)).begin()

    names = [office.hear(urgent=True), office.hear(), office.hear()]

    assert names == ["b", "c", "a"]
    assert [start_s for _, start_s, _ in office.told("cue_item")] == [42.0, None, None]


def test_box_goes_on_where_it_was_before_the_music_has_been_found() -> None:
    """The bookmark is played while the search still runs; the list then goes on behind it."""
    office = Office("a", "b", "c", bookmark=bookmark_at("b", 42.0))
    office.analysis.busy = True
    office.begin()
    first = office.hear(urgent=True)

    office.analysis.busy = False
    office.settle()

    assert [first, office.hear(), office.hear()] == ["b", "c", "a"]


def test_bookmark_of_other_music_is_void() -> None:
    """Whoever names other places wants to hear those, from the start."""
    office = Office("a", "b", bookmark=bookmark_at("b", 42.0, "/other")).begin()

    assert office.want() == "a"
    assert office.last("cue_item").args[1] is None


def test_bookmark_of_an_item_that_is_gone_is_passed_over() -> None:
    """A file that was deleted meanwhile is told, and the list begins."""
    office = Office("a", "b", bookmark=bookmark_at("gone", 42.0)).begin()

    name = office.want(urgent=True)

    assert office.told("item_left_out")[0][0] == item_of("gone").location
    assert name == "a"
    assert office.last("cue_item").args[1] is None


def test_place_is_kept_every_five_seconds() -> None:
    """A minute of one song is written down about a dozen times, each time where it is."""
    office = Office("a").begin()
    office.hear()

    for tenth in range(600):
        office.clock.advance(0.1)
        office.advance("a", tenth / 10)

    positions = [bookmark.position_s for bookmark in office.bookmarks.kept]
    assert 11 <= len(positions) <= 13
    assert positions == sorted(positions)
    assert all(bookmark.places == ("/music",) for bookmark in office.bookmarks.kept)


def test_place_is_kept_when_a_song_starts() -> None:
    """A power cut in the first seconds of a song does not bring back the one before it."""
    office = Office("a", "b").begin()
    office.hear()
    office.run_for(7)
    office.advance("a", 7.0)

    office.clock.advance(3)
    office.hear()

    assert office.bookmarks.kept[-1].decision.item.id == "b"


def test_short_items_do_not_wear_the_disk() -> None:
    """A minute of jingles is written down no more often than twice in five seconds."""
    office = Office("a").begin()

    for _ in range(60):
        office.clock.advance(1.0)
        office.hear()
        office.advance("a", 0.5)

    assert len(office.bookmarks.kept) <= 25


def test_disk_that_is_full_is_told_and_costs_no_music() -> None:
    """What cannot be written is told with its reason."""
    office = Office("a", "b").begin()
    office.bookmarks.full = True

    office.hear()

    assert "No space left" in office.told("state_refused")[0][0]
    assert office.want() == "b"


def test_disk_that_hangs_costs_no_music() -> None:
    """Nothing waits for the disk."""
    office = Office("a", "b").begin()
    office.disk.busy = True

    office.hear()
    for _ in range(30):
        office.clock.advance(6)
        office.advance("a", 1.0)

    assert office.want() == "b"


# -- what cannot be played -------------------------------------------------------------------------


def test_missing_file_is_left_out_and_the_next_one_cued() -> None:
    """The wish is answered all the same, and what was left out is told with its reason."""
    office = Office("a", "b", "c").begin()
    del office.facts.known[path_of("b")]

    names = [office.hear() for _ in range(3)]

    assert names == ["a", "c", "a"]
    assert [location for location, _ in office.told("item_left_out")] == [item_of("b").location]


def test_silent_file_is_left_out() -> None:
    """A recording of nothing would be silence by failure."""
    office = Office("a", "b").begin()
    office.facts.known[path_of("a")] = facts(SONG_S, true_peak_dbtp=-90.0)

    assert office.want() == "b"
    assert "nothing but silence" in office.told("item_left_out")[0][1]


def test_item_that_failed_is_not_cued_again_soon() -> None:
    """What the player could not play is passed over for a minute, and then tried again."""
    office = Office("a", "b").begin()
    office.want()
    office.fail("a")

    soon = [office.hear() for _ in range(3)]
    office.run_for(61, step_s=1)
    later = [office.hear() for _ in range(2)]

    assert soon == ["b", "b", "b"]
    assert set(later) == {"a", "b"}


def test_stream_that_failed_is_tried_again_after_a_quarter_of_a_minute() -> None:
    """Streams come back sooner than files."""
    office = Office(RADIO, "b").begin()
    office.want()
    office.fail(RADIO)

    soon = [office.hear() for _ in range(2)]
    office.run_for(16, step_s=1)
    later = [office.hear(urgent=True) for _ in range(2)]

    assert soon == ["b", "b"]
    assert set(later) == {RADIO, "b"}


def test_nothing_playable_falls_back_and_later_returns() -> None:
    """Where the whole list has failed the firmware's own music plays, until the list can be tried again."""
    office = Office(RADIO).begin()
    office.want(urgent=True)
    office.fail(RADIO)

    meanwhile = [office.hear(urgent=True), office.hear()]
    office.run_for(16, step_s=1)
    later = office.want()

    assert meanwhile == ["fallback", "fallback"]
    assert later == RADIO
    assert len(office.told("fallback_needed")) == 1
    assert office.fallbacks_made == 1


def test_empty_list_falls_back() -> None:
    """A folder without music is no reason for silence."""
    office = Office().begin()

    assert office.want(urgent=True) == "fallback"


def test_search_that_hangs_is_not_waited_for_in_silence() -> None:
    """The firmware's own music plays meanwhile; what is found at last comes next."""
    office = Office("a")
    office.analysis.busy = True
    office.begin()
    early = office.want(urgent=True)
    office.run_for(16, step_s=0.5)
    meanwhile = office.cued[-1]
    office.play(meanwhile)

    office.analysis.busy = False
    office.settle()

    assert (early, meanwhile) == ("", "fallback")
    assert office.want(urgent=True) == "a"


def test_fallback_is_told_each_time_it_is_needed() -> None:
    """Two outages are two pieces of news."""
    office = Office(RADIO).begin()

    for _ in range(2):
        assert office.want() == RADIO
        office.fail(RADIO)
        assert office.hear(urgent=True) == "fallback"
        office.run_for(16, step_s=1)

    assert len(office.told("fallback_needed")) == 2


def test_fallback_that_fails_is_tried_again() -> None:
    """The firmware's music is never given up, and the failures of the list are not forgotten for it."""
    office = Office("a").begin()
    office.want()
    office.fail("a")
    office.want(urgent=True)
    office.fail("fallback")

    at_once = office.want(urgent=True)
    office.run_for(1.5)

    assert at_once == ""
    assert office.cued[-1] == "fallback"


def test_stream_is_tried_again_even_without_a_fallback() -> None:
    """Where the firmware brings nothing along, the wish stays open, and is answered when it can be."""
    office = Office(RADIO, fallback=()).begin()
    office.want()
    office.fail(RADIO)
    nothing = office.want(urgent=True)

    office.run_for(32)

    assert nothing == ""
    assert office.cued == [RADIO, RADIO]


def test_open_wish_is_answered_once() -> None:
    """However long nothing could be played, one wish brings one item."""
    office = Office(RADIO, fallback=()).begin()
    office.want()
    office.fail(RADIO)
    office.want(urgent=True)
    office.want(urgent=True)

    office.run_for(90)

    assert office.cued == [RADIO, RADIO]


# -- a list that is played once --------------------------------------------------------------------


def test_list_that_is_played_once_ends_the_box() -> None:
    """When its last item is over and more is wanted, the box ends well."""
    office = Office("a", "b", repeat=False).begin()
    office.hear(urgent=True)
    office.hear()

    office.want()
    while_it_plays = office.told("shut_down")
    office.want(urgent=True)

    assert while_it_plays == []
    assert office.told("shut_down")[0] == [0]


def test_list_of_which_nothing_could_be_played_ends_with_that() -> None:
    """The exit code tells that there was no input to be used."""
    office = Office("a", "b", repeat=False).begin()
    office.facts.known.clear()

    office.want(urgent=True)

    assert office.told("shut_down")[0] == [66]
    assert office.cued == []


def test_list_that_is_played_once_does_not_fall_back() -> None:
    """Who names files wants those."""
    office = Office("a", repeat=False).begin()
    office.want()
    office.fail("a")

    office.want(urgent=True)

    assert office.fallbacks_made == 0
    assert office.told("shut_down") == [[66]]


# -- looking at an item ----------------------------------------------------------------------------


def test_urgent_wish_is_answered_unmeasured_and_then_measured() -> None:
    """Sound first: what analysis finds out is told while the item already plays."""
    office = Office("a", "b", known=False).begin()
    office.analysis.busy = True

    name = office.want(urgent=True)
    unmeasured = office.cued_last()
    office.analysis.busy = False
    office.settle()

    assert name == "a"
    assert unmeasured.cue_out_s is None
    assert [measured for _, measured in office.told("item_prepared")] == [False, True]
    assert office.told("item_prepared")[-1][0].cue_out_s == SONG_S
    assert office.cued == ["a"]


def test_look_that_never_ends_is_not_waited_for_where_nothing_plays() -> None:
    """The player tries the item as it is; however often it asks, nobody is sent to look a second time."""
    office = Office("a", "b", known=False).begin()
    office.looks.busy = True

    for _ in range(11):
        office.want(urgent=True)
        office.run_for(0.25)
    early = office.cued
    assert len(office.looks._waiting) == 1
    office.run_for(0.5)

    assert (early, office.cued) == ([], ["a"])
    assert office.cued_last().cue_out_s is None


def test_nobody_is_sent_after_one_who_does_not_come_back() -> None:
    """The disk is known to hang: what is wanted now goes out at once, until there is an answer."""
    office = Office("a", "b", "c", known=False).begin()
    office.looks.busy = True
    office.want(urgent=True)
    office.run_for(3.5)
    office.play("a")

    assert office.hear(urgent=True) == "b"
    assert len(office.looks._waiting) == 1

    office.looks.busy = False
    office.settle()
    assert office.hear(urgent=True) == "c"
    assert office.facts.analysed[-1] == path_of("c")


def test_look_that_fails_for_a_reason_nobody_knows_costs_no_music(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker logs it, and the item is tried as it is; the next one is looked at."""
    office = Office("a", "b").begin()
    with monkeypatch.context() as patch:
        patch.setattr(office.facts, "lookup", lambda _path: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            office.want(urgent=True)
    office.run_for(3.5)
    office.play("a")

    assert office.hear(urgent=True) == "b"
    assert office.cued_last().cue_out_s == SONG_S


def test_what_waits_for_its_analysis_is_never_much() -> None:
    """A disk that hangs for days costs no memory."""
    office = Office("a", "b", known=False).begin()
    office.analysis.busy = True

    for _ in range(50):
        office.hear(urgent=True)

    assert len(office.analysis._waiting) == MOST_UNANALYSED
    office.analysis.busy = False
    office.settle()
    assert office.cued_last().item.id == "b"


def test_firmwares_music_is_made_although_a_disk_hangs() -> None:
    """By somebody who has never looked at it."""
    office = Office("a").begin()
    office.looks.busy = office.analysis.busy = True
    office.want(urgent=True)
    office.fail("a")

    office.want(urgent=True)
    office.run_for(3.5)

    assert office.cued[-1] == "fallback"


def test_wish_that_can_wait_is_answered_measured() -> None:
    """The next item is looked at before it is cued."""
    office = Office("a", known=False).begin()

    office.want()

    assert office.cued_last().cue_out_s == SONG_S
    assert office.facts.analysed == [path_of("a")]


def test_known_item_is_not_analysed_again() -> None:
    """What has been measured once is used at once, even urgently."""
    office = Office("a").begin()

    office.want(urgent=True)

    assert office.cued_last().cue_out_s == SONG_S
    assert office.facts.analysed == []


def test_analyser_that_cannot_run_costs_no_music() -> None:
    """Without ffmpeg everything plays, unmeasured."""
    office = Office("a", "b", known=False).begin()
    office.facts.error = AnalysisError("ffmpeg is missing; install it")

    assert [office.hear(), office.hear()] == ["a", "b"]
    assert office.cued_last().cue_out_s is None


def test_unmeasured_item_that_turns_out_bad_does_not_disturb_the_next() -> None:
    """An analysis that fails after the item was cued is told; the next wish gets the next item."""
    office = Office("a", "b", known=False).begin()
    office.analysis.busy = True
    office.want(urgent=True)
    office.facts.to_find[path_of("a")] = facts(SONG_S, true_peak_dbtp=-90.0)

    office.analysis.busy = False
    office.settle()

    assert [location for location, _ in office.told("item_left_out")] == [item_of("a").location]
    assert office.want() == "b"
    assert office.cued == ["a", "b"]


def test_track_that_continues_an_album_is_told_as_such() -> None:
    """Two tracks in a row of one album, without silence between, are one recording going on."""
    office = Office("a", "b").begin()
    for number, name in enumerate("ab", 1):
        office.facts.known[path_of(name)] = facts(SONG_S, tags=Tags(album="Live", track_number=number))

    office.hear()
    office.want()

    assert office.cued_last().follows == "a"


def test_stream_is_cued_without_a_look() -> None:
    """A stream has no length, and is not analysed."""
    office = Office(RADIO, known=False).begin()

    assert office.want() == RADIO
    assert office.cued_last().cue_out_s is None
    assert office.facts.analysed == []


def test_same_item_twice_in_a_row_is_cued_twice() -> None:
    """A list of one song plays that song for ever."""
    office = Office("a").begin()

    assert [office.hear() for _ in range(3)] == ["a", "a", "a"]


@pytest.mark.parametrize("hangs", [False, True])
def test_closed_scheduler_waits_for_the_disk_only_for_a_moment(hangs: bool) -> None:
    """What was to be kept is written, if the disk takes it."""
    office = Office("a").begin()
    office.disk.busy = True
    office.hear()
    office.disk.busy = hangs

    office.part.close()

    assert len(office.bookmarks.kept) == (0 if hangs else 1)


def test_password_of_a_stream_is_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """A location that is left out is logged without its secret."""
    place = "http://dj:secret@radio/live"
    problem = Problem(place, "does not answer")
    Office("a", gather=[lambda: Gathered(gathered("a").items, (problem,))]).begin()

    assert "secret" not in caplog.text
    assert "dj:***@radio" in caplog.text


def test_item_keeps_its_own_cues(tmp_path: Path) -> None:
    """What a person wrote beside an item goes before what analysis found."""
    item = Item(
        id="a", location=str(tmp_path / "a.flac"), cue_in_ms=Milliseconds(1500), cue_out_ms=Milliseconds(9000)
    )
    office = Office(gather=[lambda: Gathered((item,), ())])
    office.facts.known[tmp_path / "a.flac"] = facts(SONG_S)

    office.begin().want()

    assert (office.cued_last().cue_in_s, office.cued_last().cue_out_s) == (1.5, 9.0)
