"""Fetching one program, or one medium, from the hub; it takes as long as the line and the disk do."""

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from easyplayer.carriers import Flow
from easyplayer.drivers.hub_link import HubLink
from easyplayer.drivers.media_library import Arrival, Draft, MediaLibrary
from easyplayer.errors import (
    DiskFullError,
    LinkError,
    LinkRefusedError,
    MediumBusyError,
    ProgramError,
    SignatureError,
    StateError,
    UnpairedError,
)
from easyplayer.fetch_queue import Outcome
from easyplayer.program_store import ProgramStore
from easyplayer.protocol.media import MediaTicket
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.sweeping import make_room
from easyplayer.units import Instant, Seconds

ANNOUNCED_KEPT_S = Seconds(7 * 86_400.0)
"""How long a medium is kept at least that a person has asked for."""

_GONE = {404, 410}
_TICKET_SPENT = 403
_PAST_ITS_END = 416
_TRY_LATER = {401, 408, 425, 429}

Ask = Callable[[HubLink, str, int | None], MediaTicket]


class Fetched(Struct, frozen=True, kw_only=True):
    """What has become of an attempt to fetch something.

    :ivar digest: of the medium, or of the program's file.
    :ivar reason: why it has not come, in words.
    :ivar path: where it is, of a medium that has come.
    :ivar retry_after_s: how long the hub wants to be left alone.
    :ivar in_vain: whether it came over the line, and the disk did not keep it.
    """

    digest: str
    outcome: Outcome
    reason: str = ""
    path: Path | None = None
    retry_after_s: Seconds = Seconds(0.0)
    in_vain: bool = False


