"""What shows who asks, over the API and over a live channel: tokens, and the page that it comes from."""

from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from sqlalchemy import select

from easyplayer.errors import ForbiddenError
from easyplayer.hub.db.schema import boxes
from easyplayer.hub.hub import Hub
from easyplayer.hub.services.box_tokens import box_of, void
from easyplayer.hub.services.tokens import Holder, holder_of, note_use
from easyplayer.protocol.identity import BoxId

COOKIE = "easyplayer-session"
SAME_SITE = frozenset({"same-origin", "none"})


class Proofs:
    """Looks tokens up.  May block, and be called from any thread."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def box(self, token: str) -> tuple[BoxId, int]:
        """Tell which box shows a token, and of which epoch it is.

        :raises UnauthenticatedError: it is none of this hub's, or holds no more.
        """
        box, epoch = box_of(token, self._hub.keys, self._hub.now())
        with self._hub.database.read() as connection:
            current = connection.execute(select(boxes.c.epoch).where(boxes.c.id == box)).scalar()
        if current != epoch:
            raise void()
        return box, epoch

    def user(self, token: str) -> Holder | None:
        """Tell which user shows a token; ``None`` where it holds no more, or never did."""
        return self.users([token]).get(token)

    def users(self, tokens: Collection[str]) -> Mapping[str, Holder]:
        """Tell which users show tokens; those that do not hold are left out.  Their use is written down."""
        now = self._hub.now()
        with self._hub.database.read() as connection:
            found = {token: holder_of(connection, token, now) for token in tokens}
        held = {token: holder for token, holder in found.items() if holder is not None}
        unnoted = [token for token, holder in held.items() if not holder.used_before]
        if unnoted:
            with self._hub.database.write() as connection:
                for token in unnoted:
                    note_use(connection, token, now)
        return held


def bearer(authorization: str) -> str:
    """Give the token in a header; empty where there is none.

    >>> bearer("Bearer abc"), bearer("Basic abc")
    ('abc', '')
    """
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def see_own_page(told: str, origin: str, own: Iterable[str], *, silence_is_fine: bool) -> None:
    """See that a browser asks for a page of the hub's own: it sends its cookie along for any page.

    :param told: what the browser says by ``Sec-Fetch-Site``.
    :param origin: what it says by ``Origin``.
    :param own: URLs that the hub is called by.
    :param silence_is_fine: whether it may leave open where it comes from.
    :raises ForbiddenError: it comes from another site's page.
    """
    if told:
        fine = told in SAME_SITE
    elif origin:
        fine = origin.lower() in {_origin(url) for url in own}
    else:
        fine = silence_is_fine
    if not fine:
        message = "this comes from a page of another site: use the hub's own, or an API token"
        raise ForbiddenError(message)


def _origin(url: str) -> str:
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc}"
