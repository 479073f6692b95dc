"""Commands that bring an item at once: an announcement over the music, and an emergency in its place."""

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from easyplayer.crafts.craft import Args, Craft
from easyplayer.crafts.ending import Ending, done, failed, not_now, refused
from easyplayer.events import BoxEvent, announce_item, end_emergency, item_left_out, play_emergency
from easyplayer.herald import BY_HAND
from easyplayer.player_events import item_started, spot_finished, start_playing
from easyplayer.playout.asrun import Ended
from easyplayer.playout.catalogue import Over
from easyplayer.playout.items import Item, ItemKind, Layer, PreparedItem
from easyplayer.playout.machine import SILENT, PlayerState
from easyplayer.protocol.arguments import Announce, Emergency
from easyplayer.protocol.commands import Reason
from easyplayer.storage_events import fetch_media, media_fetched, media_refused
from easyplayer.units import Seconds

LONGEST_S = Seconds(900.0)
"""How long fetching a medium and hearing it may take together."""
HEARD_WITHIN_S = Seconds(30.0)
NOT_OVER_THAT = "an emergency was declared, and nothing is said over that"
NOT_HEARD = {
    Ended.FAILED: "it could not be played to its end",
    Ended.STOPPED: "the music was stopped, and what is said over it with it",
}


class _Bringing(Craft[Args]):
    """Brings one item: the program's own, or one that is fetched first."""

    limit_s: ClassVar[Seconds] = LONGEST_S

    _item: Item | None = None

    def _subject(self, item_id: str, media: str) -> Ending | None:
        """Say why there can be no such item; ``None`` where there can."""
        if media:
            return None
        item = self.view.item(item_id)
        if item is None:
            return refused(Reason.BAD_ARGUMENTS, f"the program has no item {item_id!r}")
        if not item.sounding:
            return refused(Reason.BAD_ARGUMENTS, f"{item.caption} is nothing to be heard")
        return None

    def _obtain(self, item_id: str, media: str) -> None:
        item = self.view.item(item_id)
        if media:
            self.bench.fire(fetch_media(media))
        elif item is None:
            self.finish(failed(f"the program has no item {item_id!r} any more"))
        else:
            self._take(item)

    def _take(self, item: Item) -> None:
        self._item = item
        self._bring(item)

    def _hear_media(self, fact: BoxEvent, item_id: str, media: str, title: str) -> None:
        match fact:
            case media_fetched(args=[digest, path]) if digest == media and self._item is None:
                self._take(fetched(item_id or media, path, title))
            case media_refused(args=[digest, reason]) if digest == media and self._item is None:
                self.finish(failed(reason))
            case item_left_out(args=[location, reason]) if self._item and location == self._item.location:
                self.finish(failed(reason))

    @abstractmethod
    def _bring(self, item: Item) -> None:
        """Do with the item what is to be done."""


class Say(_Bringing[Announce]):
    """``announce``: say something over the music, now."""

    def at_once(self) -> Ending | None:
        """There must be music that it can be said over, and no emergency."""
        view, args = self.view, self.args
        if view.emergency is not None:
            return not_now(NOT_OVER_THAT)
        if view.state in SILENT or view.state is PlayerState.NO_SOUND:
            return not_now(view.standing)
        subject = self._subject(args.item, args.media)
        item = None if args.media else view.item(args.item)
        if subject is None and item is not None and item.endless:
            return refused(Reason.BAD_ARGUMENTS, f"{item.caption} has no end")
        return subject

    def begin(self) -> None:
        """Have it, and have it said."""
        self._obtain(self.args.item, self.args.media)

    def hear(self, fact: BoxEvent) -> None:
        """Wait until it has been heard."""
        self._hear_media(fact, self.args.item, self.args.media, self.args.title)
        match fact:
            case spot_finished(args=[prepared, why]) if self._is_ours(prepared):
                heard = why is Ended.PLAYED
                self.finish(done("it was heard") if heard else failed(NOT_HEARD.get(why, f"it was {why}")))
            case play_emergency():
                self.finish(failed(NOT_OVER_THAT))

    def _bring(self, item: Item) -> None:
        if self.view.emergency is not None:  # it was declared since this was found to be possible
            self.finish(failed(NOT_OVER_THAT))
        else:
            self.bench.fire(announce_item(item, Over(self.args.over)))

    def _is_ours(self, prepared: PreparedItem) -> bool:
        origin, item = prepared.origin, self._item
        return (
            item is not None
            and origin is not None
            and (prepared.item.id, origin.source) == (item.id, BY_HAND)
        )


class Alarm(_Bringing[Emergency]):
    """``emergency``: play one item again and again, whatever is planned; or end that."""

    def at_once(self) -> Ending | None:
        """Ask for an item that can be heard."""
        if self._ends:
            return None if self.view.emergency else done("there was no emergency")
        return self._subject(self.args.item, self.args.media)

    def begin(self) -> None:
        """Declare it, or take it back."""
        if self._ends:
            self.bench.fire(end_emergency())
            self.finish(done("the emergency is over"))
        else:
            self._obtain(self.args.item, self.args.media)

    def hear(self, fact: BoxEvent) -> None:
        """Wait until it is heard."""
        self._hear_media(fact, self.args.item, self.args.media, self.args.title)
        match fact:
            case item_started(args=[prepared, _]) if self._is_ours(prepared):
                self.finish(done(f"{prepared.item.caption} plays until the emergency is ended"))

    @property
    def _ends(self) -> bool:
        return not self.args.item and not self.args.media

    def _bring(self, item: Item) -> None:
        self.bench.fire(play_emergency(item))
        if self.view.state in SILENT:  # also where a person has silenced it
            self.bench.fire(start_playing())
        self.bench.ticker.after(HEARD_WITHIN_S, self._give_up)

    def _give_up(self) -> None:
        self.finish(failed(f"the emergency was declared, and is not heard yet; {self.view.standing}"))

    def _is_ours(self, prepared: PreparedItem) -> bool:
        origin, item = prepared.origin, self._item
        return (
            item is not None
            and origin is not None
            and (prepared.item.id, origin.layer) == (item.id, Layer.EMERGENCY)
        )


def fetched(item_id: str, path: Path, title: str) -> Item:
    """Make the item of a medium that was fetched for a command."""
    return Item(id=item_id, location=str(path), kind=ItemKind.LOCAL, title=title)