class Fetcher:
    """Fetches one thing, and raises nothing.

    :param ask: asks where a medium can be had, given its digest and its size where that is known.
    :param under_way: tells what others are bringing, size by digest; room is made for all of that.
    """

    def __init__(
        self,
        link: HubLink,
        ask: Ask,
        store: ProgramStore,
        library: MediaLibrary,
        wall: Callable[[], Instant],
        *,
        under_way: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._link = link
        self._ask = ask
        self._store = store
        self._library = library
        self._wall = wall
        self._under_way = under_way

    def fetch_program(self, head: ProgramHead) -> Fetched:
        """Fetch a program's file, and stage it; one that cannot be used is ``WRONG``."""
        if not self._store.wants(head):
            return declined(head)
        data = b""
        try:
            self._store.check_room(head)
            data = self._link.program(head.digest)
            self._store.stage(head, data)
        except ProgramError as error:
            return Fetched(digest=head.digest, outcome=Outcome.WRONG, reason=str(error))
        except StateError as error:
            return Fetched(digest=head.digest, outcome=Outcome.FULL, reason=str(error), in_vain=bool(data))
        except (LinkError, SignatureError) as error:
            return _not_come(head.digest, error)
        return Fetched(digest=head.digest, outcome=Outcome.FETCHED)

    def fetch_medium(
        self, sha256: str, size: int | None, *, announced: bool, flow: Flow | None = None
    ) -> Fetched:
        """Fetch a medium, going on where that was broken off.

        :param size: its length in bytes; ``None`` leaves that to the hub.
        :param announced: whether a person has asked for it, so that it is kept although no program names it.
        :param flow: by which it can be watched and broken off.
        """
        flow = flow or Flow()
        fetched = self._fetch_medium(sha256, size, announced, flow)
        if flow.stopped and fetched.outcome is not Outcome.FETCHED:
            return cancelled(sha256)
        return fetched

    def _fetch_medium(self, sha256: str, size: int | None, announced: bool, flow: Flow) -> Fetched:
        try:
            if not self._is_here(sha256, size, flow):
                failure = self._bring(sha256, size, flow)
                if failure is not None:
                    return failure
            elif flow.stopped:  # it may not have been read to its end
                return cancelled(sha256)
            if announced:
                self._library.keep_from(sha256, Instant(self._wall() + ANNOUNCED_KEPT_S))
        except MediumBusyError as error:
            return Fetched(digest=sha256, outcome=Outcome.BUSY, reason=str(error))
        except StateError as error:
            in_vain = flow.come > 0 and not isinstance(error, DiskFullError)  # of a full disk the part stays
            return Fetched(digest=sha256, outcome=Outcome.FULL, reason=str(error), in_vain=in_vain)
        except (LinkError, SignatureError) as error:
            return _not_come(sha256, error)
        return Fetched(digest=sha256, outcome=Outcome.FETCHED, path=self._library.path(sha256))

    def _is_here(self, sha256: str, size: int | None, flow: Flow) -> bool:
        """Tell whether a medium is there.

        Where nobody says how long it is, only its content tells; what is not right is thrown away then.
        """
        if size is not None:
            return self._library.has(sha256, size)
        if self._library.size_of(sha256) is None:
            return False
        if self._library.is_right(sha256, lambda: flow.stopped):
            return True
        self._library.remove(sha256)
        return False

    def _bring(self, sha256: str, size: int | None, flow: Flow) -> Fetched | None:
        """Fetch a medium that is not there; give what has become of it where it has not come."""
        if flow.stopped:
            return cancelled(sha256)
        if size is not None:
            self._library.look_for_others(sha256, size)
        ticket = self._ask(self._link, sha256, size)
        flow.size = ticket.size
        lacking = self._lacking(ticket)
        if lacking:
            return Fetched(digest=sha256, outcome=Outcome.FULL, reason=lacking)
        with self._library.draft(sha256, ticket.size) as draft:
            before = draft.offset
            try:
                arrival = self._take_in(draft, ticket, size, flow)
            except LinkError as error:
                return _not_come(sha256, error, _at_the_media(error, came=draft.offset > before))
        match arrival:
            case Arrival.COMPLETE:
                return None
            case Arrival.SHORT:
                outcome = Outcome.STUCK if draft.offset <= before else Outcome.FAILED
                return Fetched(digest=sha256, outcome=outcome, reason="the line ended before the medium did")
            case Arrival.WRONG:
                reason = "what came is not what its digest says, and was thrown away; upload it anew"
                return Fetched(digest=sha256, outcome=Outcome.WRONG, reason=reason)

    def _take_in(self, draft: Draft, ticket: MediaTicket, size: int | None, flow: Flow) -> Arrival:
        """Take a medium in; a ticket that is worth nothing any more is replaced once."""
        if draft.offset < ticket.size:
            try:
                self._stream(draft, ticket, flow)
            except LinkError as error:
                if error.status == _PAST_ITS_END:
                    draft.discard()
                if error.status != _TICKET_SPENT:
                    raise
                self._stream(draft, self._ask(self._link, ticket.sha256, size), flow)
        return draft.finish()

    def _stream(self, draft: Draft, ticket: MediaTicket, flow: Flow) -> None:
        with self._link.fetch(ticket, draft.offset, draft.etag) as body:
            if not draft.begin(body.offset, body.etag):
                draft.discard()
                message = f"the hub sends from byte {body.offset} on, which nobody asked for: look at the hub"
                raise LinkError(message)
            flow.there = draft.offset
            write, let = draft.write, flow.let
            for chunk in body.chunks:
                write(chunk)
                if draft.too_long:
                    return
                if not let(len(chunk)):
                    message = "it was broken off"
                    raise LinkError(message)

    def _lacking(self, ticket: MediaTicket) -> str:
        """Say how much room is missing for a medium; make room first, where media lie that nobody needs."""
        wanted = {**self._under_way(), ticket.sha256: ticket.size}
        to_come = {one: size for one, size in wanted.items() if not self._library.has(one, size)}
        lacking = make_room(self._store, self._library, self._wall(), to_come)
        if not lacking:
            return ""
        return f"the disk is full: {lacking:,} bytes more are needed; make room, or ask for less"


def declined(head: ProgramHead) -> Fetched:
    """Say that a program is not wanted."""
    reason = "a person has gone back from it, or a newer one is here; it comes when it is published anew"
    return Fetched(digest=head.digest, outcome=Outcome.DECLINED, reason=reason)


def cancelled(sha256: str) -> Fetched:
    """Say that nobody wants a medium any more."""
    return Fetched(digest=sha256, outcome=Outcome.CANCELLED, reason="it was broken off")


def _not_come(digest: str, error: LinkError | SignatureError, outcome: Outcome | None = None) -> Fetched:
    """Tell what a failure of the link means for what was asked for."""
    if outcome is None:
        outcome = Outcome.REFUSED if _is_lasting(error) else Outcome.FAILED
    later_s = error.retry_after_s if isinstance(error, LinkError) else None
    return Fetched(digest=digest, outcome=outcome, reason=str(error), retry_after_s=Seconds(later_s or 0.0))


def _at_the_media(error: LinkError, *, came: bool) -> Outcome:
    """Tell what a failure means where the hub has said that a medium can be had; its store may differ."""
    if error.status in _GONE:
        return Outcome.REFUSED
    return Outcome.FAILED if came else Outcome.STUCK


def _is_lasting(error: LinkError | SignatureError) -> bool:
    """Tell whether trying again will not help; a box that is not paired yet will be."""
    refused = isinstance(error, LinkRefusedError) and not isinstance(error, UnpairedError)
    return isinstance(error, LinkError) and refused and error.status not in _TRY_LATER
