"""Fetching one program, or one medium, from the hub; it takes as long as the line and the disk do."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from easyplayer.drivers.hub_link import HubLink
from easyplayer.drivers.media_library import Arrival, Draft, MediaLibrary
from easyplayer.errors import (
    LinkError,
    LinkRefusedError,
    ProgramError,
    SignatureError,
    StateError,
    UnpairedError,
)
from easyplayer.fetch_queue import Outcome
from easyplayer.program_store import ProgramStore
from easyplayer.protocol.media import MediaTicket
from easyplayer.protocol.program_head import ProgramHead
from easyplayer.stocktaking import sweep
from easyplayer.units import Instant, Seconds

ANNOUNCED_KEPT_S = Seconds(7 * 86_400.0)
"""How long a medium is kept at least that a person has asked for."""
AT_ONCE_S = Seconds(0.0)

_GONE = {404, 410}
_TICKET_SPENT = 403
_PAST_ITS_END = 416
_TRY_LATER = {401, 408, 425, 429}
_MEGABYTE = 1_000_000

Ask = Callable[[HubLink, str, int | None], MediaTicket]


class Fetched(Struct, frozen=True, kw_only=True):
    """What has become of an attempt to fetch something.

    :ivar digest: of the medium, or of the program's file.
    :ivar reason: why it has not come, in words.
    :ivar path: where it is, of a medium that has come.
    :ivar retry_after_s: how long the hub wants to be left alone.
    """

    digest: str
    outcome: Outcome
    reason: str = ""
    path: Path | None = None
    retry_after_s: Seconds = Seconds(0.0)


class Fetcher:
    """Fetches one thing at a time, and raises nothing.

    :param ask: asks where a medium can be had, given its digest and its size where that is known.
    """

    def __init__(
        self,
        link: HubLink,
        ask: Ask,
        store: ProgramStore,
        library: MediaLibrary,
        wall: Callable[[], Instant],
    ) -> None:
        self._link = link
        self._ask = ask
        self._store = store
        self._library = library
        self._wall = wall

    def fetch_program(self, head: ProgramHead) -> Fetched:
        """Fetch a program's file, and stage it; one that cannot be used is ``WRONG``."""
        try:
            self._store.stage(head, self._link.program(head.digest))
        except ProgramError as error:
            return Fetched(digest=head.digest, outcome=Outcome.WRONG, reason=str(error))
        except StateError as error:
            return Fetched(digest=head.digest, outcome=Outcome.FULL, reason=str(error))
        except (LinkError, SignatureError) as error:
            return _not_come(head.digest, error)
        return Fetched(digest=head.digest, outcome=Outcome.FETCHED)

    def fetch_medium(self, sha256: str, size: int | None, *, announced: bool) -> Fetched:
        """Fetch a medium, going on where that was broken off.

        :param size: its length in bytes; ``None`` leaves that to the hub.
        :param announced: whether a person has asked for it, so that it is kept although no program names it.
        """
        there = self._library.size_of(sha256)
        try:
            if there is None or there != (size or there):
                failure = self._bring(sha256, size)
                if failure is not None:
                    return failure
            if announced:
                self._library.keep_from(sha256, Instant(self._wall() + ANNOUNCED_KEPT_S))
        except StateError as error:
            return Fetched(digest=sha256, outcome=Outcome.FULL, reason=str(error))
        except (LinkError, SignatureError) as error:
            return _not_come(sha256, error)
        return Fetched(digest=sha256, outcome=Outcome.FETCHED, path=self._library.path(sha256))

    def _bring(self, sha256: str, size: int | None) -> Fetched | None:
        """Fetch a medium that is not there; give what has become of it where it has not come."""
        ticket = self._ask(self._link, sha256, size)
        lacking = self._lacking(ticket)
        if lacking:
            return Fetched(digest=sha256, outcome=Outcome.FULL, reason=lacking)
        with self._library.draft(sha256, ticket.size) as draft:
            before = draft.offset
            try:
                arrival = self._take_in(draft, ticket, size)
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

    def _take_in(self, draft: Draft, ticket: MediaTicket, size: int | None) -> Arrival:
        """Take a medium in; a ticket that is worth nothing any more is replaced once."""
        if draft.offset < ticket.size:
            try:
                self._stream(draft, ticket)
            except LinkError as error:
                if error.status == _PAST_ITS_END:
                    draft.discard()
                if error.status != _TICKET_SPENT:
                    raise
                self._stream(draft, self._ask(self._link, ticket.sha256, size))
        return draft.finish()

    def _stream(self, draft: Draft, ticket: MediaTicket) -> None:
        with self._link.fetch(ticket, draft.offset, draft.etag) as body:
            if not draft.begin(body.offset, body.etag):
                draft.discard()
                message = f"the hub sends from byte {body.offset} on, which nobody asked for: look at the hub"
                raise LinkError(message)
            for chunk in body.chunks:
                draft.write(chunk)
                if draft.too_long:
                    return

    def _lacking(self, ticket: MediaTicket) -> str:
        """Say how much room is missing for a medium; make room first, where media lie that nobody needs."""
        still_to_come = ticket.size - self._library.part_bytes(ticket.sha256)
        if still_to_come > self._library.space().room:
            sweep(self._store, self._library, self._wall(), AT_ONCE_S, sparing=(ticket.sha256,))
        lacking = still_to_come - self._library.space().room
        if lacking <= 0:
            return ""
        return f"the disk is full: {_megabytes(lacking)} more are needed; make room, or ask for less"


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


def _megabytes(size: int) -> str:
    return f"{-(-size // _MEGABYTE)} MB"
